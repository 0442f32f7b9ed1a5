"""One body: saw cuts stay flat in the tetrahedra, rods are round, what cannot be meshed is named."""

from __future__ import annotations

import meshing_shapes as shapes
import numpy as np
import pytest

from femsacrum.anatomy.model import Plane, Surface
from femsacrum.errors import NumericalError
from femsacrum.meshing.elements import EDGES, quadratic_gradients
from femsacrum.meshing.one_body import Job, mesh_body
from femsacrum.meshing.quality import gamma, jacobians
from femsacrum.meshing.triangles import area_vectors, unit
from femsacrum.surgery.construct import Solid


def face_area(body, face):
    return np.linalg.norm(area_vectors(body.nodes, body.facets_of(face)[:, :3]), axis=1).sum()


@pytest.mark.parametrize("order", [1, 2])
def test_a_cut_bone(order):
    job = Job(
        "left_ilium",
        "bone",
        shapes.cut(shapes.ellipsoid(20.0, 12.0, 15.0), np.array([2.0, 1.0, 0.0]), 5.0),
        3.0,
        order,
    )
    body, quality = mesh_body(job)
    assert (body.name, body.role, body.order) == ("left_ilium", "bone", order)
    assert body.cells.shape[1] == (4, 10)[order - 1]
    assert body.facets.shape[1] == (3, 6)[order - 1]
    normal = job.shape.flat_faces["cut"].normal
    cut = body.facets_of("cut")
    assert np.abs(body.nodes[cut] @ normal - 5.0).max() < 1e-9
    assert np.all(unit(area_vectors(body.nodes, cut[:, :3])) @ normal > 1.0 - 1e-9)
    # a plane at distance d from the centre of an ellipsoid cuts pi a b c / |A n| (1 - (d / |A n|)^2)
    reach = np.linalg.norm(np.array([20.0, 12.0, 15.0]) * normal)
    area = np.pi * 20.0 * 12.0 * 15.0 / reach * (1.0 - (5.0 / reach) ** 2)
    assert face_area(body, "cut") == pytest.approx(area, rel=0.015)
    assert quality["gamma_min"] > 0.1
    assert quality["share_below_0.1 [%]"] == 0.0
    assert abs(quality["volume_error [%]"]) < 0.5
    assert quality["wrapped"] == 0.0
    assert np.all(jacobians(body.nodes, body.cells) > 0.0)
    assert len(np.unique(body.cells)) == len(body.nodes)


@pytest.fixture(scope="module")
def rod():
    content = shapes.brep(lambda occ: occ.addCylinder(0, 0, 0, 0, 0, 60, 3.0))
    faces = {"end": Plane(np.array([0.0, 0.0, 60.0]), np.array([0.0, 0.0, 1.0]))}
    return mesh_body(Job("left_fixation", "fixation", Solid(content, "fixation", faces), 3.0, 2))


def test_a_rod_of_6_mm_at_the_size_of_the_study_is_round(rod):
    body, quality = rod
    assert body.order == 2
    assert quality["volume [mm3]"] == pytest.approx(np.pi * 9.0 * 60.0, rel=2e-3)
    assert abs(quality["volume_error [%]"]) < 0.2
    side = body.facets[
        np.any(np.abs(body.nodes[body.facets[:, :3]][..., 2].mean(axis=1) - 30.0)[:, None] < 29.5, axis=1)
    ]
    radius = np.linalg.norm(body.nodes[side][..., :2], axis=2)
    assert np.abs(radius - 3.0).max() < 1e-6  # mid-edge nodes too lie on the cylinder
    assert second_moment(body) / 60.0 == pytest.approx(np.pi * 3.0**4 / 4.0, rel=2e-3)  # what bending feels


def test_a_linear_rod_has_the_corners_of_the_quadratic_one(rod):
    quadratic, _ = rod
    content = shapes.brep(lambda occ: occ.addCylinder(0, 0, 0, 0, 0, 60, 3.0))
    faces = {"end": Plane(np.array([0.0, 0.0, 60.0]), np.array([0.0, 0.0, 1.0]))}
    body, quality = mesh_body(Job("left_fixation", "fixation", Solid(content, "fixation", faces), 3.0, 1))
    assert (body.order, body.cells.shape[1], body.facets.shape[1]) == (1, 4, 3)
    assert np.array_equal(body.nodes[body.cells], quadratic.nodes[quadratic.cells[:, :4]])
    assert quality["volume [mm3]"] == pytest.approx(quadratic.volume())
    assert (
        -15.0 < quality["volume_error [%]"] < -5.0
    )  # chords of a circle in eighths: 1 - sin(45 deg) / (pi / 4) = 10 %
    assert len(body.facets_of("end")) == len(quadratic.facets_of("end"))


