"""Studies on meshes coarse enough for a test."""

from pathlib import Path

import femsacrum as fs

STUDIES = Path(__file__).parents[2] / "studies"
COARSE = ['mesh.bone="7 mm"', 'mesh.soft="5 mm"', 'mesh.implant="8 mm"', 'mesh.fixation="6 mm"']


def coarse(study, load_cases=None):
    """A study on coarse meshes, with its first load cases only."""
    case = fs.load(STUDIES / study / "case.toml", overrides=COARSE)
    return case.model_copy(update={"loads": case.loads[:load_cases]})


def converged_and_balanced(load_case):
    checks = {each["check"]: each["holds"] for each in load_case["validity"]}
    return checks["solution converged"] and checks["loads and reactions balance"]
