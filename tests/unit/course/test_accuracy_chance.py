"""Probabilities counted over drawn cuts against closed forms."""

import numpy as np
import pytest
from scipy.stats import norm
from shapely.geometry import box

from femsacrum.anatomy.model import Surface
from femsacrum.course.accuracy import chance as counting
from femsacrum.course.accuracy.chance import Blade, at_points, chance, margins, root_clearance, seen
from femsacrum.course.accuracy.errors import Part
from femsacrum.course.accuracy.gaps import gaps
from femsacrum.course.accuracy.pose import draw
from femsacrum.surgery.implants.fit import Fit
from femsacrum.surgery.shapes.frame import Frame

X, Y, Z = np.eye(3)
FRAME = Frame(np.zeros(3), X, Y, Z)
SAMPLES = 100_000
THIN = Blade(0.0, 0.0)
OFFSET = Part("offset", np.array([[2.0], [0.0], [0.0]]))
TILTS = Part("tilts", np.array([[0.0, 0.0], [0.04, 0.0], [0.0, 0.03]]))


def face(half=200.0):
    corners = half * np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
    return Surface(corners, np.array([[0, 1, 2], [0, 2, 3]]))


def sphere(centre, radius, count=20_000):
    """Points evenly on a sphere (Fibonacci)."""
    k = np.arange(count) + 0.5
    z, turn = 1.0 - 2.0 * k / count, np.pi * (1.0 + np.sqrt(5.0)) * k
    flat = np.sqrt(1.0 - z**2)
    return centre + radius * np.column_stack([flat * np.cos(turn), flat * np.sin(turn), z])


@pytest.mark.parametrize("limit", [15.0, 10.0, 5.0, 0.0])
@pytest.mark.parametrize("height", [3.0, 11.0, 16.0])
def test_a_gaussian_offset(limit, height):
    poses = draw((OFFSET,), SAMPLES, (1, 0))
    hits, _ = at_points([(seen(np.array([[5.0, 7.0, height]]), face(), FRAME), poses)], (limit,), THIN)
    assert hits[0, 0] / SAMPLES == pytest.approx(norm.cdf((height - limit) / 2.0), abs=0.01)


@pytest.mark.parametrize("place", [(0.0, 0.0), (40.0, 0.0), (0.0, -50.0), (30.0, 60.0)])
def test_a_gaussian_plane_at_one_point(place):
    """Offset and tilts add up to one Gaussian height there, to first order in the tilts."""
    poses = draw((OFFSET, TILTS), SAMPLES, (2, 0))
    spread = np.sqrt(2.0**2 + (0.04 * place[0]) ** 2 + (0.03 * place[1]) ** 2)
    hits, least = at_points([(seen(np.array([[*place, 12.0]]), face(), FRAME), poses)], (10.0, 15.0), THIN)
    assert hits[0] / SAMPLES == pytest.approx(norm.cdf((12.0 - np.array([10.0, 15.0])) / spread), abs=0.01)
    assert least.mean() == pytest.approx(12.0, abs=0.05)


def test_a_spherical_tumour_and_a_plane():
    """Distance of the centre to the plane less the radius, for any plane."""
    centre, radius = np.array([4.0, -3.0, 30.0]), 18.0
    view = seen(sphere(centre, radius), face(), FRAME)
    poses = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [-1.0, 0.1, -0.2], [14.0, 0.05, 0.0]])
    height = centre[2] - poses[:, 0] - poses[:, 1:] @ centre[:2]
    wanted = height / np.sqrt(1.0 + (poses[:, 1:] ** 2).sum(axis=1)) - radius
    assert margins(view, poses, THIN).min(axis=1) == pytest.approx(wanted, abs=5e-3)
    drawn = draw((OFFSET,), 2_000, (4, 0))
    _, least = at_points([(view, drawn)], (10.0,), THIN)
    assert (least >= 10.0).mean() == pytest.approx(float(np.mean(12.0 - drawn[:, 0] >= 10.0)), abs=1e-3)


def test_beside_the_face_the_nearest_point_of_its_rim_counts():
    view = seen(np.array([[13.0, 0.0, 4.0]]), face(10.0), FRAME)
    assert margins(view, np.zeros((1, 3)), THIN)[0] == pytest.approx(5.0)
    assert margins(view, np.array([[4.0, 0.0, 0.0]]), THIN)[0] == pytest.approx(3.0)
    assert margins(view, np.array([[0.0, 0.4, 0.0]]), THIN)[0] == pytest.approx(3.0)  # the rim rises by 4 mm


def test_a_cut_that_lies_beyond_a_point_has_gone_through_it_as_far_as_the_blade_reaches():
    """A point 3 mm beside the rim and 4 mm under the plan: 5 mm away; a deeper cut takes it, or stops short of it."""
    view, heights = seen(np.array([[13.0, 0.0, 4.0]]), face(10.0), FRAME), np.array([0.0, 4.0, 6.0, 12.0])
    poses = np.column_stack([heights, np.zeros(4), np.zeros(4)])
    reached = margins(view, poses, Blade(0.0, 5.0))[:, 0]
    assert reached == pytest.approx([5.0, 3.0, -2.0, -8.0])
    assert margins(view, poses, Blade(0.0, 1.0))[:, 0] == pytest.approx([5.0, 3.0, 2.0, 2.0])
    assert (np.diff(reached) < 0.0).all()  # never safer for being cut deeper


