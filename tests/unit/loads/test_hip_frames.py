"""Published forces on the femur's head press the acetabulum up, inwards and into the cup, on both sides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_pelvis import pelvis

from femsacrum.anatomy.isb import PelvicFrame
from femsacrum.loads.hip_frames import femur_to_pelvis, pelvis_to_femur, rotation, to_lps

#: Means of ten instrumented hips, and the simplified set of Heller 2005, on the head of the femur [%BW].
PUBLISHED = {
    ("Bergmann 2016 femur", "one-leg stance"): (73.6, -15.0, -248.8),
    ("Bergmann 2016 femur", "walking"): (67.7, -23.6, -235.8),
    ("Bergmann 2016 femur", "standing up"): (86.1, -23.4, -194.5),
    ("HIP98 femur", "walking"): (-54.0, -32.8, -229.2),
    ("HIP98 femur", "stairs"): (-59.3, -60.6, -236.3),
}
SIDES = st.sampled_from(["left", "right"])
#: Of a hip that carries in stance [deg]: flexion, adduction, internal rotation.
STANCE = st.tuples(st.floats(-15, 30), st.floats(-8, 10), st.floats(-10, 10)).map(np.array)
ANY = st.tuples(st.floats(-60, 120), st.floats(-40, 40), st.floats(-50, 50)).map(np.array)
VECTOR = st.tuples(*[st.floats(-300, 300)] * 3).map(np.array)


def facing(side, inclination, anteversion):
    """Into a cup, anatomical angles of its axis (Murray 1993) [deg], ISB axes: against where it opens to."""
    i, a = np.radians([inclination, anteversion])
    opens = np.array([np.sin(a) * np.sin(i), -np.cos(i), np.cos(a) * np.sin(i)])  # forwards, down, outwards
    return -opens * [1.0, 1.0, 1.0 if side == "right" else -1.0]


@settings(max_examples=60, deadline=None)
@given(case=st.sampled_from(sorted(PUBLISHED)), side=SIDES, angles=STANCE, anteversion=st.floats(10, 30))
def test_published_forces_press_up_inwards_and_into_the_cup(case, side, angles, anteversion):
    force = femur_to_pelvis(PUBLISHED[case], case[0], side, angles)
    assert np.linalg.norm(force) == pytest.approx(np.linalg.norm(PUBLISHED[case]))
    assert force[1] > 0.75 * np.linalg.norm(force)
    to_the_right = force[2] if side == "left" else -force[2]
    assert to_the_right > 0.0  # a left femur presses to the right, towards the midline
    # within the hemisphere of the cup, well away from its rim: 45 deg of inclination, usual anteversion
    assert force @ facing(side, 45.0, anteversion) > np.cos(np.radians(65.0)) * np.linalg.norm(force)


@pytest.mark.parametrize("side", ["left", "right"])
def test_both_data_sets_agree_on_walking(side):
    """x of opposite sense: read wrongly, the forces would part by some 30 deg."""
    upright = np.zeros(3)
    one, other = (
        femur_to_pelvis(PUBLISHED[name, "walking"], name, side, upright) for name in ("Bergmann 2016 femur", "HIP98 femur")
    )  # fmt: skip
    between = np.degrees(np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other)))
    assert between < 5.0


@settings(max_examples=40, deadline=None)
@given(force=VECTOR, angles=ANY, side=SIDES, frame=st.sampled_from(["Bergmann 2016 femur", "HIP98 femur"]))
def test_there_and_back(force, angles, side, frame):
    there = femur_to_pelvis(force, frame, side, angles)
    assert pelvis_to_femur(there, frame, side, angles) == pytest.approx(force, abs=1e-9)
    many = femur_to_pelvis(np.tile(force, (4, 1)), frame, side, np.tile(angles, (4, 1)))
    assert many == pytest.approx(np.tile(there, (4, 1)), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(force=VECTOR, angles=ANY, frame=st.sampled_from(["Bergmann 2016 femur", "HIP98 femur"]))
def test_left_is_the_mirror_image_of_right(force, angles, frame):
    left, right = (femur_to_pelvis(force, frame, side, angles) for side in ("left", "right"))
    assert left == pytest.approx(right * [1.0, 1.0, -1.0], abs=1e-9)


@pytest.mark.parametrize(
    ("angles", "knee"),
    [
        ((90.0, 0.0, 0.0), (1.0, 0.0, 0.0)),  # a flexed thigh points forwards
        ((0.0, 90.0, 0.0), (0.0, 0.0, -1.0)),  # an adducted right one to the left, across the midline
        ((0.0, 0.0, 90.0), (0.0, -1.0, 0.0)),
        ((30.0, 20.0, 0.0), (0.469846310, -0.813797681, -0.342020143)),  # cos 20 / 2, -cos 20 cos 30, -sin 20
    ],
)
def test_where_a_right_thigh_points(angles, knee):
    assert rotation(*angles) @ [0.0, -1.0, 0.0] == pytest.approx(knee, abs=1e-8)


def test_a_thigh_turned_inwards_turns_its_front_to_the_midline():
    assert rotation(0.0, 0.0, 90.0) @ [1.0, 0.0, 0.0] == pytest.approx([0.0, 0.0, -1.0], abs=1e-12)


def test_a_flexed_hip_is_pressed_backwards_by_a_force_along_its_femur():
    along = femur_to_pelvis((0.0, 0.0, -100.0), "HIP98 femur", "right", (90.0, 0.0, 0.0))
    assert along == pytest.approx([-100.0, 0.0, 0.0], abs=1e-9)


@pytest.mark.parametrize("side", ["left", "right"])
def test_in_the_patients_axes(side):
    """LPS: x to the left, y backwards, z up; this pelvis' iliac spines are nearly level, by 23 mm over 94."""
    landmarks = pelvis().construct.anatomy.landmarks
    frame = PelvicFrame.of(landmarks)
    force = to_lps(femur_to_pelvis((67.7, -23.6, -235.8), "Bergmann 2016 femur", side, np.zeros(3)), frame)
    assert force[2] > 200.0
    assert force[0] == pytest.approx(-67.7 if side == "left" else 67.7)
    turned = frame.from_lps(frame.origin + force)
    assert turned == pytest.approx(
        femur_to_pelvis((67.7, -23.6, -235.8), "Bergmann 2016 femur", side, np.zeros(3)), abs=1e-9
    )
