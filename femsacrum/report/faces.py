"""Micromotion on the contact faces, each seen square on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.course.gait import Gait
from femsacrum.course.shakedown import touching
from femsacrum.findings import kernels
from femsacrum.findings.micromotion import micromotion as motion_of
from femsacrum.findings.micromotion import triangles_of
from femsacrum.findings.quantities import limit
from femsacrum.mechanics.interfaces import Interface, InterfaceState, LoadCaseSolution, undetermined
from femsacrum.meshing.bodies import Assembly

#: Blue below the favourable limit, yellow to orange up to the adverse one, then red and purple.
COLOURS = ("#f7fbff", "#9ecae1", "#3182bd", "#fff2a8", "#f2b134", "#d55e00", "#7a2a5d")


def micromotion(
    path: Path, assembly: Assembly, interfaces: tuple[Interface, ...], solution: LoadCaseSolution
) -> tuple[str, str] | None:
    """What one load case brought: one panel for each face in contact, all to one scale; None where there is none."""
    motion = {name: motion_of(state) for name, state in solution.interfaces.items()}
    never = {name: state.status == 0 for name, state in solution.interfaces.items()}
    loose = undetermined(interfaces, solution)
    title = f"{solution.name}: motion between the faces that the load brought"
    if not _draw(path, assembly, interfaces, solution, motion, never, loose, title, slip=True):
        return None
    return f"Micromotion on the contact faces, {solution.name}", (
        f"{_reading()} Arrows: slip, to one scale for all faces. Grey dots: open (no contact). "
        "A face all grey belongs to a body that nothing holds."
    )


def over_cycle(
    path: Path, assembly: Assembly, interfaces: tuple[Interface, ...], gait: Gait
) -> tuple[str, str] | None:
    """Motion to and fro over the last cycle of a movement; None where no faces are in contact."""
    never = {name: ~touching(motion) for name, motion in gait.walked.motion.items()}
    loose = set().union(*(undetermined(interfaces, each) for each in gait.solutions))
    title = f"{gait.name}: motion to and fro over the cycle"
    if not _draw(path, assembly, interfaces, gait.solutions[0], gait.micromotion, never, loose, title, slip=False):
        return None
    return f"Micromotion over the cycle, {gait.name}", (
        f"Largest distance between the relative positions in any two instants of the last cycle. {_reading()} Grey dots: "
        "points that never touch in the cycle. A face all grey belongs to a body that nothing holds."
    )


def _reading() -> str:
    low, high = limit("micromotion_favourable"), limit("micromotion_adverse")
    return (
        "Each face of an implant or graft, looked at square on from what it lies against, head (or front) up. Blue: "
        f"below {low:g} µm; yellow to orange: {low:g} to {high:g} µm; red and purple: above {high:g} µm; the limits "
        "are drawn as black lines."
    )


def _draw(
    path: Path,
    assembly: Assembly,
    interfaces: tuple[Interface, ...],
    solution: LoadCaseSolution,
    motion: Mapping[str, Floats],
    never: Mapping[str, np.ndarray],
    loose: Collection[str],
    title: str,
    *,
    slip: bool,
) -> bool:
    """Whether there was anything to draw."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.figure import Figure

    shown = [i for i in interfaces if i.contact.kind == "surface" and i.contact.name in motion]
    shown = [i for i in shown if len(triangles_of(assembly, solution.interfaces[i.contact.name], i))]
    if not shown:
        return False
    shown.sort(key=_place)
    states = {i.contact.name: solution.interfaces[i.contact.name] for i in shown}
    widths = [_width(states[i.contact.name]) for i in shown]
    inches = min(0.075, 15.0 / sum(widths))  # one scale for all faces, so that sizes compare
    tall = max(_height(state) for state in states.values())
    size = (max(7.0, inches * sum(widths) + 1.6), inches * tall + 2.1)
    figure = Figure(figsize=size, layout="constrained", dpi=110)
    axes = figure.subplots(1, len(shown), squeeze=False, width_ratios=widths)[0]
    slips = [np.linalg.norm(state.slip, axis=1).max() for name, state in states.items() if slip and name not in loose]
    most = float(max(slips, default=0.0))
    for axis, interface in zip(axes, shown, strict=True):
        name = interface.contact.name
        values = None if name in loose else 1e3 * motion[name]
        _panel(axis, assembly, interface, states[name], values, never[name], most)
    mappable = ScalarMappable(BoundaryNorm(bands(), len(COLOURS), extend="max"), ListedColormap(COLOURS))
    bar = figure.colorbar(mappable, ax=list(axes), shrink=0.9, extend="max", ticks=bands())
    bar.set_label("micromotion [µm]")
    figure.suptitle(title)
    figure.savefig(path)
    return True


