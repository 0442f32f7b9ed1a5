"""Grafts under a prosthesis: prisms of iliac crest, or beds of chips, between its plates and the ilia's cut faces."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Surface
from femsacrum.case.schema import Graft
from femsacrum.surgery.construct import Solid
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.outline import SIDE_GAP, joints
from femsacrum.surgery.shapes.outside import outside


def draw(plate: Plate, options: Graft) -> tuple[Solid, float, Surface]:
    """Draw the graft of one plate.

    Args:
        plate: With a graft region.
        options: Graft of the case.

    Returns:
        The solid, its faces "host" (to the ilium) and "seat" (to the prosthesis), its volume [mm3], and a
        triangulation of it for distances.
    """
    name = f"{plate.side}_graft"
    faces = {"host": plate.frame.plane(outward=-1.0), "seat": plate.frame.plane(plate.graft)}
    with cad.drawing(name):
        seams = joints(plate.regions.knots, plate.regions.split)
        whole = cad.prism(plate.frame, plate.regions.knots, seams, 0.0, plate.graft)
        left, bottom, right, _ = plate.regions.plate.bounds
        low = np.array([left - 5.0, bottom - 5.0])
        high = np.array([right + 5.0, plate.regions.split + SIDE_GAP / 2.0])
        solid = cad.fuse(cad.subtract(whole, [cad.block(plate.frame, low, high, -1.0, plate.graft + 1.0)]), name)
        text, volume = cad.brep(solid, name), cad.volume(solid)
        material = "morsellised_graft" if options.kind == "morsellised" else None
        return Solid(text, "graft", faces, options.mesh_size, material), volume, outside(name)
