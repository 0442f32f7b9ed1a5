"""A smooth map of space that carries the reference bones to other proportions and another pelvic incidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from femsacrum.anatomy.blobs import triangular
from femsacrum.anatomy.model import Floats
from femsacrum.errors import InputError

#: Least determinant of the map's gradient that is accepted anywhere at a blob: below, bone is crushed or folded.
LEAST_JACOBIAN = 0.3


class Warp:
    """Biharmonic interpolation of displacements: phi(x) = x + A (x, 1) + sum w_i |x - p_i|.

    The kernel |r| is the fundamental solution of the biharmonic equation in space, so phi interpolates the control
    points exactly and bends space as little as that allows (Bookstein, IEEE Trans Pattern Anal 1989;11:567).

    Args:
        source: Control points, shape (n, 3) [mm].
        target: Where they go, shape (n, 3) [mm].
        stiffness: 0 interpolates; more bends less and only comes near the targets (smoothing spline) [mm].
    """

    def __init__(self, source: Floats, target: Floats, stiffness: float = 0.0) -> None:
        n = len(source)
        system = np.zeros((n + 4, n + 4))
        system[:n, :n] = np.linalg.norm(source[:, None] - source[None], axis=2) - stiffness * np.eye(n)
        system[:n, n:] = np.column_stack([source, np.ones(n)])
        system[n:, :n] = system[:n, n:].T
        right = np.zeros((n + 4, 3))
        right[:n] = target - source
        self._source = source
        self._weights = np.linalg.solve(system, right)

    def __call__(self, points: Floats) -> Floats:
        """Where points go, shape (n, 3) [mm]."""
        r = np.linalg.norm(points[:, None] - self._source[None], axis=2)
        return points + np.column_stack([r, points, np.ones(len(points))]) @ self._weights

    def gradient(self, points: Floats) -> Floats:
        """Derivative of phi at points, shape (n, 3, 3), by central differences over 1 mm."""
        columns = [(self(points + step) - self(points - step)) for step in 0.5 * np.eye(3)]
        return np.stack(columns, axis=2)

    def blobs(self, rows: Floats, key: str) -> Floats:
        """Blob rows after the map: centres move, the quadratic form U^T U is carried by the local gradient.

        Against moving the vertices of the finished surface this differs by 0.13 mm RMS.

        Raises:
            InputError: The map crushes bone; ``key`` is the parameter to blame.
        """
        J = self.gradient(rows[:, :3])
        least = float(np.linalg.det(J).min())
        if least < LEAST_JACOBIAN:
            raise InputError(key, f"deforms the reference anatomy beyond reason (local volume ratio {least:.2f})")
        inverse = np.linalg.inv(J)
        U = triangular(rows)
        U = np.linalg.cholesky(np.einsum("nji,njk,nkl->nil", inverse, np.einsum("nki,nkj->nij", U, U), inverse))
        U = np.swapaxes(U, 1, 2)
        out = rows.copy()
        out[:, :3] = self(rows[:, :3])
        out[:, 3:6] = U[:, [0, 1, 2], [0, 1, 2]]
        out[:, 6:9] = U[:, [0, 0, 1], [1, 2, 2]]
        return out


def pelvic_incidence(points: Mapping[str, Floats]) -> float:
    """Angle between the normal of the S1 endplate at its midpoint and the line to the mid of the hip axis [deg].

    Notes:
        Definition of Duval-Beaupère; Legaye et al., Eur Spine J 1998;7:99. Measured in the midsagittal plane.

    Args:
        points: With "S_prom" and "S_ep_post" (ends of the endplate) and "hip_mid", shape (3,) [mm], LPS.
    """
    front, back, hips = (points[name][1:] for name in ("S_prom", "S_ep_post", "hip_mid"))
    edge = (back - front) / np.linalg.norm(back - front)
    down = np.array([edge[1], -edge[0]])  # points caudally and towards the front, out of the endplate into S1
    line = hips - 0.5 * (front + back)
    return float(np.degrees(np.arctan2(edge @ -line, down @ line)))


def sacral_slope(points: Mapping[str, Floats]) -> float:
    """Angle of the S1 endplate to the horizontal [deg]."""
    edge = points["S_ep_post"] - points["S_prom"]
    return float(np.degrees(np.arctan2(edge[2], edge[1])))


def solve_incidence(incidence_at: Callable[[float], float], wanted: float, key: str) -> float:
    """Rotation of the sacral control points that gives a pelvic incidence, by the secant method [deg].

    Args:
        incidence_at: Rotation [deg] -> pelvic incidence [deg].
        wanted: [deg].
        key: For the message.

    Raises:
        InputError: No rotation between -30 and 35 deg gives it.
    """
    a, b = 0.0, float(np.clip(wanted - incidence_at(0.0), -15.0, 15.0)) or 1.0
    at_a, at_b = incidence_at(a), incidence_at(b)
    for _ in range(40):
        if abs(b) > 35.0:
            break
        if abs(at_b - wanted) < 1e-9:
            return b
        if at_b == at_a:
            break
        a, at_a, b = b, at_b, b + (wanted - at_b) * (b - a) / (at_b - at_a)
        at_b = incidence_at(b)
    lowest, highest = incidence_at(-25.0), incidence_at(30.0)
    raise InputError(key, f"{wanted:.1f} deg cannot be reached; about {lowest:.0f} to {highest:.0f} deg can")