def test_half_a_kerf_is_taken_from_every_margin():
    view = seen(np.array([[0.0, 0.0, 12.0], [13.0, 0.0, 4.0]]), face(10.0), FRAME)
    assert margins(view, np.zeros((1, 3)), Blade(1.4, 5.0))[0] == pytest.approx([11.3, 4.3])


def test_two_cuts_count_together():
    points = np.array([[0.0, 0.0, 12.0]])
    view = seen(points, face(), FRAME)
    one, other = (draw((OFFSET,), SAMPLES, (5, k)) for k in (0, 1))
    hits, _ = at_points([(view, one), (view, other)], (10.0,), THIN)
    assert hits[0, 0] / SAMPLES == pytest.approx(norm.cdf(1.0) ** 2, abs=0.01)


def test_wilsons_interval():
    """Newcombe 1998, Stat Med 17:857, table I: 81 of 263."""
    found = chance(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert chance(0, 1000).low == 0.0
    assert 0.0 < chance(0, 1000).high < 0.005


def test_the_interval_closes_with_the_root_of_the_samples():
    width = [chance(n // 4, n) for n in (1_000, 4_000, 16_000)]
    sizes = [each.high - each.low for each in width]
    assert sizes[0] / sizes[1] == pytest.approx(2.0, rel=0.01)
    assert sizes[1] / sizes[2] == pytest.approx(2.0, rel=0.01)


def test_how_much_is_held_at_a_time_changes_nothing(monkeypatch):
    view = seen(sphere(np.array([0.0, 0.0, 30.0]), 15.0, 500), face(), FRAME)
    poses = draw((OFFSET, TILTS), 3_000, (6, 0))
    whole = at_points([(view, poses)], (10.0, 15.0), THIN)
    monkeypatch.setattr(counting, "CHUNK", 7_777)
    parted = at_points([(view, poses)], (10.0, 15.0), THIN)
    assert np.array_equal(whole[0], parted[0])
    assert np.array_equal(whole[1], parted[1])


def test_a_root_along_the_plane_is_touched_as_a_gaussian_says():
    path = np.array([[-30.0, 0.0, -5.0], [30.0, 0.0, -5.0]])
    poses = draw((OFFSET,), SAMPLES, (7, 0))
    planned, clear = root_clearance(path, 1.5, box(-20, -10, 20, 10), FRAME, poses, Blade(1.0, 3.0))
    assert planned == pytest.approx(3.0)
    assert (clear <= 0.0).mean() == pytest.approx(norm.cdf(-1.5), abs=0.01)


def test_a_root_is_safe_where_no_blade_comes_and_lost_where_the_plan_cuts_it():
    poses = np.zeros((1, 3))
    beside = np.array([[0.0, 14.0, -30.0], [0.0, 14.0, 30.0]])
    args = (1.5, box(-20, -10, 20, 10), FRAME, poses)
    assert root_clearance(beside, *args, Blade(1.0, 3.0))[0] == np.inf
    assert root_clearance(beside, *args, Blade(1.0, 5.0))[0] < 0.0


def pad(planned=0.0):
    across, along = np.arange(-19.75, 20.0, 0.5), np.arange(-9.75, 10.0, 0.5)
    there = np.ones((len(along), len(across)), bool)
    return Fit(FRAME, across, along, np.full(there.shape, planned), there, there)


def test_gaps_of_an_offset_are_those_of_half_a_gaussian():
    """Deeper cuts leave a gap, shallower ones hold the face off until it touches all over: no gap."""
    poses = draw((OFFSET,), 20_000, (8, 0))
    found = gaps({"pad": pad()}, FRAME, poses)["pad"]
    assert found.mean == pytest.approx(found.largest, abs=1e-12)
    assert (found.mean == 0.0).mean() == pytest.approx(0.5, abs=0.01)
    assert found.mean.mean() == pytest.approx(2.0 / np.sqrt(2.0 * np.pi), rel=0.03)
    assert found.risk["low"] == pytest.approx(norm.cdf(0.25), abs=0.01)
    assert found.risk["high"] == pytest.approx(norm.sf(0.5), abs=0.01)


def test_gaps_of_a_tilt_are_a_wedge_from_the_edge_that_touches():
    poses = np.array([[0.0, 0.05, 0.0], [0.0, -0.05, 0.0], [-1.0, 0.01, 0.0]])
    found = gaps({"pad": pad()}, FRAME, poses)["pad"]
    wide = 2.0 * 19.75 - 1.5  # between the outermost points that are looked at
    assert found.largest[:2] == pytest.approx(0.05 * wide, rel=1e-6)
    assert found.mean[:2] == pytest.approx(0.025 * wide, rel=1e-6)
    assert found.mean[2] == pytest.approx(1.0, abs=0.01)


def test_what_lies_on_one_cut_is_held_off_together():
    left, right = pad(), pad()
    right = Fit(
        Frame(np.array([40.0, 0.0, 0.0]), X, Y, Z),
        *(getattr(right, n) for n in ("across", "along", "gap", "bone", "implant")),
    )
    found = gaps({"left": left, "right": right}, FRAME, np.array([[0.0, 0.05, 0.0]]))
    assert found["right"].largest < 0.05 * 40.0
    assert found["left"].mean > 1.9


def test_a_gap_of_the_plan_stays_on_top():
    assert gaps({"pad": pad(0.3)}, FRAME, np.array([[-1.0, 0.0, 0.0]]))["pad"].mean == pytest.approx(1.3)
