import numpy as np
import pytest
from anatomy_shapes import ball, box
from scipy.spatial.transform import Rotation

from femsacrum.anatomy.blobs import Blobs
from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import Grid, contour, enclosed, is_closed
from femsacrum.anatomy.landmarks import acetabulum, snapped
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.parting import gap_between, parted
from femsacrum.anatomy.proportions import table
from femsacrum.anatomy.registration import Affine, Fitted, boxes_matched, general, moved, register, slid
from femsacrum.anatomy.surfaces import mean_surface_distance
from femsacrum.errors import InputError, NumericalError


@pytest.fixture(scope="module")
def hip():
    body = Blobs(np.array(table()["hip_left"]))
    grid = Grid.around(*body.box(), 3.0)
    return contour(body.distance(grid), grid, "hip", iterations=4)


@pytest.fixture(scope="module")
def place():
    turn = Rotation.from_euler("xyz", [12.0, -8.0, 10.0], degrees=True).as_matrix()
    return Affine(1.12 * turn, np.array([40.0, -300.0, 800.0]))


def test_an_affine_map_is_found_from_pairs(place):
    points = np.random.default_rng(1).normal(0.0, 50.0, (30, 3))
    found = general(points, place(points))
    assert found.matrix == pytest.approx(place.matrix, abs=1e-9)
    assert found.shift == pytest.approx(place.shift, abs=1e-7)


def test_a_similarity_slides_to_where_the_planes_through_its_targets_are_met(place):
    rng = np.random.default_rng(1)
    points, normals = rng.normal(0.0, 50.0, (60, 3)), rng.normal(size=(60, 3))
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    found = Affine(np.eye(3), np.zeros(3))
    for _ in range(12):
        # where each target lies in its plane says nothing
        aside = np.cross(normals, [1.0, 0.0, 0.0]) * rng.normal(0.0, 9.0, (60, 1))
        found = slid(found, points, place(points) + aside, normals)
    assert found.matrix == pytest.approx(place.matrix, abs=1e-9)
    assert found.shift == pytest.approx(place.shift, abs=1e-7)
    assert found.scale() == pytest.approx(1.12)


@pytest.mark.parametrize(("axis", "angle"), [("x", 45.0), ("y", -45.0), ("z", 45.0), ("xyz", [30.0, -30.0, 30.0])])
def test_it_does_not_matter_how_a_bone_is_turned(hip, axis, angle):
    real = Surface(hip.points * [1.1, 0.95, 1.0], hip.triangles)  # alike, not the same
    upright = register([hip], [real], boxes_matched([hip], [real]), affine=False)
    turn = Affine(Rotation.from_euler(axis, angle, degrees=True).as_matrix(), np.array([70.0, -900.0, 30.0]))
    lying = moved(real, turn)
    found = register([hip], [lying], boxes_matched([hip], [lying]), affine=False)
    assert np.abs(found(hip.points) - turn(upright(hip.points))).max() < 0.3


def test_a_moved_bone_is_found_again(hip, place):
    real = moved(hip, place)
    found = register([hip], [real], boxes_matched([hip], [real]), affine=False)
    landmarks = np.array(list(table()["control_points"]["paired_left"].values()))[:17]
    assert found(landmarks) == pytest.approx(place(landmarks), abs=0.8)
    assert found.scale() == pytest.approx(1.12, rel=0.003)


def test_a_bone_that_lacks_an_end_is_still_found(hip, place):
    kept = hip.points[hip.triangles].mean(axis=1)[:, 2] > -105.0  # without its lowest sixth
    real = moved(Surface(hip.points, hip.triangles[kept]), place)
    found = register([hip], [real], boxes_matched([hip], [real]), affine=False)
    assert found.scale() == pytest.approx(1.12, rel=0.01)
    top = np.array(table()["control_points"]["paired_left"]["ASIS"])
    assert np.linalg.norm(found(top) - place(top)) < 2.5


def test_the_residual_warp_comes_closer_than_the_affine_map(hip, place):
    bent = Surface(
        hip.points + np.column_stack([5.0 * np.sin(hip.points[:, 2] / 40.0), 0 * hip.points[:, 1:]]), hip.triangles
    )
    real = moved(bent, place)
    found = register([hip], [real], place, affine=True)
    fitted = Fitted(hip, real, found)
    warped = Surface(fitted(hip.points), hip.triangles)
    assert mean_surface_distance(warped, real, 2000) < 0.6 * mean_surface_distance(moved(hip, found), real, 2000)
    assert mean_surface_distance(warped, real, 2000) < 0.8


