"""Exact distance to a triangle surface: a bounding-box tree over triangles.

The sign comes from angle-weighted pseudo-normals; where a surface is folded over (segmentations are, in places) these
fail and the winding number decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from femsacrum.anatomy.grid import is_closed
from femsacrum.anatomy.model import Floats, Ints, Surface

#: Triangles in a leaf of the tree.
LEAF = 8


@njit(cache=True)
def grow(lower, upper, order, boxes, nodes):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Split at the median of the longest side until leaves are small; returns the number of nodes.

    A node is (first, last) of ``order`` for a leaf, (-1 - left child, right child) otherwise.
    """
    nodes[0, 0], nodes[0, 1] = 0, order.size
    used = 1
    i = 0
    while i < used:
        first, last = nodes[i, 0], nodes[i, 1]
        for k in range(3):
            boxes[i, k] = lower[order[first:last], k].min()
            boxes[i, 3 + k] = upper[order[first:last], k].max()
        if last - first > LEAF:
            axis = 0
            for k in (1, 2):
                if boxes[i, 3 + k] - boxes[i, k] > boxes[i, 3 + axis] - boxes[i, axis]:
                    axis = k
            part = order[first:last].copy()
            ranks = np.argsort(lower[part, axis] + upper[part, axis], kind="mergesort")
            order[first:last] = part[ranks]
            middle = (first + last) // 2
            nodes[used, 0], nodes[used, 1] = first, middle
            nodes[used + 1, 0], nodes[used + 1, 1] = middle, last
            nodes[i, 0], nodes[i, 1] = -1 - used, used + 1
            used += 2
        i += 1
    return used


@njit(cache=True)
def _outside(boxes, node, x, y, z):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Squared distance of a point to the box of a node."""
    dx = max(boxes[node, 0] - x, 0.0, x - boxes[node, 3])
    dy = max(boxes[node, 1] - y, 0.0, y - boxes[node, 4])
    dz = max(boxes[node, 2] - z, 0.0, z - boxes[node, 5])
    return dx * dx + dy * dy + dz * dz


@njit(cache=True)
def _on_triangle(corners, t, x, y, z):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Weights of corners 1 and 2 at the closest point (Ericson, Real-Time Collision Detection 2005, 5.1.5).

    The third value is the feature it lies on: 0 the face, 1 to 3 a corner, 4 to 6 the edge from corner 0, 1, 2.
    """
    ax, ay, az = corners[t, 0, 0], corners[t, 0, 1], corners[t, 0, 2]
    bx, by, bz = corners[t, 1, 0] - ax, corners[t, 1, 1] - ay, corners[t, 1, 2] - az
    cx, cy, cz = corners[t, 2, 0] - ax, corners[t, 2, 1] - ay, corners[t, 2, 2] - az
    px, py, pz = x - ax, y - ay, z - az
    d1, d2 = bx * px + by * py + bz * pz, cx * px + cy * py + cz * pz
    if d1 <= 0.0 and d2 <= 0.0:
        return 0.0, 0.0, 1
    bb, bc, cc = bx * bx + by * by + bz * bz, bx * cx + by * cy + bz * cz, cx * cx + cy * cy + cz * cz
    d3, d4 = d1 - bb, d2 - bc
    if d3 >= 0.0 and d4 <= d3:
        return 1.0, 0.0, 2
    vc = d1 * d4 - d3 * d2
    if vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0 and d1 > d3:
        return d1 / (d1 - d3), 0.0, 4
    d5, d6 = d1 - bc, d2 - cc
    if d6 >= 0.0 and d5 <= d6:
        return 0.0, 1.0, 3
    vb = d5 * d2 - d1 * d6
    if vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0 and d2 > d6:
        return 0.0, d2 / (d2 - d6), 6
    va = d3 * d6 - d5 * d4
    if va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0 and d4 - d3 + d5 - d6 > 0.0:
        share = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return 1.0 - share, share, 5
    area = va + vb + vc
    if area <= 0.0:  # a sliver without area: its neighbours share its edges
        return 0.0, 0.0, 1
    return vb / area, vc / area, 0


