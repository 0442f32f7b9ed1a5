"""Bones as sums of anisotropic Gaussian blobs: the numba kernels behind the reference anatomy.

A row of a blob table is (c, U11, U22, U33, U12, U13, U23, w), U upper triangular. With u = U (x - c) the field is
F(x) = sum w exp(-|u|^2 / 2) and bone is where F >= 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from femsacrum.anatomy.grid import FAR, Grid, Sampled
from femsacrum.anatomy.model import Floats

#: Blobs end here; beyond, exp(-8) = 0.0003 of the weight is left out, which does not move the surface.
SIGMAS = 4.0

#: Below this value of the field its distance is not meaningful.
FAINT = 1e-5


@njit(cache=True)
def _accumulate(rows, origin, spacing, field, gx, gy, gz):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add every blob and its gradient to the arrays (index order z, y, x), inside its own ellipsoid only."""
    nz, ny, nx = field.shape
    reach2 = SIGMAS * SIGMAS
    for row in range(rows.shape[0]):
        cx, cy, cz, a, b, c, ab, ac, bc, w = rows[row]
        k0 = max(0, int(np.ceil((cz - SIGMAS / c - origin[2]) / spacing)))
        k1 = min(nz - 1, int(np.floor((cz + SIGMAS / c - origin[2]) / spacing)))
        for k in range(k0, k1 + 1):
            dz = origin[2] + spacing * k - cz
            u3 = c * dz
            left = reach2 - u3 * u3
            if left <= 0.0:
                continue
            half = np.sqrt(left)
            j0 = max(0, int(np.ceil((cy + (-half - bc * dz) / b - origin[1]) / spacing)))
            j1 = min(ny - 1, int(np.floor((cy + (half - bc * dz) / b - origin[1]) / spacing)))
            for j in range(j0, j1 + 1):
                dy = origin[1] + spacing * j - cy
                u2 = b * dy + bc * dz
                rest = left - u2 * u2
                if rest <= 0.0:
                    continue
                width = np.sqrt(rest)
                shift = ab * dy + ac * dz
                i0 = max(0, int(np.ceil((cx + (-width - shift) / a - origin[0]) / spacing)))
                i1 = min(nx - 1, int(np.floor((cx + (width - shift) / a - origin[0]) / spacing)))
                outer = u2 * u2 + u3 * u3
                for i in range(i0, i1 + 1):
                    u1 = a * (origin[0] + spacing * i - cx) + shift
                    value = w * np.exp(-0.5 * (u1 * u1 + outer))
                    field[k, j, i] += value
                    gx[k, j, i] -= value * (a * u1)
                    gy[k, j, i] -= value * (ab * u1 + b * u2)
                    gz[k, j, i] -= value * (ac * u1 + bc * u2 + c * u3)


@njit(cache=True)
def _to_distance(field, gx, gy, gz):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Replace the field by d = -ln(F) F / |grad F| (first order, negative inside), in place."""
    f, x, y, z = field.ravel(), gx.ravel(), gy.ravel(), gz.ravel()
    for i in range(f.size):
        value = f[i]
        if value < FAINT:
            f[i] = FAR
        else:
            slope = np.sqrt(x[i] * x[i] + y[i] * y[i] + z[i] * z[i])
            f[i] = min(max(-np.log(value) * value / (slope + 1e-9), -FAR), FAR)


@njit(cache=True)
def _evaluate(rows, points, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for p in range(points.shape[0]):
        total = 0.0
        for row in range(rows.shape[0]):
            cx, cy, cz, a, b, c, ab, ac, bc, w = rows[row]
            dx, dy, dz = points[p, 0] - cx, points[p, 1] - cy, points[p, 2] - cz
            u1, u2, u3 = a * dx + ab * dy + ac * dz, b * dy + bc * dz, c * dz
            total += w * np.exp(-0.5 * (u1 * u1 + u2 * u2 + u3 * u3))
        out[p] = total


def triangular(rows: Floats) -> Floats:
    """The matrices U of blob rows, shape (n, 3, 3)."""
    U = np.zeros((len(rows), 3, 3))
    U[:, [0, 1, 2], [0, 1, 2]] = rows[:, 3:6]
    U[:, [0, 0, 1], [1, 2, 2]] = rows[:, 6:9]
    return U


def mirror(rows: Floats) -> Floats:
    """Blob rows on the other side of the plane x = 0."""
    return rows * np.array([-1.0, 1, 1, 1, 1, 1, -1, -1, 1, 1])


@dataclass(frozen=True)
class Blobs:
    """One bone as blobs.

    Attributes:
        rows: Shape (n, 10), see the module's text; every diagonal entry of U is positive.
    """

    rows: Floats

    def field(self, points: Floats) -> Floats:
        """F at points, shape (n, 3) [mm]; 1 on the surface, more inside."""
        out = np.empty(len(points))
        _evaluate(self.rows, np.ascontiguousarray(points, dtype=float), out)
        return out

    def box(self) -> tuple[Floats, Floats]:
        """Lower and upper corner of a box that holds the bone [mm].

        F >= 1 needs a point within 2.5 standard deviations of some blob for the weights that occur (<= 6).
        """
        covariance = np.linalg.inv(np.einsum("nki,nkj->nij", triangular(self.rows), triangular(self.rows)))
        reach = 2.5 * np.sqrt(np.einsum("nii->ni", covariance))
        return (self.rows[:, :3] - reach).min(axis=0), (self.rows[:, :3] + reach).max(axis=0)

    def distance(self, grid: Grid) -> Sampled:
        """First-order signed distance on a grid, negative inside, FAR where the bone is too far away [mm]."""
        field, gx, gy, gz = (np.zeros(grid.shape[::-1], dtype=np.float32) for _ in range(4))
        _accumulate(self.rows, grid.origin, grid.spacing, field, gx, gy, gz)
        _to_distance(field, gx, gy, gz)
        return field
