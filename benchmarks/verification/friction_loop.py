"""A block on a plane pushed forth, back and forth: the loop costs 4 mu N A, and every slide carries exactly mu N.

A load case starts from rest and rises in proportion; here Newton's method is driven from level to level instead, each
taking over the slip of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.loads.loadcase import Applied, Support
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.mechanics.loading import hold, nodal_loads
from femsacrum.mechanics.newton import Newton
from femsacrum.mechanics.system import System
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
    from petsc4py import PETSc  # its libraries are found once femsacrum.mechanics has been imported

    plane = meshes.box("plane", (-10, -10, -5), (30, 20, 0), (8, 6, 2))
    block = meshes.box("block", (0, 0, 0), (20, 10, 6), (7, 5, 3))
    bodies = {"plane": plane, "block": block}
    materials = {name: meshes.material(mesh, YOUNGS, 0.3) for name, mesh in bodies.items()}
    law = Frictional(FRICTION, PENALTY, PENALTY)
    system = System(bodies, materials, (Interface(Contact("block/plane", ("block", "z0"), ("plane", "z1")), law),))
    # push and spring act at the middle of the contact: no tilting
    middle, top = np.array([10.0, 5.0, 0.0]), block.facets_of("z1")
    holds = tuple(
        hold(bodies, system.offsets, support)
        for support in (
            Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e5),
            Support("spring", "block", top, "mean", np.eye(3)[:1], SPRING, middle),
        )
    )
    weight, push = (
        nodal_loads(bodies, system.offsets, (Applied("load", "block", top, force, np.zeros(3), middle, ""),))
        for force in (np.array([0.0, 0.0, -NORMAL]), np.array([FRICTION * NORMAL, 0.0, 0.0]))
    )
    levels = []
    points = system.frictional
    newton = Newton(system, holds, PETSc.COMM_SELF)
    try:
        loads, displacement, slip = 0.0 * weight, 0.0 * weight, np.zeros((len(points.area), 2))
        for share in (TURN, *BACK, *(-each for each in BACK)):
            before, last = loads, displacement
            loads = weight + share * push
            end = newton.solve(loads, last, slip, not levels, 1e-10, 50)
            if not end.converged:
                raise RuntimeError(f"no equilibrium at {share:g} mu N")
            displacement, slip = end.displacement, end.contact.plastic_slip
            friction = -points.force(end.contact.traction).reshape(-1, 3)[system.offsets["block"] :, 0].sum()
            work = 0.5 * float((loads + before) @ (displacement - last))
            slide = -holds[1].force(displacement)[0::3].sum() / SPRING
            levels.append(Level(share, work, float(friction), float(slide)))
    finally:
        newton.krylov.close()
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
