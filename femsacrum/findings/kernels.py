"""Loops over cells and points, compiled by numba; each has a plain-numpy twin in the tests.

Symmetric tensors are stored as xx, yy, zz, xy, yz, xz, with tensor (not engineering) shear. One thread and no fast
arithmetic: the same input gives the same digits. Loops over ``LANES`` values side by side, without branches, become
vector instructions; sums that are added lane by lane have a fixed order as well.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from femsacrum.anatomy.model import Floats, Ints

#: Values worked on side by side.
LANES = 64
#: Values looked at to guess where a percentile lies.
SAMPLE = 1024
#: Newton steps from the parabola that starts them to the last digit of a root (errors 1e-3, 1e-6, 1e-12, ...).
ROOT_STEPS = 3


@numba.njit(cache=True, error_model="numpy")
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
    for cell in range(m):
        for point in range(q):
            # dx_i/dr_j and du_i/dr_j entry by entry: as arrays they would be kept in memory
            xr = xs = xt = yr = ys = yt = zr = zs = zt = 0.0
            ur = us = ut = vr = vs = vt = wr = ws = wt = 0.0
            for a in range(k):
                node = cells[cell, a]
                r, s, t = slopes[point, a, 0], slopes[point, a, 1], slopes[point, a, 2]
                x, y, z = nodes[node, 0], nodes[node, 1], nodes[node, 2]
                xr, xs, xt = xr + x * r, xs + x * s, xt + x * t
                yr, ys, yt = yr + y * r, ys + y * s, yt + y * t
                zr, zs, zt = zr + z * r, zs + z * s, zt + z * t
                u, v, w = displacement[node, 0], displacement[node, 1], displacement[node, 2]
                ur, us, ut = ur + u * r, us + u * s, ut + u * t
                vr, vs, vt = vr + v * r, vs + v * s, vt + v * t
                wr, ws, wt = wr + w * r, ws + w * s, wt + w * t
            # det(J) dr_j/dx_i
            rx, ry, rz = ys * zt - yt * zs, xt * zs - xs * zt, xs * yt - xt * ys
            sx, sy, sz = yt * zr - yr * zt, xr * zt - xt * zr, xt * yr - xr * yt
            tx, ty, tz = yr * zs - ys * zr, xs * zr - xr * zs, xr * ys - xs * yr
            size = xr * rx + xs * sx + xt * tx
            volume[cell, point] = size * weights[point]
            one = 1.0 / size
            half = 0.5 * one
            strain[cell, point, 0] = one * (ur * rx + us * sx + ut * tx)
            strain[cell, point, 1] = one * (vr * ry + vs * sy + vt * ty)
            strain[cell, point, 2] = one * (wr * rz + ws * sz + wt * tz)
            strain[cell, point, 3] = half * (ur * ry + us * sy + ut * ty + vr * rx + vs * sx + vt * tx)
            strain[cell, point, 4] = half * (vr * rz + vs * sz + vt * tz + wr * ry + ws * sy + wt * ty)
            strain[cell, point, 5] = half * (ur * rz + us * sz + ut * tz + wr * rx + ws * sx + wt * tx)
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
    of the characteristic polynomial, its direction by pivoted elimination, the other two from the 2x2 tensor across
    it, so that near-equal values keep their digits.
    """
    given = tensor.reshape(-1, 6)
    count = len(given)
    result = np.empty((count, 3))
    entries, values = np.zeros((6, LANES)), np.empty((3, LANES))
    for start in range(0, count, LANES):
        size = min(LANES, count - start)
        for lane in range(size):
            for entry in range(6):
                entries[entry, lane] = given[start + lane, entry]
        _principal_lanes(entries, values)
        for lane in range(size):
            for entry in range(3):
                result[start + lane, entry] = values[entry, lane]
    return result.reshape(tensor.shape[0], tensor.shape[1], 3)


