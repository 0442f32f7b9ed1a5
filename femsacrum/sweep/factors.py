"""From a share of a factor's distribution to its value, and to what the case is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femsacrum.sweep.definition import Correlation, Factor

#: Value of a factor: a number in its unit, or what a list holds.
Value = int | float | str | bool

#: Share of an unbounded distribution at which its tails are cut, so that no design draws an infinite value [1].
TAIL = 1e-6


def value_at(factor: Factor, share: float) -> Value:
    """Value of a factor at a share of its distribution.

    Args:
        factor: The factor.
        share: 0 to 1: how much of the distribution lies below.
    """
    if factor.values is not None:
        return factor.values[min(int(share * len(factor.values)), len(factor.values) - 1)]
    return float(_quantile(factor, share))


def values_at(factor: Factor, shares: NDArray[np.float64]) -> list[Value]:
    """Values of a factor at many shares of its distribution."""
    if factor.values is not None:
        return [value_at(factor, float(share)) for share in shares]
    return list(map(float, _quantile(factor, shares)))


def levels_of(factor: Factor) -> tuple[Value, ...]:
    """What a full factorial design tries of a factor: its list, or levels evenly over its range."""
    if factor.values is not None:
        return factor.values
    return tuple(value_at(factor, share) for share in np.linspace(0.0, 1.0, factor.levels))


def assignments(factors: Sequence[Factor], values: Mapping[str, Value]) -> list[str]:
    """KEY=VALUE for every key of the case that a point sets; of a word what it stands for.

    Args:
        factors: Of the sweep.
        values: Name of a factor -> its value.
    """
    return [said for factor in factors for said in _assigned(factor, values[factor.name])]


def _assigned(factor: Factor, value: Value) -> Sequence[str]:
    if factor.settings:
        return factor.settings[str(value)]
    return [f"{key}={_written(factor, value)}" for key in factor.keys]


def correlated(
    shares: NDArray[np.float64], factors: Sequence[Factor], correlations: Sequence[Correlation]
) -> NDArray[np.float64]:
    """Shares that go together as asked: a Gaussian copula, each factor's own distribution kept.

    Spearman's rank correlation r of a bivariate normal is that of Pearson's 2 sin(pi r / 6) (Pearson 1907).

    Args:
        shares: Independent, (points, factors).
        factors: In the order of the columns.
        correlations: Pairs of factors.

    Raises:
        ValueError: No distribution has all of these correlations at once.
    """
    if not correlations:
        return shares
    names = [factor.name for factor in factors]
    matrix = np.eye(len(names))
    for each in correlations:
        one, other = (names.index(name) for name in each.between)
        matrix[one, other] = matrix[other, one] = 2.0 * np.sin(np.pi * each.rank / 6.0)
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise ValueError("no distribution has all of these correlations at once; lessen one") from None
    from scipy import stats  # two seconds, which a process that only does points need not spend

    normal = stats.norm.ppf(np.clip(shares, TAIL, 1.0 - TAIL))
    return np.asarray(stats.norm.cdf(normal @ root.T), dtype=np.float64)


def _quantile(factor: Factor, share: Any) -> Any:
    low, high = factor.low, factor.high
    if factor.distribution == "uniform":
        assert low is not None
        assert high is not None
        return low + share * (high - low)
    if factor.distribution == "loguniform":
        assert low is not None
        assert high is not None
        return low * (high / low) ** share
    if factor.distribution == "triangular":
        assert low is not None
        assert high is not None
        assert factor.mode is not None
        from scipy import stats

        return stats.triang.ppf(share, (factor.mode - low) / (high - low), loc=low, scale=high - low)
    spread = _unbounded(factor)
    below = 0.0 if low is None else float(spread.cdf(low))
    above = 1.0 if high is None else float(spread.cdf(high))
    return spread.ppf(np.clip(below + share * (above - below), TAIL, 1.0 - TAIL))


def _unbounded(factor: Factor) -> Any:
    from scipy import stats

    if factor.distribution == "normal":
        return stats.norm(factor.mean, factor.sd)
    return stats.lognorm(factor.sd, scale=factor.mean)


def _written(factor: Factor, value: Value) -> str:
    """As TOML."""
    if isinstance(value, bool | str) and not factor.unit:
        return json.dumps(value)
    if isinstance(value, str | bool):
        return json.dumps(f"{value} {factor.unit}")
    return json.dumps(f"{value!r} {factor.unit}") if factor.unit else repr(value)
