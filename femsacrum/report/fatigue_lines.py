"""S-N lines of the metals with the points they work at, drawn from the findings alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.findings.fatigue.life import Line
from femsacrum.findings.fatigue.strengths import EARLY, KNEE
from femsacrum.findings.fatigue.tell import REPETITIONS, TESTED
from femsacrum.report.fatigue import Row, least_safe, panels
from femsacrum.report.scene import INK

#: Points below this share of the endurance are left out.
FAINT = 0.01
#: Years whose repetitions are marked.
YEARS = (1.0, 10.0)


def s_n(path: Path, told: Mapping[str, Any], movement: str) -> tuple[str, str] | None:
    """Amplitude over cycles, on logarithmic axes: what each metal bears, what each part is put to; None without implants.

    Args:
        path: PNG file.
        told: What ``findings.fatigue.tell`` told.
        movement: Its name.

    Returns:
        Title and caption.
    """
    often = told["repetitions_in_a_year"]["usual"]["value"]

    def diagram(axes: Any, rows: list[Row], inks: Mapping[str, str]) -> None:
        _diagram(axes, rows, inks, often)

    if not panels(path, told, diagram):
        return None
    return f"S-N lines and working points of the implants, {movement}", (
        "Fully reversed amplitude over the number of cycles, for each metal, process and surface, notch included. Line: "
        "where half of the bars of a laboratory broke, dashed beyond the knee at 1e7, where no limit of endurance is taken "
        "but a flatter line (Haibach); shaded: the range of strength, endurance and notch factor together, no probability. "
        "Points: amplitude that once in a repetition does the damage of the whole movement, after 1e6, 5e6 and 1e7 "
        "repetitions, at the peak of each part (full) and where 99.9 % of its volume stay below (open); above the line its "
        "damage is more than 1. Triangles at the upper edge: broken by the first cycle. Dotted: "
        f"{' and '.join(f'{year:g}' for year in YEARS)} years at {often:.2g} repetitions a year. Parts below "
        f"{100.0 * FAINT:g} % of the endurance are left out. Above the strength at 1e3 cycles the metal yields, and the "
        "line is an extrapolation."
    )


def line(bears: Mapping[str, Any], end: str) -> Line:
    """S-N line of a part at one end of its ranges: "low" is weakest in everything, its notch factor the largest.

    Args:
        bears: The part's "strength" in the findings.
        end: "low", "usual" or "high".
    """
    notch = {"low": "high", "usual": "usual", "high": "low"}[end]
    early = bears["at_1e3_over_ultimate"][end]["value"] * bears["ultimate"][end]["value"]
    return Line(early, bears["endurance_1e7"][end]["value"] / bears["notch_factor"][notch]["value"])


def _diagram(axes: Any, rows: list[Row], inks: Mapping[str, str], often: float) -> None:
    from matplotlib.ticker import LogFormatter

    low, usual, high = (line(rows[0][2]["strength"], end) for end in ("low", "usual", "high"))
    cycles = np.geomspace(EARLY, TESTED, 200)
    borne = [np.array([each.amplitude(count) for count in cycles]) for each in (low, usual, high)]
    axes.fill_between(cycles, borne[0], borne[2], color="#dddddd", linewidth=0.0, label="range of the S-N line")
    tested = cycles <= KNEE
    axes.plot(cycles[tested], borne[1][tested], color=INK, linewidth=1.4, label="S-N line")
    axes.plot(cycles[~tested], borne[1][~tested], color=INK, linewidth=1.4, linestyle="--", label="beyond the knee")
    shown = {
        number: (_height(row), _height(row["below_which_99.9_percent_stay"]))
        for number, (_, _, row) in enumerate(rows)
    }
    heights = [
        each for pair in shown.values() for each in pair if math.isfinite(each) and each > FAINT * usual.endurance
    ]
    bottom, top = 0.7 * min([borne[0][-1], *heights]), 1.5 * max([borne[2][0], *heights])
    for number, (peak, inner) in shown.items():
        _point(axes, peak, top, FAINT * usual.endurance, inks[rows[number][0]], "full")
        _point(axes, inner, top, FAINT * usual.endurance, inks[rows[number][0]], "none")
    axes.set(xscale="log", yscale="log", xlim=(EARLY, TESTED), ylim=(bottom, top))
    named = [number for number in least_safe(rows) if shown[number][0] > FAINT * usual.endurance]
    for place, number in enumerate(sorted(named, key=lambda each: shown[each][0])):
        body, part, _ = rows[number]
        axes.annotate(
            part.replace("_", " "), (REPETITIONS[-1], min(shown[number][0], 0.95 * top)), (14, -10 + 11 * place),
            textcoords="offset points", fontsize=7, color=inks[body],
            arrowprops={"arrowstyle": "-", "color": inks[body], "linewidth": 0.5},
        )  # fmt: skip
    for year in YEARS:
        axes.axvline(year * often, color="#999999", linewidth=0.7, linestyle=":")
        axes.text(
            year * often, 0.98, f"{year:g} yr", transform=axes.get_xaxis_transform(), fontsize=7, color="#666666",
            ha="right", va="top", rotation=90,
        )  # fmt: skip
    axes.set_xlabel("cycles", fontsize=8)
    axes.set_ylabel("fully reversed amplitude [MPa]", fontsize=8)
    axes.tick_params(which="both", labelsize=8)
    for ticks in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        ticks(LogFormatter(minor_thresholds=(1.2, 0.6)))
    axes.grid(visible=True, which="major", color="#eeeeee", linewidth=0.6)


def _height(row: Mapping[str, Any]) -> float:
    """Equivalent amplitude [MPa]; infinite where the findings know none, since JSON knows no infinity."""
    value = row["equivalent_amplitude"]["value"]
    return math.inf if value is None else float(value)


def _point(axes: Any, height: float, top: float, faint: float, ink: str, fill: str) -> None:
    if height <= faint:
        return
    broken = not math.isfinite(height)
    heights = [0.95 * top if broken else height] * len(REPETITIONS)
    axes.plot(
        REPETITIONS, heights, marker="^" if broken else "o", color=ink, markersize=4.5, fillstyle=fill, linewidth=0.6
    )
