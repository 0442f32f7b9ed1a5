"""Surfaces seen along the normal of a plane: which of their triangles face it, and how high they stand over a grid."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.surgery.shapes.frame import Frame


def facing(surface: Surface, frame: Frame, sign: float, reach: float) -> Ints:
    """Triangles near a plane that face along its normal, within 45 degrees, shape (n, 3).

    Args:
        surface: Closed.
        frame: On the plane.
        sign: +1 along the normal, -1 against it.
        reach: Largest distance of their corners from the plane [mm].
    """
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    leaning = sign * (normal @ frame.normal) > np.sqrt(0.5) * np.linalg.norm(normal, axis=1)
    near = (np.abs(frame.depth(surface.points)) < reach)[surface.triangles].all(axis=1)
    return np.asarray(surface.triangles[leaning & near])


def heights(frame: Frame, surface: Surface, rows: Ints, across: Floats, along: Floats, sign: float) -> Floats:
    """Largest depth times ``sign`` of some triangles over every point of a grid, shape (n, m) [mm].

    Args:
        frame: Of the grid.
        surface: Holds the points of the triangles.
        rows: The triangles, shape (k, 3).
        across: Places of the columns on the frame's axis, shape (m,) [mm].
        along: Places of the rows, shape (n,) [mm].
        sign: +1: the depth itself; -1: its negative, so that the nearest to minus infinity counts.

    Returns:
        NaN where there is no triangle.
    """
    flat, depth = frame.flat(surface.points)[rows], sign * frame.depth(surface.points)[rows]
    found = np.full((len(along), len(across)), -np.inf)
    for corners, deep in zip(flat, depth, strict=True):
        (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
        columns = slice(*np.searchsorted(across, [left, right + 1e-9]))
        lines = slice(*np.searchsorted(along, [low, high + 1e-9]))
        (x0, y0), (x1, y1), (x2, y2) = corners
        twice = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(twice) < 1e-12:
            continue
        x, y = across[None, columns] - x0, along[lines, None] - y0
        second, third = (x * (y2 - y0) - y * (x2 - x0)) / twice, (y * (x1 - x0) - x * (y1 - y0)) / twice
        within = (second >= -1e-9) & (third >= -1e-9) & (second + third <= 1.0 + 1e-9)
        height = deep[0] + second * (deep[1] - deep[0]) + third * (deep[2] - deep[0])
        block = found[lines, columns]
        np.maximum(block, np.where(within, height, -np.inf), out=block)
    return np.where(np.isfinite(found), found, np.nan)
