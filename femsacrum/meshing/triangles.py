"""Closed triangle surfaces as arrays: edges, planar faces, splits, collapses and flips, many at a time.

An operation is carried out everywhere at once on a set of places that do not touch each other, so that nothing
depends on a traversal order and the same surface always gives the same result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Floats, Ints, Plane

Flags = NDArray[np.bool_]

#: A vertex this close to a plane lies in it [mm]; what a plane cut in double precision leaves is below 1e-6.
IN_PLANE = 2e-3


@dataclass(frozen=True)
class Edges:
    """Undirected edges of a closed oriented surface.

    Attributes:
        ends: Vertices, shape (e, 2); the first triangle runs from the first to the second.
        triangles: The two triangles, shape (e, 2).
        opposite: Vertex of each of them that is not on the edge, shape (e, 2).
    """

    ends: Ints
    triangles: Ints
    opposite: Ints


def edges_of(triangles: Ints) -> Edges:
    """Edges of a closed, oriented, manifold surface.

    Raises:
        ValueError: Some edge has not exactly two triangles, or they disagree on its direction.
    """
    start = triangles.ravel()
    end = np.roll(triangles, -1, axis=1).ravel()
    apex = np.roll(triangles, -2, axis=1).ravel()
    low, high = np.minimum(start, end), np.maximum(start, end)
    key = low * (int(triangles.max()) + 1) + high
    order = np.argsort(key, kind="stable")
    if len(order) % 2:
        raise ValueError("the surface has an open or branching edge")
    pairs = order.reshape(-1, 2)
    closed = np.array_equal(key[pairs[:, 0]], key[pairs[:, 1]]) and np.all(np.diff(key[pairs[:, 0]]) > 0)
    if not (closed and np.array_equal(start[pairs[:, 0]], end[pairs[:, 1]])):
        raise ValueError("the surface has an open, branching or badly oriented edge")
    ends = np.stack([start[pairs[:, 0]], end[pairs[:, 0]]], axis=1)
    return Edges(ends, pairs // 3, apex[pairs])


def area_vectors(points: Floats, triangles: Ints) -> Floats:
    """Normal times area of each triangle, shape (m, 3) [mm2]."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    return 0.5 * np.cross(b - a, c - a)


def unit(vectors: Floats) -> Floats:
    """Vectors scaled to length one; zero stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0.0, length, 1.0)


def enclosed_volume(points: Floats, triangles: Ints) -> float:
    """Volume inside a closed surface [mm3]; positive when its normals point outwards."""
    a, b, c = (points[triangles[:, i]] - points.mean(axis=0) for i in range(3))
    return float(np.einsum("ij,ij->", np.cross(a, b), c) / 6.0)


def planar_labels(points: Floats, triangles: Ints, planes: Mapping[str, Plane], tolerance: float = IN_PLANE) -> Ints:
    """Which named plane each triangle lies in: 0 none, i the i-th of ``planes``, shape (m,).

    A triangle lies in a plane when its corners do and its normal agrees, so that a triangle of another face that
    touches the rim with all three corners is not taken for part of the plane.
    """
    labels = np.zeros(len(triangles), dtype=np.int64)
    normals = unit(area_vectors(points, triangles))
    for index, plane in enumerate(planes.values(), start=1):
        inside = np.abs((points - plane.origin) @ plane.normal) <= tolerance
        labels[inside[triangles].all(axis=1) & (normals @ plane.normal > 0.9)] = index
    return labels


def split(points: Floats, triangles: Ints, labels: Ints, edges: Edges, marked: Flags) -> tuple[Floats, Ints, Ints]:
    """Halve the marked edges; a triangle becomes two, three or four. New vertices come last, in edge order."""
    number = np.full(len(edges.ends), -1, dtype=np.int64)
    number[marked] = len(points) + np.arange(int(marked.sum()))
    middle = np.full((len(triangles), 3), -1, dtype=np.int64)  # new vertex on side i -> i+1
    for side in (0, 1):
        start = edges.ends[:, side]
        corner = np.argmax(triangles[edges.triangles[:, side]] == start[:, None], axis=1)
        middle[edges.triangles[:, side], corner] = number
    points = np.vstack([points, points[edges.ends[marked]].mean(axis=1)])

    # turn every triangle so that its pattern is one of: none, side 0, sides 0 and 1, all
    has = middle >= 0
    count = has.sum(axis=1)
    turn = np.where(count == 1, np.argmax(has, axis=1), np.where(count == 2, (np.argmin(has, axis=1) + 1) % 3, 0))
    index = (turn[:, None] + np.arange(3)) % 3
    (a, b, c), (p, q, r) = np.take_along_axis(triangles, index, 1).T, np.take_along_axis(middle, index, 1).T
    corners: dict[int, list[tuple[Ints, Ints, Ints]]] = {
        0: [(a, b, c)],
        1: [(a, p, c), (p, b, c)],
        2: [(p, b, q), (a, p, q), (a, q, c)],
        3: [(a, p, r), (p, b, q), (r, q, c), (p, q, r)],
    }
    new = [np.stack(t, axis=1)[count == k] for k, tris in corners.items() for t in tris]
    kept = [labels[count == k] for k, tris in corners.items() for _ in tris]
    return points, np.vstack(new), np.concatenate(kept)


def longest_edges_halved(points: Floats, triangles: Ints, labels: Ints, length: float) -> tuple[Floats, Ints, Ints]:
    """The same surface with no edge longer than ``length`` [mm]."""
    while True:
        edges = edges_of(triangles)
        marked = np.linalg.norm(np.diff(points[edges.ends], axis=1)[:, 0], axis=1) > length
        if not marked.any():
            return points, triangles, labels
        points, triangles, labels = split(points, triangles, labels, edges, marked)
