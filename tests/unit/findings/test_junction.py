"""Stiffness of the junction from motions of L4 and L5 that are put in by hand."""

from dataclasses import replace

import numpy as np
import pytest
from box_pelvis import assembly

from femsacrum.errors import NumericalError
from femsacrum.findings.junction import junction
from femsacrum.loads.junction import DIRECTIONS
from femsacrum.mechanics.interfaces import InterfaceState, LoadCaseSolution, SpringState


def solved(meshed, drop=2.0, turn=0.5, share=0.4, ride=None, states=None, springs=None):
    """L4 goes down by ``drop`` [mm] or turns by ``turn`` [deg], L5 by a share of that; all may ride on a rigid motion."""
    found = []
    for name, direction in DIRECTIONS.items():
        moved = {body: np.zeros_like(mesh.nodes) for body, mesh in meshed.bodies.items()}
        for body, part in (("L4", 1.0), ("L5", share)):
            nodes = meshed.bodies[body].nodes
            if name == "junction compression":
                moved[body] = np.tile([0.0, 0.0, -part * drop], (len(nodes), 1))
            else:
                moved[body] = np.cross(np.radians(part * turn) * np.array(direction), nodes - nodes.mean(axis=0))
        if ride is not None:
            shift, spin = ride
            moved = {body: each + shift + np.cross(spin, meshed.bodies[body].nodes) for body, each in moved.items()}
        found.append(LoadCaseSolution(name, moved, states or {}, {}, {}, 0.0, 0.0, (), True, springs=springs or {}))
    return found


def values(found):
    return {
        (word, where): (row["stiffness"]["value"], row["intact"]["value"], row["of_intact"]["value"])
        for word, places in found["loads"].items()
        for where, row in places.items()
    }


def test_stiffness_is_load_over_motion_and_told_against_the_intact():
    meshed = assembly()
    found = junction(meshed, solved(meshed, drop=1.0, turn=0.5), meshed, solved(meshed, drop=2.0, turn=2.0))
    read = values(found)
    assert read["compression", "at L4"] == pytest.approx((800.0, 400.0, 200.0))
    assert read["compression", "at L5"] == pytest.approx((2000.0, 1000.0, 200.0))
    for word in ("flexion", "lateral bending", "torsion"):
        assert read[word, "at L4"] == pytest.approx((14.0, 3.5, 400.0))
        assert read[word, "at L5"] == pytest.approx((35.0, 8.75, 400.0))
    assert found["loads"]["torsion"]["at L4"]["stiffness"]["unit"] == "N m/deg"
    assert found["measured"]["torsion_intact"]["value"] == 3.22


def test_a_pelvis_that_moves_as_a_whole_is_no_softer():
    meshed = assembly()
    ride = np.array([3.0, -2.0, 5.0]), np.array([0.004, -0.002, 0.003])
    riding = junction(meshed, solved(meshed, ride=ride), meshed, solved(meshed))
    assert [row[2] for row in values(riding).values()] == pytest.approx([100.0] * 8)


def test_friction_and_ligaments_are_told():
    meshed = assembly()
    n, zero = 2, np.zeros((2, 3))
    rubbing = InterfaceState(zero, zero, np.ones(n), np.arange(n), np.zeros(n), np.zeros(n), zero, zero, np.zeros(n),
                             zero, np.array([3, 1]))  # fmt: skip
    bonded = replace(rubbing, status=np.array([3, 3]))
    one = solved(meshed, states={"prosthesis/L5": rubbing, "left_fixation/L5": bonded})
    two = solved(meshed, springs={"left_sacrospinous": SpringState(1.0, 0.1)})
    found = junction(meshed, one, meshed, two)
    assert found["model"] == "not linear (faces that rub and open: prosthesis/L5): secant stiffness at the full load"
    assert found["model_intact"].startswith("not linear (1 ligaments and facet joints that act one way)")
    linear = junction(meshed, solved(meshed, states={"left_fixation/L5": bonded}), meshed, solved(meshed))
    assert linear["model"] == "bonded throughout: linear, the same at any load"


def test_solutions_of_other_load_cases_are_refused():
    meshed = assembly()
    good = solved(meshed)
    with pytest.raises(NumericalError, match="there are junction flexion"):
        junction(meshed, good[1:], meshed, good)
