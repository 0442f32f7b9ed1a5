"""Closed triangle surfaces: distances to them, and reading them from files."""

from __future__ import annotations

from typing import Any

import numpy as np

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
    import pyvista as pv

    cloud = pv.PolyData(np.ascontiguousarray(points, dtype=float))
    return np.asarray(cloud.compute_implicit_distance(polydata(surface))["implicit_distance"], dtype=float)


def closest_points(surface: Surface, points: Floats) -> Floats:
    """The closest point of the surface to each point, shape (n, 3) [mm]."""
    _, closest = polydata(surface).find_closest_cell(np.asarray(points, dtype=float), return_closest_point=True)
    return np.asarray(closest, dtype=float).reshape(-1, 3)
