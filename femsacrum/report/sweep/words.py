"""The answer in words: what matters most, what is best, whether limits are kept, what stays unknown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from femsacrum.report.sweep.told import value_said
from femsacrum.report.words import behind, plain
from femsacrum.sweep.answer.answer import Answer
from femsacrum.sweep.answer.indices import EXPLAINS, Morris, Regression, Sobol
from femsacrum.sweep.answer.pareto import kept
from femsacrum.sweep.answer.probability import Probability
from femsacrum.sweep.answer.sample import Mask, Outcome
from femsacrum.sweep.answer.surrogate import TRUSTED


def matters(found: Answer) -> Iterator[str]:
    """For each outcome the factor that matters most, by the measure that the design allows."""
    for outcome in found.sample.outcomes:
        if not outcome.known.any():
            yield f"{outcome.name}: no point tells it."
        elif not outcome.varies:
            yield f"{outcome.name}: no factor changes it; it is {_of(outcome, float(outcome.values[outcome.known][0]))}."
        else:
            yield f"{outcome.name}: {_most(found, outcome)}"


def _most(found: Answer, outcome: Outcome) -> str:
    index, effects = found.indices[outcome.name], found.effects[outcome.name]
    if isinstance(index, Sobol):
        order = np.argsort(-index.total, kind="stable")
        first = order[0]
        size, half = index.total[first], index.total_half[first]
        said = f"{index.names[first]} matters most; total Sobol index {size:.2f} ± {half:.2f}"
        rivals = [
            i
            for i in order[1:]
            if index.total[i] + index.total_half[i] >= index.total[first] - index.total_half[first]
        ]
        return f"{said}{_beside([index.names[i] for i in rivals])}."
    if isinstance(index, Morris):
        order = np.argsort(-index.size, kind="stable")
        first = order[0]
        said = f"{index.names[first]} matters most; it moves it by {_of(outcome, index.size[first])} over its range (mu*)"
        rivals = [
            i for i in order[1:] if index.size[i] + index.size_half[i] >= index.size[first] - index.size_half[first]
        ]
        return f"{said}{_beside([index.names[i] for i in rivals])}."
    top = effects[0]
    if top.clear is False:
        return "no factor's main effect is beyond what chance would show with so many points."
    said = f"{top.binned.factor.name} matters most; its main effect ranges over {_of(outcome, top.range)}"
    if isinstance(index, Regression) and index.ranked_explained >= EXPLAINS and not index.left_out:
        order = np.argsort(-np.abs(index.ranked), kind="stable")
        size, other = np.abs(index.ranked[order[0]]), index.names[order[0]]
        if other != top.binned.factor.name:
            return f"{said}. By regression of ranks it is {other}, so the two are not told apart."
        least = [min(abs(index.ranked_low[i]), abs(index.ranked_high[i])) for i in order]
        largest = [max(abs(index.ranked_low[i]), abs(index.ranked_high[i])) for i in order]
        rivals = [index.names[i] for i, upper in zip(order[1:], largest[1:], strict=True) if upper >= least[0]]
        return f"{said}; coefficient of ranks {size:.2f}{_beside(rivals)}."
    return f"{said}."


def best(found: Answer) -> Iterator[str]:
    """Where grafts come loose; for each outcome the best point, and the best of those that keep all limits."""
    sample = found.sample
    for case, count in sorted(sample.loose.items()):
        yield (
            f"At {count} of the {sample.count('done')} points that are done nothing holds a graft any more in {case}: "
            "where it is then is not known, it has no micromotion, and what is told of other faces is no sign that it holds."
        )
    limited = any(each.at_most is not None or each.at_least is not None for each in sample.outcomes)
    well = kept(sample.outcomes) & np.logical_and.reduce([each.known for each in sample.outcomes])
    for outcome in sample.outcomes:
        if not outcome.varies:
            continue
        number = _best(outcome, outcome.known)
        if limited and well.any() and outcome.values[other := _best(outcome, well)] == outcome.values[number]:
            number = other  # of points that are alike, one that keeps the limits
        said = f"{outcome.name}: {outcome.goal} is {_of(outcome, outcome.values[number])} at {_at(found, number)}"
        alike = int((outcome.values == outcome.values[number]).sum()) - 1
        said += f", and at {alike} more points" if alike else ""
        if limited and well.any() and not well[number]:
            number = _best(outcome, well)
            said += f"; that breaks a limit, and of those that keep all it is {_of(outcome, outcome.values[number])} "
            said += f"at {_at(found, number)}"
        yield f"{said}."
    if limited and not well.any():
        yield "No point keeps all limits."


def limits(found: Answer) -> Iterator[str]:
    """Whether limits are kept, and how surely."""
    for each in found.probabilities:
        what = f"{each.name}, {each.limit}" if each.name else "All limits together"
        if isinstance(each, Probability) and each.unknown < 1.0:
            step = each.told
            yield f"{what}: kept with a probability of {step.share:.2f} ({step.low:.2f} to {step.high:.2f})."
        else:
            why = "no point has an answer" if isinstance(each, Probability) else each.why
            yield f"{what}: the probability is not known; {why}."


def unknown(found: Answer) -> Iterator[str]:
    """What this sweep does not tell."""
    sample, count = found.sample, len(found.sample.points)
    yield (
        "All of this is over the ranges and distributions given, with the model's own errors on "
        "top: those of its mesh, which "
        "femsacrum converge tells, and of its assumptions. Designs that differ by less are not told apart."
    )
    for state, why in (
        ("to do", "were not tried yet"),
        ("failed", "ended without an answer"),
        ("refused", "were refused"),
    ):
        if number := sample.count(state):
            yield f"{number} of {count} points {why}; what the outcomes would be there is not known."
    for outcome in sample.outcomes:
        if lacking := sample.count("done") - int(outcome.known.sum()):
            yield f"{lacking} points that are done do not tell {outcome.name}."
    for name, each in found.surrogates.items():
        if each is None or not each.trusted:
            why = "" if each is None else f" (Q2 {each.q2:.2f}; {TRUSTED} is asked)"
            why = f" (too few values of {', '.join(each.between)})" if each and each.between else why
            yield f"{name} between the points: no surrogate of it may be trusted{why}."
    if len(sample.sweep.factors) > 1 and sample.sweep.design.kind not in ("saltelli", "morris"):
        yield "How much factors act together is not measured by this design; saltelli or morris would."
    if sample.sweep.correlations:
        yield "Factors go together, so the main effect of one holds part of what the other does."


def _beside(names: list[str]) -> str:
    return f", though {', '.join(names)} cannot be told apart from it" if names else ""


def _best(outcome: Outcome, among: Mask) -> int:
    worth = np.where(among, outcome.values if outcome.goal == "least" else -outcome.values, np.inf)
    return int(np.argmin(worth))


def _at(found: Answer, number: int) -> str:
    point = found.sample.points[number]
    values = (
        f"{each.name} {value_said(point[each.name])}{behind(each.unit or '1')}" for each in found.sample.sweep.factors
    )
    return f"point {number} ({', '.join(values)})"


def _of(outcome: Outcome, value: float) -> str:
    return f"{plain(float(value), 4)}{behind(outcome.unit)}"
