"""Landmarks, the pelvis' own frame, and the angles made of them."""

from dataclasses import replace

import numpy as np
import pytest
from anatomy_shapes import ball
from scipy.spatial.transform import Rotation

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.foramina import depths, foramina
from femsacrum.anatomy.isb import PelvicFrame, anterior_pelvic_plane
from femsacrum.anatomy.measures import angles
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.patient import laid_over
from femsacrum.anatomy.placing import origins, placed
from femsacrum.anatomy.prominences import prominences
from femsacrum.anatomy.reference import PAIRED, reference
from femsacrum.anatomy.registration import Affine, moved
from femsacrum.anatomy.stated import bone_of, with_stated
from femsacrum.case.names import LANDMARKS
from femsacrum.case.schema import AnatomyOptions
from femsacrum.errors import InputError

SLOPE, TILT = 38.0, 14.0


def pelvis(skew=0.0):
    """Landmarks of a pelvis whose angles are known, asymmetric by ``skew`` [mm]."""
    a, b = np.radians([SLOPE, TILT])
    middle = 100.0 * np.array([0.0, np.sin(b), np.cos(b)])  # from the hip axis to the endplate
    edge = 16.0 * np.array([0.0, np.cos(a), np.sin(a)])
    out = {"endplate_S1_ant": middle - edge, "endplate_S1_post": middle + edge, "S1_endplate": middle}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        out[f"{side}_hip_centre"] = np.array([sign * 85.0, 0.0, 0.0])
        out[f"{side}_ASIS"] = np.array([sign * 115.0, -50.0 + sign * skew, 75.0])
        out[f"{side}_PSIS"] = np.array([sign * 45.0, 90.0, 75.0 + sign * skew])
        out[f"{side}_pubic_tub"] = np.array([sign * 22.0, -50.0, -20.0])
    return out, {"S1_endplate": np.array([0.0, -np.sin(a), np.cos(a)])}


def random_turns(number=20):
    return Rotation.random(number, random_state=4).as_matrix()


@pytest.fixture(scope="module")
def female():
    return reference(AnatomyOptions(sex="female"), spacing=1.6)


def test_the_frame_is_that_of_the_pelvis():
    landmarks, _ = pelvis()
    frame = PelvicFrame.of(landmarks)
    # X to the front, Y up, Z to the right, from the right hip centre
    assert frame.axes == pytest.approx(np.array([[0.0, -1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]]))
    assert frame.from_lps(landmarks["left_hip_centre"]) == pytest.approx([0.0, 0.0, -170.0])
    assert anterior_pelvic_plane(landmarks) == pytest.approx(np.eye(3))


@pytest.mark.parametrize("skew", [0.0, 6.0])
def test_the_frame_is_orthonormal_and_turns_with_the_patient(skew):
    landmarks, _ = pelvis(skew)
    upright = PelvicFrame.of(landmarks)
    points = np.array(list(landmarks.values()))
    for turn in random_turns():
        lying = PelvicFrame.of({name: turn @ point + 30.0 for name, point in landmarks.items()})
        assert lying.axes @ lying.axes.T == pytest.approx(np.eye(3), abs=1e-12)
        assert np.linalg.det(lying.axes) == pytest.approx(1.0)
        assert lying.from_lps(points @ turn.T + 30.0) == pytest.approx(upright.from_lps(points), abs=1e-9)
        assert lying.to_lps(lying.from_lps(points)) == pytest.approx(points, abs=1e-9)


def test_a_mirrored_patient_swaps_sides():
    landmarks, _ = pelvis(5.0)
    other = {"left": "right", "right": "left"}
    mirrored = {}
    for name, point in landmarks.items():
        side, _, rest = name.partition("_")
        mirrored[f"{other[side]}_{rest}" if side in other else name] = point * [-1.0, 1.0, 1.0]
    here, there = PelvicFrame.of(landmarks, "right"), PelvicFrame.of(mirrored, "left")
    for name in ("ASIS", "PSIS", "hip_centre", "pubic_tub"):
        seen = here.from_lps(landmarks[f"left_{name}"])
        assert there.from_lps(mirrored[f"right_{name}"]) == pytest.approx(seen * [1.0, 1.0, -1.0])


def test_the_incidence_belongs_to_the_bone_and_slope_and_tilt_to_the_posture():
    landmarks, directions = pelvis()
    for turn in (np.eye(3), *random_turns()):
        found = angles({n: turn @ p for n, p in landmarks.items()}, {n: turn @ d for n, d in directions.items()})
        assert found["pelvic_incidence [deg]"] % 360.0 == pytest.approx(SLOPE + TILT)
        assert found["sacral_slope_with_vertical_APP [deg]"] == pytest.approx(SLOPE)
        assert found["pelvic_tilt_with_vertical_APP [deg]"] == pytest.approx(TILT)
    # bent backwards by 7 deg the endplate is flatter and the tilt larger by as much
    back = Rotation.from_euler("x", -7.0, degrees=True).as_matrix()
    found = angles({n: back @ p for n, p in landmarks.items()}, {n: back @ d for n, d in directions.items()})
    assert found["sacral_slope [deg]"] == pytest.approx(SLOPE - 7.0)
    assert found["pelvic_tilt [deg]"] == pytest.approx(TILT + 7.0)


