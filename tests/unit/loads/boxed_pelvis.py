"""A pelvis of five bonded boxes that can be solved in a second: two wings, a sacrum, a pubic bar, L4."""

from dataclasses import replace

import numpy as np

from benchmarks.verification import meshes
from femsacrum.anatomy.model import Anatomy
from femsacrum.mechanics.interfaces import Bonded, Interface
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Construct, Contact

TOP = np.array([0.0, 50.0, 60.0])
YOUNGS, POISSON = 15000.0, 0.3
#: Body -> two corners [mm], cells along each axis, faces that lie against another body.
BOXES = {
    "left_ilium": ((50, 20, -100), (70, 80, 30), (2, 6, 13), ("x0",)),
    "right_ilium": ((-70, 20, -100), (-50, 80, 30), (2, 6, 13), ("x1",)),
    "sacrum": ((-50, 30, 0), (50, 70, 30), (8, 4, 3), ("x0", "x1", "z1")),
    "symphysis": ((-50, 20, -100), (50, 35, -85), (8, 1, 1), ("x0", "x1")),
    "L4": ((-20, 30, 30), (20, 70, 60), (4, 4, 3), ("z0",)),
}
TOUCHING = (
    (("sacrum", "x1"), ("left_ilium", "x0")),
    (("sacrum", "x0"), ("right_ilium", "x1")),
    (("symphysis", "x1"), ("left_ilium", "x0")),
    (("symphysis", "x0"), ("right_ilium", "x1")),
    (("L4", "z0"), ("sacrum", "z1")),
)


def boxed():
    """Assembly with hips 60 mm beside the midline under the wings."""
    bodies = {}
    for name, (low, high, cells, joined) in BOXES.items():
        mesh = meshes.box(name, low, high, cells, role="cartilage" if name == "symphysis" else "bone")
        outside = ~np.isin(mesh.facet_face, [mesh.face_names.index(face) for face in joined])
        face = np.where(outside, mesh.face_names.index("surface"), mesh.facet_face)
        bodies[name] = replace(mesh, facet_face=face)
    landmarks = {"L4_upper": TOP}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip = np.array([sign * 60.0, 48.0, -120.0])
        landmarks[f"{side}_hip_centre"] = hip
        landmarks[f"{side}_ASIS"] = hip + np.array([sign * 20.0, -40.0, 80.0])
        landmarks[f"{side}_crest_top"] = hip + np.array([0.0, 10.0, 150.0])
        landmarks[f"{side}_PSIS"] = hip + np.array([-sign * 10.0, 40.0, 80.0])
    anatomy = Anatomy({}, landmarks, {"L4_upper": np.array([0.0, 0.0, 1.0])}, 24.0, 1.4, {}, {})
    return Assembly(Construct(anatomy, {}, {}, (), (), (), {}, {}), bodies, {})


def materials(assembly):
    return {name: meshes.material(mesh, YOUNGS, POISSON) for name, mesh in assembly.bodies.items()}


def bonds():
    return tuple(Interface(Contact(f"{a[0]}/{b[0]}", a, b), Bonded(1e6)) for a, b in TOUCHING)
