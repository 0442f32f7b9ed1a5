"""Load cases that follow each other, and increments that are cut and grow again."""

import numpy as np
import pytest
from blocks import LIMIT, SPRING, layered, on_plane, push, slide, supports

from benchmarks.verification import friction_loop
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.mechanics.equilibrium import history, solve

TIGHT = Solver(tolerance=1e-10)
#: How far a push of 2 mu N takes the block against its spring [mm].
FAR = LIMIT / SPRING


def sequence(shares, solver=TIGHT, **given):
    bodies, materials, interfaces = on_plane()
    held = supports(bodies)
    return list(
        history(bodies, materials, interfaces, [push(bodies, each, held) for each in shares], solver, **given)
    )


def test_friction_remembers_the_load_case_before():
    forth, rest, back = sequence((2.0, 0.0, -0.5))
    assert slide(forth) == pytest.approx(FAR, rel=1e-3)
    # unloaded, the spring pulls with mu N: just held, the block stays where it was pushed
    assert slide(rest) == pytest.approx(FAR, rel=1e-3)
    # pushed back by half as much it slides until the spring pulls with half of mu N
    assert slide(back) == pytest.approx(0.5 * FAR, rel=1e-3)
    fresh = solve(*on_plane(), rest_case(), TIGHT)
    assert abs(slide(fresh)) < 1e-4 * FAR


def rest_case():
    bodies = on_plane()[0]
    return push(bodies, 0.0, supports(bodies))


def test_one_way_back_costs_as_much_in_one_load_case_as_in_six():
    """The loop's turn is the same whatever lies on the way there."""
    steps = sequence((2.0, *friction_loop.BACK))[-1]
    once = sequence((2.0, friction_loop.BACK[-1]))[-1]
    assert slide(once) == pytest.approx(-FAR, rel=1e-3)
    assert slide(once) == pytest.approx(slide(steps), rel=1e-6)
    for end in (once, steps):
        state = end.interfaces["block/plane"]
        assert state.area @ state.shear[:, 0] == pytest.approx(LIMIT, rel=1e-8)


def test_supports_may_change_between_load_cases():
    bodies, materials, interfaces = on_plane()
    twice = supports(bodies, 2.0 * SPRING)
    cases = [push(bodies, 2.0, supports(bodies)), push(bodies, 2.0, twice)]
    ends = list(history(bodies, materials, interfaces, cases, TIGHT))
    assert slide(ends[0]) == pytest.approx(FAR, rel=1e-3)
    # the spring twice as stiff takes what friction took: the block stays, held by the spring alone
    assert slide(ends[1], 2.0 * SPRING) == pytest.approx(FAR, rel=1e-3)
    assert ends[1].interfaces["block/plane"].area @ ends[1].interfaces["block/plane"].shear[:, 0] == pytest.approx(
        0.0, abs=1e-2 * LIMIT
    )
    # from rest it would have gone half as far
    assert slide(solve(bodies, materials, interfaces, cases[1], TIGHT), 2.0 * SPRING) == pytest.approx(
        0.5 * FAR, rel=1e-3
    )


def test_increments_are_cut_and_grow_again():
    bodies, materials, interfaces = layered()
    case = push(bodies, 1.5, supports(bodies))
    usual = solve(bodies, materials, interfaces, case, Solver(tolerance=1e-8, max_newton=15))
    steps = np.diff([0.0, *(row.load_factor for row in usual.increments)])
    assert usual.increments[-1].load_factor == 1.0
    assert usual.increments[0].cuts > 0  # the whole load at once was too much
    assert steps[0] == 0.5 ** usual.increments[0].cuts
    assert steps[:-1].max() >= 2.0 * steps[0]  # easy ones made the step grow again
    assert all(row.newton_iterations <= 15 for row in usual.increments)
    small = solve(bodies, materials, interfaces, case, Solver(tolerance=1e-8, increments=10))
    assert len(small.increments) >= 10
    assert slide(small) == pytest.approx(slide(usual), rel=1e-6)


def test_after_its_last_cut_it_says_how_far_it_came():
    bodies, materials, interfaces = layered()
    case = push(bodies, 1.5, supports(bodies))
    with pytest.raises(NumericalError, match=r'"1.5 mu N" stopped at \d+ % of load after 2 cuts.*near \('):
        solve(bodies, materials, interfaces, case, Solver(tolerance=1e-8, max_newton=8, max_cuts=2))
