"""Distance of a root from saws and screws, on a carved sacrum where it is known in closed form."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from carved_sacrum import BESIDE, CANAL, CANAL_FROM, CANAL_TO, WIDTH, pelvis, resected

from femsacrum.case.schema import CutPlane, Laminectomy, Resection
from femsacrum.surgery.construct import Built
from femsacrum.surgery.cuts.sacrum import INTO_CANAL
from femsacrum.surgery.nerves.clearance import clearance, deroofing, to_segment
from femsacrum.surgery.nerves.model import Course

RADIUS = 1.5


def plan(width):
    return Resection(
        sacrum=CutPlane(level="below S2"), laminectomy=Laminectomy(levels=("S1", "S2"), width=f"{width:g} mm")
    )


def course(x, y, top=35.0, bottom=-10.0):
    """A straight root down the canal."""
    line = np.column_stack([np.full(10, x), np.full(10, y), np.linspace(top, bottom, 10)])
    return Course("left_S1", line, 9, line[:1], RADIUS, "drawn for a test", 0.0)


def measured(root, width=WIDTH):
    after = resected(width)
    return clearance(root, after, Built(), deroofing(pelvis(), plan(width), after)), after


@pytest.mark.parametrize("x", [4.0, -6.0])
def test_within_the_canal_the_edge_of_the_lamina_is_nearest(x):
    near, after = measured(course(x, 80.0))
    beside = 0.5 * WIDTH - abs(x)
    assert near["deroofing"] == pytest.approx(np.hypot(beside, CANAL_TO - 80.0) - RADIUS, abs=1e-5)
    plane = after.cuts["sacrum"].plane
    below = -10.0 - plane.origin[2]  # the bone nearest to its end lies in front of the canal or beside it
    aside = min(CANAL - abs(x), 80.0 - CANAL_FROM)
    np.testing.assert_allclose(plane.normal, [0.0, 0.0, -1.0], atol=1e-12)
    # this bone is wrapped before it is cut, which moves its surface by 0.02 mm
    assert near["cut"] == pytest.approx(np.hypot(below, aside) - RADIUS, abs=0.03)


def test_an_opening_wider_than_the_canal_lays_its_floor_bare():
    near, after = measured(course(9.0, 80.0), 28.0)
    roof = deroofing(pelvis(), plan(28.0), after)
    floor = roof.box.frame.origin[1]
    assert CANAL_TO - INTO_CANAL <= floor <= CANAL_TO - INTO_CANAL + 0.5
    assert near["deroofing"] == pytest.approx(np.hypot(CANAL - 9.0, floor - 80.0) - RADIUS, abs=1e-5)


def test_a_root_below_the_opening_is_measured_to_its_lower_end():
    near, _ = measured(course(4.0, 80.0, top=-45.0, bottom=-70.0))
    assert near["deroofing"] == pytest.approx(np.hypot(25.0, CANAL_TO - 80.0) - RADIUS, abs=1e-5)


def test_a_root_against_the_lamina_reaches_behind_the_floor():
    after = resected()
    roof = deroofing(pelvis(), plan(WIDTH), after)
    floor = roof.box.frame.origin[1]
    assert roof.behind_floor(course(0.0, floor - 1.0)) == pytest.approx(RADIUS - 1.0)
    assert roof.behind_floor(course(0.0, floor - 4.0)) == pytest.approx(RADIUS - 4.0)
    assert roof.behind_floor(course(BESIDE, floor)) == 0.0  # beside it


def test_what_is_not_there_is_left_out():
    after = resected()
    whole = replace(after, cuts={}, opened=None)
    assert clearance(course(0.0, 80.0), whole, Built()) == {}
    assert deroofing(pelvis(), plan(WIDTH), whole) is None
    assert deroofing(pelvis(), plan(WIDTH).model_copy(update={"laminectomy": None}), after) is None
    assert set(clearance(course(0.0, 80.0), after, Built())) == {"cut"}


def test_a_screw_is_as_near_as_its_shaft():
    screw = SimpleNamespace(head=np.array([20.0, 80.0, 0.0]), tip=np.array([10.0, 80.0, 0.0]), diameter=7.0)
    near = clearance(course(0.0, 80.0), replace(resected(), cuts={}), Built(screws=(screw,)))
    assert near == {"screw": pytest.approx(10.0 - 3.5 - RADIUS)}


def test_distance_to_a_shaft_ends_at_its_ends():
    off = to_segment(np.array([[0.0, 3.0, 5.0], [0.0, 4.0, -3.0]]), np.zeros(3), np.array([0.0, 0.0, 10.0]))
    np.testing.assert_allclose(off, [3.0, 5.0])
