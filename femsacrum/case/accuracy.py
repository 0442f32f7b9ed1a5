"""What a case may say about how truly its cuts are made."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from femsacrum.case.model import Count, Model
from femsacrum.case.units import Depth, PositiveLength, PossibleForce, Quantity, Ratio

SmallAngle = Annotated[float, Quantity("angle", "deg", "2 deg", at_least=0.0, at_most=30.0)]  # [deg]
Wanted = Annotated[float, Ratio("share", "%", "95 %", above=0.0, at_most=0.999)]


class SawErrors(Model):
    """Errors of guide and saw that replace those of ``sources/accuracy.toml``."""

    seat_shift: Depth | None = None
    """Guide beside its place, standard deviation along each axis [mm]."""
    seat_turn: SmallAngle | None = None
    """Guide turned, standard deviation about each axis [deg]."""
    segmentation: Depth | None = None
    """Bone's surface in the image beside the real one, standard deviation [mm]."""
    print: Depth | None = None
    """Printed guide beside its drawing, standard deviation [mm]."""
    base_length: PositiveLength | None = None
    """Length over which errors of surface and print turn the guide [mm]."""
    wire_diameter: PositiveLength | None = None
    """Diameter of the wires that hold the guide [mm]."""
    wire_free_length: PositiveLength | None = None
    """Length of the wires between bone and slot [mm]."""
    wires: Annotated[Count, Field(ge=1, le=12)] | None = None
    """How many wires hold it."""
    slot_side_load: PossibleForce | None = None
    """Force of the saw on the side of its slot, to either side at most [N]."""
    slot_clearance: Depth | None = None
    """By how much the slot is wider than the blade [mm]."""
    slot_depth: PositiveLength | None = None
    """Length over which the blade is led [mm]."""
    blade_thickness: PositiveLength | None = None
    """Thickness of the blade [mm]."""
    blade_width: PositiveLength | None = None
    """Width of the blade [mm]."""
    blade_side_load: PossibleForce | None = None
    """Force across the blade's end, to either side at most [N]."""
    kerf: Depth | None = None
    """Width of the cut [mm]."""
    overrun: Depth | None = None
    """How far the blade cuts past the bone's outline [mm]."""


class Accuracy(Model):
    """What errors of guide and saw may do to margins, roots and gaps: drawn again and again, no mechanics."""

    samples: Annotated[Count, Field(ge=100, le=1_000_000)] = 20_000
    """Cuts drawn."""
    seed: Annotated[Count, Field(ge=0)] = 1
    """Of the draws: the same seed, the same numbers."""
    probability: Wanted = 0.95
    """Probability wanted of every margin, "95 %"; a lower one is told, not refused."""
    errors: SawErrors = SawErrors()
    """Errors of one's own; those left out are from ``sources/accuracy.toml``."""
