"""How likely it is that a limit is kept, over the distributions of the factors, and how surely the sweep knows that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from femsacrum.sweep.answer.pareto import kept
from femsacrum.sweep.answer.sample import Outcome, Sample, Vector
from femsacrum.sweep.answer.surrogate import Surrogate, surrogate
from femsacrum.sweep.design import Point
from femsacrum.sweep.factors import Value, correlated, values_at

#: Normal quantile of a two-sided 95 % interval [1].
Z = 1.959963984540054
#: Draws from the factors' distributions that a surrogate is asked about; a power of two.
DRAWS = 4096
#: Root mean square errors of a surrogate by which a limit is moved for the interval [1].
ERRORS = 2.0
#: Least sample of a course.
FIRST = 8


@dataclass(frozen=True)
class Step:
    """A probability from so many points.

    Attributes:
        points: That were solved.
        share: The probability [1]; NaN: none of them has a value.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    points: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Probability:
    """That limits are kept.

    Attributes:
        name: Of the outcome; empty: all limits together.
        limit: In words: "at most 2 mm".
        way: "sample": counted over the points; "surrogate": over draws that a surrogate was asked about.
        told: With all points.
        unknown: Share of the points or draws that have no answer [1]; the interval counts them both ways.
        course: With more and more points, the last one with all.
        choices: Factor with a list -> value -> the same at that value alone.
    """

    name: str
    limit: str
    way: Literal["sample", "surrogate"]
    told: Step
    unknown: float
    course: tuple[Step, ...]
    choices: Mapping[str, Mapping[Value, Step]]


@dataclass(frozen=True)
class Unknown:
    """A limit of which no probability is told.

    Attributes:
        name: Of the outcome; empty: all limits together.
        limit: In words.
        why: One sentence.
    """

    name: str
    limit: str
    why: str


@dataclass(frozen=True)
class _Judged:
    """Whether a limit is kept: 1, 0, NaN for nobody knows; and the same taken against it and for it, without NaN."""

    nominal: Vector
    least: Vector
    most: Vector

    def step(self, solved: int, members: slice | NDArray[np.bool_] = slice(None)) -> Step:
        known = self.nominal[members][np.isfinite(self.nominal[members])]
        least, most = self.least[members], self.most[members]
        share = float(known.mean()) if len(known) else float("nan")
        return Step(solved, share, wilson(least.sum(), len(least))[0], wilson(most.sum(), len(most))[1])


def wilson(successes: float, trials: int) -> tuple[float, float]:
    """Two-sided 95 % confidence interval of a probability (Wilson 1927).

    Args:
        successes: Of independent trials.
        trials: How many.
    """
    if trials == 0:
        return 0.0, 1.0
    share, square = successes / trials, Z * Z / trials
    middle = (share + square / 2.0) / (1.0 + square)
    half = Z * np.sqrt(share * (1.0 - share) / trials + square / (4.0 * trials)) / (1.0 + square)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def limits(outcomes: Sequence[Outcome]) -> list[tuple[str, Outcome]]:
    """Every limit in words, and its outcome with that limit alone."""
    found = []
    for each in outcomes:
        if each.at_most is not None:
            found.append((_spoken("at most", each.at_most, each.unit), replace(each, at_least=None)))
        if each.at_least is not None:
            found.append((_spoken("at least", each.at_least, each.unit), replace(each, at_most=None)))
    return found


def _spoken(words: str, limit: float, unit: str) -> str:
    return f"{words} {limit:g}" + ("" if unit == "1" else f" {unit}")


def probabilities(sample: Sample, surrogates: Mapping[str, Surrogate | None]) -> list[Probability | Unknown]:
    """Probability of every limit, and of all together where there are several.

    Points that were drawn from the distributions are counted. Others (full factorial, Morris, a file) do not follow them:
    there a surrogate is asked, if it may be trusted. What has no answer counts for neither side in the probability and
    against or for it at the ends of the interval; so does, of a surrogate, a draw whose nearest point has none, and a
    limit moved by twice the surrogate's error.

    Args:
        sample: The sweep.
        surrogates: Name of an outcome -> its surrogate.
    """
    asked = limits(sample.outcomes)
    if sample.drawn.any():
        return _counted(sample, asked)
    drawn = draws(sample)
    found: list[Probability | Unknown] = []
    judged: list[_Judged] = []
    for words, outcome in asked:
        fitted = surrogates.get(outcome.name)
        if fitted is None or not fitted.trusted:
            found.append(Unknown(outcome.name, words, _untrusted(sample, fitted)))
            continue
        judged.append(_foretold(sample, outcome, fitted, drawn, np.arange(len(sample.points))))
        course = tuple(_refitted(sample, outcome, drawn))
        found.append(_probability(sample, outcome.name, words, "surrogate", judged[-1], drawn, course))
    if len(asked) > 1:
        if len(judged) == len(asked):
            both = _together(judged)
            told = both.step(len(sample.points))
            found.append(_probability(sample, "", "all limits", "surrogate", both, drawn, (told,)))
        else:
            found.append(Unknown("", "all limits", "it is not known of every limit alone"))
    return found


