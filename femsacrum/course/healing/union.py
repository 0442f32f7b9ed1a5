"""How the union of a point grows, and how stiff it then is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.course.healing.rates import number
from femsacrum.course.healing.rules import BONE, FIBROUS, SLOW
from femsacrum.findings.quantities import limit

#: Share of a face united when it is said to have united in the published time.
UNITED_IN_TIME = 0.9


def rate(time: Floats | float) -> Floats:
    """Rate [1/month] that unites 90 % of a face on which bone forms everywhere in this time [month]."""
    return -np.log1p(-UNITED_IN_TIME) / np.asarray(time)


def bridging(gap: Floats) -> Floats:
    """Factor on the rate by the width of the gap [mm]: 1 up to 0.5 mm, none from 1 mm on, straight between.

    Source: ingrowth best up to 0.5 mm, reduced up to 1 mm (Bobyn 1981, Sandborn 1988, Dalton 1995), in
    ``sources/findings.toml``.
    """
    return np.interp(gap, [limit("gap_favourable"), limit("gap_adverse")], [1.0, 0.0])


@dataclass(frozen=True)
class Pace:
    """How fast union comes and goes; floats or arrays that broadcast with the points.

    Attributes:
        rate: Where bone forms [1/month].
        slow: Factor on it where bone takes the longer way [1].
        half_life: Where fibrous tissue forms, the time in which half of the union is lost [month].
    """

    rate: Floats | float
    slow: Floats | float
    half_life: Floats | float


def grow(union: Floats, tissue: Ints, gap: Floats, pace: Pace, months: float) -> Floats:
    """Union of each point after some time under what it feels.

    du/dt = r (1 - u) where bone forms, slower by a factor where it takes the longer way; -u ln 2 / T where fibrous tissue
    forms; 0 elsewhere. Solved exactly for a tissue that stays.

    Args:
        union: Before, 0 to 1.
        tissue: Of ``rules``.
        gap: Of each point [mm].
        pace: r, the factor on it, T.
        months: Time [month].
    """
    speed = np.where(tissue == BONE, 1.0, np.where(tissue == SLOW, pace.slow, 0.0)) * bridging(gap)
    grown = 1.0 - (1.0 - union) * np.exp(-pace.rate * speed * months)
    return np.where(tissue == FIBROUS, union * 0.5 ** (months / pace.half_life), grown)


_STATIONS = (0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0)


def modulus(union: Floats) -> Floats:
    """Young's modulus of the tissue [MPa]: granulation at 0, cartilage at 1/3, immature bone at 2/3, mature bone at 1.

    Straight in its logarithm between, as others let tissue mature (Checa 2011 and models after it). A reading of union
    as maturity, not a measurement.
    """
    return np.exp(np.interp(union, _STATIONS, _log_moduli()))


def uniform(union: Floats, area: Floats) -> Floats:
    """Union of an evenly united face that is as stiff as this one; mean of the modulus over the last axis."""
    mean = (modulus(union) * area).sum(axis=-1) / area.sum(axis=-1)
    return np.interp(np.log(mean), _log_moduli(), _STATIONS)


def bonded(union: Floats) -> Floats:
    """Share of the full bond's stiffness at each point: modulus less granulation's over mature bone's, 0 to 1."""
    none = number("modulus.granulation")
    return (modulus(union) - none) / (number("modulus.mature_bone") - none)


def full_bond(layer: Floats | float) -> Floats:
    """Stiffness of a face united throughout, per area: mature bone over the thickness of the layer [MPa/mm]."""
    return number("modulus.mature_bone") / np.asarray(layer)


def _log_moduli() -> Floats:
    names = ("granulation", "cartilage", "immature_bone", "mature_bone")
    return np.log([number(f"modulus.{name}") for name in names])
