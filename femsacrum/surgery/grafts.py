"""Grafts: prisms of iliac crest between the ilium's cut face and the prosthesis."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Surface
from femsacrum.surgery import cad
from femsacrum.surgery.construct import Solid
from femsacrum.surgery.outline import SIDE_GAP, joints
from femsacrum.surgery.plates import Plate


def draw(plate: Plate, size: float | None = None) -> tuple[Solid, float, Surface]:
    """Draw the graft of one plate.

    Args:
        plate: With a graft region.
        size: Target element size [mm].

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
        return Solid(text, "graft", faces, size), volume, cad.skin(name)
