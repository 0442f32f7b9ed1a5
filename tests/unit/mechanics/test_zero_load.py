"""Without load nothing moves: not by a rounding error."""

import numpy as np
import pytest

from benchmarks.verification.meshes import box, material
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.surgery.construct import Contact


def blocks():
    """Three blocks side by side along x, faces touching, meshes that do not match."""
    bodies = {
        name: box(name, (start, 0, 0), (start + 10, 10, 10), (2, cells, cells))
        for name, start, cells in (("host", 0.0, 3), ("graft", 10.0, 4), ("plate", 20.0, 2))
    }
    materials = {name: material(mesh, 1000.0, 0.3) for name, mesh in bodies.items()}
    interfaces = tuple(
        Interface(Contact(f"{slave}/{master}", (slave, "x0"), (master, "x1")), Frictional(0.5, 5e3, 5e3))
        for slave, master in (("graft", "host"), ("plate", "graft"))
    )
    return bodies, materials, interfaces


@pytest.mark.parametrize("loaded", [False, True], ids=["no load", "a load of nothing"])
@pytest.mark.parametrize("increments", [1, 3])
def test_without_load_nothing_moves(loaded, increments):
    bodies, materials, interfaces = blocks()
    end = bodies["plate"].facets_of("x1")
    nothing = Applied("nothing", "plate", end, np.zeros(3), np.zeros(3), np.array([30.0, 5.0, 5.0]), "test")
    supports = (
        Support("wall", "host", bodies["host"].facets_of("x0"), "fixed", np.eye(3), 1e6),
        Support("spring", "plate", end, "fixed", np.eye(3), 1.0),
    )
    case = LoadCase("rest", (nothing,) if loaded else (), supports, {}, 0.0)
    solution = solve(bodies, materials, interfaces, case, Solver(increments=increments))
    assert solution.converged
    assert all(not moved.any() for moved in solution.displacements.values())
    assert all(not force.any() for force in solution.reactions.values())
    assert all(not state.pressure.any() and not state.slip.any() for state in solution.interfaces.values())
    assert solution.force_imbalance == solution.moment_imbalance == 0.0
