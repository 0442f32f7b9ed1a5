"""Springs between two bodies: where they act, which way, and what they refuse."""

import numpy as np
import pytest

from benchmarks.verification import ligaments
from benchmarks.verification.meshes import box, material
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Spring
from femsacrum.mechanics.share import listed
from femsacrum.mechanics.springs import spring_points


def bodies(order=1):
    low = box("ilium", (0, 0, 0), (10, 8, 6), (4, 3, 2), order)
    return {"ilium": low, "sacrum": box("sacrum", (2, -3, 20), (9, 8, 25), (3, 3, 2), order)}


def points_of(given, ends):
    facets = (("ilium", given["ilium"].facets_of("z1")[:, :3]), ("sacrum", given["sacrum"].facets_of("z0")[:, :3]))
    spring = Spring("left sacrospinous", facets, np.array(ends, dtype=float), 100.0)
    return spring_points(given, listed(given), spring, sum(len(body.nodes) for body in given.values()))


@pytest.mark.parametrize("order", [1, 2])
def test_its_ends_move_as_the_points_of_a_rigid_body(order):
    given = bodies(order)
    ends = [(3.5, 5.0, 6.0), (4.0, 1.0, 20.0)]
    points = points_of(given, ends)
    nodes = np.vstack([body.nodes for body in given.values()])
    inside = np.repeat([1.0, 0.0], [len(body.nodes) for body in given.values()])[:, None]
    turn, shift = np.array([0.2, -0.1, 0.3]), np.array([1.0, 2.0, -0.5])
    direction = np.subtract(ends[1], ends[0]) / np.linalg.norm(np.subtract(ends[1], ends[0]))
    moved = inside * (np.cross(turn, nodes) + shift)
    closer = direction @ (np.cross(turn, ends[0]) + shift)
    np.testing.assert_allclose(points.jump(moved.ravel())[0, 0], closer, rtol=1e-12)
    # everything turns as one: its length stays
    whole = np.cross(turn, nodes) + shift
    np.testing.assert_allclose(points.jump(whole.ravel())[0, 0], 0.0, atol=1e-12)


def test_its_forces_are_in_equilibrium_about_every_point():
    given = bodies()
    points = points_of(given, [(1.0, 1.0, 6.0), (8.0, 7.0, 20.0)])
    force = points.force(np.array([[5.0, 0.0, 0.0]])).reshape(-1, 3)
    nodes = np.vstack([body.nodes for body in given.values()])
    np.testing.assert_allclose(force.sum(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(np.cross(nodes, force).sum(axis=0), 0.0, atol=1e-11)
    count = len(given["ilium"].nodes)
    assert np.linalg.norm(force[:count].sum(axis=0)) == pytest.approx(5.0)


@pytest.mark.parametrize("push", [20.0, 120.0])
def test_a_facet_joint_pushes_once_its_gap_has_closed(push):
    """A block between a soft and, past a gap, a stiff spring: three springs in series once it has come to lie on."""
    gap, joint, held, ground = 0.8, 900.0, 50.0, 400.0
    given = {
        "block": box("block", (0, 0, 0), (10, 8, 6), (3, 3, 2)),
        "bone": box("bone", (0, 0, 9), (10, 8, 15), (2, 2, 2)),
    }
    top, bottom = given["block"].facets_of("z1"), given["bone"].facets_of("z0")
    middle = np.array([5.0, 4.0, 6.0])
    facet = Spring(
        "facet", (("block", top), ("bone", bottom)), middle + np.outer([0, 3], [0, 0, 1]), joint,
        slack=gap, tension_only=False, compression_only=True,
    )  # fmt: skip
    supports = tuple(
        Support(name, name, facets, "mean", np.eye(3), k, None, np.eye(3))
        for name, facets, k in (("block", top, held), ("bone", bottom, ground))
    )
    materials = {name: material(body, 1000.0, 0.3) for name, body in given.items()}
    for sign in (1.0, -1.0):
        load = Applied("push", "block", top, np.array([0.0, 0.0, sign * push]), np.zeros(3), middle, "")
        case = LoadCase("push", (load,), supports, {}, 0.0)
        found = solve(given, materials, (), case, Solver(tolerance=1e-10), springs=(facet,)).springs["facet"]
        closed = sign * push / held - gap
        force = max(closed, 0.0) / (1.0 / held + 1.0 / ground + 1.0 / joint)
        assert found.tension == pytest.approx(-force, rel=1e-7, abs=1e-7)
        assert -found.elongation == pytest.approx((sign * push - force) / held - force / ground, rel=1e-6)


def test_a_point_off_a_flat_face_stays_on_it():
    """Facets in one plane have no mean place above it: the spring ends below the point given."""
    points = points_of(bodies(), [(5.0, 4.0, 8.0), (5.0, 4.0, 20.0)])
    np.testing.assert_allclose(points.frames[0, 0], [0.0, 0.0, 1.0], atol=1e-12)
    assert np.abs(points.rows.data).max() < 1.0


def test_both_ends_in_one_place_are_refused():
    given = bodies()
    facets = ("ilium", given["ilium"].facets_of("z1"))
    spring = Spring("left sacrospinous", (facets, facets), np.ones((2, 3)), 100.0)
    with pytest.raises(NumericalError, match='spring "left sacrospinous": both ends are in one place'):
        spring_points(given, listed(given), spring, 200)


def test_the_tensions_told_are_those_on_the_supports():
    solution = ligaments.pulled()
    held = sum(solution.reactions.values())
    np.testing.assert_allclose(held, -ligaments.PULL, rtol=1e-9)
    for name, spring in solution.springs.items():
        assert np.linalg.norm(solution.reactions[f"end of {name}"]) == pytest.approx(spring.tension, abs=1e-8)
    assert solution.springs["slack"].elongation < ligaments.LIGAMENTS["slack"][2]
