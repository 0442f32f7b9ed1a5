"""Draws ``hip_forces.png``: every force of one-leg stance after total sacrectomy; ``python docs/images/hip_forces.py``."""

from __future__ import annotations

from pathlib import Path

import femsacrum as fs
from femsacrum.anatomy.build import build
from femsacrum.case.schema import LoadSpec
from femsacrum.loads.balance import load_cases
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.report.forces import forces
from femsacrum.sources.tables import constant
from femsacrum.surgery.operate import operate

FOLDER = Path(__file__).parent
STUDY = FOLDER.parents[1] / "studies/total_sacrectomy/case.toml"
COARSE = ('mesh.bone="7 mm"', 'mesh.soft="5 mm"', 'mesh.implant="8 mm"', 'mesh.fixation="6 mm"')


def write(folder: Path) -> Path:
    """Write the picture into a folder."""
    case = fs.load(STUDY, overrides=COARSE)
    said = {"name": "one-leg stance", "kind": "one_leg_stance", "crutch_force": "10 %", "source": "two crutches"}
    case = case.model_copy(update={"loads": (LoadSpec.model_validate(said),)})
    places = (case.folder, case.data)
    assembly = mesh(case, operate(case, build(case, *places), *places))
    (stance,) = load_cases(case, assembly)
    forces(folder / "hip_forces.png", assembly, stance, case.patient.mass * constant("loads", "gravity").value)
    return folder / "hip_forces.png"


if __name__ == "__main__":
    print(write(FOLDER))
