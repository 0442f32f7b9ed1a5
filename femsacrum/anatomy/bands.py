"""The distance to a triangle surface sampled on a grid: exact near the surface, only its sign further away."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, label

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import Grid, Sampled
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.surfaces import face_normals, sampled


def sampled_distance(surface: Surface, grid: Grid, band: float = 7.0) -> Sampled:
    """Signed distance on a grid, exact within about ``band`` of the surface, plus or minus ``band`` beyond [mm].

    Args:
        surface: Closed, oriented outwards.
        grid: May hold only a part of the surface, or none.
        band: [mm].
    """
    h = grid.spacing
    shape = np.array(grid.shape)
    _, area = face_normals(surface)
    points, _ = sampled(surface, int(area.sum() / (0.3 * h * h)) + 100)
    index = np.rint((points - grid.origin) / h).astype(int)
    reach = int(np.ceil(band / h)) + 1
    # a margin around the grid, so that a surface just outside it is seen
    index += reach
    wide = shape + 2 * reach
    index = index[((index >= 0) & (index < wide)).all(axis=1)]
    empty = np.ones(tuple(wide[::-1]), dtype=bool)
    empty[index[:, 2], index[:, 1], index[:, 0]] = False
    crop = (slice(reach, -reach),) * 3
    inside = DistanceTo(surface)
    if empty.all():
        near = np.zeros(grid.shape[::-1], dtype=bool)
    else:
        near = (distance_transform_edt(empty) * h <= band + h)[crop]
    out = np.empty(grid.shape[::-1], dtype=np.float32)
    out[near] = np.clip(inside(_positions(grid, np.argwhere(near))), -band, band)
    pieces, number = label(~near)
    for piece in range(1, number + 1):
        where = np.unravel_index(int(np.argmax(pieces == piece)), pieces.shape)
        out[pieces == piece] = np.copysign(band, inside(_positions(grid, np.array([where])))[0])
    return out


def _positions(grid: Grid, index: np.ndarray) -> Floats:
    """Positions of grid points given by their index (z, y, x), shape (n, 3) [mm]."""
    return grid.origin + grid.spacing * index[:, ::-1]
