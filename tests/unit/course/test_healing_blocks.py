"""The loop around the solver itself: a stiff block on a plane, pushed forth and back against a spring.

Pushed by less than friction bears it stands still and unites; by more it slides, to where statics says, and does not.
"""

import numpy as np
import pytest

from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.course.healing.months import Options, face_of, heal
from femsacrum.course.healing.stimulus import over_cycle
from femsacrum.course.healing.union import full_bond
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.interfaces import Frictional, Healing, Interface
from femsacrum.mechanics.repeated import Repeated
from femsacrum.surgery.construct import Contact

NAME, FRICTION, NORMAL, SPRING = "block/plane", 0.4, 500.0, 1000.0
MIDDLE = np.array([10.0, 5.0, 0.0])


def block(push):
    """Pressed down throughout, pushed forth and back by ``push`` [N]; a face that unites, not yet united."""
    plane = meshes.box("plane", (-10, -10, -5), (30, 20, 0), (5, 4, 2))
    body = meshes.box("block", (0, 0, 0), (20, 10, 6), (4, 3, 2))
    bodies = {"plane": plane, "block": body}
    materials = {name: meshes.material(mesh, 2e6, 0.3) for name, mesh in bodies.items()}
    law = Healing(0.0, float(full_bond(1.0)), Frictional(FRICTION))
    interface = Interface(Contact(NAME, ("block", "z0"), ("plane", "z1")), law)
    top = body.facets_of("z1")
    held = (
        Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e5),
        Support("spring", "block", top, "mean", np.eye(3)[:1], SPRING, MIDDLE),
    )
    phases = []
    for way in (1.0, -1.0):
        force = np.array([way * push, 0.0, -NORMAL])
        load = Applied("push", "block", top, force, np.zeros(3), MIDDLE, "test")
        phases.append(LoadCase(f"{way:g}", (load,), held, {}, 0.0))
    return Repeated(bodies, materials, (interface,), phases, Solver(tolerance=1e-8))


def course(push, months):
    """The block walks twice a month and goes on from where it stands, its face united where it has grown."""
    repeated = block(push)
    repeated.cycle()
    face = face_of(NAME, "block", "iliac_block", repeated.solutions()[0].interfaces[NAME])
    anchor = np.zeros((len(face.area), 3))

    def solve(month, bonded, factors):
        repeated.unite({NAME: bonded[NAME]}, {NAME: anchor})
        repeated.cycle()
        return {NAME: over_cycle(repeated.cycle()[NAME])}

    try:
        return heal(solve, [face], Options(months=months))
    finally:
        repeated.close()


def test_a_block_that_sticks_unites_in_its_time():
    """At half of what friction bears nothing slides: 90 % at six months, the published time."""
    found = course(0.5 * FRICTION * NORMAL, 7)
    assert found.months[0].felt[NAME].motion.max() < 0.002
    assert found.time_to(NAME, 0.9) == pytest.approx(6.0, abs=1e-6)


def test_a_block_that_slides_does_not():
    """Pushed by 500 N either way it is left with 300 N on its spring: 300 um to each side, 600 um in all."""
    found = course(500.0, 2)
    assert found.faces[0].mean(found.months[0].felt[NAME].motion) == pytest.approx(0.6, rel=0.01)
    assert found.united(NAME).max() == 0.0
