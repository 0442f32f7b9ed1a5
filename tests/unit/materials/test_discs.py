"""A disc of nucleus and annulus: where its parts are, what its fibres bear, and how it bends and turns."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.discs import DEEP, WIDE, rigid
from benchmarks.discs import ellipse as disc
from benchmarks.verification import meshes
from femsacrum.case.schema import Materials
from femsacrum.credibility import vary
from femsacrum.errors import NumericalError
from femsacrum.findings import anisotropic
from femsacrum.findings.validity import cells_across
from femsacrum.materials.assign import _material
from femsacrum.materials.discs import two_part
from femsacrum.materials.elastic import BodyMaterial, Fibres
from femsacrum.mechanics import elasticity
from femsacrum.sources.tables import constant

PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))
FAMILIES = np.array([[0.6, 0.0, 0.8], [0.48, 0.64, -0.6]])


def fibred(body):
    count = len(body.cells)
    directions = np.broadcast_to(FAMILIES[:, None], (2, count, 3)).copy()
    return BodyMaterial(
        np.full(count, 4.2), np.full(count, 0.45), None, None, "test", fibres=Fibres(directions, np.full(count, 30.0))
    )


def law(strain):
    """Stress of ``fibred`` written out."""
    young, ratio = 4.2, 0.45
    stress = young / (1.0 + ratio) * (strain + ratio / (1.0 - 2.0 * ratio) * np.trace(strain) * np.eye(3))
    return stress + sum(30.0 * (a @ strain @ a) * np.outer(a, a) for a in FAMILIES)


@pytest.mark.parametrize("order", [1, 2])
def test_fibres_bear_along_themselves_and_the_matrix_as_without(order):
    body = meshes.box("bar", (0, 0, 0), (2, 1, 1.5), (3, 2, 3), order, jitter=0.2)
    gradient = np.random.default_rng(1).normal(size=(3, 3))
    strain = 0.5 * (gradient + gradient.T)
    moved = (body.nodes @ gradient.T).ravel()
    volume = 2.0 * 1.0 * 1.5
    energy = moved @ (elasticity.stiffness(body, fibred(body)) @ moved)
    assert energy == pytest.approx(volume * np.tensordot(strain, law(strain)), rel=1e-9)
    six = np.broadcast_to([strain[pair] for pair in PAIRS], (len(body.cells), 1, 6)).copy()
    told = anisotropic.stresses(six, fibred(body))
    assert told[0, 0] == pytest.approx([law(strain)[pair] for pair in PAIRS], rel=1e-9)


def test_a_nucleus_lies_in_the_middle_and_fibres_run_round_it():
    body = disc((14, 14, 3))
    made = two_part(body)
    corners = body.nodes[body.cells[:, :4]]
    volume, middle = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])), corners.mean(axis=1)
    core = made.poisson_ratio == constant("materials", "nucleus.poisson_ratio").value
    share = constant("materials", "nucleus.share_of_section").value
    assert volume[core].sum() / volume.sum() == pytest.approx(share, abs=0.04)
    inside = (middle[:, 0] / WIDE) ** 2 + (middle[:, 1] / DEEP) ** 2
    assert inside[core].max() < share + 0.05
    assert inside[~core].min() > share - 0.05
    assert (made.fibres.modulus[core] == 0.0).all()
    assert (made.fibres.modulus[~core] == 0.5 * 0.5 * 0.16 * 450.0).all()
    out = np.column_stack([middle[:, 0] / WIDE**2, middle[:, 1] / DEEP**2, np.zeros(len(middle))])
    out /= np.linalg.norm(out, axis=1)[:, None]
    for family in made.fibres.directions:
        assert np.abs(family[:, 2]) == pytest.approx(0.5, abs=5e-3)  # 30 degrees from the endplates
        assert np.abs(np.einsum("mi,mi->m", family, out))[~core].max() < 0.25  # along the outline, not across


def test_it_bends_more_easily_than_one_solid_and_turns_less():
    body = disc()
    one = BodyMaterial(np.full(len(body.cells), 6.0), np.full(len(body.cells), 0.45), None, None, "test")
    solid, parts = (rigid(body, material, np.array([0.0, 0.0, 1.0])) for material in (one, two_part(body)))
    ratio = np.diag(parts) / np.diag(solid)
    assert 0.5 < ratio[2] < 1.1  # compression
    assert np.all(ratio[3:5] < 0.95)  # bending either way
    assert 2.0 < ratio[5] < 8.0  # torsion
    # families on both sides balance: a turn neither lifts nor shifts, and the other way round it is as stiff
    assert abs(parts[2, 5]) < 0.01 * np.sqrt(parts[2, 2] * parts[5, 5])


def test_a_factor_on_discs_takes_the_fibres_along():
    body = disc((4, 4, 2))
    made = two_part(body)
    construct = SimpleNamespace(solids={})
    model = SimpleNamespace(
        materials={"disc_L4L5": made}, assembly=SimpleNamespace(bodies={"disc_L4L5": body}, construct=construct)
    )
    varied = vary._material(model, "disc_L4L5", {"disc_modulus": 1.5})
    assert varied.fibres.modulus == pytest.approx(1.5 * made.fibres.modulus)
    assert varied.youngs_modulus == pytest.approx(1.5 * made.youngs_modulus)


def test_a_material_that_the_case_says_goes_first():
    body = disc((4, 4, 2))
    given = {"youngs_modulus": "4 MPa", "poisson_ratio": 0.45, "source": "test"}
    found = {}
    for key in ("disc_L4L5", "disc", "implant"):
        case = SimpleNamespace(materials=Materials.model_validate({"bodies": {key: given}}))
        found[key] = _material(case, SimpleNamespace(solids={}), body, None)
    assert (found["disc_L4L5"].youngs_modulus == 4.0).all()
    assert found["disc_L4L5"].fibres is None
    assert (found["disc"].youngs_modulus == 4.0).all()
    assert found["disc"].fibres is None
    assert found["implant"].fibres is not None


def test_what_cannot_be_is_refused():
    body = disc((4, 4, 2))
    made = two_part(body)
    short = replace(made, fibres=replace(made.fibres, modulus=made.fibres.modulus[:-1]))
    with pytest.raises(NumericalError, match="its material"):
        elasticity.stiffness(body, short)


@pytest.mark.parametrize(("cells", "across"), [((10, 8, 1), 1.6), ((20, 16, 4), 4.0)])
def test_cells_across_a_disc_are_counted(cells, across):
    assert cells_across(disc(cells)) == pytest.approx(across, abs=0.05)
