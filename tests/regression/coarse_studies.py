"""Studies on meshes coarse enough for a test."""

from pathlib import Path

import femsacrum as fs

STUDIES = Path(__file__).parents[2] / "studies"
#: Real bones, beside the project where they are.
REAL_BONES = Path(__file__).parents[3] / "shared/data"
MESHES = ['mesh.bone="7 mm"', 'mesh.soft="5 mm"', 'mesh.implant="8 mm"', 'mesh.fixation="6 mm"']
#: Solved in half the time; the way of the studies themselves is tested on plans and a patient of images.
COARSE = [*MESHES, 'solver.method="condensed"']


def coarse(study, load_cases=None):
    """A study on coarse meshes, with its first load cases only."""
    data = [REAL_BONES] if REAL_BONES.is_dir() else []
    case = fs.load(STUDIES / study / "case.toml", overrides=COARSE, data=data)
    return case.model_copy(update={"loads": case.loads[:load_cases]})


def converged_and_balanced(load_case):
    checks = {each["check"]: each["holds"] for each in load_case["validity"]}
    return checks["solution converged"] and checks["loads and reactions balance"]
