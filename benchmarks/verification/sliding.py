"""A block on a plane: it slips when the push exceeds mu N, and then carries exactly mu N."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.surgery.construct import Contact

#: A stiff block: micro-slip from its own strain stays small beside the sliding that is asked for.
YOUNGS = 2e6
FRICTION, NORMAL, SPRING = 0.4, 500.0, 10.0


def pushed(share, increments=1):
    """Push the block with ``share`` of mu N against a weak spring; returns the solution."""
    plane = meshes.box("plane", (-10, -10, -5), (30, 20, 0), (8, 6, 2))
    block = meshes.box("block", (0, 0, 0), (20, 10, 6), (7, 5, 3))
    bodies = {"plane": plane, "block": block}
    materials = {"plane": meshes.material(plane, YOUNGS, 0.3), "block": meshes.material(block, YOUNGS, 0.3)}
    interface = Interface(Contact("block/plane", ("block", "z0"), ("plane", "z1")), Frictional(FRICTION, 1e5, 1e5))
    push = share * FRICTION * NORMAL
    # the resultant passes through the middle of the contact: no tilting
    load = Applied(
        "push", "block", block.facets_of("z1"), np.array([push, 0.0, -NORMAL]), np.zeros(3), np.array([10.0, 5.0, 0.0]), "",
    )  # fmt: skip
    x = np.array([[1.0, 0.0, 0.0]])
    supports = (
        Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e5),
        Support("spring", "block", block.facets_of("z1"), "mean", x, SPRING, np.array([10.0, 5.0, 0.0])),
    )
    case = LoadCase("push", (load,), supports, {}, 0.0)
    return solve(bodies, materials, (interface,), case, Solver(increments=increments, tolerance=1e-10))


def friction_force(solution):
    """Friction on the block along x [N] and its mean slip [mm]."""
    state = solution.interfaces["block/plane"]
    slip = float((state.slip[:, 0] * state.area).sum() / state.area.sum())
    return float((state.shear[:, 0] * state.area).sum()), slip


def rows():
    result = []
    limit = FRICTION * NORMAL
    for share in (0.5, 0.9, 0.99, 1.01, 1.1, 2.0):
        force, slip = friction_force(pushed(share))
        case = f"block on a plane, push {share:g} mu N"
        if share > 1.0:
            result.append(Row(case, "friction over mu N", -force / limit, 1.0, 1e-8, "Coulomb"))
            free = (share - 1.0) * limit / SPRING
            result.append(Row(case, "slip over what the spring leaves", slip / free, 1.0, 1e-3, "equilibrium"))
        else:
            result.append(Row(case, "friction over push", -force / (share * limit), 1.0, 1e-4, "equilibrium"))
            result.append(Row(case, "slip [mm]", slip, 0.0, 1e-4, "Coulomb"))
    return result
