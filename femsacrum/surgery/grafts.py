"""Grafts: prisms of iliac crest between the ilium's cut face and the prosthesis."""

from __future__ import annotations

import numpy as np

from femsacrum.surgery import cad
from femsacrum.surgery.construct import Solid
from femsacrum.surgery.prosthesis import Plate


def draw(plate: Plate, size: float | None = None) -> tuple[Solid, float]:
    """Draw the graft of one plate.

    Args:
        plate: With a graft region.
        size: Target element size [mm].

    Returns:
        The solid, its faces "host" (to the ilium) and "seat" (to the prosthesis), and its volume [mm3].
    """
    name = f"{plate.side}_graft"
    assert plate.regions.graft is not None
    outline = np.asarray(plate.regions.graft.exterior.coords, dtype=float)[:-1]
    faces = {"host": plate.frame.plane(outward=-1.0), "seat": plate.frame.plane(plate.graft)}
    with cad.drawing(name):
        solid = cad.prism(plate.frame, outline, 0.0, plate.graft)
        return Solid(cad.brep(solid, name), "graft", faces, size), cad.volume(solid)
