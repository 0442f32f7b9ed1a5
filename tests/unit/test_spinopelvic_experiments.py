"""Experiments on spinopelvic constructs: their files are read, and ratios follow from motions as they should."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.validation import clark_2014, experiment, macki_2017, rank_orders, upper_levels, yu_2010
from benchmarks.validation.upper_levels import FREE, Told, above
from femsacrum.loads.loadcase import LoadCase

NAMES = ("clark_2014", "macki_2017", "rank_orders", "yu_2010")


class Bench:
    """Every state is its own model, but for those that are refused."""

    def __init__(self, *refused):
        self.refused = dict.fromkeys(refused, "no room")

    def model(self, state, content):
        assert content["surgery"]["plan"]
        return None if state in self.refused else SimpleNamespace(state=state)


def state_of(module, model):
    return next(state for state, construct in module.STATES.items() if construct == model.state)


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_says_what_was_done_and_what_is_compared(name):
    told = experiment.load(name)
    said = {row.what for row in told.equivalence}
    assert len(said) == len(told.equivalence) >= 7
    assert len({row.key for row in told.compared}) == len(told.compared)
    assert told.role in ({"rank"} if name == "rank_orders" else {"checking", "choosing"})


def test_of_yu_and_hugate_one_is_kept_for_checking():
    roles = {experiment.load(name).role for name in ("yu_2010", "hugate_2006")}
    assert "checking" in roles


def test_levels_above_l4_pull_percentages_of_intact_towards_a_hundred():
    stiffness = {"intact": 500.0, "total_single": 100.0, "total_dual": 2000.0}
    told = {state: Told(value, 1.0 / 2000.0, np.zeros(3), None) for state, value in stiffness.items()}
    found = yu_2010.of_intact(told, {}, "axial", "compression", "_ball", 1.0)
    series = 1.0 / 2000.0 + 1.0 / FREE["axial"]
    assert found["compression_intact_ball"] == pytest.approx(1.0 / (1.0 / 500.0 + series))
    assert found["compression_alone_total_single_ball"] == 100.0
    expected = 100.0 * (1.0 / 500.0 + series) / (1.0 / 100.0 + series)
    assert found["compression_total_single_ball"] == pytest.approx(expected)
    assert 20.0 < expected < 100.0 < found["compression_total_dual_ball"] < 400.0


def test_a_stiffer_disc_gives_less():
    assert above(0.0, {"disc_modulus": 2.0}, "axial") == pytest.approx(0.5 * above(0.0, {}, "axial"))


def test_a_ball_over_a_disc_is_one_spring_at_its_height():
    """The vertebra on the ball turns as needs least energy; found here by minimising it."""
    shear, bending = FREE["shear"], FREE["bending"]
    spring = upper_levels.ball_spring(shear, bending, height := 38.0)
    shift, turn = 0.7, 0.02
    angles = np.linspace(-0.2, 0.2, 400001)
    energy = 0.5 * shear * (shift - angles * height) ** 2 + 0.5 * bending * (turn - angles) ** 2
    assert energy.min() == pytest.approx(0.5 * spring * (shift - turn * height) ** 2, rel=1e-6)


def test_the_free_level_stands_on_l3_and_stiffens_in_shear_under_compression(monkeypatch):
    """L3 is as high as L4 with its disc; torsion is not compressed."""
    points = {"L4_upper": np.array([0.0, 60.0, 130.0]), "L5_upper": np.array([0.0, 66.0, 93.0])}
    high = np.hypot(6.0, 37.0)
    load = SimpleNamespace(body="L4", facets=np.zeros((1, 3), int))
    monkeypatch.setattr(upper_levels, "landmark", lambda assembly, name: points[name])
    monkeypatch.setattr(upper_levels, "bench_load", lambda *all, **more: LoadCase("", (load,), (), {}, 0.0))
    for name, preload in (("compression", upper_levels.PRELOADED), ("torsion", 1.0)):
        shear, bending = upper_levels._machine(None, {"disc_modulus": 1.5}, name, "guided", "acetabula").supports
        assert shear.point == pytest.approx([0.0, 60.0, 130.0 + high])
        assert shear.stiffness == pytest.approx(1.5 * preload * FREE["shear"])
        assert bending.stiffness * upper_levels.LEVER**2 == pytest.approx(1.5 * FREE["bending"])
        (ball,) = upper_levels._machine(None, {}, name, "ball", "acetabula").supports
        assert ball.point == pytest.approx([0.0, 60.0, 130.0 + 2.0 * high])
        assert ball.stiffness == pytest.approx(
            upper_levels.ball_spring(preload * FREE["shear"], FREE["bending"], high)
        )


def test_ranges_of_motion_become_ratios_of_states(monkeypatch):
    degrees = {"intact": 8.0, "M1": 2.0, "M2": 1.9, "M3": 1.0}
    monkeypatch.setattr(
        macki_2017,
        "there_and_back",
        lambda bench, model, inputs, moments: {
            name: {"L4_L5": degrees[state_of(macki_2017, model)]} for name in moments
        },
    )
    found = macki_2017.measure(Bench(), {})
    assert found["flexion_M1_of_intact"] == 0.25
    assert found["flexion_M3_of_M1"] == found["torsion_M3_of_M1"] == 0.5
    assert "flexion_M3_of_M1" not in macki_2017.measure(Bench("four_rods"), {})


def test_the_level_that_is_missing_counts_as_the_one_below_it(monkeypatch):
    turned = {
        "intact": {"L4_L5": 5.0, "L4_sacrum": 10.0, "L4_acetabula": 99.0},
        "rods": {"L4_L5": 1.0, "L4_acetabula": 14.0},
        "struts": {"L4_L5": 1.0, "L4_acetabula": 5.0},
        "cage": {"L4_L5": 1.0, "L4_acetabula": 2.0},
    }
    monkeypatch.setattr(
        clark_2014, "there_and_back", lambda bench, model, *more: {"flexion": turned[state_of(clark_2014, model)]}
    )
    found = clark_2014.measure(Bench(), {})
    assert [found[f"flexion_{state}"] for state in ("rods", "struts", "cage")] == pytest.approx([1.0, 0.4, 0.2])
    assert found["cage_of_rods"] == pytest.approx(0.2)


def test_order_is_told_only_where_a_study_s_constructs_are_all_there(monkeypatch):
    down = {"rods": 3.0, "rods_linked": 2.0, "prosthesis": 0.1, "bar_single_screw": 2.5, "flaps": 0.5}
    monkeypatch.setattr(
        rank_orders,
        "_down_and_stress",
        lambda bench, model, inputs: (down[model.state],) * 2,
    )
    missing = [state for state in rank_orders.STATES if state not in down]
    found = rank_orders.measure(Bench(*missing), {})
    assert found["tau_L5_morales"] == 1.0
    assert {key for key in found if key.startswith("tau")} == {"tau_L5_morales", "tau_stress_morales"}
    assert rank_orders.tau((1.0, 2.0, 3.0)) == -1.0


def test_every_judged_value_is_one_that_measure_gives(monkeypatch):
    """Of Yu: solves are replaced by stiffnesses, so that every key is there."""
    monkeypatch.setattr(yu_2010, "states", lambda bench: dict.fromkeys(yu_2010.STATES))
    one = Told(300.0, 1e-3, np.zeros(3), None)
    monkeypatch.setattr(yu_2010, "told", lambda *given: dict.fromkeys((*given[-1], "torsion"), one))
    found = yu_2010.measure(None, {})
    assert {row.key for row in experiment.load("yu_2010").compared} <= set(found)
