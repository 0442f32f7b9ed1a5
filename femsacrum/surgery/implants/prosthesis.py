"""The sacral prosthesis: two contact plates, a transverse body, a pedestal with the endplate that carries L5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.case.schema import Prosthesis as Options
from femsacrum.errors import NumericalError
from femsacrum.surgery.construct import Solid
from femsacrum.surgery.implants import lattice
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.implants.tabs import Tab
from femsacrum.surgery.implants.transverse import Body
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import Frame
from femsacrum.surgery.shapes.outline import SIDE_GAP, joints
from femsacrum.surgery.shapes.outside import outside
from femsacrum.surgery.shapes.places import place
from femsacrum.surgery.shapes.profiles import ENDPLATE_KNOTS, SECTION_KNOTS, superellipse

#: Exponent of the pedestal's foot: little more than an ellipse.
FOOT_EXPONENT = 2.3
#: The pedestal's top, as a share of the endplate; its foot, as a share of the body's depth and the endplate's width.
PEDESTAL_TOP, FOOT_DEPTH, FOOT_WIDTH = 0.9, 0.85, 0.75
#: Where the body's surface grazes an edge of a plate, the union has slivers that cannot be meshed: other places for
#: the seams of the plates, and other scales of the body's sections, are tried until the shortest edge is good [mm];
#: the best of them is taken unless its shortest edge is too short [mm].
SEAMS, BODY_SCALES, GOOD_EDGE, SHORTEST_EDGE = (0, 1, 2, 3), (1.0, 0.96, 0.92), 1.0, 0.4


@dataclass(frozen=True)
class Drawn:
    """The drawn prosthesis.

    Attributes:
        solid: Its exact geometry.
        skin: A triangulation of it for distances.
        volume: [mm3].
        scale: Of the transverse body's sections, against how it was laid out.
        void: Share of void in its volume.
    """

    solid: Solid
    skin: Surface
    volume: float
    scale: float
    void: float


def draw(
    plates: tuple[Plate, ...],
    endplate: Frame,
    outline: Floats,
    body: Body,
    options: Options,
    tabs: Sequence[Tab] = (),
) -> Drawn:
    """Draw the prosthesis as one solid.

    Args:
        plates: Left and right.
        endplate: Frame on L5's cut; its normal points down into the prosthesis.
        outline: Of the endplate, shape (n, 2) [mm].
        body: The transverse body.
        options: Of the case.
        tabs: Flanges of its plates.

    Raises:
        NumericalError: Every attempt has slivers.
    """
    best, widest = None, 0.0
    for scale, seam in product(BODY_SCALES, SEAMS):
        drawn, edge = _attempt(plates, endplate, outline, body, options, tabs, scale, seam, better_than=widest)
        if drawn is not None:
            best, widest = drawn, edge
        if widest >= GOOD_EDGE:
            break
    if best is None or widest < SHORTEST_EDGE:
        raise NumericalError(
            f"surgery: the transverse body grazes an edge of a plate or of the pedestal near {place(body.middle)} "
            "mm: change surgery.prosthesis.body_scale a little"
        )
    return best


def _attempt(
    plates: tuple[Plate, ...],
    endplate: Frame,
    outline: Floats,
    body: Body,
    options: Options,
    tabs: Sequence[Tab],
    scale: float,
    seam: int,
    better_than: float,
) -> tuple[Drawn | None, float]:
    """The prosthesis with scaled sections and moved seams, and its shortest edge; None if that is too short."""
    faces = {"endplate": endplate.plane(outward=-1.0)}
    thickness = options.endplate_thickness
    with cad.drawing("prosthesis"):
        pieces = []
        for plate in plates:
            pieces += _draw_plate(plate, seam)
            faces[f"{plate.side}_pad"] = plate.frame.plane(outward=-1.0)
            if plate.regions.graft is not None:
                faces[f"{plate.side}_graft_seat"] = plate.frame.plane(plate.graft, outward=-1.0)
        centres = [section.mean(axis=0) for section in body.sections]
        pieces.append(cad.loft([c + scale * (s - c) for c, s in zip(centres, body.sections, strict=True)]))
        pieces.append(cad.loft([endplate.space(outline, 0.0), endplate.space(outline, thickness)]))
        pieces.append(_pedestal(endplate, outline, body, thickness))
        pieces += [box for tab in tabs for box in tab.draw()]
        solid = cad.fuse(pieces, "the prosthesis")
        edge = cad.shortest_edge()
        if edge <= better_than:
            return None, edge
        text, volume = cad.brep(solid, "the prosthesis"), cad.volume(solid)
        skin = outside("the prosthesis")
        zones, porosity = lattice.zones(plates, endplate, outline, options)
        parts, void = lattice.parted(solid, zones, porosity, "the prosthesis") if zones else (None, 0.0)
        made = Solid(text, "implant", faces, options.mesh_size, None, zones, porosity, parts)
        return Drawn(made, skin, volume, scale, void), edge


def _draw_plate(plate: Plate, seam: int) -> list[cad.Tag]:
    regions = plate.regions
    whole = cad.prism(plate.frame, regions.knots, joints(regions.knots, regions.split, seam), 0.0, plate.back)
    if regions.graft is None:
        return [whole]
    left, _, right, top = regions.plate.bounds
    low, high = np.array([left - 5.0, regions.split - SIDE_GAP / 2.0]), np.array([right + 5.0, top + 5.0])
    return cad.subtract(whole, [cad.block(plate.frame, low, high, -1.0, plate.graft)])


def _pedestal(endplate: Frame, outline: Floats, body: Body, thickness: float) -> cad.Tag:
    """From the middle of the endplate's thickness down into the transverse body."""
    centre = outline.mean(axis=0)
    upper = centre + PEDESTAL_TOP * (outline - centre)[:: ENDPLATE_KNOTS // SECTION_KNOTS]
    foot_centre = endplate.flat(body.middle[None])[0]
    half = np.abs(outline - centre).max(axis=0)
    foot = foot_centre + superellipse((FOOT_DEPTH * body.half_depth, FOOT_WIDTH * half[1]), FOOT_EXPONENT)
    depth = float(endplate.depth(body.middle[None])[0])
    return cad.loft([endplate.space(upper, 0.5 * thickness), endplate.space(foot, depth)])
