"""The report is tested on the pelvis of boxes of the findings' tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "findings"))


@pytest.fixture(scope="session")
def run():
    """Everything a finished run hands to the report."""
    from box_pelvis import assembly, interfaces, materials, solution

    from femsacrum.case.schema import Case
    from femsacrum.findings.measure import measure
    from femsacrum.loads.balance import load_cases

    case = Case.model_validate(
        {
            "schema_version": 1,
            "name": "boxes",
            "question": "does <script>it</script> stand?",
            "patient": {"mass": "75 kg", "description": "O'Neill & <sons>"},
            "surgery": {"plan": "intact"},
            "loads": [{"name": "two <legs>", "kind": "standing", "source": "a & b"}],
            "output": {"figures": False},
        }
    )
    meshed, laws = assembly(), interfaces()
    cases, made = load_cases(case, meshed), materials(meshed)
    solved = (solution(meshed, cases[0]),)
    findings = measure(case, meshed, made, laws, cases, solved)
    return {
        "case": case, "assembly": meshed, "materials": made, "interfaces": laws, "load_cases": cases,
        "solutions": solved, "findings": findings,
    }  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    """Pictures of few pixels; skips where nothing can be drawn."""
    from femsacrum.errors import InputError
    from femsacrum.report import scene

    try:
        scene.assert_drawable()
    except InputError as missing:
        pytest.skip(str(missing))
    monkeypatch.setattr(scene, "PIXELS", (480, 400))
