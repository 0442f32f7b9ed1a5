"""How contacts hold a rigid block: the wrench matrix, what it leaves free, and what the surgeon's push adds."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from femsacrum.anatomy.model import Floats
from femsacrum.surgery.guides.model import Kinematics, Seat

#: A motion is free where its singular value is below this share of the largest. Contacts on an exact plane, sphere or
#: cylinder come to 1e-15, those on bone to 1e-2.
FREE = 1e-6
#: A contact is pressed where it bears more than this share of the push; below it is rounding of the linear programme.
PRESSED = 1e-6


def wrench_matrix(seat: Seat) -> tuple[Floats, float]:
    """Wrenches of unit forces along the contacts' normals.

    Row i is (n_i, (p_i - m) x n_i / l) with m the middle of the contacts and l their root mean square distance from it,
    so that a small motion (translation of m, turn times l) moves contact i by the row's product with it along its normal.
    Murray, Li, Sastry: A Mathematical Introduction to Robotic Manipulation (1994), 5.2, frictionless point contacts.

    Returns:
        The matrix, shape (n, 6) [1], and the length l [mm].
    """
    arms = seat.points - seat.points.mean(axis=0)
    length = float(np.sqrt(np.mean(np.einsum("ij,ij->i", arms, arms))))
    return np.hstack([seat.normals, np.cross(arms, seat.normals) / length]), length


def kinematics(seat: Seat, through: Floats | None = None) -> Kinematics:
    """How a block on frictionless contacts is held.

    What no contact resists to first order is the null space of the wrench matrix; the least singular value is the least
    that any unit motion moves the contacts along their normals. The push holds the block in all six directions where the
    rank is six and non-negative contact forces answer it with every one above 0: then contacts and push together span
    the wrenches positively (first-order form closure with the push as one more contact; Lakshminarayana 1978; Murray, Li,
    Sastry 1994, 5.3). The most even forces are the solution of: most t, with forces f >= t and G' f = - push, a linear
    programme.

    Args:
        seat: Contacts.
        through: Point that the surgeon presses on, shape (3,) [mm]; None: the middle of the contacts.
    """
    matrix, length = wrench_matrix(seat)
    values, vectors = np.linalg.svd(matrix)[1:]
    values = np.concatenate([values, np.zeros(6 - len(values))])
    loose = values <= FREE * values[0]
    least = least_force(matrix, length, seat, through)
    return Kinematics(
        singular_values=values,
        condition=np.inf if loose.any() else float(values[0] / values[-1]),
        length=length,
        free=_told(vectors[loose]),
        pressed=bool(not loose.any() and least > PRESSED),
        least_force=least,
    )


def least_force(matrix: Floats, length: float, seat: Seat, through: Floats | None = None) -> float:
    """Least contact force in the most even answer to a unit push along - ``away``, at most 1 (see ``kinematics``).

    Args:
        matrix: Wrenches of the contacts, shape (n, 6).
        length: By which moments are divided [mm].
        seat: Contacts.
        through: Point that is pressed on, shape (3,) [mm]; None: the middle of the contacts.

    Returns:
        Share of the push; negative infinity where no forces answer it at all.
    """
    number = len(matrix)
    arm = np.zeros(3) if through is None else through - seat.points.mean(axis=0)
    push = np.concatenate([-seat.away, np.cross(arm, -seat.away) / length])
    # unknown: forces over t, which are not negative, and t
    equal = np.column_stack([matrix.T, matrix.sum(axis=0)])
    found = linprog(
        np.append(np.zeros(number), -1.0), A_eq=equal, b_eq=-push, bounds=[(0.0, None)] * number + [(None, 1.0)]
    )
    return float(found.x[-1]) if found.status == 0 else -np.inf


def _told(free: Floats) -> Floats:
    """Free motions in directions that can be told: translations first, the purest turns last, shape (k, 6).

    Any basis of a null space would do; this one has the principal directions of its turns.
    """
    if not len(free):
        return np.zeros((0, 6))
    turned = np.linalg.svd(free[:, 3:])[0].T @ free
    turned = turned[::-1]
    largest = np.take_along_axis(turned, np.abs(turned).argmax(axis=1)[:, None], axis=1)
    return np.asarray(turned * np.sign(largest))


def pose_covariance(seat: Seat, sd: float) -> Floats:
    """What an error of every contact along its normal does to the block's pose, to first order.

    The pose that fits contacts with errors e best is x = (G' G)^-1 G' e, so independent errors of one standard deviation
    give the covariance sd^2 (G' G)^-1 (Gauss-Markov). It is that of a block that fits all its contacts as well as
    it can; a rigid block that stands on six of them scatters more.

    Args:
        seat: Contacts, holding in all six directions.
        sd: Standard deviation of the place of each contact along its normal [mm].

    Returns:
        Covariance of (translation of the contacts' middle [mm], rotation vector [rad]), shape (6, 6).

    Raises:
        ValueError: The contacts leave a motion free.
    """
    matrix, length = wrench_matrix(seat)
    values = np.linalg.svd(matrix, compute_uv=False)
    if len(values) < 6 or values[-1] <= FREE * values[0]:
        raise ValueError("the contacts leave a motion free, whose scatter has no bound")
    scale = np.array([1.0, 1.0, 1.0, 1.0 / length, 1.0 / length, 1.0 / length])
    return np.asarray(sd**2 * np.linalg.inv(matrix.T @ matrix) * np.outer(scale, scale))
