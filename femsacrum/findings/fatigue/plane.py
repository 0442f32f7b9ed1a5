"""The critical plane: of all planes through a point the one on which a history of stress does most.

Two criteria are searched side by side:

* Findley (J Eng Ind 81:301, 1959): shear amplitude plus k times the largest tensile stress across the plane; the shear
  amplitude is the radius of the smallest circle round the path of the shear stress (Papadopoulos, Int J Fatigue 16:377,
  1994), so that it does not depend on axes and holds for loads out of phase. For metals whose cracks start in shear.
* Normal stress: amplitude and mean of the stress across the plane, corrected for the mean (Smith, Watson and Topper on
  the plane of most damage: Socie, J Eng Mater Technol 109:293, 1987). For metals whose cracks open.

As published, Findley's sum is not nothing under a stress that never changes. The tension across a plane therefore counts
for at most 4 times the larger of the two amplitudes on that plane, which is where it stands in a cycle between half and
full load (R = 0.5); up to there the published form holds.

All planes of a half sphere are tried on a grid, then the best of each eighth of it are followed in steps that halve.
docs/fatigue.md says how fine and how far off.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.fatigue.mean_stress import reversed_amplitude

#: Planes of the grid; every direction is within 5.5 degrees of one of them (measured in the tests).
PLANES = 500
#: First and last step of the search [rad].
FIRST, LAST = 0.05, 5e-4
#: Equal parts of the half sphere; from the best plane of each it is searched on, where it reaches so much of the best one.
SECTORS, NEARLY = 8, 0.95
#: Largest tensile stress over the larger amplitude on its plane that counts: that of R = 0.5 uniaxial.
MOST = 4.0


def grid(count: int = PLANES) -> Floats:
    """Normals spread evenly over a half sphere along a spiral, shape (count, 3)."""
    turn = np.arange(count) * math.pi * (3.0 - math.sqrt(5.0))
    z = 1.0 - (np.arange(count) + 0.5) / count
    across = np.sqrt(1.0 - z * z)
    return np.column_stack([across * np.cos(turn), across * np.sin(turn), z])


def across(stress: Floats, normals: Floats) -> Floats:
    """Stress across a plane at each point, shape (n, p) [MPa].

    Args:
        stress: Shape (n, p, 6) [MPa].
        normals: Unit normals, shape (p, 3).
    """
    x, y, z = normals.T
    weights = np.column_stack([x * x, y * y, z * z, 2.0 * x * y, 2.0 * y * z, 2.0 * x * z])
    return np.asarray(np.einsum("npk,pk->np", stress, weights))


@numba.njit(cache=True, error_model="numpy")
def critical(stress: Floats, ultimate: Floats, k: float, rule: int, normals: Floats) -> tuple[Floats, Floats]:
    """The critical planes of both criteria.

    Args:
        stress: xx, yy, zz, xy, yz, xz at each instant, shape (n, p, 6) [MPa].
        ultimate: Tensile strength at each point, shape (p,) [MPa].
        k: Findley's constant.
        rule: Mean-stress rule of the normal stress.
        normals: The grid, shape (q, 3).

    Returns:
        For Findley and for the normal stress: the criterion [MPa], shape (2, p), and the normals, shape (2, p, 3).
    """
    instants, points = stress.shape[0], stress.shape[1]
    values, found, normal = np.full((2, points), -1.0), np.zeros((2, points, 3)), np.empty(3)
    history, paths = np.empty((instants, 6)), np.empty((3, instants))
    for point in range(points):
        for i in range(instants):
            for entry in range(6):
                history[i, entry] = stress[i, point, entry]
        best, at, top = np.full((2, SECTORS), -1.0), np.zeros((2, SECTORS), np.int64), np.full(2, -1.0)
        for q in range(len(normals)):
            x, y, z = normals[q, 0], normals[q, 1], normals[q, 2]
            sector = (4 if z > 0.5 else 0) + (2 if x > 0.0 else 0) + (1 if y > 0.0 else 0)
            on_plane(history, x, y, z, paths)
            for criterion in range(2):
                floor = max(best[criterion, sector], NEARLY * top[criterion])
                value = _judge(paths, criterion, k, ultimate[point], rule, floor)
                if value > floor:
                    best[criterion, sector], at[criterion, sector] = value, q
                    top[criterion] = max(top[criterion], value)
        for criterion in range(2):
            for sector in range(SECTORS):
                if best[criterion, sector] < NEARLY * top[criterion]:
                    continue
                start, value = normals[at[criterion, sector]], best[criterion, sector]
                value = _follow(history, start, criterion, k, ultimate[point], rule, value, paths, normal)
                if value > values[criterion, point]:
                    values[criterion, point], found[criterion, point] = value, normal
    return values, found


@numba.njit(cache=True, error_model="numpy")
def _follow(
    history: Floats,
    start: Floats,
    criterion: int,
    k: float,
    ultimate: float,
    rule: int,
    best: float,
    paths: Floats,
    found: Floats,
) -> float:
    """Walks from a plane to the best one near it; writes its normal into ``found`` and returns the criterion."""
    x, y, z = start[0], start[1], start[2]
    step = FIRST
    while step > LAST:
        ax, ay, az, bx, by, bz = _tangents(x, y, z)
        moved, nx, ny, nz = False, x, y, z
        for turn in range(8):
            c, s = step * math.cos(0.25 * math.pi * turn), step * math.sin(0.25 * math.pi * turn)
            u, v, w = x + c * ax + s * bx, y + c * ay + s * by, z + c * az + s * bz
            size = 1.0 / math.sqrt(u * u + v * v + w * w)
            u, v, w = u * size, v * size, w * size
            on_plane(history, u, v, w, paths)
            value = _judge(paths, criterion, k, ultimate, rule, best)
            if value > best:
                best, moved = value, True
                nx, ny, nz = u, v, w
        if moved:
            x, y, z = nx, ny, nz
        else:
            step *= 0.5
    found[0], found[1], found[2] = x, y, z
    return best


@numba.njit(cache=True, error_model="numpy")
def _judge(paths: Floats, criterion: int, k: float, ultimate: float, rule: int, best: float) -> float:
    """The criterion on one plane; ``best`` where a bound says that it is not exceeded."""
    high, low = paths[0].max(), paths[0].min()
    if criterion == 1:
        return reversed_amplitude(0.5 * (high - low), 0.5 * (high + low), ultimate, rule)
    wide, tall = paths[1].max() - paths[1].min(), paths[2].max() - paths[2].min()
    bound = 0.5 * math.sqrt(wide * wide + tall * tall)  # the circle round the box that holds the path
    if bound + k * _tension(high, low, bound) <= best:
        return best
    shear = circle(paths[1], paths[2])
    return shear + k * _tension(high, low, shear)


@numba.njit(cache=True)
def _tension(high: float, low: float, shear: float) -> float:
    """Tensile stress across a plane as far as it counts [MPa]."""
    return max(0.0, min(high, MOST * max(0.5 * (high - low), shear)))


@numba.njit(cache=True, error_model="numpy")
def _tangents(x: float, y: float, z: float) -> tuple[float, float, float, float, float, float]:
    """Two unit vectors across a third (Duff et al., J Comput Graph Tech 6:1, 2017)."""
    sign = math.copysign(1.0, z)
    a = -1.0 / (sign + z)
    b = x * y * a
    return 1.0 + sign * x * x * a, sign * b, -sign * x, b, sign + y * y * a, -y


@numba.njit(cache=True, error_model="numpy")
def on_plane(history: Floats, x: float, y: float, z: float, paths: Floats) -> None:
    """Stress across a plane and its two components of shear at each instant.

    Args:
        history: Stress at one point, shape (n, 6) [MPa].
        x: First component of the plane's unit normal.
        y: Second.
        z: Third.
        paths: Filled: stress across, shear along either tangent, shape (3, n) [MPa].
    """
    ax, ay, az, bx, by, bz = _tangents(x, y, z)
    for i in range(history.shape[0]):
        xx, yy, zz, xy, yz, xz = history[i]
        u, v, w = xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z
        paths[0, i] = u * x + v * y + w * z
        paths[1, i] = u * ax + v * ay + w * az
        paths[2, i] = u * bx + v * by + w * bz


@numba.njit(cache=True, error_model="numpy")
def circle(u: Floats, v: Floats) -> float:
    """Radius of the smallest circle round points of a plane (Welzl's algorithm without recursion).

    Source: Welzl, Lect Notes Comput Sci 555:359 (1991), as in de Berg et al., Computational Geometry, 2008, section 4.7.

    Args:
        u: First coordinates, shape (n,).
        v: Second coordinates, shape (n,).
    """
    bound = 0.5 * math.sqrt((u.max() - u.min()) ** 2 + (v.max() - v.min()) ** 2)
    # points on a line but for round-off must not span a circle of their own
    slack = (1e-9 * bound) ** 2
    near = 1.0 + 1e-9
    x, y, square = u[0], v[0], 0.0
    for i in range(1, len(u)):
        if (u[i] - x) ** 2 + (v[i] - y) ** 2 <= square * near + slack:
            continue
        x, y, square = u[i], v[i], 0.0
        for j in range(i):
            if (u[j] - x) ** 2 + (v[j] - y) ** 2 <= square * near + slack:
                continue
            x, y = 0.5 * (u[i] + u[j]), 0.5 * (v[i] + v[j])
            square = (u[i] - x) ** 2 + (v[i] - y) ** 2
            for m in range(j):
                if (u[m] - x) ** 2 + (v[m] - y) ** 2 <= square * near + slack:
                    continue
                bu, bv, cu, cv = u[j] - u[i], v[j] - v[i], u[m] - u[i], v[m] - v[i]
                double = 2.0 * (bu * cv - bv * cu)
                if double == 0.0:
                    continue
                b, c = bu * bu + bv * bv, cu * cu + cv * cv
                px, py = (cv * b - bv * c) / double, (bu * c - cu * b) / double
                x, y, square = u[i] + px, v[i] + py, px * px + py * py
    return min(math.sqrt(square), bound)