@njit(cache=True)
def _weighted(corners, t, v, w):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The point of a triangle with weights 1 - v - w, v, w of its corners."""
    u = 1.0 - v - w
    return (
        u * corners[t, 0, 0] + v * corners[t, 1, 0] + w * corners[t, 2, 0],
        u * corners[t, 0, 1] + v * corners[t, 1, 1] + w * corners[t, 2, 1],
        u * corners[t, 0, 2] + v * corners[t, 1, 2] + w * corners[t, 2, 2],
    )


@njit(cache=True)
def _search(points, corners, normals, order, boxes, nodes, distance, closest, triangle):  # type: ignore[no-untyped-def]  # pragma: no cover
    stack = np.empty(128, dtype=np.int64)
    bounds = np.empty(128)
    last_hit = 0
    for i in range(points.shape[0]):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        # the triangle nearest to the point before is a good first guess: points come in order
        v, w, feature = _on_triangle(corners, last_hit, x, y, z)
        qx, qy, qz = _weighted(corners, last_hit, v, w)
        best = (x - qx) ** 2 + (y - qy) ** 2 + (z - qz) ** 2
        closest[i, 0], closest[i, 1], closest[i, 2] = qx, qy, qz
        hit, hit_feature = last_hit, feature
        stack[0], bounds[0] = 0, 0.0
        height = 1
        while height > 0:
            height -= 1
            if bounds[height] >= best:
                continue
            node = stack[height]
            first, last = nodes[node, 0], nodes[node, 1]
            if first < 0:
                near, far = -1 - first, last
                at_near, at_far = _outside(boxes, near, x, y, z), _outside(boxes, far, x, y, z)
                if at_far < at_near:
                    near, far, at_near, at_far = far, near, at_far, at_near
                if at_far < best:
                    stack[height], bounds[height] = far, at_far
                    height += 1
                if at_near < best:
                    stack[height], bounds[height] = near, at_near
                    height += 1
                continue
            for j in range(first, last):
                t = order[j]
                v, w, feature = _on_triangle(corners, t, x, y, z)
                qx, qy, qz = _weighted(corners, t, v, w)
                square = (x - qx) ** 2 + (y - qy) ** 2 + (z - qz) ** 2
                if square < best:
                    best = square
                    closest[i, 0], closest[i, 1], closest[i, 2] = qx, qy, qz
                    hit, hit_feature = t, feature
        last_hit = hit
        triangle[i] = hit
        n = normals[hit, hit_feature]
        sign = (x - closest[i, 0]) * n[0] + (y - closest[i, 1]) * n[1] + (z - closest[i, 2]) * n[2]
        distance[i] = -np.sqrt(best) if sign < 0.0 else np.sqrt(best)


@njit(cache=True)
def _moments(corners, order, boxes, nodes):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Per node: centre (3), area vector (3) and radius of its triangles, for the winding number far away."""
    out = np.zeros((nodes.shape[0], 8))
    for node in range(nodes.shape[0] - 1, -1, -1):
        first, last = nodes[node, 0], nodes[node, 1]
        if first < 0:
            for child in (-1 - first, last):
                for k in range(8):
                    out[node, k] += out[child, k]
        else:
            for j in range(first, last):
                t = corners[order[j]]
                ux, uy, uz = t[1, 0] - t[0, 0], t[1, 1] - t[0, 1], t[1, 2] - t[0, 2]
                vx, vy, vz = t[2, 0] - t[0, 0], t[2, 1] - t[0, 1], t[2, 2] - t[0, 2]
                nx, ny, nz = 0.5 * (uy * vz - uz * vy), 0.5 * (uz * vx - ux * vz), 0.5 * (ux * vy - uy * vx)
                area = np.sqrt(nx * nx + ny * ny + nz * nz)
                for k in range(3):
                    out[node, k] += area * (t[0, k] + t[1, k] + t[2, k]) / 3.0
                out[node, 3] += nx
                out[node, 4] += ny
                out[node, 5] += nz
                out[node, 7] += area
    for node in range(nodes.shape[0]):
        reach = 0.0
        for k in range(3):
            out[node, k] /= max(out[node, 7], 1e-300)
            reach += max(boxes[node, 3 + k] - out[node, k], out[node, k] - boxes[node, k]) ** 2
        out[node, 6] = np.sqrt(reach)
    return out


