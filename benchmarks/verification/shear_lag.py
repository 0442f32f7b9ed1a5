"""A rod pulled out of a block on the elastic stiffness of its thread: Cox's shear lag; then past the thread's strength.

EA u'' = k' u with EA u'(head) = F and a free tip gives the force F sinh(b (L - x))/sinh(b L) at a depth x and the
displacement F coth(b L)/(EA b) of the head, b = sqrt(k'/EA). A stripped thread carries its strength q on every length.
"""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification.embedded_rod import AREA, DIAMETER, YOUNGS, head_of, problem, traction_of
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bonded, Thread

LENGTH, FORCE, SIZE = 40.0, 500.0, 2.0
#: Thread stiffness per length [N/mm2]: the force decays over 20 mm.
THREAD = YOUNGS * AREA / 20.0**2
#: Across the axis [MPa/mm]; the rod's lateral contraction must not be hindered.
LATERAL = 10.0
#: Pull-out strength per length [N/mm], and a spring that holds what the thread does not [N/mm].
STRENGTH, SPRING = 20.0, 200.0
DEPTHS = (5.0, 10.0, 20.0, 30.0)
COX = "H. L. Cox, Br. J. Appl. Phys. 3 (1952) 72"


def pulled(law=None, force=FORCE, spring=0.0, comm=None):
    """Bodies and solution."""
    given = problem(LENGTH, law or Thread(LATERAL, THREAD), (0.0, 0.0, force), SIZE, spring)
    return given[0], solve(*given, Solver(tolerance=1e-10), comm=comm)


def carried(solution, depth=0.0):
    """Force that the thread takes below a depth [N]."""
    state = solution.interfaces["rod/host"]
    below = state.points[:, 2] <= -depth
    return -float(state.area[below] @ traction_of(state)[below, 2])


def elastic():
    decay = np.sqrt(THREAD / (YOUNGS * AREA))
    exact = FORCE / (YOUNGS * AREA * decay) / np.tanh(decay * LENGTH)
    result = []
    for name, law in (
        ("thread", Thread(LATERAL, THREAD)),
        ("bonded", Bonded(THREAD / (np.pi * DIAMETER))),
    ):
        bodies, solution = pulled(law)
        case = f"rod pulled out of a block, {name}"
        result.append(Row(case, "displacement of the head [mm]", head_of(solution, bodies)[2], exact, 0.02, COX))
        for depth in DEPTHS:
            force = FORCE * np.sinh(decay * (LENGTH - depth)) / np.sinh(decay * LENGTH)
            result.append(
                Row("the same", f"force at {depth:g} mm [N]", carried_at(solution, depth), force, 0.02, COX)
            )
    return result


def carried_at(solution, depth):
    """Force of the rod at a depth [N]: the first moment of the traction gives it without counting points at a cut."""
    state = solution.interfaces["rod/host"]
    along = -state.area * traction_of(state)[:, 2]
    deep = -state.points[:, 2]
    # points stand for their surroundings: share of each below the depth
    return float(along @ np.clip((deep - depth) / SIZE + 0.5, 0.0, 1.0))


def stripped():
    limit = STRENGTH * LENGTH
    law = Thread(LATERAL, THREAD, STRENGTH)
    result = []
    for share in (0.4, 1.5):
        bodies, solution = pulled(law, share * limit, SPRING)
        head = head_of(solution, bodies)[2]
        case = f"rod pulled with {share:g} q L"
        result.append(
            Row(
                case,
                "on the thread and the spring [N]",
                carried(solution) + SPRING * head,
                share * limit,
                1e-6,
                "equilibrium",
            )
        )
        if share > 1.0:
            result.append(Row("the same", "force on the thread [N]", carried(solution), limit, 1e-6, "plastic limit"))
            result.append(
                Row(
                    "the same",
                    "pull-out that the spring leaves [mm]",
                    head,
                    (share - 1.0) * limit / SPRING,
                    1e-6,
                    "equilibrium",
                )
            )
        else:
            sliding = float((solution.interfaces["rod/host"].status == 2).mean())
            result.append(Row("the same", "share that slides", sliding, 0.0, 0.0, "q is reached nowhere"))
    return result


def rows():
    return [*elastic(), *stripped()]
