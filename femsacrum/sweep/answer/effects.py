"""Main effects: what each outcome is, on average, where a factor has this or that value; and what is not done there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femsacrum.sweep.answer.sample import Outcome, Sample, Vector
from femsacrum.sweep.definition import Factor
from femsacrum.sweep.factors import Value

#: A factor with more values than these is cut into bins.
LEVELS = 8
#: Points that a bin has at least, and bins of a factor at most.
IN_BIN, BINS = 8, 6
#: Random orders of the outcome, and the share of them that chance has to stay below [1].
ORDERS, SURE = 200, 0.95


@dataclass(frozen=True)
class Binned:
    """A factor's values in groups.

    Attributes:
        factor: The factor.
        labels: Of the groups: a value, or "least to largest".
        middles: Where a group is drawn: its value or mean value; its number, of words. (groups,)
        group: Of every point, (points,).
        levels: Every group is one value.
    """

    factor: Factor
    labels: tuple[str, ...]
    middles: Vector
    group: NDArray[np.intp]
    levels: bool


@dataclass(frozen=True)
class Effect:
    """Main effect of a factor on an outcome.

    Attributes:
        outcome: The outcome.
        binned: The factor.
        counts: Points with a value, of every group.
        means: NaN: no point has a value.
        spreads: Standard deviation within a group; NaN with fewer than two points.
        chance: What the range stays below in 95 of 100 cases where the factor has no influence; NaN: not known.
    """

    outcome: Outcome
    binned: Binned
    counts: NDArray[np.intp]
    means: Vector
    spreads: Vector
    chance: float

    @property
    def range(self) -> float:
        """Largest less least mean."""
        return float(np.nanmax(self.means) - np.nanmin(self.means))

    @property
    def clear(self) -> bool | None:
        """Whether the range is beyond chance; None: not known."""
        return None if np.isnan(self.chance) else self.range > self.chance


def is_number(value: Value) -> bool:
    """Whether a value of a factor can be reckoned with."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def binned(factor: Factor, values: Sequence[Value]) -> Binned:
    """Put values of a factor into groups: one for each of few values, else equally many points in each.

    Args:
        factor: The factor.
        values: Of every point.
    """
    if not all(map(is_number, values)):
        named = tuple(dict.fromkeys([*(factor.values or ()), *values]))
        group = np.array([named.index(value) for value in values])
        return Binned(factor, tuple(map(_said, named)), np.arange(len(named), dtype=float), group, True)
    numbers = np.array(values, dtype=float)
    scale = float(np.abs(numbers).max()) or 1.0
    levels, group = np.unique(np.round(numbers / scale, 12), return_inverse=True)
    if len(levels) <= LEVELS:
        middles = np.array([numbers[group == i][0] for i in range(len(levels))])
        return Binned(factor, tuple(_short(each, 4) for each in middles), middles, group, True)
    count = int(np.clip(len(numbers) // IN_BIN, 2, BINS))
    group = np.empty(len(numbers), dtype=np.intp)
    parts = np.array_split(np.argsort(numbers, kind="stable"), count)
    for i, members in enumerate(parts):
        group[members] = i
    labels = tuple(f"{_short(numbers[part[0]], 3)} to {_short(numbers[part[-1]], 3)}" for part in parts)
    return Binned(factor, labels, np.array([numbers[part].mean() for part in parts]), group, False)


def groups(sample: Sample) -> list[Binned]:
    """Every factor of a sweep in groups."""
    return [binned(factor, [point[factor.name] for point in sample.points]) for factor in sample.sweep.factors]


def effects(sample: Sample, outcome: Outcome) -> list[Effect]:
    """Main effects of all factors on an outcome, the largest range first: the order of a tornado.

    Of a design for Sobol indices only the two base samples count (``Sample.drawn``). What chance does is found by giving
    the outcomes to the points in random orders (a permutation test); not for Morris' design, whose points hang together.

    Args:
        sample: The sweep.
        outcome: One that has values.
    """
    kind = sample.sweep.design.kind
    used = outcome.known & (sample.drawn if kind == "saltelli" else True)
    rng = np.random.default_rng(sample.sweep.seed)
    found = []
    for one in groups(sample):
        group, values, count = one.group[used], outcome.values[used], len(one.labels)
        counts = np.bincount(group, minlength=count)
        means = _means(group, values, counts)
        spreads = np.array([np.std(values[group == i], ddof=1) if counts[i] > 1 else np.nan for i in range(count)])
        chance = np.nan
        if kind != "morris" and (counts > 0).sum() > 1:
            orders = (_means(group, rng.permutation(values), counts) for _ in range(ORDERS))
            chance = float(np.quantile([np.nanmax(means) - np.nanmin(means) for means in orders], SURE))
        found.append(Effect(outcome, one, counts, means, spreads, chance))
    return sorted(found, key=lambda each: -each.range)


def states(sample: Sample, one: Binned) -> dict[str, NDArray[np.intp]]:
    """Points of each state in every group of a factor."""
    of_points = np.array(sample.states)
    return {
        state: np.bincount(one.group[of_points == state], minlength=len(one.labels))
        for state in ("done", "refused", "failed", "to do")
    }


def _means(group: NDArray[np.intp], values: Vector, counts: NDArray[np.intp]) -> Vector:
    sums = np.bincount(group, weights=values, minlength=len(counts))
    return np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)


def _said(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else _short(value, 4)


def _short(value: float, digits: int) -> str:
    """A number without an exponent while that stays readable."""
    said = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e" in said and 1.0 <= abs(value) < 1e7 else said
