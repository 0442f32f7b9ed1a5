"""A movement from a file: given forces are applied as given, and L4 gets what they leave."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from reference_bones import reference
from synthetic_pelvis import pelvis

from femsacrum import fingerprint
from femsacrum.case.schema import Case
from femsacrum.errors import InputError
from femsacrum.loads.balance import cycles
from femsacrum.loads.joints import wrench
from femsacrum.loads.lines import hip_lines
from femsacrum.loads.measured import gait2392_axes, given_muscles
from femsacrum.loads.patches import landmark
from femsacrum.loads.series import MeasuredInstant
from femsacrum.report.forces import hip_forces
from femsacrum.sources.tables import table

MASS = 75.0
WEIGHT = MASS * 9.80665
SIDES = ("left", "right")
GAIT = Path(__file__).parents[4] / "shared" / "data" / "hip_gait_opensim" / "hip_gait_series_opensim.csv"


@pytest.fixture(scope="module")
def meshed():
    """The synthetic pelvis with the landmarks that muscles' paths are fitted to."""
    bare = pelvis()
    landmarks = dict(bare.construct.anatomy.landmarks)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip = landmarks[f"{side}_hip_centre"]
        landmarks[f"{side}_AIIS"] = hip + np.array([sign * 12.0, -40.0, 38.0])
        landmarks[f"{side}_isch_tub"] = hip + np.array([-sign * 18.0, 50.0, -45.0])
        landmarks[f"{side}_pubic_tub"] = hip + np.array([-sign * 65.0, -45.0, -12.0])
    anatomy = replace(bare.construct.anatomy, landmarks=landmarks)
    return replace(bare, construct=replace(bare.construct, anatomy=anatomy))


def case(folder, *loads):
    given = {
        "schema_version": 1, "name": "x", "patient": {"mass": f"{MASS} kg"}, "surgery": {"plan": "intact"},
        "loads": list(loads),
    }  # fmt: skip
    return Case.model_validate(given).placed(folder)


def series(**changes):
    told = {
        "file": "walk.csv", "format": "CSV", "unit": "N", "frame": "LPS", "acts_on": "pelvis", "time": "percent",
        "hips": {side: [f"{side} {axis}" for axis in "xyz"] for side in SIDES}, "start": 0, "end": 100,
        "duration": "1.2 s",
    }  # fmt: skip
    return {"name": "mine", "kind": "series", "phases": 8, "series": told | changes, "source": "test"}


def write(path, columns):
    """Columns as a file whose last row is the first one again."""
    names = list(columns)
    rows = np.column_stack([[*columns[name], columns[name][0]] for name in names])
    rows[-1, names.index("percent")] = 100.0
    path.write_text("\n".join([",".join(names), *(",".join(repr(float(x)) for x in row) for row in rows)]))


@pytest.fixture(scope="module")
def walked(meshed, tmp_path_factory):
    """Walking as it is computed, written to a file: hips, every muscle, the hips' flexion."""
    folder = tmp_path_factory.mktemp("walk")
    computed = cycles(case(folder, {"name": "walk", "kind": "walking", "phases": 8, "source": "test"}), meshed)[0]
    columns = {"percent": list(computed.percent)}
    for side in SIDES:
        for i, axis in enumerate("xyz"):
            columns[f"{side} {axis}"] = [hip_forces(phase)[side][i] for phase in computed.phases]
    lines = [line.name for side in SIDES for line in hip_lines(meshed, side)]
    for name in lines:
        columns[name.replace(",", ";")] = [
            next(np.linalg.norm(load.force) for load in phase.applied if load.name == name)
            for phase in computed.phases
        ]
    from femsacrum.case.loads import LoadSpec
    from femsacrum.loads.posture import movement

    instants = movement(
        LoadSpec.model_validate({"name": "x", "kind": "walking", "phases": 8, "source": "x"})
    ).instants
    for side in SIDES:
        columns[f"{side} flexion"] = [at.flexion[side] for at in instants]
    for i, axis in enumerate("xyz"):
        columns[f"trunk {axis}"] = [on_l4(phase)[0][i] for phase in computed.phases]
    columns["zero"] = [0.0] * 8
    write(folder / "walk.csv", columns)
    return folder, computed, lines


