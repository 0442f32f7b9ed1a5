"""Hounsfield units at points, and Young's modulus averaged over tetrahedra; compiled by numba.

The modulus is averaged, not the Hounsfield units: a power law of a mean is not the mean of the power law (Taddei et al.,
Med Eng Phys 2007;29:973: the third version of Bonemat). Samples are the centroids of n^3 pieces of equal volume, n so that a
piece is no longer than a voxel. Every cell is summed by itself in a fixed order: the same digits on any number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numba
import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.images.volume import Volume
from femsacrum.workers import processes

#: Below this a value is padding around the field of view, not tissue [HU].
PADDING = -1024.0
#: Pieces along an edge: at least and at most (a cell of 16 voxels has 4096 samples).
FEWEST, MOST = 2, 16


@cache
def pieces() -> tuple[Floats, Ints]:
    """Barycentric centroids of the n^3 equal pieces of a tetrahedron for every n up to MOST, and where each n begins."""
    corners = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 1]], float)
    around = [(1, 2), (2, 4), (4, 3), (3, 1)]  # neighbours among the four that are not on the diagonal 0-5
    eighths = np.array([(corners[0] + corners[5] + corners[a] + corners[b]) / 4.0 for a, b in around])
    found, first = [], [0, 0]
    for n in range(1, MOST + 1):
        rows = []
        for sum_, inner in ((n - 1, np.full((1, 4), 0.25)), (n - 2, eighths), (n - 3, np.full((1, 4), 0.75))):
            steps = [(i, j, k, sum_ - i - j - k) for i in range(sum_ + 1) for j in range(sum_ + 1 - i)
                     for k in range(sum_ + 1 - i - j)]  # fmt: skip
            rows += [(np.array(step) + inner) / n for step in steps]
        found.append(np.concatenate(rows))
        first.append(first[-1] + len(found[-1]))
    return np.concatenate(found), np.array(first)


def affine(volume: Volume) -> tuple[Floats, Floats]:
    """Matrix and shift from positions [mm] to fractional indices (x, y, z)."""
    matrix = np.linalg.inv(volume.steps)
    return matrix, -matrix @ volume.origin


def values_at(volume: Volume, points: Floats) -> Floats:
    """Trilinear value at points, shape (n, 3) [mm]; nan outside the volume and in padding."""
    points = np.ascontiguousarray(np.asarray(points, float).reshape(-1, 3))
    return np.asarray(_values_at(volume.values, *affine(volume), points))


def averaged(
    volume: Volume, nodes: Floats, cells: Ints, margin: Floats, law: tuple[float, ...]
) -> tuple[Floats, Floats]:
    """Young's modulus averaged over what of each cell counts.

    Args:
        volume: Hounsfield units.
        nodes: Shape (n, 3) [mm].
        cells: Corner nodes, shape (m, 4).
        margin: How far inside the cortical layer's inner border the corners and the middles of the edges 01, 12, 02, 03,
            13, 23 lie, shape (m, 10) [mm]; a point with a negative margin, interpolated from these, does not count.
        law: Of ``density.Chain.packed``.

    Returns:
        Modulus, shape (m,) [MPa], nan where nothing counts; per cell the shares of its volume that count, lie outside
        the volume, and, of what counts, are clamped and outside the law's range, shape (m, 4).
    """
    table, first = pieces()
    matrix, shift = affine(volume)
    with pinned(len(cells)):
        packed = np.array(law, float)
        return _averaged(volume.values, matrix, shift, nodes, cells, margin, packed, table, first)


@contextmanager
def pinned(work: int) -> Iterator[None]:
    """As many threads as this process is allowed, and no more than there is work."""
    before = numba.get_num_threads()
    numba.set_num_threads(min(processes(work), numba.config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        numba.set_num_threads(before)


@numba.njit(cache=True, inline="always")
def _trilinear(values, x, y, z):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Value at fractional indices; nan outside by more than half a voxel, or beside padding."""
    nz, ny, nx = values.shape
    if not (-0.5 <= x <= nx - 0.5 and -0.5 <= y <= ny - 0.5 and -0.5 <= z <= nz - 0.5):
        return math.nan
    x, y, z = min(max(x, 0.0), nx - 1.0), min(max(y, 0.0), ny - 1.0), min(max(z, 0.0), nz - 1.0)
    # unsigned: numba then leaves out what a negative index would mean, which costs a tenth
    i, j, k = np.uint64(x), np.uint64(y), np.uint64(z)
    u, v, w = x - i, y - j, z - k
    one = np.uint64(1)
    p, q, r = min(i + one, np.uint64(nx - 1)), min(j + one, np.uint64(ny - 1)), min(k + one, np.uint64(nz - 1))
    a, b = float(values[k, j, i]), float(values[k, j, p])
    c, d = float(values[k, q, i]), float(values[k, q, p])
    e, f = float(values[r, j, i]), float(values[r, j, p])
    g, h = float(values[r, q, i]), float(values[r, q, p])
    if min(min(min(a, b), min(c, d)), min(min(e, f), min(g, h))) < PADDING:
        return math.nan
    low = (a + (b - a) * u) * (1.0 - v) + (c + (d - c) * u) * v
    high = (e + (f - e) * u) * (1.0 - v) + (g + (h - g) * u) * v
    return low + (high - low) * w


