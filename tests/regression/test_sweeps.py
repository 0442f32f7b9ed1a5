"""The studies that are sweeps: every point's case can be, and on coarse meshes two of them are solved on one construct."""

import pytest
from coarse_studies import COARSE, REAL_BONES, STUDIES

from femsacrum.case.load import load as load_case
from femsacrum.sweep.definition import load
from femsacrum.sweep.design import points
from femsacrum.sweep.evaluate import Task, evaluate
from femsacrum.sweep.factors import assignments

SWEEPS = sorted(STUDIES.glob("*/sweep.toml"))


@pytest.mark.parametrize("file", SWEEPS, ids=lambda file: file.parent.name)
def test_every_point_has_a_case(file):
    sweep, data = load(file), [REAL_BONES] if REAL_BONES.is_dir() else []
    if "bodyparts3d" in file.read_text(encoding="utf-8") and not data:
        pytest.skip(f"the bones are not here ({REAL_BONES.parent.name}/{REAL_BONES.name} beside the project)")
    for values in points(sweep, file.parent):
        load_case(file.parent / sweep.case, [*sweep.fixed, *assignments(sweep.factors, values)], data)


def test_loads_of_one_construct_are_solved_on_what_was_condensed_once(tmp_path, condensings):
    file = STUDIES / "weight_bearing_sweep/sweep.toml"
    sweep = load(file)
    rows = points(sweep, file.parent)
    task = Task(tmp_path, file.parent / sweep.case, (), sweep.factors, (*sweep.fixed, *COARSE), False, "code")
    told = [evaluate(task, number, rows[number], 0) for number in (0, len(rows) - 1)]
    assert [record.state for record in told] == ["done", "done"], [record.reason for record in told]
    assert len(condensings) == 1
    found = [{row["key"]: row["value"] for row in record.outcomes} for record in told]
    hip = "equilibrium.supports.left hip.|reaction|"
    assert found[0][hip] > 4.0 * found[1][hip], "without crutches and with a short lever the hip carries most"
    metal = "implants.right_fixation.von_mises_p999"
    assert found[0][metal] > found[1][metal]
