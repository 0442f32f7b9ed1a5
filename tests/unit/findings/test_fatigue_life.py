"""Rainflow, mean stress, the S-N line and Miner's sum against standards, textbooks and closed forms."""

import math

import numpy as np
import pytest
import rainflow
from hypothesis import given, settings
from hypothesis import strategies as some

from femsacrum.findings.fatigue.counting import cycles
from femsacrum.findings.fatigue.life import Counted, Line, proportional
from femsacrum.findings.fatigue.mean_stress import RULES, reversed_amplitude, use

#: ASTM E1049-85, figure 6: the history of the standard's example.
E1049 = (-2.0, 1.0, -3.0, 5.0, -1.0, 3.0, -4.0, 4.0, -2.0)
NUMBERS = some.lists(some.floats(-500.0, 500.0).map(lambda x: round(x, 3)), min_size=2, max_size=16)


def test_the_package_counts_the_example_of_the_standard():
    assert rainflow.count_cycles(E1049) == [(3.0, 0.5), (4.0, 1.5), (6.0, 0.5), (8.0, 1.0), (9.0, 0.5)]


@pytest.mark.parametrize("start", range(8))
def test_a_history_that_repeats_has_whole_cycles_wherever_it_is_begun(start):
    # E1049, 5.4.5 and figure 7: 5 to -4, 4 to -3, -1 to 3, -2 to 1; its last value is its first
    turned = np.roll(E1049[:-1], start)
    found = cycles(turned)
    assert found[:, 0].tolist() == [4.5, 3.5, 2.0, 1.5]
    assert found[:, 1].tolist() == [0.5, 0.5, 1.0, -0.5]
    assert found[:, 2].tolist() == [1.0, 1.0, 1.0, 1.0]


@given(NUMBERS)
def test_cycles_are_whole_and_the_largest_spans_the_history(series):
    found = cycles(series)
    if np.ptp(series) == 0.0:
        assert len(found) == 0
        return
    assert (found[:, 2] == 1.0).all()
    assert found[0, 0] == pytest.approx(0.5 * np.ptp(series))
    assert found[0, 1] == pytest.approx(0.5 * (max(series) + min(series)))
    # every rise of a closed history belongs to one cycle
    rises = np.diff([*series, series[0]])
    assert 2.0 * found[:, 0].sum() == pytest.approx(rises[rises > 0.0].sum())


def test_shafts_of_a_textbook_have_their_factor_of_safety():
    # Shigley, 8th ed., problem 7-1: moments 600 and 400 lbf in alternate, 500 and 300 are steady, n = 2
    alternating, steady = (
        math.hypot(4.4 * 600, math.sqrt(3) * 1.8 * 400),
        math.hypot(4.4 * 500, math.sqrt(3) * 1.8 * 300),
    )
    for rule, diameter in (("goodman", 1.073), ("gerber", 1.016)):
        section = 16.0 / (math.pi * diameter**3)
        share = use(section * alternating, section * steady, 100e3, 30e3, RULES[rule])
        assert 1.0 / share == pytest.approx(2.0, abs=0.005)


def test_bar_of_a_textbook_has_its_factors_of_safety():
    # Shigley, 8th ed., example 6-10: 8.38 kpsi alternate and stay, 33.9 are borne, tensile strength 100; Gerber 3.66
    assert 1.0 / use(8.38, 8.38, 100.0, 33.9, RULES["gerber"]) == pytest.approx(3.66, abs=0.005)
    # problem 6-16: 178.4 MPa alternate, 103 stay, 276 are borne, tensile strength 551; Goodman 1.20, Gerber 1.44
    assert 1.0 / use(178.4, 103.0, 551.0, 276.0, RULES["goodman"]) == pytest.approx(1.20, abs=0.005)
    assert 1.0 / use(178.4, 103.0, 551.0, 276.0, RULES["gerber"]) == pytest.approx(1.44, abs=0.005)


def test_bar_of_a_textbook_has_its_life():
    # Shigley, 8th ed., problem 6-15: 358.5 MPa reversed, 0.9 of 551 at 1e3 and 276 at 1e6: 45 800 cycles
    assert Line(0.9 * 551.0, 276.0, 1e6).cycles(358.5) == pytest.approx(45_800, rel=1e-3)


def test_amplitude_is_the_line_read_the_other_way():
    line = Line(760.0, 367.0)
    for count in (1e3, 2e5, 1e7, 3e8):
        assert line.cycles(line.amplitude(count)) == pytest.approx(count, rel=1e-12)
    assert line.amplitude(0.0) == math.inf


