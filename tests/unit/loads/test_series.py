"""Forces over time from files of one's own: read, turned, mirrored, taken at instants, or refused in one line."""

from pathlib import Path

import numpy as np
import pytest
from synthetic_pelvis import pelvis

from femsacrum.anatomy.isb import PelvicFrame
from femsacrum.case.series import Series
from femsacrum.errors import InputError
from femsacrum.loads.hip_frames import femur_to_pelvis, to_lps
from femsacrum.loads.series import series_cycle

FRAME = PelvicFrame.of(pelvis().construct.anatomy.landmarks)
WEIGHT = 700.0
GAIT = Path(__file__).parents[4] / "shared" / "data" / "hip_gait_opensim" / "hip_gait_series_opensim.csv"

CSV = """time,fx,fy,fz,glmed
0.0,0,100,-10,0
0.5,20,300,-40,50
1.0,0,100,-10,0
"""
STORAGE = """reaction loads
version=1
nRows=3
nColumns=4
inDegrees=no
endheader
time\tfx\tfy\tfz
0.0\t0\t100\t-10
0.5\t20\t300\t-40
1.0\t0\t100\t-10
"""


def series(**changes):
    said = {
        "file": "hip.csv", "format": "CSV", "unit": "N", "frame": "ISB pelvis", "acts_on": "pelvis",
        "hips": {"right": ["fx", "fy", "fz"]}, "start": 0.0, "end": 1.0,
    }  # fmt: skip
    return Series.model_validate(said | changes)


def read(folder, content=CSV, percent=(0.0, 25.0, 50.0, 75.0), name="hip.csv", **changes):
    if content is not None:
        (folder / name).write_text(content, encoding="utf-8")
    return series_cycle(series(**changes), percent, WEIGHT, FRAME, folder, (), "loads[0].series")


def in_isb(vector):
    return FRAME.from_lps(FRAME.origin + vector)


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        (CSV, {}),
        (CSV.replace(",", ";"), {}),
        ("# from the lab\n\n" + CSV.replace(",", "\t"), {}),
        ("\ufeff" + CSV, {}),
        (STORAGE, {"format": "OpenSim"}),
        (STORAGE.replace("nRows=3", "datarows 3").replace("nColumns=4", "datacolumns 4"), {"format": "OpenSim"}),
        (STORAGE.replace("\t", "   "), {"format": "OpenSim"}),
    ],
)
def test_instants_lie_straight_between_the_rows(tmp_path, content, changes):
    cycle = read(tmp_path, content, **changes)
    assert [each.percent for each in cycle.instants] == [0.0, 25.0, 50.0, 75.0]
    forces = np.array([in_isb(each.hips["right"]) for each in cycle.instants])
    between = [10.0, 200.0, -25.0]
    assert forces == pytest.approx(np.array([[0, 100, -10], between, [20, 300, -40], between]), abs=1e-9)
    assert cycle.duration == 1.0
    assert cycle.peaks == {"right": pytest.approx(np.sqrt(20.0**2 + 300.0**2 + 40.0**2))}
    assert all(each.trunk is None and each.muscles == {} for each in cycle.instants)


def test_percent_of_body_weight_and_the_sense(tmp_path):
    turned = CSV.replace(",100,", ",-100,").replace(",300,", ",-300,")
    cycle = read(tmp_path, turned, unit="%BW", acts_on="femur", duration="1.3 s")
    assert in_isb(cycle.instants[2].hips["right"]) == pytest.approx([-140.0, 2100.0, 280.0])
    assert cycle.duration == 1.3


def test_in_the_patients_axes_nothing_is_turned(tmp_path):
    cycle = read(tmp_path, CSV.replace("-40", "40").replace("-10", "10"), (50.0,), frame="LPS")
    assert cycle.instants[0].hips["right"] == pytest.approx([20.0, 300.0, 40.0])


def test_the_other_side_is_the_mirror_image_half_a_cycle_later(tmp_path):
    muscles = {"unit": "%BW", "columns": {"right gluteus medius": ["glmed", "glmed"]}}
    cycle = read(tmp_path, percent=(0.0, 30.0), mirrored=True, muscles=muscles)
    start, later = cycle.instants
    assert in_isb(start.hips["left"]) == pytest.approx([20.0, 300.0, 40.0])  # the right one's at 50 %, z to the left
    assert in_isb(later.hips["left"]) == pytest.approx([8.0, 180.0, 22.0])  # at 80 %
    assert start.muscles == pytest.approx({"right gluteus medius": 0.0, "left gluteus medius": 2 * 50 * 7.0})
    assert later.muscles == pytest.approx({"right gluteus medius": 60 * 7.0, "left gluteus medius": 40 * 7.0})


