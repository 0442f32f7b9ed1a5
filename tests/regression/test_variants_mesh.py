"""Both sexes and the extremes of pelvic incidence, intact, down to tetrahedra."""

from pathlib import Path

import pytest

from femsacrum.anatomy.build import build
from femsacrum.case.load import load
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.surgery.operate import operate

INTACT = Path(__file__).parents[2] / "studies/intact_reference/case.toml"
VARIANTS = ['anatomy.sex="female"', 'anatomy.sex="male"', *(f'anatomy.pelvic_incidence="{a} deg"' for a in (39, 69))]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_bone_becomes_a_sound_mesh(variant):
    case = load(INTACT, overrides=[variant, 'mesh.bone="8 mm"', 'mesh.soft="7 mm"'])
    assembly = mesh(case, operate(case, build(case, INTACT.parent)))
    assert len(assembly.bodies) == 10
    for name, row in assembly.quality.items():
        assert row["cells"] > 100, name
        assert row["gamma_min"] > 0.05, name
        assert abs(row["volume_error [%]"]) < 2.0, name
