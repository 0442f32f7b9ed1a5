"""Strain, stress and motion of boxes whose answers are known in closed form."""

from dataclasses import replace

import numpy as np
import pytest
from boxes import box

from femsacrum.findings.anisotropic import stresses
from femsacrum.findings.bone import bone, membrane
from femsacrum.findings.deformation import rigid_fit
from femsacrum.findings.stress import (
    components,
    implant,
    nodal_von_mises,
    shape_functions,
    strain,
    von_mises_averaged,
)
from femsacrum.materials.elastic import BodyMaterial, Cortex
from femsacrum.surgery.construct import Construct, Rod, Screw

E, NU = 110000.0, 0.3


def metal(mesh, limit=795.0):
    count = len(mesh.cells)
    return BodyMaterial(np.full(count, E), np.full(count, NU), None, limit, "test")


def construct(rods=(), screws=()):
    return Construct(None, {}, {}, screws, rods, (), {}, {})


@pytest.mark.parametrize("order", [1, 2])
def test_shape_functions_are_one_at_their_own_node(order):
    corners = np.vstack([np.zeros(3), np.eye(3)])
    edges = [(corners[i] + corners[j]) / 2 for i, j in ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))]
    points = corners if order == 1 else np.vstack([corners, edges])
    values, slopes = shape_functions(points, order)
    np.testing.assert_allclose(values, np.eye(len(points)), atol=1e-14)
    np.testing.assert_allclose(slopes.sum(axis=1), 0.0, atol=1e-13)


@pytest.mark.parametrize("order", [1, 2])
def test_uniaxial_tension_on_curved_cells(order):
    mesh = box((10.0, 10.0, 20.0), (2, 2, 3), order=order, role="implant")
    if order == 2:  # bend the mid-edge nodes: a linear field must stay exact on curved cells
        corners = len(np.unique(mesh.cells[:, :4]))
        mesh.nodes[corners:] += 0.05 * np.sin(mesh.nodes[corners:][:, [1, 2, 0]])
    slope = np.diag([-NU, -NU, 1.0]) * 100.0 / E
    moved = mesh.nodes @ slope.T
    found = implant(mesh, metal(mesh), strain(mesh, moved), construct())
    assert found["von_mises_max"]["value"] == pytest.approx(100.0, rel=1e-10)
    assert found["von_mises_p999"]["value"] == pytest.approx(100.0, rel=1e-10)
    assert found["safety_factor_max"]["value"] == pytest.approx(7.95, rel=1e-10)
    assert found["safety_factor_averaged_max"]["value"] == pytest.approx(7.95, rel=1e-10)
    assert found["volume_beyond_yield"] == {"value": 0.0, "unit": "mm3"}
    np.testing.assert_allclose(nodal_von_mises(mesh, metal(mesh), strain(mesh, moved)), 100.0, rtol=1e-10)


def test_bending_peak_is_found_at_the_corner_of_quadratic_cells():
    """Pure bending: stress = E k x, largest at the far side, which no Gauss point touches."""
    mesh = box((10.0, 4.0, 30.0), (2, 2, 4), origin=(-5.0, -2.0, 0.0), order=2, role="implant")
    k = 1e-4
    x, y, z = mesh.nodes.T
    moved = np.column_stack([-k / 2 * (z**2 + NU * (x**2 - y**2)), -NU * k * x * y, k * x * z])
    found = implant(mesh, metal(mesh), strain(mesh, moved), construct())
    assert found["von_mises_max"]["value"] == pytest.approx(E * k * 5.0, rel=1e-9)
    assert abs(found["at"]["value"][0]) == pytest.approx(5.0)
    assert found["von_mises_averaged_max"]["value"] == pytest.approx(E * k * 5.0, rel=1e-9)
    assert abs(found["averaged_at"]["value"][0]) == pytest.approx(5.0)
    assert found["max_over_averaged_max"]["value"] == pytest.approx(1.0)
    assert found["von_mises_p999"]["value"] < E * k * 5.0


