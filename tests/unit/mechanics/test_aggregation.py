"""Coarse levels of the algebraic multigrid: exact products, rigid motions kept, few iterations."""

import numpy as np
import pytest
from mpi4py import MPI
from scipy import sparse

from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics import elasticity
from femsacrum.mechanics.aggregation import Aggregation
from femsacrum.mechanics.coarse_kernels import aggregates
from femsacrum.mechanics.equilibrium import solve


@pytest.fixture(scope="module")
def block():
    mesh = meshes.box("block", (0, 0, 0), (4, 3, 2), (12, 9, 6), jitter=0.2)
    matrix = elasticity.stiffness(mesh, meshes.material(mesh, 1e3, 0.3))
    return mesh, matrix


def levels_of(mesh, matrix):
    group = np.zeros(len(mesh.nodes), dtype=np.int64)
    indptr, indices = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
    return Aggregation(indptr, indices, mesh.nodes, group, MPI.COMM_SELF).levels(matrix.data)


def matrix_of(level):
    size = 6 * (len(level.indptr) - 1)
    return sparse.bsr_array((level.data, level.indices, level.indptr), shape=(size, size))


def test_coarse_matrices_are_galerkin_products(block):
    mesh, matrix = block
    level = levels_of(mesh, matrix)[0]
    product = (level.interpolation.T @ matrix @ level.interpolation).toarray()
    np.testing.assert_allclose(matrix_of(level).toarray(), product, rtol=0.0, atol=1e-12 * np.abs(product).max())


def test_rigid_motions_are_motions_of_the_coarse_level(block):
    """A body that nothing holds: rigid motions carry no energy, smoothed or not, on any level."""
    mesh, matrix = block
    level = levels_of(mesh, matrix)[0]
    for motion in meshes.rigid_modes(mesh.nodes):
        coarse, *_ = np.linalg.lstsq(level.interpolation.toarray(), motion.ravel())
        np.testing.assert_allclose(level.interpolation @ coarse, motion.ravel(), rtol=0.0, atol=1e-9)


def test_aggregates_hold_every_node_of_one_body_each(block):
    mesh, matrix = block
    group = (mesh.nodes[:, 0] > 2.0).astype(np.int64)
    owner, number = aggregates(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), group)
    assert owner.min() == 0
    assert set(owner) == set(range(number))
    for each in range(number):
        assert len(set(group[owner == each])) == 1
    assert number < len(mesh.nodes) / 8


def test_iterations_hardly_grow_with_the_mesh():
    found = []
    for count in (6, 12):
        mesh = meshes.box("block", (0, 0, 0), (4, 4, 4), (count, count, count))
        facets = mesh.facets_of("z1")
        load = Applied("push", "block", facets, np.array([10.0, 0.0, -50.0]), np.zeros(3), np.array([2.0, 2, 4]), "")
        ground = Support("ground", "block", mesh.facets_of("z0"), "fixed", np.eye(3), 1e6)
        case = LoadCase("push", (load,), (ground,), {}, 0.0)
        given = {"block": mesh}, {"block": meshes.material(mesh, 1e3, 0.3)}, (), case
        found.append(sum(row.linear_iterations for row in solve(*given, Solver(tolerance=1e-8)).increments))
    assert found[1] <= 1.5 * found[0]
    assert found[1] <= 30
