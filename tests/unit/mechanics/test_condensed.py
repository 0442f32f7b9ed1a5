"""A load case condensed onto its contact points: the same as with the whole, and nothing elastic solved twice."""

import numpy as np
import pytest
from blocks import FRICTION, NORMAL, PlugPulledError, on_plane, push, supports, tie, tied

from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Support
from femsacrum.mechanics import prepared
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional

SOLVER = {method: Solver(tolerance=1e-9, penetration=1e-4, method=method) for method in ("iterative", "condensed")}


def assert_alike(one, other, rel=1e-5):
    size = max(np.abs(each).max() for each in other.displacements.values())
    for body, moved in other.displacements.items():
        assert one.displacements[body] == pytest.approx(moved, abs=rel * size), body
    for name, state in other.interfaces.items():
        assert one.interfaces[name].pressure == pytest.approx(state.pressure, abs=1e-3 * np.abs(state.pressure).max())
        assert np.array_equal(one.interfaces[name].status, state.status)
    for name, force in other.reactions.items():
        assert one.reactions[name] == pytest.approx(force, abs=1e-5 * NORMAL)


def held_by_means(bodies, stiffness):
    """Supports of few rows: the face is free to deform."""
    face = bodies["plane"].facets_of("z0")
    ground = Support("ground", "plane", face, "mean", np.eye(3), stiffness, None, np.eye(3))
    return (
        ground,
        Support("spring", "block", bodies["block"].facets_of("z1"), "mean", np.eye(3)[:1], 0.1 * stiffness),
    )


def test_friction_load_and_supports_change_and_nothing_elastic_is_solved_again(condensings):
    for friction in (FRICTION, 0.5 * FRICTION):
        problem = on_plane(Frictional(friction, 2e3, 2e3), youngs=2e4)
        for share in (0.2, 0.6):
            for stiffness in (1e4, 1e5):
                case = push(problem[0], share, held_by_means(problem[0], stiffness))
                assert_alike(*(solve(*problem, case, SOLVER[method]) for method in ("condensed", "iterative")))
    assert len(condensings) == 1


def test_another_stiffness_is_condensed_anew(condensings):
    for youngs in (2e4, 4e4):
        problem = on_plane(Frictional(FRICTION, 2e3, 2e3), youngs=youngs)
        case = push(problem[0], 0.4, supports(problem[0]))
        assert_alike(*(solve(*problem, case, SOLVER[method]) for method in ("condensed", "iterative")))
    assert len(condensings) == 2


def test_a_tightened_bolt_and_exact_contact(condensings):
    bodies, materials, interfaces, held = tied()
    case = push(bodies, 0.5, held)
    bolts = (tie(force=200.0),)
    one, other = (
        solve(bodies, materials, interfaces, case, SOLVER[method], bolts) for method in ("condensed", "iterative")
    )
    assert_alike(one, other, 1e-4)
    assert one.bolts["tie"].tension == pytest.approx(other.bolts["tie"].tension, rel=1e-6)


def test_too_many_unknowns_are_solved_with_the_whole(condensings, monkeypatch):
    monkeypatch.setattr(prepared, "MOST_UNKNOWNS", 10)
    problem = on_plane(Frictional(FRICTION, 2e3, 2e3), youngs=2e4)
    case = push(problem[0], 0.4, supports(problem[0]))
    assert_alike(*(solve(*problem, case, SOLVER[method]) for method in ("condensed", "iterative")))
    assert not condensings


class Stopped:
    """Remembers what converged, and pulls the plug at an increment counted from nought."""

    def __init__(self, at=None):
        self.at, self.converged = at, []

    def newton(self, increment, seconds):
        pass

    def increment(self, increment):
        if len(self.converged) == self.at:
            raise PlugPulledError
        self.converged.append(increment.load_factor)


@pytest.mark.parametrize("method", ["iterative", "condensed"])
def test_a_solve_that_was_cut_off_goes_on_after_its_last_increment(method, tmp_path, condensings):
    solver = SOLVER[method].model_copy(update={"increments": 4})
    problem, path = on_plane(Frictional(FRICTION, 2e3, 2e3), youngs=2e4), tmp_path / "kept.npz"
    case = push(problem[0], 0.4, supports(problem[0]))
    whole = solve(*problem, case, solver)
    with pytest.raises(PlugPulledError):
        solve(*problem, case, solver, checkpoint=path, progress=Stopped(at=2))
    rest = Stopped()
    assert_alike(solve(*problem, case, solver, checkpoint=path, progress=rest), whole, 1e-8)
    # the increment at which the plug was pulled had converged, and was not kept yet
    assert rest.converged == [0.75, 1.0]
    assert not path.exists()


@pytest.mark.parametrize("method", ["iterative", "condensed"])
def test_a_solve_that_was_cut_off_after_its_last_increment_is_done_again(method, tmp_path, monkeypatch, condensings):
    problem, path = on_plane(Frictional(FRICTION, 2e3, 2e3), youngs=2e4), tmp_path / "kept.npz"
    case = push(problem[0], 0.4, supports(problem[0]))

    def cut_off(solution):
        raise PlugPulledError

    with monkeypatch.context() as patched:
        patched.setattr("femsacrum.mechanics.results.assert_balanced", cut_off)
        patched.setattr("femsacrum.mechanics.repeated.assert_balanced", cut_off)
        with pytest.raises(PlugPulledError):
            solve(*problem, case, SOLVER[method], checkpoint=path)
    assert path.exists()
    assert_alike(solve(*problem, case, SOLVER[method], checkpoint=path), solve(*problem, case, SOLVER[method]), 1e-8)
