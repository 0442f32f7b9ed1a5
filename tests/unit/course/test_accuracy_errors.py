"""What one error of guide or saw does to the plane of a cut, in closed form."""

from dataclasses import fields

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from femsacrum.anatomy.model import Plane
from femsacrum.course.accuracy.errors import (
    Curved,
    Errors,
    GuideSeat,
    GuideSway,
    Led,
    blade_bending,
    budget,
    contact_error,
    to_plane,
    wire_stiffness,
)
from femsacrum.course.accuracy.pose import angles, cut_frame, draw, heights
from femsacrum.sources.tables import table

MIDDLE = np.array([30.0, 80.0, -12.0])
FRAME = cut_frame(Plane(MIDDLE, np.array([-0.6, 0.8, 0.1])), MIDDLE)
NONE = {each.name: 0.0 for each in fields(Errors) if each.name in (
    "seat_shift", "seat_turn", "segmentation", "print", "slot_side_load", "slot_clearance", "blade_side_load"
)}  # fmt: skip


def test_a_small_rigid_motion_moves_the_plane_as_said():
    """Points of the plane, turned and shifted exactly, lie at the heights of the linear rule up to second order."""
    about, shift, turn = (
        np.array([10.0, 100.0, 5.0]),
        np.array([0.03, -0.02, 0.05]),
        1e-4 * np.array([2.0, -1.0, 3.0]),
    )
    pose = to_plane(FRAME, about) @ np.concatenate([shift, turn])
    places = np.array([[0.0, 0.0], [20.0, 0.0], [0.0, -15.0], [7.0, 9.0]])
    points = FRAME.space(places)
    moved = about + shift + (points - about) @ Rotation.from_rotvec(turn).as_matrix().T
    # where a moved point stands over the plan, its place in the plan having moved along a little as well
    assert heights(pose[None], FRAME.flat(moved))[0] == pytest.approx(FRAME.depth(moved), abs=1e-5)


def test_the_frame_of_a_cut_looks_where_the_saw_comes_from():
    assert np.linalg.det([FRAME.normal, FRAME.across, FRAME.along]) == pytest.approx(1.0)
    assert FRAME.across[1] > 0.5
    level = cut_frame(Plane(MIDDLE, np.array([0.0, 0.1, -1.0])), MIDDLE)
    assert level.across[1] > 0.9
    assert cut_frame(Plane(MIDDLE, np.array([0.0, 1.0, 0.0])), MIDDLE).across == pytest.approx([0.0, 0.0, 1.0])


@pytest.mark.parametrize(("length", "stiffness"), [(10.0, 455.0), (20.0, 57.0), (30.0, 17.0)])
def test_a_wire_of_two_millimetres_bends_as_a_cantilever(length, stiffness):
    one = Errors.of({"wires": 1, "wire_diameter": 2.0, "wire_free_length": length})
    assert wire_stiffness(one) == pytest.approx(stiffness, rel=0.02)
    assert wire_stiffness(Errors.of({"wires": 3, "wire_free_length": length})) == pytest.approx(
        3.0 * wire_stiffness(one)
    )


def test_a_blade_bends_as_a_cantilever():
    given = Errors.of({"blade_side_load": 6.0, "blade_width": 24.0, "blade_thickness": 1.0, "steel_modulus": 2e5})
    sag, slope = blade_bending(given, 30.0)  # I = 2 mm4, EI = 4e5
    assert sag == pytest.approx(6.0 * 30.0**3 / 3.0 / 4e5)
    assert slope == pytest.approx(6.0 * 30.0**2 / 2.0 / 4e5)


def test_a_loose_blade_leans_from_lip_to_lip():
    """At most: one lip at +c/2, the other at -c/2, over the depth; the middle of the cut lies farther on."""
    (play,) = [
        each
        for each in budget(FRAME, 20.0, Errors.of({**NONE, "slot_clearance": 0.4, "slot_depth": 10.0}))
        if "play" in each.name
    ]
    leaning = play.directions @ np.array([1.0, -1.0])
    assert leaning == pytest.approx([0.2 + 0.4 * 20.0 / 10.0, -0.04, 0.0])
    assert play.directions @ np.array([1.0, 1.0]) == pytest.approx([0.2, 0.0, 0.0])


