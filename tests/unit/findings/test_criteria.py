"""Verdicts follow from the findings; what is not known is never met."""

import copy
import math

import pytest
from box_pelvis import assembly, interfaces, materials, solution

from femsacrum.case.criteria import Criterion
from femsacrum.case.outcomes import OUTCOMES
from femsacrum.case.schema import Case
from femsacrum.findings.criteria import judge
from femsacrum.findings.measure import measure
from femsacrum.findings.outcomes import readings
from femsacrum.loads.balance import load_cases

LOAD = "legs"


@pytest.fixture(scope="module")
def measured():
    """Findings of the pelvis of boxes: 110 MPa in the prosthesis, 30 and 90 um on two faces, L5 1 mm down."""
    given = {"schema_version": 1, "name": "boxes", "patient": {"mass": "75 kg"}, "surgery": {"plan": "intact"},
             "loads": [{"name": LOAD, "kind": "standing", "source": "x"}]}  # fmt: skip
    case, meshed = Case.model_validate(given), assembly()
    cases, made = load_cases(case, meshed), materials(meshed)
    return measure(case, meshed, made, interfaces(), cases, (solution(meshed, cases[0]),))


@pytest.fixture
def findings(measured):
    """The same, with a movement, months, a tumour and a screw as such runs tell them."""
    found = copy.deepcopy(measured)
    margins = {"pull_out": 3.0, "toggle": 1.2}
    screw = {mode: {"margin": {"low": {"value": low}, "high": {"value": 4.0}}} for mode, low in margins.items()}
    loose = {mode: {"margin": {"low": {"value": None}, "high": {"value": None}}} for mode in margins}
    held = {"screws": {"left_iliac_1": screw, "idle": loose}}
    found["load_cases"][LOAD]["screws"] = held
    found["load_cases"][LOAD]["first_damage"]["bodies"]["L5"]["factor"]["value"] = 2.0
    found["movements"] = {
        "gait": {
            "outcome": "shakes down",
            "faces": {"prosthesis/L5": {"p95": {"value": 70.0}}, "left_graft/left_ilium": {"p95": {"value": 10.0}}},
            "migration": {"faces": {"prosthesis/L5": {"in_a_year": {"value": 0.3}}}},
            "overload": {"bodies": {"L5": {"volume": {"value": 12.0}}}},
            "screws": held,
            "fatigue": {
                "bodies": {
                    "left_fixation": {
                        "left_rod": {"strength": {}, "safety_factor": {"1e7": {"value": 1.4}}},
                        "left_screw": {"strength": {}, "safety_factor": {"1e7": {"value": None}}},
                    },
                    "prosthesis": {"prosthesis": {"strength": None}},
                }
            },
        }
    }
    found["margins"] = {"least": {"distance": {"value": 8.0, "unit": "mm"}}}
    found["healing"] = {
        "grafts": {"left_graft": {"risk": {"value": 30.0}}},
        "faces": {"left_graft/left_ilium": {"curve": {"united": {"value": [0.0, 40.0, 65.0]}}}},
    }
    return found


def verdict(findings, outcome, **said):
    (row,) = judge([Criterion.model_validate({"name": "a", "outcome": outcome, "source": "x", **said})], findings)
    return row


