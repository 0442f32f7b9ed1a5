"""No load, and a bolt, a press-fit and a ligament that are there but switched off: exactly nothing moves."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import bolt
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Spring


def moved(tightened):
    """Every number of the solution that must be nothing, and the largest of them."""
    given = bolt.problem(Frictional(0.4, interference=0.0), load=0.0, blocks=bolt.BONE)
    bodies = given[0]
    ends = (("upper", bodies["upper"].facets_of("z1")), ("lower", bodies["lower"].facets_of("z0")))
    points = np.array([[0.0, 0.0, bolt.UPPER], [0.0, 0.0, -bolt.LOWER]])
    slack = Spring("slack", ends, points, 100.0, slack=0.5)
    loose = Spring("not tightened", ends, points, 100.0)
    end = solve(*given, Solver(), bolts=(tightened,), springs=(slack, loose))
    numbers = [*end.displacements.values(), *end.reactions.values(), *end.reaction_moments.values()]
    for state in end.interfaces.values():
        numbers += [state.gap - state.initial_gap, state.slip, state.pressure, state.shear]
    numbers += [[each.tension, each.preload, each.shortening] for each in end.bolts.values()]
    numbers += [[each.tension, each.elongation] for each in end.springs.values()]
    return max(float(np.abs(each).max()) for each in numbers)


def rows():
    return [
        Row(f"no load, bolt without {name}", "largest of all results", moved(given), 0.0, 0.0, "equilibrium")
        for name, given in (("force", bolt.lag(force=0.0)), ("shortening", bolt.lag(shortening=0.0)))
    ]
