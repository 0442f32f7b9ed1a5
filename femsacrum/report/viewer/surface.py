"""The boundary of a mesh of tetrahedra, as the page draws it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Ints

#: Corners of the faces of a tetrahedron, and of a quadratic one with the nodes in the middle of its edges (VTK's order).
_FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
_MIDDLES = np.array([[6, 5, 4], [4, 8, 7], [5, 9, 8], [7, 9, 6]])
#: A quadratic facet as four triangles.
_QUARTERS = np.array([[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]])


@dataclass(frozen=True)
class Skin:
    """Triangles of a boundary and what they were taken from.

    Attributes:
        nodes: Number in the mesh of each point, shape (p,).
        triangles: Points of each triangle, seen from outside against the clock, shape (t, 3).
        cells: Cell behind each facet, shape (f,).
        parts: Triangles of each facet; the facets' own follow each other.
    """

    nodes: Ints
    triangles: Ints
    cells: Ints
    parts: int


def skin(points: Floats, cells: Ints) -> Skin:
    """Faces that belong to one tetrahedron only.

    Args:
        points: Nodes of the mesh, shape (n, 3) [mm].
        cells: Tetrahedra of 4 or 10 nodes in VTK's order, shape (m, 4) or (m, 10).

    Returns:
        The boundary.
    """
    quadratic = cells.shape[1] == 10
    corners = cells[:, _FACES].reshape(-1, 3)
    alone = _found_once(np.sort(corners, axis=1))
    owner, face = np.divmod(alone, 4)
    facets = corners[alone]
    if quadratic:
        facets = np.hstack([facets, cells[owner[:, None], _MIDDLES[face]]])
    inward = _points_inward(points, cells[owner, :4], facets[:, :3])
    facets[inward] = facets[inward][:, [0, 2, 1, 5, 4, 3] if quadratic else [0, 2, 1]]
    triangles = facets[:, _QUARTERS].reshape(-1, 3) if quadratic else facets
    nodes, local = np.unique(triangles, return_inverse=True)
    return Skin(nodes, local.reshape(-1, 3), owner, 4 if quadratic else 1)


def _found_once(faces: Ints) -> Ints:
    """Rows that no other row equals; each sorted."""
    order = np.lexsort(faces.T)
    ahead = (np.diff(faces[order], axis=0) == 0).all(axis=1)
    equal = np.concatenate([[False], ahead]) | np.concatenate([ahead, [False]])
    return np.sort(order[~equal])


def _points_inward(points: Floats, cells: Ints, facets: Ints) -> np.ndarray:
    a, b, c = (points[facets[:, corner]] for corner in range(3))
    middle = points[cells].mean(axis=1)
    return np.einsum("fi,fi->f", np.cross(b - a, c - a), a - middle) < 0.0
