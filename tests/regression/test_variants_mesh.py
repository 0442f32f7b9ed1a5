"""Both sexes at both extremes of pelvic incidence, intact, down to tetrahedra."""

from pathlib import Path

import pytest

from femsacrum.anatomy.build import build
from femsacrum.case.load import load
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.surgery.operate import operate

INTACT = Path(__file__).parents[2] / "studies/intact_reference/case.toml"


@pytest.mark.parametrize(("sex", "incidence"), [("female", 39), ("male", 69)])
def test_every_bone_becomes_a_sound_mesh(sex, incidence):
    chosen = [f'anatomy.sex="{sex}"', f'anatomy.pelvic_incidence="{incidence} deg"']
    case = load(INTACT, overrides=[*chosen, 'mesh.bone="5 mm"', 'mesh.soft="4 mm"'])
    assembly = mesh(case, operate(case, build(case, INTACT.parent)))
    assert len(assembly.bodies) == 10
    for name, row in assembly.quality.items():
        assert row["cells"] > 100, name
        assert row["gamma_min"] > 0.05, name
        assert abs(row["volume_error [%]"]) < 2.0, name
