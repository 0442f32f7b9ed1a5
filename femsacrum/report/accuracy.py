"""What errors of guide and saw may do: margins as a map and a curve, gaps face by face."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.course.accuracy.assess import Assessed, TumourDrawn
from femsacrum.findings.quantities import limit
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import scene, sheet
from femsacrum.report.plan import bones
from femsacrum.report.sheet import Scale
from femsacrum.report.words import spoken
from femsacrum.sources.tables import constant

if TYPE_CHECKING:
    import pyvista

#: Probabilities at which the colour changes [%], and the colours from unlikely to sure.
BANDS = (0.0, 50.0, 80.0, 95.0, 99.0, 100.0)
COLOURS = ("#b10026", "#f03b20", "#feb24c", "#9ecae1", "#2171b5")
LINE, WANTED, PUBLISHED, INK = "#1f4e79", "#555555", "#d55e00", "#222222"
#: Room round the tumour and the faces [mm].
ROOM = 25.0
#: Behind words that stand on lines.
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
#: Gaps are drawn up to this one [mm].
WIDEST = 10.0


def margin_map(path: Path, assembly: Assembly, drawn: Assessed | None) -> tuple[str, str] | None:
    """The tumour, each point coloured by the probability of the margin asked for; None without a tumour."""
    from matplotlib.colors import ListedColormap

    found = assembly.construct.margins
    if drawn is None or drawn.tumour is None or found is None:
        return None
    margin = min(drawn.tumour.limits, key=lambda one: (abs(one - found.planned), one))
    chance = 100.0 * drawn.tumour.at_points[:, drawn.tumour.limits.index(margin)]
    colours = ListedColormap(COLOURS)

    def paint(plotter: pyvista.Plotter) -> None:
        bones(plotter, assembly, 0.16)
        shape = scene.polygons(found.tumour.points, found.tumour.triangles)
        shape.point_data["band"] = np.interp(chance, BANDS, np.arange(len(BANDS)))
        look = {"scalars": "band", "clim": (0.0, len(COLOURS)), "cmap": colours, "show_scalar_bar": False}
        plotter.add_mesh(shape, lighting=False, **look)
        for name, cut in found.cuts.items():
            if name in drawn.cuts:
                plotter.add_mesh(
                    scene.polygons(cut.face.points, cut.face.triangles), color="#bbbbbb", opacity=0.5, lighting=False
                )

    faces = [cut.face.points for name, cut in found.cuts.items() if name in drawn.cuts]
    points = np.vstack([found.tumour.points, *faces])
    points = np.vstack([points.min(axis=0) - ROOM, points.max(axis=0) + ROOM, points])
    panels = [scene.snapshot(paint, view, points) for view in ("front", "back")]
    scale = Scale(colours, list(BANDS), f"probability that the margin is at least {margin:g} mm [%]")
    sheet.write(path, panels, [[], []], scale)
    return "Probability of the margin", (
        f"The tumour, each point coloured by how likely its margin to the planned cuts (grey) is at least {margin:g} mm "
        f"once guide and saw err: {len(drawn.tumour.least)} cuts drawn. Red is less likely than not, light blue 95 % and "
        "more. Predicted from the errors in the table, not measured."
    )


def chances(path: Path, assembly: Assembly, drawn: Assessed | None, wanted: float) -> tuple[str, str] | None:
    """Probability against margin, the cut's distance beside what was published, and gaps of every face."""
    from matplotlib.figure import Figure

    if drawn is None:
        return None
    paints = [lambda axes: _distances(axes, drawn)]
    tumour, found = drawn.tumour, assembly.construct.margins
    if tumour is not None and found is not None:
        paints.insert(0, lambda axes: _curve(axes, tumour, found.planned, wanted))
    if drawn.gaps:
        paints.append(lambda axes: _gaps(axes, drawn))
    figure = Figure(figsize=(5.0 * len(paints), 4.2), layout="constrained", dpi=110)
    axes = figure.subplots(1, len(paints), squeeze=False)[0]
    for axis, paint in zip(axes, paints, strict=True):
        paint(axis)
        axis.grid(color="#e5e5e5")
        axis.set_axisbelow(True)
        axis.tick_params(labelsize=8)
    figure.savefig(path)
    said = [
        "Cuts drawn from the errors of guide and saw; the distance is the largest on the planned face. Orange lines are "
        "means measured in patients: they are a check and enter nothing."
    ]
    if tumour is not None:
        said.insert(0, "How likely the least margin round the tumour is at least so wide, all cuts together.")
    if drawn.gaps:
        best, worst = limit("gap_favourable"), limit("gap_adverse")
        said.append(
            f"Mean gap of each face made for the plan: bone grows over {best:g} mm at best and hardly over {worst:g} mm "
            "(dogs; from memory of the literature)."
        )
    return "What guide and saw may miss by", " ".join(said)


