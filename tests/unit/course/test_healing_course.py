"""The loop over the months against courses that are known in closed form."""

import numpy as np
import pytest
from healing_springs import face, springs
from hypothesis import given, settings
from hypothesis import strategies as st

from femsacrum.codec import decode, encode
from femsacrum.course.healing.months import LIMITS, Course, Options, heal, months
from femsacrum.course.healing.rates import number
from femsacrum.course.healing.rules import RULES
from femsacrum.course.healing.stimulus import Stimulus
from femsacrum.course.healing.union import rate as rate_of
from femsacrum.errors import NumericalError

NAME = "left_graft_on_left_ilium"


@pytest.mark.parametrize("rule", list(RULES))
def test_a_stiff_lightly_loaded_graft_unites_in_its_time(rule):
    """2 um at first, and no less than 1 um of it stays: bone by every rule, at the published pace from the first day."""
    one = face("vascularised_fibula")
    course = heal(springs(one, motion=0.002, stiffness=4e6), [one], Options(rule))
    assert course.time_to(NAME, 0.9) == pytest.approx(number("union_time.vascularised_fibula"), abs=1e-6)
    assert course.united(NAME)[-1] > 0.99
    assert set(course.limits(NAME)) == {LIMITS.index("united")}


@pytest.mark.parametrize("rule", list(RULES))
def test_a_graft_that_moves_300_um_does_not_unite(rule):
    one = face()
    course = heal(springs(one, motion=0.3, normal_share=1.0), [one], Options(rule))
    assert course.united(NAME).max() == 0.0
    assert course.time_to(NAME, 0.5) is None
    assert set(course.limits(NAME)) == {LIMITS.index("motion")}


def test_two_springs_against_their_differential_equation():
    """Perren's strain over a layer of 1 mm: two thirds of the face move by 15 um and unite as 1 - exp(-r t); one third
    moves by 30 um, uncertain, and joins once what has united has taken a third of the load.

    30 um k / (k + E(u) 2/3 A / h) = 20 um: E(u) 2/3 A / h = k / 2. k is chosen so that E(u) is cartilage's 10 MPa less
    granulation's 0.2 MPa (which bonds nothing), at u = 1/3: t = ln(3/2) / r.
    """
    one = face("iliac_block", points=30)
    cartilage = 6000.0 * (10.0 - 0.2) / (6000.0 - 0.2)
    stiffness = 2.0 * cartilage * one.area.sum() * (2.0 / 3.0)
    pattern = np.repeat([0.5, 1.0], [20, 10])
    rate, step = float(rate_of(number("union_time.iliac_block"))), 0.01
    solver = springs(one, motion=0.03, stiffness=stiffness, pattern=pattern)
    course = heal(solver, [one], Options("perren", 6, every=step, step=step))
    first = np.array([month.union[NAME][0] for month in course.months])
    np.testing.assert_allclose(first, 1.0 - np.exp(-rate * course.times()), atol=1e-12)
    joins = np.log(1.5) / rate
    last = np.array([month.union[NAME][-1] for month in course.months])
    expected = 1.0 - np.exp(-rate * np.maximum(course.times() - joins, 0.0))
    assert np.abs(last - expected).max() < 2 * rate * step


def test_what_moves_too_much_loses_what_had_united():
    one = face()
    half_life = number("fibrous_half_life")

    def solve(month, bonded, factors):
        return springs(one, motion=0.01 if month < 6 else 0.3, stiffness=1e12)(month, bonded, factors)

    united = heal(solve, [one], Options(months=12)).united(NAME)
    assert united[12] == pytest.approx(united[6] * 0.5 ** (6 / half_life))


def test_gaps_and_what_nothing_lies_opposite_to_never_unite():
    one = face(uncovered=0.25)
    gap = np.where(np.arange(len(one.area)) < 10, 1.5, 0.0)
    course = heal(springs(one, motion=0.01, gap=gap), [one], Options())
    assert course.united(NAME)[-1] == pytest.approx(0.75 * 0.75, abs=1e-4)
    found = np.bincount(course.limits(NAME), minlength=len(LIMITS))
    assert found[LIMITS.index("gap")] == 10
    assert found[LIMITS.index("united")] == 30


def test_the_solver_is_told_how_weak_the_graft_is():
    one = face("femoral_allograft")
    solver = springs(one)
    heal(solver, [one], Options(irradiated=True))
    told = {month: factors["left_graft"] for month, _, factors in solver.seen}
    assert told[0].stiffness == 1.0
    assert told[9].stiffness == pytest.approx(number("revascularised_share"))
    assert told[9].strength == pytest.approx(number("revascularised_share") * number("irradiated_strength"))
    assert told[36].stiffness == 1.0


def test_a_course_that_broke_off_goes_on_from_what_was_stored():
    one = face()
    args = [one], Options(months=10)
    whole = heal(springs(one, motion=0.035, stiffness=1e4), *args)
    begun = []
    for month in months(springs(one, motion=0.035, stiffness=1e4), *args):
        begun.append(decode(*encode(month)))
        if len(begun) == 4:
            break
    solver = springs(one, motion=0.035, stiffness=1e4)
    rest = list(months(solver, *args, last=begun[-1]))
    assert [month for month, _, _ in solver.seen] == [4, 5, 6, 7, 8, 9, 10]
    for mine, his in zip([*begun, *rest], whole.months, strict=True):
        assert mine.month == his.month
        np.testing.assert_array_equal(mine.union[NAME], his.union[NAME])
        np.testing.assert_array_equal(mine.felt[NAME].motion, his.felt[NAME].motion)
    again = heal(springs(one, motion=0.035, stiffness=1e4), *args, last=Course(*whole_start(whole)))
    np.testing.assert_array_equal(again.united(NAME), whole.united(NAME))
    kept = decode(*encode(whole))
    assert kept.options == whole.options
    assert kept.time_to(NAME, 0.5) == whole.time_to(NAME, 0.5)


def whole_start(course):
    return course.faces, course.options, course.months[:5]


def test_between_solves_faces_go_on_feeling_what_they_felt():
    one = face()
    solver, told = springs(one), []
    course = heal(solver, [one], Options(months=12, every=3), progress=told.append)
    assert [month for month, _, _ in solver.seen] == [0, 3, 6, 9, 12]
    assert len(course.months) == 13
    assert len(told) == 13
    assert told[0] == f"month 0: united {NAME} 0%"


@settings(max_examples=30, deadline=None)
@given(
    rule=st.sampled_from(["micromotion", "perren", "claes_heigele"]),
    motion=st.floats(0.001, 0.4),
    less=st.floats(0.1, 1.0),
    gap=st.floats(0, 0.9),
    stiffness=st.floats(1e2, 1e6),
)
def test_less_motion_never_unites_later(rule, motion, less, gap, stiffness):
    """Not so by Prendergast's rule, where a face that hardly moves has no reason to unite."""
    one = face(points=12)
    pattern = np.linspace(0.2, 1.0, 12)

    def course(moves):
        return heal(
            springs(one, motion=moves, stiffness=stiffness, gap=gap, pattern=pattern), [one], Options(rule, 12)
        )

    assert (course(less * motion).united(NAME) >= course(motion).united(NAME) - 1e-12).all()


def test_a_solve_that_is_no_number_is_refused():
    one = face()

    def solve(month, bonded, factors):
        none = np.zeros(len(one.area))
        return {NAME: Stimulus(none + (np.nan if month == 2 else 0.01), none, none)}

    with pytest.raises(NumericalError, match=f'month 2: what face "{NAME}" feels is not one finite number'):
        heal(solve, [one], Options())
