"""Round bodies in curved quadratic tetrahedra (Gmsh)."""

from __future__ import annotations

import gmsh
import numpy as np

from femsacrum.mechanics.locate import cell_of_facet
from femsacrum.meshing.bodies import BodyMesh

#: Gmsh's tetra10 lists its last two mid-edge nodes in the other order than VTK.
VTK_OF_GMSH = [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]


def cylinder(name, start, end, radius, size, order=2):
    """Cylinder with faces "start", "end" and "surface"."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    gmsh.initialize()
    try:
        gmsh.model.occ.addCylinder(*start, *(end - start), radius)
        return read(name, start, end, size, order)
    finally:
        gmsh.finalize()


def read(name, start, end, size, order):
    """Mesh the one solid of Gmsh's model; its flat faces through ``start`` and ``end``, across the axis, get a name."""
    for key, value in (
        ("General.Terminal", 0), ("General.NumThreads", 1), ("Mesh.MeshSizeMin", size), ("Mesh.MeshSizeMax", size)
    ):  # fmt: skip
        gmsh.option.setNumber(key, value)
    gmsh.model.occ.synchronize()
    gmsh.model.mesh.generate(3)
    gmsh.model.mesh.setOrder(order)
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    place = np.zeros((int(tags.max()) + 1, 3))
    place[tags.astype(int)] = coordinates.reshape(-1, 3)
    width, side = (4, 3) if order == 1 else (10, 6)
    cells = gmsh.model.mesh.getElements(3)[2][0].reshape(-1, width).astype(int)
    surfaces = [tag for _, tag in gmsh.model.getEntities(2)]
    facets = np.vstack([gmsh.model.mesh.getElements(2, tag)[2][0].reshape(-1, side) for tag in surfaces]).astype(int)
    if order == 2:
        cells = cells[:, VTK_OF_GMSH]
    used, local = np.unique(cells, return_inverse=True)
    number = np.full(len(place), -1)
    number[used] = np.arange(len(used))
    start, end = np.asarray(start, float), np.asarray(end, float)
    axis = (end - start) / np.linalg.norm(end - start)
    along = (place[facets[:, :3]] - start) @ axis
    length = np.linalg.norm(end - start)
    face = np.where(
        np.all(np.abs(along) < 1e-6, axis=1), 0, np.where(np.all(np.abs(along - length) < 1e-6, axis=1), 1, 2)
    )
    names = ("start", "end", "surface")
    body = BodyMesh(name, "fixation", order, place[used], local.reshape(cells.shape), number[facets], face, names)
    _turn_outwards(body)
    return body


def _turn_outwards(body):
    """Gmsh's surfaces of a fused solid may look inwards."""
    cell, _ = cell_of_facet(body, body.facets)
    corners = body.nodes[body.facets[:, :3]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inside = body.nodes[body.cells[cell, :4]].mean(axis=1)
    inward = np.einsum("fi,fi->f", normal, corners[:, 0] - inside) < 0.0
    order = [0, 2, 1, 5, 4, 3] if body.order == 2 else [0, 2, 1]
    body.facets[inward] = body.facets[inward][:, order]
