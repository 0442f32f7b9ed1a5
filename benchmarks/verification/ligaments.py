"""Three tension-only ligaments on a block: one taut, one slack, one tightened beforehand; their forces are exact.

Load, ligaments and support act on the same facets, so the block's own strain takes no part: the mean displacements of
the faces are the only unknowns, and their equilibrium is a set of linear equations for every choice of which ligament
pulls.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Spring

PULL = np.array([30.0, -40.0, -100.0])
#: Springs that stand for what else holds block and ground [N/mm].
BLOCK_HELD, GROUND_HELD = 50.0, 400.0
LENGTH = 24.0
#: Name -> direction from the block to the ground, stiffness [N/mm], slack [mm], pretension [N].
LIGAMENTS = {
    "taut": ((0.0, 0.0, 1.0), 200.0, 0.0, 0.0),
    "slack": ((0.6, 0.0, 0.8), 150.0, 5.0, 0.0),
    "tightened": ((0.0, 0.8, 0.6), 80.0, 0.1, 60.0),
}


def problem():
    """Bodies, materials, no interfaces, load case; and the ligaments."""
    block = meshes.box("block", (0, 0, 0), (10, 8, 6), (3, 3, 2))
    middle = np.array([5.0, 4.0, 6.0])
    grounds = {}
    for name, (along, *_) in LIGAMENTS.items():
        corner = middle + LENGTH * np.array(along) - [5, 4, 0]
        grounds[name] = meshes.box(name, corner, corner + np.array([10, 8, 6]), (2, 2, 2))
    bodies = {"block": block, **grounds}
    materials = {name: meshes.material(body, 1000.0, 0.3) for name, body in bodies.items()}
    top = block.facets_of("z1")
    ends = {name: (name, body.facets_of("z0")) for name, body in grounds.items()}
    load = Applied("pull", "block", top, PULL, np.zeros(3), middle, "")
    held = [("block", ("block", top), BLOCK_HELD)]
    held += [(f"end of {name}", end, GROUND_HELD) for name, end in ends.items()]
    supports = tuple(Support(name, *end, "mean", np.eye(3), k, None, np.eye(3)) for name, end, k in held)
    springs = tuple(
        Spring(name, (("block", top), ends[name]), middle + np.outer([0, LENGTH], along), stiffness, slack, force)
        for name, (along, stiffness, slack, force) in LIGAMENTS.items()
    )
    return (bodies, materials, (), LoadCase("pull", (load,), supports, {}, 0.0)), springs


def pulled(comm=None):
    """Solution of the whole."""
    given, springs = problem()
    return solve(*given, Solver(tolerance=1e-12), springs=springs, comm=comm)


def equilibrium():
    """Tension of each ligament [N], from the one set of pulling ligaments that fits."""
    given = list(LIGAMENTS.values())
    along, stiffness, slack, force = (np.array(each) for each in zip(*given, strict=True))
    fitting = []
    for pulling in product((0.0, 1.0), repeat=len(given)):
        # elongation = along . (its end - block); unknowns are the displacements of the block and of the three ends
        ends = np.zeros((len(given), len(given), 3))
        ends[range(len(given)), range(len(given))] = along
        way = np.hstack([-along, ends.reshape(len(given), -1)])
        active = np.array(pulling)
        own = np.repeat([BLOCK_HELD, *[GROUND_HELD] * len(given)], 3)
        matrix = np.diag(own) + way.T @ ((active * stiffness)[:, None] * way)
        right = np.concatenate([PULL, np.zeros(3 * len(given))]) - way.T @ (active * (force - stiffness * slack))
        tension = force + stiffness * (way @ np.linalg.solve(matrix, right) - slack)
        if np.array_equal(tension > 0.0, active > 0.0):
            fitting.append(np.maximum(tension, 0.0))
    (tensions,) = fitting
    return dict(zip(LIGAMENTS, tensions, strict=True))


def rows():
    solution, exact = pulled(), equilibrium()
    source = "equilibrium of points on piecewise linear springs"
    return [
        Row("three ligaments on a block", f"tension, {name} [N]", solution.springs[name].tension, force, 1e-9, source)
        for name, force in exact.items()
    ]
