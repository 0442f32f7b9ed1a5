"""Bone surfaces from files (STL, PLY, VTK, VTP, OBJ), checked and repaired a little; and measures on surfaces."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.distance import DistanceTo, folds
from femsacrum.anatomy.grid import enclosed, is_closed
from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.anatomy.repair import Defect, oriented, pieces_dropped, without_fins, without_holes
from femsacrum.errors import InputError

#: File formats that are read.
FORMATS = (".stl", ".ply", ".vtk", ".vtp", ".obj")

#: Length of a unit [mm].
UNITS = {"mm": 1.0, "cm": 10.0, "m": 1000.0}

#: What takes a frame to LPS (x left, y posterior, z cranial): RAS is turned by half a revolution about z.
FRAMES = {"LPS": np.array([1.0, 1.0, 1.0]), "RAS": np.array([-1.0, -1.0, 1.0])}


@dataclass(frozen=True)
class Read:
    """A surface from a file.

    Attributes:
        surface: Closed, manifold, oriented outwards, [mm], LPS.
        repairs: What had to be changed to make it so, and what is still doubtful, in words; empty if nothing.
    """

    surface: Surface
    repairs: tuple[str, ...]


def read_surface(path: Path, unit: str, frame: str, key: str) -> Read:
    """Read a closed triangle surface of one bone.

    Vertices at the same place are joined, quadrilaterals split, slivers of zero area dropped, dangling triangles and
    small holes repaired (and reported), crumbs dropped, the orientation made outward.

    Args:
        path: File in one of FORMATS.
        unit: "mm", "cm" or "m": what a coordinate of 1 means.
        frame: "LPS" or "RAS".
        key: Key of the case that names the file, for messages.

    Raises:
        InputError: It is missing, not readable, not a surface, or broken beyond small repairs.
    """
    points, triangles = _load(path, key)
    points = points * UNITS[unit] * FRAMES[frame]
    points, triangles = _joined(points, triangles)
    repairs: list[str] = []
    try:
        for step in (without_fins, without_holes, pieces_dropped, oriented):
            triangles, said = step(points, triangles)
            repairs += said
    except Defect as defect:
        raise InputError(key, f"{path.name}: {defect}") from defect
    used, inverse = np.unique(triangles, return_inverse=True)
    surface = Surface(np.ascontiguousarray(points[used]), inverse.reshape(-1, 3).astype(np.int64))
    if not is_closed(surface.triangles) or enclosed(surface.points, surface.triangles) <= 0.0:
        raise InputError(key, f"{path.name}: is not a closed surface, even after repair")
    folded = folds(surface.triangles, face_normals(surface)[0])
    if folded.size:
        x, y, z = surface.points[surface.triangles[folded[0]]].mean(axis=0)
        repairs.append(
            f"left as it is: folded onto itself at {folded.size} edges, first near ({x:.0f}, {y:.0f}, {z:.0f})"
        )
    return Read(surface, tuple(repairs))


def _load(path: Path, key: str) -> tuple[Floats, Ints]:
    """Points and triangles as they stand in the file."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(key, f'"{path.name}" is in no format that is read ({", ".join(FORMATS)})')
    if not path.is_file():
        raise InputError(key, f'"{path}" does not exist')
    import pyvista as pv

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # VTK's readers warn at length; what is wrong is said below
            mesh = pv.read(path)
    except Exception as error:  # VTK's readers raise whatever they like
        raise InputError(key, f"{path.name}: cannot be read: {error}") from error
    if not isinstance(mesh, pv.PolyData):
        raise InputError(key, f"{path.name}: holds {type(mesh).__name__}, not one triangle surface")
    mesh = mesh.triangulate() if mesh.n_cells and not mesh.is_all_triangles else mesh
    if mesh.n_cells < 4 or mesh.faces.size != 4 * mesh.n_cells:
        raise InputError(key, f"{path.name}: has no closed triangle surface ({mesh.n_cells} triangles)")
    points = np.asarray(mesh.points, dtype=float)
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if bad.size:
        raise InputError(key, f"{path.name}: vertex {bad[0]} is not a finite position")
    return points, mesh.faces.reshape(-1, 4)[:, 1:].astype(np.int64)


def _joined(points: Floats, triangles: Ints) -> tuple[Floats, Ints]:
    """Vertices at exactly the same place become one (STL has three to a triangle), degenerate triangles go."""
    unique, inverse = np.unique(points, axis=0, return_inverse=True)
    triangles = inverse.reshape(-1)[triangles]
    distinct = (triangles != np.roll(triangles, 1, axis=1)).all(axis=1)
    return unique, triangles[distinct]


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
