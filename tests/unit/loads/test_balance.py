"""Every load case is in equilibrium as a rigid body, pushes the right way, and says what it had to add."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_pelvis import pelvis

from femsacrum.case.schema import Case, LoadSpec
from femsacrum.errors import InputError
from femsacrum.loads.balance import axial, crutch_stance, load_cases, standing

G = 9.80665


def spec(**changes):
    given_values = {"name": "x", "kind": "standing", "source": "test", "support": "hips"} | changes
    return LoadSpec.model_construct(
        **{name: field.default for name, field in LoadSpec.model_fields.items() if not field.is_required()}
        | given_values
    )


def resultant(load_case):
    """Sum of forces and of moments about the origin, written out anew."""
    force, moment = np.zeros(3), np.zeros(3)
    for load in load_case.applied:
        force += load.force
        moment += load.moment + np.cross(load.point, load.force)
    for support in load_case.supports:
        reaction = load_case.expected_reactions[support.name]
        force += reaction
        moment += np.cross(support.point, reaction)
    return force, moment


geometry = {
    "spread": st.floats(70, 100),
    "height": st.floats(140, 220),
    "ahead": st.floats(-15, 15),
    "asymmetry": st.floats(-8, 8),
    "mass": st.floats(35, 140),
}


@settings(max_examples=25, deadline=None)
@given(**geometry)
def test_standing_balances_and_only_the_hips_carry(spread, height, ahead, asymmetry, mass):
    load_case = standing(spec(), mass, pelvis(spread, height, ahead / 5, asymmetry=asymmetry), "loads[0]")
    force, moment = resultant(load_case)
    weight = mass * G
    assert np.abs(force).max() < 1e-9 * weight
    assert np.abs(moment).max() < 1e-7 * weight
    reactions = load_case.expected_reactions
    assert np.abs(reactions["symphysis"]).max() < 1e-9 * weight
    carried = reactions["left hip"][2] + reactions["right hip"][2]
    assert carried == pytest.approx((0.536 + 0.142) * weight)
    assert min(reactions["left hip"][2], reactions["right hip"][2]) > 0.25 * weight
    assert load_case.imbalance <= 0.05


@settings(max_examples=25, deadline=None)
@given(stance=st.sampled_from(["left", "right"]), crutch=st.floats(0, 0.25), arm=st.floats(42, 58), **geometry)
def test_crutch_stance_balances_on_the_stance_hip_alone(stance, crutch, arm, spread, height, ahead, asymmetry, mass):
    wanted = spec(kind="crutch_stance", stance=stance, crutch_force=crutch, abductor_arm=arm)
    load_case = crutch_stance(wanted, mass, pelvis(spread, height, ahead / 5, asymmetry=asymmetry), "loads[0]")
    force, moment = resultant(load_case)
    weight = mass * G
    assert np.abs(force).max() < 1e-9 * weight
    assert np.abs(moment).max() < 1e-7 * weight
    other = "right" if stance == "left" else "left"
    assert np.abs(load_case.expected_reactions[f"{other} hip"]).max() < 1e-8 * weight
    assert np.abs(load_case.expected_reactions["symphysis"]).max() < 1e-8 * weight
    assert load_case.imbalance <= 0.05


def test_hip_force_without_crutches_is_that_of_the_free_body():
    """Written out in the frontal plane: (L x weight) = arm x muscle, hip = weight + muscle as vectors."""
    assembly = pelvis(spread=90.0, ahead=0.0)
    load_case = crutch_stance(spec(kind="crutch_stance", stance="left", crutch_force=0.0), 75.0, assembly, "loads[0]")
    wings = {load.name: load.point[0] for load in load_case.applied if load.name.startswith("pelvis")}
    inward = 90.0 - (wings["pelvis, left half"] + wings["pelvis, right half"]) / 2
    pull = (0.536 * 90.0 + 0.142 * inward + 0.161 * 180.0) / 50.0
    assert load_case.measures["abductor_force [%BW]"] == pytest.approx(100 * pull, rel=2e-3)
    angle = np.radians(load_case.measures["abductor_angle_to_vertical [deg]"])
    hip = np.hypot(0.839 + pull * np.cos(angle), pull * np.sin(angle))
    assert load_case.measures["left_hip_reaction [%BW]"] == pytest.approx(100 * hip, rel=2e-3)
    assert 220 < load_case.measures["left_hip_reaction [%BW]"] < 300  # in vivo 260.7 +- 28.7 %BW


def test_crutches_take_off_what_the_free_body_says():
    """Frontal moment of two crutches: c (far - near) / arm less muscle, 2 c less weight."""
    assembly = pelvis(spread=88.0, ahead=0.0)
    free, helped = (
        crutch_stance(spec(kind="crutch_stance", crutch_force=c), 80.0, assembly, "loads[0]") for c in (0.0, 0.15)
    )
    less = free.measures["abductor_force [%BW]"] - helped.measures["abductor_force [%BW]"]
    assert less == pytest.approx(100 * 0.15 * (500.0 - 250.0) / 50.0, rel=2e-3)
    on_l4 = next(load for load in helped.applied if load.body == "L4")
    assert on_l4.force[2] == pytest.approx(-(0.536 - 0.30) * 80.0 * G)


def test_signs():
    load_case = crutch_stance(spec(kind="crutch_stance", stance="right"), 75.0, pelvis(), "loads[0]")
    muscle = next(load for load in load_case.applied if "abductors" in load.name)
    assert muscle.body == "right_ilium"
    assert muscle.force[2] < 0
    assert muscle.force[0] < 0  # pulls the right wing down and outwards, and outwards is -x
    hip = load_case.expected_reactions["right hip"]
    assert hip[2] > 0
    assert hip[0] > 0  # the femur pushes up and inwards


def test_loaded_hips_are_held_by_the_roof_and_unloaded_ones_by_the_whole_cup():
    load_case = crutch_stance(spec(kind="crutch_stance", stance="left"), 75.0, pelvis(), "loads[0]")
    held = {support.name: len(support.facets) for support in load_case.supports}
    assert 0 < held["left hip"] < held["right hip"]


def test_axial_on_ball_joints_leaves_the_rest_to_the_symphysis():
    load_case = axial(spec(kind="axial", force=500.0), 75.0, pelvis(ahead=10.0), "loads[0]")
    force, moment = resultant(load_case)
    assert np.abs(force).max() < 1e-9
    assert np.abs(moment).max() < 1e-6
    assert np.linalg.norm(load_case.expected_reactions["symphysis"]) > 50.0


def test_axial_with_fixed_acetabula_expects_no_reaction():
    load_case = axial(spec(kind="axial", force=500.0, support="acetabula_fixed"), 75.0, pelvis(), "loads[0]")
    assert load_case.expected_reactions == {}
    assert [support.kind for support in load_case.supports] == ["fixed", "fixed"]
    assert load_case.supports[0].stiffness == 1e4


@pytest.mark.parametrize(("build", "kind"), [(standing, "standing"), (crutch_stance, "crutch_stance")])
def test_a_posture_with_fixed_acetabula_tells_no_reaction_that_the_solve_does_not_have(build, kind):
    free, fixed = (
        build(spec(kind=kind, support=support), 75.0, pelvis(), "loads[0]") for support in ("hips", "acetabula_fixed")
    )
    reactions = {name for name in free.measures if "reaction" in name}
    assert reactions == {f"{name}_reaction [%BW]" for name in ("left_hip", "right_hip", "symphysis")}
    assert set(free.measures) - set(fixed.measures) == reactions
    assert fixed.expected_reactions == {}


def test_a_guided_l4_is_held_but_for_the_way_down():
    wanted = spec(kind="axial", force=500.0, support="acetabula_fixed", guided=True)
    load_case = axial(wanted, 75.0, pelvis(), "loads[0]")
    machine = load_case.supports[-1]
    assert (machine.body, machine.kind) == ("L4", "mean")
    np.testing.assert_array_equal(machine.directions @ [0.0, 0.0, 1.0], [0.0, 0.0])
    np.testing.assert_array_equal(machine.turns, np.eye(3))
    assert load_case.expected_reactions == {}


def test_a_posture_is_not_guided():
    case = Case.model_validate(
        {
            "schema_version": 1,
            "name": "x",
            "patient": {"mass": "75 kg"},
            "surgery": {"plan": "intact"},
            "loads": [{"name": "a", "kind": "standing", "guided": True, "source": "b"}],
        }
    )
    with pytest.raises(InputError, match=r'loads\[0\].guided: true, but .* not "standing"'):
        load_cases(case, pelvis())


@pytest.mark.parametrize(
    ("build", "changes", "shape", "problem"),
    [
        (axial, {"kind": "axial"}, {}, r"loads\[3\].force: .*500 N"),
        (
            crutch_stance,
            {"crutch_force": 0.3},
            {},
            r"crutch_force: 30 % each lifts the upper body off L4: take less than 26.8 %",
        ),
        (crutch_stance, {"abductor_arm": 200.0}, {}, r"abductor_arm: 200.0 mm .*infinitely far"),
        (crutch_stance, {"abductor_arm": 12.0}, {}, r"abductor_arm: 12.0 mm .*25 to 100 mm is allowed"),
        (crutch_stance, {"crutch_force": 0.0}, {"ahead": 60.0}, r"loads\[3\]: .*5 %BW is allowed"),
        (standing, {}, {"ahead": 60.0}, r'loads\[3\]: "x" needs [12]\d\.\d %BW at L4 to stand, 5 %BW is allowed'),
        (standing, {"support": "acetabula_fixed"}, {"ahead": -60.0}, r"loads\[3\]: .*5 %BW is allowed"),
    ],
)
def test_what_cannot_stand_is_refused(build, changes, shape, problem):
    with pytest.raises(InputError, match=problem):
        build(spec(**changes), 75.0, pelvis(**shape), "loads[3]")


def test_a_kinematic_pilot_is_one_for_each_face_that_is_loaded_or_held():
    meshed = pelvis()
    loose = crutch_stance(spec(kind="crutch_stance"), 75.0, meshed, "loads[0]")
    potted = crutch_stance(spec(kind="crutch_stance", pilot="kinematic"), 75.0, meshed, "loads[0]")
    pilots = potted.supports[len(loose.supports) :]
    assert {pilot.kind for pilot in pilots} == {"rigid"}
    assert {pilot.name for pilot in pilots} >= {
        "pilot of upper body on L4",
        "pilot of left hip",
        "pilot of right leg",
    }
    faces = {pilot.body for pilot in pilots}
    assert faces == {"L4", "left_ilium", "right_ilium"}
    assert potted.expected_reactions.keys() == loose.expected_reactions.keys()
    assert not any(name.startswith("pilot") for name in loose.expected_reactions)
    press = axial(
        spec(kind="axial", force=500.0, guided=True, pilot="kinematic", support="acetabula_fixed"), 75.0, meshed, "l"
    )
    assert [support.name for support in press.supports if support.kind == "rigid"] == ["pilot of axial force on L4"]


def test_potted_cases_balance_too():
    case = Case.model_validate(
        {
            "schema_version": 1,
            "name": "x",
            "patient": {"mass": "75 kg"},
            "surgery": {"plan": "intact"},
            "loads": [
                {"name": kind, "kind": kind, "pilot": "kinematic", "source": "b"}
                | ({"force": "500 N"} if kind == "axial" else {})
                for kind in ("axial", "standing", "crutch_stance")
            ],
        }
    )
    for load_case in load_cases(case, pelvis()):
        assert {support.kind for support in load_case.supports} == {"mean", "rigid"}
        held = {support.name for support in load_case.supports if support.kind == "mean"}
        assert set(load_case.expected_reactions) == held
