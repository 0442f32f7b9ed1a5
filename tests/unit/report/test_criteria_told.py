"""The report and the short page say what the case accepts, and whether it is beyond its uncertainty."""

import json

import pytest
from report_folder import brief, folder_of

from femsacrum.case.schema import Case
from femsacrum.findings.criteria import judge
from femsacrum.report.document.asked import Asked
from femsacrum.report.document.compose import compose
from femsacrum.report.document.evidence import read
from femsacrum.report.document.model import numbered
from femsacrum.report.document.outcomes import NOTE
from femsacrum.report.summary import render
from femsacrum.report.tables.criteria import line

GIVEN = [
    {"name": "L5 <b>stays</b>", "outcome": "L5_drop", "at_most": "1.2 mm", "source": "own & honest"},
    {"name": "faces rest", "outcome": "micromotion", "of": "L5", "at_most": "40 um", "source": "x"},
    {"name": "screws hold", "outcome": "screw_margin", "at_least": 1.0, "source": "x"},
]


@pytest.fixture
def judged(run):
    said = run["case"].model_dump(mode="json", exclude_none=True) | {"criteria": GIVEN}
    case = Case.model_validate(said)
    return run | {"case": case, "findings": run["findings"] | {"criteria": judge(case.criteria, run["findings"])}}


def told(folder):
    with brief():
        return json.dumps(numbered(compose(read(folder), Asked())), ensure_ascii=False)


def test_every_criterion_stands_in_the_report_and_is_traced(judged, tmp_path):
    text = told(folder_of(judged, tmp_path / "run"))
    assert text.count("1 of 3 acceptance criteria of the case are met") == 3  # summary, results, conclusions
    assert "met, its uncertainty is not known" in text
    assert "not answered: the run does not tell it" in text
    assert "Results: Acceptance criteria: not met" in text
    assert NOTE not in text


def test_a_case_without_criteria_keeps_the_note(run, tmp_path):
    text = told(folder_of(run, tmp_path / "run"))
    assert NOTE in text
    assert "acceptance criteria of the case are met" not in text


def test_evidence_that_reaches_across_a_limit_takes_the_verdict_back(judged, tmp_path):
    (name,) = judged["findings"]["load_cases"]
    row = {"load_case": name, "key": "deformation.L5_drop", "values": [1.0, 0.9, 0.7], "gci": 0.3, "singular": False,
           "asymptotic": True, "gci_percent": 30.0, "main": True, "words": "drop", "unit": "mm", "order": 2.0,
           "richardson": 1.1, "formal_order": 2, "why": ""}  # fmt: skip
    mesh = {"name": "fine", "folder": ".", "tetrahedra": 1, "size": {"value": 1.0, "unit": "mm"}, "factor": 1.0}
    evidence = {
        "meshes": [mesh],
        "ratios": [1.4, 1.4],
        "quantities": [row],
        "effects": [],
        "remarks": [],
        "rules": {},
    }
    from femsacrum.report.tables.criteria import criteria

    made = criteria(judged["findings"]["criteria"], evidence, None, "x")
    assert made.rows[0][6].text == "0.7 to 1.3 mm"
    assert made.rows[0][8].text == "met, but not beyond its uncertainty"
    assert made.rows[0][8].mark == "uncertain"


def test_the_short_page_escapes_what_is_accepted(judged):
    page = render(judged["findings"], [])
    assert "L5 &lt;b&gt;stays&lt;/b&gt;" in page
    assert "own &amp; honest" in page
    assert "<b>stays" not in page


def test_each_criterion_is_one_line_for_a_terminal(judged):
    said = [line(row) for row in judged["findings"]["criteria"]]
    assert said[0].startswith('criterion "L5 <b>stays</b>": met: 1 mm, at most 1.2 mm, two <legs>')
    assert said[1].startswith('criterion "faces rest": not met: 90 µm, at most 40 µm, prosthesis/L5')
    assert said[2] == 'criterion "screws hold": not answered (the run does not tell it)'
