"""What nothing holds is refused before the solve, and named after it."""

import numpy as np
import pytest

from benchmarks.verification.meshes import box, material
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.surgery.construct import Contact

STIFF, SOFT = 1e6, 1.0


def row(push, far_end=SOFT):
    """Three blocks side by side along x, the outer two held, the last one pushed along x [N]."""
    bodies = {
        name: box(name, (start, 0, 0), (start + 10, 10, 10), (2, 2, 2))
        for name, start in (("host", 0.0), ("graft", 10.0), ("plate", 20.0))
    }
    materials = {name: material(mesh, 1000.0, 0.3) for name, mesh in bodies.items()}
    law = Frictional(0.5, 5e3, 5e3)
    interfaces = tuple(
        Interface(Contact(f"{slave}/{master}", (slave, "x0"), (master, "x1")), law)
        for slave, master in (("graft", "host"), ("plate", "graft"))
    )
    end = bodies["plate"].facets_of("x1")
    force = Applied("push", "plate", end, np.array([push, 0.0, 0.0]), np.zeros(3), np.array([30.0, 5, 5]), "test")
    supports = (
        Support("wall", "host", bodies["host"].facets_of("x0"), "fixed", np.eye(3), STIFF),
        Support("spring", "plate", end, "fixed", np.eye(3), far_end),
    )
    return bodies, materials, interfaces, LoadCase("push", (force,), supports[: 2 if far_end else 1], {}, 0.0)


def test_a_block_pressed_between_two_is_held():
    assert solve(*row(-100.0), Solver()).loose == ()


def test_a_block_both_sides_leave_is_loose():
    solution = solve(*row(100.0), Solver())
    assert solution.loose == ("graft",)
    assert all(np.all(state.status == 0) for state in solution.interfaces.values())


def test_bodies_that_touch_nothing_are_refused_beforehand():
    bodies, materials, interfaces, load_case = row(-100.0, far_end=0.0)
    with pytest.raises(NumericalError, match='"plate" floats: nothing bonds, touches or supports it'):
        solve(bodies, materials, interfaces[:1], load_case, Solver())
