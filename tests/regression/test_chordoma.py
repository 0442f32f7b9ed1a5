"""The study of a chordoma below S2, coarsely: guide, margins, nerves and what is left come together."""

import pytest
from coarse_studies import COARSE, STUDIES, converged_and_balanced

import femsacrum as fs


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    coarser = [*COARSE, "course.against_intact=false", "course.accuracy.samples=2000", "output.figures=false"]
    case = fs.load(STUDIES / "chordoma_below_s2" / "case.toml", overrides=coarser)
    return folder, fs.run(case.model_copy(update={"loads": case.loads[:1]}), folder=folder)


def test_what_is_left_stands_without_the_ligaments_that_are_divided(run):
    _, findings = run
    assert converged_and_balanced(findings["load_cases"]["standing"])
    lost = set(findings["lost_ligaments"])
    assert {f"{side}_{name}" for side in ("left", "right") for name in ("sacrotuberous", "sacrospinous")} <= lost


def test_the_margin_is_kept_in_the_plan_and_not_surely_under_the_saw(run):
    _, findings = run
    assert findings["margins"]["least"]["distance"]["value"] == pytest.approx(15.8, abs=0.2)
    drawn = findings["accuracy"]["margins"]
    assert drawn["least_planned"]["value"] == pytest.approx(15.8, abs=0.2)
    assert 40.0 < drawn["as_planned"]["value"]["value"] < 95.0
    assert drawn["at_least"][-1]["probability"]["value"]["value"] > 99.0


def test_the_guide_is_held_and_leads_in_the_planned_planes(run):
    _, findings = run
    guide = findings["guide"]
    assert guide["seat"]["free_motions"] == 0
    assert guide["seat"]["pressed"]
    assert set(guide["slots"]) == {"transverse", "deroofing_left", "deroofing_right", "deroofing_bottom"}
    assert guide["checks"]["guide_slot_off_plane"]["value"] < 1e-6
    moved = findings["guide_under_saw"]["under"]
    assert (
        moved["push and blade to the foot"]["shift"]["value"]
        > 0.0
        > moved["push and blade to the head"]["shift"]["value"]
    )


def test_roots_have_the_fates_of_the_case(run):
    _, findings = run
    fates = {name: row["fate"] for name, row in findings["nerves"]["roots"].items()}
    assert {name for name, fate in fates.items() if fate == "kept"} == {
        f"{s}_S{k}" for s in ("left", "right") for k in (1, 2)
    }
    assert {name for name, fate in fates.items() if fate == "bridged"} == {"left_S3", "left_S4", "right_S3"}
