"""What was foretold beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, wasserstein_distance

#: Points that stand for the measured distribution.
QUANTILES = 400
#: Of the same order of magnitude: within this factor.
ORDER = 2.0


@dataclass(frozen=True)
class Agreement:
    """One compared value.

    Attributes:
        compared: The ``experiment.Compared``.
        median: Of the anatomies, with the model's own inputs; None: no anatomy could have it.
        by_anatomy: Anatomy -> value.
        band: 5th and 95th percentile over inputs and anatomies.
        in_band: Whether the measured mean lies in it.
        within_sd: Whether the median lies within one standard deviation of the mean; None: that is not known.
        area: Area between the two distribution functions, in standard deviations; None: not known.
        rough_over_coarse: Value on a rougher mesh over that told; None: not computed.
        surrogate_error: Typical error of the band's surrogate, as a share; None: the band is that of the anatomies.
        verdict: "agrees", "misses", "told" (nothing is judged) or "not computed".
    """

    compared: object
    median: float | None
    by_anatomy: dict
    band: tuple | None
    in_band: bool
    within_sd: bool | None
    area: float | None
    rough_over_coarse: float | None
    surrogate_error: float | None
    verdict: str


def agree(compared, told):
    """Judges one value.

    Args:
        compared: What was measured.
        told: Its entry in the prediction; None: no anatomy could have it.
    """
    if told is None:
        return Agreement(compared, None, {}, None, False, None, None, None, None, "not computed")
    low, high = told["band"]
    median, mean, sd = told["median"], compared.mean, compared.sd
    area = None
    if sd:
        shares = (np.arange(QUANTILES) + 0.5) / QUANTILES
        area = float(wasserstein_distance(told["drawn"], norm.ppf(shares, mean, sd)) / sd)
    return Agreement(
        compared,
        median,
        dict(told["by_anatomy"]),
        (low, high),
        low <= mean <= high,
        abs(median - mean) <= sd if sd else None,
        area,
        told.get("rough_over_coarse"),
        told.get("surrogate_error"),
        _verdict(compared, median),
    )


def _verdict(compared, median):
    if compared.goal == "told":
        return "told"
    if compared.goal == "rank":
        met = abs(median - compared.mean) < 1e-9
    elif compared.goal == "order":
        met = 1.0 / ORDER <= median / compared.mean <= ORDER
    elif compared.goal == "1 SD":
        met = abs(median - compared.mean) <= compared.sd
    else:
        met = abs(median / compared.mean - 1.0) <= float(compared.goal.removesuffix(" %")) / 100.0
    return "agrees" if met else "misses"
