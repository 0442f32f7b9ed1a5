"""Every study, coarsely, from case file to findings: converged, balanced, and in the places it ought to be."""

import json
from pathlib import Path

import pytest

import femsacrum as fs

STUDIES = Path(__file__).parents[2] / "studies"
REAL_BONES = Path(__file__).parents[3] / "shared/data"
COARSE = ['mesh.bone="7 mm"', 'mesh.soft="5 mm"', 'mesh.implant="8 mm"', 'mesh.fixation="6 mm"']


def coarse(study, load_cases=None):
    """A study on coarse meshes, with its first load cases only."""
    case = fs.load(STUDIES / study / "case.toml", overrides=COARSE)
    return case.model_copy(update={"loads": case.loads[:load_cases]})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return folder, fs.run(coarse("total_sacrectomy"), folder=folder)


def held(load_case):
    """Validity checks by name."""
    return {each["check"]: each["holds"] for each in load_case["validity"]}


def converged_and_balanced(load_case):
    checks = held(load_case)
    return checks["solution converged"] and checks["loads and reactions balance"]


def test_every_load_case_converges_and_balances(run):
    _, findings = run
    assert list(findings["load_cases"]) == ["standing", "crutch stance"]
    assert all(converged_and_balanced(case) for case in findings["load_cases"].values())


def test_the_hips_carry_what_statics_says(run):
    _, findings = run
    for support in findings["load_cases"]["standing"]["equilibrium"]["supports"].values():
        reaction, expected = support["reaction"]["value"], support["expected"]["value"]
        assert reaction == pytest.approx(expected, abs=1e-3)


def test_standing_is_symmetric(run):
    _, findings = run
    implants = findings["load_cases"]["standing"]["implants"]
    left, right = (implants[f"{side}_fixation"]["von_mises_p999"]["value"] for side in ("left", "right"))
    assert left == pytest.approx(right, rel=0.05)


def test_the_run_folder_holds_what_was_found(run):
    folder, findings = run
    assert json.loads((folder / "findings.json").read_text()) == findings
    assert list((folder / "fields").iterdir())


def test_the_intact_pelvis_is_as_stiff_as_a_cadaver(tmp_path):
    """353 +- 62 N/mm, Hugate 2006, and 392 N/mm, Yu 2010; a coarse mesh is a little too stiff."""
    findings = fs.run(coarse("intact_reference"), folder=tmp_path)
    case = findings["load_cases"]["axial"]
    assert converged_and_balanced(case)
    assert 290.0 < case["deformation"]["construct_stiffness"]["value"] < 450.0


@pytest.mark.parametrize("study", ["total_sacrectomy_bodyparts3d", "total_sacrectomy_atlas3"])
def test_the_plan_stands_on_real_bones(study, tmp_path):
    if not REAL_BONES.is_dir():
        pytest.skip(
            f"{study}: the bones are not here ({REAL_BONES.parent.name}/{REAL_BONES.name} beside the project)"
        )
    findings = fs.run(coarse(study, load_cases=1), folder=tmp_path)
    case = findings["load_cases"]["standing"]
    assert converged_and_balanced(case)
    assert 0.0 < case["deformation"]["L5_drop"]["value"] < 1.0
    assert all(implant["safety_factor_p999"]["value"] > 1.0 for implant in case["implants"].values())