def muscles(lines):
    return {"unit": "N", "columns": {name: [name.replace(",", ";")] for name in lines}}


ANGLES = {
    "unit": "deg",
    "hips": {side: {"flexion": f"{side} flexion", "adduction": "zero", "rotation": "zero"} for side in SIDES},
}


TRUNK = tuple(f"{side} {entry['name']}" for side in SIDES for entry in table("muscles")["trunk"])


def on_l4(phase, also=()):
    """Net load of the trunk, muscles included, about the hips' middle; and of what is named besides."""
    kept = [load for load in phase.applied if load.name.startswith(("upper body", *TRUNK, *also))]
    return wrench(kept, np.array([0.0, 48.0, -75.0]))


def test_what_was_computed_comes_back_from_its_file(meshed, walked):
    folder, computed, lines = walked
    spec = series(muscles=muscles(lines), angles=ANGLES)
    # angles are allowed beside forces in axes of the bones: they turn the muscles
    found = cycles(case(folder, spec), meshed)[0]
    assert found.percent == computed.percent
    assert found.duration == 1.2
    assert found.per_year == computed.per_year
    for mine, theirs in zip(found.phases, computed.phases, strict=True):
        for side in SIDES:
            assert hip_forces(mine)[side] == pytest.approx(hip_forces(theirs)[side], abs=1e-6 * WEIGHT)
        for wanted, got in zip(on_l4(theirs, ("pelvis",)), on_l4(mine, ("pelvis",)), strict=True):
            assert got == pytest.approx(wanted, abs=1e-5 * WEIGHT)
        force, moment = wrench(mine.applied, np.zeros(3))
        assert np.abs(force).max() < 1e-6 * WEIGHT
        assert np.abs(moment).max() < 1e-6 * WEIGHT * 1000.0
        assert mine.supports is found.phases[0].supports
    assert max(phase.measures["L4_beyond_upper_body [%BW]"] for phase in found.phases) < 60.0


def test_hip_forces_without_their_muscles_are_refused(meshed, walked):
    with pytest.raises(InputError, match=r"loads\[0\].series: .* %BW \(LPS\) for L4, .*give the muscles' forces"):
        cycles(case(walked[0], series()), meshed)


@pytest.mark.parametrize("closing", ["inertia_relief", "trunk"])
def test_a_trunk_that_is_known_leaves_no_more_than_five_percent(meshed, walked, closing):
    folder, _, lines = walked
    spec = series(muscles=muscles(lines), angles=ANGLES, trunk=["zero", "zero", "zero"]) | {"closing": closing}
    with pytest.raises(InputError, match=rf'loads\[0\].closing: "{closing}" has to take .* %BW .*5 %BW is allowed'):
        cycles(case(folder, spec), meshed)


def test_a_known_trunk_is_taken_but_for_the_inertia_of_the_pelvis(meshed, walked):
    """What is computed lets the pelvis take part in the acceleration, a file does not say it: 14 % of the body."""
    folder, computed, lines = walked
    spec = series(muscles=muscles(lines), angles=ANGLES, trunk=[f"trunk {axis}" for axis in "xyz"])
    found = cycles(case(folder, spec), meshed)[0]
    for mine, theirs in zip(found.phases, computed.phases, strict=True):
        halves = [
            sum(load.force[2] for load in each.applied if load.name.startswith("pelvis")) for each in (mine, theirs)
        ]
        assert mine.imbalance < 0.05
        assert mine.measures["imbalance [%BW]"] == 100.0 * mine.imbalance
        assert mine.imbalance > 0.99 * abs(halves[0] - halves[1]) / WEIGHT


def instant(**pulls):
    return MeasuredInstant(
        0.0, {}, {name.replace("_", " "): f for name, f in pulls.items()}, dict.fromkeys(SIDES, 0.0), None
    )


