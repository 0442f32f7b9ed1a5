"""Strain of nerves against closed forms: moving ends, rigid motion, slack; and what the findings say of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from femsacrum.findings.nerve_law import carried, elongation, exceeds, meaning, percent, slack_needed, strain, tension
from femsacrum.findings.nerves import nerves
from femsacrum.report.nerve_words import answer
from femsacrum.surgery.nerves.model import Anchor, Course, NerveGraft, Nerves, Root

point = arrays(float, 3, elements=st.floats(-80.0, 80.0))
small = arrays(float, 3, elements=st.floats(-20.0, 20.0))
cloud = np.random.default_rng(5).normal(size=(60, 3)) * 15.0


@given(point, point, small, small)
def test_a_straight_cable_between_two_moving_points_is_exact(a, b, u, v):
    before, after = np.linalg.norm(b - a), np.linalg.norm(b + v - a - u)
    assume(before > 1.0)
    got = elongation(np.array([a, b]), np.array([u, v]))
    assert got == pytest.approx(after - before, abs=1e-9)
    assert strain(before + got, before) == pytest.approx(max(0.0, after / before - 1.0), abs=1e-9)


@given(arrays(float, (6, 3), elements=st.floats(-80.0, 80.0)), small, small)
def test_a_polyline_carried_by_bones_that_move_as_one_is_not_strained(line, turn, shift):
    rotation = Rotation.from_rotvec(0.1 * turn)
    moved = rotation.apply(cloud) + shift
    displaced = np.array([carried(one, cloud, moved - cloud) for one in line])
    np.testing.assert_allclose(displaced, rotation.apply(line) + shift - line, atol=1e-8)
    assert elongation(line, displaced) == pytest.approx(0.0, abs=1e-7)


@given(st.floats(5.0, 150.0), st.floats(-5.0, 30.0), st.floats(0.0, 40.0))
def test_a_cable_is_slack_then_linear(length, slack, pulled):
    rest = length + slack
    assume(rest > 1.0)
    got = strain(length + pulled, rest)
    assert got == pytest.approx(max(0.0, (pulled - slack) / rest), abs=1e-12)
    assert tension(got, 1.0, 2.9) == pytest.approx(np.pi * 2.9 * got)


@given(st.floats(5.0, 150.0), st.floats(0.0, 40.0), st.floats(0.01, 0.2))
def test_the_slack_that_is_needed_is_just_enough(length, pulled, most):
    slack = slack_needed(length, pulled, most)
    got = strain(length + pulled, length + slack)
    assert got <= most + 1e-12
    assert slack == 0.0 or got == pytest.approx(most, abs=1e-9)


@pytest.mark.parametrize(
    ("strained", "said"),
    [(0.0, "within"), (0.0499, "within"), (0.05, "within"), (0.0501, "aimed at"),
     (0.06, "conduction falls"), (0.08, "impaired"), (0.12, "blocked"), (0.15, "flow stops"), (0.4, "flow stops")],
)  # fmt: skip
def test_strains_are_told_by_what_was_seen_at_them(strained, said):
    assert said in meaning(strained)


@given(st.floats(0.0, 1.2))
def test_a_strain_reads_as_what_it_means(strained):
    said = percent(strained)
    assert said.endswith(" %")
    if strained < 1e-5:
        assert said in ("0 %", "< 0.001 %")
        return
    read = float(said[:-2]) / 100.0
    assert read == pytest.approx(strained, rel=0.05)
    assert meaning(read) == meaning(strained)
    assert exceeds(read) == exceeds(strained)


@pytest.mark.parametrize(
    ("strained", "said"), [(0.05, "5 %"), (0.0504, "5.04 %"), (0.0833, "8.3 %"), (0.07999, "7.999 %"), (1.2, "120 %")]
)
def test_digits_are_added_until_a_strain_is_not_mistaken(strained, said):
    assert percent(strained) == said


@given(st.floats(5.0, 150.0), st.floats(0.0, 40.0))
def test_the_slack_that_is_needed_is_not_more_than_aimed_at(length, pulled):
    assert not exceeds(strain(length + pulled, length + slack_needed(length, pulled, 0.05)))


def assembled(graft_length=50.0):
    """A kept root of 100 mm and a graft across 40 mm, along z, between a sacrum and an ilium 100 mm below."""
    line = np.column_stack([np.zeros(11), np.zeros(11), np.linspace(0.0, -100.0, 11)])
    course = Course("left_S1", line, 4, line[:1], 1.5, "drawn for a test", 0.0)
    anchors = tuple(
        Anchor(name, line[i], body)
        for name, i, body in (("canal", 0, "sacrum"), ("foramen", 4, "sacrum"), ("exit", 10, "left_ilium"))
    )
    kept = Root(course, "kept", (line,), anchors, clearance={"cut": 3.0})
    graft = NerveGraft(graft_length, 1.5, line[3:8].copy(), 40.0)
    ends = (Anchor("proximal stump", line[3], "sacrum"), Anchor("distal stump", line[7], "left_ilium"))
    bridged = Root(Course("left_S3", line, 4, line[:1], 0.5, "drawn for a test", 0.0), "bridged", (line[:4], line[7:]),
                   ends, graft.slack, graft)  # fmt: skip
    gone = Root(Course("left_S2", line, 4, line[:1], 0.9, "drawn for a test", 0.0), "cut", (line[:4], line[7:]))
    found = Nerves({"left_S1": kept, "left_S2": gone, "left_S3": bridged}, {"left_S4": "no foramina"}, 2.0)
    body = {name: SimpleNamespace(nodes=cloud + np.array([0.0, 0.0, z]), role="bone")
            for name, z in (("sacrum", 0.0), ("left_ilium", -100.0))}  # fmt: skip
    return SimpleNamespace(construct=SimpleNamespace(nerves=found), bodies=body)


def solved(drop, loose=()):
    fields = {"sacrum": np.zeros_like(cloud), "left_ilium": np.tile([0.0, 0.0, -drop], (len(cloud), 1))}
    return SimpleNamespace(name="standing", displacements=fields, loose=loose)


def test_a_load_case_strains_roots_and_grafts_by_how_far_their_bones_part():
    found = nerves(assembled(), [solved(3.0)])
    kept, graft = found["load_cases"]["standing"]["left_S1"], found["load_cases"]["standing"]["left_S3"]
    assert kept["strain"]["value"] == pytest.approx(0.03)
    assert kept["strain_held"]["value"] == pytest.approx(3.0 / 60.0)
    assert kept["force"]["value"] == pytest.approx(2.9 * np.pi * 1.5**2 * 0.05)
    assert graft["elongation"]["value"] == pytest.approx(3.0)
    assert graft["strain"]["value"] == 0.0  # 10 mm slack
    assert "left_S2" not in found["load_cases"]["standing"]  # a cut root has free ends


def test_postures_pull_as_published_and_their_range_is_told():
    found = nerves(assembled(), [])
    raised = found["postures"]["straight_leg_raise"]["roots"]["left_S1"]
    assert raised["pulled"]["most"] == {"value": 5.0, "unit": "mm"}
    assert raised["strain"]["value"] == pytest.approx(0.05)
    assert raised["least"]["strain"]["value"] == pytest.approx(0.005)
    assert "Smith 1993" in raised["source"]
    assert found["motion"]["roots"]["left_S1"]["strain"]["value"] == pytest.approx(0.02)
    needed = found["slack_needed"]
    assert needed["left_S3"]["length"]["value"] == pytest.approx(40.0 + (5.0 - 0.05 * 40.0) / 1.05)
    assert needed["left_S3"]["enough"]
    assert found["roots"]["left_S3"]["graft"]["stiffness"]["value"] == pytest.approx(2.9 * np.pi * 1.5**2 / 50.0)
    assert found["missing"] == {"left_S4": "no foramina"}
    assert found["doubts"] == ["left S1: the nearest cut face is 3.0 mm away, wanted are 5 mm."]


def test_a_short_graft_is_strained_at_rest_and_doubted():
    found = nerves(assembled(38.0), [])
    bent = found["postures"]["hip_flexion"]["roots"]["left_S3"]
    assert bent["least"]["strain"]["value"] == pytest.approx(2.0 / 38.0)
    assert bent["strain"]["value"] == pytest.approx(4.5 / 38.0)
    assert any("the graft needs 42.9 mm, it has 38 mm" in said for said in found["doubts"])


def test_metal_is_as_near_to_a_graft_as_to_the_line_between_its_stumps():
    bowed = assembled()
    corners = np.array([[x, y, z] for x in (6.0, 20.0) for y in (-30.0, 30.0) for z in (-100.0, 0.0)])
    faces = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6],
             [0, 6, 4], [1, 5, 7], [1, 7, 3]]  # fmt: skip
    bowed.bodies["prosthesis"] = SimpleNamespace(nodes=corners, facets=np.array(faces), role="implant")
    graft = bowed.construct.nerves.roots["left_S3"].graft
    graft.path[1:-1, 0] = 5.0  # how it is drawn does not count
    found = nerves(bowed, [])
    assert found["roots"]["left_S3"]["clearance"]["prosthesis"]["value"] == pytest.approx(6.0 - 1.5)
    assert found["roots"]["left_S1"]["clearance"]["prosthesis"]["value"] == pytest.approx(6.0 - 1.5)
    assert found["roots"]["left_S2"]["clearance"] == {}


def test_what_nothing_holds_is_not_determined():
    found = nerves(assembled(), [solved(3.0, loose=("left_ilium",))])
    state = found["load_cases"]["standing"]["left_S1"]
    assert state["strain"]["value"] is None
    assert state["meaning"] == "not determined"


def test_what_is_not_determined_is_neither_enough_nor_within():
    found = nerves(assembled(), [solved(3.0, loose=("left_ilium",))])
    needed = found["slack_needed"]["left_S3"]
    assert needed["enough"] is None
    assert needed["slack"]["value"] is None
    assert needed["length"]["value"] is None
    assert needed["length_at_least"]["value"] == pytest.approx(40.0 + (5.0 - 0.05 * 40.0) / 1.05)
    assert needed["not_determined_in"] == ["load case standing"]
    assert any(
        "Load case standing: not determined for left S1, the graft of left S3" in said for said in found["doubts"]
    )
    said = answer(found)
    assert "every state looked at" not in said
    assert "all stay within 5 % in the states that are determined" in said
    assert "Not determined, so not judged: left S1 (load case standing); left S3 (load case standing)." in said
    assert "No graft is strained as far as is determined." in said


def test_a_load_case_or_a_motion_over_the_limits_is_doubted():
    found = nerves(assembled(), [solved(17.0)])
    assert found["slack_needed"]["left_S1"]["enough"] is False
    assert found["slack_needed"]["left_S1"]["exceeded_in"] == ["load case standing"]
    said = "Load case standing may strain left S1 by 17 % (blood flow stops), the graft of left S3 by 14 % (conduction is"
    assert any(doubt.startswith(said) for doubt in found["doubts"])
    moved = assembled(40.0)
    moved.construct.nerves = replace(moved.construct.nerves, motion=7.0)
    doubts = nerves(moved, [])["doubts"]
    assert any(
        "7 mm motion of an implant or fragment may strain left S1 by 7 % (conduction falls)" in one for one in doubts
    )
    assert not any("may strain" in one for one in nerves(assembled(), [solved(1.0)])["doubts"])


def test_exactly_what_is_aimed_at_is_within_it_and_scar_is_told_by_state():
    found = nerves(assembled(), [])
    said = answer(found)
    assert found["postures"]["straight_leg_raise"]["roots"]["left_S1"]["strain"]["value"] == pytest.approx(0.05)
    assert "at most 5 % (raising the straight leg), within 5 %" in said
    assert "over what is aimed at" not in said
    assert "all stay within 5 % in every state looked at" in said
    assert "Held at the foramen by scar, these exceed 5 %: left S1 (raising the straight leg)." in said


def test_the_saw_that_comes_nearest_is_told():
    near = assembled()
    root = near.construct.nerves.roots["left_S1"]
    roots = {**near.construct.nerves.roots, "left_S1": replace(root, clearance={"cut": 25.0, "deroofing": 0.93})}
    near.construct.nerves = replace(near.construct.nerves, roots=roots)
    found = nerves(near, [])
    assert found["doubts"] == ["left S1: the nearest face sawn to open the canal is 0.9 mm away, wanted are 5 mm."]
    assert "Nearest to a saw: left S1, 0.93 mm from the face sawn to open the canal." in answer(found)


def test_without_the_key_nothing_is_told():
    assert nerves(SimpleNamespace(construct=SimpleNamespace(nerves=None), bodies={}), []) == {}
