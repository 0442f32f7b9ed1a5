"""Ways round bone: the cheapest through a grid, and an elastic band that smooths it and keeps off the surface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats

#: Grid of the cheapest way, and room round it [mm].
SPACING, ROOM = 1.25, 6.0
#: Bone nearer than this makes a way dearer [mm]; a way through bone costs so many times its length.
NEAR, BONE = 3.0, 300.0
#: Points of a course are this far apart [mm].
PITCH = 1.5
#: Turns of the band.
TURNS = 120


def cheapest(
    inside: DistanceTo, ends: Sequence[tuple[Floats, Floats]], barred: Callable[[int, Floats], NDArray[np.bool_]]
) -> list[Floats]:
    """Ways from starts to ends that keep away from bone: Dijkstra's on a grid, each shape (n, 3) [mm].

    A step costs its length times 1 + (NEAR / distance to bone)^2, through bone BONE times its length.

    Args:
        inside: Distance to the bone.
        ends: Start and end of each way, each shape (3,) [mm].
        barred: Number of a way and points, shape (n, 3) [mm] -> which of them cost as bone does.
    """
    corners = np.array(ends).reshape(-1, 3)
    low = corners.min(axis=0) - ROOM
    size = np.ceil((np.ptp(corners, axis=0) + 2.0 * ROOM) / SPACING).astype(int) + 1
    nodes = low + SPACING * np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), axis=-1).reshape(-1, 3)
    away = inside(nodes)
    dear = np.where(away > 0.0, 1.0 + (NEAR / np.maximum(away, 0.3)) ** 2, BONE)
    index = np.arange(len(nodes)).reshape(size)
    rows, columns, lengths = [], [], []
    for step in product((-1, 0, 1), repeat=3):
        if step > (0, 0, 0):
            one = index[tuple(slice(max(-s, 0), n - max(s, 0)) for s, n in zip(step, size, strict=True))].ravel()
            two = index[tuple(slice(max(s, 0), n - max(-s, 0)) for s, n in zip(step, size, strict=True))].ravel()
            rows.append(one)
            columns.append(two)
            lengths.append(np.full(one.size, SPACING * np.linalg.norm(step)))
    row, column, step_length = np.concatenate(rows), np.concatenate(columns), np.concatenate(lengths)
    ways = []
    for number, (start, end) in enumerate(ends):
        cost = np.where(barred(number, nodes), BONE, dear)
        weights = 0.5 * step_length * (cost[row] + cost[column])
        graph = coo_array((weights, (row, column)), shape=(len(nodes), len(nodes))).tocsr()
        first, last = (int(np.argmin(np.linalg.norm(nodes - point, axis=1))) for point in (start, end))
        _, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
        way = [last]
        while way[-1] != first:
            way.append(int(before[way[-1]]))
        ways.append(np.array([start, *nodes[way[::-1]][1:-1], end]))
    return ways


def band(points: Floats, around: Sequence[DistanceTo], clear: float) -> Floats:
    """Tighten a way between its ends while it keeps ``clear`` [mm] off every bone, as far as there is room.

    Args:
        points: Shape (n, 3) [mm].
        around: Bones.
        clear: Wanted distance of every point from bone [mm].

    Returns:
        Points PITCH apart, shape (m, 3) [mm].
    """
    points = resampled(points)
    for turn in range(TURNS):
        if turn < TURNS - 10:  # the last turns only push
            points[1:-1] += 0.5 * (0.5 * (points[:-2] + points[2:]) - points[1:-1])
        for bone in around:
            found = bone.nearest(points[1:-1])
            lacking = clear - found.distance
            out = (points[1:-1] - found.point) * np.sign(found.distance)[:, None]
            out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
            points[1:-1] += np.clip(lacking, 0.0, 1.0)[:, None] * 0.7 * out
        if turn % 20 == 19:
            points = resampled(points)
    return points


def resampled(points: Floats, pitch: float = PITCH) -> Floats:
    """The same polyline with points evenly apart, about ``pitch`` [mm]."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    even = np.linspace(0.0, along[-1], max(round(along[-1] / pitch), 2) + 1)
    return np.column_stack([np.interp(even, along, points[:, k]) for k in range(3)])