def _curve(axes: Any, drawn: TumourDrawn, planned: float, wanted: float) -> None:
    least = np.sort(drawn.least)
    axes.plot(least, 100.0 * (1.0 - np.arange(len(least)) / len(least)), color=LINE, lw=2.0)
    for margin, chance in zip(drawn.limits, drawn.overall, strict=True):
        axes.errorbar(
            margin,
            100.0 * chance.value,
            100.0 * np.abs([[chance.value - chance.low], [chance.high - chance.value]]),
            fmt="o",
            color=LINE,
            ms=5,
            capsize=3,
        )
    said = [
        f"{margin:g} mm: {100.0 * chance.value:.1f} %"
        for margin, chance in zip(drawn.limits, drawn.overall, strict=True)
    ]
    axes.text(0.97, 0.82, "\n".join(["at least", *said]), fontsize=8, color=INK, transform=axes.transAxes, va="top",
              ha="right", bbox=PAPER)  # fmt: skip
    axes.axvline(drawn.planned, color=WANTED, ls=":", lw=1.2)
    axes.text(drawn.planned, 2.0, " as planned", fontsize=8, color=WANTED)
    axes.axhline(100.0 * wanted, color=WANTED, ls="--", lw=1.0)
    axes.text(0.02, 100.0 * wanted - 4.5, f"wanted: {100.0 * wanted:g} %", fontsize=8, color=WANTED,
              transform=axes.get_yaxis_transform())  # fmt: skip
    right = max(planned, drawn.planned, float(least[-1])) + 6.0
    axes.set(xlim=(min(0.0, float(least[0])) - 1.0, right), ylim=(0.0, 108.0))
    axes.set_xlabel("least margin round the tumour [mm]", fontsize=9)
    axes.set_ylabel("probability that it is at least that [%]", fontsize=9)
    axes.set_title("Margin", fontsize=10, loc="left")


def _distances(axes: Any, drawn: Assessed) -> None:
    for number, (bone, cut) in enumerate(drawn.cuts.items()):
        far = np.sort(cut.farthest)
        axes.plot(far, 100.0 * np.arange(1, len(far) + 1) / len(far), lw=1.8, color=f"C{number}", label=spoken(bone))
    marks = (("published_jig_distance", 6.0), ("published_pelvis_distance", 18.0))
    for name, height in marks:
        entry = constant("accuracy", name)
        axes.axvline(entry.value, color=PUBLISHED, lw=1.4, ls="--")
        told = "jigs, total sacrectomy, n = 3" if "jig" in name else "guides, pelvis, n = 11"
        axes.text(entry.value + 0.15, height, f"{entry.value:g} mm: {told}", fontsize=8, color=PUBLISHED, bbox=PAPER)
    axes.set(xlim=(0.0, WIDEST + 2.0), ylim=(0.0, 102.0))
    axes.set_xlabel("largest distance of the cut from the planned face [mm]", fontsize=9)
    axes.set_ylabel("share of the cuts below [%]", fontsize=9)
    axes.legend(fontsize=8, frameon=False, loc="center right")
    axes.set_title("Cut beside the plan", fontsize=10, loc="left")


def _gaps(axes: Any, drawn: Assessed) -> None:
    for number, (face, gap) in enumerate(drawn.gaps.items()):
        mean = np.sort(gap.mean)
        shares = 100.0 * np.arange(1, len(mean) + 1) / len(mean)
        axes.plot(mean, shares, lw=1.6, color=f"C{number}", label=spoken(face))
    for key, colour in (("gap_favourable", "#2171b5"), ("gap_adverse", PUBLISHED)):
        axes.axvline(limit(key), color=colour, ls="--", lw=1.2)
        axes.text(limit(key) + 0.06, 3.0, f"{limit(key):g}", fontsize=8, color=colour)
    axes.set(xlim=(0.0, WIDEST), ylim=(0.0, 102.0))
    axes.set_xlabel("mean gap of the face [mm]", fontsize=9)
    axes.set_ylabel("share of the cuts below [%]", fontsize=9)
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    axes.set_title("Gap to what was made for the plan", fontsize=10, loc="left")
