"""What acts on the pelvis: every force of one instant at its point, and the forces of a movement over its cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.loads.joints import AT_REST
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import plan, scene
from femsacrum.report.scene import INK, Snapshot
from femsacrum.report.sheet import spread

if TYPE_CHECKING:
    import pyvista

ACTION, REACTION, HELD = "#d55e00", "#0072b2", "#00795c"
#: Length of the largest arrow [mm]; forces below this share of the largest are not drawn.
LONGEST, SMALLEST = 95.0, 0.004
#: How the names of loads begin that press on the pelvis; others pull.
PRESSES = ("upper body", "axial", "femur", "seat", "bed")
#: Groups of forces that are labelled at most on each panel; those below this share of the largest are not.
LABELLED, TOLD = 14, 0.02
#: Room for labels on either side of a panel, and the least distance between two of them [pixels].
ROOM, APART = 190, 34


@dataclass(frozen=True)
class Arrow:
    """One force to draw.

    Attributes:
        name: What acts.
        point: Where, shape (3,) [mm].
        force: Shape (3,) [N].
        moment: Size [N m].
        presses: It ends at its point; else it starts there, as muscles and weights do.
        dashed: It acts on the femur, not on the pelvis.
    """

    name: str
    point: Floats
    force: Floats
    moment: float = 0.0
    presses: bool = False
    dashed: bool = False

    def ends(self, longest: float) -> tuple[Floats, Floats]:
        """Where it starts and where its head is, shapes (3,) [mm]: as long as the root of its size."""
        size = float(np.linalg.norm(self.force))
        along = self.force / size * LONGEST * np.sqrt(size / longest)
        return (self.point - along, self.point) if self.presses else (self.point, self.point + along)


def forces(path: Path, assembly: Assembly, load_case: LoadCase, weight: float) -> tuple[str, str]:
    """Draws one instant from the front and from the left.

    Args:
        path: PNG file.
        assembly: Meshed bodies.
        load_case: What acts.
        weight: Of the body [N].

    Returns:
        Title and caption.
    """
    shown = arrows(load_case, assembly)
    longest = max(float(np.linalg.norm(arrow.force)) for arrow in shown)
    shown = [arrow for arrow in shown if np.linalg.norm(arrow.force) > SMALLEST * longest]
    held = [support for support in load_case.supports if support.kind != "rigid"]

    def paint(plotter: pyvista.Plotter) -> None:
        plan.bones(plotter, assembly, 0.35)
        plan.implants(plotter, assembly, 0.5)

    points = np.vstack([plan.everything(assembly), *(np.array(arrow.ends(longest)) for arrow in shown)])
    panels = [scene.snapshot(paint, view, points, outlines=False) for view in ("frontal", "sagittal")]
    _write(path, panels, shown, longest, [(_place(each, assembly), each) for each in held], weight)
    return f"Forces, {load_case.name}", (
        "What acts on the pelvis orange, at the point where it acts, as long as the root of its size, which is told "
        "in percent of body weight (bellies of a muscle summed): what presses ends there, muscles and weights start there. "
        "Dashed blue: what the pelvis does to the femur in return, equal and opposite. Green squares: where it is held; "
        "thin diamonds only say where it is."
    )


def arrows(load_case: LoadCase, assembly: Assembly) -> list[Arrow]:
    """Every force on the pelvis, and what it does in return to the femora."""
    made = []
    for load in load_case.applied:
        moment = float(np.linalg.norm(load.moment)) / 1e3
        made.append(Arrow(load.name, load.point, load.force, moment, load.name.startswith(PRESSES)))
        if is_hip(load):
            made.append(_returned(load.name.removeprefix("femur on "), load.point, load.force))
    held = {support.name: support for support in load_case.supports}
    for name, force in load_case.expected_reactions.items():
        if name in held and np.linalg.norm(force) > 0.0:
            point = _place(held[name], assembly)
            made.append(Arrow(f"femur on {name}" if "hip" in name else name, point, force, presses=True))
            if "hip" in name:
                made.append(_returned(name, point, force))
    return made


def is_hip(load: Applied) -> bool:
    """Whether it is the contact force of a hip."""
    return load.name.startswith("femur on")


def hip_forces(load_case: LoadCase) -> dict[str, Floats]:
    """Side -> force of the femur on the pelvis, shape (3,) [N], whether it is a load or what statics gives a support."""
    found = {}
    for side in ("left", "right"):
        loads = [load.force for load in load_case.applied if is_hip(load) and side in load.name]
        loads += [force for name, force in load_case.expected_reactions.items() if name == f"{side} hip"]
        found[side] = sum(loads, np.zeros(3))
    return found


def _returned(hip: str, point: Floats, force: Floats) -> Arrow:
    return Arrow(f"pelvis on femur, {hip}", point, -force, presses=True, dashed=True)


def _place(support: Support, assembly: Assembly) -> Floats:
    if support.point is not None:
        return support.point
    middle: Floats = assembly.bodies[support.body].nodes[support.facets].mean(axis=(0, 1))
    return middle


def _write(
    path: Path, panels: Sequence[Snapshot], shown: Sequence[Arrow], longest: float,
    held: Sequence[tuple[Floats, Support]], weight: float,
) -> None:  # fmt: skip
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    widths = [panel.image.shape[1] + 2 * ROOM for panel in panels]
    height = max(panel.image.shape[0] for panel in panels)
    figure = Figure(figsize=(sum(widths) / 120.0, (height + 120) / 120.0), dpi=120, layout="constrained")
    for axes, panel in zip(
        figure.subplots(1, len(panels), squeeze=False, width_ratios=widths)[0], panels, strict=True
    ):
        _panel(axes, panel, height)
        for point, support in held:
            axes.plot(*panel.pixel(point), zorder=7, **_mark(support))
        for arrow in sorted(shown, key=lambda each: each.dashed):
            _draw(axes, panel, arrow, longest)
        _labels(axes, panel, shown, longest, weight, height)
    keys = [
        Line2D([], [], color=ACTION, linewidth=2.5, label="on the pelvis"),
        Line2D([], [], color=REACTION, linewidth=1.8, linestyle="--", label="of the pelvis on the femur"),
    ]
    for words in ("held", "held, carries nothing"):
        like = [support for _, support in held if support.name.endswith(AT_REST) == (words != "held")]
        keys += [Line2D([], [], label=words, **_mark(support)) for support in like[:1]]
    figure.legend(handles=keys, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.savefig(path)


def _mark(support: Support) -> dict[str, Any]:
    """How a support is marked: with a square, which lets the forces in it be seen."""
    width, style = (1.0, "D") if support.name.endswith(AT_REST) else (2.2, "s")
    return {
        "marker": style, "markersize": 11 if style == "s" else 8, "markerfacecolor": "none", "linestyle": "none",
        "markeredgecolor": HELD, "markeredgewidth": width,
    }  # fmt: skip


def _panel(axes: Any, panel: Snapshot, height: int) -> None:
    h, w = panel.image.shape[:2]
    axes.imshow(panel.image, interpolation="nearest")
    axes.set_xlim(-ROOM, w + ROOM)
    axes.set_ylim(0.5 * (h + height) + 8, 0.5 * (h - height) - 20)
    axes.set_axis_off()
    axes.set_title(panel.view.words, fontsize=10, color=INK)
    for x, words, align in ((0.0, panel.view.sides[0], "right"), (w, panel.view.sides[1], "left")):
        axes.text(x, 0.5 * (h - height) - 10, words, ha=align, va="bottom", fontsize=9, color="#777777")


def _draw(axes: Any, panel: Snapshot, arrow: Arrow, longest: float) -> None:
    from matplotlib.patches import FancyArrowPatch

    tail, head = (panel.pixel(end) for end in arrow.ends(longest))
    colour = REACTION if arrow.dashed else ACTION
    if np.hypot(head[0] - tail[0], head[1] - tail[1]) < 3.0:  # towards the eye, or small
        axes.plot(*tail, marker="o", markersize=3, color=colour, zorder=5)
        return
    look = {"linestyle": (0, (3, 2)), "linewidth": 1.6} if arrow.dashed else {"linewidth": 2.2}
    shape = "-|>,head_length=5,head_width=2.5"
    axes.add_patch(
        FancyArrowPatch(tail, head, arrowstyle=shape, color=colour, shrinkA=0, shrinkB=0, zorder=5, **look)
    )


def _labels(axes: Any, panel: Snapshot, shown: Sequence[Arrow], longest: float, weight: float, height: int) -> None:
    """Words beside the panel for the largest groups of forces; bellies of one muscle are one group."""
    groups: dict[str, list[Arrow]] = {}
    for arrow in shown:
        groups.setdefault(arrow.name.split(",")[0] if not arrow.dashed else arrow.name, []).append(arrow)
    sizes = {name: float(np.linalg.norm(sum(each.force for each in group))) for name, group in groups.items()}
    told = sorted((name for name in groups if sizes[name] > TOLD * longest), key=lambda name: -sizes[name])[:LABELLED]
    h, w = panel.image.shape[:2]
    entries = []
    for name in told:
        largest = max(groups[name], key=lambda each: float(np.linalg.norm(each.force)))
        tail, head = (panel.pixel(end) for end in largest.ends(longest))
        near = tail if largest.presses else head
        words = f"{name}\n{100.0 * sizes[name] / weight:.0f} %BW"
        moment = sum(each.moment for each in groups[name])
        words += f", {moment:.1f} N m" if moment > 0.05 else ""
        entries.append((near, words, REACTION if largest.dashed else ACTION))
    for side in (0, 1):
        mine = [entry for entry in entries if (entry[0][0] > 0.5 * w) == bool(side)]
        low, high = 0.5 * (h - height) + 20, 0.5 * (h + height) - 20
        rows = spread([entry[0][1] for entry in mine], APART, low, high)
        for (near, words, colour), y in zip(mine, rows, strict=True):
            axes.annotate(
                words, near, (w + 10 if side else -10, y), fontsize=7.5, color=colour, va="center", zorder=6,
                ha="left" if side else "right", linespacing=1.05,
                arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.5, "shrinkB": 0,
                            "relpos": (0.0 if side else 1.0, 0.5)},
            )  # fmt: skip
