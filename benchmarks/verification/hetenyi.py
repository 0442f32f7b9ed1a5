"""A screw pushed sideways at its head, in bone that is springs along its length: a beam on an elastic foundation.

The block around is rigid, and the thread's lateral stiffness is the foundation, k = k_l pi d per length. The screw is
slender enough for the shear of the beam to cost less than a hundredth; its part is measured too, against Timoshenko's
beam on the same foundation.
"""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification.embedded_rod import (
    AREA,
    DIAMETER,
    INERTIA,
    POISSON,
    YOUNGS,
    head_of,
    problem,
    traction_of,
)
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Thread

LENGTH, FORCE, SIZE = 80.0, 100.0, 2.0
#: Characteristic of the beam [1/mm]: 4 EI DECAY^4 = k.
DECAY = 0.03
FOUNDATION = 4.0 * YOUNGS * INERTIA * DECAY**4
#: Along the axis [N/mm2]: next to nothing, since it would resist the turning of sections.
ALONG = 1e-2
DEPTHS = (10.0, 20.0, 30.0)
HETENYI = "M. Hetenyi, Beams on Elastic Foundation (1946), sect. 22"


def pushed(comm=None):
    """Bodies and solution."""
    law = Thread(FOUNDATION / (np.pi * DIAMETER), ALONG)
    given = problem(LENGTH, law, (FORCE, 0.0, 0.0), SIZE)
    return given[0], solve(*given, Solver(tolerance=1e-9), comm=comm)


def beam(depth):
    """Deflection [mm] and bending moment [N mm] of a free-free beam loaded at one end."""
    a, x, rest = DECAY * LENGTH, DECAY * depth, DECAY * (LENGTH - depth)
    below = np.sinh(a) ** 2 - np.sin(a) ** 2
    deflection = np.sinh(a) * np.cos(x) * np.cosh(rest) - np.sin(a) * np.cosh(x) * np.cos(rest)
    moment = np.sinh(a) * np.sin(x) * np.sinh(rest) - np.sin(a) * np.sinh(x) * np.sin(rest)
    return 2.0 * FORCE * DECAY / FOUNDATION * deflection / below, -FORCE / DECAY * moment / below


def with_shear():
    """Deflection of the head with Timoshenko's shear [mm]: EI y'''' - (k EI/S) y'' + k y = 0, S = kappa G A.

    Moment M = EI (y'' - k y/S), shear force M'; four exponentials meet the free ends.
    """
    shear = 6.0 * (1.0 + POISSON) / (7.0 + 6.0 * POISSON) * YOUNGS / (2.0 * (1.0 + POISSON)) * AREA
    stiffness = YOUNGS * INERTIA
    roots = np.roots([stiffness, 0.0, -FOUNDATION * stiffness / shear, 0.0, FOUNDATION]).astype(complex)
    rows, right = [], [0.0, FORCE, 0.0, 0.0]
    for place in (0.0, LENGTH):
        grown = np.exp(roots * place)
        moment = stiffness * (roots**2 - FOUNDATION / shear) * grown
        rows += [moment, moment * roots]
    return float(np.linalg.solve(np.array(rows), right).sum().real)


def found(solution, depth):
    """Deflection [mm] and bending moment [N mm] of the screw at a depth, from what the foundation does beyond it."""
    state = solution.interfaces["rod/host"]
    deep = -state.points[:, 2]
    lever = np.maximum(deep - depth, 0.0)
    load = -state.area * traction_of(state)[:, 0]
    near = np.abs(deep - depth) < SIZE
    fit = np.polynomial.Polynomial.fit(
        deep[near] - depth, -traction_of(state)[near, 0] * np.pi * DIAMETER / FOUNDATION, 1
    )
    return fit(0.0), float(load @ lever)


def rows():
    bodies, solution = pushed()
    case = "screw pushed sideways at its head"
    head = head_of(solution, bodies)[0]
    result = [
        Row(case, "deflection of the head [mm]", head, beam(0.0)[0], 0.02, HETENYI),
        Row(
            "the same",
            "the same, with the beam's shear",
            head,
            with_shear(),
            0.02,
            "Timoshenko's beam, same foundation",
        ),
    ]
    for depth in DEPTHS:
        (deflection, moment), (exact, bending) = found(solution, depth), beam(depth)
        result.append(Row("the same", f"deflection at {depth:g} mm [mm]", deflection, exact, 0.02, HETENYI))
        result.append(Row("the same", f"moment at {depth:g} mm [N mm]", moment, bending, 0.02, HETENYI))
    return result
