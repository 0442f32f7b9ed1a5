"""How much of an outcome's variation each factor accounts for: by the measure that the design allows, or not at all."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femsacrum.sweep.answer.effects import is_number
from femsacrum.sweep.answer.sample import Outcome, Sample, Vector
from femsacrum.sweep.design import MORRIS_LEVELS, problem, shares_of

#: Resamples of a bootstrap, and the confidence that is told [1].
RESAMPLES, CONFIDENCE = 400, 0.95
#: A regression that explains less says little of the factors [1]: a usual rule of thumb (Saltelli et al. 2008).
EXPLAINS = 0.7
#: A standardised coefficient below this is rounding [1].
ROUNDING = 1e-12


@dataclass(frozen=True)
class Refused:
    """Why there are no indices.

    Attributes:
        why: One sentence.
    """

    why: str


@dataclass(frozen=True)
class Sobol:
    """Shares of an outcome's variance; half widths of their 95 % confidence intervals, bootstrapped.

    Attributes:
        names: Factors.
        first: Of the factor alone [1].
        first_half: Half width.
        total: Of the factor and all it does together with others [1].
        total_half: Half width.
    """

    names: tuple[str, ...]
    first: Vector
    first_half: Vector
    total: Vector
    total_half: Vector


@dataclass(frozen=True)
class Morris:
    """Elementary effects: change of the outcome for the whole of a factor's distribution, in the outcome's unit.

    Attributes:
        names: Factors.
        mean: Mean effect.
        size: Mean of the sizes, mu*.
        size_half: Half width of its 95 % confidence interval, bootstrapped.
        spread: Standard deviation of the effects: how much they depend on where the others are, or on the factor itself.
    """

    names: tuple[str, ...]
    mean: Vector
    size: Vector
    size_half: Vector
    spread: Vector


@dataclass(frozen=True)
class Regression:
    """Standardised coefficients of a linear model of the values, and of the ranks.

    Attributes:
        names: Factors that are in it.
        left_out: Factors of more than two words, which have no order.
        plain: Of values [1].
        explained: R2 of values [1].
        ranked: Of ranks [1].
        ranked_low: Lower end of the 95 % confidence interval, bootstrapped.
        ranked_high: Upper end.
        ranked_explained: R2 of ranks [1].
    """

    names: tuple[str, ...]
    left_out: tuple[str, ...]
    plain: Vector
    explained: float
    ranked: Vector
    ranked_low: Vector
    ranked_high: Vector
    ranked_explained: float


Indices = Sobol | Morris | Regression | Refused


def indices(sample: Sample, outcome: Outcome) -> Indices:
    """The measure that the design allows.

    Args:
        sample: The sweep.
        outcome: One of its outcomes.

    Returns:
        Sobol indices of a design for them (Saltelli et al. 2010, by SALib), Morris' measures of his design (Morris 1991,
        Campolongo et al. 2007, by SALib), otherwise regression; or why not.
    """
    if not outcome.varies:
        return Refused("the outcome is the same at all points that have it, or none has it")
    lacking = int((~outcome.known).sum())
    kind, seed = sample.sweep.design.kind, sample.sweep.seed + 1  # SALib takes a seed of 0 for none
    if kind not in ("saltelli", "morris"):
        return regression(sample, outcome)
    if lacking:
        return Refused(
            f"{lacking} of {len(sample.points)} points have no value of it, and the measure of this "
            "design needs every "
            "one; values put in their place would be made up"
        )
    names = tuple(factor.name for factor in sample.sweep.factors)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of resamples without variation
        if kind == "saltelli":
            from SALib.analyze import sobol

            told = sobol.analyze(
                problem(sample.sweep.factors), outcome.values, calc_second_order=False, num_resamples=RESAMPLES,
                conf_level=CONFIDENCE, seed=seed,
            )  # fmt: skip
            return Sobol(names, *(np.asarray(told[key], dtype=float) for key in ("S1", "S1_conf", "ST", "ST_conf")))
        from SALib.analyze import morris

        told = morris.analyze(
            problem(sample.sweep.factors), shares_of(sample.sweep), outcome.values, num_resamples=RESAMPLES,
            conf_level=CONFIDENCE, num_levels=MORRIS_LEVELS, seed=seed,
        )  # fmt: skip
        keys = ("mu", "mu_star", "mu_star_conf", "sigma")
        return Morris(names, *(np.asarray(told[key], dtype=float) for key in keys))


def regression(sample: Sample, outcome: Outcome) -> Regression | Refused:
    """Standardised regression of values and of ranks.

    Args:
        sample: The sweep.
        outcome: One that varies.
    """
    from scipy.stats import rankdata

    used = np.flatnonzero(outcome.known)
    names: list[str] = []
    columns: list[Vector] = []
    left_out: list[str] = []
    for factor in sample.sweep.factors:
        column = _ordered([sample.points[i][factor.name] for i in used])
        if column is None:
            left_out.append(factor.name)
        elif np.ptp(column) > 0.0:
            names.append(factor.name)
            columns.append(column)
    given, values = np.array(columns).T.reshape(len(used), -1), outcome.values[used]
    if not names:
        return Refused("no factor has values with an order that differ")
    if len(used) < 2 * (len(names) + 1):
        return Refused(f"{len(used)} points with a value are too few for {len(names)} factors")
    if np.linalg.matrix_rank(_standard(given)) < len(names):
        return Refused("some factors go together so closely that their effects cannot be told apart")
    plain, explained = _fitted(given, values)
    ranks, places = rankdata(given, axis=0), rankdata(values)
    ranked, ranked_explained = _fitted(ranks, places)
    rng = np.random.default_rng(sample.sweep.seed)
    picks = rng.integers(len(used), size=(RESAMPLES, len(used)))
    again = np.array([_fitted(ranks[pick], places[pick])[0] for pick in picks])
    outside = 0.5 * (1.0 - CONFIDENCE)
    low, high = np.nanquantile(again, [outside, 1.0 - outside], axis=0)
    return Regression(tuple(names), tuple(left_out), plain, explained, ranked, low, high, ranked_explained)


def _ordered(values: list[float | str | bool]) -> Vector | None:
    if all(map(is_number, values)):
        return np.array(values, dtype=float)
    named = list(dict.fromkeys(sorted(values, key=str)))
    return np.array([named.index(value) for value in values], dtype=float) if len(named) <= 2 else None


def _standard(given: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = given.std(axis=0)
    return np.asarray((given - given.mean(axis=0)) / np.where(spread > 0.0, spread, np.inf))


def _fitted(given: NDArray[np.float64], values: Vector) -> tuple[Vector, float]:
    """Coefficients and R2; both are of standardised values, so there is no constant term."""
    left, right = _standard(given), _standard(values[:, None])[:, 0]
    coefficients = np.linalg.lstsq(left, right, rcond=None)[0]
    coefficients[np.abs(coefficients) < ROUNDING] = 0.0
    total = float(right @ right)
    rest = right - left @ coefficients
    return coefficients, 1.0 - float(rest @ rest) / total if total > 0.0 else float("nan")