def test_a_part_of_a_longer_recording(tmp_path):
    cycle = read(tmp_path, percent=(0.0, 50.0), start=0.25, end=0.75)
    assert [in_isb(each.hips["right"])[1] for each in cycle.instants] == pytest.approx([200.0, 300.0])
    assert cycle.duration == 0.5


FEMUR = """time,fx,fy,fz,flexion,adduction,rotation
0,70,-20,-240,30,5,2
1,70,-20,-240,-10,5,2
"""
ANGLES = {"hips": {"left": {"flexion": "flexion", "adduction": "adduction", "rotation": "rotation"}}}


def test_forces_on_a_femur_turn_with_the_hip(tmp_path):
    told = {
        "frame": "Bergmann 2016 femur",
        "acts_on": "femur",
        "unit": "%BW",
        "hips": {"left": ["fx", "fy", "fz"]},
        "angles": ANGLES | {"unit": "deg"},
    }
    cycle = read(tmp_path, FEMUR, (0.0, 25.0), **told)
    for instant, flexion in zip(cycle.instants, (30.0, 20.0), strict=True):
        turned = femur_to_pelvis((70, -20, -240), "Bergmann 2016 femur", "left", (flexion, 5.0, 2.0))
        assert instant.hips["left"] == pytest.approx(to_lps(turned, FRAME) * 7.0)


@pytest.mark.parametrize(("said", "factor"), [("yes", 1.0), ("no", np.pi / 180.0)])
def test_a_motion_file_says_itself_whether_angles_are_degrees(tmp_path, said, factor):
    (tmp_path / "angles.mot").write_text(
        f"angles\nnRows=2\nnColumns=4\ninDegrees={said}\nendheader\ntime flexion adduction rotation\n"
        f"0 {30 * factor} 0 0\n1 {30 * factor} 0 0\n"
    )
    cycle = read(
        tmp_path, STORAGE.replace("100", "-100").replace("300", "-300").replace("fy", "f_up"), (0.0,), "hip.sto",
        file="hip.sto", format="OpenSim", frame="HIP98 femur", acts_on="femur",
        hips={"right": ["fz", "fx", "f_up"]}, angles={"file": "angles.mot"} | {"hips": {"right": ANGLES["hips"]["left"]}},
    )  # fmt: skip
    wanted = femur_to_pelvis((-10, 0, -100), "HIP98 femur", "right", (30.0, 0.0, 0.0))
    assert in_isb(cycle.instants[0].hips["right"]) == pytest.approx(wanted)


WRONG = {"hips": {"right": ["fx", "fy", "Fzz"]}}
PULL = "muscles.columns.right x"


def pull(column):
    return {"muscles": {"unit": "N", "columns": {"right x": [column]}}}


