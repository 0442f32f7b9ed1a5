"""Where two faces are integrated against each other: quadrature points on the slave's facets.

The jump has kinks where an edge of the master crosses a facet of the slave, and a fixed set of points on the facet would
miss them. So every part of a slave facet that the master covers wholly is cut along the master's edges, and each
segment gets its own points: on faces that lie on each other the integral is exact.

Source: M. A. Puso, T. A. Laursen, Comput. Methods Appl. Mech. Engrg. 193 (2004) 601-629 (segments by projection and
clipping).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
from numba import njit
from scipy.spatial import cKDTree

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics.shapes import (
    SUBTRIANGLES,
    TRIANGLE_NODES,
    composite_quadrature,
    triangle,
    triangle_quadrature,
)
from femsacrum.mechanics.share import gathered
from femsacrum.meshing.bodies import BodyMesh

#: Cosine between the outward normals of two facets beyond which they do not face each other.
FACING = -0.3
#: A part is covered wholly when its segments make up its area within this share.
WHOLE = 1e-6
#: Segments smaller than this share of the part (twice that, in reference coordinates) are left out.
SLIVER = 1e-12
#: Parts of slave facets that are held against the master's at a time.
CHUNK = 2000


@dataclass(frozen=True)
class Samples:
    """Quadrature points on slave facets; a quadratic facet counts as four linear parts.

    Attributes:
        part: Number of the part of a facet each point lies on (parts of one facet follow each other), shape (q,).
        place: Shape (q, 3) [mm].
        normal: Unit normal out of the slave, shape (q, 3).
        weight: Area a point stands for, shape (q,) [mm2].
        values: The slave's shape functions, shape (q, 3 or 6).
        hats: The part's own linear shape functions, shape (q, 3).
    """

    part: Ints
    place: Floats
    normal: Floats
    weight: Floats
    values: Floats
    hats: Floats


@dataclass(frozen=True)
class Segments:
    """Quadrature points in the overlaps of slave parts and master parts.

    Attributes:
        part: Slave part of each point, shape (q,).
        local: Reference coordinates in that part, shape (q, 2).
        share: Share of the part's area, shape (q,); they sum to one where the master covers all of it.
        facet: Master facet of each point, shape (q,).
        reference: Reference coordinates in the master's facet, shape (q, 2).
    """

    part: Ints
    local: Floats
    share: Floats
    facet: Ints
    reference: Floats


def whole_segments(slave: BodyMesh, facets: Ints, master: BodyMesh, master_facets: Ints, reach: float) -> Segments:
    """Segments of the slave parts that the master covers wholly, seen along the part's normal.

    Args:
        slave: Body whose facets are cut.
        facets: Its facets, shape (k, 3) or (k, 6).
        master: The other body.
        master_facets: Its facets.
        reach: Farthest master [mm].
    """
    own, other = slave.nodes[parts_of(slave, facets)], master.nodes[parts_of(master, master_facets)]
    found = [
        _cut(own[start : start + CHUNK], other, start, near, reach) for start, near in _candidates(own, other, reach)
    ]
    part, opposite, corners = (np.concatenate(each) for each in zip(*found, strict=True))
    area = _area(corners)
    whole = np.abs(np.bincount(part, 2.0 * area, minlength=len(own)) - 1.0) < WHOLE
    keep = whole[part]
    part, opposite, corners, area = part[keep], opposite[keep], corners[keep], area[keep]
    points, weights = triangle_quadrature()
    hats, _ = triangle(1, points)
    local = np.einsum("qa,sad->sqd", hats, corners).reshape(-1, 2)
    part, opposite = np.repeat(part, len(points)), np.repeat(opposite, len(points))
    facet, sub = np.divmod(opposite, len(SUBTRIANGLES[master.order]))
    inside = _opposite(own[part], other[opposite], local)
    return Segments(
        part,
        local,
        (2.0 * area[:, None] * weights).ravel(),
        facet,
        _within(SUBTRIANGLES[master.order][sub], inside),
    )


def gathered_segments(own: Segments, first: int, processes: Any) -> Segments:
    """Segments that several processes have cut, whose parts are counted from the first part of each."""
    numbered = replace(own, part=own.part + first)
    return Segments(*(gathered(getattr(numbered, each), processes) for each in Segments.__annotations__))


def on_segments(slave: BodyMesh, facets: Ints, segments: Segments) -> Samples:
    """The points of segments."""
    return _samples(slave, facets, segments.part, segments.local, segments.share)


def on_parts(slave: BodyMesh, facets: Ints, part: Ints) -> Samples:
    """24 points on each named part of linear facets, six on each of quadratic ones."""
    points, weights = composite_quadrature() if slave.order == 1 else triangle_quadrature()
    local, share = np.tile(points, (len(part), 1)), np.tile(weights, len(part))
    return _samples(slave, facets, np.repeat(part, len(points)), local, share)


def joined(first: Samples, second: Samples) -> Samples:
    """Both sets of points, one after the other."""
    return Samples(
        *(np.concatenate([getattr(first, each), getattr(second, each)]) for each in Samples.__annotations__)
    )


def parts_of(body: BodyMesh, facets: Ints) -> Ints:
    """Nodes of the linear parts of facets, shape (p, 3)."""
    return facets[:, SUBTRIANGLES[body.order]].reshape(-1, 3)


def _within(parts: Ints, local: Floats) -> Floats:
    """Reference coordinates in a facet from those in its parts."""
    hats, _ = triangle(1, local)
    return np.einsum("qa,qad->qd", hats, TRIANGLE_NODES[parts])


def _samples(slave: BodyMesh, facets: Ints, part: Ints, local: Floats, share: Floats) -> Samples:
    parts = SUBTRIANGLES[slave.order]
    facet, sub = np.divmod(part, len(parts))
    values, slopes = triangle(slave.order, _within(parts[sub], local))
    nodes = slave.nodes[facets[facet]]
    tangents = np.einsum("qad,qai->qdi", slopes, nodes)
    normal = np.cross(tangents[:, 0], tangents[:, 1])
    length = np.linalg.norm(normal, axis=1)
    place = np.einsum("qa,qai->qi", values, nodes)
    weight = 0.5 * length * share / len(parts)
    return Samples(part, place, normal / length[:, None], weight, values, triangle(1, local)[0])


def _candidates(own: Floats, other: Floats, reach: float) -> list[tuple[int, list[list[int]]]]:
    """For chunks of slave parts the master parts that may lie opposite."""
    centre, middle = own.mean(axis=1), other.mean(axis=1)
    radius = np.linalg.norm(own - centre[:, None], axis=2).max(axis=1)
    widest = float(np.linalg.norm(other - middle[:, None], axis=2).max())
    tree = cKDTree(middle)
    return [
        (
            start,
            tree.query_ball_point(
                centre[start : start + CHUNK], radius[start : start + CHUNK] + widest + reach, return_sorted=True
            ),
        )
        for start in range(0, max(len(own), 1), CHUNK)
    ]


def _cut(own: Floats, other: Floats, start: int, near: list[list[int]], reach: float) -> tuple[Ints, Ints, Floats]:
    """Triangles (in reference coordinates of the slave part) that overlaps of the candidates fall into."""
    part = np.repeat(np.arange(len(own)), [len(each) for each in near])
    opposite = np.fromiter(chain.from_iterable(near), dtype=np.int64, count=len(part))
    triangles, pair = _clip_pairs(own, other, part, opposite, reach, FACING)
    return part[pair] + start, opposite[pair], triangles


def _area(corners: Floats) -> Floats:
    """Of plane triangles, shape (t, 3, 2)."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return 0.5 * np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _opposite(own: Floats, other: Floats, local: Floats) -> Floats:
    """Reference coordinates in master triangles of the points straight opposite to points of slave triangles."""
    hats, _ = triangle(1, local)
    place = np.einsum("qa,qai->qi", hats, own)
    normal = np.cross(own[:, 1] - own[:, 0], own[:, 2] - own[:, 0])
    # place + t normal = corner + r (first edge) + s (second edge)
    columns = np.stack([other[:, 1] - other[:, 0], other[:, 2] - other[:, 0], -normal], axis=2)
    found = np.linalg.solve(columns, (place - other[:, 0])[..., None])[:, :2, 0]
    # round-off must not leave the facet
    found = np.clip(found, 0.0, 1.0)
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1.0))


