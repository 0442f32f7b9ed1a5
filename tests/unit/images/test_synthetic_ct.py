"""The synthetic CT holds what it says: checked on a ball, where everything is known."""

from dataclasses import replace

import numpy as np
import pytest
import pyvista as pv

from femsacrum.anatomy.model import Surface
from meshes.synthetic_ct import Scan, grid_around, labelled, scanned

RADIUS, CENTRE = 10.0, np.array([30.0, -40.0, 900.0])
SHELL = Scan(core_hu=(40.0, 40.0), body=60.0)  # nothing but the cortex differs from soft tissue, no air
GRIDS = {"even": ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)), "oblique": ((0.8, 0.8, 3.0), (12.0, 8.0, 5.0))}


@pytest.fixture(scope="module")
def ball():
    mesh = pv.Icosphere(radius=RADIUS, center=CENTRE, nsub=4)
    return {"sacrum": Surface(np.asarray(mesh.points, float), mesh.faces.reshape(-1, 4)[:, 1:].astype(np.int64))}


@pytest.fixture(params=GRIDS)
def grid(request, ball):
    spacing, turn = GRIDS[request.param]
    return grid_around(ball, np.array(spacing), turn, 6.0)


def content(radius):
    return 4.0 / 3.0 * np.pi * radius**3


def positions(grid):
    shape = grid.values.shape
    return grid.points(np.argwhere(np.ones(shape))[:, ::-1]).reshape(*shape, 3)


@pytest.mark.parametrize("blur", [0.0, 1.2])
def test_the_cortex_has_its_volume_and_thickness(ball, grid, blur):
    volume = scanned(ball, grid, replace(SHELL, blur=blur))
    shell = (volume.values - 40.0).sum() * np.prod(grid.spacing) / (1600.0 - 40.0)
    assert shell == pytest.approx(content(RADIUS) - content(RADIUS - 1.5), rel=0.015)
    assert volume.values.max() <= 1600


def test_the_core_rises_linearly(ball, grid):
    volume = scanned(ball, grid, Scan())
    place = positions(grid)
    deep = np.linalg.norm(place - CENTRE, axis=-1) < RADIUS - 4.0
    expected = 50.0 + 300.0 * (place[deep][:, 2] - CENTRE[2] + RADIUS) / (2.0 * RADIUS)
    assert np.abs(volume.values[deep] - expected).max() < 1.0


def test_around_the_body_is_air(ball, grid):
    volume = scanned(ball, grid, Scan(body=4.0))
    out = np.linalg.norm((positions(grid) - CENTRE)[..., :2], axis=-1)
    assert np.all(volume.values[out > RADIUS + 5.0] == -1000)
    assert np.all(volume.values[(out > RADIUS + 1.0) & (out < RADIUS + 3.0)] == 40)


def test_bone_in_the_corner_of_the_box_is_in_the_body():
    box = pv.Box((-20.0, 20.0, -10.0, 10.0, 0.0, 12.0)).triangulate()
    bone = {"sacrum": Surface(np.asarray(box.points, float), box.faces.reshape(-1, 4)[:, 1:].astype(np.int64))}
    grid = grid_around(bone, 0.9 * np.ones(3), margin=10.0)
    depth = (np.array([20.0, 10.0, 6.0]) - np.abs(positions(grid) - [0.0, 0.0, 6.0])).min(axis=-1)
    assert np.all(scanned(bone, grid, Scan(body=4.0)).values[(depth > 0.5) & (depth < 1.0)] == 1600)


def test_noise_is_white_and_the_same_every_time(ball, grid):
    quiet, loud = scanned(ball, grid, SHELL), scanned(ball, grid, replace(SHELL, noise=20.0))
    added = (loud.values - quiet.values).astype(float)
    assert added.std() == pytest.approx(20.0, rel=0.03)
    assert abs(added.mean()) < 1.0
    assert abs(np.corrcoef(added[:, :, 1:].ravel(), added[:, :, :-1].ravel())[0, 1]) < 0.03
    assert np.array_equal(loud.values, scanned(ball, grid, replace(SHELL, noise=20.0)).values)


def test_labels_are_voxels_whose_centre_is_inside(ball, grid):
    volume, labels = labelled(ball, grid)
    inside = np.linalg.norm(positions(grid) - CENTRE, axis=-1)
    assert labels == {"sacrum": 3}
    assert np.all(volume.values[inside < RADIUS - 0.05] == 3)
    assert np.all(volume.values[inside > RADIUS] == 0)
