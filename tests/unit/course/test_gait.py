"""Does it settle, creep on or neither, and how far does it wander: judged on motions made up for it."""

import numpy as np
import pytest

from femsacrum.course import shakedown
from femsacrum.course.follow import thinned
from femsacrum.course.gait import walk
from femsacrum.course.migration import follow, migration
from femsacrum.loads.loadcase import Cycle, LoadCase
from femsacrum.mechanics.repeated import Motion

AREA = np.array([1.0, 1.0, 2.0])


def motion(advance, swing=0.1, open_point=False):
    """Three points that swing by ``swing`` along the first tangent, after an advance along the second [mm]."""
    jump = np.zeros((4, 3, 3))
    jump[:, :, 1] = swing * np.array([0.0, 1.0, 0.5, 0.0])[:, None]
    jump[:, :, 2] = advance
    status = np.full((4, 3), 2)
    if open_point:
        status[:, 0] = 0
        jump[:, 0] += 5.0 * advance
    return Motion(jump, np.zeros((4, 3, 3)), status, np.zeros(3), AREA)


class Scripted:
    """Cycles whose advance is known beforehand."""

    def __init__(self, advances, **given):
        self.advances, self.given = iter(np.cumsum(advances)), given

    def cycle(self):
        return {"face": motion(next(self.advances), **self.given)}

    def newton_steps(self):
        return 3


def walked(advances, settled=0.01, **given):
    return walk(Scripted(advances, **given), settled, len(advances))


def test_peak_to_peak_is_the_largest_distance_of_any_two_phases():
    rng = np.random.default_rng(1)
    jump = rng.normal(size=(7, 20, 3))
    between = np.linalg.norm(jump[:, None] - jump[None, :], axis=3).max(axis=(0, 1))
    assert shakedown.peak_to_peak(jump) == pytest.approx(between)
    assert not shakedown.peak_to_peak(jump[:1]).any()


def test_a_drift_that_falls_comes_to_rest_and_what_is_to_come_is_a_geometric_series():
    found = walked(0.02 * 0.5 ** np.arange(30))
    assert found.outcome == "shakes down"
    assert [row.share for row in found.changes] == pytest.approx([0.1 * 0.5**n for n in range(len(found.changes))])
    told = migration(found, cycle(), [])["faces"]["face"]
    last = 0.02 * 0.5 ** len(found.changes)
    assert told["law"] == "geometric"
    assert told["drift"]["value"] == pytest.approx(1e3 * last)
    assert told["still_to_come"]["value"] == pytest.approx(last)
    assert told["visible_in_a_year"] is False


def test_a_drift_that_stays_ratchets_and_says_when_a_radiograph_shows_it():
    found = walked(np.full(12, 0.004))
    assert found.outcome == "ratchets"
    assert len(found.newton) == shakedown.ALIKE_CYCLES + 1
    told = migration(found, cycle(), [])["faces"]["face"]
    assert told["law"] == "linear"
    assert told["cycles_until_visible"]["value"] == pytest.approx(250.0)
    assert told["in_a_year"]["value"] == pytest.approx(0.004 * 4e5)
    assert told["visible_in_a_year"] is True


def test_what_has_not_settled_is_not_carried_on():
    found = walked([0.01, 0.02, 0.01, 0.02, 0.01, 0.02])
    assert found.outcome == "undecided"
    told = migration(found, cycle(), [])["faces"]["face"]
    assert (told["law"], told["in_a_year"]["value"]) == ("unknown", None)


def test_two_equal_drifts_of_a_settled_movement_say_nothing_about_a_million():
    assert follow(1e-4, 1.0, "shakes down") == ("unknown", None)
    assert follow(1e-7, 1.0, "shakes down") == ("rests", 0.0)


def test_a_point_that_never_touches_is_not_judged():
    """It moves with its body, fifty times as far here."""
    found = walked(0.02 * 0.5 ** np.arange(30), open_point=True)
    assert found.outcome == "shakes down"
    assert found.changes[0].largest == pytest.approx(0.01)
    assert not found.drifts["face"][:, 0].any()


def test_a_movement_in_fewer_phases_keeps_their_order():
    phases = tuple(LoadCase(str(i), (), (), {}, 0.0) for i in range(12))
    whole = Cycle("walk", phases, tuple(100.0 * i / 12 for i in range(12)), 1.0, (1.0, 2.0, 3.0), "test")
    assert thinned(whole, 4).percent == pytest.approx([0.0, 25.0, 50.0, 75.0])
    assert thinned(whole, 12) is whole


def cycle():
    rest = LoadCase("rest", (), (), {}, 0.0)
    return Cycle("walk", (rest,), (0.0,), 1.0, (2e5, 4e5, 6e5), "test")
