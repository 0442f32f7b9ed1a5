"""What a case may say about the cutting guide of a partial sacrectomy."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from femsacrum.case.model import Count, Model
from femsacrum.case.units import Angle, Length, PositiveLength


class Guide(Model):
    """A base block on the posterior sacrum, pinned by wires, that carries the guides of both osteotomies."""

    contacts: Annotated[Count, Field(ge=3, le=24)] = 8
    """Points it touches the bone with."""
    foot_radius: PositiveLength = 2.0
    """Radius of the round tip of each of its feet [mm]."""
    thickness: PositiveLength = 6.0
    """Thickness of its plate and of the walls beside slots [mm]."""
    wires: Annotated[Count, Field(ge=1, le=4)] = 2
    """Kirschner wires that hold it."""
    wire_diameter: PositiveLength = 2.0
    """Of the wires [mm]."""
    wire_depth: PositiveLength = 25.0
    """Length of each wire in the bone [mm], less where a clearance asks for it."""
    wire_clearance: PositiveLength = 3.0
    """Least distance of a wire's surface from foramina and canal [mm]."""
    blade: PositiveLength = 1.0
    """Thickness of the saw blade [mm]."""
    slot_clearance: PositiveLength = 0.3
    """By how much a slot is wider than the blade [mm]."""
    slot_depth: PositiveLength = 12.0
    """Length the blade is led over [mm]."""
    least_wall: PositiveLength = 1.5
    """Thinnest wall that can be printed and sterilised [mm]; a thinner one is told."""
    offset: Length = 0.0
    """By how much the block is moved towards the head from where it is placed by itself [mm]."""
    tilt: Angle = 0.0
    """Turn of its seating direction seen from the left, counter-clockwise [deg]."""