def test_parts_of_a_muscle_share_by_their_sections_and_what_is_gone_pulls_no_more(meshed):
    lines = {side: hip_lines(meshed, side) for side in SIDES}
    made, gone = given_muscles(instant(left_gluteus_medius=300.0, right_piriformis=40.0), lines, meshed, "test", "k")
    assert gone == 40.0  # there is no sacrum
    parts = {load.name: np.linalg.norm(load.force) for load in made}
    assert set(parts) == {f"left gluteus medius, {part} part" for part in ("front", "middle", "rear")}
    assert sum(parts.values()) == pytest.approx(300.0)
    sections = {line.name: line.section for line in lines["left"] if line.name in parts}
    for name, force in parts.items():
        assert force == pytest.approx(300.0 * sections[name] / sum(sections.values()))


def test_a_muscle_nobody_knows_is_refused(meshed):
    lines = {side: hip_lines(meshed, side) for side in SIDES}
    with pytest.raises(
        InputError, match=r'k.left gluteus media: no such muscle \(did you mean "left gluteus medius"\?\)'
    ):
        given_muscles(instant(left_gluteus_media=1.0), lines, meshed, "test", "k")


def test_axes_of_gait2392_are_square_and_turned_about_the_hip_axis(meshed):
    frame = gait2392_axes(meshed)
    assert frame.axes @ frame.axes.T == pytest.approx(np.eye(3), abs=1e-12)
    between = landmark(meshed, "left_hip_centre") - landmark(meshed, "right_hip_centre")
    assert frame.axes[2] == pytest.approx(-between / np.linalg.norm(between))
    assert frame.axes[0][1] < -0.8  # forwards
    assert frame.axes[1][2] > 0.8  # up


def test_the_files_of_a_movement_count_among_those_of_the_case(tmp_path):
    for name in ("walk.csv", "muscles.csv"):
        (tmp_path / name).touch()
    spec = series(muscles={"unit": "N", "columns": {"left psoas": ["p"]}, "file": "muscles.csv"}, angles=ANGLES)
    files = fingerprint.files_of(case(tmp_path, spec).only("loads", "patient"))
    assert files == {name: tmp_path / name for name in ("walk.csv", "muscles.csv")}


#: Muscles of the published gait; hamstrings and adductors are each given as one.
PUBLISHED = {
    "gluteus maximus": "glmax_N", "gluteus medius": "glmed_N", "gluteus minimus": "glmin_N", "iliacus": "iliacus_N",
    "psoas": "psoas_N", "piriformis": "piri_N", "biceps femoris": "hams_N", "rectus femoris": "rectfem_N",
    "tensor fasciae latae": "tfl_N", "adductor magnus": "add_N",
}  # fmt: skip


@pytest.mark.parametrize("frame", ["gait2392 pelvis", "ISB pelvis"])
def test_published_gait_balances_in_its_own_axes_of_the_pelvis_and_in_no_others(frame):
    """Forces of another body on this pelvis: what they leave for L4 is nearly the upper body, if they are read aright."""
    if not GAIT.is_file():
        pytest.skip(f"no gait to read ({GAIT.parent.name} beside the project)")
    told = series(
        file=GAIT.name, unit="%BW", frame=frame, time="pct_gait_cycle", duration="1.235 s", mirrored=True,
        hips={"right": ["Fx_ant_pctBW", "Fy_up_pctBW", "Fz_right_pctBW"]},
        muscles={"unit": "N", "columns": {f"right {name}": [column] for name, column in PUBLISHED.items()}},
    )  # fmt: skip
    walk = case(GAIT.parent, told)
    if frame == "ISB pelvis":
        with pytest.raises(InputError, match="check frame and acts_on"):
            cycles(walk, reference())
        return
    (found,) = cycles(walk, reference())
    beyond = [phase.measures["L4_beyond_upper_body [%BW]"] for phase in found.phases]
    assert max(beyond) < 75.0
    assert np.mean(beyond) < 50.0
    down = [-100.0 * on_l4(phase)[0][2] / WEIGHT for phase in found.phases]
    assert np.mean(down) == pytest.approx(53.6, abs=25.0)  # no step of a cycle lifts or drops the trunk for good
