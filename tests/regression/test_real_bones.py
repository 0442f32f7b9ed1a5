"""The plan on real bones, where they are beside the project."""

import pytest
from coarse_studies import REAL_BONES, coarse, converged_and_balanced

import femsacrum as fs


@pytest.mark.parametrize("study", ["total_sacrectomy_bodyparts3d", "total_sacrectomy_atlas3"])
def test_the_plan_stands_on_real_bones(study, tmp_path):
    if not REAL_BONES.is_dir():
        pytest.skip(
            f"{study}: the bones are not here ({REAL_BONES.parent.name}/{REAL_BONES.name} beside the project)"
        )
    findings = fs.run(coarse(study, load_cases=1), folder=tmp_path)
    case = findings["load_cases"]["standing"]
    assert converged_and_balanced(case)
    assert 0.0 < case["deformation"]["L5_drop"]["value"] < 1.0
    assert all(implant["safety_factor_p999"]["value"] > 1.0 for implant in case["implants"].values())
