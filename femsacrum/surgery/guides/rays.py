"""What a straight line meets first: for the thickness of walls, and for bone in the way of a part that is taken off."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from femsacrum.anatomy.model import Floats, Surface

#: Nearer than this to its start a line meets nothing [mm]: it starts on a triangle.
START = 1e-4


@njit(cache=True)
def _first(origins, directions, corners, middles, radii, length, triangle):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Möller and Trumbore (1997), J Graphics Tools 2:21; triangles whose ball the line misses are passed over."""
    for i in range(origins.shape[0]):
        dx, dy, dz = directions[i, 0], directions[i, 1], directions[i, 2]
        ox, oy, oz = origins[i, 0], origins[i, 1], origins[i, 2]
        best, hit = np.inf, -1
        for t in range(corners.shape[0]):
            mx, my, mz = middles[t, 0] - ox, middles[t, 1] - oy, middles[t, 2] - oz
            along = mx * dx + my * dy + mz * dz
            if along < -radii[t] or along - radii[t] > best:
                continue
            if mx * mx + my * my + mz * mz - along * along > radii[t] * radii[t]:
                continue
            ax, ay, az = corners[t, 0, 0], corners[t, 0, 1], corners[t, 0, 2]
            e1x, e1y, e1z = corners[t, 1, 0] - ax, corners[t, 1, 1] - ay, corners[t, 1, 2] - az
            e2x, e2y, e2z = corners[t, 2, 0] - ax, corners[t, 2, 1] - ay, corners[t, 2, 2] - az
            px, py, pz = dy * e2z - dz * e2y, dz * e2x - dx * e2z, dx * e2y - dy * e2x
            det = e1x * px + e1y * py + e1z * pz
            if abs(det) < 1e-14:
                continue
            sx, sy, sz = ox - ax, oy - ay, oz - az
            u = (sx * px + sy * py + sz * pz) / det
            if u < 0.0 or u > 1.0:
                continue
            qx, qy, qz = sy * e1z - sz * e1y, sz * e1x - sx * e1z, sx * e1y - sy * e1x
            v = (dx * qx + dy * qy + dz * qz) / det
            if v < 0.0 or u + v > 1.0:
                continue
            far = (e2x * qx + e2y * qy + e2z * qz) / det
            if far > START and far < best:
                best, hit = far, t
        length[i], triangle[i] = best, hit


def first_hit(origins: Floats, directions: Floats, surface: Surface) -> tuple[Floats, NDArray[np.int64]]:
    """Where lines first meet a surface.

    Args:
        origins: Starts, shape (n, 3) [mm].
        directions: Unit vectors, shape (n, 3) or (3,).
        surface: Any triangles.

    Returns:
        Distance, shape (n,) [mm], infinite where nothing is met, and the index of the triangle, -1 there.
    """
    corners = np.ascontiguousarray(surface.points[surface.triangles])
    middles = corners.mean(axis=1)
    radii = np.linalg.norm(corners - middles[:, None], axis=2).max(axis=1, initial=0.0)
    length, triangle = np.full(len(origins), np.inf), np.full(len(origins), -1, dtype=np.int64)
    ways = np.ascontiguousarray(np.broadcast_to(directions, origins.shape), dtype=float)
    _first(np.ascontiguousarray(origins, dtype=float), ways, corners, middles, radii, length, triangle)
    return length, triangle


def facets(surface: Surface) -> tuple[Floats, Floats, Floats]:
    """Corners, outward unit normal and area of every triangle, shapes (n, 3, 3), (n, 3), (n,), but those without area."""
    corners = surface.points[surface.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(normals, axis=1)
    some = size > 1e-9
    return corners[some], normals[some] / size[some, None], 0.5 * size[some]