def second_moment(body):
    """Integral of x^2 over curved elements, by a 4 x 4 x 4 Gauss rule collapsed from the cube to the tetrahedron."""
    at, weight = np.polynomial.legendre.leggauss(4)
    at, weight = (at + 1.0) / 2.0, weight / 2.0
    total = 0.0
    for i, j, k in np.ndindex(4, 4, 4):
        r, s, t = at[i], at[j] * (1 - at[i]), at[k] * (1 - at[i]) * (1 - at[j])
        scale = weight[i] * weight[j] * weight[k] * (1 - at[i]) ** 2 * (1 - at[j])
        share = np.array([1 - r - s - t, r, s, t])
        shapes_at = np.concatenate([share * (2 * share - 1), 4 * share[EDGES[:, 0]] * share[EDGES[:, 1]]])
        x = np.einsum("n,mn->m", shapes_at, body.nodes[body.cells][..., 0])
        jacobian = np.einsum("nd,mnc->mdc", quadratic_gradients(r, s, t), body.nodes[body.cells])
        total += scale * (x**2 * np.linalg.det(jacobian)).sum()
    return total


def test_a_rod_has_its_flat_end_and_good_elements(rod):
    body, quality = rod
    assert body.face_names == ("surface", "end")
    assert face_area(body, "end") == pytest.approx(np.pi * 9.0, rel=0.12)  # of the straight-sided facets
    assert quality["gamma_min"] > 0.2
    ratio = jacobians(body.nodes, body.cells)
    assert (ratio.min(axis=1) / ratio.max(axis=1)).min() > 0.1
    assert gamma(body.nodes, body.cells).min() == quality["gamma_min"]


def test_rod_screws_and_heads_fused():
    def draw(occ):
        parts = [(3, occ.addCylinder(0, 0, 0, 0, 8, 40, 3.0)), (3, occ.addCylinder(0, 8, 40, 5, 0, 35, 3.0))]
        for x, y, z in ((0, 0, 0), (0, 8, 40), (5, 8, 75)):
            parts += [(3, occ.addSphere(x, y, z, 5.5)), (3, occ.addCylinder(x, y, z, 0, -45, 4, 3.25))]
        occ.fuse(parts[:1], parts[1:])

    body, quality = mesh_body(Job("left_fixation", "fixation", Solid(shapes.brep(draw), "fixation"), 3.0, 2))
    assert quality["gamma_min"] > 0.1
    assert abs(quality["volume_error [%]"]) < 0.5
    assert np.all(jacobians(body.nodes, body.cells) > 0.0)


def test_what_is_no_solid_is_refused_by_name():
    two = shapes.brep(lambda occ: (occ.addBox(0, 0, 0, 1, 1, 1), occ.addBox(5, 0, 0, 1, 1, 1)))
    with pytest.raises(NumericalError, match='body "left_graft": the BREP holds 2 solids'):
        mesh_body(Job("left_graft", "graft", Solid(two, "graft"), 1.0, 2))


def test_a_bone_that_is_not_closed_is_refused_by_name():
    ball = shapes.surface(shapes.ellipsoid(5.0, 5.0, 5.0))
    with pytest.raises(NumericalError, match=r'body "L5".*open'):
        mesh_body(Job("L5", "bone", Surface(ball.points, ball.triangles[1:]), 2.0, 1))


def test_a_natural_surface_that_cuts_itself_is_wrapped():
    two = shapes.ellipsoid(9.0, 6.0, 6.0)
    first, second = (shapes.surface(two.translate((x, 0.0, 0.0))) for x in (-5.0, 5.0))
    shift = len(first.points)
    # two overlapping shells in one surface: what a folded segmentation looks like to the mesher
    folded = Surface(np.vstack([first.points, second.points]), np.vstack([first.triangles, second.triangles + shift]))
    _, quality = mesh_body(Job("disc_L4L5", "disc", folded, 2.5, 2))
    assert quality["wrapped"] == 1.0
    union = (two.translate((-5.0, 0.0, 0.0)) + two.translate((5.0, 0.0, 0.0))).volume()
    assert quality["volume [mm3]"] == pytest.approx(union, rel=0.02)
    assert quality["gamma_min"] > 0.1
    flat = Surface(folded.points, folded.triangles, {"cut": Plane(np.zeros(3), np.array([0.0, 0.0, 1.0]))})
    with pytest.raises(NumericalError, match='body "L5"'):  # a flat face would be rounded: refused instead
        mesh_body(Job("L5", "bone", flat, 2.5, 1))
