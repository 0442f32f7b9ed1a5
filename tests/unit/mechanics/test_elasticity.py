"""Stiffness and stress of bodies with an axis, against the compliance turned by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from benchmarks.verification import meshes
from femsacrum.case.elastic import equivalent_ratio, largest_axial_ratio
from femsacrum.errors import InputError, NumericalError
from femsacrum.findings import anisotropic, stress
from femsacrum.materials.elastic import Axial, BodyMaterial
from femsacrum.mechanics import elasticity
from femsacrum.mechanics.shapes import facet_weights

#: Across E and nu, along E, nu and G: like cortical bone, something odd, and one that hardly changes its volume.
CORTICAL, ODD = (11500.0, 0.4, 17000.0, 0.35, 3300.0), (1000.0, -0.3, 60.0, -0.15, 2000.0)
STIFF_IN_VOLUME = (11500.0, 0.58, 17000.0, 0.46, 3300.0)
PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))
ORDERS = pytest.mark.parametrize("order", [1, 2])
DIRECTION = np.array([0.36, -0.48, 0.8])


def material(mesh, constants, axis):
    """One material with an axis for every cell, or the same for all."""
    young, ratio, along, contraction, shear = (np.full(len(mesh.cells), one) for one in constants)
    axes = np.broadcast_to(axis / np.linalg.norm(axis, axis=-1, keepdims=True), (len(mesh.cells), 3)).copy()
    return BodyMaterial(young, ratio, None, None, "test", Axial(axes, along, contraction, shear))


def compliance(constants, axis):
    """Fourth-order compliance from the engineering constants, shape (3, 3, 3, 3), turned so that z becomes the axis."""
    young, ratio, along, contraction, shear = constants
    table = np.zeros((3, 3, 3, 3))
    for i, j in np.ndindex(3, 3):
        normal = {True: -contraction / along, False: -ratio / young}[2 in (i, j)]
        table[i, i, j, j] = (1.0 / along if i == 2 else 1.0 / young) if i == j else normal
        if i != j:
            twice = 1.0 / shear if 2 in (i, j) else 2.0 * (1.0 + ratio) / young
            table[i, j, i, j] = table[i, j, j, i] = 0.25 * twice
    turn = Rotation.align_vectors([axis], [[0.0, 0.0, 1.0]])[0].as_matrix()
    return np.einsum("ia,jb,kc,ld,abcd->ijkl", turn, turn, turn, turn, table)


def tensor(six):
    full = np.zeros((3, 3))
    for value, (i, j) in zip(six, PAIRS, strict=True):
        full[i, j] = full[j, i] = value
    return full


@ORDERS
@pytest.mark.parametrize("constants", [CORTICAL, ODD], ids=["cortical", "odd"])
def test_uniaxial_stress_off_the_axis_needs_only_its_tractions(order, constants):
    mesh = meshes.box("bar", (0, 0, 0), (2, 1, 1.5), (3, 2, 3), order, jitter=0.2)
    pulled = np.zeros((3, 3))
    pulled[0, 0] = 7.0
    strain = np.einsum("ijkl,kl->ij", compliance(constants, DIRECTION), pulled)
    found = (
        elasticity.stiffness(mesh, material(mesh, constants, DIRECTION)) @ meshes.affine(mesh.nodes, strain).ravel()
    )
    wanted = np.zeros((len(mesh.nodes), 3))
    for face, size in (("x0", -7.0), ("x1", 7.0)):
        nodes, area = facet_weights(mesh.nodes, mesh.facets_of(face))
        wanted[nodes, 0] += size * area
    assert np.abs(found.reshape(-1, 3) - wanted).max() < 1e-10


@ORDERS
def test_stress_of_the_findings_is_that_of_the_compliance_in_every_cell(order):
    mesh = meshes.box("bar", (0, 0, 0), (2, 1, 1.5), (2, 1, 2), order, jitter=0.2)
    random = np.random.default_rng(3)
    axes = random.normal(size=(len(mesh.cells), 3))
    given = material(mesh, CORTICAL, axes)
    strained = stress.strain(mesh, 1e-3 * random.normal(size=mesh.nodes.shape))
    found = anisotropic.stresses(strained.inside, given)
    for cell, axis in enumerate(given.axial.axis):
        inverse = compliance(CORTICAL, axis)
        for point in range(found.shape[1]):
            back = np.einsum("ijkl,kl->ij", inverse, tensor(found[cell, point]))
            assert back == pytest.approx(tensor(strained.inside[cell, point]), abs=1e-14)


@ORDERS
def test_turning_mesh_and_axis_turns_the_stiffness(order):
    mesh = meshes.box("bar", (0, 0, 0), (2, 1, 1.5), (2, 1, 2), order, jitter=0.2)
    axes = np.random.default_rng(1).normal(size=(len(mesh.cells), 3))
    turn = Rotation.from_rotvec([0.4, -0.9, 0.7]).as_matrix()
    first = elasticity.stiffness(mesh, material(mesh, CORTICAL, axes)).toarray()
    turned = replace(mesh, nodes=mesh.nodes @ turn.T)
    second = elasticity.stiffness(turned, material(mesh, CORTICAL, axes @ turn.T)).toarray()
    everywhere = np.kron(np.eye(len(mesh.nodes)), turn)
    assert np.abs(everywhere @ first @ everywhere.T - second).max() < 1e-12 * np.abs(second).max()


@ORDERS
def test_equal_constants_are_isotropic(order):
    mesh = meshes.box("bar", (0, 0, 0), (2, 1, 1.5), (2, 1, 2), order, jitter=0.2)
    axes = np.random.default_rng(1).normal(size=(len(mesh.cells), 3))
    plain = meshes.material(mesh, 1000.0, 0.3)
    same = material(mesh, (1000.0, 0.3, 1000.0, 0.3, 1000.0 / 2.6), axes)
    assert np.allclose(same.invariants(), plain.invariants(), rtol=1e-14, atol=1e-11)
    first, second = elasticity.stiffness(mesh, plain).toarray(), elasticity.stiffness(mesh, same).toarray()
    assert np.abs(first - second).max() < 1e-12 * np.abs(first).max()
    strained = stress.strain(mesh, 1e-3 * np.sin(mesh.nodes))
    assert anisotropic.stresses(strained.inside, same) == pytest.approx(
        anisotropic.stresses(strained.inside, plain), abs=1e-12
    )


def random_constants(random):
    """Any constants inside the bounds."""
    young, along, shear = 10.0 ** random.uniform(0.0, 4.0, 3)
    ratio = random.uniform(-0.95, 0.95)
    return young, ratio, along, 0.99 * random.uniform(-1.0, 1.0) * largest_axial_ratio(young, ratio, along), shear


def test_every_strain_takes_energy_within_the_bounds_and_not_beyond():
    mesh = meshes.box("cell", (0, 0, 0), (1, 1, 1), (1, 1, 1), 2)
    random = np.random.default_rng(7)
    for _ in range(20):
        constants = random_constants(random)
        given = material(mesh, constants, random.normal(size=3))
        assert given.is_definite()
        values = np.linalg.eigvalsh(elasticity.stiffness(mesh, given).toarray())
        assert np.abs(values[:6]).max() < 1e-12 * values[-1] < values[6]
        young, ratio, along, _, shear = constants
        beyond = material(
            mesh, (young, ratio, along, 1.001 * largest_axial_ratio(young, ratio, along), shear), DIRECTION
        )
        assert not beyond.is_definite()
        with pytest.raises(NumericalError, match='"cell": a strain takes no energy'):
            elasticity.stiffness(mesh, beyond)


def test_a_patch_stores_what_the_compliance_says():
    mesh = meshes.box("bar", (0, 0, 0), (2, 1, 1.5), (2, 1, 2), 2, jitter=0.2)
    given = np.array([[3.0, 1.0, -2.0], [1.0, -1.0, 0.5], [-2.0, 0.5, 2.0]])
    strain = np.einsum("ijkl,kl->ij", compliance(ODD, DIRECTION), given)
    moved = meshes.affine(mesh.nodes, strain).ravel()
    energy = moved @ (elasticity.stiffness(mesh, material(mesh, ODD, DIRECTION)) @ moved)
    assert energy == pytest.approx(3.0 * np.sum(given * strain), rel=1e-12)


def test_what_is_as_incompressible_as_which_isotropic_material():
    assert equivalent_ratio(1000.0, 0.3, 1000.0, 0.3, 1000.0 / 2.6) == pytest.approx(0.3, rel=1e-14)
    # uniform pressure on cortical bone: bulk modulus from the compliance, over its smaller shear modulus
    table = compliance(STIFF_IN_VOLUME, DIRECTION)
    bulk = 1.0 / np.einsum("iijj->", table)
    ratio = equivalent_ratio(*STIFF_IN_VOLUME)
    assert 2.0 * (1.0 + ratio) / (3.0 * (1.0 - 2.0 * ratio)) == pytest.approx(bulk / 3300.0, rel=1e-12)


@pytest.mark.parametrize(
    ("constants", "told"),
    [((1.0, 0.46, 1.0, 0.46, 1.0 / 2.92), "0.46"), (STIFF_IN_VOLUME, "0.462")],
    ids=["isotropic", "axial"],
)
def test_linear_cells_that_would_lock_are_refused_by_name(constants, told):
    for order in (1, 2):
        mesh = meshes.box("left_graft", (0, 0, 0), (1, 1, 1), (1, 1, 1), order)
        given = material(mesh, constants, DIRECTION)
        if order == 2:
            elasticity.stiffness(mesh, given)
            continue
        with pytest.raises(InputError, match=rf"here {told}\): take mesh.order.left_graft = 2") as refusal:
            elasticity.stiffness(mesh, given)
        assert refusal.value.key == "materials.bodies.left_graft.poisson_ratio"


def test_a_material_of_another_mesh_is_refused():
    mesh = meshes.box("bar", (0, 0, 0), (1, 1, 1), (1, 1, 1))
    given = material(mesh, STIFF_IN_VOLUME, DIRECTION)
    short = replace(given, axial=replace(given.axial, poisson_ratio=np.zeros(3)))
    with pytest.raises(NumericalError, match="has 6 cells, its material 3"):
        elasticity.stiffness(mesh, short)
    long = replace(given, axial=replace(given.axial, axis=2.0 * given.axial.axis))
    assert not long.is_definite()
