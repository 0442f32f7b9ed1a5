import numpy as np
import pytest
from anatomy_shapes import ball, box

from femsacrum.anatomy.bands import sampled_distance
from femsacrum.anatomy.distance import DistanceTo, folds
from femsacrum.anatomy.grid import Grid
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.surfaces import face_normals, mean_surface_distance, sampled, volume


def to_box(points):
    """Signed distance to the unit cube by formula."""
    q = np.abs(points - 0.5) - 0.5
    return np.linalg.norm(np.maximum(q, 0.0), axis=1) + np.minimum(q.max(axis=1), 0.0)


def winding(points, surface):
    """Winding number by summing solid angles, the slow way."""
    a, b, c = (surface.points[surface.triangles[:, i]][None] - points[:, None] for i in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=2) for v in (a, b, c))
    volume = np.einsum("ijk,ijk->ij", a, np.cross(b, c))
    below = la * lb * lc + (a * b).sum(2) * lc + (b * c).sum(2) * la + (c * a).sum(2) * lb
    return np.arctan2(volume, below).sum(axis=1) / (2.0 * np.pi)


def test_distance_to_a_cube_is_exact_in_every_region():
    points = np.random.default_rng(1).uniform(-1.0, 2.0, (2000, 3))
    assert DistanceTo(box())(points) == pytest.approx(to_box(points), abs=1e-12)


def test_the_closest_point_is_on_the_triangle_named():
    surface = ball(spacing=1.5)
    points = np.random.default_rng(2).uniform(-15.0, 15.0, (300, 3))
    found = DistanceTo(surface).nearest(points)
    assert np.linalg.norm(points - found.point, axis=1) == pytest.approx(np.abs(found.distance), abs=1e-12)
    corners = surface.points[surface.triangles[found.triangle]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    off = np.einsum("ij,ij->i", found.point - corners[:, 0], normal / np.linalg.norm(normal, axis=1, keepdims=True))
    assert np.abs(off).max() < 1e-9


def test_signs_agree_with_the_winding_number_at_sharp_features():
    # a spike and a notch: the sign of the nearest face alone is wrong beside them
    body = box()
    points = body.points.copy()
    points[7] = [3.0, 3.0, 3.0]
    points[0] = [0.45, 0.45, 0.4]
    body = Surface(points, body.triangles)
    probes = np.random.default_rng(3).uniform(-0.5, 3.2, (3000, 3))
    assert ((DistanceTo(body)(probes) < 0.0) == (winding(probes, body) > 0.5)).all()


def test_signs_are_right_where_a_surface_is_folded_over():
    body = ball(spacing=2.0)
    points = body.points.copy()
    top = int(np.argmax(points[:, 2]))
    points[top] += [14.0, 0.0, -3.0]  # pulled sideways through its neighbours
    folded = Surface(points, body.triangles)
    assert folds(folded.triangles, face_normals(folded)[0]).size > 0
    probes = np.random.default_rng(4).uniform(-14.0, 18.0, (3000, 3))
    probes = probes[np.abs(DistanceTo(folded)(probes)) > 0.3]
    assert ((DistanceTo(folded)(probes) < 0.0) == (winding(probes, folded) > 0.5)).all()


def test_the_band_is_exact_near_and_keeps_the_sign_far():
    body = ball(radius=12.0)
    grid = Grid.around([-5.0, -20.0, -20.0], [25.0, 20.0, 20.0], 1.0)
    x, y, z = grid.axes()
    k, j, i = np.indices(grid.shape[::-1]).reshape(3, -1)
    exact = DistanceTo(body)(np.column_stack([x[i], y[j], z[k]])).reshape(grid.shape[::-1])
    band = sampled_distance(body, grid, 3.0)
    near = np.abs(exact) <= 3.0
    assert band[near] == pytest.approx(exact[near], abs=1e-5)
    assert (np.sign(band) == np.sign(exact)).all()
    assert np.abs(band[~near]) == pytest.approx(3.0)


def test_a_band_that_misses_the_surface_knows_its_side():
    body = ball(radius=30.0, spacing=2.0)
    inside = Grid.around([-3.0, -3.0, -3.0], [3.0, 3.0, 3.0], 1.0)
    outside = Grid.around([60.0, 0.0, 0.0], [64.0, 3.0, 3.0], 1.0)
    assert (sampled_distance(body, inside, 4.0) == -4.0).all()
    assert (sampled_distance(body, outside, 4.0) == 4.0).all()


def test_measures_of_simple_surfaces():
    assert volume(box((0, 0, 0), (2, 3, 4))) == pytest.approx(24.0)
    assert mean_surface_distance(ball(radius=10.0), ball(radius=12.0)) == pytest.approx(2.0, abs=0.03)
    points, normals = sampled(box(), 500)
    assert np.abs(to_box(points)).max() < 1e-12
    assert DistanceTo(box())(points + 1e-3 * normals) == pytest.approx(1e-3, abs=1e-12)
    assert (sampled(box(), 500)[0] == points).all()
