"""Cortex as a membrane: a 20 mm box beam, 1.4 mm of 17 GPa around a 100 MPa core, bent and twisted."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import splu

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.mechanics.system import body_stiffness

SIDE, WALL, LENGTH = 20.0, 1.4, 120.0
CORTEX, CORE, POISSON = 17000.0, 100.0, 0.3


def stiffness(divisions, order=1):
    """Bending [N/mm] and torsional [N mm2] stiffness of the cantilever with ``divisions`` cells over its side."""
    half = SIDE / 2
    beam = meshes.box("beam", (-half, -half, 0), (half, half, LENGTH), (divisions, divisions, 6 * divisions), order)
    wall = meshes.cortex(beam, ("x0", "x1", "y0", "y1"), WALL, CORTEX, POISSON)
    matrix = body_stiffness(beam, meshes.material(beam, CORE, POISSON, wall)).tocsc()
    x, y, z = beam.nodes.T
    free = np.flatnonzero(z > 1e-9)
    dofs = (3 * free[:, None] + np.arange(3)).ravel()
    factor = splu(matrix[dofs][:, dofs])

    def solve(force):
        displacement = np.zeros(force.size)
        displacement[dofs] = factor.solve(force.ravel()[dofs])
        return displacement.reshape(-1, 3)

    rim = np.flatnonzero((z > LENGTH - 1e-9) & (np.maximum(np.abs(x), np.abs(y)) > half - 1e-9))
    force = np.zeros_like(beam.nodes)
    force[rim, 0] = 1.0 / len(rim)
    bending = 1.0 / float(solve(force)[rim, 0].mean())
    force = np.zeros_like(beam.nodes)
    force[rim, 0], force[rim, 1] = -y[rim], x[rim]
    torque = float((x * force[:, 1] - y * force[:, 0]).sum())
    turned = solve(force)

    def angle(height):
        at = np.flatnonzero(np.abs(z - height) < 1e-6)
        arm = x[at] ** 2 + y[at] ** 2
        return float((x[at] * turned[at, 1] - y[at] * turned[at, 0]).sum() / arm.sum())

    return bending, torque / (angle(0.75 * LENGTH) - angle(0.25 * LENGTH)) * 0.5 * LENGTH


def reference():
    """Timoshenko bending [N/mm] and Bredt torsion [N mm2] of the composite section."""
    inner, middle = SIDE - 2 * WALL, SIDE - WALL
    inertia = (SIDE**4 - inner**4) / 12.0
    bending = CORTEX * inertia + CORE * inner**4 / 12.0
    # thin-walled square tube: kappa = 20 (1 + nu) / (48 + 39 nu)  (Cowper 1966)
    kappa = 20.0 * (1.0 + POISSON) / (48.0 + 39.0 * POISSON)
    shear_modulus = CORTEX / (2.0 * (1.0 + POISSON))
    shear = kappa * shear_modulus * (SIDE**2 - inner**2)
    tip = LENGTH**3 / (3.0 * bending) + LENGTH / shear
    # Bredt 4 A^2 t / s of the tube, Saint-Venant 0.1406 a^4 of the square core
    torsion = shear_modulus * middle**3 * WALL + 0.1406 * inner**4 * CORE / (2.0 * (1.0 + POISSON))
    return 1.0 / tip, torsion


def rows():
    bending, torsion = reference()
    result = []
    for count, order in ((6, 1), (8, 1), (4, 2)):
        case = f"box beam with cortex, h = {SIDE / count:.2g} mm" + (", quadratic" if order == 2 else "")
        measured = stiffness(count, order)
        source = "Timoshenko and Bredt, thin-walled composite section"
        result.append(Row(case, "bending stiffness [N/mm]", measured[0], bending, 0.05, source))
        result.append(Row(case, "torsional stiffness [N mm2]", measured[1], torsion, 0.05, source))
    return result