def test_draws_have_the_covariance_of_their_parts():
    parts = budget(FRAME, 20.0, Errors.of({}))
    drawn = draw(parts, 200_000, (3, 0))
    wanted = sum(each.covariance for each in parts)
    size = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    assert np.cov(drawn.T) / size == pytest.approx(wanted / size, abs=0.01)
    assert drawn.mean(axis=0) == pytest.approx(0.0, abs=0.02)


def test_nothing_errs_where_nothing_is_said_to():
    drawn = draw(budget(FRAME, 20.0, Errors.of(NONE)), 100, (1, 0))
    assert not drawn.any()
    assert not angles(drawn).any()


def test_the_seat_of_a_guide_takes_the_place_of_the_table():
    """A guide that can only turn about a point d beside the middle, about the axis square to d in the plane."""
    away, turn = 25.0, 0.02
    covariance = np.zeros((6, 6))
    covariance[3:, 3:] = turn**2 * np.outer(FRAME.along, FRAME.along)
    seat = GuideSeat(covariance, MIDDLE - away * FRAME.across)
    first = budget(FRAME, 20.0, Errors.of(NONE), Led(seat))[0]
    assert np.sqrt(np.diag(first.covariance)) == pytest.approx([away * turn, turn, 0.0], abs=1e-9)
    names = [each.name for each in budget(FRAME, 20.0, Errors.of({}), Led(seat))]
    assert not {"segmentation", "print"} & set(names)
    assert contact_error(Errors.of({"segmentation": 0.3, "print": 0.4})) == pytest.approx(0.5)


def test_published_accuracy_is_a_check_and_enters_nothing():
    published = {name for name in table("accuracy") if name.startswith("published")}
    assert published
    assert not published & {each.name for each in fields(Errors)}


def test_a_guide_that_sways_in_proportion_errs_as_a_spring_does():
    """Shift and turn in proportion to the side load: the variance of an even draw, and that of the same as directions."""
    motion = np.array([0.2, -0.1, 0.3, 0.004, -0.002, 0.001])
    sway = GuideSway(np.array([-100.0, 0.0, 100.0]), np.array([-motion, 0.0 * motion, motion]), MIDDLE + 12.0)
    given = Errors.of({**NONE, "slot_side_load": 60.0})
    moved = next(part for part in budget(FRAME, 20.0, given, Led(sway=sway)) if isinstance(part, Curved))
    plane = 0.6 * to_plane(FRAME, sway.point) @ motion
    assert moved.covariance == pytest.approx(np.outer(plane, plane) / 3.0, rel=0.01, abs=1e-9)
    drawn = moved.drawn(np.random.default_rng(1), 200_000)
    assert np.cov(drawn, rowvar=False) == pytest.approx(moved.covariance, rel=0.02, abs=1e-9)
    # beyond what was solved it goes on as straight
    twice = budget(FRAME, 20.0, Errors.of({**NONE, "slot_side_load": 200.0}), Led(sway=sway))
    largest = next(part for part in twice if isinstance(part, Curved)).planes[-1]
    assert largest == pytest.approx(2.0 * to_plane(FRAME, sway.point) @ motion)


def test_a_guide_that_tips_one_way_moves_the_mean():
    """Held on one side and free on the other: of an even draw the mean is a quarter, the variance 1/6 less its square."""
    motion = np.concatenate([FRAME.normal, np.zeros(3)])
    sway = GuideSway(np.array([-100.0, 0.0, 100.0]), np.array([0.0 * motion, 0.0 * motion, motion]), MIDDLE)
    parts = budget(FRAME, 20.0, Errors.of({**NONE, "slot_side_load": 100.0}), Led(sway=sway))
    assert not any(part.name == "bending of the wires" for part in parts)
    offsets = draw(parts, 200_000, (3,))[:, 0]
    assert offsets.mean() == pytest.approx(0.25, abs=0.003)
    assert offsets.var() == pytest.approx(1.0 / 6.0 - 1.0 / 16.0, rel=0.02)
    assert parts[-3].covariance[0, 0] == pytest.approx(1.0 / 6.0 - 1.0 / 16.0, rel=0.01)
