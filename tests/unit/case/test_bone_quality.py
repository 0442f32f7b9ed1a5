"""What a case may and may not say about CT, cortex and what has changed the bone; each mistake is one line."""

import tomllib
from pathlib import Path

import pytest

from femsacrum import fingerprint
from femsacrum.case.load import CaseError, check
from femsacrum.case.write import to_toml

BASE = tomllib.loads((Path(__file__).parents[3] / "femsacrum/case/template.toml").read_text(encoding="utf-8"))
PHANTOM = {
    "substance": "HA",
    "points": [{"hounsfield": 0, "density": "0 g/cm3"}, {"hounsfield": 260, "density": "200 mg/cm3"}],
    "source": "rods",
}
CT = {"file": "ct.nrrd"}


@pytest.fixture
def checked(tmp_path):
    (tmp_path / "ct.nrrd").touch()

    def check_it(materials=None, modifiers=(), **anatomy):
        data = {**BASE, "materials": materials or {}, "anatomy": {**BASE["anatomy"], **anatomy}}
        data["patient"] = {**BASE["patient"], "modifiers": list(modifiers)}
        return check(data, tmp_path / "case.toml")

    return check_it


def test_a_full_case_reads_back_as_itself(checked, tmp_path):
    change = {"name": "radiation", "strength": ["70 %", "100 %"], "healing": "50 %", "source": "test"}
    cortex = {"thickness": "image", "bodies": {"L5": "0.5 mm", "L4": "table"}, "hounsfield": 1500.0}
    ct = {**CT, "phantom": PHANTOM, "laws": {"bone": "keller_1994"}, "conversions": ["les_1994"], "bodies": ["L5"]}
    case = checked({"ct": ct, "cortex": cortex}, [change])
    assert case.materials.ct.phantom.points[1].density == pytest.approx(0.2)
    assert case.materials.cortex.bodies == {"L5": 0.5, "L4": "table"}
    assert case.patient.modifiers[0].strength == (0.7, 1.0)
    assert case.patient.modifiers[0].healing == (0.5, 0.5)
    assert case.patient.modifiers[0].stiffness is None
    again = check(tomllib.loads(to_toml(case.model_dump(mode="json"))), tmp_path / "case.toml")
    assert again == case


CHANGE = {"name": "age", "stiffness": "90 %", "source": "test"}


@pytest.mark.parametrize(
    ("materials", "modifier", "told"),
    [
        ({"ct": {"file": "absent"}}, None, 'materials.ct.file = "absent": no such file'),
        ({"ct": {"file": "../ct.nrrd"}}, None, "climbs out of its folder"),
        (
            {"ct": {**CT, "laws": {"bone": "dalstra"}}},
            None,
            'no such law (did you mean "dalstra_1993"?); known: dalstra_',
        ),
        ({"ct": {**CT, "laws": {"bone": "snyder_schneider_1991"}}}, None, "is a law of cortical bone"),
        ({"ct": {**CT, "laws": {"prosthesis": "keller_1994"}}}, None, "no such bone; the plan has left_ilium"),
        ({"ct": {**CT, "calibration": "assumed"}}, None, "no such calibration"),
        ({"ct": {**CT, "conversions": ["les"]}}, None, "no such conversion"),
        ({"ct": {**CT, "bodies": ["L6"]}}, None, "materials.ct.bodies[0]"),
        ({"cortex": {"thickness": "image"}}, None, '"image" needs an image: give materials.ct'),
        ({"cortex": {"thickness": "thick"}}, None, 'must be one of "image", "table", or a length'),
        ({"cortex": {"thickness": 1.4}}, None, 'needs a unit, for example "1.4 mm"'),
        ({"cortex": {"thickness": "table", "hounsfield": 1500.0}}, None, "is read for thickness"),
        ({"cortex": {"thickness": "table", "bodies": {"disc_L4L5": "1 mm"}}}, None, "no such bone"),
        (None, {"name": "age", "source": "test"}, "patient.modifiers[0]: changes nothing"),
        (None, {**CHANGE, "stiffness": ["90 %", "70 %"]}, 'the range runs backwards: write ["70 %", "90 %"]'),
        (None, {**CHANGE, "stiffness": ["90 %"]}, "needs one factor or two"),
        (None, {**CHANGE, "stiffness": "0 %"}, "must be greater than 0"),
        (None, {**CHANGE, "bodies": ["hip"]}, "patient.modifiers[0].bodies[0]"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(checked, materials, modifier, told):
    with pytest.raises(CaseError) as caught:
        checked(materials, [modifier] if modifier else ())
    assert len(caught.value.lines) == 1
    assert told in str(caught.value)


def test_a_bone_cannot_have_two_materials(checked):
    bone = {"youngs_modulus": "300 MPa", "poisson_ratio": 0.2, "source": "test"}
    with pytest.raises(CaseError, match=r"materials.bodies.L5 gives it a material already"):
        checked({"ct": {**CT, "bodies": ["L5"]}, "bodies": {"L5": bone}})


def test_the_thickness_of_cortex_is_said_once(checked):
    assert checked({"cortex": {"thickness": "table"}}, cortical_thickness="1.4 mm").materials.cortex is not None
    with pytest.raises(CaseError, match=r"anatomy.cortical_thickness = .2 mm.: materials.cortex says how thick"):
        checked({"cortex": {"thickness": "table"}}, cortical_thickness="2 mm")


def test_another_slice_in_the_ct_is_another_input(tmp_path):
    folder = tmp_path / "series"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.dcm").write_bytes(bytes([number]) * 500)
    case = check({**BASE, "materials": {"ct": {"file": "series"}}}, tmp_path / "case.toml")
    before = fingerprint.of_value(case.only("materials"))
    assert fingerprint.of_value(case.only("materials")) == before
    (folder / "1.dcm").write_bytes(bytes([7]) * 500)
    changed = fingerprint.of_value(case.only("materials"))
    assert changed != before
    (folder / "3.dcm").write_bytes(b"more")
    assert fingerprint.of_value(case.only("materials")) not in (before, changed)
    assert fingerprint.files_of(case)["series"] == folder
