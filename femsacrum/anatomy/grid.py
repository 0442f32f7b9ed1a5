"""Crop boxes: a regular grid around one body, and the closed triangle surface of a distance sampled on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.errors import NumericalError

#: A distance sampled on a grid, index order (z, y, x) so that x runs fastest, as VTK wants it [mm].
Sampled = NDArray[np.float32]

#: Distance written where a field is too far away to be known [mm].
FAR = 20.0


@dataclass(frozen=True)
class Grid:
    """A regular grid.

    Attributes:
        origin: Position of the first point, shape (3,) [mm]; a multiple of the spacing, so that grids of one
            spacing coincide and a symmetric body gets a symmetric grid.
        spacing: [mm].
        shape: Number of points along x, y, z.
    """

    origin: Floats
    spacing: float
    shape: tuple[int, int, int]

    @classmethod
    def around(cls, lower: ArrayLike, upper: ArrayLike, spacing: float) -> Grid:
        """The smallest grid that holds a box.

        Args:
            lower: Lower corner, shape (3,) [mm].
            upper: Upper corner, shape (3,) [mm].
            spacing: [mm].
        """
        first = np.floor(np.asarray(lower) / spacing).astype(int)
        last = np.ceil(np.asarray(upper) / spacing).astype(int)
        nx, ny, nz = (last - first + 1).tolist()
        return cls(first * float(spacing), float(spacing), (nx, ny, nz))

    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Coordinates along x, y and z [mm]."""
        x, y, z = (self.origin[i] + self.spacing * np.arange(self.shape[i]) for i in range(3))
        return x, y, z

    def empty(self) -> Sampled:
        """An array for this grid, filled with FAR."""
        return np.full(self.shape[::-1], FAR, dtype=np.float32)


def isosurface(distance: Sampled, grid: Grid) -> tuple[Floats, Ints]:
    """Every closed shell on which a sampled distance is zero, facing outwards, by flying edges."""
    import pyvista as pv

    # a surface through a grid point has triangles without area: keep it off by a fiftieth of a step
    least = np.float32(0.02 * grid.spacing)
    distance = np.where(np.abs(distance) < least, np.copysign(least, distance), distance)
    closed = np.pad(distance, 1, constant_values=FAR)
    image = pv.ImageData(
        dimensions=tuple(n + 2 for n in grid.shape), spacing=(grid.spacing,) * 3, origin=grid.origin - grid.spacing
    )
    image.point_data["distance"] = closed.ravel()
    mesh = image.contour([0.0], scalars="distance", method="flying_edges", compute_normals=False)
    if mesh.n_cells == 0:
        return np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64)
    points, triangles = np.asarray(mesh.points, dtype=float), mesh.faces.reshape(-1, 4)[:, 1:].astype(np.int64)
    return points, triangles if enclosed(points, triangles) > 0.0 else np.ascontiguousarray(triangles[:, ::-1])


def contour(distance: Sampled, grid: Grid, name: str, iterations: int = 12) -> Surface:
    """Closed surface where a sampled distance is zero: flying edges, largest shell, Taubin smoothing.

    Args:
        distance: Negative inside, shape (nz, ny, nx) [mm].
        grid: Where it was sampled.
        name: Body name, for messages.
        iterations: Of the windowed-sinc (Taubin) filter, which does not shrink.

    Raises:
        NumericalError: There is no such surface, or it is not closed.
    """
    import pyvista as pv

    points, triangles = isosurface(distance, grid)
    if len(triangles) == 0:
        raise NumericalError(f"anatomy: body {name}: nothing is left of it; the parameters are out of range")
    points, triangles = largest_shell(points, triangles)
    if iterations:
        body = pv.PolyData.from_regular_faces(points, triangles)
        body = body.smooth_taubin(n_iter=iterations, pass_band=0.12)
        points = np.asarray(body.points, dtype=float)
    surface = Surface(np.ascontiguousarray(points), np.ascontiguousarray(triangles, dtype=np.int64))
    if not is_closed(surface.triangles):
        raise NumericalError(f"anatomy: the surface of {name} is not closed; the parameters are out of range")
    return surface


def enclosed(points: Floats, triangles: Ints) -> float:
    """Volume a closed surface encloses, positive if it is oriented outwards [mm3]."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def is_closed(triangles: Ints) -> bool:
    """Whether every edge joins exactly two triangles that run through it in opposite directions."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    n = int(edges.max()) + 1
    forward = np.sort(edges[:, 0] * n + edges[:, 1])
    backward = np.sort(edges[:, 1] * n + edges[:, 0])
    return bool(np.array_equal(forward, backward) and np.all(np.diff(forward) > 0))


def genus(triangles: Ints) -> int:
    """Number of handles of a closed connected surface (Euler characteristic)."""
    vertices = np.unique(triangles).size
    return 1 - (vertices - triangles.shape[0] // 2) // 2


def shells(triangles: Ints) -> Ints:
    """Number of the connected piece each triangle belongs to."""
    n = int(triangles.max()) + 1
    rows = triangles[:, [0, 1]].ravel()
    columns = triangles[:, [1, 2]].ravel()
    joined = coo_matrix((np.ones(rows.size, dtype=bool), (rows, columns)), shape=(n, n))
    _, label = connected_components(joined, directed=False)
    return label[triangles[:, 0]]


def largest_shell(points: Floats, triangles: Ints) -> tuple[Floats, Ints]:
    """The connected piece with the largest volume (bubbles inside and crumbs outside go), vertices renumbered."""
    piece = shells(triangles)
    volumes = [abs(enclosed(points, triangles[piece == i])) for i in np.unique(piece)]
    kept = triangles[piece == np.unique(piece)[int(np.argmax(volumes))]]
    used, inverse = np.unique(kept, return_inverse=True)
    return points[used], inverse.reshape(-1, 3).astype(np.int64)


def mirrored(surface: Surface) -> Surface:
    """The same surface on the other side of the midsagittal plane x = 0."""
    return Surface(surface.points * np.array([-1.0, 1.0, 1.0]), np.ascontiguousarray(surface.triangles[:, ::-1]))
