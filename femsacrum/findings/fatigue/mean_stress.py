"""What a mean stress costs: the fully reversed amplitude that does as much damage as a cycle with a mean.

Goodman (1899) and Gerber (1874) as in Budynas and Nisbett, Shigley's Mechanical Engineering Design, 10th ed. 2015,
section 6-12; Smith, Watson and Topper, J Mater 5:767 (1970).

A mean in compression is given no credit by Goodman and Gerber: their lines are measured in tension. Smith, Watson and
Topper give it by their form, down to no damage where a cycle stays in compression.
"""

from __future__ import annotations

import math

import numba

#: Names a case may use, and their numbers in the kernels.
RULES = {"none": 0, "goodman": 1, "gerber": 2, "smith_watson_topper": 3}


@numba.njit(cache=True)
def reversed_amplitude(amplitude: float, mean: float, ultimate: float, rule: int) -> float:
    """Fully reversed amplitude of the same damage [MPa]; infinite where the mean alone breaks the metal.

    Args:
        amplitude: Half the range of the cycle, >= 0 [MPa].
        mean: Of the cycle, positive in tension [MPa].
        ultimate: Tensile strength [MPa].
        rule: Number of the rule, see ``RULES``.
    """
    if amplitude <= 0.0:
        return 0.0
    if rule == 3:
        return math.sqrt(max(mean + amplitude, 0.0) * amplitude)
    if rule == 0 or mean <= 0.0:
        return amplitude
    share = mean / ultimate
    left = 1.0 - (share if rule == 1 else share * share)
    return amplitude / left if left > 0.0 else math.inf


@numba.njit(cache=True)
def use(amplitude: float, mean: float, ultimate: float, endurance: float, rule: int) -> float:
    """One over the factor all stress of a cycle may grow by until its damage is that of the endurance limit.

    With Goodman S_a / S_e + S_m / S_u; with Gerber the positive root of x^2 S_m^2 / S_u^2 + x S_a / S_e = 1 (Shigley,
    table 6-7); the others are proportional to stress.

    Args:
        amplitude: Half the range of the cycle, >= 0 [MPa].
        mean: Of the cycle [MPa].
        ultimate: Tensile strength [MPa].
        endurance: Fully reversed amplitude that is borne [MPa].
        rule: Number of the rule, see ``RULES``.
    """
    share = reversed_amplitude(amplitude, mean, ultimate, 0 if rule in (1, 2) else rule) / endurance
    if share <= 0.0 or mean <= 0.0 or rule in (0, 3):
        return share
    steady = mean / ultimate
    if rule == 1:
        return share + steady
    return 0.5 * (share + math.sqrt(share * share + 4.0 * steady * steady))