def draws(sample: Sample) -> list[Point]:
    """Points from the factors' distributions, for a surrogate: a scrambled Sobol sequence."""
    from scipy.stats import qmc

    sweep = sample.sweep
    sequence = qmc.Sobol(len(sweep.factors), scramble=True, rng=sweep.seed).random(DRAWS)
    shares = correlated(np.asarray(sequence), sweep.factors, sweep.correlations)
    columns = [values_at(factor, shares[:, i]) for i, factor in enumerate(sweep.factors)]
    names = [factor.name for factor in sweep.factors]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _counted(sample: Sample, asked: Sequence[tuple[str, Outcome]]) -> list[Probability | Unknown]:
    places = np.flatnonzero(sample.drawn)
    points = [sample.points[i] for i in places]
    each = [_kept(outcome, outcome.values[places]) for _, outcome in asked]
    named = [(outcome.name, words) for words, outcome in asked]
    if len(asked) > 1:
        each.append(_together(each))
        named.append(("", "all limits"))
    found: list[Probability | Unknown] = []
    for (name, words), judged in zip(named, each, strict=True):
        course = tuple(judged.step(count, slice(count)) for count in sizes(len(places)))
        found.append(_probability(sample, name, words, "sample", judged, points, course))
    return found


def sizes(count: int) -> list[int]:
    """Sizes of a sample that grows: powers of two, and all."""
    return [size for size in (FIRST << i for i in range(40)) if size < count] + [count]


def _kept(outcome: Outcome, values: Vector, moved: float = 0.0) -> _Judged:
    """Values against the one limit of an outcome."""
    known = np.isfinite(values)
    worse = moved if outcome.at_most is not None else -moved
    made = [kept([replace(outcome, values=values + shift)]) for shift in (0.0, worse, -worse)]
    nominal, least, most = (each.astype(float) for each in made)
    return _Judged(np.where(known, nominal, np.nan), np.where(known, least, 0.0), np.where(known, most, 1.0))


def _together(judged: Sequence[_Judged]) -> _Judged:
    nominal = np.min([np.where(np.isfinite(each.nominal), each.nominal, 0.5) for each in judged], axis=0)
    least, most = (np.min([getattr(each, key) for each in judged], axis=0) for key in ("least", "most"))
    return _Judged(np.where(nominal == 0.5, np.nan, nominal), least, most)


def _foretold(
    sample: Sample, outcome: Outcome, fitted: Surrogate, drawn: list[Point], used: NDArray[np.intp]
) -> _Judged:
    """Draws judged by a surrogate; unknown where the nearest point has no answer."""
    from scipy.spatial import KDTree

    from femsacrum.sweep.answer.surrogate import Space

    space = Space(sample.sweep.factors, sample.points)
    nearest = KDTree(space.of([sample.points[i] for i in used])).query(space.of(drawn))[1]
    values = np.where(outcome.known[used][nearest], fitted.predict(drawn), np.nan)
    return _kept(outcome, values, ERRORS * fitted.error)


def _refitted(sample: Sample, outcome: Outcome, drawn: list[Point]) -> list[Step]:
    """The same from parts of the points, in a random order, and from all."""
    count = len(sample.points)
    order = np.random.default_rng(sample.sweep.seed).permutation(count)
    course = []
    for size in sizes(count):
        used = np.sort(order[:size])
        fitted = surrogate(sample, outcome, used)
        if fitted is not None and fitted.trusted:
            course.append(_foretold(sample, outcome, fitted, drawn, used).step(size))
    return course


def _probability(
    sample: Sample,
    name: str,
    words: str,
    way: Literal["sample", "surrogate"],
    judged: _Judged,
    points: Sequence[Point],
    course: tuple[Step, ...],
) -> Probability:
    solved = len(points) if way == "sample" else len(sample.points)
    choices = {}
    for factor in sample.sweep.factors:
        if factor.values is not None:
            rows = {value: np.array([point[factor.name] == value for point in points]) for value in factor.values}
            choices[factor.name] = {
                value: judged.step(int(members.sum()) if way == "sample" else solved, members)
                for value, members in rows.items()
            }
    unknown = float(np.isnan(judged.nominal).mean())
    return Probability(name, words, way, judged.step(solved), unknown, course, choices)


def _untrusted(sample: Sample, fitted: Surrogate | None) -> str:
    kind = sample.sweep.design.kind
    begin = f"the points of a {kind} design do not follow the factors' distributions, and"
    if fitted is None:
        return f"{begin} there are too few of them with a value for a surrogate"
    if fitted.between:
        return f"{begin} too few values of {', '.join(fitted.between)} were solved for a surrogate"
    return f"{begin} the surrogate is not trusted (Q2 {fitted.q2:.2f})"
