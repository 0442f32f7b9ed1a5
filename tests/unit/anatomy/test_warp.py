import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from femsacrum.anatomy.blobs import Blobs
from femsacrum.anatomy.proportions import table
from femsacrum.anatomy.warp import Warp, pelvic_incidence, sacral_slope, solve_incidence
from femsacrum.errors import InputError


@pytest.fixture(scope="module")
def source():
    return np.random.default_rng(3).uniform(-100.0, 100.0, (20, 3))


def test_control_points_go_where_they_should(source):
    target = source + np.random.default_rng(4).normal(0.0, 5.0, source.shape)
    assert Warp(source, target)(source) == pytest.approx(target, abs=1e-9)


def test_an_affine_map_is_reproduced_everywhere(source):
    matrix, shift = np.eye(3) + 0.1 * np.random.default_rng(5).normal(size=(3, 3)), np.array([3.0, -2.0, 7.0])
    warp = Warp(source, source @ matrix.T + shift)
    points = np.random.default_rng(6).uniform(-150.0, 150.0, (30, 3))
    assert warp(points) == pytest.approx(points @ matrix.T + shift, abs=1e-8)
    assert warp.gradient(points) == pytest.approx(np.broadcast_to(matrix, (30, 3, 3)), abs=1e-8)


def test_a_stiff_warp_bends_less(source):
    target = source + np.random.default_rng(7).normal(0.0, 5.0, source.shape)
    off = [np.abs(Warp(source, target, stiffness)(source) - target).mean() for stiffness in (0.0, 20.0, 200.0)]
    assert off[0] < 1e-8 < off[1] < off[2]


def test_blobs_carried_by_a_rotation_are_the_rotated_bone(source):
    turn = Rotation.from_rotvec([0.3, -0.2, 0.5]).as_matrix()
    rows = np.array(table()["hip_left"])
    points = rows[:40, :3] + np.random.default_rng(8).normal(0.0, 6.0, (40, 3))
    carried = Blobs(Warp(source, source @ turn.T).blobs(rows, "anatomy"))
    assert carried.field(points @ turn.T) == pytest.approx(Blobs(rows).field(points), rel=1e-6)


def test_a_map_that_crushes_bone_is_refused_by_name(source):
    with pytest.raises(InputError, match=r"anatomy\.width: .*0\.2"):
        Warp(source, source * [0.2, 1.0, 1.0]).blobs(np.array(table()["hip_left"]), "anatomy.width")


def test_pelvic_incidence_of_a_drawn_pelvis():
    # endplate sloping 40 deg, 20 mm behind and 100 mm above the hips: PT = atan(20/100), PI = PT + SS
    slope = np.radians(40.0)
    half = 15.0 * np.array([0.0, np.cos(slope), np.sin(slope)])
    middle = np.array([0.0, 70.0, 30.0])
    points = {"S_prom": middle - half, "S_ep_post": middle + half, "hip_mid": np.array([0.0, 50.0, -70.0])}
    assert sacral_slope(points) == pytest.approx(40.0, abs=1e-12)
    assert pelvic_incidence(points) == pytest.approx(40.0 + np.degrees(np.arctan2(20.0, 100.0)), abs=1e-10)


def test_the_rotation_for_an_incidence_is_found_or_refused():
    assert solve_incidence(lambda a: 50.0 + 0.9 * a + 0.001 * a * a, 60.0, "k") == pytest.approx(10.97722, abs=1e-5)
    with pytest.raises(InputError, match=r"k: 140\.0 deg"):
        solve_incidence(lambda a: 50.0 + 0.9 * a, 140.0, "k")
