"""Lumbar vertebrae from a dozen published dimensions: an implicit body with swept ellipsoids for its processes.

The local frame has its origin in the middle of the vertebral body: x to the left, y posterior, z along the body's
height. Both halves are alike, so everything is written for |x|.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit

from femsacrum.anatomy.grid import FAR, Grid, Sampled
from femsacrum.anatomy.model import Floats

#: Radius over which primitives melt into each other [mm].
BLEND = 3.5
#: Radius of the endplates' rounded rim [mm].
RIM = 2.5
#: How much narrower the body is at mid-height than at its endplates.
WAIST = 0.11


@njit(cache=True)
def _swept(px, py, pz, row):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Approximate distance to an ellipsoid swept from a start to an end, its semi-axes changing on the way."""
    ax, ay, az = row[3] - row[0], row[4] - row[1], row[5] - row[2]
    length2 = ax * ax + ay * ay + az * az
    t = ((px - row[0]) * ax + (py - row[1]) * ay + (pz - row[2]) * az) / length2
    t = min(max(t, 0.0), 1.0)
    rx, ry, rz = row[6] + t * (row[9] - row[6]), row[7] + t * (row[10] - row[7]), row[8] + t * (row[11] - row[8])
    vx, vy, vz = px - row[0] - t * ax, py - row[1] - t * ay, pz - row[2] - t * az
    k0 = np.sqrt((vx / rx) ** 2 + (vy / ry) ** 2 + (vz / rz) ** 2)
    k1 = np.sqrt((vx / rx**2) ** 2 + (vy / ry**2) ** 2 + (vz / rz**2) ** 2)
    return k0 * (k0 - 1.0) / (k1 + 1e-12)


@njit(cache=True)
def _body(x, y, z, size):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Distance to the vertebral body: a superellipse with a waist between two inclined endplates."""
    width_up, width_low, depth_up, depth_low, front, back = size
    share = min(max(z / (0.5 * (front + back)) + 0.5, 0.0), 1.0)
    waist = 1.0 - WAIST * (1.0 - (2.0 * share - 1.0) ** 2)
    half_width = 0.5 * waist * (width_low + share * (width_up - width_low))
    half_depth = 0.5 * waist * (depth_low + share * (depth_up - depth_low))
    power = 2.15 if y < 0.0 else 2.6
    b = half_depth if y < 0.0 else 0.92 * half_depth
    u, v = (abs(x) / half_width) ** power, (abs(y) / b) ** power
    r = (u + v) ** (1.0 / power)
    if r < 1e-9:
        side = -min(half_width, b)
    else:
        slope_x = r * u / (u + v) / max(abs(x), 1e-9)
        slope_y = r * v / (u + v) / max(abs(y), 1e-9)
        side = (r - 1.0) / np.sqrt(slope_x**2 + slope_y**2)
    depth = 0.5 * (depth_up + depth_low)
    half_height = 0.5 * (front + (back - front) * (y / depth + 0.5))
    end = (abs(z) - half_height) / np.sqrt(1.0 + (0.5 * (back - front) / depth) ** 2)
    h = max(RIM - abs(side - end), 0.0) / RIM
    return max(side, end) + 0.25 * RIM * h * h


@njit(cache=True)
def _distance(x, y, z, size, rows):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Distance of a local point to the body and its processes, melted into each other (polynomial smooth minimum)."""
    d = _body(abs(x), y, z, size)
    for row in range(rows.shape[0]):
        e = _swept(abs(x), y, z, rows[row])
        h = max(BLEND - abs(d - e), 0.0) / BLEND
        d = min(d, e) - 0.25 * BLEND * h * h
    return min(max(d, -FAR), FAR)


