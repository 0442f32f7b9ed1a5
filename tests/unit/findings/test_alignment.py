"""Pelvic incidence, sacral slope and L5's place before and after an operation, and under load."""

from types import SimpleNamespace

import numpy as np
import pytest

from femsacrum.anatomy.model import Plane
from femsacrum.findings import alignment as module
from femsacrum.findings.alignment import alignment

SLOPE, PLATE = np.radians(40.0), np.array([0.0, 30.0, 100.0])
NORMAL = np.array([0.0, -np.sin(SLOPE), np.cos(SLOPE)])
MARKS = {
    "left_hip_centre": np.array([85.0, 0.0, 0.0]),
    "right_hip_centre": np.array([-85.0, 0.0, 0.0]),
    "S1_endplate": PLATE,
    "endplate_S1_ant": PLATE + np.array([0.0, -15.0, 0.0]),
    "endplate_S1_post": PLATE + np.array([0.0, 15.0, 0.0]),
    "L5_lower": PLATE + 10.0 * NORMAL,
}


def pelvis(seat, planes):
    """A seat of eight nodes, alone."""
    nodes = PLATE + 20.0 * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    anatomy = SimpleNamespace(landmarks=MARKS, directions={"S1_endplate": NORMAL, "L5_lower": -NORMAL})
    construct = SimpleNamespace(anatomy=anatomy, planes=planes)
    bodies = {name: SimpleNamespace(nodes=nodes) for name in (seat, "L5")}
    return SimpleNamespace(construct=construct, bodies=bodies)


@pytest.fixture(autouse=True)
def at_rest(monkeypatch):
    monkeypatch.setattr(module, "hip_axis_motion", lambda assembly, solution: np.zeros(3))
    monkeypatch.setattr(module, "lower_endplate_motion", lambda assembly, mesh, moved: moved.mean(axis=0))


def values(found, when):
    return {name: row[when]["value"] for name, row in found.items()}


def test_an_endplate_that_stays_keeps_its_angles():
    found = alignment(pelvis("sacrum", {}), {})
    before = values(found, "before")
    tilt = np.degrees(np.arctan2(30.0, 100.0))
    assert before["sacral_slope"] == pytest.approx(40.0)
    assert before["pelvic_tilt"] == pytest.approx(tilt)
    assert before["pelvic_incidence"] == pytest.approx(40.0 + tilt)
    assert before["L5_before_hip_axis"] == pytest.approx(-(30.0 - 10.0 * np.sin(SLOPE)))
    assert values(found, "after") == before


def test_without_the_sacrum_the_cut_of_l5_is_the_seat():
    flat = Plane(MARKS["L5_lower"], np.array([0.0, 0.0, -1.0]))
    after = values(alignment(pelvis("L5", {"L5": flat}), {}), "after")
    assert after["sacral_slope"] == pytest.approx(0.0, abs=1e-9)
    x, z = MARKS["L5_lower"][1:]
    assert after["pelvic_incidence"] == pytest.approx(np.degrees(np.arctan2(x, z)))


def test_under_load_the_seat_turns_with_its_bone():
    assembly, turn = pelvis("sacrum", {}), np.array([0.01, 0.0, 0.0])  # forwards about the left-right axis
    arm = assembly.bodies["sacrum"].nodes - PLATE
    moved = np.cross(turn, arm) + np.array([0.0, 0.0, -2.0])
    solution = SimpleNamespace(displacements={"sacrum": moved, "L5": np.tile([0.0, -1.0, -3.0], (8, 1))})
    found = alignment(assembly, {"standing": solution})
    assert values(found, "standing")["sacral_slope"] == pytest.approx(40.0 + np.degrees(0.01), abs=0.01)
    change = {name: row["standing"]["value"] - row["before"]["value"] for name, row in found.items()}
    assert change["L5_before_hip_axis"] == pytest.approx(1.0)
    assert change["L5_above_hip_axis"] == pytest.approx(-3.0)
