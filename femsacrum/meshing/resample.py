"""Even triangles on a closed surface, its planar faces kept planar and their rims kept sharp.

Incremental isotropic remeshing (Botsch and Kobbelt, "A remeshing approach to multiresolution modeling", Symposium on
Geometry Processing 2004): long edges are halved, short ones collapsed, the rest flipped to Delaunay, vertices moved
tangentially and put back on the input surface. A vertex on a rim moves along the rim only, one in a planar face
within its plane.
"""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.meshing.remeshing import (
    NATURAL,
    RIM,
    Mesh,
    collapse_short,
    flip,
    graded,
    kinds_of,
    mean_of_neighbours,
    on_rim,
    split_long,
    vertex_normals,
)
from femsacrum.meshing.target import Target
from femsacrum.meshing.triangles import area_vectors, edges_of, planar_labels, unit

SWEEPS = 10
DAMPING = 0.7
LEAST_SHAPE = 0.4  # of a triangle (1 equilateral): relaxation must not make it worse than this


def resample(surface: Surface, size: float) -> Mesh:
    """Re-triangulate a surface with edges of about one length.

    Args:
        surface: Closed and manifold.
        size: Edge length wanted [mm].

    Returns:
        Points, triangles and, for each triangle, 0 or the number of its flat face, counted from one in their order.

    Raises:
        ValueError: The surface is not closed, manifold and oriented.
    """
    points = np.asarray(surface.points, dtype=np.float64)
    triangles = np.asarray(surface.triangles, dtype=np.int64)
    mesh = Mesh(points, triangles, planar_labels(points, triangles, surface.flat_faces))
    target = Target(surface, mesh, size)
    for _ in range(SWEEPS):
        mesh, sizes = split_long(mesh, graded(mesh, target.sizes(mesh.points, vertex_normals(mesh))))
        mesh = collapse_short(mesh, sizes)
        mesh = flip(mesh)
        mesh = _relax(mesh, target)
    return _centred(flip(_relax(flip(mesh), target)), target, size)


def _relax(mesh: Mesh, target: Target) -> Mesh:
    """Move every vertex towards the mean of its neighbours, then back on its surface, plane or rim."""
    points, triangles, count = mesh.points, mesh.triangles, len(mesh.points)
    edges = edges_of(triangles)
    kinds, feature = kinds_of(mesh, edges), on_rim(mesh, edges)
    areas = area_vectors(points, triangles)
    normals = vertex_normals(mesh)
    label = np.zeros(count, dtype=np.int64)
    label[triangles.ravel()] = np.repeat(mesh.labels, 3)

    moved = points.copy()
    inner, rim = kinds.kind == NATURAL, kinds.kind == RIM
    step = DAMPING * (mean_of_neighbours(points, edges.ends) - points)
    step -= np.einsum("ij,ij->i", step, normals)[:, None] * normals
    moved[inner] += step[inner]
    moved[rim] += DAMPING * (mean_of_neighbours(points, edges.ends[feature]) - points)[rim]
    natural = inner & (label == 0)
    moved[natural] = target.on_surface(moved[natural], normals[natural])
    for number, plane in enumerate(target.planes, start=1):
        lies = inner & (label == number)
        moved[lies] -= ((moved[lies] - plane.origin) @ plane.normal)[:, None] * plane.normal
    for pair in target.rims:
        lies = rim & (kinds.rim == pair).all(axis=1)
        if lies.any():
            moved[lies] = target.on_rim(moved[lies], pair)

    # a vertex whose triangles would fold or become needles stays where it was
    before = _shape(points, triangles)
    for _ in range(5):
        after = _shape(moved, triangles)
        folded = np.einsum("ij,ij->i", unit(area_vectors(moved, triangles)), unit(areas)) < 0.3
        spoilt = folded | ((after < LEAST_SHAPE) & (after < before))
        if not spoilt.any():
            return Mesh(moved, triangles, mesh.labels)
        back = np.unique(triangles[spoilt])
        moved[back] = points[back]
    return Mesh(points, triangles, mesh.labels)


def _centred(mesh: Mesh, target: Target, size: float) -> Mesh:
    """Shift the natural surface so that its chords cut off as much as they add.

    Vertices on a smooth surface put every triangle's middle off it by the sagitta, always to the hollow side: a bone
    would lose one or two per cent of its volume. A linear triangle on a quadratic surface is off by 3/4 of its middle
    on average, which is the shift.
    """
    natural = mesh.labels == 0
    corners = mesh.triangles[natural]
    middle = mesh.points[corners].mean(axis=1)
    normal = unit(area_vectors(mesh.points, corners))
    sagitta = np.einsum("ij,ij->i", target.on_surface(middle, normal) - middle, normal)
    off, count = np.zeros(len(mesh.points)), np.zeros(len(mesh.points))
    np.add.at(off, corners.ravel(), np.repeat(0.75 * sagitta, 3))
    np.add.at(count, corners.ravel(), 1.0)
    inner = (kinds_of(mesh, edges_of(mesh.triangles)).kind == NATURAL) & (count > 0)
    shift = np.clip(off[inner] / count[inner], -0.1 * size, 0.1 * size)
    points = mesh.points.copy()
    points[inner] += shift[:, None] * vertex_normals(mesh)[inner]
    return Mesh(points, mesh.triangles, mesh.labels)


def _shape(points: Floats, triangles: Ints) -> Floats:
    """1 for an equilateral triangle, 0 for one without area."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    sides = sum(np.einsum("ij,ij->i", side, side) for side in (b - a, c - b, a - c))
    return 4.0 * np.sqrt(3.0) * np.linalg.norm(area_vectors(points, triangles), axis=1) / np.maximum(sides, 1e-300)
