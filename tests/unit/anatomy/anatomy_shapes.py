"""Surfaces whose distances are known by formula."""

import numpy as np

from femsacrum.anatomy.grid import Grid, contour
from femsacrum.anatomy.model import Surface


def box(lower=(0.0, 0.0, 0.0), upper=(1.0, 1.0, 1.0)) -> Surface:
    corners = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=float)
    points = np.asarray(lower) + corners * (np.asarray(upper) - np.asarray(lower))
    quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]]
    triangles = np.array([[q[i] for i in pick] for q in quads for pick in ((0, 1, 2), (0, 2, 3))])
    return Surface(points, triangles)


def ball(centre=(0.0, 0.0, 0.0), radius=10.0, spacing=1.0) -> Surface:
    centre = np.asarray(centre, dtype=float)
    grid = Grid.around(centre - radius - 2, centre + radius + 2, spacing)
    x, y, z = grid.axes()
    distance = np.sqrt((x - centre[0]) ** 2 + (y[:, None] - centre[1]) ** 2 + (z[:, None, None] - centre[2]) ** 2)
    return contour((distance - radius).astype(np.float32), grid, "ball", iterations=0)
