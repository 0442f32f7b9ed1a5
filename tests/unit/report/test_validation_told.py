"""The page carries the comparison with experiments, misses included."""

import json

import pytest

from femsacrum.report import validation

COMPARED = {"words": "compression", "mean": 100.0, "sd": 10.0, "unit": "%", "goal": "1 SD", "explanation": "the disc"}


def row(verdict, median=120.0, **changes):
    return {"compared": COMPARED | changes, "verdict": verdict, "median": median, "band": [90.0, 150.0]}


@pytest.fixture
def table(tmp_path, monkeypatch):
    rows = [row("agrees"), row("misses"), row("told", sd=None), row("not computed", median=None)]
    said = {
        "yu": {
            "title": "Yu",
            "role": "checking",
            "question": "?",
            "source": "PMID",
            "prediction": "0" * 64,
            "rows": rows,
        }
    }
    (tmp_path / validation.TABLE).write_text(json.dumps(said), encoding="utf-8")
    monkeypatch.setattr(validation.resources, "files", lambda _: tmp_path)
    return said


def test_what_is_judged_is_counted_and_a_row_that_no_anatomy_can_have_counts_against(table):
    found = validation.validation()
    assert found["cadavers"] == {"agreed": 1, "judged": 3}
    assert found["bench"] == {"agreed": 0, "judged": 0}
    agrees, _, told, absent = found["experiments"]["yu"]["rows"]
    assert validation.measured(agrees) == "100 ± 10 %"
    assert validation.measured(told) == "100 %"
    assert validation.foretold(agrees) == "120 (90 to 150)"
    assert validation.foretold(absent) == "not computed"


def test_a_version_that_was_never_compared_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(validation.resources, "files", lambda _: tmp_path)
    assert validation.validation() is None
