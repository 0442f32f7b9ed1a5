"""Probabilities counted over drawn cuts: margins at every point of a tumour, roots that a blade reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.course.accuracy.pose import heights
from femsacrum.surgery.shapes.frame import Frame

if TYPE_CHECKING:
    from shapely.geometry import Polygon

#: Numbers held at a time.
CHUNK = 4_000_000
#: A point beside the outline of a face by less than this is over it [mm].
OVER = 1e-6
#: Distance of points along a root [mm].
STEP = 0.5


@dataclass(frozen=True)
class Chance:
    """A probability counted, with its 95 % interval after Wilson (1927), J Am Stat Assoc 22:209.

    Attributes:
        value: 0 to 1.
        low: Lower end.
        high: Upper end.
    """

    value: float
    low: float
    high: float


def chance(hits: int, samples: int) -> Chance:
    """From what was counted.

    Args:
        hits: How often it was so.
        samples: How often it was looked at.
    """
    from scipy.stats import binomtest

    found = binomtest(int(hits), int(samples)).proportion_ci(0.95, method="wilson")
    return Chance(hits / samples, float(found.low), float(found.high))


@dataclass(frozen=True)
class Seen:
    """Points as a planned cut face sees them.

    Attributes:
        flat: Nearest point of the face, across and along, shape (p, 2) [mm].
        depth: Of each point over the plane, towards what is taken away, shape (p,) [mm].
        beside: Distance from the nearest point within the plane, 0 over the face, shape (p,) [mm].
    """

    flat: Floats
    depth: Floats
    beside: Floats


def seen(points: Floats, face: Surface, frame: Frame) -> Seen:
    """How a cut face lies to points.

    Args:
        points: Shape (p, 3) [mm].
        face: The planned cut face.
        frame: On its plane.
    """
    nearest = DistanceTo(face).nearest(points).point
    flat = frame.flat(nearest)
    beside = np.linalg.norm(frame.flat(points) - flat, axis=1)
    return Seen(flat, frame.depth(points), np.where(beside < OVER, 0.0, beside))


@dataclass(frozen=True)
class Blade:
    """What a blade takes besides the plane it is led in.

    Attributes:
        kerf: Width of the cut, half of it to either side of the plane [mm].
        overrun: How far it cuts past the bone's outline [mm].
    """

    kerf: float
    overrun: float


def margins(of: Seen, poses: Floats, blade: Blade) -> Floats:
    """Distance of points to the cut as it was made, shape (n, p) [mm]; negative: the blade passes beyond the point.

    Over the face it is the distance to the moved plane; beside it, that to the moved point of the rim that is nearest in
    the plan, exact to first order in the turn. A cut that lies beyond a point has passed through it over the face and as
    far beside it as the blade reaches; farther out what is left of the distance is that to the blade's reach.

    Args:
        of: The points.
        poses: Offset and slopes of the cuts, shape (n, 3).
        blade: Its kerf takes half of it from every margin.
    """
    left = of.depth - heights(poses, of.flat)
    upright = left / np.sqrt(1.0 + (poses[:, 1:] ** 2).sum(axis=1))[:, None]
    past = np.where(of.beside <= blade.overrun, upright, of.beside - blade.overrun)
    beside = np.where(left >= 0.0, np.hypot(left, of.beside), past)
    return np.asarray(np.where(of.beside > 0.0, beside, upright) - 0.5 * blade.kerf)


def chunks(samples: int, points: int) -> Iterator[slice]:
    """Slices of the draws that fit into memory with all points."""
    size = max(1, CHUNK // max(1, points))
    return (slice(first, min(first + size, samples)) for first in range(0, samples, size))


def at_points(cuts: list[tuple[Seen, Floats]], limits: tuple[float, ...], blade: Blade) -> tuple[Ints, Floats]:
    """How often each point has each margin to all cuts at once, shape (p, limits), and the least of each draw, (n,).

    Args:
        cuts: The points as each cut sees them, and its draws, shape (n, 3).
        limits: Margins asked for [mm].
        blade: Of every cut.
    """
    samples, points = len(cuts[0][1]), len(cuts[0][0].depth)
    hits, least = np.zeros((points, len(limits)), dtype=np.int64), np.empty(samples)
    for some in chunks(samples, points):
        nearest = np.min([margins(of, poses[some], blade) for of, poses in cuts], axis=0)
        least[some] = nearest.min(axis=1)
        for column, limit in enumerate(limits):
            hits[:, column] += (nearest >= limit).sum(axis=0)
    return hits, least


def root_clearance(
    path: Floats, radius: float, outline: Polygon, frame: Frame, poses: Floats, blade: Blade
) -> tuple[float, Floats]:
    """Distance from a root's surface to the blade: planned, and of each draw, shape (n,) [mm]; not above 0: touched.

    Only where the root passes the bone's outline no farther than the blade cuts past it; infinite where it nowhere does.

    Args:
        path: Of the root's axis, shape (m, 3) [mm].
        radius: Of the root [mm].
        outline: Of the cut face in the frame.
        frame: On the planned plane.
        poses: Offset and slopes of the cuts, shape (n, 3).
        blade: Its kerf, and how far it cuts past the outline.
    """
    from shapely import contains_xy

    points = along(path)
    flat, depth = frame.flat(points), frame.depth(points)
    near = contains_xy(outline.buffer(blade.overrun), flat[:, 0], flat[:, 1])
    if not near.any():
        return np.inf, np.full(len(poses), np.inf)
    apart = radius + 0.5 * blade.kerf
    away = -(depth[near] - heights(poses, flat[near])) / np.sqrt(1.0 + (poses[:, 1:] ** 2).sum(axis=1))[:, None]
    return float(-depth[near].max() - apart), np.asarray(away.min(axis=1) - apart)


def along(path: Floats) -> Floats:
    """Points close together on a polyline, its own among them, shape (m, 3) [mm]."""
    pieces = [path[:1]]
    for a, b in pairwise(path):
        count = max(1, int(np.ceil(np.linalg.norm(b - a) / STEP)))
        pieces.append(a + (b - a) * (np.arange(1, count + 1) / count)[:, None])
    return np.vstack(pieces)
