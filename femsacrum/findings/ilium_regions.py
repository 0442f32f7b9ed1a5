"""Regions of an innominate bone that surgeons name, told from landmarks."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings.overload import to_axis
from femsacrum.meshing.bodies import Assembly

REGIONS = ("periacetabular", "sciatic buttress", "wing", "posterior ilium", "pubis", "ischium")
#: Bone within this distance of the head of the femur is periacetabular [mm].
CUP = 15.0
#: Half the width of the bar of bone from the sacroiliac joint to the acetabulum [mm].
BUTTRESS = 18.0


def region_of(assembly: Assembly, side: str, points: Floats) -> Ints:
    """Which region of one side's bone each point lies in.

    "Periacetabular" is what lies within 15 mm of the femoral head; the sciatic buttress runs straight from the hip centre
    to the middle of the intact sacroiliac joint, 36 mm wide; what is above the acetabulum's roof and neither of these is
    wing in front of that joint's middle and posterior ilium behind it; below the roof a point belongs to pubis or ischium,
    whichever of the lines from the hip centre to pubic tubercle and ischial tuberosity is nearer. All of it is a choice of
    this project: simple, and the same before and after the operation.

    Args:
        assembly: Its anatomy is that before the operation, whatever the plan.
        side: "left" or "right".
        points: Shape (n, 3) [mm].

    Returns:
        Index into ``REGIONS``, shape (n,).
    """
    anatomy = assembly.construct.anatomy
    marks = {name: np.asarray(place, float) for name, place in anatomy.landmarks.items()}
    hip = marks[f"{side}_hip_centre"]
    joint = anatomy.parts[f"{side}_sij"].points.mean(axis=0)
    pubis, ischium = marks[f"{side}_pubic_tub"], marks[f"{side}_isch_tub"]
    up = marks[f"{side}_crest_top"] - 0.5 * (pubis + ischium)
    back = marks[f"{side}_PSIS"] - marks[f"{side}_ASIS"]
    above = (points - hip) @ up > anatomy.acetabular_radius * np.linalg.norm(up)
    behind = (points - joint) @ back > 0.0
    lower = to_axis(points, hip, ischium) < to_axis(points, hip, pubis)
    found = np.where(above, np.where(behind, 3, 2), np.where(lower, 5, 4))
    found[above & (to_axis(points, hip, joint) < BUTTRESS)] = 1
    found[np.linalg.norm(points - hip, axis=1) < anatomy.acetabular_radius + CUP] = 0
    return found
