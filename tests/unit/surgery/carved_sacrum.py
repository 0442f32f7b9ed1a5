"""A sacrum carved from a prism: a canal, foramina and bumps at known places, and what a partial sacrectomy leaves of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import manifold3d
import numpy as np
from surgery_shapes import boxes

from femsacrum.anatomy.model import Anatomy, Surface
from femsacrum.case.schema import CutPlane, Laminectomy, Resection
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.cuts.sacrum import cut_across

#: Radius of the foramina, where they are [mm]; half the width of the canal, from and to where it is deep; of the deroofing.
HOLE, HOLES = 4.0, {"S1": 10.0, "S2": -20.0, "S3": -50.0}
BESIDE = 19.0
CANAL, CANAL_FROM, CANAL_TO = 12.0, 76.0, 86.0
WIDTH, FRONT = 22.0, 60.0


@cache
def pelvis() -> Anatomy:
    """The carved sacrum between two ilia, front at y = 60 mm, its back at 92 mm in the middle and 70 mm at the sides."""
    section = manifold3d.CrossSection(
        [[(-48, FRONT), (48, FRONT), (48, 72), (30, 84), (10, 92), (-10, 92), (-30, 84), (-48, 72)]]
    )
    solid = section.extrude(120.0).translate((0, 0, -80))
    for x, y, z, size in (
        (30, 80, 22, 9),
        (-31, 80, 18, 9),
        (33, 78, -8, 8),
        (-32, 78, -10, 8),
        (0, 90, 0, 7),
        (0, 90, -40, 7),
    ):
        solid += manifold3d.Manifold.sphere(size, 48).translate((x, y, z))
    solid -= manifold3d.Manifold.cube((2 * CANAL, CANAL_TO - CANAL_FROM, 140)).translate((-CANAL, CANAL_FROM, -90))
    marks = {"S1_endplate": np.array([0.0, FRONT + 2.0, 40.0])}
    for level, z in HOLES.items():
        for side, x in (("left", BESIDE), ("right", -BESIDE)):
            hole = manifold3d.Manifold.cylinder(80.0, HOLE, HOLE, 32).rotate((-90, 0, 0)).translate((x, 40.0, z))
            solid -= hole
            marks[f"{side}_foramen_{level}"] = np.array([x, FRONT + 2.0, z])
    mesh = solid.to_mesh64()
    bone = Surface(np.array(mesh.vert_properties[:, :3]), np.array(mesh.tri_verts, dtype=np.int64))
    base = boxes()
    ilia = {name: base.parts[name] for name in ("left_ilium", "right_ilium")}
    return replace(base, parts={**ilia, "sacrum": bone}, landmarks={**base.landmarks, **marks})


@cache
def resected(width: float = WIDTH) -> Resected:
    """Cut below S2 (z = -24 mm) with S1 and S2 deroofed as wide as told."""
    plan = Resection(
        sacrum=CutPlane(level="below S2"), laminectomy=Laminectomy(levels=("S1", "S2"), width=f"{width:g} mm")
    )
    done = cut_across(pelvis(), plan)
    return Resected({**pelvis().parts, "sacrum": done.cut.surface}, {"sacrum": done.cut}, opened=done.opened)
