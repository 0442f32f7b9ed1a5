"""Chapters of numbers: main effects, indices, front, surrogates, probabilities; figures are put in by the caller."""

from __future__ import annotations

import numpy as np

from femsacrum.report.document.model import Block, Cell, Paragraph, Table, table
from femsacrum.report.words import behind, plain
from femsacrum.sweep.answer.answer import Answer
from femsacrum.sweep.answer.effects import Effect
from femsacrum.sweep.answer.indices import EXPLAINS, Indices, Morris, Refused, Regression, Sobol
from femsacrum.sweep.answer.pareto import MOST, kept
from femsacrum.sweep.answer.probability import Probability, Step
from femsacrum.sweep.answer.sample import Outcome, Vector
from femsacrum.sweep.answer.surrogate import TRUSTED

#: Points of the front that are listed.
LISTED = 40


def figure(value: float, unit: str, digits: int = 3) -> Cell:
    """A number with its unit; a dash for none."""
    if not np.isfinite(value):
        return Cell("–", "", None, unit)
    return Cell(f"{plain(float(value), digits)}{behind(unit)}", "", float(value), unit)


def effects_of(outcome: Outcome, found: list[Effect]) -> Table:
    """Mean and spread of an outcome in every group of every factor."""
    rows = [
        (
            each.binned.factor.name,
            label + behind(each.binned.factor.unit or "1"),
            figure(float(each.counts[i]), "1", 6),
            figure(each.means[i], outcome.unit, 4),
            figure(each.spreads[i], outcome.unit),
        )
        for each in found
        for i, label in enumerate(each.binned.labels)
    ]
    return table(
        f"Main effects on {outcome.name}", ("factor", "values", "points", "mean", "standard deviation"), rows
    )


def ranges(outcome: Outcome, found: list[Effect]) -> Table:
    """Range of the main effect of every factor, and whether chance could show it."""
    said = {True: "beyond chance", False: "no more than chance", None: "not tested"}
    rows = [
        (
            each.binned.factor.name,
            figure(each.range, outcome.unit),
            figure(each.chance, outcome.unit),
            said[each.clear],
        )
        for each in found
    ]
    return table(
        f"Range of the main effects on {outcome.name}", ("factor", "range", "by chance, 95 of 100", ""), rows
    )


def measure(outcome: Outcome, found: Indices) -> tuple[Block, ...]:
    """The indices that the design allows, or why there are none."""
    if isinstance(found, Refused):
        return (Paragraph(f"{outcome.name}: no indices. {found.why[0].upper()}{found.why[1:]}.", "absent"),)
    if isinstance(found, Sobol):
        rows = [
            (name, _within(found.first[i], found.first_half[i]), _within(found.total[i], found.total_half[i]))
            for i, name in enumerate(found.names)
        ]
        notes = (
            "First order: share of the variance that the factor explains alone; total: with all it "
            "does together with others. "
            "± is half of the 95 % confidence interval, bootstrapped; values below 0 or above 1 are its noise.",
        )
        return (table(f"Sobol indices of {outcome.name}", ("factor", "first order", "total"), rows, notes),)
    if isinstance(found, Morris):
        unit = outcome.unit
        effects = [
            (name, figure(found.size[i], unit), figure(found.size_half[i], unit), figure(found.spread[i], unit),
             figure(found.mean[i], unit)) for i, name in enumerate(found.names)
        ]  # fmt: skip
        notes = (
            "Effects are per whole range of the factor's distribution. mu*: mean size; sigma: how much "
            "the effect depends on where "
            "the others are, or on the factor itself. A distribution without ends is taken to one in a "
            "million of it.",
        )
        heads = ("factor", "mu*", "± of mu*, 95 %", "sigma", "mean, with its sign")
        return (table(f"Morris' measures of {outcome.name}", heads, effects, notes),)
    return _regression(outcome, found)


def _regression(outcome: Outcome, found: Regression) -> tuple[Block, ...]:
    rows = [
        (name, figure(found.ranked[i], "1"), Cell(f"{plain(found.ranked_low[i])} to {plain(found.ranked_high[i])}"),
         figure(found.plain[i], "1")) for i, name in enumerate(found.names)
    ]  # fmt: skip
    notes = [
        f"R2 of ranks {found.ranked_explained:.2f}, of values {found.explained:.2f}: the share that "
        "such a model explains. "
        "Signs say whether the outcome rises with the factor. These are no Sobol indices, which "
        "need a design of kind saltelli."
    ]
    if found.left_out:
        notes.append(f"Left out, since their words have no order: {', '.join(found.left_out)}.")
    heads = ("factor", "of ranks", "95 % interval", "of values")
    made: list[Block] = [table(f"Standardised regression coefficients of {outcome.name}", heads, rows, notes)]
    if found.ranked_explained < EXPLAINS:
        said = f"{outcome.name}: R2 of ranks is below {EXPLAINS}, so these coefficients say little of the factors."
        made.append(Paragraph(said, "notice"))
    return tuple(made)


