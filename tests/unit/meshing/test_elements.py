"""Arrays of tetrahedra: boundary, node order, Jacobians, quality, faces."""

from __future__ import annotations

from dataclasses import replace

import meshing_shapes as shapes
import numpy as np
import pytest

from femsacrum.anatomy.model import Plane
from femsacrum.errors import NumericalError
from femsacrum.meshing.elements import EDGES, FACES, boundary, quadratic_gradients, with_edge_nodes
from femsacrum.meshing.faces import tag
from femsacrum.meshing.quality import assert_sound, gamma, jacobians, row, volume
from femsacrum.meshing.triangles import area_vectors, edges_of

REGULAR = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])
CELL = np.array([[0, 1, 2, 3]])


@pytest.mark.parametrize("order", [1, 2])
def test_the_boundary_of_a_box_is_closed_and_points_outwards(order):
    body = shapes.block(size=(3.0, 2.0, 1.0), cells=(3, 2, 2), order=order)
    facets, where = boundary(body.cells)
    corners = facets[:, :3]
    edges_of(corners)  # raises unless closed, manifold and consistently oriented
    area = area_vectors(body.nodes, corners)
    assert np.linalg.norm(area, axis=1).sum() == pytest.approx(2 * (3 * 2 + 2 * 1 + 3 * 1))
    # divergence theorem: positive only if the normals point outwards
    assert np.einsum("ij,ij->", area, body.nodes[corners].mean(axis=1)) / 3.0 == pytest.approx(6.0)
    assert np.all(
        np.sort(body.cells[where[:, 0][:, None], FACES[where[:, 1], :3]], axis=1) == np.sort(corners, axis=1)
    )
    if order == 2:
        middle = body.nodes[facets[:, 3:]]
        ends = (body.nodes[corners] + body.nodes[np.roll(corners, -1, axis=1)]) / 2.0
        assert np.abs(middle - ends).max() < 1e-12


def test_edge_nodes_are_halfway_and_shared():
    linear = shapes.block(cells=(2, 2, 2))
    nodes, cells = with_edge_nodes(linear.nodes, linear.cells)
    assert np.abs(nodes[cells[:, 4:]] - nodes[cells[:, EDGES]].mean(axis=2)).max() < 1e-12
    # Euler: vertices - edges + faces - cells = 1 for a ball
    faces = (4 * len(cells) + len(boundary(cells)[0])) // 2
    assert len(linear.nodes) - (len(nodes) - len(linear.nodes)) + faces - len(cells) == 1


def test_quadratic_gradients_reproduce_a_quadratic_field():
    corners = np.vstack([np.zeros(3), np.eye(3)])
    nodes, cells = with_edge_nodes(corners, CELL)
    values = nodes[cells[0], 0] ** 2 + 3.0 * nodes[cells[0], 1] * nodes[cells[0], 2]
    slope = values @ quadratic_gradients(0.2, 0.3, 0.1)
    assert slope == pytest.approx([0.4, 0.3, 0.9])


def test_gamma_of_known_tetrahedra():
    assert gamma(REGULAR, CELL) == pytest.approx([1.0])
    # corner of a cube with unit edges: r = 1 / (3 + sqrt 3), R = sqrt 3 / 2
    corner = np.vstack([np.zeros(3), np.eye(3)])
    assert gamma(corner, CELL) == pytest.approx([3.0 / (3.0 + np.sqrt(3.0)) / (np.sqrt(3.0) / 2.0)])
    flat = REGULAR.copy()
    flat[3] = flat[:3].mean(axis=0)
    assert gamma(flat, CELL) == pytest.approx([0.0], abs=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_jacobians_and_volume_of_straight_cells(order):
    body = shapes.block(size=(3.0, 2.0, 1.0), cells=(3, 2, 1), order=order)
    assert jacobians(body.nodes, body.cells) == pytest.approx(1.0)
    assert volume(body.nodes, body.cells) == pytest.approx(6.0)
    quality = row(body, 8.0, 1.5)
    assert quality["volume [mm3]"] == pytest.approx(6.0)
    assert quality["volume_error [%]"] == pytest.approx(-25.0)
    assert quality["cells"] == 36.0
    assert quality["order"] == order
    assert quality["share_below_0.1 [%]"] == 0.0


def test_bulging_a_side_adds_its_volume():
    nodes, cells = with_edge_nodes(np.vstack([np.zeros(3), np.eye(3)]), CELL)
    bulged = nodes.copy()
    bulged[cells[0, 4]] += [0.0, 0.0, -0.1]
    # the side moves by 0.1 * N_4, whose integral over the face z = 0 is 1/6 of twice its area times 0.1
    assert volume(bulged, cells) - volume(nodes, cells) == pytest.approx(0.1 / 6.0, rel=1e-6)


def test_an_inverted_element_is_named_with_its_place():
    body = shapes.block(name="left_ilium", corner=(10.0, 0.0, 0.0), cells=(2, 1, 1))
    assert_sound(body)
    turned = body.cells.copy()
    turned[3, [0, 1]] = turned[3, [1, 0]]
    x, y, z = body.nodes[turned[3]].mean(axis=0)
    with pytest.raises(NumericalError, match=rf'"left_ilium": element 3 at \({x:.1f}, {y:.1f}, {z:.1f}\) mm'):
        assert_sound(replace(body, cells=turned))
    with pytest.raises(NumericalError, match='"left_ilium" has no elements'):
        assert_sound(replace(body, cells=body.cells[:0]))
    with pytest.raises(NumericalError, match="no element uses"):
        assert_sound(replace(body, nodes=np.vstack([body.nodes, np.zeros((1, 3))])))


def test_a_quadratic_element_turned_inside_out_by_one_node_is_found():
    body = shapes.block(cells=(1, 1, 1), order=2)
    pulled = body.nodes.copy()
    pulled[body.cells[0, 4]] += 0.9 * (pulled[body.cells[0, 2]] - pulled[body.cells[0, 4]])
    assert body.volume() == pytest.approx(replace(body, nodes=pulled).volume())  # the corners have not moved
    with pytest.raises(NumericalError, match="inverted"):
        assert_sound(replace(body, nodes=pulled))


def test_a_facet_belongs_to_a_flat_face_by_plane_and_direction():
    body = shapes.block(size=(2.0, 2.0, 2.0), cells=(2, 2, 2), order=2)
    top = Plane(np.array([9.0, 9.0, 2.0]), np.array([0.0, 0.0, 1.0]))
    wrong = Plane(np.array([0.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]))  # the bottom faces down, not up
    face, names = tag(body.nodes, body.facets, {"top": top, "wrong": wrong})
    assert names == ("surface", "top", "wrong")
    assert np.bincount(face, minlength=3).tolist() == [40, 8, 0]
    assert np.abs(body.nodes[body.facets[face == 1]][..., 2] - 2.0).max() < 1e-12
    bent = body.nodes.copy()
    inner = body.facets[face == 1][0, 3:]
    bent[inner, 2] -= 0.05
    assert np.bincount(tag(bent, body.facets, {"top": top})[0])[1] < 8  # a mid-edge node off the plane
