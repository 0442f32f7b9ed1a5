"""Pictures of forces: action and reaction are opposite, every force is where it acts, curves are those of the phases."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from femsacrum.loads.joints import free, hip_loads
from femsacrum.loads.loadcase import Applied, Cycle, LoadCase
from femsacrum.report import cycle as curves
from femsacrum.report import forces

WEIGHT = 75.0 * 9.80665


@pytest.fixture
def standing(run):
    return run["load_cases"][0]


@pytest.fixture
def walking(run, standing):
    """Three phases: hips as loads that shift from left to right, one muscle in two bellies, crutches."""
    meshed, supports = run["assembly"], free(run["assembly"])
    wing = next(load for load in standing.applied if load.body == "left_ilium")
    phases = []
    for percent, share in ((0.0, 0.8), (30.0, 0.5), (60.0, 0.2)):
        pushes = {"left": np.array([0, 0, 500.0 * share]), "right": np.array([0, 0, 500.0 * (1.0 - share)])}
        hips = hip_loads(meshed, pushes, "test")
        parts = {"front part": 100.0 * share, "rear part": 50.0 * share, "front part, where it turns": 80.0}
        bellies = [
            Applied(f"left gluteus medius, {part}", "left_ilium", wing.facets, np.array([0.0, 0.0, -pull]),
                    np.zeros(3), wing.point, "test")
            for part, pull in parts.items()
        ]  # fmt: skip
        name = f"walk {percent:g} %"
        measures = {"left_crutch [%BW]": 10.0 * share, "imbalance [%BW]": 1.0}
        phases.append(LoadCase(name, (*standing.applied, *hips, *bellies), supports, {}, 0.0, measures))
    return Cycle("walk", tuple(phases), (0.0, 30.0, 60.0), 1.2, (1e5, 1e6, 2e6), "test")


def test_the_femur_is_pushed_back_as_hard_as_it_pushes(run, standing):
    shown = {arrow.name: arrow for arrow in forces.arrows(standing, run["assembly"])}
    for side in ("left", "right"):
        there, back = shown[f"femur on {side} hip"], shown[f"pelvis on femur, {side} hip"]
        np.testing.assert_array_equal(there.force, -back.force)
        np.testing.assert_array_equal(there.point, back.point)
        assert there.force[2] > 0.0
        assert back.dashed
        assert not there.dashed
    assert {load.name for load in standing.applied} <= set(shown)


def test_what_presses_ends_at_its_point_and_what_pulls_starts_there(run, standing):
    shown = [arrow for arrow in forces.arrows(standing, run["assembly"]) if np.linalg.norm(arrow.force) > 0.1]
    assert len(shown) > 5
    for arrow in shown:
        tail, head = arrow.ends(1000.0)
        length = np.linalg.norm(head - tail)
        assert 1000.0 * (length / forces.LONGEST) ** 2 == pytest.approx(np.linalg.norm(arrow.force))
        assert (head - tail) @ arrow.force == pytest.approx(length * np.linalg.norm(arrow.force))
        joint = "L4" in arrow.name or "hip" in arrow.name
        assert (head if joint else tail) == pytest.approx(arrow.point)


def test_hip_forces_are_the_same_as_loads_and_as_reactions(run, standing):
    pushes = {side: standing.expected_reactions[f"{side} hip"] for side in ("left", "right")}
    loaded = replace(
        standing,
        applied=(*standing.applied, *hip_loads(run["assembly"], pushes, "test")),
        supports=free(run["assembly"]),
        expected_reactions={},
    )
    for side, push in pushes.items():
        assert forces.hip_forces(standing)[side] == pytest.approx(push)
        assert forces.hip_forces(loaded)[side] == pytest.approx(push)


def test_one_instant_is_drawn(run, standing, walking, small, tmp_path):
    for name, load_case in (("standing", standing), ("walking", walking.phases[0])):
        title, caption = forces.forces(tmp_path / f"{name}.png", run["assembly"], load_case, WEIGHT)
        assert load_case.name in title
        assert "Dashed" in caption
        image = imread(tmp_path / f"{name}.png")[..., :3]
        for colour in (forces.ACTION, forces.REACTION, forces.HELD):
            wanted = np.array([int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)])
            assert (np.abs(image - wanted).max(axis=2) < 0.05).sum() > 20


def test_curves_are_those_of_the_phases(walking):
    muscles = curves.over_cycle([curves.muscles_of(phase, WEIGHT) for phase in walking.phases])
    assert list(muscles) == ["left gluteus medius"]
    assert muscles["left gluteus medius"] == pytest.approx(
        [100.0 * 150.0 * share / WEIGHT for share in (0.8, 0.5, 0.2)]
    )
    trunk = curves.trunk_of(walking.phases[0], WEIGHT)
    assert trunk["downwards"] == pytest.approx(53.6)
    assert curves.over_cycle([{"a": 0.0, "b": 1.0}, {"a": 0.0}]) == {"b": [1.0, 0.0]}
    weak = {f"muscle {i}": [float(i), 0.0] for i in range(9)}
    assert list(curves.strongest(weak)) == [f"muscle {i}" for i in (8, 7, 6, 5, 4, 3)]


def test_a_cycle_is_drawn(walking, tmp_path):
    title, caption = curves.curves(tmp_path / "cycle.png", walking, WEIGHT)
    assert title == "Forces over the cycle, walk"
    assert "1.2 s" in caption
    image = imread(tmp_path / "cycle.png")[..., :3]
    assert (image < 0.9).any(axis=2).mean() > 0.01
