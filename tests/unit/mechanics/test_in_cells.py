"""Which cell holds a point: straight and curved ones, and curved ones whose inversion has no end."""

import numpy as np
import pytest

from femsacrum.mechanics.locate import in_cells
from femsacrum.mechanics.shapes import TETRA_EDGES, tetrahedron
from femsacrum.meshing.bodies import BodyMesh

CORNERS = 10.0 * np.vstack([np.zeros(3), np.eye(3)])
#: Reference coordinates that fill a tetrahedron.
INSIDE = np.random.default_rng(0).dirichlet(np.ones(4), 2000)[:, 1:]


def one_cell(order=2, inwards=0.0):
    """A tetrahedron; the edge from its second to its third corner bends inwards by so much [mm]."""
    middles = CORNERS[TETRA_EDGES].mean(axis=1)
    middles[1] -= inwards * np.array([1.0, 1.0, 0.0]) / np.sqrt(2.0)
    nodes = CORNERS if order == 1 else np.vstack([CORNERS, middles])
    none = np.zeros((0, 3 if order == 1 else 6), dtype=np.int64)
    return BodyMesh("cell", "bone", order, nodes, np.arange(len(nodes))[None], none, np.zeros(0, dtype=np.int64), ())


def at(body, reference):
    return tetrahedron(body.order, reference)[0] @ body.nodes


@pytest.mark.parametrize(("order", "inwards"), [(1, 0.0), (2, 0.0), (2, 1.0), (2, 3.0)])
def test_a_point_of_a_cell_is_found_where_it_was_made(order, inwards):
    body = one_cell(order, inwards)
    cell, reference = in_cells(at(body, INSIDE), body)
    assert (cell == 0).all()
    assert np.abs(reference - INSIDE).max() < 1e-9


def test_what_holds_a_point_gives_its_place_back_and_nothing_else_holds_it():
    body = one_cell(inwards=3.0)
    points = 10.0 * INSIDE  # of the straight cell: some are where the curved one no longer is
    cell, reference = in_cells(points, body)
    assert np.linalg.norm(at(body, reference[cell == 0]) - points[cell == 0], axis=1).max() < 1e-8
    # Newton's method runs away from these
    assert 0 < (cell < 0).sum() < len(points)


def test_a_point_outside_is_in_no_cell():
    cell, _ = in_cells(np.array([[-1.0, -1.0, -1.0], [9.0, 9.0, 9.0]]), one_cell())
    assert (cell == -1).all()
