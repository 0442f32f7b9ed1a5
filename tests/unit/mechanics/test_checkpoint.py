"""A run that was stopped goes on from its last converged increment and ends where it would have ended."""

from dataclasses import fields, replace

import numpy as np
import pytest
from blocks import FRICTION, PlugPulledError, PulledPlug, on_plane, push, supports, tie, tied

from benchmarks.verification import press_fit
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.mechanics.checkpoint import Checkpoint
from femsacrum.mechanics.equilibrium import history
from femsacrum.mechanics.interfaces import Frictional
from femsacrum.mechanics.march import March, State
from femsacrum.mechanics.points import History
from femsacrum.mechanics.system import System

USUAL = Solver(increments=2)


def rubbing(law):
    """Pushed beyond friction and back again."""
    bodies, materials, interfaces = on_plane(law, youngs=1000.0)
    held = supports(bodies)
    return (bodies, materials, interfaces, [push(bodies, share, held) for share in (2.0, -0.5)]), {}


def pressed(law):
    """A tube pressed into a ring, turned and turned back."""
    bodies, materials, interfaces, case = press_fit.problem(0.8, order=1, divisions=(10, 8))
    back = replace(case, applied=(replace(case.applied[0], moment=-case.applied[0].moment),))
    law = replace(law, interference=press_fit.INTERFERENCE)
    return (bodies, materials, (replace(interfaces[0], law=law),), [case, back]), {}


def tightened(law):
    """A bar is tightened and loses some of its tension, in two increments each; then the block is pushed and let go."""
    bodies, materials, interfaces, held = tied(law, youngs=1000.0)
    return (bodies, materials, interfaces, [push(bodies, share, held) for share in (2.0, 0.0)]), {
        "bolts": (tie(force=300.0, loss=0.5),)
    }


#: Increments, two a stage and counted from nought, at which it is stopped: while it is assembled, and under load.
STOPS = {rubbing: (1, 3), pressed: (1, 3), tightened: (3, 5)}
LAYER, EXACT = Frictional(FRICTION, 1e4, 1e4), Frictional(FRICTION)


def assert_same(resumed, whole):
    """To the last digit."""
    for name, displacement in whole.displacements.items():
        np.testing.assert_array_equal(resumed.displacements[name], displacement)
    for name, state in whole.interfaces.items():
        for each in fields(state):
            np.testing.assert_array_equal(getattr(resumed.interfaces[name], each.name), getattr(state, each.name))
    for name, state in whole.bolts.items():
        assert resumed.bolts[name].tension == state.tension
        assert resumed.bolts[name].preload == state.preload
    assert resumed.increments == whole.increments


@pytest.mark.parametrize("problem", [rubbing, pressed, tightened])
@pytest.mark.parametrize("law", [LAYER, EXACT], ids=["layer", "exact"])
def test_a_stopped_run_takes_the_steps_of_an_undisturbed_one(problem, law, tmp_path):
    """Tolerances are those of every run: how far multipliers came when they sufficed would show another way there."""
    given, extra = problem(law)
    whole = list(history(*given, USUAL, **extra))
    for stop in STOPS[problem] if law is LAYER else STOPS[problem][-1:]:
        path = tmp_path / f"{stop}.npz"
        with pytest.raises(PlugPulledError):
            list(history(*given, USUAL, progress=PulledPlug(stop), checkpoint=path, **extra))
        assert path.is_file()
        resumed = list(history(*given, USUAL, checkpoint=path, **extra))
        assert not path.exists()  # nothing is left to go on from
        # load cases that had been finished are not handed on again
        assert [end.name for end in resumed] == [end.name for end in whole][-len(resumed) :]
        for one, other in zip(resumed, whole[-len(resumed) :], strict=True):
            assert_same(one, other)


