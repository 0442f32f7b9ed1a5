"""Critical planes against closed forms, a plain search, and turns of the axes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.spatial.transform import Rotation

from femsacrum.findings.fatigue import plane
from femsacrum.findings.fatigue.assess import assess, findley_to_reversed, usual
from femsacrum.findings.fatigue.mean_stress import RULES
from femsacrum.findings.fatigue.strengths import strength

K, ULTIMATE = 0.3, 900.0
WAVE = np.sin(2.0 * np.pi * np.arange(24) / 24.0)
QUARTER = np.cos(2.0 * np.pi * np.arange(24) / 24.0)
#: Share by which the search may stay below the true maximum where the answer is smooth in the plane.
NEAR = 1e-6


def history(**entries):
    """Stress at one point: a wave, or a number that stays, for each entry named."""
    names = ("xx", "yy", "zz", "xy", "yz", "xz")
    stress = np.zeros((24, 6))
    for name, value in entries.items():
        stress[:, names.index(name)] = value
    return stress


def search(stress, k=K, rule="none"):
    values, normals = plane.critical(
        np.ascontiguousarray(stress[:, None]), np.array([ULTIMATE]), k, RULES[rule], plane.grid()
    )
    return values[:, 0], normals[:, 0]


def turned(stress, rotation):
    full = stress[:, [0, 3, 5, 3, 1, 4, 5, 4, 2]].reshape(-1, 3, 3)
    return np.einsum("ij,njk,lk->nil", rotation, full, rotation).reshape(-1, 9)[:, [0, 4, 8, 1, 5, 2]]


def test_pulled_and_pushed():
    (findley, normal), (_, across) = search(history(xx=100.0 * WAVE))
    assert findley == pytest.approx(50.0 * (K + math.hypot(1.0, K)), rel=NEAR)
    assert findley_to_reversed(K) * findley == pytest.approx(100.0, rel=NEAR)
    assert normal == pytest.approx(100.0, rel=NEAR)
    assert abs(across[0]) == pytest.approx(1.0, abs=1e-6)


def test_pulled_from_nothing():
    # S sin(2t) / 2 + 2 k S cos(t)^2 over the turn t of the plane, S half of the largest stress
    (findley, _), _ = search(history(xx=100.0 * (1.0 + WAVE)))
    assert findley == pytest.approx(100.0 * (K + math.hypot(0.5, K)), rel=NEAR)


@pytest.mark.parametrize(
    ("rule", "expected"), [("goodman", 100.0 / (1.0 - 1.0 / 9.0)), ("smith_watson_topper", 141.421356)]
)
def test_mean_of_the_normal_stress_is_corrected(rule, expected):
    (_, normal), _ = search(history(xx=100.0 * (1.0 + WAVE)), rule=rule)
    assert normal == pytest.approx(expected, rel=NEAR)


def test_twisted_to_and_fro():
    (findley, normal), (_, across) = search(history(xy=80.0 * WAVE))
    assert findley == pytest.approx(80.0 * math.hypot(1.0, K), rel=NEAR)
    assert normal == pytest.approx(80.0, rel=NEAR)
    assert np.abs(across) == pytest.approx([math.sqrt(0.5), math.sqrt(0.5), 0.0], abs=1e-3)


def test_all_in_step():
    # fully reversed principal stresses 90, -20, 40: Mohr's circle of 90 and -20, its centre's tension or compression
    stress = np.outer(WAVE, [90.0, -20.0, 40.0, 0.0, 0.0, 0.0])
    (findley, normal), _ = search(turned(stress, Rotation.from_euler("xyz", [0.3, 1.1, -0.7]).as_matrix()))
    assert findley == pytest.approx(55.0 * math.hypot(1.0, K) + K * 35.0, rel=NEAR)
    assert normal == pytest.approx(90.0, rel=NEAR)


def test_a_quarter_out_of_step():
    # shear half as large as tension: every moment has the same largest shear S / 2, every plane round the axis that
    # amplitude; S is across the plane that the axis is normal to, so no plane does more than S / 2 + k S
    (findley, normal), (plane_of_shear, _) = search(history(xx=100.0 * WAVE, xy=50.0 * QUARTER))
    assert findley == pytest.approx(50.0 + 100.0 * K, rel=1e-4)
    assert abs(plane_of_shear[0]) == pytest.approx(1.0, abs=1e-4)
    assert normal == pytest.approx(100.0, rel=NEAR)


def test_shear_that_goes_round_in_three_steps_has_the_radius_of_their_circle():
    # its longest chord is only sqrt(3) of the radius; no shear is ever larger than 60, so no circle is
    angles = 2.0 * np.pi * np.arange(3) / 3.0
    stress = np.zeros((3, 6))
    stress[:, 3], stress[:, 5] = 60.0 * np.cos(angles), 60.0 * np.sin(angles)
    (findley, _), (normal, _) = search(stress, k=0.0)
    assert findley == pytest.approx(60.0, rel=1e-4)
    assert abs(normal[0]) == pytest.approx(1.0, abs=1e-3)


def test_what_never_changes_does_nothing():
    (findley, normal), _ = search(history(xx=400.0, xy=100.0))
    assert findley == pytest.approx(0.0, abs=1e-6)
    assert normal == pytest.approx(0.0, abs=1e-6)


def test_steady_tension_counts_up_to_half_of_full_load():
    # published form at R = 0.5: k S_max / 2 + sqrt(S_a^2 + k^2 S_max^2) / 2; with more mean no more than that
    half, nearly = history(xx=300.0 + 100.0 * WAVE), history(xx=1900.0 + 100.0 * WAVE)
    limit = 0.5 * (K * 400.0 + math.hypot(100.0, K * 400.0))
    assert search(half)[0][0] == pytest.approx(limit, rel=NEAR)
    assert search(nearly)[0][0] == pytest.approx(limit, rel=NEAR)


@settings(max_examples=40, deadline=None)
@given(some.integers(0, 10_000), some.sampled_from(["none", "goodman"]))
def test_axes_do_not_matter(seed, rule):
    random = np.random.default_rng(seed)
    stress = 60.0 * random.standard_normal((9, 6))
    # of 2500 histories as wild as these the most that was missed is 0.4 %
    values, _ = search(stress, rule=rule)
    again, _ = search(turned(stress, Rotation.random(rng=random).as_matrix()), rule=rule)
    assert again == pytest.approx(values, rel=1e-2)


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 10_000), some.floats(0.1, 8.0))
def test_twice_the_stress_does_twice_as_much(seed, factor):
    stress = 60.0 * np.random.default_rng(seed).standard_normal((9, 6))
    assert search(factor * stress)[0] == pytest.approx(factor * search(stress)[0], rel=1e-9)


def test_grid_is_as_fine_as_it_says():
    random = np.random.default_rng(5)
    directions = random.standard_normal((20_000, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    nearest = np.degrees(np.arccos(np.abs(directions @ plane.grid().T).max(axis=1)))
    assert nearest.max() < 5.5


def plain(stress, k, normals):
    """Both criteria on every plane of a grid, by numpy, circles by trying every pair and every three points."""
    findley, normal = 0.0, 0.0
    full = stress[:, [0, 3, 5, 3, 1, 4, 5, 4, 2]].reshape(-1, 3, 3)
    for n in normals:
        pull = full @ n
        across = pull @ n
        low, high = across.min(), across.max()
        shear = pull - np.outer(across, n)
        radius = smallest(shear)
        tension = max(0.0, min(high, 4.0 * max(0.5 * (high - low), radius)))
        findley, normal = max(findley, radius + k * tension), max(normal, 0.5 * (high - low))
    return findley, normal


def smallest(points):
    """Radius of the smallest sphere about points of a plane, as the largest over pairs and acute triangles."""
    best = 0.0
    for i in range(len(points)):
        for j in range(i):
            a = points[i] - points[j]
            best = max(best, 0.5 * np.linalg.norm(a))
            for m in range(j):
                b, c = points[m] - points[j], points[i] - points[m]
                sides = sorted((a @ a, b @ b, c @ c))
                if sides[2] < sides[0] + sides[1]:
                    double = np.linalg.norm(np.cross(a, b))
                    best = max(best, math.sqrt(sides[0] * sides[1] * sides[2]) / (2.0 * double))
    return best


def test_search_finds_what_a_plain_one_finds():
    random = np.random.default_rng(11)
    normals = plane.grid(4000)
    for _ in range(2):
        stress = 60.0 * random.standard_normal((6, 6))
        values, _ = search(stress)
        wanted = plain(stress, K, normals)
        assert (values >= np.array(wanted) * (1.0 - 5e-3)).all()
        assert values == pytest.approx(wanted, rel=1e-2)


@settings(max_examples=50)
@given(some.integers(0, 100_000), some.integers(2, 9), some.booleans())
def test_circle_is_the_smallest(seed, count, flat):
    points = np.random.default_rng(seed).standard_normal((count, 2))
    if flat:
        points = np.outer(points[:, 0], [0.6, 0.8]) + np.array([2.0, -1.0])
    radius = plane.circle(np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]))
    assert radius == pytest.approx(smallest(np.column_stack([points, np.zeros(count)])), rel=1e-6)


def test_equal_points_on_a_line_span_no_circle_of_their_own():
    noise = 1e-13 * np.random.default_rng(2).standard_normal((40, 2))
    along = np.tile([0.0, 1.0, 1.0, 0.3], 10)
    u, v = along + noise[:, 0], 2.0 * along + noise[:, 1]
    assert plane.circle(u, v) == pytest.approx(0.5 * math.sqrt(5.0), rel=1e-6)


def test_smaller_cycles_on_a_plane_add_their_share():
    given = usual(strength("titanium", "wrought", "machined"))
    once = np.array([0.0, 400.0])
    twice = np.array([0.0, 400.0, 20.0, 390.0])
    one = assess(np.outer(once, [1.0, 0, 0, 0, 0, 0]), given)
    two = assess(np.outer(twice, [1.0, 0, 0, 0, 0, 0]), given)
    for name in ("findley", "normal_stress"):
        assert len(one.counted[name].amplitude) == 1
        large, small = two.counted[name].reversed()
        assert large == pytest.approx(one.counted[name].reversed()[0], rel=1e-6)
        assert 0.0 < small < large
    large, small = two.counted["findley"].reversed()
    assert small == pytest.approx(0.925 * large, rel=1e-6)
    assert two.damage() > one.damage()


def test_damage_grows_with_repetitions_only():
    given = usual(strength("titanium", "wrought", "machined"))
    found = assess(np.outer([0.0, 400.0], [1.0, 0.3, 0, 0.2, 0, 0]), given)
    assert found.safety(1e6) > found.safety(5e6) > found.safety(1e7)
    line = found.line
    for each in found.counted.values():
        assert each.damage(line) == pytest.approx(np.sum(1.0 / line.cycles(each.reversed())))