def frame(state: InterfaceState) -> tuple[Floats, Floats, Floats]:
    """Two axes in the mean plane of a face and its middle: across and upwards, as seen from its partner."""
    normal = state.area @ state.normals
    normal /= np.linalg.norm(normal)
    guide = np.array([0.0, 0.0, 1.0]) if abs(normal[2]) < 0.8 else np.array([0.0, -1.0, 0.0])
    up = guide - (guide @ normal) * normal
    up /= np.linalg.norm(up)
    return np.cross(up, normal), up, state.area @ state.points / state.area.sum()


def bands() -> list[float]:
    """Edges of the coloured bands of micromotion [um], the last one open."""
    low, high = limit("micromotion_favourable"), limit("micromotion_adverse")
    return [0.0, 0.25 * low, 0.5 * low, low, 0.5 * (low + high), high, 2.0 * high]


def _panel(
    axes: Any,
    assembly: Assembly,
    interface: Interface,
    state: InterfaceState,
    motion: Floats | None,
    opened: np.ndarray,
    most: float,
) -> None:
    """One face; motion [um] is None where nothing holds it, most [mm] is 0 where no slip is drawn."""
    across, up, middle = frame(state)
    x, y = (state.points - middle) @ across, (state.points - middle) @ up
    cells = triangles_of(assembly, state, interface)
    name = interface.contact.name.replace("_", " ").replace("/", "/\n")
    axes.set_aspect("equal")
    axes.set_xlabel(f"mm to the {towards(across)}", fontsize=8)
    axes.set_ylabel(f"mm to the {towards(up)}", fontsize=8)
    axes.tick_params(labelsize=7)
    if motion is None:
        axes.tripcolor(x, y, cells, np.zeros(len(x)), cmap="Greys", vmin=-1.0, vmax=4.0)
        axes.set_title(f"{name}\nnothing holds it:\nno figure of its motion", fontsize=8)
        return
    edges = [*bands(), max(2.0 * bands()[-1], 1.01 * motion.max())]
    axes.tricontourf(x, y, cells, motion, levels=edges, colors=list(COLOURS))
    low, high = limit("micromotion_favourable"), limit("micromotion_adverse")
    if motion.min() < high and motion.max() > low:
        axes.tricontour(x, y, cells, motion, levels=[low, high], colors="black", linewidths=[0.8, 1.8])
    axes.plot(x[opened], y[opened], ".", color="#555555", markersize=2.5)
    some = np.arange(0, len(x), max(1, len(x) // 45))
    if most > 0.0:
        arrow = 6.0 * state.slip[some] / most  # the largest slip of any face is drawn 6 mm long
        axes.quiver(x[some], y[some], arrow @ across, arrow @ up, angles="xy", scale_units="xy", scale=1.0,
                    width=0.35, units="xy", color="#222222")  # fmt: skip
    p95 = kernels.weighted_percentile(motion, np.ascontiguousarray(state.area), 0.95)
    axes.set_title(f"{name}\nmax {motion.max():.0f} µm\n95 % below {p95:.0f} µm", fontsize=8)


def _width(state: InterfaceState) -> float:
    across, _, _ = frame(state)
    return float(np.ptp(state.points @ across)) + 14.0


def _height(state: InterfaceState) -> float:
    _, up, _ = frame(state)
    return float(np.ptp(state.points @ up))


def towards(direction: Floats) -> str:
    """The anatomical word nearest to a direction (LPS)."""
    axis = int(np.abs(direction).argmax())
    return (("right", "left"), ("front", "back"), ("feet", "head"))[axis][int(direction[axis] > 0.0)]


def _place(interface: Interface) -> tuple[int, str]:
    """Right faces first, then the middle, then left: as a reader facing the patient sees them."""
    words = f"{interface.contact.slave} {interface.contact.master}"
    return (0 if "right" in words else 2 if "left" in words else 1), interface.contact.name
