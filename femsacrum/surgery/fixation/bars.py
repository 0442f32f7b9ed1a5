"""Bars and balls of a fixation, drawn: a ball stands for a head or clamp, and every axis passes through its centre."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.surgery.fixation.bends import Bent
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import unit

#: An edge shorter than this is the pole of a ball [mm].
POLE = 1e-6


def ball(centre: Floats, radius: float, pole: Floats, away: Floats, turn: float = 0.0) -> cad.Tag:
    """A ball whose poles lie inside the rod that passes it, and whose seam lies where nothing else leaves it.

    Args:
        centre: [mm].
        radius: [mm].
        pole: Direction of the rod, shape (3,).
        away: Direction of the seam, as far as it is across the rod, shape (3,).
        turn: Of the seam round the rod [deg].
    """
    import gmsh
    from scipy.spatial.transform import Rotation

    z = unit(pole)
    x = unit(away - (away @ z) * z)
    frame = Rotation.from_matrix(np.column_stack([x, np.cross(z, x), z])) * Rotation.from_euler(
        "z", turn, degrees=True
    )
    vector = frame.as_rotvec()
    angle = float(np.linalg.norm(vector))
    tag = cad.ball(centre, radius)
    if angle > 1e-9:
        gmsh.model.occ.rotate([tag], *centre, *(vector / angle), angle)
    return tag


def bar(bent: Bent, radius: float, turn: float = 0.0) -> cad.Tag:
    """A round bar, swept along its legs and arcs.

    Args:
        bent: Its axis.
        radius: [mm].
        turn: Of its seam round it [deg].
    """
    import gmsh

    corners, occ = bent.corners, gmsh.model.occ
    if len(corners) == 2:
        return turned([cad.cylinder(corners[0], corners[1], radius)], corners[0], corners[1], turn)[0]
    at, curves = occ.addPoint(*corners[0]), []
    for start, centre, end in bent.arcs():
        first, middle, last = (occ.addPoint(*point) for point in (start, centre, end))
        curves += [occ.addLine(at, first), occ.addCircleArc(first, middle, last)]
        at = last
    curves.append(occ.addLine(at, occ.addPoint(*corners[-1])))
    disk = (2, occ.addDisk(*corners[0], radius, radius, zAxis=list(corners[1] - corners[0])))
    turned([disk], corners[0], corners[1], turn)
    swept = occ.addPipe([disk], occ.addWire(curves), "DiscreteTrihedron")
    occ.remove([disk, *((1, curve) for curve in curves)], recursive=True)
    return next((tag[0], tag[1]) for tag in swept if tag[0] == 3)


def turned(tags: list[cad.Tag], start: Floats, end: Floats, turn: float) -> list[cad.Tag]:
    """Pieces turned round the axis of a bar, and with them its seam.

    Args:
        tags: Of the pieces.
        start: On the axis, shape (3,) [mm].
        end: On the axis, shape (3,) [mm].
        turn: [deg].
    """
    import gmsh

    if turn:
        gmsh.model.occ.rotate(tags, *start, *(end - start), np.radians(turn))
    return tags


def shortest_edge() -> float:
    """Length of the shortest edge in the drawing, poles of balls left out [mm]."""
    import gmsh

    gmsh.model.occ.synchronize()
    lengths = [float(gmsh.model.occ.getMass(*edge)) for edge in gmsh.model.getEntities(1)]
    return min(length for length in lengths if length > POLE)
