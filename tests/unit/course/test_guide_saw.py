"""A guide under the saw: the hand's push comes out of the feet again, and the slot moves the way it is pushed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "surgery"))
from guide_shapes import made

from femsacrum.course.saw import Swayed, UnderSaw, _solved, sawn, swayed
from femsacrum.course.saw_told import told
from femsacrum.sources.tables import constant
from femsacrum.surgery.guides.model import Guide, Kinematics


@pytest.fixture(scope="module")
def model():
    guide = made()
    held = Kinematics(np.ones(6), 1.0, 30.0, np.zeros((0, 6)), True, 0.1)
    solids = {name: part.brep for name, part in guide.parts.items()}
    slots = tuple(lead.slot for lead in guide.leads)
    return sawn(guide.anatomy, Guide(guide.seat, held, (), guide.wires, slots, solids))


def test_what_a_hand_presses_on_the_block_its_feet_press_on_the_bone(model):
    found = swayed(model, _solved(model, "push", None))
    push = constant("guides", "push").value
    assert found.imbalance < 1e-6
    # on a flat back all feet press along the push; wires that slide in their sleeves bear what little is left
    assert found.feet.sum() == pytest.approx(push, rel=0.05)
    assert (found.feet > 0.0).sum() >= 6  # the rails bend, two in the middle of them may lift
    assert found.turn < 0.5


def test_a_blade_that_leans_on_its_slot_moves_it_that_way_and_lifts_feet(model):
    side = constant("guides", "side_load").value
    foot, head = (swayed(model, _solved(model, name, size)) for name, size in (("foot", side), ("head", -side)))
    assert foot.shift > 0.0 > head.shift
    assert min(foot.feet.min(), head.feet.min()) < 0.01
    assert foot.deepest >= abs(foot.shift)
    said = told(UnderSaw(head, np.array([-side, side]), (head, foot), model.slot.corners.mean(axis=0)))
    assert said["under"]["push and blade to the foot"]["lifted"] == (foot.feet < 0.01).sum()
    assert [row["side"]["value"] for row in said["curve"]] == [-side, side]
    assert said["loads"]["side_load"]["confidence"] == "M-low"


def test_the_stiffer_print_moves_less(model):
    from dataclasses import replace

    before = swayed(model, _solved(model, "push", None))
    printed = model.materials["guide"]
    stiff = replace(printed, youngs_modulus=20.0 * printed.youngs_modulus)
    after = swayed(
        replace(model, materials={**model.materials, "guide": stiff}),
        _solved(replace(model, materials={**model.materials, "guide": stiff}), "push", None),
    )
    assert after.deepest < before.deepest


def curve(*rows):
    """A curve of (load, largest motion, turn, feet that lift of eight)."""
    leaned = tuple(
        Swayed(0.0, deepest, turn, np.repeat([0.0, 10.0], [lifted, 8 - lifted]), {}, np.zeros(6), 0.0)
        for _, deepest, turn, lifted in rows
    )
    return UnderSaw(leaned[0], np.array([row[0] for row in rows], dtype=float), leaned, np.zeros(3))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(-100, 0.2, 0.5, 1), (0, 0.1, 0.2, 0), (100, 0.9, 1.9, 4)], None),
        ([(-100, 0.2, 0.5, 1), (0, 0.5, 0.2, 0), (100, 1.5, 1.0, 2)], "up to 50 N"),
        ([(-100, 0.2, 3.0, 1), (0, 0.5, 0.0, 0), (100, 1.5, 1.0, 2)], "up to 50 N"),
        ([(-100, 0.2, 5.0, 1), (0, 0.5, 0.0, 0), (100, 0.6, 1.0, 2)], "up to 40 N"),
        ([(-100, 0.2, 0.5, 1), (0, 0.1, 0.2, 0), (50, 0.2, 0.2, 4), (100, 0.3, 0.3, 5)], "up to 50 N"),
        ([(-100, 0.2, 0.5, 1), (0, 1.1, 0.2, 0), (100, 1.2, 0.3, 0)], "at no side load"),
    ],
)
def test_the_load_up_to_which_the_slot_keeps_its_place_is_read_off_the_curve(rows, words):
    said = told(curve(*rows))["doubts"]
    assert len(said) == (words is not None)
    assert words is None or words in said[0]


def test_turns_that_are_not_small_are_told():
    said = told(curve((-100, 0.2, 0.5, 1), (0, 0.1, 0.2, 0), (100, 3.0, 5.5, 6)))["doubts"]
    assert "6 of 8 feet" in said[0]
    assert "small turns no longer hold" in said[1]