def test_where_elements_disagree_the_averaged_peak_is_that_of_the_mean_tensor():
    mesh = box((4.0, 4.0, 4.0), (2, 2, 2), role="implant")
    strained = strain(mesh, 1e-3 * np.random.default_rng(7).standard_normal(mesh.nodes.shape))
    stress, size = stresses(strained.inside, metal(mesh))[:, 0], strained.volume[:, 0]
    peaks = np.empty(len(mesh.nodes))
    for node in range(len(mesh.nodes)):
        here = (mesh.cells == node).any(axis=1)
        xx, yy, zz, xy, yz, xz = np.average(stress[here], axis=0, weights=size[here])
        tensor = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        peaks[node] = np.sqrt(1.5) * np.linalg.norm(tensor - np.trace(tensor) / 3.0 * np.eye(3))
    found = implant(mesh, metal(mesh), strained, construct())
    assert found["von_mises_averaged_max"]["value"] == pytest.approx(peaks.max(), rel=1e-12)
    np.testing.assert_array_equal(found["averaged_at"]["value"], mesh.nodes[peaks.argmax()])
    assert found["max_over_averaged_max"]["value"] == pytest.approx(found["von_mises_max"]["value"] / peaks.max())
    assert found["max_over_averaged_max"]["value"] > 1.05


