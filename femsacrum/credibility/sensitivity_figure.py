"""The picture of what the outcomes hinge on: for each of them, how far both ends of every input take it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from femsacrum.credibility.influence import Ranked, Row
from femsacrum.credibility.quantity import Quantity

#: Low and high end of an input: colours of Okabe and Ito, which differ to colour-blind eyes as well, and in grey.
COLOURS = {"low": "#0072b2", "high": "#e69f00"}
#: Heading -> the keys it stands for, begin and end; of several the largest is drawn.
PANELS = {
    "drop of L5": ("deformation.L5_drop", ""),
    "stress of a metal part, p99.9": ("implants.", ".von_mises_p999"),
    "micromotion of a face, p95": ("interfaces.", ".micromotion.p95"),
    "bone past its limit": ("overload.volume", ""),
    "weakest screw, low margin": ("screws.weakest", ""),
}
#: Load cases and inputs drawn at most; the rest stands in the JSON.
CASES, INPUTS = 4, 14
#: Signs of a name below a heading.
NAME = 30
#: Units as they are written.
UNITS = {"um": "µm", "mm3": "mm³", "1": "[1]"}
INK = "#222222"


def draw(path: Path, rows: Sequence[Row], ranked: Sequence[Ranked]) -> None:
    """Write a PNG: one line of plots for each load case, one plot for each outcome that it has.

    Args:
        path: Where.
        rows: Of all quantities and inputs.
        ranked: The inputs, those the outcomes hinge most on first.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    cases = list(dict.fromkeys(row.quantity.load_case for row in rows))[:CASES]
    drawn = {(case, heading): each for case in cases for heading, each in _shown(rows, case)}
    headings = [heading for heading in PANELS if any(key[1] == heading for key in drawn)]
    names = [each.given.name for each in ranked][:INPUTS]
    tall = 0.24 * len(names) + 0.9
    size = (2.0 + 2.1 * max(len(headings), 1), 0.7 + tall * max(len(cases), 1))
    figure = Figure(figsize=size, dpi=130, layout="constrained")
    grid = figure.subplots(max(len(cases), 1), max(len(headings), 1), squeeze=False)
    for line, case in zip(grid, cases, strict=False):
        labels = [_short(name) for name in names]
        for axes, heading in zip(line, headings, strict=False):
            quantity = drawn.get((case, heading))
            if quantity is None:
                axes.set_axis_off()
                continue
            _panel(axes, [row for row in rows if row.quantity == quantity], names)
            axes.set_title(f"{heading}\n{_of(quantity)}".rstrip(), fontsize=8, color=INK, parse_math=False)
            axes.set_yticks(range(len(names)), labels or [""] * len(names), fontsize=7, parse_math=False)
            if labels:  # once, at the first plot of the line
                axes.set_ylabel(case, fontsize=8, parse_math=False)
                labels = []
    bars = [Patch(color=colour) for colour in COLOURS.values()]
    words = ["input at its low end", "at its high end"]
    figure.legend(bars, words, loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    figure.savefig(path, format="png")


def _shown(rows: Sequence[Row], case: str) -> Iterator[tuple[str, Quantity]]:
    """Heading and quantity of each plot of a load case."""
    here = {row.quantity.key: row.quantity for row in rows if row.quantity.load_case == case}
    for heading, (start, end) in PANELS.items():
        fitting = [each for key, each in here.items() if key.startswith(start) and key.endswith(end)]
        if fitting:
            yield heading, max(fitting, key=lambda each: abs(each.value))


def _panel(axes: Any, rows: Sequence[Row], names: Sequence[str]) -> None:
    """Two bars for each input, from the model's own value to that at its low and at its high end."""
    own = rows[0].quantity.value
    for row in rows:
        if row.given.name not in names:
            continue
        place = names.index(row.given.name)
        for end, value, shift in (("low", row.low_value, -0.2), ("high", row.high_value, 0.2)):
            if value is None:
                axes.plot([own], [place + shift], marker="x", ms=5, color=COLOURS[end])
            else:
                axes.barh(place + shift, value - own, 0.38, left=own, color=COLOURS[end])
    axes.axvline(own, color=INK, lw=0.8)
    axes.set_ylim(len(names) - 0.4, -0.6)
    unit = rows[0].quantity.unit
    axes.set_xlabel(UNITS.get(unit, unit), fontsize=7, parse_math=False)
    axes.tick_params(labelsize=7)
    axes.locator_params(axis="x", nbins=4)
    axes.margins(x=0.08)
    axes.grid(axis="x", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _of(quantity: Quantity) -> str:
    """Which of several parts or faces it is."""
    part = quantity.words.partition(":")[0] if ":" in quantity.words else ""
    return _short(part)


def _short(name: str) -> str:
    told = name if "." in name else name.replace("_", " ")  # a key of the case stays one
    return told if len(told) <= NAME else f"{told[: NAME // 2 - 1]}…{told[-(NAME // 2) :]}"
