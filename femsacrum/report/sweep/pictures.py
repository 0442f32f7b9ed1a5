"""The figures of a sweep's report."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.report.document.model import Picture
from femsacrum.report.scene import INK
from femsacrum.report.sweep.panels import BLUE, GREEN, GREY, ORANGE, STATES, Sheet, axis, label, ticks, titled
from femsacrum.sweep.answer.answer import Answer
from femsacrum.sweep.answer.effects import is_number, states
from femsacrum.sweep.answer.pareto import kept
from femsacrum.sweep.answer.probability import Probability
from femsacrum.sweep.answer.sample import Outcome

#: Where the figures lie in the sweep's folder.
PLACE = "sweep_figures"
#: Factors of a tornado, numbered points of a front.
MOST, NUMBERED = 12, 25


def _picture(place: Path, name: str, sheet: Sheet, title: str, caption: str, seen: str) -> Picture:
    sheet.save(place / name)
    return Picture(f"{PLACE}/{name}", title, caption, f"{title}. {caption} {seen}".strip())


def main_effects(place: Path, found: Answer, number: int, outcome: Outcome) -> Picture:
    """One panel for each factor: mean and spread in every group."""
    effects = found.effects[outcome.name]
    sheet = Sheet(len(effects))
    bottom = min(float(np.nanmin(each.means - np.nan_to_num(each.spreads))) for each in effects)
    top = max(float(np.nanmax(each.means + np.nan_to_num(each.spreads))) for each in effects)
    room = 0.06 * (top - bottom)
    for i, (panel, effect) in enumerate(zip(sheet.panels, effects, strict=False)):
        places = np.arange(len(effect.means), dtype=float)
        spread = np.nan_to_num(effect.spreads)
        panel.errorbar(places, effect.means, yerr=spread, fmt="o-", color=BLUE, ecolor=GREY, ms=5, lw=1.2, capsize=3)
        ticks(panel, list(places), effect.binned.labels)
        factor = effect.binned.factor
        titled(
            panel,
            label(factor.name),
            axis(factor.name, factor.unit),
            axis(outcome.name, outcome.unit) if i % 3 == 0 else "",
        )
        panel.set_ylim(bottom - room, top + room)
        panel.set_xlim(-0.4, len(places) - 0.6)
        panel.grid(axis="y", alpha=0.25)
    seen = " ".join(
        f"{each.binned.factor.name}: means range over {each.range:.3g} {outcome.unit}." for each in effects
    )
    return _picture(
        place, f"effects_{number}.png", sheet, f"Main effects on {outcome.name}",
        "Dots: mean of the outcome over the points in each group of a factor's values; bars: one "
        "standard deviation of "
        "those points to either side, which is what the other factors do. All panels have the same scale.", seen,
    )  # fmt: skip


def tornado(place: Path, found: Answer) -> Picture:
    """One panel for each outcome: factors by the range of their main effect."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    tall = max(1.4, 0.32 * min(len(found.groups), MOST) + 1.0)
    sheet = Sheet(len(found.effects), height=tall)
    known = {each.name: each for each in found.sample.outcomes}
    handles: list[Any] = [Patch(color=BLUE, label="range of the means")]
    for panel, (name, effects) in zip(sheet.panels, found.effects.items(), strict=False):
        shown = effects[:MOST]
        rows = np.arange(len(shown))
        panel.barh(rows, [each.range for each in shown], 0.6, color=BLUE)
        for row, each in zip(rows, shown, strict=True):
            if np.isfinite(each.chance):
                panel.plot([each.chance] * 2, [row - 0.38, row + 0.38], color=INK, lw=1.6)
        panel.set_yticks(rows, [label(each.binned.factor.name) for each in shown], fontsize=7)
        panel.set_ylim(len(shown) - 0.4, -0.6)
        panel.set_xlim(left=0.0)
        panel.locator_params(axis="x", nbins=5)
        titled(panel, label(name), axis("range", known[name].unit))
        panel.grid(axis="x", alpha=0.25)
    if any(np.isfinite(each.chance) for effects in found.effects.values() for each in effects):
        handles.append(Line2D([], [], color=INK, lw=1.6, label="what chance alone reaches in 5 of 100 cases"))
    sheet.legend(handles)
    seen = " ".join(
        f"{name}: {', '.join(each.binned.factor.name for each in effects)}."
        for name, effects in found.effects.items()
    )
    return _picture(
        place, "tornado.png", sheet, "Tornado",
        "Bars: largest less least mean of an outcome over the groups of a factor, the largest "
        "first. A bar that does not pass "
        "its black line is no more than chance would show of a factor without influence.", f"Order, {seen}",
    )  # fmt: skip


