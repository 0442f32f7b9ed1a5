"""Every compiled kernel against its plain numpy twin, and the properties it must have."""

import numpy as np
import pytest
from boxes import box
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.performance import twins
from femsacrum.findings import kernels
from femsacrum.findings.stress import shape_functions

random = np.random.default_rng(7)


@pytest.mark.parametrize("order", [1, 2])
def test_strains(order):
    mesh = box(counts=(2, 3, 2), order=order)
    nodes = mesh.nodes + 0.03 * random.standard_normal(mesh.nodes.shape)
    displacement = random.standard_normal(nodes.shape)
    points = np.array([[0.25, 0.25, 0.25], [0.1, 0.2, 0.3]])
    slopes, weights = shape_functions(points, order)[1], np.array([0.1, 1 / 6 - 0.1])
    mine = kernels.strains(nodes, mesh.cells, displacement, slopes, weights)
    twin = twins.strains(nodes, mesh.cells, displacement, slopes, weights)
    np.testing.assert_allclose(mine[0], twin[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(mine[1], twin[1], rtol=1e-9)


def test_stresses_and_von_mises():
    strain = random.standard_normal((20, 4, 6))
    modulus, ratio = random.uniform(1, 1e5, 20), random.uniform(-0.4, 0.49, 20)
    stress = kernels.stresses(strain, modulus, ratio)
    twin = twins.stresses(strain, modulus, ratio)
    np.testing.assert_allclose(twins.full(stress), twin, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(kernels.von_mises(stress), twins.von_mises(twin), rtol=1e-12)


@settings(max_examples=200, deadline=None)
@given(arrays(float, 6, elements=st.floats(-1e3, 1e3, allow_subnormal=False)))
def test_principal_values(tensor):
    mine = kernels.principal(tensor[None, None, :])[0, 0]
    twin = twins.principal(tensor)
    np.testing.assert_allclose(mine, twin, rtol=0, atol=1e-13 * max(1.0, np.abs(tensor).max()))


@pytest.mark.parametrize("gap", [0.0, 1e-3, 1e-8, 1e-14])
def test_principal_values_keep_their_digits_when_nearly_equal(gap):
    """The plain cosine formula loses half of the digits here."""
    turn, _ = np.linalg.qr(random.standard_normal((3, 3)))
    for values in ([1.0, 1.0 - gap, -2.0], [2.0, -1.0 + gap, -1.0], [1e-3 + gap, 1e-3, 1e-3]):
        tensor = turn @ np.diag(values) @ turn.T
        mine = kernels.principal(tensor[[0, 1, 2, 0, 1, 0], [0, 1, 2, 1, 2, 2]][None, None, :])[0, 0]
        np.testing.assert_allclose(mine, values, rtol=0, atol=4e-15)


def test_principal_of_a_tiny_strain_is_not_lost():
    tensor = np.array([[[3e-12, 1e-12, -2e-12, 0.0, 0.0, 0.0]]])
    np.testing.assert_allclose(kernels.principal(tensor)[0, 0], [3e-12, 1e-12, -2e-12], rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_weighted_percentile(seed, share):
    chance = np.random.default_rng(seed)
    values, weights = chance.standard_normal(30), chance.uniform(0, 1, 30) * (chance.uniform(0, 1, 30) > 0.2)
    assert kernels.weighted_percentile(values, weights, share) == twins.weighted_percentile(values, weights, share)


def test_weighted_percentile_counts_weight_not_points():
    values, weights = np.array([1.0, 2.0, 3.0]), np.array([1.0, 97.0, 2.0])
    assert kernels.weighted_percentile(values, weights, 0.95) == 2.0
    assert kernels.weighted_percentile(values, weights, 0.99) == 3.0
    assert np.isnan(kernels.weighted_percentile(values, np.zeros(3), 0.5))


def test_band_shares():
    values, weights = random.uniform(0, 300, 500), random.uniform(0, 1, 500)
    limits = np.array([40.0, 150.0])
    shares = kernels.band_shares(values, weights, limits)
    np.testing.assert_allclose(shares, twins.band_shares(values, weights, limits), rtol=1e-12)
    np.testing.assert_array_equal(kernels.band_shares(limits, np.ones(2), limits), [0.0, 0.5, 0.5])


def test_to_nodes():
    mesh = box(counts=(2, 2, 3))
    values, weights = random.standard_normal(mesh.cells.shape), random.uniform(1, 2, len(mesh.cells))
    given_values = mesh.cells, values, weights, len(mesh.nodes) + 1
    mine = kernels.to_nodes(*given_values)
    np.testing.assert_allclose(mine, twins.to_nodes(*given_values), rtol=1e-12)
    assert mine[-1] == 0.0
