"""Kinematic pilots keep a face rigid; distributing ones leave it free; both hand on exactly what is applied."""

import numpy as np
import pytest

from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.findings.deformation import rigid_fit
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.loading import hold
from femsacrum.mechanics.share import listed

SIDE, HEIGHT, YOUNGS = 20.0, 30.0, 1000.0
#: Where the force acts, above and beside the face [mm]; force [N]; moment about that point [N mm].
POINT = np.array([13.0, 9.0, 40.0])
FORCE, MOMENT = np.array([30.0, -20.0, -200.0]), np.array([300.0, 500.0, -800.0])
ORDERS = pytest.mark.parametrize("order", [1, 2])


def column(order, ratio, pilot, force=FORCE, moment=MOMENT, point=POINT):
    """A column on the ground, loaded through its upper face."""
    body = meshes.box("L4", (0, 0, 0), (SIDE, SIDE, HEIGHT), (3, 3, 4), order, jitter=0.1)
    top = body.facets_of("z1")[:, :3]
    load = Applied("trunk", "L4", top, force, moment, point, "")
    supports = [Support("ground", "L4", body.facets_of("z0")[:, :3], "fixed", np.eye(3), 1e7)]
    if pilot:
        supports.append(Support("endplate", "L4", top, "rigid", np.zeros((0, 3)), 1e7))
    case = LoadCase("pressed", (load,), tuple(supports), {}, 0.0)
    given = {"L4": meshes.material(body, YOUNGS, ratio)}
    return body, solve({"L4": body}, given, (), case, Solver(tolerance=1e-9))


def face_motion(body, solution):
    """Rigid motion of the upper face, shift at its middle and turn, and the largest distance from it [mm]."""
    nodes = np.unique(body.facets_of("z1"))
    moved = solution.displacements["L4"][nodes]
    shift, turn, centre = rigid_fit(body.nodes[nodes], moved)
    carried = shift + np.cross(turn, body.nodes[nodes] - centre)
    return shift, turn, np.abs(moved - carried).max() / np.abs(moved).max()


@ORDERS
def test_a_kinematic_face_is_rigid_and_a_distributing_one_is_not(order):
    assert face_motion(*column(order, 0.3, True))[2] < 1e-4
    assert face_motion(*column(order, 0.3, False))[2] > 1e-2


@ORDERS
@pytest.mark.parametrize("pilot", [False, True])
def test_force_and_moment_arrive_exactly(order, pilot):
    _, solution = column(order, 0.3, pilot)
    assert solution.reactions["ground"] == pytest.approx(-FORCE, abs=1e-6)
    about_origin = MOMENT + np.cross(POINT, FORCE)
    assert solution.reaction_moments["ground"] == pytest.approx(-about_origin, abs=1e-4)
    if pilot:
        assert solution.reactions["endplate"] == pytest.approx(np.zeros(3), abs=1e-6)
        assert solution.reaction_moments["endplate"] == pytest.approx(np.zeros(3), abs=1e-4)


def test_a_kinematic_pilot_is_the_stiffer_one():
    """The load's work, force on displacement of its point: a constraint can only take from it."""
    work = {}
    for pilot in (False, True):
        shift, turn, _ = face_motion(*column(2, 0.3, pilot))
        middle = np.array([SIDE / 2, SIDE / 2, HEIGHT])
        work[pilot] = FORCE @ (shift + np.cross(turn, POINT - middle)) + MOMENT @ turn
    assert 0.8 * work[False] < work[True] < 0.99 * work[False]


@pytest.mark.parametrize(("pilot", "within"), [(True, 1e-3), (False, 3e-3)])
def test_both_agree_with_a_beam_where_its_sections_stay_plane(pilot, within):
    """Pulled and bent with Poisson's ratio 0: F h / (E A) and M h / (E I).

    Spread node by node a moment is no linear traction between the nodes, so its face does not stay quite plane.
    """
    middle = np.array([SIDE / 2, SIDE / 2, HEIGHT])
    force, moment = np.array([0.0, 0.0, 100.0]), np.array([0.0, 400.0, 0.0])
    body, solution = column(2, 0.0, pilot, force, moment, middle)
    shift, turn, _ = face_motion(body, solution)
    assert shift[2] == pytest.approx(100.0 * HEIGHT / (YOUNGS * SIDE**2), rel=within)
    assert turn[1] == pytest.approx(400.0 * HEIGHT / (YOUNGS * SIDE**4 / 12.0), rel=within)


@ORDERS
def test_a_rigid_motion_costs_a_pilot_nothing(order):
    body = meshes.box("L4", (0, 0, 0), (3, 2, 1), (2, 2, 1), order)
    face = Support("endplate", "L4", body.facets_of("z1")[:, :3], "rigid", np.zeros((0, 3)), 1e3)
    bodies = {"other": body, "L4": body}
    pilot = hold(bodies, listed(bodies), face)
    assert not pilot.grounded
    rest = np.zeros_like(body.nodes)
    for mode in meshes.rigid_modes(body.nodes):
        assert pilot.force(np.vstack([rest, mode]).ravel()) == pytest.approx(0.0, abs=1e-10)
    moved = np.random.default_rng(0).normal(size=body.nodes.shape)
    force = pilot.force(np.vstack([rest, moved]).ravel()).reshape(-1, 3)
    assert np.all(force[: len(body.nodes)] == 0.0)
    own = force[len(body.nodes) :]
    assert own.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-10)
    assert np.cross(body.nodes, own).sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-10)
    assert np.sum(own * moved) < -1.0  # it resists
    # every node of the face is held, the corners of a quadratic one too
    assert np.all(np.abs(own[np.unique(body.facets_of("z1"))]).max(axis=1) > 1.0)


def test_a_pilot_holds_nothing_to_the_ground():
    body = meshes.box("L4", (0, 0, 0), (1, 1, 1), (1, 1, 1))
    top = body.facets_of("z1")
    load = Applied("trunk", "L4", top, FORCE, np.zeros(3), np.ones(3), "")
    pilot = Support("endplate", "L4", top, "rigid", np.zeros((0, 3)), 1e7)
    case = LoadCase("pressed", (load,), (pilot,), {}, 0.0)
    with pytest.raises(NumericalError, match='"L4" floats: nothing bonds, touches or supports it'):
        solve({"L4": body}, {"L4": meshes.material(body, 1.0, 0.3)}, (), case, Solver())
