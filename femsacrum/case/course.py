"""What a case may say about the course after the operation: gait, healing, fatigue."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from femsacrum.case.accuracy import Accuracy
from femsacrum.case.fatigue import Fatigue
from femsacrum.case.healing import HealingCourse
from femsacrum.case.model import Count, Model, Text
from femsacrum.case.units import Share


class WalkFrom(Model):
    """What the patient does from a month on."""

    month: Annotated[Count, Field(ge=0)]
    """Months since the operation, a bare number."""
    load: Text
    """Name of a moving load of ``loads``."""


class Course(Model):
    """What follows the operation."""

    settled: Share = 0.01
    """Change of the motion from cycle to cycle, as a share of it, below which the interfaces have settled, "1 %"."""
    most_cycles: Annotated[Count, Field(ge=2, le=200)] = 12
    """Cycles of a movement after which it is told as undecided."""
    walks: tuple[WalkFrom, ...] = ()
    """What the patient does from which month on; left out: the first moving load, from the first day on."""
    fatigue: Fatigue | None = None
    """Judge the fatigue of the metal over the movement's cycle."""
    healing: HealingCourse | None = None
    """Follow the union of graft and porous faces over the months."""
    accuracy: Accuracy | None = None
    """Tell what errors of guide and saw may do to margins, roots and gaps."""
    against_intact: Annotated[bool, Field(strict=True)] = False
    """Solve the same patient's intact pelvis too, and tell stress shielding and the junction's stiffness against it."""
