"""The transverse body that joins the two contact plates, laid out before it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Prosthesis as Options
from femsacrum.errors import InputError
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.shapes.frame import Frame
from femsacrum.surgery.shapes.outline import band
from femsacrum.surgery.shapes.places import place
from femsacrum.surgery.shapes.profiles import stadium

#: The body's root is hidden in the plate by this much [mm], or its end shows as a sliver of a face.
ROOT_COVERED = 1.0
#: How deep in the plate the root lies, as a share of its thickness: the rest keeps the body clear of the edge of the
#: graft's seat.
ROOT_DEPTH = 0.6
#: Thinnest transverse body that is drawn, in the midline and where it leaves a plate [mm].
THINNEST_BODY, THINNEST_ROOT = 14.0, 6.0
#: Lowest transverse body, from bottom to top where it leaves a plate [mm].
LOWEST_BODY = 14.0
#: Between the body and the cranial end of a plate [mm].
END_FREE = 4.0


@dataclass(frozen=True)
class Body:
    """The transverse body, before it is drawn.

    Attributes:
        sections: Points on its sections, from the left plate to the right one, each shape (n, 3) [mm].
        middle: Its centre in the midline, shape (3,) [mm].
        half_depth: Half its depth from front to back in the midline [mm].
        bottom: Side -> lowest level of it on that plate, on the frame's ``along`` axis [mm].
        height: In the midline [mm].
        scales: Side -> its height where it leaves that plate, relative to the pad's length.
    """

    sections: tuple[Floats, ...]
    middle: Floats
    half_depth: float
    bottom: Mapping[str, float]
    height: float
    scales: Mapping[str, float]


def transverse_body(
    plates: tuple[Plate, ...], endplate: Frame, options: Options, lowest: Mapping[str, float]
) -> Body:
    """Lay out the body that joins the plates: above the iliac screws, bowed forward to stand under L5.

    It begins where the iliac screws' heads end; its height where it leaves a plate is ``body_scale`` of the pad's
    length, or less where the plate is too short or too bent to cover that; ``scales`` says how much it is.

    Args:
        plates: Left and right.
        endplate: Frame on L5's cut; its normal points down into the prosthesis.
        options: Of the case.
        lowest: Side -> level that the body must stay above, on the frame's ``along`` axis [mm].

    Raises:
        InputError: A plate is too short or too narrow to carry a body.
    """
    roots = [_attachment(plate, options, lowest[plate.side]) for plate in plates]
    depths = [_root(plate, options) for plate in plates]
    centres = [p.frame.space(root.centre, depth)[0] for p, root, depth in zip(plates, roots, depths, strict=True)]
    between = 0.5 * (centres[0] + centres[1])
    half_height = 0.4 * sum(root.half[1] for root in roots)
    half_depth = max(0.5 * THINNEST_BODY, 0.65 * sum(root.half[0] for root in roots))
    drop = float((between - endplate.origin) @ endplate.normal)
    middle = endplate.origin + max(drop, options.endplate_thickness + 0.6 * half_height) * endplate.normal
    lateral = (centres[0] - centres[1]) / np.linalg.norm(centres[0] - centres[1])
    upward = plates[0].frame.along + plates[1].frame.along
    upward = upward - (upward @ lateral) * lateral
    upward = upward / np.linalg.norm(upward)
    backward = np.cross(lateral, upward)
    backward = backward if backward[1] > 0.0 else -backward
    central = stadium((half_depth, half_height))
    sections = [p.frame.space(root.section, depth) for p, root, depth in zip(plates, roots, depths, strict=True)]
    sections.insert(1, middle + central[:, :1] * backward + central[:, 1:] * upward)
    bottoms = {plate.side: root.bottom for plate, root in zip(plates, roots, strict=True)}
    scales = {p.side: 2.0 * root.half[1] / _pad_length(p) for p, root in zip(plates, roots, strict=True)}
    return Body(tuple(sections), middle, half_depth, bottoms, 2.0 * half_height, scales)


@dataclass(frozen=True)
class _Attachment:
    """The body's section on a plate: its centre, outline, half-axes, and the level of its lower end."""

    centre: Floats
    section: Floats
    half: tuple[float, float]
    bottom: float


def _root(plate: Plate, options: Options) -> float:
    """Depth inside the plate from which the body grows, so that the two overlap [mm]."""
    return plate.back - ROOT_DEPTH * options.plate_thickness


def _pad_length(plate: Plate) -> float:
    """Extent of the pad along the plate [mm]."""
    return float(plate.regions.pad.bounds[3] - plate.regions.pad.bounds[1])


def _attachment(plate: Plate, options: Options, lowest: float) -> _Attachment:
    """The highest section, as far as wanted, that the plate covers, leaning as the strip of bone leans."""
    from shapely.geometry import Polygon

    pad, ceiling = plate.regions.pad, plate.regions.plate.bounds[3] - END_FREE
    wanted = options.body_scale * _pad_length(plate)
    room = plate.regions.plate.buffer(-ROOT_COVERED)
    for height in np.arange(min(wanted, ceiling - lowest), LOWEST_BODY - 0.01, -1.0):
        top, middle = lowest + height, lowest + 0.5 * height
        lower, upper = (
            band(plate.regions.plate, lowest, middle).centroid,
            band(plate.regions.plate, middle, top).centroid,
        )
        lean = (upper.x - lower.x) / (upper.y - lower.y)
        centre = np.array([0.5 * (lower.x + upper.x), middle])
        for half_width in np.arange(12.0, 0.5 * THINNEST_ROOT - 0.01, -0.25):
            half = (float(half_width), 0.5 * float(height))
            section = stadium(half)
            section = centre + section + np.outer(section[:, 1], [lean, 0.0])
            if Polygon(section).within(room):
                return _Attachment(centre, section, half, lowest)
    at = plate.frame.space(np.array([pad.centroid.x, lowest]))[0]
    raise InputError(
        "surgery.prosthesis.body_scale",
        f"{100.0 * options.body_scale:.0f} % would be {wanted:.1f} mm: from "
        f"{place(at)} mm on, the {plate.side} plate has no room for a transverse body {LOWEST_BODY:g} mm high and "
        f"{THINNEST_ROOT:g} mm thick: move the cut, take fewer or thinner iliac screws",
    )
