"""What a case may say about healing over the months."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from femsacrum.case.choices import BoneFactor
from femsacrum.case.model import Count, Model


class HealingCourse(Model):
    """How graft and porous faces unite, month after month."""

    rule: Literal["micromotion", "perren", "claes_heigele", "prendergast"] = "micromotion"
    """Which tissue forms: by bands of "micromotion", by interfragmentary strain ("perren"), by strain and pressure
    ("claes_heigele"), by shear strain and flow ("prendergast")."""
    months: Annotated[Count, Field(ge=1, le=120)] = 36
    """How long it is followed, in months, a bare number."""
    every: Annotated[Count, Field(ge=1, le=12)] = 1
    """Months between solves of the mechanics; between them faces go on feeling what they felt."""
    shakedown_months: Annotated[tuple[Annotated[Count, Field(ge=0)], ...], Field(min_length=1)] = (0, 3, 12, 36)
    """Months at which the gait is repeated until it is steady; in the others it is walked once, from where it was."""
    phases: Annotated[Count, Field(ge=2, le=24)] = 4
    """Phases of the gait cycle that a month solves."""
    irradiated: Annotated[bool, Field(strict=True)] = False
    """The grafts were sterilised by irradiation: 10 to 30 % less strength."""
    chemotherapy: Annotated[bool, Field(strict=True)] = False
    """The patient has chemotherapy: union is slower, with a wide range; with a factor of one's own, leave it out and say
    ``healing`` of ``patient.modifiers``."""
    speed: BoneFactor | None = None
    """Factor of one's own on how fast faces unite, "80 %", or its range, ["50 %", "100 %"]."""
    samples: Annotated[Count, Field(ge=0, le=10000)] = 256
    """Draws of what is not known, for the spread; 0: no spread."""
    solves: Annotated[Count, Field(ge=0, le=200)] = 0
    """Solves beside the course itself that show how modulus, friction and load change the motion, twenty or so; 0: those
    are left out of the spread, and it says so."""
    seed: Annotated[Count, Field(ge=0)] = 1
    """Of the draws: the same seed, the same numbers."""