def front(found: Answer) -> tuple[Block, ...]:
    """Points of the Pareto front."""
    sample = found.sample
    if found.front is None:
        return (Paragraph("There are not two outcomes of interest that vary, so there is no front.", "absent"),)
    places = np.flatnonzero(found.front)
    places = places[np.argsort(_signed(found.faced[0])[places], kind="stable")]
    well = kept(sample.outcomes)
    limited = any(each.at_most is not None or each.at_least is not None for each in sample.outcomes)
    factors = sample.sweep.factors
    rows = []
    for i in places[:LISTED]:
        point = sample.points[i]
        values = (value_said(point[each.name]) + behind(each.unit or "1") for each in factors)
        ends = [Cell("yes") if well[i] else Cell("no", "no")] if limited else []
        rows.append((str(i), *values, *(figure(each.values[i], each.unit, 4) for each in found.faced), *ends))
    heads = ("point", *(each.name for each in factors), *(f"{each.name}, {each.goal}" for each in found.faced))
    notes = [f"{len(places) - LISTED} more points are on it."] if len(places) > LISTED else []
    if len([each for each in sample.outcomes if each.varies]) > MOST:
        notes.append(f"Only the first {MOST} outcomes of interest: with more, nearly every point is on the front.")
    return (table("Points of the front", heads + (("keeps all limits",) if limited else ()), rows, notes),)


def surrogates(found: Answer) -> tuple[Block, ...]:
    """How well each surrogate foretells what it does not know."""
    known = {each.name: each for each in found.sample.outcomes}
    rows = []
    for name, each in found.surrogates.items():
        unit = known[name].unit
        if each is None:
            rows.append((name, "none: too few points", *(Cell("–") for _ in range(4)), Cell("no", "no")))
            continue
        why = f"no: too few values of {', '.join(each.between)}" if each.between else f"no: Q2 below {TRUSTED}"
        used = Cell("yes") if each.trusted else Cell(why, "no")
        designs = figure(float(each.count), "1", 6)
        rows.append(
            (
                name,
                each.kind,
                designs,
                figure(each.q2, "1"),
                figure(each.error, unit),
                figure(each.largest, unit),
                used,
            )
        )
    heads = ("outcome", "surrogate", "designs", "Q2", "root mean square error", "largest error", "may be used")
    return (
        Paragraph(
            "A surrogate is a formula fitted to the points. Before it is used it foretells designs "
            "that it was not fitted to: each one "
            "by itself, or a tenth at a time. Q2 is the share of the variance so foretold; below "
            f"{TRUSTED}, a choice of this project, it "
            "is not used. The better of two kinds is taken by the same figure, which flatters it a little."
        ),
        table("Surrogates", heads, rows),
    )


def probabilities(found: Answer) -> tuple[Block, ...]:
    """Probability of every limit."""
    if not found.probabilities:
        return (
            Paragraph(
                "No outcome of interest has a limit (at_most, at_least), so there is nothing to be kept.", "absent"
            ),
        )
    told = [each for each in found.probabilities if isinstance(each, Probability)]
    blocks: list[Block] = []
    for each in found.probabilities:
        if not isinstance(each, Probability):
            said = f"{each.name or 'All limits'}, {each.limit}" if each.name else "All limits together"
            blocks.append(Paragraph(f"{said}: no probability. {each.why[0].upper()}{each.why[1:]}.", "absent"))
    if not told:
        return tuple(blocks)
    ways = {"sample": "counted over the points", "surrogate": "asked of the surrogate"}
    rows = [
        (each.name or "all together", each.limit, figure(each.told.share, "1"), _ends(each.told), figure(each.unknown, "1"),
         ways[each.way]) for each in told
    ]  # fmt: skip
    heads = ("outcome", "limit", "probability", "95 % interval", "share without an answer", "how")
    note = (
        "Over the distributions of the factors, a list counting each value alike. Interval: "
        "Wilson's, as if points were drawn one by one, "
        "which for evenly spread points is rather too wide; what has no answer counts against the "
        "limit at its lower end and for it at its "
        "upper. Of a surrogate the limit is moved by twice its error as well. The model's own errors come on top."
    )
    blocks.append(table("Probability that a limit is kept", heads, rows, (note,)))
    chosen = [
        (
            each.name or "all together",
            each.limit,
            f"{factor} {value_said(value)}",
            figure(step.share, "1"),
            _ends(step),
        )
        for each in told
        for factor, steps in each.choices.items()
        for value, step in steps.items()
    ]
    if chosen:
        where = ("outcome", "limit", "where", "probability", "95 % interval")
        note = "A factor with a list is more often a choice than a chance: this is the probability once it is chosen."
        blocks.append(table("The same at each value of a list", where, chosen, (note,)))
    return tuple(blocks)


def _ends(step: Step) -> Cell:
    return Cell(f"{step.low:.2f} to {step.high:.2f}", "", (step.low, step.high), "1")


def _within(value: float, half: float) -> Cell:
    return Cell(f"{value:.2f} ± {half:.2f}", "", (float(value), float(half)), "1")


def _signed(outcome: Outcome) -> Vector:
    return outcome.values if outcome.goal == "least" else -outcome.values


def value_said(value: float | str | bool) -> str:
    """A factor's value as it is read."""
    return (
        str(value).lower()
        if isinstance(value, bool)
        else plain(value, 4)
        if isinstance(value, float | int)
        else value
    )
