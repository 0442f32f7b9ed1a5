"""Where a surface cuts through itself: every pair of triangles whose boxes overlap is tested."""

from __future__ import annotations

import numpy as np
from numba import njit

from femsacrum.anatomy.distance import grow
from femsacrum.anatomy.model import Floats, Ints

#: Pairs tested at a time.
BATCH = 1 << 19


@njit(cache=True)
def _overlapping(lower, upper, order, boxes, nodes, start, pairs):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill ``pairs`` with triangles whose boxes overlap, from triangle ``start`` on; number of pairs, next triangle."""
    stack = np.empty(128, dtype=np.int64)
    used = 0
    for t in range(start, lower.shape[0]):
        before, height = used, 1
        stack[0] = 0
        while height > 0:
            height -= 1
            node = stack[height]
            apart = False
            for k in range(3):
                apart = apart or boxes[node, k] > upper[t, k] or boxes[node, 3 + k] < lower[t, k]
            if apart:
                continue
            first, last = nodes[node, 0], nodes[node, 1]
            if first < 0:
                stack[height], stack[height + 1] = -1 - first, last
                height += 2
                continue
            for j in range(first, last):
                other = order[j]
                apart = other <= t
                for k in range(3):
                    apart = apart or lower[other, k] > upper[t, k] or upper[other, k] < lower[t, k]
                if not apart:
                    if used == pairs.shape[0]:
                        return before, t
                    pairs[used, 0], pairs[used, 1] = t, other
                    used += 1
    return used, lower.shape[0]


def _side(p: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    """Six times the volumes of tetrahedra; exactly zero where p is one of the others."""
    volume: Floats = np.einsum("ij,ij->i", a - p, np.cross(b - p, c - p))
    return volume


def _pierced(edges: Floats, others: Floats) -> np.ndarray:
    """Whether an edge of the first triangles runs through the inside of the second ones; touching does not count."""
    a, b, c = others[:, 0], others[:, 1], others[:, 2]
    side = [_side(edges[:, k], a, b, c) for k in range(3)]
    out = np.zeros(len(edges), dtype=bool)
    for k in range(3):
        across = np.flatnonzero(side[k] * side[(k + 1) % 3] < 0.0)
        p, q = edges[across, k], edges[across, (k + 1) % 3]
        turn = [_side(p, q, others[across, i], others[across, (i + 1) % 3]) for i in range(3)]
        out[across] |= (np.min(turn, axis=0) > 0.0) | (np.max(turn, axis=0) < 0.0)
    return out


def self_cuts(points: Floats, triangles: Ints) -> Ints:
    """Triangles that cut through another one, ascending: an edge of one runs through the inside of the other.

    Triangles that only touch, in a vertex or an edge they share or anywhere else, do not cut; nor do two that lie in
    one plane.

    Args:
        points: Shape (n, 3) [mm].
        triangles: Shape (m, 3).
    """
    corners = np.ascontiguousarray(points[triangles], dtype=float)
    lower, upper, n = corners.min(axis=1), corners.max(axis=1), len(corners)
    order, boxes, nodes = np.arange(n), np.empty((2 * n + 1, 6)), np.empty((2 * n + 1, 2), dtype=np.int64)
    grow(lower, upper, order, boxes, nodes)
    cutting = np.zeros(n, dtype=bool)
    pairs, start = np.empty((max(BATCH, n), 2), dtype=np.int64), 0
    while start < n:
        used, start = _overlapping(lower, upper, order, boxes, nodes, start, pairs)
        one, other = corners[pairs[:used, 0]], corners[pairs[:used, 1]]
        found = _pierced(one, other) | _pierced(other, one)
        cutting[pairs[:used][found]] = True
    return np.flatnonzero(cutting)