@numba.njit(cache=True, error_model="numpy")
def _principal_lanes(entries: Floats, values: Floats) -> None:
    """Principal values, shape (3, LANES), of tensors side by side, shape (6, LANES)."""
    xx, yy, zz, xy, yz, xz = entries[0], entries[1], entries[2], entries[3], entries[4], entries[5]
    first, second, third = values[0], values[1], values[2]
    for i in range(LANES):
        first[i], second[i], third[i] = _principal_of(xx[i], yy[i], zz[i], xy[i], yz[i], xz[i])


@numba.njit(cache=True, error_model="numpy", inline="always")
def _principal_of(xx: float, yy: float, zz: float, xy: float, yz: float, xz: float) -> tuple[float, float, float]:
    """Principal values of one tensor, largest first; only choices between two numbers, no branches."""
    mean = (xx + yy + zz) / 3.0
    a, b, c = xx - mean, yy - mean, zz - mean
    size = max(max(abs(a), abs(b)), max(max(abs(c), abs(xy)), max(abs(yz), abs(xz))))
    # the bounds from below keep a tensor of equal values, or of nothing, from dividing by zero: all is zero then
    scale = 1.0 / max(size, 1e-290)
    a, b, c, d, e, f = a * scale, b * scale, c * scale, xy * scale, yz * scale, xz * scale
    j2 = max(0.5 * (a * a + b * b + c * c) + (d * d + e * e + f * f), 1e-30)
    j3 = a * (b * c - e * e) - d * (d * c - e * f) + f * (d * e - b * f)
    inverse = math.sqrt(3.0 / j2)
    # the root farthest from the others is 2 sqrt(j2/3) y with 4 y^3 - 3 y = cos 3 theta, sqrt(3)/2 <= y <= 1
    cosine = min(1.0, abs(0.5 * j3 * inverse * inverse * inverse))
    y = 0.8660254037844386 + cosine * (0.16666666666666666 - 0.03269207045110531 * cosine)
    for _ in range(ROOT_STEPS):
        y -= ((4.0 * y * y - 3.0) * y - cosine) / (12.0 * y * y - 3.0)
    root = math.copysign(2.0 * y / inverse, j3)
    # the columns of s - root I span what is across the root's direction: p, the longest of them, and q, the longer
    # of what the other two add to it
    a0, b0, c0 = a - root, b - root, c - root
    n0 = a0 * a0 + d * d + f * f
    n1 = d * d + b0 * b0 + e * e
    n2 = f * f + e * e + c0 * c0
    swap = n1 > n0
    n = n1 if swap else n0
    px, py, pz = (d if swap else a0), (b0 if swap else d), (e if swap else f)
    qx, qy, qz = (a0 if swap else d), (d if swap else b0), (f if swap else e)
    swap = n2 > n
    n = n2 if swap else n
    rx, ry, rz = (px if swap else f), (py if swap else e), (pz if swap else c0)
    px, py, pz = (f if swap else px), (e if swap else py), (c0 if swap else pz)
    per_n = 1.0 / n
    along = (px * qx + py * qy + pz * qz) * per_n
    qx, qy, qz = qx - along * px, qy - along * py, qz - along * pz
    along = (px * rx + py * ry + pz * rz) * per_n
    rx, ry, rz = rx - along * px, ry - along * py, rz - along * pz
    m, other = qx * qx + qy * qy + qz * qz, rx * rx + ry * ry + rz * rz
    swap = other > m
    qx, qy, qz = (rx if swap else qx), (ry if swap else qy), (rz if swap else qz)
    m = max(other if swap else m, 1e-300)
    # the tensor in the unit directions along p and q
    spx, spy, spz = a * px + d * py + f * pz, d * px + b * py + e * pz, f * px + e * py + c * pz
    sqx, sqy, sqz = a * qx + d * qy + f * qz, d * qx + b * qy + e * qz, f * qx + e * qy + c * qz
    pp = (px * spx + py * spy + pz * spz) * per_n
    qq = (qx * sqx + qy * sqy + qz * sqz) / m
    pq = (qx * spx + qy * spy + qz * spz) / math.sqrt(n * m)
    half = math.sqrt(0.25 * (pp - qq) * (pp - qq) + pq * pq)
    middle = 0.5 * (pp + qq)
    # the separated root is the largest or the smallest of the three
    one, two, three = -2.0 * middle, middle + half, middle - half
    return mean + size * max(one, two), mean + size * max(min(one, two), three), mean + size * min(one, three)


