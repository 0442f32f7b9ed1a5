"""The installation is qualified by problems of the source tree, and says so where that is not there."""

import json

import pytest

from benchmarks.__main__ import CASES, SLOW
from femsacrum.credibility.qualification import PROBLEMS, failed, qualify, signature, write
from femsacrum.errors import InputError, NumericalError


@pytest.fixture(scope="module")
def content():
    return qualify(["increments"])


def test_problems_are_those_that_take_seconds():
    assert set(PROBLEMS) <= set(CASES["verification"]) - set(SLOW)


def test_a_qualification_tells_every_value_and_signs_them(content):
    assert {"name", "quantity", "value", "expected", "error", "limit", "passed"} <= set(content["cases"][0])
    assert all(case["passed"] for case in content["cases"])
    assert failed(content) == []
    assert [case for case in content["cases"] if not case["judged"] and case["expected"] is None], "told, not judged"
    assert content["sha256"] == signature(content)
    assert content["platform"]["machine"]


def test_the_hash_holds_every_value(content):
    changed = json.loads(json.dumps(content))
    assert signature(changed) == content["sha256"]
    changed["cases"][0]["value"] += 1e-9
    assert signature(changed) != content["sha256"]


def test_what_is_out_is_one_line(content):
    changed = json.loads(json.dumps(content))
    changed["cases"][0] |= {"name": "block", "quantity": "slip [mm]", "value": 2.0, "passed": False}
    (line,) = failed(changed)
    assert line.startswith("block: slip [mm] is 2.0, must be ")


def test_a_judged_value_that_is_no_number_has_not_passed(tmp_path):
    (tmp_path / "benchmarks/verification").mkdir(parents=True)
    row = {"case": "c", "quantity": "q", "reference": 1.0, "tolerance": 0.1, "source": "s", "judged": True}
    rows = {"rows": [row | {"measured": float("nan"), "error": float("nan"), "passed": True}]}
    text = f"import json, pathlib, sys\npathlib.Path(sys.argv[-1]).write_text({json.dumps(rows)!r})\n"
    (tmp_path / "benchmarks/__main__.py").write_text(text)
    (line,) = failed(qualify(["c"], tree=tmp_path))
    assert line == "c: q is None, must be 1.0 within 0.1"


def test_it_is_written_where_it_is_asked_for(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    for folder, place in ((None, "qualification.json"), (tmp_path / "run", "run/credibility/qualification.json")):
        write(content, folder)
        assert json.loads((tmp_path / place).read_text(encoding="utf-8")) == content


def test_without_the_source_tree_it_says_so(tmp_path):
    with pytest.raises(InputError, match="needs the source tree"):
        qualify(tree=tmp_path)


def test_problems_that_stop_are_one_line(tmp_path):
    (tmp_path / "benchmarks/verification").mkdir(parents=True)
    (tmp_path / "benchmarks/__main__.py").write_text('print("  one: 1.0 s")\nraise SystemExit("broken")\n')
    with pytest.raises(NumericalError, match=r"^qualify: stopped before two: broken$"):
        qualify(["one", "two"], tree=tmp_path)