def test_a_prominence_is_the_outermost_part_along_the_axes_of_the_pelvis():
    bone = ball(radius=30.0, spacing=2.0)
    # a needle on top, thinner than a fingertip
    tip = np.array([[0.0, 0.0, 29.0], [1.0, 0.0, 29.0], [0.0, 1.0, 29.0], [0.0, 0.0, 38.0]])
    count = len(bone.points)
    spiked = Surface(np.vstack([bone.points, tip]), np.vstack([bone.triangles, [[count, count + 1, count + 3]]]))
    turn = Rotation.from_euler("x", 20.0, degrees=True).as_matrix()
    for axes in (np.eye(3), turn):
        guesses = {
            "ASIS": axes @ [8.0, -28.0, 4.0],
            "PSIS": axes @ [0.0, 29.0, 9.0],
            "crest_top": axes @ [9.0, 5.0, 28.0],
        }
        found = prominences(bone, guesses, axes, "left")
        for name, direction in {"ASIS": [0, -1, 0], "PSIS": [0, 1, 0], "crest_top": [0, 0, 1]}.items():
            assert found[name] == pytest.approx(30.0 * axes @ np.array(direction, dtype=float), abs=1.5), name
    assert prominences(spiked, {"crest_top": np.array([0.0, 5.0, 29.0])}, np.eye(3), "left")["crest_top"][2] < 33.0


def test_left_and_right_are_treated_alike(female):
    right, left = (
        prominences(female.parts[f"{s}_ilium"], _guesses(female, s), np.eye(3), s) for s in ("right", "left")
    )
    for name, point in left.items():
        assert right[name] == pytest.approx(point * [-1.0, 1.0, 1.0], abs=0.8), name


def _guesses(anatomy, side):
    return {name: anatomy.landmarks[f"{side}_{name}"] for name in ("ASIS", "PSIS", "crest_top", "pubic_tub")}


def test_anterior_foramina_are_mouths_in_the_bone(female):
    inside = DistanceTo(female.parts["sacrum"])
    for level in ("S1", "S2", "S3", "S4"):
        left, right = (female.landmarks[f"{side}_foramen_{level}"] for side in ("left", "right"))
        assert right == pytest.approx(left * [-1.0, 1.0, 1.0], abs=1e-9)
        assert 0.5 < inside(left[None])[0] < 9.0  # free, with bone around it
        aside = left + np.array([[10.0, 0.0, 0.0], [-10.0, 0.0, 0.0], [0.0, 4.0, 11.0]])
        assert inside(aside).min() < 0.0
    lengths = depths(female.landmarks)
    assert 25.0 < lengths["S1"] < lengths["S2"] < lengths["S3"] < lengths["S4"] < 110.0


def test_levels_the_bone_does_not_reach_are_left_out(female):
    sacrum = female.parts["sacrum"]
    assert foramina(lambda points: points + np.array([0.0, 60.0, -60.0]), sacrum) == {}
    assert foramina(lambda points: points + np.array([0.0, 10.0, 10.0]), sacrum) == {}  # mouths would be in bone
    # everything below S2 is somewhere else
    some = foramina(lambda points: np.where(points[:, 2:] < -6.0, points - [0.0, 0.0, 40.0], points), sacrum)
    assert sorted(some) == ["left_foramen_S1", "left_foramen_S2", "right_foramen_S1", "right_foramen_S2"]


def test_depths_follow_the_curve_of_the_sacrum():
    landmarks = {"S1_endplate": np.zeros(3)}
    for level, y, z in (("S1", 0.0, -30.0), ("S2", 20.0, -30.0)):
        for side, x in (("left", 20.0), ("right", -20.0)):
            landmarks[f"{side}_foramen_{level}"] = np.array([x, y, z])
    assert depths(landmarks) == pytest.approx({"S1": 30.0, "S2": 50.0})
    del landmarks["S1_endplate"]
    assert depths(landmarks) == {}


def found_on(reference_anatomy, turn):
    """What is found on the reference's own pelvis where it lies turned."""
    bones = {name: moved(reference_anatomy.parts[name], turn) for name in ("left_ilium", "right_ilium", "sacrum")}
    laid, whole = laid_over(reference_anatomy, bones, dict.fromkeys(bones, "LPS"), dict.fromkeys(bones, "key"))
    return placed(AnatomyOptions(sex="female"), reference_anatomy, laid, whole), whole


@pytest.fixture(scope="module")
def upright(female):
    return found_on(female, Affine(np.eye(3), np.zeros(3)))[0]


