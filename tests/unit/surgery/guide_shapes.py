"""A sacrum with a canal and a flat back, and a block put on it by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import manifold3d
import numpy as np
from surgery_shapes import boxes

from femsacrum.anatomy.model import Anatomy, Floats, Surface
from femsacrum.case.guide import Guide as Spec
from femsacrum.case.schema import CutPlane, Laminectomy, Resection, Surgery
from femsacrum.surgery.cuts.resect import Resected, resect
from femsacrum.surgery.guides.block import Part, parts
from femsacrum.surgery.guides.layout import Layout, ceiling, last_slot, lay_out
from femsacrum.surgery.guides.model import Seat, Wire
from femsacrum.surgery.guides.relief import Relief
from femsacrum.surgery.guides.slots import Lead, deroofing, transverse

#: (across, up) of the feet on the back of the bone [mm].
FEET = np.array([[28, 14], [30, 2], [22, -8], [34, -8], [-28, 14], [-30, 2], [-22, -8], [-34, -8]], dtype=float)
BACK = 100.0


@dataclass(frozen=True)
class Made:
    """A guide with all that it was made from."""

    anatomy: Anatomy
    after: Resected
    plan: Surgery
    spec: Spec
    seat: Seat
    wires: tuple[Wire, ...]
    relief: Relief
    leads: tuple[Lead, ...]
    layout: Layout
    parts: dict[str, Part]


def cube(low: tuple[float, ...], high: tuple[float, ...]) -> manifold3d.Manifold:
    return manifold3d.Manifold.cube(tuple(b - a for a, b in zip(low, high, strict=True))).translate(low)


def surface(solid: manifold3d.Manifold) -> Surface:
    mesh = solid.to_mesh64()
    return Surface(np.array(mesh.vert_properties[:, :3]), np.array(mesh.tri_verts, dtype=np.int64))


def anatomy() -> Anatomy:
    """80 x 40 x 120 mm, a canal of 20 x 12 mm under 8 mm of lamina, a median crest 6 mm wide and 5 mm high."""
    solid = cube((-40, 60, -80), (40, BACK, 40)) + cube((-3, BACK - 1, -60), (3, BACK + 5, 20))
    solid -= cube((-12, 80, -90), (12, 92, 50))
    base = boxes()
    marks = {"S1_endplate": np.array([0.0, 75.0, 40.0])}
    for level, z in (("S1", 10.0), ("S2", -20.0), ("S3", -50.0)):
        for side, x in (("left", 15.0), ("right", -15.0)):
            marks[f"{side}_foramen_{level}"] = np.array([x, 75.0, z])
    bones = {name: part for name, part in base.parts.items() if name != "L5"}
    bones["L5"] = surface(cube((-20, 70, 42), (20, 130, 60)))
    bones["L4"] = surface(cube((-20, 50, 90), (20, 80, 115)))
    return replace(base, parts={**bones, "sacrum": surface(solid)}, landmarks={**base.landmarks, **marks})


def seat(depth: float = 0.0) -> Seat:
    """Feet on the back of the bone, or so deep in it [mm]."""
    points = np.column_stack([FEET[:, 0], np.full(len(FEET), BACK - depth), FEET[:, 1]])
    back = np.array([0.0, 1.0, 0.0])
    return Seat(points, np.tile(back, (len(points), 1)), back)


def wires(direction: tuple[float, float, float] = (0.1, -1.0, 0.05)) -> tuple[Wire, ...]:
    made = []
    for number, sign in ((1, 1.0), (2, -1.0)):
        way: Floats = np.array([sign * direction[0], direction[1], direction[2]])
        way /= np.linalg.norm(way)
        entry = np.array([sign * 22.0, BACK, 22.0])
        made.append(Wire(f"wire_{number}", entry, entry + 25.0 * way, way, 2.0, 5.0, "canal"))
    return tuple(made)


@cache
def made(tilt: float = 5.0, depth: float = 0.0, thickness: float = 6.0, opened: bool = True) -> Made:
    """A guide; the plane of the cut is turned by ``tilt`` [deg]."""
    bones, spec, stands, pinned = anatomy(), Spec(thickness=f"{thickness} mm"), seat(depth), wires()
    plane = CutPlane.model_construct(point=(0.0, 80.0, -32.0), facing="caudal", sagittal_tilt=tilt, frontal_tilt=2.0)
    lamina = Laminectomy(levels=("S1", "S2"), width="20 mm") if opened else None
    plan = Surgery.model_construct(
        plan="partial_sacrectomy", resection=Resection.model_construct(sacrum=plane, laminectomy=lamina), guide=spec
    )
    after = resect(plan, bones)
    relief, limit = Relief(bones.parts), ceiling(stands, bones)
    leads = (
        transverse(after.cuts["sacrum"].plane, bones, stands, spec, relief),
        *deroofing(plan.resection, bones, after, stands, spec, relief, last_slot(limit, spec)),
    )
    layout = lay_out(stands, pinned, leads, bones, spec, relief, limit)
    return Made(
        bones, after, plan, spec, stands, pinned, relief, leads, layout, parts(stands, pinned, leads, layout, spec)
    )
