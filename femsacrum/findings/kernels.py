"""Loops over cells and points, compiled by numba; each has a plain-numpy twin in the tests.

Symmetric tensors are stored as xx, yy, zz, xy, yz, xz, with tensor (not engineering) shear. One thread and no fast
arithmetic: the same input gives the same digits.
"""

from __future__ import annotations

import numba
import numpy as np

from femsacrum.anatomy.model import Floats, Ints

#: Two eigenvalues closer than this share of the tensor's size are taken as a pair before they are refined.
EQUAL = 1e-30


@numba.njit(cache=True)
def strains(
    nodes: Floats, cells: Ints, displacement: Floats, slopes: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Small strain and volume weight at given points of every cell, any element order, curved cells included.

    Args:
        nodes: Shape (n, 3) [mm].
        cells: Shape (m, k).
        displacement: Shape (n, 3) [mm].
        slopes: Derivatives of the k shape functions at q points of the reference cell, shape (q, k, 3).
        weights: Of the points in the reference cell, shape (q,); they add up to 1/6.

    Returns:
        Strain, shape (m, q, 6) [1], and volume belonging to each point, shape (m, q) [mm3].
    """
    m, k = cells.shape
    q = slopes.shape[0]
    strain = np.empty((m, q, 6))
    volume = np.empty((m, q))
    jacobian = np.empty((3, 3))
    inverse = np.empty((3, 3))
    stretch = np.empty((3, 3))
    for cell in range(m):
        for point in range(q):
            for i in range(3):
                for j in range(3):
                    jacobian[i, j] = 0.0
                    stretch[i, j] = 0.0
            for a in range(k):
                node = cells[cell, a]
                for i in range(3):
                    for j in range(3):
                        jacobian[i, j] += nodes[node, i] * slopes[point, a, j]
                        stretch[i, j] += displacement[node, i] * slopes[point, a, j]
            for i in range(3):
                for j in range(3):
                    i1, i2, j1, j2 = (i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3
                    inverse[j, i] = jacobian[i1, j1] * jacobian[i2, j2] - jacobian[i1, j2] * jacobian[i2, j1]
            size = jacobian[0, 0] * inverse[0, 0] + jacobian[0, 1] * inverse[1, 0] + jacobian[0, 2] * inverse[2, 0]
            volume[cell, point] = size * weights[point]
            for entry in range(6):
                i = entry if entry < 3 else (0 if entry != 4 else 1)
                j = entry if entry < 3 else (1 if entry == 3 else 2)
                value = 0.0
                for c in range(3):
                    value += stretch[i, c] * inverse[c, j] + stretch[j, c] * inverse[c, i]
                strain[cell, point, entry] = 0.5 * value / size
    return strain, volume


@numba.njit(cache=True)
def stresses(strain: Floats, youngs_modulus: Floats, poisson_ratio: Floats) -> Floats:
    """Stress of isotropic elasticity, shape (m, q, 6) [MPa], from strain (m, q, 6) and constants per cell (m,)."""
    stress = np.empty_like(strain)
    for cell in range(strain.shape[0]):
        nu = poisson_ratio[cell]
        two_mu = youngs_modulus[cell] / (1.0 + nu)
        lame = two_mu * nu / (1.0 - 2.0 * nu)
        for point in range(strain.shape[1]):
            bulk = lame * (strain[cell, point, 0] + strain[cell, point, 1] + strain[cell, point, 2])
            for entry in range(6):
                stress[cell, point, entry] = two_mu * strain[cell, point, entry] + (bulk if entry < 3 else 0.0)
    return stress


@numba.njit(cache=True)
def von_mises(stress: Floats) -> Floats:
    """Von Mises stress, shape (m, q) [MPa], from stress (m, q, 6)."""
    result = np.empty(stress.shape[:2])
    for cell in range(stress.shape[0]):
        for point in range(stress.shape[1]):
            xx, yy, zz, xy, yz, xz = stress[cell, point]
            normal = (xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2
            result[cell, point] = np.sqrt(0.5 * normal + 3.0 * (xy * xy + yz * yz + xz * xz))
    return result


@numba.njit(cache=True)
def principal(tensor: Floats) -> Floats:
    """Principal values, largest first, shape (m, q, 3), from symmetric tensors (m, q, 6).

    Closed form after Scherzinger and Dohrmann, Comput Methods Appl Mech Eng 197:4007 (2008): the best separated root
    by the cosine formula, its direction by pivoted elimination, the other two from the 2x2 tensor across it, so that
    near-equal values keep their digits.
    """
    result = np.empty((tensor.shape[0], tensor.shape[1], 3))
    s, r = np.empty((3, 3)), np.empty((3, 3))
    for cell in range(tensor.shape[0]):
        for point in range(tensor.shape[1]):
            xx, yy, zz, xy, yz, xz = tensor[cell, point]
            mean = (xx + yy + zz) / 3.0
            s[0, 0], s[1, 1], s[2, 2] = xx - mean, yy - mean, zz - mean
            s[0, 1] = s[1, 0] = xy
            s[1, 2] = s[2, 1] = yz
            s[0, 2] = s[2, 0] = xz
            size = max(np.abs(s[0, 0]), np.abs(s[1, 1]), np.abs(s[2, 2]), np.abs(xy), np.abs(yz), np.abs(xz))
            if size <= EQUAL:
                result[cell, point] = mean
                continue
            s /= size
            j2 = 0.5 * (s[0, 0] ** 2 + s[1, 1] ** 2 + s[2, 2] ** 2) + s[0, 1] ** 2 + s[1, 2] ** 2 + s[0, 2] ** 2
            j3 = (
                s[0, 0] * (s[1, 1] * s[2, 2] - s[1, 2] ** 2)
                - s[0, 1] * (s[0, 1] * s[2, 2] - s[1, 2] * s[0, 2])
                + s[0, 2] * (s[0, 1] * s[1, 2] - s[1, 1] * s[0, 2])
            )
            angle = np.arccos(min(1.0, max(-1.0, 0.5 * j3 * (3.0 / j2) ** 1.5))) / 3.0
            if angle > np.pi / 6.0:
                angle += 2.0 * np.pi / 3.0
            root = 2.0 * np.sqrt(j2 / 3.0) * np.cos(angle)
            e0, e1, e2 = _complement(s, root, r)
            inner = 0.5 * (e0 - e2)
            half = np.sqrt(inner * inner + e1 * e1)
            middle = 0.5 * (e0 + e2)
            one, two, three = -2.0 * middle, middle + half, middle - half
            if one < two:
                one, two = two, one
            if two < three:
                two, three = three, two
            result[cell, point, 0] = mean + size * one
            result[cell, point, 1] = mean + size * two
            result[cell, point, 2] = mean + size * three
    return result


@numba.njit(cache=True)
def _complement(s: Floats, root: float, r: Floats) -> tuple[float, float, float]:
    """Entries of the 2x2 tensor across the eigenvector of a well separated root of a deviatoric tensor."""
    for i in range(3):
        for j in range(3):
            r[i, j] = s[i, j] - (root if i == j else 0.0)
    best, most = 0, -1.0
    for j in range(3):
        length = r[0, j] ** 2 + r[1, j] ** 2 + r[2, j] ** 2
        if length > most:
            best, most = j, length
    t1 = r[:, best] / np.sqrt(most)
    second, most, t2 = 0.0, -1.0, np.zeros(3)
    for j in range(3):
        if j != best:
            along = t1[0] * r[0, j] + t1[1] * r[1, j] + t1[2] * r[2, j]
            rest = r[:, j] - along * t1
            second = rest[0] ** 2 + rest[1] ** 2 + rest[2] ** 2
            if second > most:
                most, t2 = second, rest
    t2 = t2 / np.sqrt(most)
    a, b, c = 0.0, 0.0, 0.0
    for i in range(3):
        for j in range(3):
            a += t1[i] * s[i, j] * t1[j]
            b += t1[i] * s[i, j] * t2[j]
            c += t2[i] * s[i, j] * t2[j]
    return a, b, c


@numba.njit(cache=True)
def weighted_percentile(values: Floats, weights: Floats, share: float) -> float:
    """Least value that at least ``share`` of the weight lies at or below; NaN where there is no weight."""
    order = np.argsort(values, kind="mergesort")
    wanted = share * weights.sum()
    below = 0.0
    result = np.nan
    for i in order:
        if weights[i] <= 0.0:
            continue
        result = values[i]
        below += weights[i]
        if below >= wanted * (1.0 - 1e-14):
            break
    return result


@numba.njit(cache=True)
def band_shares(values: Floats, weights: Floats, limits: Floats) -> Floats:
    """Share of the weight in each band between ascending limits, shape (len(limits) + 1,); a limit counts upwards."""
    bands = np.zeros(len(limits) + 1)
    for i in range(len(values)):
        band = 0
        while band < len(limits) and values[i] >= limits[band]:
            band += 1
        bands[band] += weights[i]
    return bands / bands.sum()


@numba.njit(cache=True)
def to_nodes(cells: Ints, corner_values: Floats, weights: Floats, count: int) -> Floats:
    """Volume-weighted mean at each node of what its cells have at that corner, shape (count,); 0 where no cell is.

    Args:
        cells: Corner nodes, shape (m, 4).
        corner_values: Shape (m, 4).
        weights: Volume of each cell, shape (m,) [mm3].
        count: Number of nodes.
    """
    total, weight = np.zeros(count), np.zeros(count)
    for cell in range(cells.shape[0]):
        for corner in range(4):
            node = cells[cell, corner]
            total[node] += weights[cell] * corner_values[cell, corner]
            weight[node] += weights[cell]
    for node in range(count):
        if weight[node] > 0.0:
            total[node] /= weight[node]
    return total