@numba.njit(cache=True)
def weighted_percentile(values: Floats, weights: Floats, share: float) -> float:
    """Least value that at least ``share`` of the weight lies at or below; NaN where there is no weight.

    Only the values of a narrow range are sorted; a sample of the values says which.
    """
    low, high = _likely_range(values, weights, share)
    inside, inside_weights = np.empty(len(values)), np.empty(len(values))
    while True:
        count, below, total = _split(values, weights, low, high, inside, inside_weights)
        wanted = share * total * (1.0 - 1e-13)
        if below < wanted or low == -np.inf:
            result, reached = np.nan, below
            for i in np.argsort(inside[:count], kind="mergesort"):
                if inside_weights[i] > 0.0:
                    result = inside[i]
                    reached += inside_weights[i]
                    if reached >= wanted:
                        break
            if reached >= wanted or high == np.inf:
                return result
        low, high = -np.inf, np.inf


@numba.njit(cache=True)
def _likely_range(values: Floats, weights: Floats, share: float) -> tuple[float, float]:
    """Lower and upper end of a range that holds the percentile unless the values are oddly ordered."""
    stride = len(values) // SAMPLE
    low, high, below = -np.inf, np.inf, 0.0
    if stride < 2:
        return low, high
    some, some_weights = values[::stride].copy(), weights[::stride].copy()
    total = some_weights.sum()
    # three standard deviations of the share of a random sample
    margin = 3.0 * math.sqrt(share * (1.0 - share) / SAMPLE) + 2.0 / SAMPLE
    for i in np.argsort(some, kind="mergesort"):
        if below < (share - margin) * total:
            low = some[i]
        below += some_weights[i]
        if below > (share + margin) * total:
            high = some[i]
            break
    return low, high


@numba.njit(cache=True)
def _split(
    values: Floats, weights: Floats, low: float, high: float, inside: Floats, inside_weights: Floats
) -> tuple[int, float, float]:
    """Collect the values from ``low`` to ``high``; how many, the weight below them, and all weight."""
    below, total = np.zeros(LANES), np.zeros(LANES)
    count = 0
    whole = len(values) // LANES * LANES
    for start in range(0, whole, LANES):
        v, w = values[start : start + LANES], weights[start : start + LANES]
        found = 0
        for lane in range(LANES):
            total[lane] += w[lane]
            below[lane] += w[lane] if v[lane] < low else 0.0
            found += (v[lane] >= low) & (v[lane] <= high)
        if found:
            for lane in range(LANES):
                if low <= v[lane] <= high:
                    inside[count], inside_weights[count] = v[lane], w[lane]
                    count += 1
    for i in range(whole, len(values)):
        total[0] += weights[i]
        below[0] += weights[i] if values[i] < low else 0.0
        if low <= values[i] <= high:
            inside[count], inside_weights[count] = values[i], weights[i]
            count += 1
    return count, below.sum(), total.sum()


@numba.njit(cache=True)
def band_shares(values: Floats, weights: Floats, limits: Floats) -> Floats:
    """Share of the weight in each band between ascending limits, shape (len(limits) + 1,); a limit counts upwards."""
    bands = len(limits) + 1
    lanes = np.zeros((bands, LANES))
    whole = len(values) // LANES * LANES
    for start in range(0, whole, LANES):
        v, w = values[start : start + LANES], weights[start : start + LANES]
        for band in range(bands):
            low = limits[band - 1] if band else -np.inf
            high = limits[band] if band < bands - 1 else np.nan  # nothing is at or above it
            total = lanes[band]
            for lane in range(LANES):
                total[lane] += w[lane] if (v[lane] >= low) & (not v[lane] >= high) else 0.0
    for i in range(whole, len(values)):
        band = 0
        while band < bands - 1 and values[i] >= limits[band]:
            band += 1
        lanes[band, 0] += weights[i]
    shares = lanes.sum(axis=1)
    return shares / shares.sum()


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