def pareto(place: Path, found: Answer) -> Picture:
    """Points in pairs of outcomes, those of the front marked."""
    from matplotlib.lines import Line2D

    assert found.front is not None
    pairs = list(combinations(found.faced, 2))
    sheet = Sheet(len(pairs), width=4.2, height=3.6)
    well = kept(found.sample.outcomes)
    front = np.flatnonzero(found.front)
    limited = any(each.at_most is not None or each.at_least is not None for each in found.sample.outcomes)
    for panel, (one, other) in zip(sheet.panels, pairs, strict=False):
        rest = ~found.front
        panel.plot(one.values[rest], other.values[rest], "o", ms=3.5, color=GREY, alpha=0.6)
        for holds, colour, marker in ((True, GREEN, "D"), (False, ORANGE, "s")):
            some = found.front & (well == holds)
            panel.plot(one.values[some], other.values[some], marker, ms=6, color=colour, mec=INK, mew=0.5)
        for i in front[:NUMBERED] if len(front) <= NUMBERED else []:
            at = (one.values[i], other.values[i])
            panel.annotate(str(i), at, xytext=(4, 3), textcoords="offset points", fontsize=6.5, color=INK)
        for each, line in ((one, panel.axvline), (other, panel.axhline)):
            for limit in (each.at_most, each.at_least):
                if limit is not None:
                    line(limit, color=INK, lw=1.0, ls="--")
        panel.margins(0.08)
        titled(panel, "", f"{axis(one.name, one.unit)}, {one.goal}", f"{axis(other.name, other.unit)}, {other.goal}")
    words = "on the front" + (", keeps all limits" if limited else "")
    handles = [Line2D([], [], marker="D", color=GREEN, mec=INK, mew=0.5, ls="", label=words)]
    if limited:
        handles.append(
            Line2D([], [], marker="s", color=ORANGE, mec=INK, mew=0.5, ls="", label="on the front, breaks a limit")
        )
        handles.append(Line2D([], [], color=INK, ls="--", lw=1.0, label="limit"))
    handles.append(Line2D([], [], marker="o", color=GREY, ls="", ms=4, label="other points"))
    sheet.legend(handles)
    return _picture(
        place, "pareto.png", sheet, "Pareto front",
        "Every dot is a point that has all of these outcomes. No other point is at least as good "
        "in all of them and better in one "
        "than those on the front" + ("; numbers are those of the points." if len(front) <= NUMBERED else "."),
        f"On the front are {len(front)} points.",
    )  # fmt: skip


