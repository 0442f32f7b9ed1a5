"""Mesh of the stem benchmarks: a tapered stem in a bone block, matching at the interface (Gmsh).

Bone block 60 x 60 x 40 mm; stem on the axis (30, 30) from z = 12 to 60 mm, radius 6 mm at z = 12, slope 3/28; the
interface is the cone's side and the flat tip, whose rim is sharp or rounded by a fillet.
"""

from __future__ import annotations

import gmsh
import numpy as np

from benchmarks.verification.meshes import boundary
from femsacrum.meshing.bodies import BodyMesh

BLOCK = (60.0, 60.0, 40.0)
TIP, TOP, RADIUS, SLOPE = 12.0, 60.0, 6.0, 3.0 / 28.0


def stem_and_bone(size, fillet=0.0, far=2.2):
    """Bodies "bone" (faces "hole", "z0") and "stem" (faces "interface", "z1").

    Args:
        size: Element size on the interface [mm].
        fillet: Radius between side and tip [mm]; 0: sharp.
        far: Element size far away, in units of ``size``.
    """
    gmsh.initialize()
    try:
        for key, value in (
            ("General.Terminal", 0),
            ("General.NumThreads", 1),
            ("Mesh.MeshSizeExtendFromBoundary", 0),
        ):
            gmsh.option.setNumber(key, value)
        kernel = gmsh.model.occ
        block = kernel.addBox(0, 0, 0, *BLOCK)
        cone = kernel.addCone(30, 30, TIP, 0, 0, TOP - TIP, RADIUS, RADIUS + SLOPE * (TOP - TIP))
        if fillet:
            kernel.synchronize()
            rim = [
                tag
                for _, tag in gmsh.model.getEntities(1)
                if abs(gmsh.model.getBoundingBox(1, tag)[2] - TIP) < 1e-3
                and abs(gmsh.model.getBoundingBox(1, tag)[5] - TIP) < 1e-3
                and gmsh.model.getBoundingBox(1, tag)[0] > 1.0
            ]
            cone = kernel.fillet([cone], rim, [fillet])[0][1]
        parts = kernel.fragment([(3, block)], [(3, cone)])[1]
        kernel.synchronize()
        stem = sorted(tag for _, tag in parts[1])
        bone = sorted(tag for _, tag in parts[0] if tag not in stem)
        shared = set(_surfaces(stem)) & set(_surfaces(bone))
        field = gmsh.model.mesh.field
        distance, threshold = field.add("Distance"), field.add("Threshold")
        field.setNumbers(distance, "SurfacesList", sorted(shared))
        field.setNumber(distance, "Sampling", 60)
        for key, value in (
            ("InField", distance), ("SizeMin", size), ("SizeMax", far * size), ("DistMin", 0), ("DistMax", 25)
        ):  # fmt: skip
            field.setNumber(threshold, key, value)
        field.setAsBackgroundMesh(threshold)
        for key in ("Mesh.MeshSizeFromPoints", "Mesh.MeshSizeFromCurvature"):
            gmsh.option.setNumber(key, 0)
        gmsh.model.mesh.generate(3)
        gmsh.model.mesh.optimize("Netgen")
        tags, coordinates, _ = gmsh.model.mesh.getNodes()
        place = np.zeros((int(tags.max()) + 1, 3))
        place[tags.astype(int)] = coordinates.reshape(-1, 3)
        interface = np.vstack([gmsh.model.mesh.getElements(2, tag)[2][0].reshape(-1, 3) for tag in sorted(shared)])
        cells = {
            name: np.vstack([gmsh.model.mesh.getElements(3, tag)[2][0].reshape(-1, 4) for tag in tags])
            for name, tags in (("bone", bone), ("stem", stem))
        }
    finally:
        gmsh.finalize()
    named = {"bone": ("hole", "z0", 0.0), "stem": ("interface", "z1", TOP)}
    bodies = {}
    for name, elements in cells.items():
        used, local = np.unique(elements.astype(int), return_inverse=True)
        face, flat, height = named[name]
        bodies[name] = _body(name, place, used, local.reshape(-1, 4), interface.astype(int), (face, flat), height)
    return bodies


def _surfaces(volumes):
    return [tag for volume in volumes for _, tag in gmsh.model.getBoundary([(3, volume)], oriented=False)]


def _body(name, place, used, cells, interface, faces, height):
    nodes = place[used]
    facets, _ = boundary(nodes, cells)
    number = np.full(len(place), -1)
    number[used] = np.arange(len(used))
    count = len(nodes)
    wanted = np.sort(number[interface], axis=1) @ np.array([count**2, count, 1])
    on_interface = np.isin(np.sort(facets, axis=1) @ np.array([count**2, count, 1]), wanted)
    flat = np.all(np.abs(nodes[facets][..., 2] - height) < 1e-6, axis=1)
    face = np.where(on_interface, 0, np.where(flat, 1, 2))
    role = "bone" if name == "bone" else "implant"
    return BodyMesh(name, role, 1, nodes, cells, facets, face, (*faces, "surface"))
