"""Pointwise interface laws: traction and consistent tangent from the local jump (numba).

Local axes are (normal out of the slave, two tangents); the traction is conjugate to the jump slave - master, so a
positive normal component is a pressure that resists penetration.

Every law of this module is called alike::

    law(jump, before, kept, gap, parameters, free_motion, traction, tangent, now, status)

Args (p points):
    jump: Shape (p, 3) [mm].
    before: Jump at the last converged increment, shape (p, 3) [mm].
    kept: What the law wants to be told again: of contact and threads the traction at the last converged increment or,
        where contact is enforced exactly, the multiplier of the augmented Lagrangian, shape (p, 3) [MPa].
    gap: Initial gap, shape (p,) [mm]; negative where the two sides interfere (press-fit).
    parameters: Shape (p, 6): the slopes in the first two columns, the rest as each law says.
    free_motion: Stiffness given, in the tangent only, to motions the law leaves free, as a share of the slope; the
        traction never sees it.
    traction: Written, shape (p, 3) [MPa].
    tangent: Written, shape (p, 3, 3) [MPa/mm].
    now: Written, what becomes ``kept``, shape (p, 3) [MPa].
    status: Written, shape (p,): OPEN, STICK, SLIP or BONDED.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from femsacrum.anatomy.model import Floats, Ints

OPEN, STICK, SLIP, BONDED = 0, 1, 2, 3
#: Share of the stiffness of free motions that sliding points get: a block that slides against a soft spring would hardly
#: move with all of it, while a body that has lost its contacts needs it.
SLIDING = 0.01


@njit(cache=True)
def frictional(
    jump: Floats, before: Floats, kept: Floats, gap: Floats, parameters: Floats, free_motion: float,
    traction: Floats, tangent: Floats, now: Floats, status: Ints,
) -> None:  # fmt: skip
    """Unilateral contact with Coulomb friction: return mapping on a penalty or an augmented Lagrangian.

    Pressure p = max(0, l_n + k_n (j_n - g)); trial shear t* = l_T + k_t (j_T - j_T0) with j_T0 the jump at the last
    converged increment; where |t*| > mu p the shear is mu p t*/|t*|. As a penalty l_n = 0 and l_T is the shear at the
    last increment; l growing to t makes penetration and elastic slip vanish (augmented Lagrangian). Tangent while
    slipping: dt_T = mu p k_t/|t*| (I - d d') dj_T + mu k_n d dj_n, d = t*/|t*| (unsymmetric).

    Parameters: k_n, k_t [MPa/mm], mu.

    Source: P. Wriggers, Computational Contact Mechanics (2006), sections 5.2 (return mapping), 6.3 (augmented
    Lagrangian), 9.5 (linearisation); J. C. Simo, T. A. Laursen, Comput. Struct. 42 (1992) 97-116.
    """
    for p in range(len(jump)):
        normal_slope, stick_slope, friction = parameters[p, 0], parameters[p, 1], parameters[p, 2]
        tangent[p] = 0.0
        pressure = kept[p, 0] + normal_slope * (jump[p, 0] - gap[p])
        if pressure <= 0.0:
            status[p] = 0
            traction[p] = 0.0
            tangent[p, 0, 0] = free_motion * normal_slope
            tangent[p, 1, 1] = tangent[p, 2, 2] = free_motion * stick_slope
            # a point that opens forgets where it stuck: it may close anywhere without shear
            now[p] = 0.0
            continue
        traction[p, 0] = pressure
        tangent[p, 0, 0] = normal_slope
        first = kept[p, 1] + stick_slope * (jump[p, 1] - before[p, 1])
        second = kept[p, 2] + stick_slope * (jump[p, 2] - before[p, 2])
        trial = np.sqrt(first * first + second * second)
        limit = friction * pressure
        if trial < limit or (trial == 0.0 and limit > 0.0):
            status[p] = 1
            traction[p, 1], traction[p, 2] = first, second
            tangent[p, 1, 1] = tangent[p, 2, 2] = stick_slope
            now[p] = traction[p]
            continue
        status[p] = 2
        scale = 1.0 / trial if trial > 0.0 else 0.0
        d1, d2 = first * scale, second * scale
        traction[p, 1], traction[p, 2] = limit * d1, limit * d2
        tangent[p, 1, 0] = friction * normal_slope * d1
        tangent[p, 2, 0] = friction * normal_slope * d2
        across = stick_slope * limit * scale
        along = SLIDING * free_motion * stick_slope
        tangent[p, 1, 1] = across * (1.0 - d1 * d1) + along
        tangent[p, 2, 2] = across * (1.0 - d2 * d2) + along
        tangent[p, 1, 2] = tangent[p, 2, 1] = -across * d1 * d2
        now[p] = traction[p]


@njit(cache=True)
def unite(jump: Floats, anchor: Floats, parameters: Floats, traction: Floats, tangent: Floats) -> None:
    """Healing: a share of the face has united and is bonded, the rest still rubs.

    t = (1 - u) t_contact + u k_b (j - j_a), u the union fraction, k_b the stiffness of the united face, j_a the jump at
    which it united (the state after the operation, before the load).

    Args:
        jump: Shape (p, 3) [mm].
        anchor: j_a, shape (p, 3) [mm].
        parameters: u [1] and k_b [MPa/mm] in the last two of six columns.
        traction: Holds the contact's, is written, shape (p, 3) [MPa].
        tangent: Holds the contact's, is written, shape (p, 3, 3) [MPa/mm].

    Source: the rule of mixtures (W. Voigt) for a face bridged in places.
    """
    for p in range(len(jump)):
        union, bond = parameters[p, 4], parameters[p, 4] * parameters[p, 5]
        for i in range(3):
            traction[p, i] = (1.0 - union) * traction[p, i] + bond * (jump[p, i] - anchor[p, i])
            for j in range(3):
                tangent[p, i, j] *= 1.0 - union
            tangent[p, i, i] += bond


@njit(cache=True)
def thread(
    jump: Floats, before: Floats, kept: Floats, gap: Floats, parameters: Floats, free_motion: float,
    traction: Floats, tangent: Floats, now: Floats, status: Ints,
) -> None:  # fmt: skip
    """Screw thread in bone: elastic, and sliding out along the axis once its strength is reached.

    Across the axis t = k_l j. Along it t* = t_0 + k_a (j - j_0), cut to |t| <= s (perfectly plastic: a stripped thread
    keeps its load). Local axes: radial, along the screw, around it. With thread stiffness k' and pull-out strength q,
    both per length, on the circumference pi d: k_a = k'/(pi d), s = q/(pi d).

    Parameters: k_l, k_a [MPa/mm], s [MPa].
    """
    for p in range(len(jump)):
        across, along, strength = parameters[p, 0], parameters[p, 1], parameters[p, 2]
        tangent[p] = 0.0
        traction[p, 0], traction[p, 2] = across * jump[p, 0], across * jump[p, 2]
        tangent[p, 0, 0] = tangent[p, 2, 2] = across
        trial = kept[p, 1] + along * (jump[p, 1] - before[p, 1])
        if abs(trial) <= strength:
            status[p] = 3
            traction[p, 1] = trial
            tangent[p, 1, 1] = along
        else:
            status[p] = 2
            traction[p, 1] = np.sign(trial) * strength
            tangent[p, 1, 1] = free_motion * along
        now[p] = traction[p]


@njit(cache=True)
def spring(
    jump: Floats, before: Floats, kept: Floats, gap: Floats, parameters: Floats, free_motion: float,
    traction: Floats, tangent: Floats, now: Floats, status: Ints,
) -> None:  # fmt: skip
    """Ligament, spring or facet joint: F = max(0, F_0 + k u + k' max(0, u - knee)), u = e - slack.

    e = -j_n, the elongation, and F the tension of what pulls; of what only pushes e = j_n, the approach, and F the push.
    The normal points from the slave's end to the master's, so that coming closer is positive.

    Parameters: k [N/mm]; 1 where it only pulls, -1 where it only pushes, 0 where it does both (no bound on F); F_0 [N],
    slack [mm], knee [mm], k' [N/mm].
    """
    for p in range(len(jump)):
        slope, only = parameters[p, 0], parameters[p, 1]
        way = -1.0 if only < 0.0 else 1.0
        far = -way * jump[p, 0] - parameters[p, 3]
        force = parameters[p, 2] + slope * far
        if far > parameters[p, 4]:
            force += parameters[p, 5] * (far - parameters[p, 4])
            slope += parameters[p, 5]
        tangent[p] = 0.0
        traction[p] = 0.0
        if force >= 0.0 or only == 0.0:
            status[p] = 3
            traction[p, 0] = -way * force
            tangent[p, 0, 0] = slope
        else:
            status[p] = 0
            tangent[p, 0, 0] = free_motion * slope
        now[p] = traction[p]
