"""The sacral prosthesis: two contact plates on the cut faces, a transverse body, a pedestal with the endplate of L5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gamma
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.case.schema import Prosthesis as Options
from femsacrum.errors import InputError
from femsacrum.surgery import cad
from femsacrum.surgery.construct import Solid
from femsacrum.surgery.frame import Frame
from femsacrum.surgery.outline import SIDE_GAP, Regions, band
from femsacrum.surgery.places import place

if TYPE_CHECKING:
    from shapely.geometry import Polygon

#: Knots on the outline of the endplate, and on the sections of what is lofted. Few, so that a section is two arcs whose
#: seams run along the front and the back, clear of the edges that the body makes with plates and pedestal.
ENDPLATE_KNOTS, SECTION_KNOTS = 24, 12
#: Exponent of the pedestal's foot: little more than an ellipse.
FOOT_EXPONENT = 2.3
#: The body's root is hidden in the plate by this much [mm], or its end shows as a sliver of a face.
ROOT_COVERED = 1.0
#: Thinnest transverse body that is drawn, in the midline and where it leaves a plate [mm].
THINNEST_BODY, THINNEST_ROOT = 14.0, 6.0


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


@dataclass(frozen=True)
class Body:
    """The transverse body, before it is drawn.

    Attributes:
        sections: Points on its sections, from the left plate to the right one, each shape (n, 3) [mm].
        middle: Its centre in the midline, shape (3,) [mm].
        half_depth: Half its depth from front to back in the midline [mm].
        bottom: Lowest level of it on each plate, on the frame's ``along`` axis [mm].
    """

    sections: tuple[Floats, ...]
    middle: Floats
    half_depth: float
    bottom: Mapping[str, float]


@dataclass(frozen=True)
class Drawn:
    """The drawn prosthesis.

    Attributes:
        solid: Its exact geometry.
        skin: A triangulation of it for distances.
        volume: [mm3].
    """

    solid: Solid
    skin: Surface
    volume: float


def superellipse(half: tuple[float, float], exponent: float, count: int = SECTION_KNOTS) -> Floats:
    """Points on |x/a|^n + |y/b|^n = 1, from the positive first axis on, shape (count, 2) [mm]."""
    angle = 2.0 * np.pi * np.arange(count) / count
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    circle[np.abs(circle) < 1e-12] = 0.0
    return np.asarray(np.sign(circle) * np.abs(circle) ** (2.0 / exponent) * np.array(half))


def stadium(half: tuple[float, float], count: int = SECTION_KNOTS) -> Floats:
    """Points on a rectangle with semicircular ends, evenly along it from the positive first axis on [mm].

    The ends have the largest radius that fits, so that curved elements of usual size follow it.

    Args:
        half: Half of its extent along both axes [mm].
        count: Of points, a multiple of 4.
    """
    radius = min(half)
    straight = np.array(half) - radius
    quarter = 0.5 * np.pi * radius + straight.sum()
    at = quarter * 4.0 * np.arange(count) / count
    turn, along = np.divmod(at + 1e-9, quarter)
    # within the first quadrant: up the side, round the corner, along the top
    along = np.where(turn % 2 == 1, quarter - along, along)
    angle = np.clip((along - straight[1]) / radius, 0.0, 0.5 * np.pi)
    x = straight[0] + radius * np.cos(angle) - np.maximum(along - straight[1] - 0.5 * np.pi * radius, 0.0)
    y = np.minimum(along, straight[1]) + radius * np.sin(angle)
    x, y = np.where((turn == 1) | (turn == 2), -x, x), np.where(turn >= 2, -y, y)
    return np.column_stack([x, y])


def endplate_outline(cut: Polygon, inset: float) -> Floats:
    """A superellipse that follows the outline of L5's cut and stays inside it.

    Half-axes from the outline's extent, exponent (2 to 4) from its area, both drawn in until it lies inside.

    Args:
        cut: Outline of the cut, in (posterior, left) [mm].
        inset: Least distance to the outline [mm].

    Returns:
        Points on it, shape (n, 2) [mm].

    Raises:
        InputError: Nothing is left of it.
    """
    from shapely.geometry import Polygon

    low_x, low_y, high_x, high_y = cut.bounds
    half = np.array([high_x - low_x, high_y - low_y]) / 2.0
    centre = np.array([high_x + low_x, high_y + low_y]) / 2.0
    exponent = _exponent(cut.area / (4.0 * half[0] * half[1]))
    inner = cut.buffer(-inset)
    for scale in np.arange(1.0, 0.5, -0.01):
        outline = centre + superellipse((half[0] * scale, half[1] * scale), exponent, ENDPLATE_KNOTS)
        if Polygon(outline).within(inner):
            return outline
    raise InputError(
        "surgery.prosthesis.inset",
        f"{inset:g} mm leaves no endplate on the cut of L5, which is {2 * half[0]:.1f} mm deep and {2 * half[1]:.1f} mm "
        "wide: take less",
    )


def _exponent(fill: float) -> float:
    """Exponent of the superellipse that fills a share of its bounding box; area 4ab G(1+1/n)^2 / G(1+2/n)."""
    candidates = np.linspace(2.0, 4.0, 81)
    shares = np.array([gamma(1.0 + 1.0 / n) ** 2 / gamma(1.0 + 2.0 / n) for n in candidates])
    return float(candidates[int(np.argmin(np.abs(shares - fill)))])


def transverse_body(plates: tuple[Plate, ...], endplate: Frame, options: Options) -> Body:
    """Lay out the body that joins the plates: behind their cranial part, bowed forward to stand under L5.

    It takes ``body_scale`` of the pads' length and leaves the caudal rest to the iliac screws.

    Args:
        plates: Left and right.
        endplate: Frame on L5's cut; its normal points down into the prosthesis.
        options: Of the case.

    Raises:
        InputError: The plate is too narrow to carry a body.
    """
    roots = [_attachment(plate, endplate, options) for plate in plates]
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
    return Body(tuple(sections), middle, half_depth, bottoms)


@dataclass(frozen=True)
class _Attachment:
    """The body's section on a plate: its centre, outline, half-axes, and the level of its lower end."""

    centre: Floats
    section: Floats
    half: tuple[float, float]
    bottom: float


