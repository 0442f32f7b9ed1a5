"""The intact case of the same patient is a case that loads, with all that concerns only the plan gone."""

from pathlib import Path

import pytest

import femsacrum as fs
from femsacrum.case.compare import intact_of
from femsacrum.case.write import to_toml

STUDY = Path(__file__).parents[3] / "studies/total_sacrectomy/case.toml"
MORE = """
[[pretension]]
screws = "*_iliac_*"
force = "500 N"
source = "test"

[[ligaments]]
name = "kept"
ends = [{ body = "L4", landmark = "L4_lower" }, { body = "L5", landmark = "L5_upper" }]
stiffness = "100 N/mm"
source = "test"

[[ligaments]]
name = "gone"
ends = [{ body = "L4", landmark = "L4_lower" }, { body = "prosthesis", point = ["0 mm", "0 mm", "0 mm"] }]
stiffness = "100 N/mm"
source = "test"

[[patient.modifiers]]
name = "radiation"
stiffness = "90 %"
bodies = ["left_ilium", "left_graft"]
source = "test"

[[patient.modifiers]]
name = "irradiated graft"
stiffness = "50 %"
bodies = ["left_graft", "right_graft"]
source = "test"

[[patient.modifiers]]
name = "age"
stiffness = "80 %"
source = "test"

[materials.bodies.prosthesis]
youngs_modulus = "70 GPa"
poisson_ratio = 0.3
source = "test"

[materials.bodies.left_ilium]
youngs_modulus = "120 MPa"
poisson_ratio = 0.2
source = "test"
"""


@pytest.fixture
def operated(tmp_path):
    file = tmp_path / "case.toml"
    file.write_text(STUDY.read_text(encoding="utf-8") + MORE)
    return fs.load(file, overrides=["mesh.order.prosthesis=1", "mesh.order.L5=2"])


def test_what_the_plan_put_in_is_gone(operated):
    intact = intact_of(operated)
    assert intact.name == "total_sacrectomy_intact"
    assert intact.surgery.plan == "intact"
    assert intact.pretension == ()
    assert [one.name for one in intact.ligaments] == ["kept"]
    assert set(intact.materials.bodies) == {"left_ilium"}
    assert intact.mesh.order == {"L5": 2}
    assert {one.law for one in intact.interfaces} == {"bonded"}
    assert [(one.name, one.bodies) for one in intact.patient.modifiers] == [
        ("radiation", ("left_ilium",)),
        ("age", ()),
    ]


def test_what_is_the_patients_stays(operated):
    intact = intact_of(operated)
    assert intact.anatomy == operated.anatomy
    assert intact.loads == operated.loads
    assert intact.patient.mass == operated.patient.mass
    assert (intact.mesh.bone, intact.solver) == (operated.mesh.bone, operated.solver)
    assert intact.folder == operated.folder


def test_the_intact_case_is_one_that_loads(operated, tmp_path):
    intact = intact_of(operated)
    file = tmp_path / "intact.toml"
    file.write_text(to_toml(intact.model_dump(mode="json")))
    assert fs.load(file).model_dump() == intact.model_dump()


def test_a_case_that_is_intact_stays_as_it_is():
    case = fs.load(STUDY.parents[1] / "intact_reference/case.toml")
    assert intact_of(case) is case


def test_rods_in_an_uncut_spine_go_too():
    given = fs.load(STUDY.parents[1] / "intact_reference/case.toml", overrides=["surgery.fixation.iliac_anchor=none"])
    assert given.surgery.fixation is not None
    assert intact_of(given).surgery.fixation is None


def test_a_long_name_stays_a_name(operated):
    long = operated.model_copy(update={"name": "a" * 64})
    assert intact_of(long).name == "a" * 57 + "_intact"
