"""A graft between two springs: what holds it, and what has united, side by side. Its course is known."""

import numpy as np

from femsacrum.course.healing.months import Face
from femsacrum.course.healing.stimulus import Stimulus
from femsacrum.course.healing.union import full_bond

POINTS = 40


def face(kind="iliac_block", points=POINTS, name="left_graft_on_left_ilium", uncovered=0.0):
    places = np.column_stack([np.linspace(-10, 10, points), np.zeros(points), np.zeros(points)])
    return Face(
        name, "left_graft", kind, places, np.full(points, 400.0 / points), np.array([0.0, 0.0, 1.0]), uncovered
    )


def springs(*faces, motion=0.06, stiffness=1e6, pressure=0.05, gap=0.0, pattern=1.0, normal_share=0.0):
    """A solver: held by ``stiffness`` [N/mm], an unbonded face moves by ``motion`` [mm] times ``pattern``."""
    seen = []

    def solve(month, bonded, factors):
        seen.append((month, bonded, factors))
        felt = {}
        for one in faces:
            united = float(full_bond(1.0) * (bonded[one.name] * one.area).sum())
            moves = motion * stiffness / (stiffness + united) * pattern * np.ones(len(one.area))
            felt[one.name] = Stimulus(
                moves, np.full(len(one.area), pressure), gap * np.ones(len(one.area)), normal_share * moves
            )
        return felt

    solve.seen = seen
    return solve