def test_steps_that_were_cut_and_grow_again_are_the_same_after_a_stop(tmp_path):
    given, _ = rubbing(LAYER)
    solver = Solver(increments=2, max_newton=10)
    whole = list(history(*given, solver))[-1]
    assert [row.load_factor for row in whole.increments] == [0.125, 0.375, 0.875, 1.0]
    assert [row.cuts for row in whole.increments] == [2] * 4
    for stop in (3, 4, 5):
        path = tmp_path / f"{stop}.npz"
        with pytest.raises(PlugPulledError):
            list(history(*given, solver, progress=PulledPlug(stop), checkpoint=path))
        assert_same(list(history(*given, solver, checkpoint=path))[-1], whole)


class Listener:
    def __init__(self):
        self.converged = []

    def newton(self, increment, seconds):
        pass

    def increment(self, increment):
        self.converged.append(increment)


def test_nothing_of_an_increment_that_failed_is_kept(tmp_path):
    """Nothing but friction holds the block: two thirds of the push are all that it can bear."""
    given = on_plane(LAYER)
    held = supports(given[0])[:1]
    path, listener = tmp_path / "kept.npz", Listener()
    solver = Solver(increments=4, tolerance=1e-10, max_newton=40, max_cuts=2)
    cases = [push(given[0], share, held) for share in (0.0, 1.5)]
    with pytest.raises(NumericalError, match=r'"1.5 mu N" stopped at \d+ % of load after 2 cuts'):
        list(history(*given, cases, solver, progress=listener, checkpoint=path))
    system = System(*given)
    kept = March(system, solver, None, Checkpoint(path)).state
    assert kept.stage == 1  # the block is pressed down
    assert 0.5 <= kept.reached == listener.converged[-1].load_factor < 2.0 / 3.0
    # what is kept is the equilibrium of the load it had reached
    *_, there = history(*given, [cases[0], push(given[0], 1.5 * kept.reached, held)], solver)
    moved = np.vstack(list(there.displacements.values()))
    stood = np.vstack(list(system.split(kept.displacement).values()))
    np.testing.assert_allclose(stood, moved, rtol=0.0, atol=1e-6 * np.abs(moved).max())


def test_nothing_is_kept_where_nothing_converged(tmp_path):
    bodies, materials, interfaces = on_plane(LAYER)
    case = push(bodies, 1.5, supports(bodies)[:1])
    path = tmp_path / "kept.npz"
    with pytest.raises(NumericalError, match="stopped at 0 % of load"):
        list(history(bodies, materials, interfaces, [case], Solver(max_newton=5, max_cuts=0), checkpoint=path))
    assert not path.exists()


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04 half a file"])
def test_a_broken_file_is_no_checkpoint(broken, tmp_path):
    path = tmp_path / "kept.npz"
    path.write_bytes(broken)
    start = State(np.zeros(3), History.at_rest(1), np.zeros(0), np.zeros(0))
    assert Checkpoint(path).read(start) is None


def test_a_file_of_another_problem_is_no_checkpoint(tmp_path):
    checkpoint = Checkpoint(tmp_path / "kept.npz")
    state = State(np.ones(6), History.at_rest(2), np.zeros(0), np.zeros(0), 1, 0.5, 0.25)
    checkpoint.write(state)
    back = checkpoint.read(State(np.zeros(6), History.at_rest(2), np.zeros(0), np.zeros(0)))
    assert (back.stage, back.reached, back.step) == (1, 0.5, 0.25)
    np.testing.assert_array_equal(back.displacement, 1.0)
    assert checkpoint.read(State(np.zeros(9), History.at_rest(2), np.zeros(0), np.zeros(0))) is None
    assert checkpoint.read(State(np.zeros(6), History.at_rest(3), np.zeros(0), np.zeros(0))) is None
    assert checkpoint.read(State(np.zeros(6), History.at_rest(2), np.zeros(1), np.zeros(1))) is None
    checkpoint.write(replace(state, displacement=np.full(6, np.nan)))
    assert checkpoint.read(State(np.zeros(6), History.at_rest(2), np.zeros(0), np.zeros(0))) is None
