"""The lumbar levels of Yamamoto 1989: which way each moment turns them, and that each bone is told beside the one below."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.validation import experiment, yamamoto_1989

UP, FRONT, LEFT = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0])
#: Movement -> a direction on the upper bone, and where it goes.
GOES = {"flexion": (UP, FRONT), "extension": (UP, -FRONT), "lateral_bending": (UP, LEFT), "torsion": (FRONT, LEFT)}


def test_moments_turn_the_way_they_are_called():
    assert set(yamamoto_1989.MOVEMENTS) == set(GOES)
    for name, (what, where) in GOES.items():
        assert np.cross(yamamoto_1989.MOVEMENTS[name], what) == pytest.approx(where), name


def test_every_compared_turn_is_measured(monkeypatch):
    """A stand-in turns each bone by its own share of the moment."""
    shares = {"L4": 5.0, "L5": 2.0, "sacrum": 0.5}
    model = SimpleNamespace(assembly=None)
    bench = SimpleNamespace(model=lambda *_: model, solve=lambda _, __, cases: cases)
    monkeypatch.setattr(yamamoto_1989, "landmark", lambda *_: np.zeros(3))
    monkeypatch.setattr(yamamoto_1989, "whole", lambda _, body: body)
    monkeypatch.setattr(yamamoto_1989, "bench_load", lambda *_, moment, **__: moment)

    def motion(_, moment, of, beside, at):
        degrees = (shares[of] - shares[beside[0]]) * moment / yamamoto_1989.MOMENT
        return SimpleNamespace(turn=np.radians(degrees))

    monkeypatch.setattr(yamamoto_1989, "motion", motion)
    found = yamamoto_1989.measure(bench, {})
    assert set(found) == {row.key for row in experiment.load("yamamoto_1989").compared}
    for key, turned in found.items():
        assert turned == pytest.approx(3.0 if key.endswith("L4_L5") else 1.5)