def test_the_acetabulum_of_the_hip_is_found_from_a_bad_guess(hip):
    centre = np.array(table()["hip_centre_left"])
    for off in ([0.0, 0.0, 0.0], [4.0, 4.0, -5.0], [-5.0, 3.0, 4.0]):
        radius, found = acetabulum(hip, centre + off)
        assert np.linalg.norm(found - centre) < 2.5
        assert radius == pytest.approx(table()["acetabular_sphere_radius"], abs=1.5)


def test_a_socket_of_a_known_radius_is_measured():
    # a block with a spherical bowl of radius 25 mm in it
    grid = Grid.around([-45.0, -45.0, -45.0], [45.0, 45.0, 5.0], 1.5)
    x, y, z = grid.axes()
    r = np.sqrt(x**2 + y[:, None] ** 2 + z[:, None, None] ** 2)
    sides = np.maximum(np.abs(x) - 40.0, np.abs(y[:, None]) - 40.0)
    block = np.maximum(sides, np.abs(z[:, None, None] + 20.0) - 20.0)
    bowl = contour(np.maximum(block, 25.0 - r).astype(np.float32), grid, "bowl", iterations=0)
    radius, centre = acetabulum(bowl, np.array([3.0, -2.0, 2.0]))
    assert radius == pytest.approx(25.0, abs=0.1)
    assert np.linalg.norm(centre) < 0.3
    with pytest.raises(NumericalError, match="no acetabulum"):
        acetabulum(bowl, np.array([0.0, 0.0, 200.0]))


def test_snapping_leaves_what_is_far_off():
    points = np.array([[0.5, 0.5, 1.4], [0.5, 0.5, 30.0]])
    assert snapped(box(), points) == pytest.approx(np.array([[0.5, 0.5, 1.0], [0.5, 0.5, 30.0]]))


def test_overlapping_bones_each_give_way_by_half():
    left, right = ball((-9.0, 0.0, 0.0), 10.0), ball((9.0, 0.0, 0.0), 10.0)
    assert gap_between(left, right)[0] == pytest.approx(-2.0, abs=0.1)
    out, remarks = parted({"left_ilium": left, "right_ilium": right}, set())
    gap = table()["gaps"]["symphysis_min"]
    for name, sign in (("left_ilium", -1.0), ("right_ilium", 1.0)):
        assert is_closed(out[name].triangles)
        assert (sign * out[name].points[:, 0]).min() == pytest.approx(0.5 * gap, abs=0.1)
        assert 0.95 < enclosed(out[name].points, out[name].triangles) / enclosed(left.points, left.triangles) < 0.99
        far = sign * out[name].points[:, 0] > 4.0
        assert np.abs(DistanceTo(left if sign < 0 else right)(out[name].points[far])).max() < 1e-6  # left as it was
    assert remarks == {
        "left_ilium": "cut back to leave 3.0 mm to right_ilium",
        "right_ilium": "cut back to leave 3.0 mm to left_ilium",
    }


def test_a_borrowed_bone_gives_way_alone():
    left, right = ball((-9.0, 0.0, 0.0), 10.0), ball((9.0, 0.0, 0.0), 10.0)
    out, remarks = parted({"left_ilium": left, "right_ilium": right}, {"right_ilium"})
    assert out["left_ilium"] is left
    assert list(remarks) == ["right_ilium"]
    assert gap_between(out["left_ilium"], out["right_ilium"])[0] == pytest.approx(3.0, abs=0.1)


def test_bones_that_keep_their_distance_are_not_touched():
    left, right = ball((-20.0, 0.0, 0.0), 10.0), ball((20.0, 0.0, 0.0), 10.0)
    out, remarks = parted({"left_ilium": left, "right_ilium": right}, set())
    assert out["left_ilium"] is left
    assert out["right_ilium"] is right
    assert remarks == {}


def test_bones_that_do_not_belong_together_are_refused():
    left, right = ball((-5.0, 0.0, 0.0), 10.0), ball((5.0, 0.0, 0.0), 10.0)
    with pytest.raises(InputError, match=r"files\.left_ilium: overlaps .* \d+ % of it .*right_ilium"):
        parted({"left_ilium": left, "right_ilium": right}, set())
