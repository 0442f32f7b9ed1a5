"""Micromotion on the contact faces, each seen square on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings.micromotion import micromotion as motion_of
from femsacrum.findings.quantities import limit
from femsacrum.mechanics.interfaces import Interface, InterfaceState, LoadCaseSolution
from femsacrum.meshing.bodies import Assembly, BodyMesh

#: Blue below the favourable limit, yellow to orange up to the adverse one, then red and purple.
COLOURS = ("#f7fbff", "#9ecae1", "#3182bd", "#fff2a8", "#f2b134", "#d55e00", "#7a2a5d")


def micromotion(
    path: Path, assembly: Assembly, interfaces: tuple[Interface, ...], solution: LoadCaseSolution
) -> tuple[str, str] | None:
    """One panel for each face in contact, right side in the left column; None where there is none."""
    from matplotlib.figure import Figure

    shown = [i for i in interfaces if i.contact.kind == "surface" and i.contact.name in solution.interfaces]
    shown = [i for i in shown if len(triangles_of(assembly, solution.interfaces[i.contact.name], i))]
    if not shown:
        return None
    columns = _columns(shown)
    rows = max(len(column) for column in columns)
    figure = Figure(figsize=(4.6 * len(columns) + 1.2, 3.0 * rows + 0.7), layout="constrained", dpi=110)
    axes = figure.subplots(rows, len(columns), squeeze=False)
    picture: Any = None
    for c, column in enumerate(columns):
        for r in range(rows):
            if r < len(column):
                picture = _panel(axes[r, c], assembly, column[r], solution.interfaces[column[r].contact.name])
            else:
                axes[r, c].set_axis_off()
    bar = figure.colorbar(picture, ax=axes, shrink=0.8, extend="max", ticks=picture.norm.boundaries)
    bar.set_label("micromotion [µm]")
    figure.suptitle(f"{solution.name}: motion between the faces since the unloaded state")
    figure.savefig(path)
    low, high = limit("micromotion_favourable"), limit("micromotion_adverse")
    return f"Micromotion on the contact faces, {solution.name}", (
        "Each face of an implant or graft, looked at square on from what it lies against, head (or front) up. Blue: "
        f"below {low:g} µm; yellow to orange: {low:g} to {high:g} µm; red and purple: above {high:g} µm; the limits "
        "are drawn as black lines. Arrows: direction of slip. Grey dots: open (no contact)."
    )


def triangles_of(assembly: Assembly, state: InterfaceState, interface: Interface) -> Ints:
    """Slave facets whose corners all carry a constraint point, as indices into the points, shape (k, 3)."""
    mesh: BodyMesh = assembly.bodies[interface.contact.slave[0]]
    number = np.full(len(mesh.nodes), -1)
    number[state.slave_nodes] = np.arange(len(state.slave_nodes))
    facets = mesh.facets_of(interface.contact.slave[1])
    if facets.shape[1] == 6:
        facets = np.concatenate([facets[:, part] for part in ([0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5])])
    local = number[facets]
    return local[(local >= 0).all(axis=1)]


def frame(state: InterfaceState) -> tuple[Floats, Floats, Floats]:
    """Two axes in the mean plane of a face and its middle: across and upwards, as seen from its partner."""
    normal = state.area @ state.normals
    normal /= np.linalg.norm(normal)
    guide = np.array([0.0, 0.0, 1.0]) if abs(normal[2]) < 0.8 else np.array([0.0, -1.0, 0.0])
    up = guide - (guide @ normal) * normal
    up /= np.linalg.norm(up)
    return np.cross(up, normal), up, state.area @ state.points / state.area.sum()


def _panel(axes: Any, assembly: Assembly, interface: Interface, state: InterfaceState) -> Any:
    from matplotlib.colors import BoundaryNorm, ListedColormap

    across, up, middle = frame(state)
    x, y = (state.points - middle) @ across, (state.points - middle) @ up
    motion = 1e3 * motion_of(state)
    low, high = limit("micromotion_favourable"), limit("micromotion_adverse")
    edges = [0.0, 0.25 * low, 0.5 * low, low, 0.5 * (low + high), high, 2.0 * high]
    colours = ListedColormap(COLOURS)
    norm = BoundaryNorm(edges, len(COLOURS), extend="max")
    cells = triangles_of(assembly, state, interface)
    picture = axes.tripcolor(x, y, cells, motion, shading="gouraud", cmap=colours, norm=norm)
    if motion.min() < high and motion.max() > low:
        axes.tricontour(x, y, cells, motion, levels=[low, high], colors="black", linewidths=[0.8, 1.6])
    opened = state.status == 0
    axes.plot(x[opened], y[opened], ".", color="#666666", markersize=3)
    slip = np.linalg.norm(state.slip, axis=1)
    some = np.argsort(-slip, kind="stable")[:: max(1, len(slip) // 40)]
    if slip.max() > 0.0:
        size = state.slip[some] / slip.max()
        axes.quiver(x[some], y[some], size @ across, size @ up, scale=14.0, width=0.004, color="#222222")
    axes.set_aspect("equal")
    axes.set_title(interface.contact.name.replace("_", " "), fontsize=10)
    axes.set_xlabel(f"mm, towards the {_towards(across)}", fontsize=8)
    axes.set_ylabel(f"mm, towards the {_towards(up)}", fontsize=8)
    axes.tick_params(labelsize=8)
    order = np.argsort(motion, kind="stable")
    p95 = motion[order][np.searchsorted(np.cumsum(state.area[order]), 0.95 * state.area.sum())]
    words = f"max {motion.max():.0f} µm, 95 % below {p95:.0f} µm"
    axes.text(
        0.02, 0.02, words, transform=axes.transAxes, fontsize=8, bbox={"facecolor": "white", "alpha": 0.7, "lw": 0}
    )
    return picture


def _towards(direction: Floats) -> str:
    """The anatomical word nearest to a direction (LPS)."""
    axis = int(np.abs(direction).argmax())
    return (("right", "left"), ("front", "back"), ("foot", "head"))[axis][int(direction[axis] > 0.0)]


def _columns(shown: list[Interface]) -> list[list[Interface]]:
    """Right, middle, left: as a reader facing the patient sees them."""
    sides: dict[str, list[Interface]] = {"right": [], "": [], "left": []}
    for interface in shown:
        words = f"{interface.contact.slave} {interface.contact.master}"
        side = "right" if "right" in words else "left" if "left" in words else ""
        sides[side].append(interface)
    return [column for column in sides.values() if column]
