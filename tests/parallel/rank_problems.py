"""Problems solved on any number of processes; as a script, solves all of them and writes what was found.

``mpiexec -n 2 python -m mpi4py tests/parallel/rank_problems.py FOLDER`` with the repository on PYTHONPATH (mpi4py's
runner ends all processes when one fails; without it the others would wait for ever).
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.verification import meshes
from benchmarks.verification.patch import isostatic
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bolt, Bonded, Frictional, Interface, Spring
from femsacrum.surgery.construct import Contact

SIZE, SPLIT, HEIGHT = 10.0, 5.0, 9.0
#: Length of the bar below the blocks [mm].
LONG = 20.0
#: Newton's and, with it, the linear tolerance, and contact's: well below what the two runs are compared to.
TIGHT = Solver(tolerance=1e-11, penetration=1e-6)


def stacked(orders, divisions):
    """Two jittered blocks of P1 or P2 elements on each other."""
    low = meshes.box("lower", (0, 0, 0), (SIZE, SIZE, SPLIT), divisions[0], orders[0], jitter=0.2)
    top = meshes.box("upper", (0, 0, SPLIT), (SIZE, SIZE, HEIGHT), divisions[1], orders[1], jitter=0.2, seed=2)
    return {"lower": low, "upper": top}


def joined(law):
    """The one interface between the two blocks."""
    return (Interface(Contact("upper/lower", ("upper", "z0"), ("lower", "z1")), law),)


def push(upper):
    """Down and sideways, on the upper block's top."""
    point = np.array([SIZE / 2, SIZE / 2, HEIGHT])
    facets = upper.facets_of("z1")[:, :3]
    return Applied("push", "upper", facets, np.array([60.0, 15.0, -200.0]), np.zeros(3), point, "test")


def problem(orders, divisions, law, wall=None, held="fixed", potted=False):
    """Arguments of ``solve`` for two blocks pushed at the top; ``wall``: thickness of the lower one's cortex [mm].

    ``potted``: the top is a kinematic pilot.
    """
    bodies = stacked(orders, divisions)
    lower, upper = bodies.values()
    shell = meshes.cortex(lower, ("x0", "x1", "y0", "y1"), wall, 17000.0, 0.3) if wall else None
    materials = {"lower": meshes.material(lower, 500.0, 0.3, shell), "upper": meshes.material(upper, 5e3, 0.3)}
    ground = (Support("ground", "lower", lower.facets_of("z0")[:, :3], "fixed", np.eye(3), 1e6),)
    supports = ground if held == "fixed" else isostatic(lower, "z0")
    if potted:
        supports += (Support("pilot", "upper", upper.facets_of("z1")[:, :3], "rigid", np.zeros((0, 3)), 1e6),)
    return bodies, materials, joined(law), LoadCase("push", (push(upper),), supports, {}, 0.0)


def tightened():
    """The blocks pressed into each other, held down by a tightened bar, with a ligament that is drawn beforehand."""
    bodies, materials, _, case = problem((1, 1), ((5, 5, 3), (4, 4, 3)), RUBBING, wall=1.0)
    bar = meshes.box("bar", (4, 4, -LONG), (6, 6, SPLIT), (1, 1, 8))
    bodies["bar"], materials["bar"] = bar, meshes.material(bar, 1e5, 0.3)
    interfaces = (
        *joined(Frictional(0.5, interference=0.01)),
        Interface(Contact("bar/upper", ("bar", "z1"), ("upper", "z0")), Bonded(1e5)),
    )
    foot = Support("foot", "bar", bar.facets_of("z0"), "fixed", np.eye(3), 1e6)
    middle = np.array([SIZE / 2, SIZE / 2, 0.0])
    bolt = Bolt("tie", "bar", middle - [0, 0, LONG / 2], np.array([0.0, 0.0, -1.0]), 1.5, force=150.0, loss=0.5)
    ends = (("upper", bodies["upper"].facets_of("x1")[:, :3]), ("bar", bar.facets_of("z0")))
    points = np.array([[SIZE, SIZE / 2, 7.0], [5.0, 5.0, -LONG]])
    ligament = Spring("ligament", ends, points, 100.0, pretension=30.0)
    given = bodies, materials, interfaces, replace(case, supports=(*case.supports, foot))
    return given, {"bolts": (bolt,), "springs": (ligament,)}


RUBBING = Frictional(0.5, 5e3, 5e3)
PROBLEMS = {
    # two levels by order, algebraic multigrid of more than one level below
    "friction": lambda: problem((1, 2), ((9, 9, 5), (7, 7, 4)), RUBBING),
    "pilot": lambda: problem((1, 2), ((4, 4, 3), (5, 5, 3)), RUBBING, held="means", potted=True),
    # the linear level factorised, ball joints as a low-rank term
    "cortex": lambda: problem((1, 2), ((6, 6, 4), (5, 5, 3)), RUBBING, wall=1.0, held="means"),
    # most nodes are mid-edges of the last body: the last process has not one corner among its rows
    "lopsided": lambda: problem((1, 2), ((4, 4, 2), (6, 6, 4)), RUBBING),
    # nothing quadratic, nothing that slips
    "linear": lambda: problem((1, 1), ((9, 9, 5), (7, 7, 4)), Bonded(5e3), held="means"),
}


#: Press-fit, bolt and ligament.
PRELOAD = "preload"


def found(name, comm=None):
    """Numbers that must not depend on how many processes found them."""
    given, preload = tightened() if name == PRELOAD else (PROBLEMS[name](), {})
    solution = solve(*given, TIGHT, **preload, comm=comm)
    state = solution.interfaces["upper/lower"]
    return {
        "displacement": np.vstack(list(solution.displacements.values())),
        "pressure": state.pressure,
        "shear": state.shear,
        "status": state.status,
        "preload": np.array(
            [each.tension for each in (*solution.bolts.values(), *solution.springs.values())] or [1.0]
        ),
    }


def main(folder):
    from petsc4py import PETSc

    comm = PETSc.COMM_WORLD
    for name in (*PROBLEMS, PRELOAD):
        # every process writes: all of them must hold the whole solution
        np.savez(folder / f"{name}_{comm.rank}.npz", processes=comm.size, **found(name, comm))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
