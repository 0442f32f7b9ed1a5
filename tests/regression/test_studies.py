"""Every study, coarsely, from case file to findings: converged, balanced, and in the places it ought to be."""

import json

import pytest
from coarse_studies import coarse, converged_and_balanced

import femsacrum as fs


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return folder, fs.run(coarse("total_sacrectomy"), folder=folder)


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
