"""Healing over the months: how much of each face has united, where, and what keeps the rest from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.course.healing.months import Course, Face
from femsacrum.course.healing.rates import number, ranged
from femsacrum.course.healing.spread import Spread
from femsacrum.course.healing.union import UNITED_IN_TIME
from femsacrum.report.faces import towards

#: Months that are mapped.
MAPPED = (3.0, 6.0, 12.0, 36.0)
COURSE, BAND, CHANCE, PUBLISHED = "#08306b", "#9ecae1", "#d55e00", "#555555"
#: One colour for each of ``LIMITS``.
LIMIT_COLOURS = ("#3182bd", "#000000", "#d55e00", "#f2b134", "#7a2a5d", "#c6dbef")
LIMIT_WORDS = (
    "united",
    "gap too wide",
    "moves too much",
    "moves between the limits",
    "too little stimulus",
    "still uniting",
)


def union(path: Path, course: Course, spread: Spread | None) -> tuple[str, str]:
    """Area united over the months, one panel for each face; with the spread its band and the chance of union."""
    from matplotlib.figure import Figure

    faces = _sorted(course)
    columns = min(len(faces), 4)
    rows = -(-len(faces) // columns)
    size = (max(6.4, 4.1 * columns), 3.3 * rows + 1.3)
    figure = Figure(figsize=size, layout="constrained", dpi=110)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axis, face in zip(axes, faces, strict=False):
        _curve(axis, course, face, spread)
    for axis in axes[len(faces) :]:
        axis.set_axis_off()
    lines, labels = axes[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=len(lines) if columns > 1 else 2, fontsize=8)
    figure.suptitle("Union of each face over the months")
    figure.savefig(path)
    words = (
        f'Share of each face\'s area that has united, by the rule "{course.options.rule}". Grey bar: when such grafts were '
        "seen to unite, with the range taken. "
    )
    if spread is not None:
        words += (
            "Shaded: 5th to 95th percentile over what is not known and over patients, thin line: their median. Dashed: "
            f"share of patients in whom at least {number('united'):.0%} of the face has united, its 5 to 95 % band dotted."
        ).replace("%", " %", 1)
        if course.options.rule == "micromotion":
            words += (
                " The line of this case follows the bands, which are cautious; each patient of the spread has a limit of "
                "his own, from the populations of Kohli 2021."
            )
    return "Union over the months", words


def maps(path: Path, course: Course) -> tuple[str, str]:
    """Where each face has united at some months, and what keeps each point from it at the end."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    faces = _sorted(course)
    end = float(course.times()[-1])
    months = [month for month in MAPPED if month <= end] or [end]
    tall = [float(np.ptp(_seen(face)[1])) + 8.0 for face in faces]
    wide = max(float(np.ptp(_seen(face)[0])) + 8.0 for face in faces)
    inches = min(0.07, 12.0 / (wide * (len(months) + 1)), 14.0 / sum(tall))  # one scale for all faces
    size = (max(7.5, inches * wide * (len(months) + 1) + 2.2), inches * sum(tall) + 0.55 * len(faces) + 1.6)
    figure = Figure(figsize=size, layout="constrained", dpi=110)
    axes = figure.subplots(len(faces), len(months) + 1, squeeze=False, height_ratios=tall)
    for row, face in zip(axes, faces, strict=True):
        for axis, month in zip(row, months, strict=False):
            at = int(np.abs(course.times() - month).argmin())
            values = course.months[at].union[face.name]
            _discs(axis, face, array=values, cmap="viridis", norm=Normalize(0.0, 1.0))
            axis.set_title(f"month {month:g}: {course.united(face.name)[at]:.0%}".replace("%", " %"), fontsize=8)
        across, up = _axes(face)
        row[0].set_ylabel(f"{_spoken(face.name)}\nmm to the {towards(up)}", fontsize=7)
        for axis in row:
            axis.set_xlabel(f"mm to the {towards(across)}", fontsize=7)
        found = course.limits(face.name)
        _discs(row[-1], face, facecolors=[LIMIT_COLOURS[i] for i in found])
        lost = f"\n{face.uncovered:.0%} nothing opposite".replace("%", " %") if face.uncovered > 0.005 else ""
        row[-1].set_title(f"what limits it in the end{lost}", fontsize=8)
    bar = figure.colorbar(ScalarMappable(Normalize(0.0, 100.0), "viridis"), ax=axes, shrink=0.7, aspect=30)
    bar.set_label("united [%]", fontsize=8)
    shown = sorted({int(i) for face in faces for i in course.limits(face.name)})
    keys = [Patch(color=LIMIT_COLOURS[i], label=LIMIT_WORDS[i]) for i in shown]
    figure.legend(handles=keys, loc="outside lower right", ncols=len(keys), fontsize=8)
    figure.suptitle("Where the faces have united, and what keeps the rest from it")
    figure.savefig(path)
    return "Where the faces unite", (
        "Each face seen square on from what it lies against, head (or front) up, all to one scale; a disc for each point "
        "of the mesh, with the area that belongs to it. Last column: what limits each point at the end of the course."
    )


