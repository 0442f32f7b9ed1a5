"""Tetrahedra as arrays: boundary, mid-edge nodes, shape functions. Node order: VTK's."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.meshing.triangles import Flags

#: Corners of the edges, in the order of the mid-edge nodes 4 to 9.
EDGES = np.array([(0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)])

#: Outward corners of the four faces of a tetrahedron of positive volume, and the mid-edge nodes between them.
FACES = np.array([(0, 2, 1, 6, 5, 4), (0, 1, 3, 4, 8, 7), (1, 2, 3, 5, 9, 8), (0, 3, 2, 7, 9, 6)])


def boundary(cells: Ints) -> tuple[Ints, Ints]:
    """Facets that belong to one cell only.

    Args:
        cells: Shape (m, 4) or (m, 10).

    Returns:
        Facets, outward oriented, shape (k, 3) or (k, 6), in order of their cells; and for each the cell and the
        number of its face, shape (k, 2).
    """
    width = 3 if cells.shape[1] == 4 else 6
    faces = cells[:, FACES[:, :width]].reshape(-1, width)
    corners = np.sort(faces[:, :3], axis=1)
    count = int(cells.max()) + 1
    key = (corners[:, 0] * count + corners[:, 1]) * count + corners[:, 2]
    _, first, times = np.unique(key, return_index=True, return_counts=True)
    once = np.sort(first[times == 1])
    return faces[once], np.stack([once // 4, once % 4], axis=1)


def with_edge_nodes(nodes: Floats, cells: Ints) -> tuple[Floats, Ints]:
    """Straight-sided quadratic elements from linear ones; the new nodes come last.

    Args:
        nodes: Shape (n, 3) [mm].
        cells: Shape (m, 4).
    """
    ends = np.sort(cells[:, EDGES].reshape(-1, 2), axis=1)
    _, first, number = np.unique(ends[:, 0] * len(nodes) + ends[:, 1], return_index=True, return_inverse=True)
    middle = nodes[ends[first]].mean(axis=1)
    return np.vstack([nodes, middle]), np.hstack([cells, len(nodes) + number.reshape(-1, 6)])


def quadratic_gradients(r: float, s: float, t: float) -> Floats:
    """Gradients of the ten shape functions at one point of the reference tetrahedron, shape (10, 3)."""
    share = np.array([1.0 - r - s - t, r, s, t])
    slope = np.array([[-1.0, -1.0, -1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    corners = (4.0 * share - 1.0)[:, None] * slope
    first, second = EDGES.T
    return np.vstack([corners, 4.0 * (share[first][:, None] * slope[second] + share[second][:, None] * slope[first])])


def straightened(nodes: Floats, cells: Ints, bent: Flags) -> Floats:
    """Nodes with the mid-edge nodes of the marked quadratic cells put halfway between their corners."""
    moved = nodes.copy()
    moved[cells[bent][:, 4:]] = nodes[cells[bent][:, EDGES]].mean(axis=2)
    return moved
