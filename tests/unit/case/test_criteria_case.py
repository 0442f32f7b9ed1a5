"""What a case may and may not accept; each mistake is one line, and no stage depends on what is accepted."""

import tomllib
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from femsacrum import fingerprint
from femsacrum.case.compare import intact_of
from femsacrum.case.criteria import Criterion
from femsacrum.case.load import CaseError, check, load
from femsacrum.case.outcomes import OUTCOMES
from femsacrum.case.write import to_toml

STUDIES = Path(__file__).parents[3] / "studies"
BASE = tomllib.loads((STUDIES / "total_sacrectomy/case.toml").read_text(encoding="utf-8"))
MOVING = {**BASE, "loads": [*BASE["loads"], {"name": "crutches", "kind": "three_point", "source": "x"}]}
GOOD = {"name": "a", "outcome": "micromotion", "at_most": "40 um", "source": "x"}


def checked(*criteria, base=BASE):
    return check({**base, "criteria": list(criteria)}, Path("case.toml"))


def test_every_outcome_that_is_known_can_be_named():
    named = Criterion.model_json_schema(mode="validation")["properties"]["outcome"]["enum"]
    assert tuple(named) == tuple(OUTCOMES)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_limit_is_read_in_the_unit_of_the_findings_and_written_so_that_it_reads_back(outcome):
    said = OUTCOMES[outcome].quantity.example
    limit = float(said) if OUTCOMES[outcome].unit == "1" else said
    for sense in ("at_most", "at_least"):
        one = Criterion.model_validate({"name": "a", "outcome": outcome, sense: limit, "source": "x"})
        assert OUTCOMES[outcome].told(one.limit) == float(said.split()[0])
        assert TypeAdapter(Criterion).validate_python(one.model_dump(mode="json", exclude_none=True)) == one


def test_a_case_with_criteria_reads_back_as_itself(tmp_path):
    more = {
        "name": "b",
        "outcome": "yield_safety",
        "of": "implant",
        "load": "standing",
        "at_least": 1.5,
        "source": "x",
    }
    case = checked({**GOOD, "at_most": "0.04 mm"}, more)
    assert [one.limit for one in case.criteria] == [40.0, 1.5]
    (tmp_path / "case.toml").write_text(to_toml(case.model_dump(mode="json")))
    assert load(tmp_path / "case.toml").criteria == case.criteria


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"at_most": "40 N"}, 'criteria[0].at_most = "40 N": is a force; needs a length, for example "40 um"'),
        ({"at_most": 40}, 'criteria[0].at_most = 40: needs a unit, for example "40 um"'),
        ({"at_most": "-1 um"}, "must be at least 0"),
        ({"at_least": "40 um"}, "criteria[0]: needs either at_most or at_least"),
        ({"at_most": None}, "criteria[0]: needs either at_most or at_least"),
        ({"outcome": "micromotions"}, 'did you mean "micromotion"?'),
        ({"outcome": "yield_safety"}, "has no unit: needs a bare number, for example 1.5"),
        ({"outcome": "stiffness"}, 'is a length; needs a stiffness, for example "300 N/mm"'),
        ({"load": "standin"}, 'no such load (did you mean "standing"?); known: "standing", "crutch stance"'),
        ({"of": "prosthesis/L4"}, 'no such face (did you mean "prosthesis/L5"?)'),
        ({"of": "fixation"}, "no such face"),
        ({"outcome": "L5_drop", "of": "L5"}, "this outcome is told of the whole, not of parts: leave of out"),
        ({"outcome": "fatigue_safety", "at_most": 1}, "fatigue is not judged in this case: add [course.fatigue]"),
        ({"outcome": "migration"}, "none of the loads moves"),
        ({"outcome": "margin"}, "there is no tumour in this case"),
        ({"outcome": "union_risk", "at_most": "5 %"}, "no months are followed in this case: add [course.healing]"),
        ({"source": None}, "criteria[0].source: missing"),
    ],
)
def test_a_criterion_that_cannot_be_answered_is_refused_in_one_line(change, said):
    one = {key: value for key, value in (GOOD | change).items() if value is not None}
    with pytest.raises(CaseError) as refused:
        checked(one)
    assert len(refused.value.lines) == 1
    assert said in refused.value.lines[0]


def test_a_load_of_the_wrong_kind_is_refused():
    with pytest.raises(CaseError, match=r'that load moves, and outcome "L5_drop" is not told of it'):
        checked({**GOOD, "outcome": "L5_drop", "load": "crutches"}, base=MOVING)
    with pytest.raises(CaseError, match=r'that load does not move, and outcome "migration" is not told of it'):
        checked({**GOOD, "outcome": "migration", "load": "standing"}, base=MOVING)
    assert checked({**GOOD, "load": "crutches"}, base=MOVING).criteria[0].load == "crutches"


def test_a_plan_without_implants_has_no_criteria_on_them():
    plain = {**BASE, "surgery": {"plan": "intact"}, "interfaces": []}
    with pytest.raises(CaseError, match='plan "intact" has no body of metal as the case stands'):
        checked({**GOOD, "outcome": "yield_safety", "at_most": 1}, base=plain)
    with pytest.raises(CaseError, match='plan "intact" has no face as the case stands'):
        checked(GOOD, base=plain)


def test_two_criteria_have_two_names():
    with pytest.raises(CaseError, match=r"criteria\[0\] has the same name"):
        checked(GOOD, {**GOOD, "load": "standing"})


def test_no_stage_depends_on_what_is_accepted():
    """Every section a stage reads has the same fingerprint, whatever is accepted; only the whole case has another."""
    one, other = checked(GOOD), checked()
    for sections in (
        ("anatomy",), ("surgery",), ("mesh",), ("materials", "patient"), ("loads", "patient"), ("interfaces",),
        ("pretension", "ligaments", "ligament_set"), ("name", "question", "surgery", "patient", "loads", "course"),
    ):  # fmt: skip
        assert fingerprint.of_value(one.only(*sections)) == fingerprint.of_value(other.only(*sections))
    assert fingerprint.of_value(one) != fingerprint.of_value(other)


def test_what_is_accepted_of_an_operation_is_not_asked_of_the_intact_pelvis():
    assert checked(GOOD).criteria
    assert intact_of(checked(GOOD)).criteria == ()


@pytest.mark.parametrize("case", sorted(STUDIES.glob("*/case.toml")), ids=lambda path: path.parent.name)
def test_criteria_of_the_studies_tell_their_source(case):
    for one in tomllib.loads(case.read_text(encoding="utf-8")).get("criteria", ()):
        assert len(one["source"]) > 20
