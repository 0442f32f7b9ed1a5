"""Micromotion and pressure on the contact faces, each seen square on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.course.gait import Gait
from femsacrum.course.shakedown import touching
from femsacrum.findings import kernels
from femsacrum.findings.micromotion import micromotion as motion_of
from femsacrum.findings.micromotion import triangles_of
from femsacrum.findings.quantities import limit
from femsacrum.mechanics.interfaces import Interface, InterfaceState, LoadCaseSolution, undetermined
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import scene
from femsacrum.report.maps import STRESS_MAP

#: Blue below the favourable limit, yellow to orange up to the adverse one, then red and purple.
COLOURS = ("#f7fbff", "#9ecae1", "#3182bd", "#fff2a8", "#f2b134", "#d55e00", "#7a2a5d")
#: Of the outline, without which a face that hardly moves is white on white.
OUTLINE = "#888888"
#: Of a bonded face that is pulled; bands of pressure above that.
PULLED = "#9ecae1"
BANDS = 5
#: The scale of pressure ends where this share of the area of every face lies below.
SHARE = 0.99


@dataclass(frozen=True)
class Shading:
    """How values on faces are drawn.

    Attributes:
        edges: Of the coloured bands, the last one open.
        colours: As many as edges.
        words: Of the scale, with the unit.
        unit: Of the values.
        digits: After the point, in the titles.
        low: Values below the first edge take this colour; None: there are none.
        lines: Values drawn as lines, thin and thick.
    """

    edges: Sequence[float]
    colours: Sequence[Any]
    words: str
    unit: str
    digits: int = 0
    low: str | None = None
    lines: tuple[float, float] | None = None


def micromotion(
    path: Path, assembly: Assembly, interfaces: tuple[Interface, ...], solution: LoadCaseSolution
) -> tuple[str, str] | None:
    """What one load case brought: one panel for each face in contact, all to one scale; None where there is none."""
    motion = {name: motion_of(state) for name, state in solution.interfaces.items()}
    never = {name: state.status == 0 for name, state in solution.interfaces.items()}
    loose = undetermined(interfaces, solution)
    title = f"{solution.name}: motion between the faces that the load brought"
    values = {name: None if name in loose else 1e3 * each for name, each in motion.items()}
    if not _draw(path, assembly, interfaces, solution, values, never, title, _of_motion(), slip=True):
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
    values = {name: None if name in loose else 1e3 * each for name, each in gait.micromotion.items()}
    if not _draw(path, assembly, interfaces, gait.solutions[0], values, never, title, _of_motion()):
        return None
    return f"Micromotion over the cycle, {gait.name}", (
        f"Largest distance between the relative positions in any two instants of the last cycle. {_reading()} Grey dots: "
        "points that never touch in the cycle. A face all grey belongs to a body that nothing holds."
    )


def pressure(
    path: Path, assembly: Assembly, interfaces: tuple[Interface, ...], solution: LoadCaseSolution
) -> tuple[str, str] | None:
    """Contact pressure of one load case, drawn like its micromotion; None where no faces are in contact."""
    pressed = {name: state.pressure for name, state in solution.interfaces.items()}
    opened = {name: state.status == 0 for name, state in solution.interfaces.items()}
    title = f"{solution.name}: pressure between the faces"
    shading = _of_pressure(interfaces, pressed, solution)
    if not _draw(path, assembly, interfaces, solution, pressed, opened, title, shading):
        return None
    return f"Pressure on the contact faces, {solution.name}", f"{_pressed(shading)} Grey dots: open (no contact)."


def pressure_over_cycle(
    path: Path, assembly: Assembly, interfaces: tuple[Interface, ...], gait: Gait
) -> tuple[str, str] | None:
    """Largest contact pressure at each point over the last cycle of a movement; None where no faces are in contact."""
    peak = {name: motion.traction[:, :, 0].max(axis=0) for name, motion in gait.walked.motion.items()}
    never = {name: ~touching(motion) for name, motion in gait.walked.motion.items()}
    title = f"{gait.name}: largest pressure over the cycle"
    shading = _of_pressure(interfaces, peak, gait.solutions[0])
    if not _draw(path, assembly, interfaces, gait.solutions[0], peak, never, title, shading):
        return None
    return f"Largest pressure over the cycle, {gait.name}", (
        f"At each point the largest of the {len(gait.percent)} instants of the last cycle; not all at the same. "
        f"{_pressed(shading)} Grey dots: points that never touch in the cycle."
    )


def _of_motion() -> Shading:
    lines = (limit("micromotion_favourable"), limit("micromotion_adverse"))
    return Shading(bands(), COLOURS, "micromotion [µm]", "µm", lines=lines)


def _of_pressure(
    interfaces: tuple[Interface, ...], pressed: Mapping[str, Floats], solution: LoadCaseSolution
) -> Shading:
    """Even bands up to where the usual peaks are: that of a single point at an edge would leave the rest pale."""
    from matplotlib import colormaps

    most = 0.0
    for name in (each.contact.name for each in interfaces if each.contact.kind == "surface"):
        if name in pressed:
            area = np.ascontiguousarray(solution.interfaces[name].area, float)
            most = max(most, kernels.weighted_percentile(np.ascontiguousarray(pressed[name], float), area, SHARE))
    top = scene.rounded(most) if most > 0.0 else 1.0
    colours = [colormaps[STRESS_MAP](share) for share in np.linspace(0.0, 1.0, BANDS + 1)]
    edges = [float(each) for each in np.linspace(0.0, top, BANDS + 1)]
    return Shading(edges, colours, "contact pressure [MPa]", "MPa", digits=2, low=PULLED)


def _pressed(shading: Shading) -> str:
    return (
        "Each face of an implant or graft, looked at square on from what it lies against, head (or front) up. One scale "
        f"for all faces; it ends at {shading.edges[-1]:g} MPa, where 99 % of the area of every face lies below (rounded "
        "up). Blue: a bonded face that is pulled."
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
    values: Mapping[str, Floats | None],
    never: Mapping[str, np.ndarray],
    title: str,
    shading: Shading,
    *,
    slip: bool = False,
) -> bool:
    """Whether there was anything to draw; values are None where nothing holds a face."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.figure import Figure

    shown = [i for i in interfaces if i.contact.kind == "surface" and i.contact.name in values]
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
    held = [state for name, state in states.items() if slip and values[name] is not None]
    slips = [np.linalg.norm(state.slip, axis=1).max() for state in held]
    most = float(max(slips, default=0.0))
    for axis, interface in zip(axes, shown, strict=True):
        name = interface.contact.name
        _panel(axis, assembly, interface, states[name], values[name], never[name], shading, most)
    beyond: Any = "max" if shading.low is None else "both"
    colours = list(shading.colours) if shading.low is None else [shading.low, *shading.colours]
    norm = BoundaryNorm(list(shading.edges), len(colours), extend=beyond)
    mappable = ScalarMappable(norm, ListedColormap(colours))
    bar = figure.colorbar(mappable, ax=list(axes), shrink=0.9, extend=beyond, ticks=list(shading.edges), format="%g")
    bar.set_label(shading.words)
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
    values: Floats | None,
    opened: np.ndarray,
    shading: Shading,
    most: float,
) -> None:
    """One face; values are None where nothing holds it, most [mm] is 0 where no slip is drawn."""
    across, up, middle = frame(state)
    x, y = (state.points - middle) @ across, (state.points - middle) @ up
    cells = triangles_of(assembly, state, interface)
    name = interface.contact.name.replace("_", " ").replace("/", "/\n")
    axes.set_aspect("equal")
    axes.set_xlabel(f"mm to the {towards(across)}", fontsize=8)
    axes.set_ylabel(f"mm to the {towards(up)}", fontsize=8)
    axes.tick_params(labelsize=7)
    if values is None:
        axes.tripcolor(x, y, cells, np.zeros(len(x)), cmap="Greys", vmin=-1.0, vmax=4.0)
        axes.set_title(f"{name}\nnothing holds it:\nno figure of its motion", fontsize=8)
        return
    edges, colours = list(shading.edges), list(shading.colours)
    edges.append(max(2.0 * edges[-1], 1.01 * values.max()))
    if shading.low is not None:
        edges, colours = [min(-1.0, 1.01 * values.min()), *edges], [shading.low, *colours]
    axes.tricontourf(x, y, cells, values, levels=edges, colors=colours)
    outline(axes, x, y, cells)
    if shading.lines and values.min() < shading.lines[1] and values.max() > shading.lines[0]:
        axes.tricontour(x, y, cells, values, levels=list(shading.lines), colors="black", linewidths=[0.8, 1.8])
    axes.plot(x[opened], y[opened], ".", color="#555555", markersize=2.5)
    some = np.arange(0, len(x), max(1, len(x) // 45))
    if most > 0.0:
        arrow = 6.0 * state.slip[some] / most  # the largest slip of any face is drawn 6 mm long
        axes.quiver(x[some], y[some], arrow @ across, arrow @ up, angles="xy", scale_units="xy", scale=1.0,
                    width=0.35, units="xy", color="#222222")  # fmt: skip
    p95 = kernels.weighted_percentile(np.ascontiguousarray(values), np.ascontiguousarray(state.area), 0.95)
    most_said, usual_said = (f"{each:.{shading.digits}f} {shading.unit}" for each in (values.max(), p95))
    axes.set_title(f"{name}\nmax {most_said}\n95 % below {usual_said}", fontsize=8)


def outline(axes: Any, x: Floats, y: Floats, cells: Ints) -> None:
    """Draw the edges that one triangle has alone.

    Args:
        axes: Of matplotlib.
        x: Of the points, shape (p,).
        y: The same.
        cells: Triangles, shape (k, 3).
    """
    from matplotlib.collections import LineCollection

    sides = np.sort(np.vstack([cells[:, [0, 1]], cells[:, [1, 2]], cells[:, [2, 0]]]), axis=1)
    edges, count = np.unique(sides, axis=0, return_counts=True)
    pieces = np.stack([x, y], axis=1)[edges[count == 1]]
    axes.add_collection(LineCollection(pieces, colors=OUTLINE, linewidths=0.7, clip_on=False), autolim=False)


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