@njit(cache=True)
def _clip_pairs(
    own: Floats, other: Floats, part: Ints, opposite: Ints, reach: float, facing: float
) -> tuple[Floats, Ints]:  # pragma: no cover
    """Overlaps of pairs of triangles, seen along the normal of the first, as fans of triangles."""
    triangles = np.empty((4 * len(own) + 16, 3, 2))
    pair = np.empty(len(triangles), dtype=np.int64)
    count = 0
    polygon, clipped = np.empty((9, 2)), np.empty((9, 2))
    for k in range(len(part)):
        a, b = own[part[k]], other[opposite[k]]
        first, second = a[1] - a[0], a[2] - a[0]
        normal = np.cross(first, second)
        size = np.sqrt((normal * normal).sum())
        back = np.cross(b[1] - b[0], b[2] - b[0])
        if (normal * back).sum() > facing * size * np.sqrt((back * back).sum()):
            continue
        f, s, m = (first * first).sum(), (second * second).sum(), (first * second).sum()
        determinant = f * s - m * m
        nearest = np.inf
        for i in range(3):
            away = b[i] - a[0]
            x, y = (away * first).sum(), (away * second).sum()
            polygon[i, 0] = (s * x - m * y) / determinant
            polygon[i, 1] = (f * y - m * x) / determinant
            nearest = min(nearest, abs((away * normal).sum()) / size)
        if nearest > reach:
            continue
        corners = 3
        for side in range(3):
            corners = _clip(polygon, corners, side, clipped)
            for i in range(corners):
                polygon[i] = clipped[i]
        for i in range(1, corners - 1):
            one, two = polygon[i] - polygon[0], polygon[i + 1] - polygon[0]
            if abs(one[0] * two[1] - one[1] * two[0]) < SLIVER:
                continue
            if count == len(triangles):
                longer, more = np.empty((2 * count, 3, 2)), np.empty(2 * count, dtype=np.int64)
                longer[:count], more[:count] = triangles, pair
                triangles, pair = longer, more
            triangles[count, 0], triangles[count, 1], triangles[count, 2] = polygon[0], polygon[i], polygon[i + 1]
            pair[count] = k
            count += 1
    return triangles[:count].copy(), pair[:count].copy()


@njit(cache=True)
def _clip(polygon: Floats, corners: int, side: int, clipped: Floats) -> int:  # pragma: no cover
    """Part of a convex polygon on the inner side of one edge of the reference triangle; returns its corners.

    Source: I. E. Sutherland, G. W. Hodgman, Commun. ACM 17 (1974) 32-42.
    """
    count = 0
    for i in range(corners):
        j = (i + 1) % corners
        if side < 2:
            here, there = polygon[i, side], polygon[j, side]
        else:
            here, there = 1.0 - polygon[i, 0] - polygon[i, 1], 1.0 - polygon[j, 0] - polygon[j, 1]
        if here >= 0.0:
            clipped[count] = polygon[i]
            count += 1
        if (here >= 0.0) != (there >= 0.0):
            share = here / (here - there)
            clipped[count] = polygon[i] + share * (polygon[j] - polygon[i])
            count += 1
    return count
