"""Who follows a solve hears of every step of Newton's method and of every increment."""

import numpy as np
import pytest

from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.surgery.construct import Contact


class Recorder:
    def __init__(self):
        self.heard = []

    def newton(self, increment, seconds):
        self.heard.append((increment, seconds))

    def increment(self, increment):
        self.heard.append((increment, None))


@pytest.fixture
def block():
    """A block pressed on a plane and pushed sideways, so that some of it slips."""
    plane = meshes.box("plane", (0, 0, -4), (10, 10, 0), (4, 4, 2))
    block = meshes.box("block", (0, 0, 0), (10, 10, 4), (3, 3, 2))
    materials = {body.name: meshes.material(body, 1000.0, 0.3) for body in (plane, block)}
    rubbing = Interface(Contact("block/plane", ("block", "z0"), ("plane", "z1")), Frictional(0.3, 5e3, 5e3))
    force, point = np.array([20.0, 0.0, -100.0]), np.array([5.0, 5.0, 4.0])
    push = Applied("push", "block", block.facets_of("z1"), force, np.zeros(3), point, "test")
    ground = Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e6)
    case = LoadCase("push", (push,), (ground,), {}, 0.0)
    return {"plane": plane, "block": block}, materials, (rubbing,), case


def test_every_step_and_every_increment_is_told(block):
    recorder = Recorder()
    solution = solve(*block, Solver(increments=2, tolerance=1e-8), progress=recorder)
    steps = [row for row, seconds in recorder.heard if seconds is not None]
    assert tuple(row for row, seconds in recorder.heard if seconds is None) == solution.increments
    for end in solution.increments:
        of_it = [row for row in steps if row.number == end.number]
        assert of_it[-1] == end  # the last step is what converged
        counts = [row.newton_iterations for row in of_it]
        assert sorted(set(counts)) == list(range(end.newton_iterations + 1))
        assert counts == sorted(counts)
        assert {row.load_factor for row in of_it} == {end.load_factor}
        assert all(row.residual > 1e-8 for row in of_it[:-1])
    seconds = [seconds for _, seconds in recorder.heard if seconds is not None]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0.0


def test_steps_that_fail_are_told_too(block):
    recorder = Recorder()
    with pytest.raises(NumericalError, match="stopped at 0 %"):
        solve(*block, Solver(increments=1, tolerance=1e-8, max_newton=1, max_cuts=1), progress=recorder)
    assert {(row.load_factor, row.cuts) for row, _ in recorder.heard} == {(1.0, 0), (0.5, 1)}


def test_nobody_need_listen(block):
    assert solve(*block, Solver(increments=1, tolerance=1e-8)).converged
