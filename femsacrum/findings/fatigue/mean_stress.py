"""What a mean stress costs: the fully reversed amplitude that does as much damage as a cycle with a mean.

Goodman (1899) and Gerber (1874) as in Budynas and Nisbett, Shigley's Mechanical Engineering Design, 10th ed. 2015,
section 6-12; Smith, Watson and Topper, J Mater 5:767 (1970).

Goodman's and Gerber's lines are measured in tension. With a mean in compression they give no credit while the tension of
the cycle still reaches half of its amplitude (down to R = -3); below, the amplitude counts for twice that tension, and
for nothing where the cycle stays in compression: a crack that stays shut does not open. That is a choice of this
project, on the safe side of crack growth, where the compressive part of a cycle is taken to do nothing (ASTM E647);
what compression does in shear is Findley's criterion to tell. Smith, Watson and Topper end at no tension by their form.
"""

from __future__ import annotations

import math

import numba

#: Of the largest tension this many times counts at most as amplitude, with a mean in compression.
OPENING = 2.0

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
    if rule == 0:
        return amplitude
    if mean <= 0.0:
        return min(amplitude, OPENING * max(mean + amplitude, 0.0))
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
    if mean <= 0.0 or rule in (0, 3):
        return reversed_amplitude(amplitude, mean, ultimate, rule) / endurance
    share, steady = amplitude / endurance, mean / ultimate
    if amplitude <= 0.0:
        return 0.0
    if rule == 1:
        return share + steady
    return 0.5 * (share + math.sqrt(share * share + 4.0 * steady * steady))
