"""Instants of a movement: what is carried adds up, sides alternate, crutches go with the opposite leg."""

import numpy as np
import pytest
from reference_bones import spec

from femsacrum.case.names import MOVING
from femsacrum.case.rules import MOST_CRUTCH
from femsacrum.loads.posture import movement


def carried(instant):
    return sum(force[2] for force in instant.ground.values()) + sum(instant.crutches.values())


@pytest.mark.parametrize("kind", [kind for kind in MOVING if kind != "series"])
def test_over_a_cycle_the_body_neither_rises_nor_sinks(kind):
    instants = movement(spec(kind, phases=60)).instants
    up = np.array([carried(each) for each in instants])
    assert up.mean() == pytest.approx(1.0, abs=5e-3)
    assert 0.7 < up.min() <= up.max() < 1.6
    for each in instants:
        assert min(*each.crutches.values(), *(force[2] for force in each.ground.values())) >= -1e-9


@pytest.mark.parametrize("kind", ["walking", "stairs_up", "stairs_down", "two_point", "four_point"])
def test_the_other_leg_does_the_same_half_a_cycle_later(kind):
    instants = movement(spec(kind, phases=12)).instants
    for early, late in zip(instants[:6], instants[6:], strict=True):
        assert early.ground["left"] * [1, -1, 1] == pytest.approx(late.ground["right"])
        assert early.crutches["right"] == pytest.approx(late.crutches["left"])
        assert early.flexion["left"] == pytest.approx(late.flexion["right"])


def test_a_crutch_carries_while_the_opposite_leg_does():
    for each in movement(spec("two_point", phases=60, crutch_force=0.2)).instants:
        if each.ground["left"][2] > 0.7:
            assert each.crutches["right"] > 0.15
    most = max(max(each.crutches.values()) for each in movement(spec("two_point", crutch_force=0.2)).instants)
    assert most == pytest.approx(0.2)


@pytest.mark.parametrize("kind", ["two_point", "four_point"])
def test_the_most_that_a_case_may_press_on_crutches_leaves_the_legs_something(kind):
    for each in movement(spec(kind, phases=60, crutch_force=MOST_CRUTCH)).instants:
        assert sum(force[2] for force in each.ground.values()) > 0.2


def test_the_foot_brakes_first_and_pushes_later_and_always_inwards():
    for each in movement(spec("walking", phases=60)).instants:
        forward, left, up = each.ground["left"]
        assert left == pytest.approx(-0.05 * up)
        if 5 < each.percent < 25:
            assert forward < 0
        if 40 < each.percent < 55:
            assert forward > 0


def test_sway_and_lean_are_the_case_s_where_it_says_them():
    first = movement(spec("walking")).instants[0]
    assert (first.lean, first.sway) == (20.0, 20.0)
    other = movement(spec("walking", trunk_sway="5 mm", trunk_forward="-8 mm")).instants[0]
    assert (other.lean, other.sway) == (12.0, 5.0)