def _root(plate: Plate, options: Options) -> float:
    """Depth inside the plate from which the body grows, so that the two overlap [mm]."""
    return plate.back - 0.7 * options.plate_thickness


def _attachment(plate: Plate, endplate: Frame, options: Options) -> _Attachment:
    """The widest section that the plate covers, leaning as the strip of bone leans."""
    from shapely.geometry import Polygon

    pad = plate.regions.pad
    level = float(plate.frame.flat(endplate.origin[None])[0, 1])
    top = min(plate.regions.split, pad.bounds[3], max(level, pad.bounds[1] + 0.7 * (pad.bounds[3] - pad.bounds[1])))
    bottom = top - options.body_scale * (top - pad.bounds[1])
    middle, half_height = 0.5 * (top + bottom), 0.5 * (top - bottom)
    lower, upper = band(plate.regions.plate, bottom, middle).centroid, band(plate.regions.plate, middle, top).centroid
    lean = (upper.x - lower.x) / (upper.y - lower.y)
    centre = np.array([0.5 * (lower.x + upper.x), middle])
    room = plate.regions.plate.buffer(-ROOT_COVERED)
    for half_width in np.arange(12.0, 0.5 * THINNEST_ROOT - 0.01, -0.25):
        half = (float(half_width), half_height)
        section = stadium(half)
        section = centre + section + np.outer(section[:, 1], [lean, 0.0])
        if Polygon(section).within(room):
            return _Attachment(centre, section, half, bottom)
    raise InputError(
        "surgery.prosthesis.body_scale",
        f"{100.0 * options.body_scale:.0f} % of the {plate.side} pad's length: at {place(plate.frame.space(centre)[0])} mm "
        f"the plate has no room for a body {THINNEST_ROOT:g} mm thick and {2.0 * half_height:.1f} mm high: scale it down "
        "or move the cut",
    )


def draw(plates: tuple[Plate, ...], endplate: Frame, outline: Floats, body: Body, options: Options) -> Drawn:
    """Draw the prosthesis as one solid.

    Args:
        plates: Left and right.
        endplate: Frame on L5's cut; its normal points down into the prosthesis.
        outline: Of the endplate, shape (n, 2) [mm].
        body: The transverse body.
        options: Of the case.
    """
    faces = {"endplate": endplate.plane(outward=-1.0)}
    with cad.drawing("prosthesis"):
        pieces = []
        for plate in plates:
            pieces += _draw_plate(plate)
            faces[f"{plate.side}_pad"] = plate.frame.plane(outward=-1.0)
            if plate.regions.graft is not None:
                faces[f"{plate.side}_graft_seat"] = plate.frame.plane(plate.graft, outward=-1.0)
        pieces.append(cad.loft(body.sections))
        thickness = options.endplate_thickness
        pieces.append(cad.loft([endplate.space(outline, 0.0), endplate.space(outline, thickness)]))
        pieces.append(_pedestal(endplate, outline, body, thickness))
        solid = cad.fuse(pieces, "the prosthesis")
        text, volume = cad.brep(solid, "the prosthesis"), cad.volume(solid)
        return Drawn(Solid(text, "implant", faces, options.mesh_size), cad.skin(4.0), volume)


def _draw_plate(plate: Plate) -> list[cad.Tag]:
    regions = plate.regions
    whole = cad.prism(plate.frame, regions.knots, regions.joints, 0.0, plate.back)
    if regions.graft is None:
        return [whole]
    left, _, right, top = regions.plate.bounds
    low, high = np.array([left - 5.0, regions.split - SIDE_GAP / 2.0]), np.array([right + 5.0, top + 5.0])
    return cad.subtract(whole, [cad.block(plate.frame, low, high, -1.0, plate.graft)])


def _pedestal(endplate: Frame, outline: Floats, body: Body, thickness: float) -> cad.Tag:
    """From the middle of the endplate's thickness down into the transverse body."""
    centre = outline.mean(axis=0)
    upper = centre + 0.9 * (outline - centre)[:: ENDPLATE_KNOTS // SECTION_KNOTS]
    foot_centre = endplate.flat(body.middle[None])[0]
    half = np.abs(outline - centre).max(axis=0)
    foot = foot_centre + superellipse((0.85 * body.half_depth, 0.75 * half[1]), FOOT_EXPONENT)
    depth = float(endplate.depth(body.middle[None])[0])
    return cad.loft([endplate.space(upper, 0.5 * thickness), endplate.space(foot, depth)])
