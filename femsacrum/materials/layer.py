"""Thickness of a layer thinner than the image resolves: a blurred layer of known height fitted to a profile.

Cortical bone of constant value y1 lies between an outside y0 and an inside y2; the image shows both edges blurred by the
same Gaussian. With y1 fixed the peak that a thin layer leaves tells its thickness, which width or half height do not
(Treece, Gee, Mayhew and Poole, Med Image Anal 2010;14:276). Levenberg-Marquardt over outer edge, thickness, y0, y2 and
the blur.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from femsacrum.anatomy.model import Floats

#: Unknowns: outer edge [mm], thickness [mm], value outside [HU], value inside [HU], blur [mm].
EDGE, THICK, OUTSIDE, INSIDE, BLUR = range(5)
#: Iterations at most; the fit has converged when a step is below STEP of every unknown's scale.
MOST_ITERATIONS = 60
STEP = 1e-4
#: Widest a blur may be [mm].
WIDEST = 3.0


@numba.njit(cache=True, inline="always")
def _edge(x, blur):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Blurred unit step and its slope at x."""
    z = x / blur
    return 0.5 * math.erfc(-z / math.sqrt(2.0)), math.exp(-0.5 * z * z) / (blur * math.sqrt(2.0 * math.pi))


@numba.njit(cache=True)
def _cost(depth, profile, weight, height, p):  # type: ignore[no-untyped-def]  # pragma: no cover
    total = 0.0
    for i in range(len(depth)):
        outer, _ = _edge(depth[i] - p[0], p[4])
        inner, _ = _edge(depth[i] - p[0] - p[1], p[4])
        off = p[2] + (height - p[2]) * outer + (p[3] - height) * inner - profile[i]
        total += weight[i] * off * off
    return total


@numba.njit(cache=True)
def _solved(matrix, right):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Solution with a small symmetric positive definite matrix, which is overwritten: elimination without pivots."""
    x, n = right.copy(), len(right)
    for k in range(n):
        for i in range(k + 1, n):
            share = matrix[i, k] / matrix[k, k]
            for j in range(k, n):
                matrix[i, j] -= share * matrix[k, j]
            x[i] -= share * x[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            x[k] -= matrix[k, j] * x[j]
        x[k] /= matrix[k, k]
    return x


@numba.njit(cache=True)
def _fit(depth, profile, weight, height, blur):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Unknowns of one profile, its root mean square residual, and whether the fit converged."""
    first, last = 0, len(depth) - 1
    while first < last and weight[first] == 0.0:
        first += 1
    while last > first and weight[last] == 0.0:
        last -= 1
    p = np.array([0.0, 1.0, profile[first], profile[last], blur])
    excess, area = 0.0, 0.0
    for i in range(first, last + 1):
        excess += max(profile[i] - max(p[2], p[3]), 0.0)
        area += weight[i]
    p[1] = min(max(excess * (depth[1] - depth[0]) / max(height - p[3], 1.0), 0.3), 3.0)
    p[0] = -0.5 * p[1]
    best = math.inf
    for start in (-1.0, 0.0, 1.0):  # the surface lies within a voxel of the outer edge
        trial = p.copy()
        trial[0] = start
        cost = _cost(depth, profile, weight, height, trial)
        if cost < best:
            best, p[0] = cost, start
    scale = np.array([1.0, 1.0, 1000.0, 1000.0, 1.0])
    damping, converged = 1e-2, False
    for _ in range(MOST_ITERATIONS):
        normal, right = np.zeros((5, 5)), np.zeros(5)
        row = np.empty(5)
        for i in range(first, last + 1):
            x0, x1 = depth[i] - p[0], depth[i] - p[0] - p[1]
            outer, rise = _edge(x0, p[4])
            inner, fall = _edge(x1, p[4])
            up, down = height - p[2], p[3] - height
            row[0] = -(up * rise + down * fall)
            row[1] = -down * fall
            row[2] = 1.0 - outer
            row[3] = inner
            row[4] = -(up * rise * x0 + down * fall * x1) / p[4]
            off = p[2] + up * outer + down * inner - profile[i]
            for a in range(5):
                right[a] -= weight[i] * row[a] * off * scale[a]
                for b in range(5):
                    normal[a, b] += weight[i] * row[a] * row[b] * scale[a] * scale[b]
        done = False
        for _ in range(12):
            damped = normal.copy()
            for a in range(5):
                damped[a, a] += damping * (normal[a, a] + 1e-9 * normal[0, 0] + 1e-12)
            step = _solved(damped, right)
            trial = p.copy()
            for a in range(5):
                trial[a] += step[a] * scale[a]
            trial[1] = max(trial[1], 1e-3)
            trial[4] = min(max(trial[4], 0.1), WIDEST)
            cost = _cost(depth, profile, weight, height, trial)
            if cost < best:
                small = True
                for a in range(5):
                    small = small and abs(trial[a] - p[a]) < STEP * scale[a]
                p, best, damping = trial, cost, max(0.2 * damping, 1e-9)
                done, converged = True, small
                break
            damping *= 5.0
        if not done:
            converged = True  # no step downhill is left
        if converged:
            break
    return p, math.sqrt(best / area), converged


@numba.njit(cache=True, parallel=True)
def fitted(depth: Floats, profiles: Floats, weights: Floats, height: float, blur: Floats) -> tuple[Floats, Floats]:
    """Fits every profile.

    Args:
        depth: Where the profiles are sampled, evenly, shape (q,) [mm], 0 at the surface, positive inwards.
        profiles: Shape (k, q) [HU].
        weights: Of the samples, shape (k, q); 0 leaves one out.
        height: Value of cortical bone [HU].
        blur: First guess of the standard deviation of the blur per profile, shape (k,) [mm].

    Returns:
        The five unknowns, shape (k, 5), nan where a fit did not converge; root mean square residuals, shape (k,) [HU].
    """
    unknowns, residual = np.empty((len(profiles), 5)), np.empty(len(profiles))
    for i in numba.prange(len(profiles)):
        p, residual[i], converged = _fit(depth, profiles[i], weights[i], height, blur[i])
        for j in range(5):
            unknowns[i, j] = p[j] if converged else math.nan
    return unknowns, residual