@pytest.mark.parametrize(
    ("outcome", "said", "value", "of", "load"),
    [
        ("implant_stress", {"at_most": "200 MPa"}, 110.0, "prosthesis", LOAD),
        ("yield_safety", {"at_least": 1.5}, 795.0 / 110.0, "prosthesis", LOAD),
        ("micromotion", {"at_most": "100 um"}, 90.0, "prosthesis/L5", LOAD),
        ("micromotion", {"at_most": "100 um", "load": "gait"}, 70.0, "prosthesis/L5", "gait"),
        ("micromotion", {"at_most": "100 um", "of": "graft"}, 30.0, "left_graft/left_ilium", LOAD),
        (
            "micromotion",
            {"at_most": "100 um", "of": "*/left_ilium", "load": LOAD},
            30.0,
            "left_graft/left_ilium",
            LOAD,
        ),
        ("overloaded_volume", {"at_most": "100 mm^3"}, 12.0, "L5", "gait"),
        ("first_damage", {"at_least": 1.5, "of": "L5"}, 2.0, "L5", LOAD),
        ("screw_margin", {"at_least": 1.0, "load": LOAD}, 1.2, "left_iliac_1", LOAD),
        ("L5_drop", {"at_most": "2 mm"}, 1.0, "", LOAD),
        ("fatigue_safety", {"at_least": 1.0, "of": "left_rod"}, 1.4, "left_rod", "gait"),
        ("migration", {"at_most": "1 mm", "of": "L5"}, 0.3, "prosthesis/L5", "gait"),
        ("margin", {"at_least": "5 mm"}, 8.0, "", ""),
        ("union_risk", {"at_most": "50 %"}, 30.0, "left_graft", ""),
        ("united_share", {"at_least": "50 %"}, 65.0, "left_graft/left_ilium", ""),
    ],
)
def test_the_worst_value_decides(findings, outcome, said, value, of, load):
    row = verdict(findings, outcome, **said)
    assert row["verdict"] == "met", row["why"]
    assert row["value"] == {"value": pytest.approx(value), "unit": OUTCOMES[outcome].unit}
    assert (row["decided_by"]["of"], row["decided_by"]["load_case"]) == (of, load)
    sense = 1.0 if "at_most" in said else -1.0
    assert row["margin"]["value"] == pytest.approx(sense * (row["limit"]["value"] - value))
    broken = {"at_most": 0.0 if OUTCOMES[outcome].unit == "1" else f"0 {OUTCOMES[outcome].quantity.unit}"}
    assert verdict(findings, outcome, **{k: v for k, v in said.items() if k in ("of", "load")}, **broken)[
        "verdict"
    ] == ("not met")


def test_the_way_of_the_limit_says_what_is_worst(findings):
    assert verdict(findings, "micromotion", at_most="50 um", load=LOAD)["value"]["value"] == pytest.approx(90.0)
    assert verdict(findings, "micromotion", at_least="20 um", load=LOAD)["value"]["value"] == pytest.approx(30.0)


def test_a_load_case_that_did_not_converge_answers_nothing(findings):
    findings["load_cases"][LOAD]["validity"][0]["holds"] = False
    for outcome, said in (("L5_drop", {"at_most": "2 mm"}), ("yield_safety", {"at_least": 0.1})):
        row = verdict(findings, outcome, **said)
        assert row["verdict"] == "not answered"
        assert "solution converged" in row["why"]
        assert row["value"]["value"] is None


def test_a_movement_that_had_not_settled_answers_nothing(findings):
    findings["movements"]["gait"]["outcome"] = "undecided"
    assert verdict(findings, "migration", at_most="1 mm", of="prosthesis/L5")["verdict"] == "not answered"


def test_one_unknown_value_among_good_ones_keeps_a_criterion_unanswered_but_a_bad_one_breaks_it(findings):
    findings["load_cases"][LOAD]["interfaces"]["left_graft/left_ilium"]["loose"] = True
    good, bad = (verdict(findings, "micromotion", at_most=limit, load=LOAD) for limit in ("100 um", "50 um"))
    assert (good["verdict"], bad["verdict"]) == ("not answered", "not met")
    assert "nothing holds a body of left_graft/left_ilium" in good["why"]


def test_metal_without_a_strength_leaves_fatigue_unanswered(findings):
    row = verdict(findings, "fatigue_safety", at_least=1.0)
    assert (row["verdict"], row["why"]) == ("not answered", "no fatigue strength is known of prosthesis")


def test_what_nothing_stresses_has_no_bound(findings):
    row = verdict(findings, "fatigue_safety", at_least=1.0, of="left_screw")
    assert (row["verdict"], row["value"]["value"], row["why"]) == ("met", None, "nothing stresses it")
    assert verdict(findings, "fatigue_safety", at_most=9.0, of="left_screw")["verdict"] == "not met"


def test_what_a_run_does_not_tell_is_not_answered(findings):
    row = verdict(findings, "screw_margin", at_least=1.0, of="right_pedicle_*")
    assert (row["verdict"], row["why"]) == ("not answered", "the run does not tell it of right_pedicle_*")
    assert row["decided_by"] is None


def test_a_safety_factor_tells_the_stress_behind_it(findings):
    told = verdict(findings, "yield_safety", at_least=1.5)["decided_by"]
    assert told["key"] == "implants.prosthesis.von_mises_p999"
    assert told["inverse_of"] == pytest.approx(110.0)


def test_every_outcome_is_read_from_findings(findings):
    for outcome in OUTCOMES:
        found = readings(outcome, findings)
        assert found, outcome
        assert any(one.value is not None and math.isfinite(one.value) for one in found), outcome