def test_stress_is_not_averaged_across_a_change_of_stiffness():
    """Stretched alike, a bar of which one half is a tenth as stiff: 100 MPa and 10, also where they meet."""
    mesh = box((4.0, 4.0, 20.0), (1, 1, 4), role="implant")
    upper = mesh.nodes[mesh.cells].mean(axis=1)[:, 2] > 10.0
    material = replace(metal(mesh), youngs_modulus=np.where(upper, 0.1, 1.0) * E)
    strained = strain(mesh, mesh.nodes * np.array([-NU, -NU, 1.0]) * 100.0 / E)
    corners = von_mises_averaged(mesh, material, stresses(strained.corners, material), strained.volume.sum(axis=1))
    np.testing.assert_allclose(corners, np.where(upper, 10.0, 100.0)[:, None] * np.ones(4), rtol=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_largest_nodal_stress_is_the_averaged_peak_of_the_tables(order):
    mesh = box((4.0, 4.0, 8.0), (2, 2, 4), order=order, role="implant")
    upper = mesh.nodes[mesh.cells[:, :4]].mean(axis=1)[:, 2] > 4.0
    material = replace(metal(mesh), youngs_modulus=np.where(upper, 0.1, 1.0) * E)
    strained = strain(mesh, 1e-3 * np.random.default_rng(8).standard_normal(mesh.nodes.shape))
    found = implant(mesh, material, strained, construct())
    nodal = nodal_von_mises(mesh, material, strained)
    assert nodal.max() == pytest.approx(found["von_mises_averaged_max"]["value"], rel=1e-12)
    np.testing.assert_array_equal(mesh.nodes[nodal.argmax()], found["averaged_at"]["value"])


def test_volume_beyond_yield_of_a_bent_bar():
    mesh = box((10.0, 4.0, 30.0), (20, 2, 6), origin=(-5.0, -2.0, 0.0), order=2, role="implant")
    x, _, z = mesh.nodes.T
    moved = np.column_stack([-0.5e-4 * z**2, 0 * x, 1e-4 * x * z])
    found = implant(mesh, metal(mesh, limit=1.0), strain(mesh, moved), construct())
    assert found["volume_beyond_yield"]["value"] == pytest.approx(10 * 4 * 30, rel=0.05)
    assert found["safety_factor_max"]["value"] < 1


def test_cells_belong_to_the_nearest_rod_or_screw():
    mesh = box((40.0, 4.0, 4.0), (10, 1, 1), name="left_fixation", role="fixation")
    rod = Rod("left_rod", "left_fixation", np.array([[0.0, 2, 2], [18.0, 2, 2]]), 4.0)
    head, tip = np.array([22.0, 2, 2]), np.array([40.0, 2, 2])
    screw = Screw("left_iliac_1", "left_fixation", head, head, tip, 4.0, (), 1.0, 10.0)
    parts = components(mesh, construct((rod,), (screw,)))
    assert len(parts["left_rod"]) == len(parts["left_iliac_1"]) == 30
    moved = mesh.nodes * np.array([1e-4, 0, 0]) * (mesh.nodes[:, :1] > 20.0)
    found = implant(mesh, metal(mesh), strain(mesh, moved), construct((rod,), (screw,)))
    assert found["parts"]["left_iliac_1"]["von_mises_max"] == found["von_mises_max"]
    assert found["parts"]["left_rod"]["von_mises_max"]["value"] < found["von_mises_max"]["value"]


def test_strained_volume_of_bone():
    """Half of a bar stretched past the pelvic yield strain of 0.61 %, the other half not at all."""
    mesh = box((10.0, 10.0, 40.0), (2, 2, 8), name="left_ilium")
    moved = np.zeros_like(mesh.nodes)
    moved[:, 2] = 0.0062 * np.maximum(mesh.nodes[:, 2] - 20.0, 0.0)
    found = bone(mesh, strain(mesh, moved), None, moved)
    assert found["volume_beyond_yield"]["value"] == pytest.approx(2000.0)
    assert found["share_beyond_yield"]["value"] == pytest.approx(50.0)
    assert found["volume_beyond_yield_compression"]["value"] == 0.0
    assert found["tensile_strain_max"]["value"] == pytest.approx(0.0062)
    vertebra = bone(box((10.0, 10.0, 40.0), (2, 2, 8), name="L5"), strain(mesh, moved), None, moved)
    assert vertebra["volume_beyond_yield"]["value"] == 0.0  # 0.70 % there


def test_membrane_strain_of_a_turned_sheet():
    chance = np.random.default_rng(3)
    flat = np.column_stack([chance.uniform(0, 10, (30, 2)), np.zeros(30)])
    turn, _ = np.linalg.qr(chance.standard_normal((3, 3)))
    facets = np.array([[i, i + 1, i + 2] for i in range(0, 27, 3)])
    plane = np.array([[1e-3, 4e-4], [4e-4, -2e-4]])
    moved = np.column_stack([flat[:, :2] @ plane.T, 0.01 * flat[:, 0]])
    strains, area = membrane(flat @ turn.T, facets, moved @ turn.T)
    wanted = np.linalg.eigvalsh(plane)[::-1]
    np.testing.assert_allclose(strains, np.tile(wanted, (len(facets), 1)), atol=1e-14)
    a, b, c = (flat[facets[:, i]] for i in range(3))
    np.testing.assert_allclose(area, 0.5 * np.abs(np.cross(b - a, c - a)[:, 2]))


def test_cortical_stress_is_plane_stress():
    mesh = box((10.0, 10.0, 10.0), name="left_ilium")
    cortex = Cortex(mesh.facets, np.full(len(mesh.facets), 1.4), 17000.0, 0.3)
    moved = mesh.nodes * np.array([-0.3, -0.3, 1.0]) * 1e-3  # uniaxial stress along z on the four upright sides
    found = bone(mesh, strain(mesh, moved), cortex, moved)["cortex"]
    assert found["principal_stress_max"]["value"] == pytest.approx(17.0)
    lid = -17000.0 / 0.7 * 0.3e-3  # bottom and top: both tangential strains -0.3e-3
    assert found["principal_stress_min"]["value"] == pytest.approx(lid)
    assert found["share_beyond_yield"]["value"] == 0.0


def test_rigid_fit_finds_a_rigid_motion_and_ignores_stretch():
    points = np.random.default_rng(5).uniform(-20, 20, (60, 3))
    points -= points.mean(axis=0)
    turn, shift = np.array([1e-3, -2e-3, 5e-4]), np.array([0.1, 0.2, -0.3])
    moved, rotation, centre = rigid_fit(points, shift + np.cross(turn, points) + 1e-3 * points)
    np.testing.assert_allclose(rotation, turn, atol=1e-15)
    np.testing.assert_allclose(moved, shift, atol=1e-15)
    np.testing.assert_allclose(centre, 0.0, atol=1e-13)