@numba.njit(cache=True)
def _values_at(values, matrix, shift, points):  # type: ignore[no-untyped-def]  # pragma: no cover
    out = np.empty(points.shape[0])
    for i in range(points.shape[0]):
        x, y, z = points[i]
        out[i] = _trilinear(
            values,
            matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] * z + shift[0],
            matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] * z + shift[1],
            matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2] * z + shift[2],
        )
    return out


@numba.njit(cache=True, inline="always")
def _quadratic(g, a, b, c, d):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Quadratic interpolation in a tetrahedron from corners and middles of edges."""
    corners = a * (2 * a - 1) * g[0] + b * (2 * b - 1) * g[1] + c * (2 * c - 1) * g[2] + d * (2 * d - 1) * g[3]
    return corners + 4 * (a * b * g[4] + b * c * g[5] + a * c * g[6] + a * d * g[7] + b * d * g[8] + c * d * g[9])


@numba.njit(cache=True, parallel=True)
def _averaged(values, matrix, shift, nodes, cells, margin, law, table, first):  # type: ignore[no-untyped-def]  # pragma: no cover
    r0, r1, e0, e1, power, least, most, low, high = law
    m = cells.shape[0]
    modulus, shares = np.empty(m), np.empty((m, 4))
    for cell in numba.prange(m):
        x, y, z = np.empty(4), np.empty(4), np.empty(4)  # corners in voxels
        for i in range(4):
            px, py, pz = nodes[cells[cell, i], 0], nodes[cells[cell, i], 1], nodes[cells[cell, i], 2]
            x[i] = matrix[0, 0] * px + matrix[0, 1] * py + matrix[0, 2] * pz + shift[0]
            y[i] = matrix[1, 0] * px + matrix[1, 1] * py + matrix[1, 2] * pz + shift[1]
            z[i] = matrix[2, 0] * px + matrix[2, 1] * py + matrix[2, 2] * pz + shift[2]
        reach = max(x.max() - x.min(), max(y.max() - y.min(), z.max() - z.min()))
        n = min(max(math.ceil(reach), FEWEST), MOST)
        everywhere = margin[cell].min() >= 0.0
        total, counted, outside, clamped, beyond = 0.0, 0, 0, 0, 0
        for s in range(first[n], first[n + 1]):
            a, b, c, d = table[s, 0], table[s, 1], table[s, 2], table[s, 3]
            if not everywhere and _quadratic(margin[cell], a, b, c, d) < 0.0:
                continue
            unit = _trilinear(
                values,
                a * x[0] + b * x[1] + c * x[2] + d * x[3],
                a * y[0] + b * y[1] + c * y[2] + d * y[3],
                a * z[0] + b * z[1] + c * z[2] + d * z[3],
            )
            if math.isnan(unit):
                outside += 1
                continue
            density = r0 + r1 * unit
            young = e0 + e1 * max(density, 0.0) ** power
            if young < least or young > most:
                clamped += 1
                young = min(max(young, least), most)
            if density < low or density > high:
                beyond += 1
            total += young
            counted += 1
        pieces_ = first[n + 1] - first[n]
        modulus[cell] = total / counted if counted else math.nan
        shares[cell, 0], shares[cell, 1] = counted / pieces_, outside / pieces_
        shares[cell, 2], shares[cell, 3] = clamped / pieces_, beyond / pieces_
    return modulus, shares