def _curve(axis: Any, course: Course, face: Face, spread: Spread | None) -> None:
    times = course.times()
    if spread is not None:
        low, middle, high = 100.0 * spread.band(face.name)
        axis.fill_between(
            spread.times, low, high, color=BAND, alpha=0.55, linewidth=0, label="area united, 5 to 95 %"
        )
        axis.plot(spread.times, middle, color=BAND, linewidth=1.2, label="its median")
        chance = 100.0 * spread.probability(face.name)
        axis.plot(spread.times, chance.mean(axis=1), "--", color=CHANCE, linewidth=1.4, label="chance of union")
        for edge in np.percentile(chance, [5.0, 95.0], axis=1):
            axis.plot(spread.times, edge, ":", color=CHANCE, linewidth=0.8)
    axis.plot(times, 100.0 * course.united(face.name), color=COURSE, linewidth=2.0, label="area united, this case")
    time = ranged(f"union_time.{face.kind}")
    axis.errorbar(
        time.value, 100.0 * UNITED_IN_TIME, xerr=[[time.value - time.least], [time.largest - time.value]], fmt="s",
        markersize=4, color=PUBLISHED, capsize=3, linewidth=1.0, label="time such grafts take",
    )  # fmt: skip
    axis.set_xlim(0.0, times[-1])
    axis.set_ylim(-2.0, 102.0)
    axis.set_xticks(np.arange(0.0, times[-1] + 0.1, 6.0 if times[-1] > 12.0 else 1.0))
    axis.tick_params(labelsize=7)
    axis.grid(alpha=0.25)
    axis.set_xlabel("months after the operation", fontsize=8)
    axis.set_ylabel("%", fontsize=8)
    reached = course.time_to(face.name, UNITED_IN_TIME)
    said = "90 % not reached" if reached is None else f"90 % at {reached:.1f} months"
    axis.set_title(f"{_spoken(face.name)}\n{said}", fontsize=8)


def _discs(axis: Any, face: Face, **look: Any) -> None:
    """A disc for each point, as large as the area that belongs to it."""
    from matplotlib.collections import EllipseCollection

    x, y = _seen(face)
    wide = 2.0 * np.sqrt(face.area / np.pi)
    discs = EllipseCollection(
        wide, wide, np.zeros(len(x)), units="xy", offsets=np.column_stack([x, y]),
        offset_transform=axis.transData, linewidths=0.0, **look,
    )  # fmt: skip
    axis.add_collection(discs)
    axis.set_xlim(x.min() - 3.0, x.max() + 3.0)
    axis.set_ylim(y.min() - 3.0, y.max() + 3.0)
    axis.set_aspect("equal")
    axis.tick_params(labelsize=6)


def _axes(face: Face) -> tuple[Floats, Floats]:
    """Across and upwards, as seen from what the face lies against."""
    guide = np.array([0.0, 0.0, 1.0]) if abs(face.normal[2]) < 0.8 else np.array([0.0, -1.0, 0.0])
    up = guide - (guide @ face.normal) * face.normal
    up /= np.linalg.norm(up)
    return np.cross(up, face.normal), up


def _seen(face: Face) -> tuple[Floats, Floats]:
    across, up = _axes(face)
    middle = face.area @ face.points / face.area.sum()
    return (face.points - middle) @ across, (face.points - middle) @ up


def _sorted(course: Course) -> list[Face]:
    """Right faces first, then left: as a reader facing the patient sees them."""
    return sorted(
        course.faces, key=lambda face: (0 if "right" in face.name else 2 if "left" in face.name else 1, face.name)
    )


def _spoken(name: str) -> str:
    return name.replace("_", " ").replace("/", "/\n")
