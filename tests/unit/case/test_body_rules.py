"""Rules about the material and the elements of each body, on the template."""

import json
import tomllib
from pathlib import Path

import pytest

from femsacrum.case.bodies import ORDER, element_order
from femsacrum.case.load import check, load
from femsacrum.case.names import ROLES
from femsacrum.case.write import to_toml
from femsacrum.errors import InputError

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"
STRUT = {
    "youngs_modulus": "11.5 GPa",
    "poisson_ratio": 0.4,
    "axis": "shaft",
    "axial_modulus": "17 GPa",
    "axial_poisson_ratio": 0.35,
    "axial_shear_modulus": "3.3 GPa",
    "source": "test",
}
SOFT = {"youngs_modulus": "4 MPa", "poisson_ratio": 0.49, "source": "test"}


def override(name, material, **changed):
    """``--set`` text of a whole material; None takes a key out."""
    content = {key: value for key, value in {**material, **changed}.items() if value is not None}
    return (
        f"materials.bodies.{name}={{{', '.join(f'{key} = {json.dumps(value)}' for key, value in content.items())}}}"
    )


def refusal(*overrides):
    with pytest.raises(InputError) as caught:
        load(TEMPLATE, overrides)
    return str(caught.value)


def test_a_material_with_an_axis_is_read_and_written_back():
    case = load(TEMPLATE, [override("left_graft", STRUT), override("L5", STRUT, axis=[0, 1, 3.5])])
    graft, bone = (case.materials.bodies[name] for name in ("left_graft", "L5"))
    assert (graft.axis, graft.axial_modulus, graft.axial_poisson_ratio) == ("shaft", 17000.0, 0.35)
    assert (bone.axis, bone.axial_shear_modulus) == ((0.0, 1.0, 3.5), 3300.0)
    again = check(tomllib.loads(to_toml(case.model_dump(mode="json"))), TEMPLATE)
    assert again.materials == case.materials


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"axis": "axis"}, '.axis = "axis": needs "shaft" or three numbers without a unit'),
        ({"axis": [0, 0]}, ".axis = [0, 0]: needs three numbers without a unit"),
        ({"axis": [0, 0, 0]}, "must not be zero"),
        ({"axis": None}, ".axis: missing: a material with an axis needs axis, axial_modulus, axial_poisson_ratio, "),
        ({"axial_shear_modulus": None}, ".axial_shear_modulus: missing: a material with an axis needs axis, "),
        ({"axial_modulus": "17 mm"}, "is a length; needs a pressure"),
        ({"poisson_ratio": 1.0}, "poisson_ratio = 1.0: must be less than 1"),
        (
            {"yield_stress": "100 MPa"},
            'yield_stress = "100 MPa": no yield criterion is known for a material with an axis',
        ),
        # sqrt((1 - 0.4) 17 / (2 x 11.5)) = 0.6659
        ({"axial_poisson_ratio": 0.67}, "axial_poisson_ratio = 0.67: must lie between -0.6659 and 0.6659, or some"),
        ({"axial_poisson_ratio": -0.67}, "(1 - nu - 2 nu_axial^2 E / E_axial > 0)"),
    ],
)
def test_what_is_no_material_is_refused_with_its_key(changed, told):
    assert told in refusal(override("left_graft", STRUT, **changed))


def test_an_isotropic_material_stays_below_one_half_and_an_axis_need_not():
    assert "poisson_ratio = 0.5: must be less than 0.5" in refusal(override("graft", SOFT, poisson_ratio=0.5))
    load(TEMPLATE, [override("graft", STRUT, poisson_ratio=0.58)])


def test_the_cortex_has_no_axis():
    text = override("x", STRUT).replace("bodies.x", "cortical_bone")
    assert 'cortical_bone.axis = "shaft": the cortex is a membrane without an axis: leave it out' in refusal(text)


def test_orders_are_by_body_then_by_role_then_by_default():
    assert set(ORDER) == set(ROLES)
    orders = load(TEMPLATE, ["mesh.order.bone=2", "mesh.order.L5=1", "mesh.order.prosthesis=1"]).mesh.order
    wanted = {"L4": ("bone", 2), "L5": ("bone", 1), "prosthesis": ("implant", 1), "left_graft": ("graft", 2)}
    assert {body: element_order(orders, body, role) for body, (role, _) in wanted.items()} == {
        body: order for body, (_, order) in wanted.items()
    }
    assert element_order({}, "L4", "bone") == 1
    assert "mesh.order.bone = 3: must be at most 2" in refusal("mesh.order.bone=3")
    assert "mesh.order.L6 = 1: no such body or role; known: left_ilium, " in refusal("mesh.order.L6=1")


def test_linear_elements_that_would_lock_are_refused_before_anything_is_built():
    told = refusal(override("disc", SOFT), "mesh.order.disc=1")
    assert told.startswith("template.toml: materials.bodies.disc.poisson_ratio")
    assert "disc_L4L5 is made of linear tetrahedra, which lock above a Poisson's ratio of 0.45 (here 0.49): " in told
    assert told.endswith("take mesh.order.disc_L4L5 = 2 or a smaller ratio")
    assert "L4 is made of linear" in refusal(override("L4", SOFT))
    load(TEMPLATE, [override("disc", SOFT)])
    load(TEMPLATE, [override("disc", SOFT), "mesh.order.disc=1", "mesh.order.disc_L4L5=2"])


def test_a_nucleus_needs_quadratic_elements():
    for key in ("disc", "disc_L4L5"):
        told = refusal(f"mesh.order.{key}=1")
        assert (
            f"mesh.order.{key} = 1: a disc's nucleus locks in linear elements: take 2, or materials.disc = \"one_"
            in told
        )
    load(TEMPLATE, ["mesh.order.disc=1", 'materials.disc="one_solid"'])
    load(TEMPLATE, ["mesh.order.disc=1", override("disc", SOFT, poisson_ratio=0.4)])


def test_a_material_with_an_axis_can_lock_too():
    told = refusal(override("graft", STRUT, poisson_ratio=0.58, axial_poisson_ratio=0.46), "mesh.order.graft=1")
    assert "left_graft is made of linear tetrahedra" in told
    assert "(here 0.462)" in told
    load(TEMPLATE, [override("graft", STRUT), "mesh.order.graft=1"])
