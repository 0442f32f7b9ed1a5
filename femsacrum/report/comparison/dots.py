"""One row of dots for each outcome: every run's value, its uncertainty, and the limit it has to keep."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from femsacrum.credibility.responses import Response
from femsacrum.report.comparison.compare import Comparison
from femsacrum.report.scene import INK
from femsacrum.report.words import behind

#: Colours of Okabe and Ito with a shape each, so that neither alone has to tell a design.
LOOKS = (("#0072b2", "o"), ("#d55e00", "s"), ("#009e73", "^"), ("#cc79a7", "D"), ("#e69f00", "v"), ("#56b4e9", "P"))
#: Panels beside each other, and letters of a title before it wraps.
ACROSS, WIDE = 3, 44


def dots(path: Path, found: Comparison) -> tuple[str, str] | None:
    """Write a PNG; None where no outcome tells the runs apart.

    Args:
        path: Where.
        found: The comparison.
    """
    from matplotlib.figure import Figure

    rows = [row for row in found.rows if sum(_finite(value.number) for value in row.values) > 1]
    rows = [row for row in rows if row.limit is not None or not row.even]
    if not rows:
        return None
    down = math.ceil(len(rows) / ACROSS)
    tall = 0.95 + 0.24 * len(found.compared)
    figure = Figure(figsize=(13.0, down * tall + 0.5), dpi=120, layout="constrained")
    axes = figure.subplots(down, ACROSS, squeeze=False).ravel()
    names = [drawn(design.name) for design in found.compared]
    for panel, row in zip(axes, rows, strict=False):
        _panel(panel, row, names)
    for panel in axes[len(rows) :]:
        panel.set_axis_off()
    _legend(figure, rows)
    figure.savefig(path, format="png")
    return "Outcomes of the runs", (
        "Dots: the worst value of each run. Thick line: grid convergence index to either side; thin line: range over the "
        "inputs; no line: not known. Dashed: limit of an acceptance criterion, hatched on the side that is not accepted. "
        "An arrow says which way is better; outcomes that are the same in all runs are left out. "
        "Every panel has a scale of its own, which need not begin at zero."
    )


def drawn(text: str) -> str:
    """Text as matplotlib draws it, none of it a formula."""
    return text.replace("\\", "\\\\").replace("$", r"\$") if "$" in text else text


def look(number: int) -> tuple[str, str]:
    """Colour and shape of a design."""
    return LOOKS[number % len(LOOKS)]


def _panel(axes: Any, row: Response, names: list[str]) -> None:
    import textwrap

    for i, value in enumerate(row.values):
        if value.number is None or not math.isfinite(value.number):
            said = "not told" if value.number is None else "without bound"
            axes.text(
                0.98, i, said, transform=axes.get_yaxis_transform(), fontsize=7, va="center", ha="right", color=INK
            )
            continue
        colour, marker = look(i)
        for band, wide in ((value.band, 5.0), (value.of_inputs, 1.4)):
            if band is not None and math.isfinite(band.low + band.high):
                axes.plot([band.low, band.high], [i, i], color=colour, lw=wide, alpha=0.45, solid_capstyle="butt")
        axes.plot(value.number, i, marker=marker, color=colour, ms=6.5, mec=INK, mew=0.5, ls="none")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.margins(x=0.12)
    if row.limit is not None:
        axes.axvline(row.limit, color=INK, lw=1.1, ls="--")
        low, high = axes.get_xlim()
        low, high = min(low, row.limit - 0.08 * (high - low)), max(high, row.limit + 0.08 * (high - low))
        side = (row.limit, high) if row.worse == "more" else (low, row.limit)
        axes.axvspan(*side, facecolor="none", edgecolor="#999999", hatch="///", lw=0.0, alpha=0.35)
        axes.set_xlim(low, high)
    arrow = {"more": "← better", "less": "better →", None: "neither is better"}[row.worse]
    unit = f"[{behind(row.unit).strip() or '1'}]"
    axes.set_xlabel(f"{unit}   {arrow}", fontsize=8)
    axes.tick_params(axis="x", labelsize=7)
    axes.ticklabel_format(axis="x", useOffset=False)
    axes.grid(axis="x", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    where = f" ({row.load_case})" if row.load_case else ""
    title = textwrap.fill(f"{'criterion: ' if row.limit is not None else ''}{row.words}{where}", WIDE)
    axes.set_title(drawn(title), fontsize=8.5, color=INK, loc="left")


def _legend(figure: Any, rows: list[Response]) -> None:
    from matplotlib.lines import Line2D

    values = [value for row in rows for value in row.values]
    handles = []
    if any(value.band for value in values):
        handles.append(Line2D([], [], color="#777777", lw=5.0, alpha=0.45, label="grid convergence index"))
    if any(value.of_inputs for value in values):
        handles.append(Line2D([], [], color="#777777", lw=1.4, alpha=0.45, label="range over the inputs"))
    if any(row.limit is not None for row in rows):
        handles.append(Line2D([], [], color=INK, lw=1.1, ls="--", label="limit of a criterion"))
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=8)


def _finite(number: float | None) -> bool:
    return number is not None and math.isfinite(number)
