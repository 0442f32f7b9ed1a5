"""A block on a plane pushed forth, back and forth: the loop costs 4 mu N A, and every slide carries exactly mu N.

Every level is a load case of one history, which goes on from where the one before ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import history
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.mechanics.loading import nodal_loads
from femsacrum.mechanics.share import listed
from femsacrum.surgery.construct import Contact

#: The block's strain and the penalty's spring stay small beside the amplitude, 0.2 mm.
YOUNGS, PENALTY = 2e6, 1e5
FRICTION, NORMAL, SPRING = 0.4, 500.0, 1000.0
#: Push over mu N at the turns; the block then goes as far as the spring lets it.
TURN = 2.0
#: Levels from one turn to the other, push over mu N: it sticks until the push has changed by 2 mu N, then slides.
BACK = (0.8, 0.005, -0.5, -1.0, -1.5, -2.0)


@dataclass(frozen=True)
class Level:
    """Equilibrium at one push.

    Attributes:
        push: Over mu N.
        work: Done by all loads since the level before [N mm].
        friction: On the block along x [N].
        slide: Of the block along x, seen by the spring [mm].
    """

    push: float
    work: float
    friction: float
    slide: float


def loop():
    """Levels from the first turn round to it, the first turn itself included."""
    plane = meshes.box("plane", (-10, -10, -5), (30, 20, 0), (8, 6, 2))
    block = meshes.box("block", (0, 0, 0), (20, 10, 6), (7, 5, 3))
    bodies = {"plane": plane, "block": block}
    materials = {name: meshes.material(mesh, YOUNGS, 0.3) for name, mesh in bodies.items()}
    law = Frictional(FRICTION, PENALTY, PENALTY)
    interface = Interface(Contact("block/plane", ("block", "z0"), ("plane", "z1")), law)
    # push and spring act at the middle of the contact: no tilting
    middle, top = np.array([10.0, 5.0, 0.0]), block.facets_of("z1")
    supports = (
        Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e5),
        Support("spring", "block", top, "mean", np.eye(3)[:1], SPRING, middle),
    )
    cases = []
    for share in (TURN, *BACK, *(-each for each in BACK)):
        force = np.array([share * FRICTION * NORMAL, 0.0, -NORMAL])
        load = Applied("load", "block", top, force, np.zeros(3), middle, "")
        cases.append(LoadCase(f"{share:g} mu N", (load,), supports, {}, 0.0))
    levels: list[Level] = []
    loads, displacement = 0.0, 0.0
    for share, case, end in zip(
        (TURN, *BACK, *(-each for each in BACK)),
        cases,
        history(bodies, materials, (interface,), cases, Solver(tolerance=1e-10)),
        strict=True,
    ):
        before, last = loads, displacement
        loads = nodal_loads(bodies, listed(bodies), case.applied)
        displacement = np.vstack([end.displacements["plane"], end.displacements["block"]]).ravel()
        state = end.interfaces["block/plane"]
        friction = float(state.area @ state.shear[:, 0])
        work = 0.5 * float((loads + before) @ (displacement - last))
        levels.append(Level(share, work, friction, -float(end.reactions["spring"][0]) / SPRING))
    return levels


def rows():
    first, *levels = loop()
    limit = FRICTION * NORMAL
    amplitude = (TURN - 1.0) * limit / SPRING
    case = "block on a plane, pushed forth, back and forth"
    worst = 0.0
    for i, level in enumerate(levels):
        way = -1.0 if i < len(BACK) else 1.0
        if way * level.push > 0.0:
            worst = max(worst, abs(level.friction + way * limit) / limit)
    work = sum(level.work for level in levels) / (4.0 * limit * amplitude)
    travel = (first.slide - levels[len(BACK) - 1].slide) / (2.0 * amplitude)
    gap = (levels[-1].slide - first.slide) / amplitude
    return [
        Row(case, "work of the loop over 4 mu N A", work, 1.0, 1e-2, "Coulomb"),
        Row("the same", "friction of a slide: worst error / mu N", worst, 0.0, 1e-8, "Coulomb"),
        Row("the same", "travel from turn to turn over 2 A", travel, 1.0, 1e-3, "equilibrium"),
        Row("the same", "end less start of the loop, over A", gap, 0.0, 1e-6, "periodic"),
    ]
