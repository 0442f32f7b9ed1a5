"""Which process owns which nodes: all of them once, evenly, in compact parts."""

import numpy as np
import pytest
from mpi4py import MPI
from scipy import sparse

from benchmarks.verification import meshes
from femsacrum.mechanics.elasticity import stiffness
from femsacrum.mechanics.share import added, evenly, gathered, listed, numbered, summed

COUNTS = (1, 2, 3, 4)


class Rank:
    """One of several processes."""

    def __init__(self, rank, size):
        self.rank, self.size = rank, size


@pytest.fixture(scope="module")
def bodies():
    """A long bar on a block; their nodes are not in the order of their places."""
    made = {}
    for name, low, high, divisions in (
        ("block", (0, 0, 0), (9, 3, 3), (9, 3, 3)),
        ("bar", (0, 0, 3), (9, 1, 4), (18, 2, 2)),
    ):
        made[name] = meshes.box(name, low, high, divisions, jitter=0.2)
    return made


def owners(bodies, processes):
    """Process of each node, body by body."""
    numbers = np.concatenate(list(numbered(bodies).values()))
    ends = [evenly(len(numbers), Rank(rank, processes))[1] for rank in range(processes)]
    return np.searchsorted(ends, numbers, side="right")


def test_listed_bodies_follow_each_other(bodies):
    numbers = np.concatenate(list(listed(bodies).values()))
    np.testing.assert_array_equal(numbers, np.arange(len(numbers)))
    assert [len(each) for each in listed(bodies).values()] == [len(body.nodes) for body in bodies.values()]


def test_every_node_has_its_number(bodies):
    numbers = np.concatenate(list(numbered(bodies).values()))
    np.testing.assert_array_equal(np.sort(numbers), np.arange(len(numbers)))


@pytest.mark.parametrize("processes", COUNTS)
def test_every_process_has_as_many(bodies, processes):
    shares = np.bincount(owners(bodies, processes))
    assert len(shares) == processes
    assert np.ptp(shares) <= 1


def test_two_processes_meet_in_one_plane(bodies):
    place = np.vstack([body.nodes for body in bodies.values()])[:, 0]
    owner = owners(bodies, 2)
    assert place[owner == 0].max() <= place[owner == 1].min()


@pytest.mark.parametrize("order", [1, 2])
def test_rows_of_some_nodes_are_those_of_the_whole(order):
    mesh = meshes.box("block", (0, 0, 0), (3, 2, 2), (3, 2, 2), order, jitter=0.2)
    material = meshes.material(mesh, 1e3, 0.3)
    some = np.flatnonzero(mesh.nodes[:, 0] < 1.2)
    whole = stiffness(mesh, material).toarray().reshape(len(mesh.nodes), 3, -1)
    part = stiffness(mesh, material, some).toarray().reshape(len(some), 3, -1)
    np.testing.assert_allclose(part, whole[some], rtol=0.0, atol=1e-12 * np.abs(whole).max())
    assert stiffness(mesh, material, some[:0]).shape == (0, 3 * len(mesh.nodes))


def test_alone_nothing_is_exchanged():
    given, matrix = np.arange(6.0).reshape(2, 3), sparse.csr_array(np.eye(2))
    np.testing.assert_array_equal(gathered(given, MPI.COMM_SELF), given)
    np.testing.assert_array_equal(summed(given, MPI.COMM_SELF), np.arange(6.0).reshape(2, 3))
    assert added(matrix, MPI.COMM_SELF) is matrix