def test_rules_in_figures():
    rules = {rule: reversed_amplitude(200.0, 300.0, 900.0, number) for rule, number in RULES.items()}
    assert rules["none"] == 200.0
    assert rules["goodman"] == pytest.approx(300.0)  # 200 / (1 - 1/3)
    assert rules["gerber"] == pytest.approx(225.0)  # 200 / (1 - 1/9)
    assert rules["smith_watson_topper"] == pytest.approx(math.sqrt(500.0 * 200.0))


@pytest.mark.parametrize("rule", ["goodman", "gerber"])
def test_compression_gets_no_credit_while_the_cycle_opens(rule):
    number = RULES[rule]
    assert reversed_amplitude(200.0, -100.0, 900.0, number) == 200.0  # R = -3
    assert reversed_amplitude(200.0, -150.0, 900.0, number) == 100.0  # twice the tension of 50
    assert reversed_amplitude(200.0, -200.0, 900.0, number) == 0.0  # shut
    assert reversed_amplitude(200.0, -300.0, 900.0, number) == 0.0
    assert use(200.0, -150.0, 900.0, 400.0, number) == 0.25


def test_compression_with_smith_watson_and_topper_and_without_a_rule():
    assert reversed_amplitude(200.0, -100.0, 900.0, RULES["smith_watson_topper"]) == pytest.approx(math.sqrt(2e4))
    assert reversed_amplitude(200.0, -300.0, 900.0, RULES["smith_watson_topper"]) == 0.0
    assert reversed_amplitude(200.0, -300.0, 900.0, RULES["none"]) == 200.0


def test_a_mean_at_the_tensile_strength_breaks():
    assert reversed_amplitude(1.0, 900.0, 900.0, RULES["goodman"]) == math.inf
    one = Counted(np.array([1.0]), np.array([900.0]), np.ones(1), 900.0, RULES["goodman"])
    assert one.damage(Line(800.0, 400.0)) == math.inf


def test_the_line_passes_its_two_points_and_is_flatter_beyond():
    line = Line(800.0, 400.0)
    assert line.cycles([800.0, 400.0]) == pytest.approx([1e3, 1e7])
    m = line.exponent
    assert m == pytest.approx(4.0 / math.log10(2.0))
    assert line.cycles(200.0) == pytest.approx(1e7 * 2.0 ** (2.0 * m - 1.0))  # Haibach
    assert line.cycles(0.0) == math.inf


def test_damage_of_a_block_is_the_sum_over_its_cycles():
    line = Line(800.0, 400.0)
    block = proportional(np.array([600.0, 400.0, 300.0]), np.array([1.0, 2.0, 5.0]))
    one = [float(line.cycles(amplitude)) for amplitude in (600.0, 400.0, 300.0)]
    assert block.damage(line) == pytest.approx(1.0 / one[0] + 2.0 / one[1] + 5.0 / one[2])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("repetitions", [1e6, 5e6, 1e7])
def test_stress_grown_by_the_safety_factor_does_a_damage_of_one(rule, repetitions):
    line = Line(760.0, 367.0)
    block = Counted(np.array([90.0, 40.0]), np.array([120.0, -20.0]), np.ones(2), 930.0, RULES[rule])
    factor = block.safety(line, repetitions)
    assert repetitions * block.damage(line, factor) == pytest.approx(1.0, rel=1e-6)
    assert factor > 1.0


@settings(max_examples=60)
@given(some.floats(20.0, 300.0), some.floats(-200.0, 200.0), some.sampled_from(sorted(RULES)))
def test_one_cycle_is_safe_by_one_over_its_use(amplitude, mean, rule):
    line = Line(760.0, 367.0)
    block = Counted(np.array([amplitude]), np.array([mean]), np.ones(1), 930.0, RULES[rule])
    share = use(amplitude, mean, 930.0, 367.0, RULES[rule])
    expected = 1.0 / share if share > 0.0 else math.inf
    assert block.safety(line, 1e7) == pytest.approx(expected, rel=1e-9)


def test_without_stress_nothing_is_damaged():
    nothing = proportional(np.empty(0), np.empty(0))
    assert nothing.damage(Line(800.0, 400.0)) == 0.0
    assert nothing.safety(Line(800.0, 400.0), 1e7) == math.inf
