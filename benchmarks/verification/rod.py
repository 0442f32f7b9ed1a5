"""A 6 mm cantilever rod in curved quadratic tetrahedra, size as in the studies, against the beam with shear."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification.meshes import material
from benchmarks.verification.round_meshes import cylinder
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve

DIAMETER, LENGTH, SIZE = 6.0, 80.0, 3.0
YOUNGS, POISSON, FORCE = 110000.0, 0.3, 50.0


def deflection(size=SIZE, order=2):
    """Mean deflection of the loaded end [mm]."""
    rod = cylinder("rod", (0, 0, 0), (LENGTH, 0, 0), DIAMETER / 2, size, order)
    end = rod.facets_of("end")[:, :3]
    load = Applied("tip", "rod", end, np.array([0.0, FORCE, 0.0]), np.zeros(3), np.array([LENGTH, 0, 0]), "")
    wall = Support("wall", "rod", rod.facets_of("start")[:, :3], "fixed", np.eye(3), 1e8)
    case = LoadCase("bent", (load,), (wall,), {}, 0.0)
    solution = solve({"rod": rod}, {"rod": material(rod, YOUNGS, POISSON)}, (), case, Solver(tolerance=1e-8))
    return float(solution.displacements["rod"][np.unique(end), 1].mean())


def beam():
    """Deflection of the Timoshenko cantilever [mm], shear coefficient of the circle 6(1+nu)/(7+6nu) (Cowper 1966)."""
    inertia, area = np.pi * DIAMETER**4 / 64.0, np.pi * DIAMETER**2 / 4.0
    shear = 6.0 * (1.0 + POISSON) / (7.0 + 6.0 * POISSON) * YOUNGS / (2.0 * (1.0 + POISSON)) * area
    return FORCE * LENGTH**3 / (3.0 * YOUNGS * inertia) + FORCE * LENGTH / shear


def rows():
    source = "Timoshenko beam, G. R. Cowper, J. Appl. Mech. 33 (1966) 335"
    return [Row("6 mm rod, curved P2, 3 mm cells", "tip deflection [mm]", deflection(), beam(), 0.02, source)]
