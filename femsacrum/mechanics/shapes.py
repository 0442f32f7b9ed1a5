"""Shape functions and quadrature of triangles and tetrahedra, node order as in VTK and meshio."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats, Ints

#: Sub-triangles of a triangle6 (corners 0 1 2, mid-edge nodes 01, 12, 20).
SUBTRIANGLES = {
    1: np.array([[0, 1, 2]]),
    2: np.array([[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]]),
}

#: Edges of a tetra10 in the order of its mid-edge nodes 4-9 (VTK).
TETRA_EDGES = np.array([[0, 1], [1, 2], [0, 2], [0, 3], [1, 3], [2, 3]])

#: Local corners of the four faces of a tetrahedron.
TETRA_FACES = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])

#: Reference coordinates of the nodes of a triangle3 / triangle6.
TRIANGLE_NODES = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.0], [0.5, 0.5], [0.0, 0.5]])


def triangle_quadrature() -> tuple[Floats, Floats]:
    """Six points of degree 4 on the reference triangle, weights summing to one.

    Returns:
        Points, shape (6, 2), and weights, shape (6,).

    Source: D. A. Dunavant, Int. J. Numer. Meth. Engng 21 (1985) 1129-1148, table II, p = 4.
    """
    first, second = 0.445948490915965, 0.091576213509771
    points = []
    for b in (first, second):
        a = 1.0 - 2.0 * b
        points += [[b, b], [a, b], [b, a]]
    weights = np.array([0.223381589678011] * 3 + [0.109951743655322] * 3)
    return np.array(points), weights / weights.sum()


def composite_quadrature() -> tuple[Floats, Floats]:
    """The six-point rule on each of the four sub-triangles: 24 points, for integrands with kinks.

    Returns:
        Points, shape (24, 2), and weights summing to one, shape (24,).
    """
    points, weights = triangle_quadrature()
    hats, _ = triangle(1, points)
    corners = TRIANGLE_NODES[SUBTRIANGLES[2]]
    return np.einsum("qa,sad->sqd", hats, corners).reshape(-1, 2), np.tile(weights / 4.0, 4)


def triangle(order: int, points: Floats) -> tuple[Floats, Floats]:
    """Values and derivatives of the shape functions of a triangle.

    Args:
        order: 1 or 2.
        points: Reference coordinates, shape (q, 2).

    Returns:
        Values, shape (q, 3 or 6), and derivatives, shape (q, 3 or 6, 2).
    """
    r, s = points[:, 0], points[:, 1]
    barycentric = np.stack([1.0 - r - s, r, s], axis=1)
    slopes = np.array([[-1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
    if order == 1:
        return barycentric, np.broadcast_to(slopes, (len(points), 3, 2)).copy()
    return _quadratic(barycentric, slopes, np.array([[0, 1], [1, 2], [2, 0]]))


def tetrahedron(order: int, points: Floats) -> tuple[Floats, Floats]:
    """Values and derivatives of the shape functions of a tetrahedron.

    Args:
        order: 1 or 2.
        points: Reference coordinates, shape (q, 3).

    Returns:
        Values, shape (q, 4 or 10), and derivatives, shape (q, 4 or 10, 3).
    """
    barycentric = np.concatenate([1.0 - points.sum(axis=1, keepdims=True), points], axis=1)
    slopes = np.vstack([-np.ones(3), np.eye(3)])
    if order == 1:
        return barycentric, np.broadcast_to(slopes, (len(points), 4, 3)).copy()
    return _quadratic(barycentric, slopes, TETRA_EDGES)


def _quadratic(barycentric: Floats, slopes: Floats, edges: Ints) -> tuple[Floats, Floats]:
    """Quadratic Lagrange functions from barycentric coordinates: L(2L-1) at corners, 4 L L' at mid-edges."""
    first, second = edges[:, 0], edges[:, 1]
    values = np.concatenate(
        [barycentric * (2.0 * barycentric - 1.0), 4.0 * barycentric[:, first] * barycentric[:, second]], axis=1
    )
    corner = (4.0 * barycentric - 1.0)[:, :, None] * slopes[None]
    middle = 4.0 * (
        barycentric[:, first, None] * slopes[None, second] + barycentric[:, second, None] * slopes[None, first]
    )
    return values, np.concatenate([corner, middle], axis=1)


def facet_nodes(order: int) -> int:
    """Number of nodes of a facet: 3 or 6."""
    return 3 if order == 1 else 6


def facet_weights(nodes: Floats, facets: Ints) -> tuple[Ints, Floats]:
    """Integral of each shape function over facets, summed node by node.

    Args:
        nodes: Shape (n, 3) [mm].
        facets: Shape (k, 3) or (k, 6).

    Returns:
        Node indices (sorted, unique) and their tributary areas [mm2], which sum to the area of the facets.
    """
    order = 1 if facets.shape[1] == 3 else 2
    points, weights = triangle_quadrature()
    values, slopes = triangle(order, points)
    tangents = np.einsum("qad,kai->kqdi", slopes, nodes[facets])
    areas = 0.5 * np.linalg.norm(np.cross(tangents[:, :, 0], tangents[:, :, 1]), axis=2) * weights
    shares = np.einsum("kq,qa->ka", areas, values)
    used, inverse = np.unique(facets, return_inverse=True)
    return used, np.bincount(inverse.ravel(), weights=shares.ravel(), minlength=len(used))
