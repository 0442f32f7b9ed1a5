"""A support that holds turns measures the mean rotation, and lets translations pass."""

import numpy as np
import pytest

from femsacrum.loads.loadcase import Support
from femsacrum.mechanics.loading import LEVER, hold
from femsacrum.mechanics.share import listed
from femsacrum.meshing.bodies import BodyMesh

NODES = np.array([[0.0, 0.0, 0.0], [20.0, 0.0, 0.0], [20.0, 10.0, 0.0], [0.0, 10.0, 0.0], [10.0, 5.0, 8.0]])
CELLS = np.array([[0, 1, 2, 4], [0, 2, 3, 4]])
FACETS = np.array([[0, 2, 1], [0, 3, 2]])


@pytest.fixture
def machine():
    body = BodyMesh("L4", "bone", 1, NODES, CELLS, FACETS, np.zeros(2, dtype=np.int64), ("surface",))
    sideways = np.eye(3)[:2]
    bodies = {"L4": body}
    return hold(bodies, listed(bodies), Support("machine", "L4", FACETS, "mean", sideways, 1e5, None, np.eye(3)))


def test_rows_read_shift_and_turn_of_a_rigid_motion(machine):
    centre = NODES[:4].mean(axis=0)
    shift, turn = np.array([0.3, -0.2, 0.7]), np.array([1e-3, -2e-3, 4e-3])
    moved = shift + np.cross(turn, NODES - centre)
    np.testing.assert_allclose(machine.rows @ moved.ravel(), [0.3, -0.2, *turn], atol=1e-14)


def test_springs_of_turns_stand_at_the_lever(machine):
    np.testing.assert_allclose(machine.stiffness, [1e5] * 2 + [1e5 * LEVER**2] * 3)


def test_a_turn_gives_a_couple_and_no_force(machine):
    moved = np.cross([1e-3, 0.0, 0.0], NODES - NODES[:4].mean(axis=0))
    force = machine.force(moved.ravel()).reshape(-1, 3)
    np.testing.assert_allclose(force.sum(axis=0), 0.0, atol=1e-7)
    np.testing.assert_allclose(
        np.cross(NODES, force).sum(axis=0), [-1e-3 * 1e5 * LEVER**2, 0.0, 0.0], rtol=1e-9, atol=1e-4
    )
