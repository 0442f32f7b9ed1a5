import numpy as np
import pytest

from femsacrum.anatomy.blobs import Blobs, mirror
from femsacrum.anatomy.grid import FAR, Grid, contour, enclosed, genus, is_closed
from femsacrum.anatomy.proportions import table
from femsacrum.errors import NumericalError

SIGMA, WEIGHT = 5.0, 4.0
RADIUS = SIGMA * np.sqrt(2.0 * np.log(WEIGHT))  # where w exp(-r^2 / 2 sigma^2) = 1
ROUND = np.array([[1.0, -2.0, 3.0, 1 / SIGMA, 1 / SIGMA, 1 / SIGMA, 0.0, 0.0, 0.0, WEIGHT]])
SLANTED = np.array([[1.0, -2.0, 3.0, 0.2, 0.3, 0.25, 0.08, -0.05, 0.1, 2.0]])


@pytest.fixture(scope="module")
def grid():
    return Grid.around([-14.0, -17.0, -12.0], [16.0, 13.0, 18.0], 0.5)


def test_the_table_gives_the_fields_it_says():
    half = np.array(table()["sacrum_half"])
    bones = {"hip_left": Blobs(np.array(table()["hip_left"])), "sacrum": Blobs(np.vstack([half, mirror(half)]))}
    for check in table()["evaluation_checks"]:
        assert bones[check["bone"]].field(np.array([check["x"]]))[0] == pytest.approx(check["F"], abs=2e-5)


def test_the_surface_of_one_round_blob_is_a_sphere(grid):
    surface = contour(Blobs(ROUND).distance(grid), grid, "ball", iterations=0)
    assert np.linalg.norm(surface.points - ROUND[0, :3], axis=1) == pytest.approx(RADIUS, abs=0.02)
    assert genus(surface.triangles) == 0
    assert enclosed(surface.points, surface.triangles) == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.005)


def test_the_distance_near_the_surface_is_a_distance(grid):
    distance = Blobs(ROUND).distance(grid)
    x, y, z = grid.axes()
    r = np.sqrt((x - 1.0) ** 2 + (y[:, None] + 2.0) ** 2 + (z[:, None, None] - 3.0) ** 2)
    near = np.abs(r - RADIUS) < 1.0
    assert np.abs(distance - (r - RADIUS))[near].max() < 0.12  # first order: grows with the square
    assert (np.sign(distance) == np.sign(r - RADIUS))[np.abs(r - RADIUS) > 1e-3].all()


def test_the_grid_kernel_agrees_with_the_points_kernel(grid):
    distance = Blobs(SLANTED).distance(grid)
    x, y, z = grid.axes()
    rng = np.random.default_rng(1)
    i, j, k = (rng.integers(0, n, 20000) for n in grid.shape)
    inside = Blobs(SLANTED).field(np.column_stack([x[i], y[j], z[k]])) > 1.0
    assert ((distance[k, j, i] < 0.0) == inside).all()
    assert inside.sum() > 100


def test_a_mirrored_blob_is_the_mirror_image():
    points = np.random.default_rng(2).uniform(-8.0, 8.0, (50, 3))
    there = Blobs(SLANTED).field(points)
    assert Blobs(mirror(SLANTED)).field(points * [-1.0, 1.0, 1.0]) == pytest.approx(there, rel=1e-12)


def test_a_body_is_inside_its_box():
    body = Blobs(np.array(table()["hip_left"]))
    lower, upper = body.box()
    grid = Grid.around(lower - 8.0, upper + 8.0, 4.0)
    distance = body.distance(grid)
    index = np.argwhere(distance < 0.0)[:, ::-1]
    points = grid.origin + grid.spacing * index
    assert (points > lower).all()
    assert (points < upper).all()


def test_nothing_to_contour_is_told(grid):
    with pytest.raises(NumericalError, match="hip"):
        contour(grid.empty(), grid, "hip")


def test_far_away_is_far(grid):
    away = ROUND + np.array([[500.0, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
    assert (Blobs(away).distance(grid) == FAR).all()


def test_an_open_surface_is_not_closed():
    triangles = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]])
    assert is_closed(triangles)
    assert not is_closed(triangles[:3])
    assert not is_closed(np.vstack([triangles[:3], [[1, 2, 3]]]))  # one triangle the wrong way round
