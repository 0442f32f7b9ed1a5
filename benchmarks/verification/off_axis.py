"""A transversely isotropic bar pulled at an angle to its axis: its Young's modulus and how it shears."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.materials.elastic import Axial
from femsacrum.mechanics.equilibrium import solve

#: Diaphyseal cortical bone (moduli as Reilly and Burstein, J. Biomech. 8:393, 1975): across the axis E [MPa] and nu, along
#: it E [MPa], nu and the shear modulus [MPa].
ACROSS, RATIO, ALONG, CONTRACTION, SHEAR = 11500.0, 0.4, 17000.0, 0.35, 3300.0
LOW, HIGH = np.array([0.0, 0.0, 0.0]), np.array([10.0, 10.0, 30.0])
FORCE = 1000.0
ANGLES = (0.0, 30.0, 60.0, 90.0)
JONES = "Jones, Mechanics of Composite Materials, 1999, section 2.6; Lekhnitskii 1963"


def modulus(angle):
    """Stress over stretch along a bar whose axis of symmetry is turned by ``angle`` [rad] from its length [MPa]."""
    c, s = np.cos(angle) ** 2, np.sin(angle) ** 2
    return 1.0 / (c**2 / ALONG + (1.0 / SHEAR - 2.0 * CONTRACTION / ALONG) * s * c + s**2 / ACROSS)


def coupling(angle):
    """Shear angle over stretch, in the plane of the bar and its axis of symmetry."""
    c, s = np.cos(angle), np.sin(angle)
    twice = 2.0 / ALONG + 2.0 * CONTRACTION / ALONG - 1.0 / SHEAR
    other = 2.0 / ACROSS + 2.0 * CONTRACTION / ALONG - 1.0 / SHEAR
    return modulus(angle) * (twice * s * c**3 - other * s**3 * c)


def pulled(angle, order):
    """Mean gradient of the displacement of the bar, shape (3, 3), pulled at both ends and held so that it may deform."""
    bar = meshes.box("bar", LOW, HIGH, (2, 2, 6), order, jitter=0.2)
    count = len(bar.cells)
    given = meshes.material(bar, ACROSS, RATIO)
    axis = np.tile([np.sin(angle), 0.0, np.cos(angle)], (count, 1))
    given = replace(given, axial=Axial(axis, *(np.full(count, one) for one in (ALONG, CONTRACTION, SHEAR))))
    loads, middle = [], 0.5 * (LOW + HIGH)
    for face, sign, height in (("z0", -1.0, LOW[2]), ("z1", 1.0, HIGH[2])):
        point = np.array([middle[0], middle[1], height])
        force = np.array([0.0, 0.0, sign * FORCE])
        loads.append(Applied(face, "bar", bar.facets_of(face), force, np.zeros(3), point, ""))
    held = Support("end", "bar", bar.facets_of("z0"), "mean", np.eye(3), 1e5, None, np.eye(3))
    case = LoadCase("pulled", tuple(loads), (held,), {}, 0.0)
    moved = solve({"bar": bar}, {"bar": given}, (), case, Solver(tolerance=1e-12)).displacements["bar"]
    arms = np.column_stack([bar.nodes, np.ones(len(bar.nodes))])
    fitted, missed, *_ = np.linalg.lstsq(arms, moved, rcond=None)
    return fitted[:3].T, float(np.sqrt(missed.sum()))


def rows():
    result = []
    area = (HIGH - LOW)[0] * (HIGH - LOW)[1]
    for order in (1, 2):
        for degrees in ANGLES:
            angle = np.radians(degrees)
            gradient, missed = pulled(angle, order)
            case = f"bar pulled at {degrees:g} deg to its axis, P{order}"
            found = FORCE / area / gradient[2, 2]
            result.append(Row(case, "Young's modulus [MPa]", found, modulus(angle), 1e-8, JONES))
            if degrees % 90.0:
                sheared = (gradient[0, 2] + gradient[2, 0]) / gradient[2, 2]
                result.append(Row(case, "shear angle over stretch", sheared, coupling(angle), 1e-8, JONES))
            result.append(Row(case, "distance from a uniform strain [mm]", missed, 0.0, 1e-8, "patch test"))
    return result
