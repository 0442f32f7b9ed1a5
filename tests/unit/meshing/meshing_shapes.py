"""Synthetic bodies for the tests of meshing and materials."""

from __future__ import annotations

import tempfile
from pathlib import Path

import manifold3d
import numpy as np

from femsacrum.anatomy.model import Plane, Surface
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.elements import boundary, with_edge_nodes


def surface(shape: manifold3d.Manifold, **planes: Plane) -> Surface:
    mesh = shape.to_mesh64()
    points = np.array(mesh.vert_properties)[:, :3]
    same = np.arange(len(points))
    same[np.array(mesh.merge_from_vert, dtype=int)] = np.array(mesh.merge_to_vert, dtype=int)
    triangles = same[np.array(mesh.tri_verts).astype(np.int64)]
    used = np.unique(triangles)
    return Surface(points[used], np.searchsorted(used, triangles), planes)


def ellipsoid(*axes: float) -> manifold3d.Manifold:
    return manifold3d.Manifold.sphere(1.0, 64).scale(axes)


def cut(shape: manifold3d.Manifold, normal: np.ndarray, offset: float, name: str = "cut") -> Surface:
    """What lies behind the plane normal . x = offset."""
    unit = np.asarray(normal, float) / np.linalg.norm(normal)
    return surface(shape.trim_by_plane(tuple(-unit), -offset), **{name: Plane(offset * unit, unit)})


def torus(radius: float, tube: float) -> Surface:
    circle = manifold3d.CrossSection.circle(tube, 48).translate((radius, 0.0))
    return surface(manifold3d.Manifold.revolve(circle, 96))


def brep(draw) -> bytes:
    """BREP of what ``draw(occ)`` makes."""
    import gmsh

    gmsh.initialize(readConfigFiles=False)
    gmsh.option.setNumber("General.Terminal", 0)
    draw(gmsh.model.occ)
    gmsh.model.occ.synchronize()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shape.brep"
        gmsh.write(str(path))
        content = path.read_bytes()
    gmsh.finalize()
    return content


def block(
    name: str = "block",
    role: str = "bone",
    corner=(0.0, 0.0, 0.0),
    size=(2.0, 1.0, 1.0),
    cells=(2, 1, 1),
    order: int = 1,
) -> BodyMesh:
    """A box of tetrahedra whose top (+z) is the flat face "cut"."""
    axes = [np.linspace(c, c + s, n + 1) for c, s, n in zip(corner, size, cells, strict=True)]
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    index = np.arange(len(nodes)).reshape([n + 1 for n in cells])
    low = index[:-1, :-1, :-1].ravel()
    steps = (index[1, 0, 0], index[0, 1, 0], index[0, 0, 1])
    tetrahedra = []
    for first, second, third, even in (
        (0, 1, 2, True), (1, 2, 0, True), (2, 0, 1, True), (1, 0, 2, False), (2, 1, 0, False), (0, 2, 1, False)
    ):  # fmt: skip
        a, b = low + steps[first], low + steps[first] + steps[second]
        c = b + steps[third]
        tetrahedra.append(np.stack([low, a, b, c] if even else [low, b, a, c], axis=1))
    linear = np.vstack(tetrahedra)
    nodes, linear = (nodes, linear) if order == 1 else with_edge_nodes(nodes, linear)
    facets, _ = boundary(linear)
    top = (np.abs(nodes[facets][..., 2] - corner[2] - size[2]) < 1e-9).all(axis=1)
    return BodyMesh(name, role, order, nodes, linear, facets, top.astype(np.int64), ("surface", "cut"))
