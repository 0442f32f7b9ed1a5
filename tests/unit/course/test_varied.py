"""Faces that have united are as still with a press-fit as without one: bonds form where the faces lie."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "mechanics"))
from blocks import FRICTION, on_plane, push, supports

from femsacrum.case.schema import Solver
from femsacrum.course.follow import Model
from femsacrum.course.varied import felt_at
from femsacrum.loads.loadcase import Cycle
from femsacrum.mechanics.interfaces import Frictional, Healing
from femsacrum.mechanics.meeting import jump_rows


def moved(interference):
    bodies, materials, interfaces = on_plane(
        Healing(0.0, 1e3, Frictional(FRICTION, interference=interference)), youngs=2e4
    )
    held = supports(bodies)
    phases = tuple(push(bodies, share, held) for share in (0.3, -0.3))
    model = Model(SimpleNamespace(bodies=bodies), materials, interfaces, Solver(tolerance=1e-6), (), (), 0.01, 2)
    (face,) = (each.contact.name for each in interfaces)
    count = len(jump_rows(bodies, interfaces[0]).points)
    cycle = Cycle("to and fro", phases, (0.0, 50.0), 1.0, (1.0, 1.0, 1.0), "made up")
    return felt_at(model, cycle, {}, {face: np.full(count, 0.3)})[face].motion


def test_press_fit_does_not_make_united_faces_move():
    assert moved(0.05) == pytest.approx(moved(0.0), rel=1e-3, abs=1e-8)