@njit(cache=True)
def _winding(points, corners, order, nodes, moments, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Winding number: solid angles near by, dipoles far away (Barill et al., ACM Trans Graph 2018;37:43)."""
    stack = np.empty(128, dtype=np.int64)
    for i in range(points.shape[0]):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        total = 0.0
        stack[0] = 0
        height = 1
        while height > 0:
            height -= 1
            node = stack[height]
            m = moments[node]
            dx, dy, dz = m[0] - x, m[1] - y, m[2] - z
            r = np.sqrt(dx * dx + dy * dy + dz * dz)
            if r > 2.0 * m[6]:
                total += (dx * m[3] + dy * m[4] + dz * m[5]) / (r * r * r)
                continue
            first, last = nodes[node, 0], nodes[node, 1]
            if first < 0:
                stack[height], stack[height + 1] = -1 - first, last
                height += 2
                continue
            for j in range(first, last):
                t = corners[order[j]]
                ax, ay, az = t[0, 0] - x, t[0, 1] - y, t[0, 2] - z
                bx, by, bz = t[1, 0] - x, t[1, 1] - y, t[1, 2] - z
                cx, cy, cz = t[2, 0] - x, t[2, 1] - y, t[2, 2] - z
                a, b = np.sqrt(ax * ax + ay * ay + az * az), np.sqrt(bx * bx + by * by + bz * bz)
                c = np.sqrt(cx * cx + cy * cy + cz * cz)
                volume = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
                ab, bc, ca = ax * bx + ay * by + az * bz, bx * cx + by * cy + bz * cz, cx * ax + cy * ay + cz * az
                total += 2.0 * np.arctan2(volume, a * b * c + ab * c + bc * a + ca * b)
        out[i] = total / (4.0 * np.pi)


def folds(triangles: Ints, normals: Floats) -> Ints:
    """Triangles that are folded back onto a neighbour: their normals are opposite within 25 degrees.

    Args:
        triangles: Of a closed surface, shape (m, 3).
        normals: Unit normals of the triangles, shape (m, 3).
    """
    number = int(triangles.max()) + 1
    edges = np.sort(np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2), axis=2)
    order = np.argsort((edges[..., 0] * number + edges[..., 1]).ravel(), kind="stable")
    pairs = (order // 3).reshape(-1, 2)  # a closed surface has every edge twice
    return pairs[np.einsum("ij,ij->i", normals[pairs[:, 0]], normals[pairs[:, 1]]) < -0.9][:, 0]


def _pseudo_normals(corners: Floats, triangles: Ints, number: int) -> Floats:
    """Normals of the face, the three corners and the three edges of every triangle, shape (m, 7, 3).

    Corners take the angle-weighted mean of the faces around them, edges the mean of their two faces; with these the
    sign of the distance is right everywhere (Baerentzen and Aanaes, IEEE Trans Vis Comput Graph 2005;11:243).
    """
    sides = np.roll(corners, -1, axis=1) - corners
    face = np.cross(sides[:, 0], -sides[:, 2])
    face /= np.maximum(np.linalg.norm(face, axis=1, keepdims=True), 1e-300)
    unit = sides / np.maximum(np.linalg.norm(sides, axis=2, keepdims=True), 1e-300)
    angle = np.arccos(np.clip(-np.einsum("mij,mij->mi", unit, np.roll(unit, 1, axis=1)), -1.0, 1.0))
    at_point = np.zeros((number, 3))
    for k in range(3):
        np.add.at(at_point, triangles[:, k], angle[:, k, None] * face)
    edges = np.sort(np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2), axis=2)
    _, which = np.unique((edges[..., 0] * number + edges[..., 1]).ravel(), return_inverse=True)
    at_edge = np.zeros((int(which.max()) + 1, 3))
    np.add.at(at_edge, which, np.repeat(face, 3, axis=0))
    return np.concatenate([face[:, None], at_point[triangles], at_edge[which].reshape(-1, 3, 3)], axis=1)


@dataclass(frozen=True)
class Nearest:
    """What is nearest to some points.

    Attributes:
        distance: Signed, negative inside, shape (n,) [mm].
        point: Closest point of the surface, shape (n, 3) [mm].
        triangle: Triangle it is on, shape (n,).
    """

    distance: Floats
    point: Floats
    triangle: Ints


class DistanceTo:
    """Distances to one surface, prepared once and asked many times.

    Args:
        surface: Closed and oriented outwards, or the sign means nothing.
    """

    def __init__(self, surface: Surface) -> None:
        corners = np.ascontiguousarray(surface.points[surface.triangles], dtype=float)
        n = len(corners)
        self._corners = corners
        self._normals = _pseudo_normals(corners, surface.triangles, len(surface.points))
        self._order = np.arange(n)
        boxes, nodes = np.empty((2 * n + 1, 6)), np.empty((2 * n + 1, 2), dtype=np.int64)
        used = grow(corners.min(axis=1), corners.max(axis=1), self._order, boxes, nodes)
        self._boxes, self._nodes = boxes[:used].copy(), nodes[:used].copy()
        self._moments = None
        if is_closed(surface.triangles) and folds(surface.triangles, self._normals[:, 0]).size:
            self._moments = _moments(self._corners, self._order, self._boxes, self._nodes)

    def nearest(self, points: Floats) -> Nearest:
        """Signed distance, closest point and triangle for points, shape (n, 3) [mm]."""
        points = np.ascontiguousarray(np.asarray(points, dtype=float).reshape(-1, 3))
        distance, closest = np.empty(len(points)), np.empty((len(points), 3))
        triangle = np.zeros(len(points), dtype=np.int64)
        _search(
            points, self._corners, self._normals, self._order, self._boxes, self._nodes, distance, closest, triangle
        )
        if self._moments is not None:
            turns = np.empty(len(points))
            _winding(points, self._corners, self._order, self._nodes, self._moments, turns)
            distance = np.where(turns > 0.5, -np.abs(distance), np.abs(distance))
        return Nearest(distance, closest, triangle)

    def __call__(self, points: Floats) -> Floats:
        """Signed distance of points, shape (n, 3) [mm], negative inside."""
        return self.nearest(points).distance
