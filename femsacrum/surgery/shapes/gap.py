"""Least distance between two triangle surfaces, and the two points that are that near: exact, edges against edges too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.surgery.shapes.places import nearest_on_segments

#: Pairs of triangles looked at in one go.
BATCH = 100_000


@dataclass(frozen=True)
class Gap:
    """Where two surfaces are nearest.

    Attributes:
        distance: [mm].
        first: Point on the first surface, shape (3,) [mm].
        second: Point on the second surface, shape (3,) [mm].
    """

    distance: float
    first: Floats
    second: Floats


def gap(first: Surface, second: Surface) -> Gap:
    """Least distance between two surfaces that do not cross.

    Two triangles that do not cross are nearest at a corner of one of them or on two edges. Corners against the other
    surface come first; edges only of triangles that these leave near enough to be nearer still: a point of an edge is
    at most half of its length nearer than its nearer end.

    Args:
        first: Open or closed.
        second: Open or closed.
    """
    one, away = _corners(first, second)
    other, back = _corners(second, first)
    best = min(one, Gap(other.distance, other.second, other.first), key=lambda found: found.distance)
    near, far = _candidates(first, away, best.distance), _candidates(second, back, best.distance)
    for i, j in _pairs(first, second, near, far, best.distance):
        best = min(best, _edges(first, second, i, j), key=lambda found: found.distance)
    return best


def _corners(first: Surface, second: Surface) -> tuple[Gap, Floats]:
    """The corner of the first surface nearest to the second, and the distance of every corner."""
    nearest = DistanceTo(second).nearest(first.points)
    away = np.full(len(first.points), np.inf)
    used = np.unique(first.triangles)
    away[used] = np.abs(nearest.distance[used])
    i = int(np.argmin(away))
    return Gap(float(away[i]), first.points[i], nearest.point[i]), away


def _candidates(surface: Surface, away: Floats, within: float) -> Ints:
    """Triangles with an edge that may be nearer than a distance."""
    corners = surface.points[surface.triangles]
    longest = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2).max(axis=1)
    return np.flatnonzero(away[surface.triangles].min(axis=1) - 0.5 * longest < within)


def _pairs(first: Surface, second: Surface, near: Ints, far: Ints, within: float) -> list[tuple[Ints, Ints]]:
    """Pairs of these triangles whose balls are nearer than a distance, in batches."""
    from scipy.spatial import cKDTree

    (middle, radius), (other, wide) = _balls(first, near), _balls(second, far)
    if not (len(near) and len(far)):
        return []
    found = cKDTree(middle).query_ball_point(other, within + wide + radius.max(), return_sorted=True)
    j = np.repeat(np.arange(len(other)), [len(one) for one in found])
    i = np.concatenate([np.asarray(one, dtype=np.int64) for one in found])
    close = np.linalg.norm(middle[i] - other[j], axis=1) - radius[i] - wide[j] < within
    i, j = near[i[close]], far[j[close]]
    return [(i[k : k + BATCH], j[k : k + BATCH]) for k in range(0, len(i), BATCH)]


def _balls(surface: Surface, triangles: Ints) -> tuple[Floats, Floats]:
    """A ball round each of some triangles."""
    corners = surface.points[surface.triangles[triangles]]
    middle = corners.mean(axis=1)
    return middle, np.linalg.norm(corners - middle[:, None], axis=2).max(axis=1, initial=0.0)


def _edges(first: Surface, second: Surface, i: Ints, j: Ints) -> Gap:
    """The nearest edges of pairs of triangles."""
    a, b = first.points[first.triangles[i]], second.points[second.triangles[j]]
    best = None
    for turn in range(3):
        for other in range(3):
            p, q = nearest_on_segments((a[:, turn], a[:, (turn + 1) % 3]), (b[:, other], b[:, (other + 1) % 3]))
            away = np.linalg.norm(p - q, axis=1)
            k = int(np.argmin(away))
            if best is None or away[k] < best.distance:
                best = Gap(float(away[k]), p[k], q[k])
    assert best is not None
    return best
