"""A round rod that lies, without a hole, in a block which is rigid beside it."""

from __future__ import annotations

import numpy as np

from benchmarks.verification import meshes
from benchmarks.verification.round_meshes import cylinder
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.interfaces import Interface
from femsacrum.mechanics.shapes import facet_weights
from femsacrum.surgery.construct import Contact, Screw

DIAMETER, YOUNGS, POISSON, RIGID = 4.0, 110000.0, 0.3, 1e9
AREA, INERTIA = np.pi * DIAMETER**2 / 4.0, np.pi * DIAMETER**4 / 64.0


def problem(length, thread, force, size, spring=0.0):
    """Bodies, materials, interface and load case: a force [N] on the rod's flush head, which a spring may hold.

    Args:
        length: Of the rod, straight down from z = 0 [mm].
        thread: What holds it.
        force: On the head, shape (3,) [N].
        size: Of the rod's cells [mm].
        spring: Along z on the head [N/mm]; 0: none.
    """
    host = meshes.box("host", (-9, -9, -length - 5), (9, 9, 0), (3, 3, 7))
    rod = cylinder("rod", (0, 0, 0), (0, 0, -length), DIAMETER / 2, size)
    bodies = {"host": host, "rod": rod}
    materials = {"host": meshes.material(host, RIGID, POISSON), "rod": meshes.material(rod, YOUNGS, POISSON)}
    head, tip = np.zeros(3), np.array([0.0, 0.0, -length])
    screw = Screw("rod", "rod", head, head, tip, DIAMETER, ("host",), 5.0, length)
    contact = Contact("rod/host", ("rod", "surface"), ("host", "surface"), "embedded", "rod")
    top = rod.facets_of("start")
    load = Applied("pull", "rod", top, np.asarray(force, float), np.zeros(3), head, "")
    supports = [Support("ground", "host", host.facets_of("z0"), "fixed", np.eye(3), 1e9)]
    if spring:
        supports.append(Support("spring", "rod", top, "mean", np.eye(3)[2:], spring))
    case = LoadCase("pulled", (load,), tuple(supports), {}, 0.0)
    return bodies, materials, (Interface(contact, thread, screw),), case


def head_of(solution, bodies):
    """Mean displacement of the head, shape (3,) [mm]."""

    nodes, weights = facet_weights(bodies["rod"].nodes, bodies["rod"].facets_of("start"))
    return weights @ solution.displacements["rod"][nodes] / weights.sum()


def traction_of(state):
    """Traction on the rod at every point, shape (p, 3) [MPa]."""
    return state.shear - state.pressure[:, None] * state.normals
