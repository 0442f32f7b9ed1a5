"""Quadrature over the overlaps of two faces: exact across the edges of the master, none where the master ends."""

import numpy as np
import pytest

from benchmarks.verification import meshes
from femsacrum.mechanics.coupling import surface
from femsacrum.mechanics.segments import on_segments, parts_of, whole_segments
from femsacrum.mechanics.shapes import facet_weights, triangle

ORDERS = pytest.mark.parametrize("orders", [(1, 1), (1, 2), (2, 1), (2, 2)])


def faces(orders, width=10.0, counts=(5, 8)):
    """Slave above z = 5 and master below it, ``width`` wide where the slave is 10 mm."""
    lower = meshes.box("lower", (0, 0, 0), (width, 10, 5), (counts[1], counts[1], 2), orders[0])
    upper = meshes.box("upper", (0, 0, 5), (10, 10, 9), (counts[0], counts[0], 2), orders[1])
    return upper, upper.facets_of("z0"), lower, lower.facets_of("z1")


@ORDERS
def test_master_shape_functions_are_integrated_exactly(orders):
    upper, facets, lower, opposite = faces(orders)
    segments = whole_segments(upper, facets, lower, opposite, 1.0)
    weight = on_segments(upper, facets, segments).weight
    values, _ = triangle(orders[0], segments.reference)
    found = np.bincount(
        opposite[segments.facet].ravel(), (weight[:, None] * values).ravel(), minlength=len(lower.nodes)
    )
    nodes, wanted = facet_weights(lower.nodes, opposite)
    np.testing.assert_allclose(found[nodes], wanted, atol=1e-12 * 100.0)


@ORDERS
def test_points_of_both_sides_lie_opposite(orders):
    upper, facets, lower, opposite = faces(orders)
    segments = whole_segments(upper, facets, lower, opposite, 1.0)
    values, _ = triangle(orders[0], segments.reference)
    there = np.einsum("qa,qai->qi", values, lower.nodes[opposite[segments.facet]])
    np.testing.assert_allclose(on_segments(upper, facets, segments).place, there, atol=1e-12)


def test_parts_beyond_the_rim_of_the_master_are_left_to_the_fixed_points():
    upper, facets, lower, opposite = faces((1, 1), width=7.0)
    segments = whole_segments(upper, facets, lower, opposite, 1.0)
    right = upper.nodes[parts_of(upper, facets)][..., 0].max(axis=1)
    np.testing.assert_array_equal(np.unique(segments.part), np.flatnonzero(right < 7.0 + 1e-9))
    rows = surface(upper, facets, lower, opposite, None)
    assert rows.area.sum() == pytest.approx(70.0, rel=0.05)


def test_faces_that_look_the_same_way_share_nothing():
    upper, facets, lower, _ = faces((1, 1))
    assert whole_segments(upper, facets, lower, lower.facets_of("z0"), 10.0).part.size == 0
