"""A first figure of whether a graft face may incorporate: a screening rule, not a prediction."""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.micromotion import micromotion
from femsacrum.findings.quantities import cited, limit, quantity
from femsacrum.mechanics.interfaces import InterfaceState

#: Grades of a face, from good to bad.
GRADES = ("low", "uncertain", "high")

_KEYS = (
    "micromotion_favourable",
    "micromotion_adverse",
    "gap_favourable",
    "gap_adverse",
    "area_favourable",
    "area_adverse_tolerated",
    "area_adverse",
    "micromotion_integrated",
    "micromotion_not_integrated",
)


def rule() -> dict[str, Any]:
    """The rule in words, every threshold with its source, to be printed beside every grade."""
    percent = {
        key: f"{100.0 * limit(key):g} %" for key in ("area_favourable", "area_adverse_tolerated", "area_adverse")
    }
    gaps = f"{limit('gap_favourable'):g} mm", f"{limit('gap_adverse'):g} mm"
    motions = f"{limit('micromotion_favourable'):g} um", f"{limit('micromotion_adverse'):g} um"
    return {
        "text": (
            f"A point of the face is favourable where it moves less than {motions[0]} and the gap is at most "
            f"{gaps[0]}; adverse where it moves {motions[1]} or more, the gap exceeds {gaps[1]}, or nothing lies "
            "opposite or holds the graft; uncertain between. "
            f"Risk of the face: low with at least {percent['area_favourable']} of its area favourable and at most "
            f"{percent['area_adverse_tolerated']} adverse; high with at least {percent['area_adverse']} adverse; "
            "uncertain otherwise."
        ),
        "standing": (
            "A screening figure of the loaded state on the first day, not a prediction: in vivo, implants that "
            "osseointegrated had moved 112 +- 176 um and those that did not 349 +- 231 um, with a large overlap and "
            "no universal limit (Kohli 2021). Biology, infection, radiation and months of loading are not in it."
        ),
        "thresholds": {key: cited(key) for key in _KEYS},
    }


def grade(motion: Floats, gap: Floats, area: Floats, uncovered: float = 0.0) -> dict[str, Any]:
    """Applies the rule to one face.

    Args:
        motion: Micromotion, shape (p,) [mm].
        gap: Normal gap under load, shape (p,) [mm].
        area: Shape (p,) [mm2].
        uncovered: Share of the face that nothing lies opposite to; it has no points and counts as adverse.
    """
    adverse = (1e3 * motion >= limit("micromotion_adverse")) | (gap > limit("gap_adverse"))
    favourable = (1e3 * motion < limit("micromotion_favourable")) & (gap <= limit("gap_favourable")) & ~adverse
    total = float(area.sum())
    good, bad = float(area[favourable].sum()) / total, float(area[adverse].sum()) / total
    good, bad = (1.0 - uncovered) * good, (1.0 - uncovered) * bad + uncovered
    return {
        "risk": graded(good, bad),
        "favourable": quantity(100.0 * good, "%"),
        "uncertain": quantity(100.0 * max(0.0, 1.0 - good - bad), "%"),
        "adverse": quantity(100.0 * bad, "%"),
    }


def graded(favourable: float, adverse: float) -> str:
    """Risk of a face from the shares of its area."""
    if adverse >= limit("area_adverse"):
        return "high"
    low = favourable >= limit("area_favourable") and adverse <= limit("area_adverse_tolerated")
    return "low" if low else "uncertain"


def face(state: InterfaceState, loose: bool = False) -> dict[str, Any]:
    """Grade of one interface's face in one load case; all of it is adverse when nothing holds the graft."""
    uncovered = 1.0 if loose else state.uncovered
    return grade(micromotion(state), state.gap, state.area, uncovered)


def worst(risks: list[str]) -> str:
    """The worst of several grades."""
    return GRADES[int(np.max([GRADES.index(risk) for risk in risks]))]