@njit(cache=True)
def _sample(frame, centre, size, rows, origin, spacing, first, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write the distance into ``out``, whose first point is point ``first`` of the grid."""
    nz, ny, nx = out.shape
    for k in range(nz):
        dz = origin[2] + spacing * (k + first[2]) - centre[2]
        for j in range(ny):
            dy = origin[1] + spacing * (j + first[1]) - centre[1]
            for i in range(nx):
                dx = origin[0] + spacing * (i + first[0]) - centre[0]
                x = frame[0, 0] * dx + frame[1, 0] * dy + frame[2, 0] * dz
                y = frame[0, 1] * dx + frame[1, 1] * dy + frame[2, 1] * dz
                z = frame[0, 2] * dx + frame[1, 2] * dy + frame[2, 2] * dz
                out[k, j, i] = _distance(x, y, z, size, rows)


@njit(cache=True)
def _at(points, size, rows, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(points.shape[0]):
        out[i] = _distance(points[i, 0], points[i, 1], points[i, 2], size, rows)


@dataclass(frozen=True)
class Vertebra:
    """One vertebra in its place.

    Attributes:
        centre: Middle of the body, shape (3,) [mm].
        frame: Columns are the local x, y, z axes, shape (3, 3).
        size: Dimensions by name (see ``meshes/README.md``) [mm].
        facet: End of the left inferior articular process, local, shape (3,) [mm].
    """

    centre: Floats
    frame: Floats
    size: Mapping[str, float]
    facet: Floats

    def to_world(self, local: Floats) -> Floats:
        """Local points in the pelvis frame."""
        return self.centre + np.asarray(local) @ self.frame.T

    def to_local(self, world: Floats) -> Floats:
        """Points of the pelvis frame in the local one."""
        return (np.asarray(world) - self.centre) @ self.frame

    def endplate(self, which: str) -> tuple[Floats, Floats]:
        """Centre and outward unit normal of the "upper" or "lower" endplate, pelvis frame [mm]."""
        s, sign = self.size, 1.0 if which == "upper" else -1.0
        depth = 0.5 * (s["depth_upper"] + s["depth_lower"])
        normal = np.array([0.0, -0.5 * (s["height_back"] - s["height_front"]) / depth, sign])
        height = 0.25 * (s["height_front"] + s["height_back"])
        return self.to_world(np.array([0.0, 0.0, sign * height])), self.frame @ (normal / np.linalg.norm(normal))

    def pedicle(self) -> Floats:
        """Middle of the left pedicle's narrowest section, local [mm]."""
        return self._processes()[0, [0, 1, 2]] * 0.45 + self._processes()[0, [3, 4, 5]] * 0.55

    def superior_facet(self) -> Floats:
        """Middle of the left superior articular process's tip, local [mm]."""
        return self._processes()[4, 3:6].copy()

    def _processes(self) -> Floats:
        """Swept ellipsoids of the left half: start, end, semi-axes at the start and at the end, shape (6, 12)."""
        s = self.size
        back, top = 0.46 * s["depth_upper"], 0.5 * s["height_back"]
        w, h = s["pedicle_width"], s["pedicle_height"]
        xp = 0.5 * (s["canal_width"] + w) - 0.5
        zp = top - 0.5 * h - 0.5
        tip = 0.5 * s["transverse_span"]
        tz = s["transverse_rise"]
        t0, t1 = s["transverse_root"], s["transverse_tip"]
        fx, fy, fz = self.facet
        return np.array(
            [
                [xp - 2, back - 6, zp, xp + 0.5, back + 14, zp + 1, 0.5 * w, 5, 0.5 * h, 0.5 * w, 5, 0.5 * h],
                [xp + 1, back + 10, 3, tip - 5, back + 15, tz, t0, t0, 1.35 * t0, t1, t1, 1.35 * t1],
                [xp - 1, back + 16, 2, 2, back + 25, -8, 4, 3.6, 8, 4, 3.6, 8],
                [0, back + 26, -8, 0, s["spinous_length"] - 5, -12, 3.2, 5, 7.5, 4, 5, 9],
                [xp + 0.5, back + 15, 4, xp + 1, back + 18, top + 4, 6.5, 5, 5, 6.5, 4.2, 5.5],
                [xp - 3.5, back + 20, -3, fx, fy, fz, 5.5, 4, 5, 6.5, 4.2, 5.5],
            ]
        )

    def box(self) -> tuple[Floats, Floats]:
        """Lower and upper corner of a box that holds the vertebra [mm]."""
        s, rows = self.size, self._processes()
        reach = rows[:, 6:].reshape(-1, 3).max(axis=0) + 2.0
        ends = np.concatenate([rows[:, :3], rows[:, 3:6]])
        wide = np.max([0.5 * s["width_lower"], (ends[:, 0] + reach[0]).max()])
        half = np.array([wide, 0.5 * s["depth_upper"] + 2.0, 0.5 * s["height_front"] + 2.0])
        low, high = np.minimum((ends - reach).min(axis=0), -half), np.maximum((ends + reach).max(axis=0), half)
        corners = np.array(np.meshgrid(*zip([-wide, *low[1:]], [wide, *high[1:]], strict=True))).reshape(3, -1).T
        world = self.to_world(corners)
        return world.min(axis=0), world.max(axis=0)

    def at(self, local: Floats) -> Floats:
        """Approximate signed distance at local points, shape (n, 3) [mm]."""
        out = np.empty(len(local))
        _at(np.ascontiguousarray(local, dtype=float), self._size(), self._processes(), out)
        return out

    def _size(self) -> Floats:
        names = ("width_upper", "width_lower", "depth_upper", "depth_lower", "height_front", "height_back")
        return np.array([self.size[name] for name in names])

    def distance(self, grid: Grid) -> Sampled:
        """Approximate signed distance on a grid, negative inside, FAR away from the vertebra [mm]."""
        lower, upper = self.box()
        index = np.array([lower - grid.origin - 6.0, upper - grid.origin + 6.0]) / grid.spacing
        first = np.maximum(np.floor(index[0]).astype(int), 0)
        last = np.minimum(np.ceil(index[1]).astype(int) + 1, grid.shape)
        out = grid.empty()
        if np.any(last <= first):
            return out
        crop = out[first[2] : last[2], first[1] : last[1], first[0] : last[0]]
        _sample(self.frame, self.centre, self._size(), self._processes(), grid.origin, grid.spacing, first, crop)
        return out


def frame_from(up: Floats) -> Floats:
    """Local axes whose z is ``up`` and whose x is the patient's left, shape (3, 3)."""
    z = up / np.linalg.norm(up)
    y = np.cross(z, [1.0, 0.0, 0.0])
    return np.column_stack([np.cross(y, z), y, z])
