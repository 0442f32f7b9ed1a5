"""A formula in place of the solver, and how far it may be trusted: told before it is used, and not used where it may not.

Two are tried: a polynomial of second order with all products (numpy's least squares), and thin plate splines through all
points (scipy's RBFInterpolator). Each point, or each of ten parts of the points, is foretold by what was fitted to the
others; what comes out better is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from femsacrum.sweep.answer.effects import is_number
from femsacrum.sweep.answer.sample import Outcome, Sample, Vector
from femsacrum.sweep.definition import Factor
from femsacrum.sweep.design import Point

Matrix = NDArray[np.float64]
Fit = Callable[[Matrix, Vector], Callable[[Matrix], Vector]]
#: Least share of the variance that has to be foretold [1]: a choice of this project.
TRUSTED = 0.9
#: Points up to which each is left out by itself; of more, parts.
ONE_BY_ONE, PARTS = 40, 10
#: Points for each term of the polynomial at least [1].
FOR_TERM = 1.5
#: Splines of more points use so many neighbours.
ALL, NEIGHBOURS = 600, 60


@dataclass(frozen=True)
class Surrogate:
    """A fitted formula.

    Attributes:
        kind: "polynomial of second order" or "thin plate splines".
        count: Different designs that it was fitted to.
        parts: How many parts were left out in turn.
        q2: Share of the variance that is foretold of what was left out [1].
        error: Root mean square error of that, in the outcome's unit.
        largest: Largest error of that.
        solved: What was solved, (designs,).
        foretold: What was foretold of it, (designs,).
        predict: Points -> values.
        between: Factors of which too little was solved: fewer than three values of a range, not all of a list.
    """

    kind: str
    count: int
    parts: int
    q2: float
    error: float
    largest: float
    solved: Vector
    foretold: Vector
    predict: Callable[[Sequence[Point]], Vector]
    between: tuple[str, ...]

    @property
    def trusted(self) -> bool:
        """Whether it may be used."""
        return self.q2 >= TRUSTED and not self.between


class Space:
    """Factors as coordinates.

    Numbers over their range in the sweep, by their logarithm where the distribution has it; words as 0 and 1 for each word
    but the first.

    Args:
        factors: Of the sweep.
        points: That tell the ranges.
    """

    def __init__(self, factors: Sequence[Factor], points: Sequence[Point]) -> None:
        self._factors = factors
        self._known = [list(dict.fromkeys(point[factor.name] for point in points)) for factor in factors]
        given = self._raw(points)
        self._low, span = given.min(axis=0), np.ptp(given, axis=0)
        self._span = np.where(span > 0.0, span, 1.0)

    def of(self, points: Sequence[Point]) -> Matrix:
        """Coordinates, (points, columns)."""
        return np.asarray((self._raw(points) - self._low) / self._span)

    def _raw(self, points: Sequence[Point]) -> Matrix:
        columns: list[Vector] = []
        for factor, known in zip(self._factors, self._known, strict=True):
            values = [point[factor.name] for point in points]
            if all(map(is_number, known)):
                numbers = np.array(values, dtype=float)
                columns.append(np.log(numbers) if factor.distribution in ("loguniform", "lognormal")
                               and factor.values is None and (numbers > 0.0).all() else numbers)  # fmt: skip
            else:
                columns += [np.array([value == each for value in values], dtype=float) for each in known[1:]]
        return np.column_stack(columns) if columns else np.zeros((len(points), 1))


def surrogate(sample: Sample, outcome: Outcome, only: NDArray[np.intp] | None = None) -> Surrogate | None:
    """Fit a formula to an outcome.

    Points with the same factor values are one design, else what was left out would be known from its double.

    Args:
        sample: The sweep.
        outcome: One of its outcomes.
        only: Numbers of points to use; None: all that have a value.

    Returns:
        The better one of the two formulas, however bad; None: too few points, or nothing varies.
    """
    used = np.flatnonzero(outcome.known) if only is None else only[outcome.known[only]]
    if len(used) < 4 or np.ptp(outcome.values[used]) <= 1e-12 * np.abs(outcome.values[used]).max():
        return None
    space = Space(sample.sweep.factors, sample.points)
    given, group = np.unique(np.round(space.of([sample.points[i] for i in used]), 12), axis=0, return_inverse=True)
    group = group.reshape(-1)
    values = np.bincount(group, weights=outcome.values[used]) / np.bincount(group)
    count = len(values)
    if count < 4:
        return None
    parts = count if count <= ONE_BY_ONE else PARTS
    part = np.random.default_rng(sample.sweep.seed).permutation(count) % parts
    best: Surrogate | None = None
    for kind, fit in (("polynomial of second order", _polynomial), ("thin plate splines", _splines)):
        try:
            foretold = np.empty(count)
            for i in range(parts):
                foretold[part == i] = fit(given[part != i], values[part != i])(given[part == i])
            whole = fit(given, values)
        except (np.linalg.LinAlgError, ValueError):  # too few points for it, or they lie in a plane
            continue
        miss = foretold - values
        q2 = 1.0 - float(miss @ miss) / float(((values - values.mean()) ** 2).sum())
        if np.isfinite(q2) and (best is None or q2 > best.q2):
            error, largest = float(np.sqrt(np.mean(miss**2))), float(np.abs(miss).max())
            predict = _predicting(space, whole)
            best = Surrogate(
                kind, count, parts, q2, error, largest, values, foretold, predict, _untested(sample, used)
            )
    return best


def _untested(sample: Sample, used: NDArray[np.intp]) -> tuple[str, ...]:
    """What lies between two ends was never foretold; a word that was never solved is unknown altogether."""
    names = []
    for factor in sample.sweep.factors:
        solved = {sample.points[i][factor.name] for i in used}
        if len(solved) < 3 if factor.values is None else not solved.issuperset(factor.values):
            names.append(factor.name)
    return tuple(names)


def _predicting(space: Space, whole: Callable[[Matrix], Vector]) -> Callable[[Sequence[Point]], Vector]:
    return lambda points: whole(space.of(points))


def _terms(given: Matrix) -> Matrix:
    products = [given[:, i] * given[:, j] for i, j in combinations_with_replacement(range(given.shape[1]), 2)]
    return np.column_stack([np.ones(len(given)), given, *products])


def _polynomial(given: Matrix, values: Vector) -> Callable[[Matrix], Vector]:
    terms = _terms(given)
    coefficients, _, rank, _ = np.linalg.lstsq(terms, values, rcond=1e-10)
    if len(values) < FOR_TERM * rank:
        raise ValueError("too few points")
    return lambda asked: np.asarray(_terms(asked) @ coefficients)


def _splines(given: Matrix, values: Vector) -> Callable[[Matrix], Vector]:
    from scipy.interpolate import RBFInterpolator

    if len(values) <= given.shape[1] + 1:
        raise ValueError("too few points")
    neighbours = None if len(values) <= ALL else NEIGHBOURS
    fitted = RBFInterpolator(given, values, neighbors=neighbours, kernel="thin_plate_spline")
    return lambda asked: np.asarray(fitted(asked), dtype=np.float64)
