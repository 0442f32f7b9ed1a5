"""A ring cage between two platens, as ASTM F2077 presses and twists one.

The ring stands on z = 0; platens are rigid beside it, as machined metal blocks are beside PEEK.
"""

from __future__ import annotations

import gmsh
import numpy as np

from benchmarks.verification import meshes
from femsacrum.anatomy.model import Plane
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.choose import BONDED_FACTOR
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bonded, Interface
from femsacrum.mechanics.shapes import facet_weights
from femsacrum.meshing.one_body import Job, mesh_body
from femsacrum.surgery.construct import Contact, Solid
from femsacrum.surgery.shapes import cad

#: Of the ring [mm]: about an anterior lumbar cage; any would do, as nothing is compared but closed forms.
OUTER, INNER, HEIGHT = 15.0, 9.0, 12.0
#: PEEK [MPa]: doi 10.1186/s12893-024-02462-8, table 1 [S]. Platens: rigid beside it.
YOUNGS, POISSON, RIGID = 3600.0, 0.25, 1e8
#: Half-width and height of a platen [mm]; force [N] and torque [N mm].
HALF, THICK, FORCE, TORQUE = 20.0, 8.0, 1000.0, 5000.0
#: Keeps a ring without friction from drifting off, and carries nothing [N/mm].
THREAD = 1.0

AREA = np.pi * (OUTER**2 - INNER**2)
#: Closed forms: Hooke's law of a bar that may widen, and Coulomb's of a circular tube.
COMPRESSION = YOUNGS * AREA / HEIGHT
TORSION = YOUNGS / (2.0 * (1.0 + POISSON)) * np.pi * (OUTER**4 - INNER**4) / 2.0 / HEIGHT


def ring(size):
    """The cage, curved quadratic, with faces "lower" and "upper"."""
    low, high = np.zeros(3), np.array([0.0, 0.0, HEIGHT])
    beyond = np.array([0.0, 0.0, 1.0])
    with cad.drawing("cage"):
        (made,) = cad.subtract(cad.cylinder(low, high, OUTER), [cad.cylinder(low - beyond, high + beyond, INNER)])
        text = cad.brep(made, "cage")
        assert abs(gmsh.model.occ.getMass(*made) / (AREA * HEIGHT) - 1.0) < 1e-9
    faces = {"lower": Plane(low, -beyond), "upper": Plane(high, beyond)}
    return mesh_body(Job("cage", "implant", Solid(text, "implant", faces), size, 2))[0]


def solved(law, size, force=0.0, torque=0.0):
    """Bodies and solution of the cage under a platen that is pressed and turned.

    Args:
        law: Of both faces; None: the bond of a case that does not say how stiff.
        size: Of the cage's cells [mm].
        force: Downwards [N].
        torque: About z [N mm].
    """
    low, high = (-HALF, -HALF), (HALF, HALF)
    bodies = {
        "lower": meshes.box("lower", (*low, -THICK), (*high, 0.0), (5, 5, 1), role="implant"),
        "upper": meshes.box("upper", (*low, HEIGHT), (*high, HEIGHT + THICK), (5, 5, 1), role="implant"),
        "cage": ring(size),
    }
    materials = {
        name: meshes.material(body, YOUNGS if name == "cage" else RIGID, POISSON) for name, body in bodies.items()
    }
    law = law or Bonded(BONDED_FACTOR * float(materials["cage"].confined()[0]) / size)
    joined = tuple(
        Interface(Contact(f"cage/{name}", ("cage", name), (name, face)), law)
        for name, face in (("lower", "z1"), ("upper", "z0"))
    )
    top, axes = bodies["upper"].facets_of("z1"), np.eye(3)
    point = np.array([0.0, 0.0, HEIGHT + THICK])
    pressed = Applied("machine", "upper", top, -force * axes[2], torque * axes[2], point, "unit load")
    held = (
        Support("ground", "lower", bodies["lower"].facets_of("z0"), "fixed", axes, 1e9),
        Support("crosshead", "upper", top, "mean", axes[:2], 1e8, point, axes[:2]),
        Support(
            "thread", "cage", bodies["cage"].facets_of("surface")[:, :3], "mean", axes[:2], THREAD, None, axes[2:]
        ),
    )
    given = bodies, materials, joined, LoadCase("pressed", (pressed,), held, {}, 0.0)
    return bodies, solve(*given, Solver(tolerance=1e-8, penetration=0.001))


def compression(law, size):
    """Force over how much nearer the platens come [N/mm], and the largest pressure on the cage's face [MPa]."""
    bodies, solution = solved(law, size, force=FORCE)
    upper, lower = (_mean(bodies, solution, name, face)[2] for name, face in (("upper", "z0"), ("lower", "z1")))
    return FORCE / (lower - upper), max(float(state.pressure.max()) for state in solution.interfaces.values())


def torsion(size):
    """Torque over how far the platens turn against each other [N mm]."""
    bodies, solution = solved(None, size, torque=TORQUE)
    nodes, weights = facet_weights(bodies["upper"].nodes, bodies["upper"].facets_of("z0"))
    place, moved = bodies["upper"].nodes[nodes, :2], solution.displacements["upper"][nodes, :2]
    across = place[:, 0] * moved[:, 1] - place[:, 1] * moved[:, 0]
    return TORQUE / float(weights @ across / (weights @ (place**2).sum(axis=1)))


def per_degree(stiffness):
    """A torsional stiffness [N mm] in [N m/deg]."""
    return stiffness / 1000.0 * np.pi / 180.0


def _mean(bodies, solution, name, face):
    nodes, weights = facet_weights(bodies[name].nodes, bodies[name].facets_of(face))
    return weights @ solution.displacements[name][nodes] / weights.sum()
