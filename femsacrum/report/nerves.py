"""Pictures of the sacral roots: where they run on the cut sacrum, and how much each is strained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import scene, sheet
from femsacrum.report.plan import bones, implants
from femsacrum.report.sheet import Label
from femsacrum.surgery.nerves.model import Nerves, Root

if TYPE_CHECKING:
    import pyvista

#: What a root's colour says; none is that of implants.
COLOURS = {"kept": "#009e73", "cut": "#7f7f7f", "bridged": "#6a3d9a", "graft": "#d55e00"}
WORDS = {"kept": "kept", "cut": "cut", "bridged": "stumps of a bridged root", "graft": "nerve graft"}
#: Tubes are drawn at least this thick, and stumps that much thicker [mm].
THINNEST, KNOB = 0.7, 1.7
#: Room round the roots [mm].
MARGIN = 12.0
#: Ends of the strain axis [%], and where it is shaded: from, to, colour.
LEAST_AXIS = 16.0
BANDS = ((0.0, 5.0, "#e5f5e0"), (6.0, 12.0, "#fdd0a2"))
LINES = ((5.0, "aimed at\n≤ 5 %"), (8.0, "flow\nimpaired\n8 %"), (15.0, "flow\nstops\n15 %"))
MARKS = {"straight leg": ("o", "#0072b2"), "bent hip": ("s", "#009e73"), "motion": ("^", "#cc79a7")}
LOADED = ("D", "#d55e00")


def nerves(path: Path, assembly: Assembly) -> tuple[str, str] | None:
    """Roots, stumps and grafts seen from in front and from the left; None where the case does not ask."""
    found = assembly.construct.nerves
    if found is None:
        return None
    margins = assembly.construct.margins

    def paint(plotter: pyvista.Plotter) -> None:
        bones(plotter, assembly, 0.25)
        implants(plotter, assembly, 0.5)
        if margins is not None:
            tumour = scene.polygons(margins.tumour.points, margins.tumour.triangles)
            plotter.add_mesh(tumour, color=scene.COLOURS["tumour"], opacity=0.25, smooth_shading=True)
        for root in found.roots.values():
            _tubes(plotter, root)

    pieces = [piece for points, _ in found.tubes().values() for piece in points]
    box = np.array([*pieces, *(margins.tumour.points if margins is not None else ())])
    points = np.vstack([box, box.min(axis=0) - MARGIN, box.max(axis=0) + MARGIN])
    labels = [Label(*_label(root)) for root in found.roots.values()]
    left = [Label(*_label(root)) for root in found.roots.values() if root.course.side == "left"]
    used = [*dict.fromkeys(root.fate for root in found.roots.values())]
    used += ["graft"] if any(root.graft for root in found.roots.values()) else []
    keys = [(COLOURS[one], WORDS[one]) for one in used]
    keys += [(scene.COLOURS["tumour"], "tumour")] if margins is not None else []
    panels = [scene.snapshot(paint, view, points, outlines=False) for view in ("frontal", "sagittal")]
    sheet.write(path, panels, [labels, left], keys=keys)
    return "Sacral nerve roots", (
        "Ventral roots from the canal through the anterior foramina to where they leave the pelvis, on the bone that stays. "
        f"{_drawn(found)} Tubes thinner than {2 * THINNEST:g} mm are drawn that thick; how a slack graft lies is not known, "
        "it is drawn with its whole length, bowed forwards, even through an implant."
    )


def _drawn(found: Nerves) -> str:
    missing = ", ".join(name.replace("_", " ") for name in found.missing)
    said = "Courses are estimated from landmarks and the canal of this bone."
    return f"{said} Not drawn, since this sacrum has no foramina for them: {missing}." if missing else said


def _tubes(plotter: pyvista.Plotter, root: Root) -> None:
    import pyvista

    def add(points: Floats, radius: float, colour: str) -> None:
        tube = pyvista.MultipleLines(points).tube(radius=max(radius, THINNEST))
        plotter.add_mesh(tube, color=colour, smooth_shading=True)

    for piece in root.left:
        if len(piece) > 1:
            add(piece, root.course.radius, COLOURS[root.fate])
    if root.graft is not None:
        add(root.graft.path, root.graft.radius, COLOURS["graft"])
    if root.fate != "kept":
        for stump in (root.left[0][-1], root.left[-1][0]):
            size = KNOB * max(root.course.radius, THINNEST)
            plotter.add_mesh(pyvista.Sphere(radius=size, center=stump), color=COLOURS[root.fate])


def _label(root: Root) -> tuple[Floats, str, str]:
    name = root.course.name.replace("_", " ")
    if root.graft is None:
        point = root.course.points[root.course.mouth] if root.fate == "kept" else root.left[-1][0]
        return point, f"{name}\n{root.fate}", COLOURS[root.fate]
    graft = root.graft
    words = f"{name}: graft {graft.length:.0f} mm\nin a gap of {graft.gap:.0f} mm"
    return graft.path[len(graft.path) // 2], words, COLOURS["graft"]


def strains(path: Path, found: Mapping[str, Any]) -> tuple[str, str] | None:
    """Strain of every root and graft under each posture, load case and motion; None where there is none."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    names = [name for name, row in (found.get("roots") or {}).items() if row["fate"] != "cut"]
    if not names:
        return None
    figure = Figure(figsize=(9.0, 1.9 + 0.62 * len(names)), layout="constrained", dpi=110)
    axes = figure.subplots()
    for low, high, colour in BANDS:
        axes.axvspan(low, high, color=colour, lw=0)
    rows = list(_rows(found))
    largest = LEAST_AXIS
    for i, name in enumerate(names):
        for k, (_, marker, colour, told) in enumerate(rows):
            state = told[name]
            if state["strain"]["value"] is None:
                continue
            y = i + 0.7 * ((k + 0.5) / len(rows) - 0.5)
            least = state.get("least", state)["strain"]["value"]
            most, held = state["strain"]["value"], state["strain_held"]["value"]
            axes.plot([100 * least, 100 * most], [y, y], color=colour, lw=2.2, solid_capstyle="butt")
            axes.plot(100 * most, y, marker, color=colour, ms=6)
            if held > most:
                axes.plot([100 * most, 100 * held], [y, y], ":", color=colour, lw=1.0)
                axes.plot(100 * held, y, marker, mfc="white", mec=colour, ms=6)
            largest = max(largest, 105.0 * held)
    for at, words in LINES:
        axes.axvline(at, color="#555555", lw=0.8)
        axes.text(at, -0.75, words, fontsize=7.5, ha="center", va="bottom", color="#333333")
    axes.text(
        10.2, -0.75, "conduction\nfalls 6 % to\nstops 12 %", fontsize=7.5, ha="center", va="bottom", color="#a63603"
    )
    axes.set_xlim(-0.3, largest)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), [_name(name, found["roots"][name]) for name in names], fontsize=9)
    axes.set_xlabel("strain [%]")
    axes.spines[["top", "right"]].set_visible(False)
    keys = [Line2D([], [], marker=marker, color=colour, label=words) for words, marker, colour, _ in rows]
    keys.append(Line2D([], [], marker="o", mfc="white", color="#555555", ls=":", label="held at its foramen by scar"))
    figure.legend(handles=keys, loc="outside lower center", ncols=3, frameon=False, fontsize=8.5)
    figure.savefig(path)
    return "Strain of the sacral nerves", (
        "Bars: from the least to the most that a posture is taken to pull; full marks: the most, where the root slides "
        "through its foramen; open marks: where scar holds it there. Orange: conduction falls (6 % for an hour) until it "
        f"stops (12 %). Limits are of animals. How far postures pull S2 to S4 is assumed, not published.{_unknown(found)} "
        "Strain is predicted, function is not."
    )


def _unknown(found: Mapping[str, Any]) -> str:
    states = dict.fromkeys(words for row in found["slack_needed"].values() for words in row["not_determined_in"])
    return f" Not determined for every nerve, and drawn only where it is: {', '.join(states)}." if states else ""


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Words, marker, colour and state of every root, of each thing that strains them."""
    for key, short in (("straight_leg_raise", "straight leg"), ("hip_flexion", "bent hip")):
        posture = found["postures"][key]
        yield posture["words"], *MARKS[short], posture["roots"]
    if found["load_cases"]:
        worst = {
            name: max(
                (rows[name] for rows in found["load_cases"].values()),
                key=lambda row: row["strain_held"]["value"] or 0.0,
            )
            for name in next(iter(found["load_cases"].values()))
        }
        yield "worst load case", *LOADED, worst
    assumed = found["motion"]["assumed"]["value"]
    yield f"{assumed:g} mm motion of implant or fragment", *MARKS["motion"], found["motion"]["roots"]


def _name(name: str, row: Mapping[str, Any]) -> str:
    spoken = name.replace("_", " ")
    return f"{spoken}, graft" if "graft" in row else spoken