def test_on_the_reference_the_landmarks_of_the_table_are_found(female, upright):
    landmarks, plates, radii = upright
    # the table's ends of the endplate were read off a profile by eye, the front one 8 mm behind the rim
    close = {"hip_centre": 1.5, "endplate_S1_ant": 9.0, "S1_endplate": 4.0, "endplate_S1_post": 2.0}
    for name, point in landmarks.items():
        allowed = close.get(name.removeprefix("left_").removeprefix("right_"), 1.0)
        assert np.linalg.norm(point - female.landmarks[name]) < allowed, name
    assert set(landmarks) >= {f"{side}_{name}" for side in ("left", "right") for name in PAIRED}
    assert radii == pytest.approx([female.acetabular_radius] * 2, abs=1.0)
    found = angles(landmarks, {"S1_endplate": plates["S1_endplate"].normal})
    assert found["pelvic_incidence [deg]"] == pytest.approx(female.measures["pelvic_incidence [deg]"], abs=1.5)


def test_a_patient_who_lies_turned_has_the_same_landmarks(female, upright):
    turn = Affine(
        Rotation.from_euler("xyz", [-15, 25, -30], degrees=True).as_matrix(), np.array([80.0, -700.0, 1500.0])
    )
    (landmarks, plates, radii), whole = found_on(female, turn)
    assert whole.axes() == pytest.approx(turn.matrix, abs=2e-3)
    for name, point in upright[0].items():
        assert np.linalg.norm(landmarks[name] - turn(point)) < 0.5, name
    assert radii == pytest.approx(upright[2], abs=0.2)
    assert plates["S1_endplate"].normal == pytest.approx(turn.matrix @ upright[1]["S1_endplate"].normal, abs=5e-3)


def test_every_landmark_of_a_case_is_on_a_bone(female):
    assert {name for name in female.landmarks if "pedicle" not in name} == set(LANDMARKS)
    assert {bone_of(name) for name in LANDMARKS} == {"left_ilium", "right_ilium", "sacrum", "L5", "L4"}
    told = origins(LANDMARKS, {"left_ilium", "sacrum"})
    assert told["left_ASIS"] == "found on the bone"
    assert told["left_notch"] == told["right_foramen_S2"] == "carried from the reference"
    assert told["right_ASIS"] == told["L5_upper"] == "of a borrowed bone"


def test_a_stated_landmark_takes_the_place_of_the_one_found(female):
    point = female.landmarks["left_ASIS"] + [0.0, 0.0, -4.0]
    stated = with_stated(female, {"left_ASIS": tuple(point)})
    assert stated.landmarks["left_ASIS"] == pytest.approx(point)
    assert stated.landmark_origin["left_ASIS"] == "given, 4.0 mm from where it was found"
    assert stated.landmark_origin["right_ASIS"] == "reference"
    assert stated.measures["inter_ASIS_width [mm]"] == pytest.approx(
        np.linalg.norm(point - female.landmarks["right_ASIS"])
    )
    far = tuple(female.landmarks["left_crest_top"] + [14.0, -19.0, -2.0])
    assert "(more than 20 mm" in with_stated(female, {"left_crest_top": far}).landmark_origin["left_crest_top"]


def test_stated_ends_of_the_endplate_change_its_slope(female):
    back = female.landmarks["endplate_S1_post"] + [0.0, 0.0, 3.0]
    edge = back - female.landmarks["endplate_S1_ant"]
    stated = with_stated(female, {"endplate_S1_post": tuple(back)})
    assert stated.measures["sacral_slope [deg]"] == pytest.approx(np.degrees(np.arctan2(edge[2], edge[1])))
    assert stated.landmarks["S1_endplate"] == pytest.approx(back - 0.5 * edge)


@pytest.mark.parametrize(
    ("name", "factor", "words"),
    [
        (
            "left_ASIS",
            [-1.0, 1.0, 1.0],
            r"left_ASIS: at -1.* mm is 1\d\d\.\d mm from the surface of left_ilium, allowed",
        ),
        ("left_ASIS", [0.1, 0.1, 0.1], "are unit, side and frame"),
        ("right_hip_centre", [0.85, 1.0, 1.0], "allowed are 14 to 40 mm"),
        ("L5_upper", [1.0, 1.0, 0.1], "from the surface of L5"),
    ],
    ids=["other side", "cm", "in the fossa", "elsewhere"],
)
def test_a_landmark_that_is_not_at_its_bone_is_refused(female, name, factor, words):
    with pytest.raises(InputError, match=words):
        with_stated(female, {name: tuple(female.landmarks[name] * factor)})


def test_a_landmark_of_a_bone_that_is_not_there_is_refused(female):
    without = replace(female, parts={name: part for name, part in female.parts.items() if name != "L4"})
    with pytest.raises(InputError, match="is on L4, which is not there"):
        with_stated(without, {"L4_upper": (0.0, 0.0, 0.0)})
