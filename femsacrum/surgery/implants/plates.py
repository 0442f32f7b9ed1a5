"""The contact plates on the cut faces of the ilia: their outline, the graft's share, the room for the screws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.case.schema import Fixation, Graft, Prosthesis
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.cut import Cut
from femsacrum.surgery.shapes.frame import Frame, frame_on
from femsacrum.surgery.shapes.outline import Regions, cut_polygon, divide, drawn_in, smooth
from femsacrum.surgery.shapes.places import place

#: Smallest contact plate that is worth drawing [mm2].
SMALLEST_PLATE = 200.0
#: Metal kept round a screw that crosses a plate [mm].
MARGIN = 1.0
#: Free distance between a head and the bone, plate, body or head beside it [mm].
HEAD_FREE = 1.0
#: Half the width of a pad that a transverse body can grow from [mm].
HALF_ROOT = 5.0


@dataclass(frozen=True)
class Plate:
    """One contact plate.

    Attributes:
        side: "left" or "right".
        frame: On the cut face of the ilium; depth 0 is the bone, positive depth the prosthesis.
        regions: Outline, divided between pad and graft.
        graft: Thickness of the graft, the depth of its seat [mm]; 0 without a graft.
        back: Depth of the plate's back [mm].
    """

    side: str
    frame: Frame
    regions: Regions
    graft: float
    back: float


def plate_on(cut: Cut, side: str, options: Prosthesis, graft: Graft | None) -> Plate:
    """The contact plate on a cut face.

    Args:
        cut: Of the ilium.
        side: "left" or "right".
        options: Prosthesis of the case.
        graft: Of the case; None: no grafts.

    Raises:
        InputError: The cut face is too small for it.
    """
    frame = frame_on(cut.plane, np.array([0.0, 0.0, 1.0]))
    contour = cut_polygon(cut.surface, frame)
    knots = drawn_in(contour, options.inset)
    area = 0.0 if knots is None else float(smooth(knots).area)
    if knots is None or area < SMALLEST_PLATE:
        raise InputError(
            "surgery.prosthesis.inset",
            f"{options.inset:g} mm leaves {area:.0f} mm2 of the {side} cut face of {contour.area:.0f} mm2 at "
            f"{place(frame.space(contour.centroid.coords)[0])} mm (at least {SMALLEST_PLATE:.0f} mm2)",
        )
    regions = divide(knots, None if graft is None else graft.share)
    thickness = 0.0 if graft is None else graft.thickness
    return Plate(side, frame, regions, thickness, thickness + options.plate_thickness)


def room_for_screws(plate: Plate, options: Fixation | None) -> float:
    """Level below which the transverse body must not reach, so that the iliac screws' heads fit behind the pad.

    Args:
        plate: Contact plate.
        options: Fixation of the case; None: no screws.

    Returns:
        Level on the frame's ``along`` axis [mm].

    Raises:
        InputError: The pad is too narrow for a screw.
    """
    if options is None:  # where the pad is wide enough for a body to grow from it
        room = plate.regions.pad.buffer(-HALF_ROOT)
        return float((plate.regions.pad if room.is_empty else room).bounds[1])
    radius = options.iliac_screw_diameter / 2.0
    room = plate.regions.pad.buffer(-(radius + MARGIN))
    if room.is_empty:
        at = plate.frame.space(plate.regions.pad.centroid.coords)[0]
        raise InputError(
            "surgery.fixation.iliac_screw_diameter",
            f"{options.iliac_screw_diameter:g} mm: the {plate.side} pad round {place(at)} mm is too narrow for it "
            f"with {MARGIN:g} mm of metal on both sides: take a thinner screw or move the cut",
        )
    # heads side by side along the pad, and three quarters as much again to choose from
    spread = 1.75 * (options.iliac_screws_per_side - 1) * (options.head_diameter + HEAD_FREE)
    return float(room.bounds[1]) + spread + options.head_diameter / 2.0 + HEAD_FREE
