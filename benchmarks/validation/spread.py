"""Samples of the inputs, and the model in place of the model: a surrogate with its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.stats import qmc

from femsacrum.sources.tables import table

#: Solves a surrogate is made of: one more than inputs fit its trend, the rest and each left out in turn show its error.
BEYOND = 3
#: Predictions drawn.
DRAWN = 128
SEED = 7


def training(names):
    """Inputs of the solves that the surrogate is made of: a Latin hypercube over the ranges.

    Args:
        names: Of entries of ``ranges.toml``.

    Returns:
        One mapping for each solve, empty where nothing is uncertain.
    """
    return _sampled(names, len(names) + 1 + BEYOND, SEED) if names else ()


def drawn(names):
    """Inputs of the predictions."""
    return _sampled(names, DRAWN, SEED + 1) if names else ()


def _sampled(names, number, seed):
    cube = qmc.LatinHypercube(len(names), seed=seed, optimization="random-cd").random(number)
    return tuple({name: _at(name, float(share)) for name, share in zip(names, row, strict=True)} for row in cube)


def _at(name, share):
    """Value of an input at a share of its range, 0 to 1."""
    row = table("ranges")[name]
    low, high = row["low"], row["high"]
    if row["drawn"] == "log":
        return float(low * (high / low) ** share)
    return float(low + share * (high - low))


def _share(name, value):
    row = table("ranges")[name]
    low, high = row["low"], row["high"]
    if row["drawn"] == "log":
        return float(np.log(value / low) / np.log(high / low))
    return float((value - low) / (high - low))


@dataclass(frozen=True)
class Surrogate:
    """One value as a function of the inputs: radial functions on a linear trend of its logarithm.

    Attributes:
        names: Of the inputs.
        fitted: Shares of the ranges, shape (n, d) -> logarithm, shape (n,).
        error: Root mean square error on rows left out one by one, as a share of the value.
        slopes: Input -> factor on the value from the low to the high end of its range, by the linear trend.
    """

    names: tuple[str, ...]
    fitted: object
    error: float
    slopes: dict

    def __call__(self, samples):
        """Values for samples of the inputs, shape (n,)."""
        return np.exp(self.fitted(_shares(self.names, samples)))


def fit(names, samples, values):
    """A surrogate through solves.

    Args:
        names: Of the inputs.
        samples: Inputs of each solve.
        values: What it gave, all above zero.
    """
    x, y = _shares(names, samples), np.log(np.asarray(values, dtype=float))
    missed = []
    for left in range(len(y)):
        kept = np.arange(len(y)) != left
        missed.append(float(_interpolator(x[kept], y[kept])(x[left : left + 1])[0] - y[left]))
    trend = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y, rcond=None)[0]
    slopes = {name: float(np.exp(slope)) for name, slope in zip(names, trend[1:], strict=True)}
    return Surrogate(tuple(names), _interpolator(x, y), float(np.sqrt(np.mean(np.square(missed)))), slopes)


def _interpolator(x, y):
    return RBFInterpolator(x, y, kernel="cubic", degree=1)


def _shares(names, samples):
    return np.array([[_share(name, sample[name]) for name in names] for sample in samples])
