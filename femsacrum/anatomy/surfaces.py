"""Measures on surfaces."""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import enclosed
from femsacrum.anatomy.model import Floats, Surface


def polydata(surface: Surface) -> Any:
    """The surface as pyvista.PolyData."""
    import pyvista as pv

    return pv.PolyData.from_regular_faces(surface.points, surface.triangles)


def signed_distance(surface: Surface, points: Floats) -> Floats:
    """Exact distance of points to a closed surface, negative inside, shape (n,) [mm].

    Args:
        surface: Closed, oriented outwards.
        points: Shape (n, 3) [mm].
    """
    return DistanceTo(surface)(points)


def closest_points(surface: Surface, points: Floats) -> Floats:
    """The closest point of the surface to each point, shape (n, 3) [mm]."""
    return DistanceTo(surface).nearest(points).point


def volume(surface: Surface) -> float:
    """Volume it encloses [mm3]."""
    return enclosed(surface.points, surface.triangles)


def face_normals(surface: Surface) -> tuple[Floats, Floats]:
    """Unit normal and area of every triangle, shapes (m, 3) and (m,) [mm2]."""
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    vector = np.cross(b - a, c - a)
    length = np.linalg.norm(vector, axis=1)
    return vector / np.maximum(length, 1e-300)[:, None], 0.5 * length


def sampled(surface: Surface, number: int) -> tuple[Floats, Floats]:
    """Points spread over a surface by area, and the normals there, shape (number, 3) each; always the same ones."""
    normals, area = face_normals(surface)
    rng = np.random.default_rng(20260101)
    share = np.cumsum(area) / area.sum()
    chosen = np.minimum(np.searchsorted(share, (np.arange(number) + rng.random(number)) / number), len(area) - 1)
    root, v = np.sqrt(rng.random(number))[:, None], rng.random(number)[:, None]
    a, b, c = (surface.points[surface.triangles[chosen, i]] for i in range(3))
    return (1.0 - root) * a + root * (1.0 - v) * b + root * v * c, normals[chosen]


def mean_surface_distance(first: Surface, second: Surface, number: int = 5000) -> float:
    """Mean over both of the distance from points spread on one surface to the other [mm]."""
    there = np.abs(DistanceTo(second)(sampled(first, number)[0])).mean()
    back = np.abs(DistanceTo(first)(sampled(second, number)[0])).mean()
    return float(0.5 * (there + back))
