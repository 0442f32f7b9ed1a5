"""Pointwise interface laws: traction and consistent tangent from the local jump (numba).

Local axes are (normal out of the slave, two tangents); the traction is conjugate to the jump slave - master, so a
positive normal component is a pressure that resists penetration.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from femsacrum.anatomy.model import Floats, Ints

OPEN, STICK, SLIP, BONDED = 0, 1, 2, 3


@njit(cache=True)
def bonded(jump: Floats, stiffness: Floats, traction: Floats, tangent: Floats) -> None:
    """Bonded: t = k j, without limit.

    Args:
        jump: Shape (p, 3) [mm].
        stiffness: k per point, shape (p,) [MPa/mm].
        traction: Written, shape (p, 3) [MPa].
        tangent: Written, shape (p, 3, 3) [MPa/mm].
    """
    for p in range(len(jump)):
        tangent[p] = 0.0
        for i in range(3):
            traction[p, i] = stiffness[p] * jump[p, i]
            tangent[p, i, i] = stiffness[p]


@njit(cache=True)
def frictional(
    jump: Floats,
    initial_gap: Floats,
    plastic_slip: Floats,
    parameters: Floats,
    free_motion: float,
    traction: Floats,
    tangent: Floats,
    new_plastic_slip: Floats,
    status: Ints,
) -> None:
    """Unilateral contact with Coulomb friction: penalty with return mapping.

    Pressure p = k_n max(0, j_n - g). Trial shear t* = k_t (j_T - s), s the slip done so far; where |t*| > mu p
    the shear is mu p t*/|t*| and s = j_T - t/k_t. Tangent while slipping:
    dt_T = mu p k_t/|t*| (I - d d') dj_T + mu k_n d dj_n, d = t*/|t*| (unsymmetric).

    Args:
        jump: Shape (p, 3) [mm].
        initial_gap: g, shape (p,) [mm].
        plastic_slip: s at the last converged increment, shape (p, 2) [mm].
        parameters: mu, k_n [MPa/mm], k_t [MPa/mm] per point, shape (p, 3).
        free_motion: Stiffness given, in the tangent only, to motions the law leaves free (open or slipping
            points), as a share of the penalty; the traction never sees it.
        traction: Written, shape (p, 3) [MPa].
        tangent: Written, shape (p, 3, 3) [MPa/mm].
        new_plastic_slip: Written, shape (p, 2) [mm].
        status: Written, shape (p,): 0 open, 1 stick, 2 slip.

    Source: P. Wriggers, Computational Contact Mechanics (2006), section 5.2 (return mapping) and 9.5 (linearisation).
    """
    for p in range(len(jump)):
        friction, normal_slope, stick_slope = parameters[p, 0], parameters[p, 1], parameters[p, 2]
        tangent[p] = 0.0
        pressure = normal_slope * (jump[p, 0] - initial_gap[p])
        if pressure <= 0.0:
            status[p] = 0
            traction[p] = 0.0
            tangent[p, 0, 0] = free_motion * normal_slope
            tangent[p, 1, 1] = tangent[p, 2, 2] = free_motion * stick_slope
            # a point that opens forgets where it stuck: it may close anywhere without shear
            new_plastic_slip[p, 0], new_plastic_slip[p, 1] = jump[p, 1], jump[p, 2]
            continue
        traction[p, 0] = pressure
        tangent[p, 0, 0] = normal_slope
        first = stick_slope * (jump[p, 1] - plastic_slip[p, 0])
        second = stick_slope * (jump[p, 2] - plastic_slip[p, 1])
        trial = np.sqrt(first * first + second * second)
        limit = friction * pressure
        if trial < limit or (trial == 0.0 and limit > 0.0):
            status[p] = 1
            traction[p, 1], traction[p, 2] = first, second
            tangent[p, 1, 1] = tangent[p, 2, 2] = stick_slope
            new_plastic_slip[p, 0], new_plastic_slip[p, 1] = plastic_slip[p, 0], plastic_slip[p, 1]
            continue
        status[p] = 2
        scale = 1.0 / trial if trial > 0.0 else 0.0
        d1, d2 = first * scale, second * scale
        traction[p, 1], traction[p, 2] = limit * d1, limit * d2
        tangent[p, 1, 0] = friction * normal_slope * d1
        tangent[p, 2, 0] = friction * normal_slope * d2
        across = stick_slope * limit * scale
        along = free_motion * stick_slope
        tangent[p, 1, 1] = across * (1.0 - d1 * d1) + along
        tangent[p, 2, 2] = across * (1.0 - d2 * d2) + along
        tangent[p, 1, 2] = tangent[p, 2, 1] = -across * d1 * d2
        new_plastic_slip[p, 0] = jump[p, 1] - traction[p, 1] / stick_slope
        new_plastic_slip[p, 1] = jump[p, 2] - traction[p, 2] / stick_slope