def regions(place: Path, found: Answer) -> Picture:
    """Shares of done, refused and failed points in every group of every factor; and where in two factors."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    sample, present = found.sample, [state for state in STATES if found.sample.count(state)]
    counted = [(one, states(sample, one)) for one in found.groups]
    pair = [one for one, _ in sorted(counted, key=lambda each: -_contrast(each[1]))][:2]
    sheet = Sheet(len(counted) + (len(pair) == 2))
    for i, (panel, (one, table)) in enumerate(zip(sheet.panels, counted, strict=False)):
        places, below = np.arange(len(one.labels)), np.zeros(len(one.labels))
        total = np.maximum(sum(table.values()), 1)
        for state in present:
            share = 100.0 * table[state] / total
            colour, hatch, _ = STATES[state]
            panel.bar(places, share, 0.8, below, color=colour, hatch=hatch, edgecolor="white", lw=0.4)
            below = below + share
        ticks(panel, list(map(float, places)), one.labels)
        titled(
            panel, label(one.factor.name), axis(one.factor.name, one.factor.unit), "% of points" if i % 3 == 0 else ""
        )
    handles: list[Any] = [
        Patch(facecolor=STATES[state][0], hatch=STATES[state][1], edgecolor="white", label=state) for state in present
    ]
    if len(pair) == 2:
        panel = sheet.panels[len(counted)]
        numbers = [_placed(found, one) for one in pair]
        of_points = np.array(sample.states)
        for state in present:
            some = of_points == state
            colour, _, marker = STATES[state]
            panel.plot(numbers[0][some], numbers[1][some], marker, color=colour, ms=5, ls="", mec=INK, mew=0.3)
            handles.append(
                Line2D([], [], marker=marker, color=colour, mec=INK, mew=0.3, ls="", label=f"point {state}")
            )
        titled(panel, "where, in two factors", *(axis(one.factor.name, one.factor.unit) for one in pair))
        for one, setter in zip(pair, (panel.set_xticks, panel.set_yticks), strict=True):
            if not all(is_number(point[one.factor.name]) for point in sample.points):
                setter(range(len(one.labels)), [label(name) for name in one.labels], fontsize=7)
    sheet.legend(handles)
    return _picture(
        place, "regions.png", sheet, "Where points have no answer",
        "Bars: share of the points of each state in every group of a factor's values. Last panel: "
        "the points themselves, over the "
        "two factors whose groups differ most.", f"{sample.missing} of {len(sample.points)} points have no answer.",
    )  # fmt: skip


def surrogates(place: Path, found: Answer) -> Picture:
    """What was foretold of designs that were left out, over what was solved."""
    known = {each.name: each for each in found.sample.outcomes}
    shown = [(known[name], each) for name, each in found.surrogates.items() if each is not None]
    sheet = Sheet(len(shown), height=3.3)
    for panel, (outcome, each) in zip(sheet.panels, shown, strict=False):
        ends = [min(each.solved.min(), each.foretold.min()), max(each.solved.max(), each.foretold.max())]
        panel.plot(ends, ends, color=INK, lw=0.9)
        panel.plot(each.solved, each.foretold, "o", ms=3.5, color=BLUE if each.trusted else ORANGE)
        title = f"{label(outcome.name)}: Q2 {each.q2:.3f}, {'trusted' if each.trusted else 'not used'}"
        titled(panel, title, axis("solved", outcome.unit), axis("foretold", outcome.unit))
        panel.locator_params(nbins=5)
    seen = " ".join(f"{outcome.name}: Q2 {each.q2:.3f}." for outcome, each in shown)
    return _picture(
        place, "surrogates.png", sheet, "What the surrogates foretell",
        "Each dot is a design that the surrogate did not know when it foretold it. On the line it would be right.", seen,
    )  # fmt: skip


def convergence(place: Path, found: Answer) -> Picture:
    """Probability over the number of solved points."""
    shown = [each for each in found.probabilities if isinstance(each, Probability) and each.course]
    sheet = Sheet(len(shown))
    for i, (panel, each) in enumerate(zip(sheet.panels, shown, strict=False)):
        sizes = [step.points for step in each.course]
        low, high = ([getattr(step, key) for step in each.course] for key in ("low", "high"))
        panel.fill_between(sizes, low, high, color=BLUE, alpha=0.2, lw=0)
        panel.vlines(sizes, low, high, color=BLUE, lw=1.2)
        panel.plot(sizes, [step.share for step in each.course], "o-", color=BLUE, ms=4.5)
        panel.set_xscale("log", base=2)
        panel.set_xticks(sizes, [str(size) for size in sizes], fontsize=7)
        panel.minorticks_off()
        panel.set_ylim(-0.03, 1.03)
        panel.grid(alpha=0.25)
        title = f"{label(each.name)}: {label(each.limit)}" if each.name else "all limits together"
        titled(panel, title, "points solved", "probability" if i % 3 == 0 else "")
    seen = " ".join(f"{each.name or 'All limits'}: {each.told.share:.2f} in the end." for each in shown)
    return _picture(
        place, "probability.png", sheet, "Probability over the number of points",
        "Dots: probability that the limit is kept, from so many points; band: its 95 % interval, "
        "in which points without an answer "
        "count against it at the lower end and for it at the upper.", seen,
    )  # fmt: skip


def _contrast(table: dict[str, Any]) -> float:
    share = table["done"] / np.maximum(sum(table.values()), 1)
    return float(np.ptp(share))


def _placed(found: Answer, one: Any) -> Any:
    values = [point[one.factor.name] for point in found.sample.points]
    return np.array(values, dtype=float) if all(map(is_number, values)) else one.group.astype(float)
