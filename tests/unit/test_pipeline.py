"""The sentence: every stage once, in order, and again only where something has changed."""

import inspect
import json
import sys
import types
from pathlib import Path

import pytest

import femsacrum
from femsacrum.case.load import load
from tests.unit import tiny_rooms

TEMPLATE = Path(__file__).parents[2] / "femsacrum/case/template.toml"
SECOND = [
    "loads=[{name = 'a', kind = 'standing', source = 'x'}, {name = 'b c', kind = 'crutch_stance', source = 'x'}]"
]
EARLY = ["anatomy", "surgery", "mesh", "materials", "loads", "interfaces", "preload"]


@pytest.fixture(autouse=True)
def one_process(monkeypatch):
    """The rooms here are stand-ins that another process would not see."""
    monkeypatch.setenv("FEMSACRUM_PROCESSES", "1")


@pytest.fixture
def pipeline(monkeypatch):
    for name, module in tiny_rooms.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "femsacrum.pipeline", raising=False)
    vars(femsacrum).pop("pipeline", None)  # another test may have left the real one there
    monkeypatch.setattr(tiny_rooms, "CALLS", [])
    from femsacrum import pipeline

    yield pipeline
    sys.modules.pop("femsacrum.pipeline", None)
    vars(femsacrum).pop("pipeline", None)


def calls():
    made, tiny_rooms.CALLS[:] = list(tiny_rooms.CALLS), []
    return made


def test_from_a_case_to_findings(pipeline, tmp_path):
    findings = pipeline.run(load(TEMPLATE, SECOND), tmp_path)
    assert calls() == [*EARLY, "solve a", "solve b c", "findings", "fields", "aftermath"]
    assert json.loads((tmp_path / "findings.json").read_text(encoding="utf-8")) == findings
    assert list(findings["load_cases"]) == ["a", "b c"]
    log = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert "solve b c: done in" in log
    assert "peak memory" in log


def test_an_interrupted_run_continues_after_the_last_solved_load_case(pipeline, tmp_path, monkeypatch):
    monkeypatch.setenv("TINY_FAIL", "solve b c:numerics")
    with pytest.raises(Exception, match="stopped at 62 %"):
        pipeline.run(load(TEMPLATE, SECOND), tmp_path)
    monkeypatch.delenv("TINY_FAIL")
    calls()
    pipeline.run(load(TEMPLATE, SECOND), tmp_path)
    assert calls() == ["solve b c", "findings", "fields", "aftermath"]


def test_a_change_runs_what_depends_on_it(pipeline, tmp_path):
    def stages(*changes, **options):
        pipeline.run(load(TEMPLATE, [*SECOND, *changes]), tmp_path, **options)
        return calls()

    stages()
    assert stages() == ["fields", "aftermath"]
    assert stages("question=another") == ["findings", "fields", "aftermath"]
    assert stages("output.figures=false") == ["fields", "aftermath"]
    assert stages("loads[1].upper_body=50 %") == ["loads", "solve b c", "findings", "fields", "aftermath"]
    same_result = stages("solver.increments=2")
    assert same_result == ["solve a", "solve b c", "fields", "aftermath"], "an equal result spares what follows"
    assert stages("mesh.bone=5 mm")[0] == "mesh"
    assert stages(cache=False) == [*EARLY, "solve a", "solve b c", "findings", "fields", "aftermath"]


def test_where_a_case_is_run(pipeline, tmp_path):
    case = load(TEMPLATE)
    assert pipeline.run_folder(case) == Path("runs/reconstruction")
    assert pipeline.run_folder(case, tmp_path) == tmp_path
    assert pipeline.run_folder(load(TEMPLATE, ["output.folder=../x"])) == TEMPLATE.parent / "../x"


def test_the_sentence_is_short(pipeline):
    assert len(inspect.getsource(pipeline.carry_out).splitlines()) <= 25


def test_the_package_offers_load_and_run(pipeline):
    assert isinstance(femsacrum, types.ModuleType)
    assert femsacrum.load is load
    assert femsacrum.run is pipeline.run
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = femsacrum.nothing
