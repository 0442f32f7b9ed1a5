"""Every body gets what the tables say, or what the case puts in their place."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

sys.path.insert(0, str(Path(__file__).parents[1] / "meshing"))
import meshing_shapes as shapes

from femsacrum.case.schema import Fixation, Materials
from femsacrum.errors import InputError
from femsacrum.materials.assign import assign, posterior_wall
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Solid

UP = np.array([0.0, 0.0, 1.0])


def vertebra(name: str = "L5", lean: float = 0.0) -> BodyMesh:
    """Body (y 0 to 30), canal, arch (y 45 to 70), as two boxes in one mesh; leaning about the x axis [deg]."""
    front = shapes.block(name, corner=(-20.0, 0.0, 0.0), size=(40.0, 30.0, 25.0), cells=(8, 6, 5))
    back = shapes.block(name, corner=(-20.0, 45.0, 0.0), size=(40.0, 25.0, 25.0), cells=(8, 5, 5))
    shift = len(front.nodes)
    c, s = np.cos(np.radians(lean)), np.sin(np.radians(lean))
    turn = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    return replace(
        front,
        nodes=np.vstack([front.nodes, back.nodes]) @ turn.T,
        cells=np.vstack([front.cells, back.cells + shift]),
        facets=np.vstack([front.facets, back.facets + shift]),
        facet_face=np.concatenate([front.facet_face, back.facet_face]),
    )


def anatomy(lean: float = 0.0) -> SimpleNamespace:
    up = np.array([0.0, -np.sin(np.radians(lean)), np.cos(np.radians(lean))])
    return SimpleNamespace(
        cortical_thickness=1.4,
        landmarks={"L5_upper": np.array([0.0, 15.0, 25.0])},
        directions={"L5_upper": up, "L5_lower": -up},
    )


def given(*bodies: BodyMesh, **overrides) -> tuple[SimpleNamespace, Assembly]:
    patient = SimpleNamespace(modifiers=())
    case = SimpleNamespace(materials=Materials.model_validate(overrides), patient=patient)
    return case, Assembly(SimpleNamespace(anatomy=anatomy(), solids={}), {body.name: body for body in bodies}, {})


@pytest.mark.parametrize(
    ("name", "role", "entry"),
    [
        ("left_ilium", "bone", "pelvic_bone"),
        ("sacrum", "bone", "pelvic_bone"),
        ("L4", "bone", "lumbar_bone"),
        ("left_sij", "cartilage", "sacroiliac_cartilage"),
        ("symphysis", "cartilage", "symphysis"),
        ("prosthesis", "implant", "printed_titanium"),
        ("left_graft", "graft", "graft"),
        ("right_fixation", "fixation", "titanium"),
    ],
)
def test_tables_by_name_and_role(name, role, entry):
    body = shapes.block(name, role)
    made = assign(*given(body))[name]
    assert np.all(made.youngs_modulus == constant("materials", f"{entry}.youngs_modulus").value)
    assert np.all(made.poisson_ratio == constant("materials", f"{entry}.poisson_ratio").value)
    assert made.youngs_modulus.shape == made.poisson_ratio.shape == (len(body.cells),)
    assert (made.cortex is not None) == (role == "bone")
    assert made.yield_stress == (795.0 if role in ("implant", "fixation") else None)
    assert constant("materials", f"{entry}.youngs_modulus").cited() in made.source


def test_a_disc_is_of_two_parts_unless_the_case_wants_one():
    body = shapes.block("disc_L4L5", "disc", order=2)
    parts = {constant("materials", f"{part}.youngs_modulus").value for part in ("nucleus", "annulus")}
    assert set(assign(*given(body))["disc_L4L5"].youngs_modulus) == parts
    one = assign(*given(body, disc="one_solid"))["disc_L4L5"]
    assert set(one.youngs_modulus) == {constant("materials", "disc.youngs_modulus").value}
    assert set(one.poisson_ratio) == {constant("materials", "disc.poisson_ratio").value}
    assert one.fibres is None


@pytest.mark.parametrize(
    ("alloy", "modulus", "strength"), [("cobalt_chromium", 225e3, 517.0), ("stainless_steel", 196e3, 690.0)]
)
def test_what_is_put_in_says_its_metal(alloy, modulus, strength):
    assert alloy in get_args(Fixation.model_fields["alloy"].annotation)
    case, assembly = given(shapes.block("fixation", "fixation"))
    assembly.construct.solids["fixation"] = Solid(b"", "fixation", material=alloy)
    made = assign(case, assembly)["fixation"]
    assert np.all(made.youngs_modulus == modulus)
    assert made.yield_stress == strength
    for known in get_args(Fixation.model_fields["alloy"].annotation):
        assert constant("materials", f"{known}.youngs_modulus").unit == "MPa"


def test_cortex_is_on_the_natural_surface_only():
    body = shapes.block("left_ilium", size=(2.0, 2.0, 2.0), cells=(2, 2, 2), order=2)
    cortex = assign(*given(body))["left_ilium"].cortex
    assert cortex.facets.shape == (40, 3)  # 48 facets less the 8 of the saw cut on top
    assert (body.nodes[cortex.facets][..., 2].min(axis=1) < 2.0).all()
    assert np.all(cortex.thickness == 1.4)
    assert (cortex.youngs_modulus, cortex.poisson_ratio) == (17000.0, 0.3)


@pytest.mark.parametrize("lean", [0.0, 20.0])
def test_posterior_elements_begin_behind_the_wall_of_the_vertebral_body(lean):
    body = vertebra(lean=lean)
    back, wall = posterior_wall(body, anatomy(lean))
    assert wall == pytest.approx(30.0, abs=1e-9)
    assert back == pytest.approx([0.0, np.cos(np.radians(lean)), np.sin(np.radians(lean))])


def test_posterior_elements_are_stiffer_and_carry_no_membrane():
    body = vertebra()
    made = assign(*given(body))["L5"]
    behind = body.nodes[body.cells].mean(axis=1)[:, 1] > 40.0
    assert np.all(made.youngs_modulus[behind] == 3500.0)
    assert np.all(made.youngs_modulus[~behind] == 100.0)
    assert np.all(made.poisson_ratio[behind] == 0.25)
    assert body.nodes[made.cortex.facets][..., 1].max() <= 30.0
    assert made.cortex.youngs_modulus == 12000.0
    assert "posterior elements" in made.source


def test_a_vertebra_without_a_canal_is_one_material():
    made = assign(*given(shapes.block("L5", cells=(4, 4, 4))))["L5"]
    assert np.all(made.youngs_modulus == 100.0)
    assert "posterior elements" not in made.source


STEEL = {"youngs_modulus": "200 GPa", "poisson_ratio": 0.28, "yield_stress": "690 MPa", "source": "316L"}


def test_a_case_overrides_by_role_and_name_goes_first():
    left, right = shapes.block("left_fixation", "fixation"), shapes.block("right_fixation", "fixation")
    cobalt = {**STEEL, "youngs_modulus": "230 GPa", "source": "CoCr"}
    made = assign(*given(left, right, bodies={"fixation": STEEL, "right_fixation": cobalt}))
    assert np.all(made["left_fixation"].youngs_modulus == 200e3)
    assert np.all(made["right_fixation"].youngs_modulus == 230e3)
    assert made["left_fixation"].yield_stress == 690.0
    assert made["left_fixation"].source == "316L"
    assert np.all(made["left_fixation"].poisson_ratio == 0.28)


def test_an_override_of_a_vertebra_holds_for_all_of_it_and_cortex_has_its_own():
    bone = {"youngs_modulus": "300 MPa", "poisson_ratio": 0.2, "source": "CT"}
    cortical = {"youngs_modulus": "15 GPa", "poisson_ratio": 0.25, "source": "test"}
    made = assign(*given(vertebra(), bodies={"L5": bone}, cortical_bone=cortical))["L5"]
    assert np.all(made.youngs_modulus == 300.0)
    assert (made.cortex.youngs_modulus, made.cortex.poisson_ratio) == (15e3, 0.25)
    assert made.source == "CT; cortex 1.4 mm: test"


STRUT = {
    "youngs_modulus": "11.5 GPa",
    "poisson_ratio": 0.4,
    "axis": "shaft",
    "axial_modulus": "17 GPa",
    "axial_poisson_ratio": 0.35,
    "axial_shear_modulus": "3.3 GPa",
    "source": "cortical bone",
}


def leaning(name, role="graft", size=(6.0, 8.0, 40.0), order=2):
    """A strut whose long side is turned away from every axis, and the direction of that side."""
    turn = Rotation.from_rotvec([0.5, -0.4, 0.2]).as_matrix()
    body = shapes.block(name, role, size=size, cells=(2, 2, 6), order=order)
    return replace(body, nodes=body.nodes @ turn.T + 30.0), turn[:, 2]


def test_a_shaft_is_the_long_axis_of_each_body_and_a_direction_is_one_for_all():
    body, axis = leaning("left_graft")
    other = shapes.block("right_graft", "graft", size=(30.0, 4.0, 3.0), cells=(4, 2, 2), order=2)
    made = assign(*given(body, other, bodies={"graft": STRUT}))
    assert made["left_graft"].axial.axis == pytest.approx(np.tile(axis, (len(body.cells), 1)), abs=1e-12)
    assert made["right_graft"].axial.axis == pytest.approx(np.tile([1.0, 0.0, 0.0], (len(other.cells), 1)), abs=1e-12)
    assert np.all(made["left_graft"].youngs_modulus == 11500.0)
    assert np.all(made["left_graft"].axial.youngs_modulus == 17000.0)
    assert np.all(made["left_graft"].axial.poisson_ratio == 0.35)
    assert np.all(made["left_graft"].axial.shear_modulus == 3300.0)
    same = assign(*given(body, other, bodies={"graft": {**STRUT, "axis": [0.0, -3.0, 4.0]}}))
    for material in same.values():
        assert np.all(material.axial.axis == [0.0, -0.6, 0.8])


def test_bone_with_an_axis_keeps_its_cortex_and_a_cube_has_no_shaft():
    body, _ = leaning("L4", "bone", size=(40.0, 42.0, 30.0), order=1)
    made = assign(*given(body, bodies={"L4": {**STRUT, "axis": [0.0, 0.0, 1.0]}}))["L4"]
    assert made.axial is not None
    assert made.cortex is not None
    with pytest.raises(
        InputError, match=r"L4 has no shaft, it is 1\.05 times as long as wide and 1\.2 is asked for"
    ) as told:
        assign(*given(body, bodies={"bone": STRUT}))
    assert told.value.key == "materials.bodies.bone.axis"


def test_linear_cells_that_would_lock_are_refused():
    body = shapes.block("disc_L4L5", "disc")
    soft = {"youngs_modulus": "4 MPa", "poisson_ratio": 0.49, "source": "test"}
    with pytest.raises(InputError, match=r"disc_L4L5 is made of linear tetrahedra.*\(here 0.49\)") as told:
        assign(*given(body, bodies={"disc": soft}))
    assert told.value.key == "materials.bodies.disc_L4L5.poisson_ratio"
    assign(*given(shapes.block("disc_L4L5", "disc", order=2), bodies={"disc": soft}))


def test_an_unknown_body_is_refused_with_the_likely_one():
    with pytest.raises(InputError, match='did you mean "left_fixation"') as refusal:
        assign(*given(shapes.block("left_fixation", "fixation"), bodies={"left_fixatoin": STEEL}))
    assert refusal.value.key == "materials.bodies.left_fixatoin"
    with pytest.raises(InputError, match="no material is known for role"):
        assign(*given(shapes.block("mesh", "felt")))
