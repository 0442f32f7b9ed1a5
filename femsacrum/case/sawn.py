"""What a case may say about a cut that did not come out as planned."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from femsacrum.case.model import Model
from femsacrum.case.units import LENGTH, Quantity

Tilt = Annotated[
    float, Quantity("angle", "deg", "3 deg", at_least=0.0, at_most=30.0)
]  # [deg]; published jigs: up to 10
Deviation = Annotated[
    float, replace(LENGTH, at_least=-20.0, at_most=20.0)
]  # [mm]; freehand saws: up to 28 at a corner


class Sawn(Model):
    """How the cut that was made lies beside the planned one; implant and grafts are made for the planned one."""

    offset: Deviation = 0.0
    """How much deeper the saw went into what stays, at the middle of the cut face [mm]: a gap; negative: bone is left
    standing."""
    tilt: Tilt = 0.0
    """Angle between the cut and the planned one [deg]."""
    opens: Literal["left", "right", "anterior", "posterior", "cranial", "caudal"] | None = None
    """Side of the face towards which the tilt opens the gap; needed with ``tilt``."""


class SawnCuts(Model):
    """Cuts that deviate; the others are as planned."""

    left_ilium: Sawn | None = None
    """Cut through the left ilium."""
    right_ilium: Sawn | None = None
    """Cut through the right ilium."""
    L5: Sawn | None = None
    """Flat cut of the lower endplate of L5."""