@pytest.mark.parametrize(
    ("content", "changes", "key", "problem"),
    [
        (CSV, WRONG, "hips.right", r'"Fzz" is no column of hip.csv \(did you mean "fz"\?\); it has time, fx'),
        (CSV, {"time": "t"}, "time", r'"t" is no column of hip.csv'),
        (CSV.replace("300", "nan"), {}, "hips.right", r'hip.csv, line 3, column "fy": "nan" is no finite number'),
        (CSV.replace("300", "3oo"), {}, "hips.right", r'line 3, column "fy": "3oo" is no finite number'),
        (CSV.replace("300", ""), {}, "hips.right", r'line 3, column "fy": "" is no finite number'),
        (CSV.replace("1.0,", "0.5,"), {}, "time", r'line 4, column "time": 0.5 does not rise above 0.5'),
        (CSV, {"start": -0.2}, "start", r'-0.2 is outside of hip.csv, whose "time" goes from 0 to 1'),
        (CSV, {"end": 1.5}, "end", r'1.5 is outside of hip.csv, whose "time" goes from 0 to 1'),
        (CSV.replace("20,300,-40,50", "20,300,-40"), {}, "file", r"hip.csv, line 3 has 4 fields, but there are 5 columns"),
        (CSV.replace("glmed", "fx"), {}, "file", r'hip.csv has 2 columns "fx"'),
        ("", {}, "file", r"hip.csv is empty"),
        (CSV[: CSV.index("0.5")], {}, "file", r"hip.csv has 1 rows of numbers"),
        (STORAGE.replace("nRows=3", "nRows=9"), {"format": "OpenSim"}, "file", r"says 9 rows and has 3: it is cut short"),
        (STORAGE.replace("nColumns=4", "nColumns=5"), {"format": "OpenSim"}, "file", r"says 5 columns and has 4"),
        (CSV, {"format": "OpenSim"}, "file", r'no line "endheader": it is no OpenSim'),
        (STORAGE[: STORAGE.index("time")], {"format": "OpenSim"}, "file", r"ends after its header"),
        (CSV, {"acts_on": "femur"}, "acts_on", r'"femur", but then the right femur pulls the pelvis down with \d+ N'),
        (CSV.replace(",50", ",-50"), pull("glmed"), PULL, r"line 3: -50 N, but muscles only pull"),
        (CSV, pull("glmax"), PULL, r'"glmax" is no column of hip.csv \(did you mean "glmed"\?\)'),
    ],
)  # fmt: skip
def test_what_a_file_lacks_is_said_in_one_line(tmp_path, content, changes, key, problem):
    with pytest.raises(InputError, match=problem) as refused:
        read(tmp_path, content, **changes)
    assert refused.value.key == f"loads[0].series.{key}"
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"loads\[0\].series.file"):
        read(tmp_path, None)


def test_an_angle_of_no_unit(tmp_path):
    (tmp_path / "angles.mot").write_text("endheader\ntime flexion adduction rotation\n0 1 1 1\n1 1 1 1\n")
    told = {"angles": {"file": "angles.mot", "hips": {"right": ANGLES["hips"]["left"]}}}
    with pytest.raises(InputError, match=r'angles.unit: missing: angles.mot does not say "inDegrees"'):
        read(tmp_path, STORAGE, format="OpenSim", frame="HIP98 femur", acts_on="femur", **told)


def test_published_gait_presses_both_acetabula_as_its_table_says():
    """Peaks of that table, read beside it: 266 %BW at 12 %, 375 %BW at 52 % of the cycle (right hip)."""
    if not GAIT.is_file():
        pytest.skip(f"no gait to read ({GAIT.parent.name} beside the project)")
    told = series(
        file=GAIT.name, unit="%BW", time="pct_gait_cycle", start=0, end=100, duration="1.235 s", mirrored=True,
        hips={"right": ["Fx_ant_pctBW", "Fy_up_pctBW", "Fz_right_pctBW"]},
        muscles={"unit": "N", "columns": {"right gluteus medius": ["glmed_N"]}},
    )  # fmt: skip
    cycle = series_cycle(told, (12.0, 52.0, 2.0), WEIGHT, FRAME, GAIT.parent, (), "loads[0].series")
    sizes = [100.0 * np.linalg.norm(each.hips["right"]) / WEIGHT for each in cycle.instants]
    assert sizes[1] == pytest.approx(375.0, abs=1.0)
    assert sizes[0] == pytest.approx(266.0, rel=0.015)  # a row every 2 % may miss the top of the first peak
    assert 100.0 * np.linalg.norm(cycle.instants[2].hips["left"]) / WEIGHT == pytest.approx(sizes[1])
    assert cycle.peaks["right"] == pytest.approx(7.0 * sizes[1])
    for each in cycle.instants:
        assert each.hips["right"][0] > 0.0  # to the left, inwards
        assert each.hips["left"][0] < 0.0
        assert min(each.hips["right"][2], each.hips["left"][2]) > 0.0
    assert cycle.instants[1].muscles["right gluteus medius"] > 500.0


def test_the_hips_angle_is_handed_on_for_the_muscles(tmp_path):
    told = {
        "hips": {"right": ["fx", "fy", "fz"]},
        "angles": {"unit": "deg", "hips": {"right": ANGLES["hips"]["left"]}},
    }
    content = FEMUR.replace("-240", "10").replace("70,-20", "20,300")
    straight = read(tmp_path, content, (25.0,), mirrored=True, **told)
    assert straight.instants[0].flexion == pytest.approx({"right": 20.0, "left": 0.0})
    assert in_isb(straight.instants[0].hips["right"]) == pytest.approx([20.0, 300.0, 10.0])
    assert read(tmp_path).instants[0].flexion == {"left": 0.0, "right": 0.0}
