"""Positions and distances for messages, and distances from one thing to another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from femsacrum.anatomy.model import Floats, Surface

Depth = Callable[[Floats], Floats]


def place(point: Floats) -> str:
    """A position for a message: "(x, y, z)" in [mm], one decimal."""
    return "(" + ", ".join(f"{0.0 if abs(value) < 0.05 else value:.1f}" for value in np.asarray(point)) + ")"


def depth_in(surface: Surface) -> Depth:
    """A function that tells how deep points, shape (n, 3) [mm], lie inside a surface [mm]; negative outside.

    Args:
        surface: Closed and oriented outwards; the search tree is built once.
    """
    from femsacrum.anatomy.distance import DistanceTo

    distance = DistanceTo(surface)
    return lambda points: -distance(points)


def along_segment(start: Floats, end: Floats, step: float) -> tuple[Floats, Floats]:
    """Points on a straight segment, its ends included.

    Args:
        start: Shape (3,) [mm].
        end: Shape (3,) [mm].
        step: Largest distance between neighbours [mm].

    Returns:
        Their distance from the start, shape (n,) [mm], and the points, shape (n, 3) [mm].
    """
    length = float(np.linalg.norm(end - start))
    at = np.linspace(0.0, length, 1 + max(1, int(np.ceil(length / step - 1e-9))))
    return at, np.asarray(start + np.linspace(0.0, 1.0, len(at))[:, None] * (end - start))


def inside(depth: Depth, start: Floats, end: Floats) -> tuple[float, float]:
    """How much of a straight segment lies in a body, and where it first does.

    Args:
        depth: In the body.
        start: Shape (3,) [mm].
        end: Shape (3,) [mm].

    Returns:
        Length inside, and distance of the first point inside from the start (the whole length if there is none) [mm].
    """
    at, points = along_segment(start, end, 0.25)
    deep = depth(points)
    before, after = deep[:-1], deep[1:]
    # depth is taken as linear between two samples
    size = np.where(before == after, 1.0, np.abs(before - after))
    share = np.where((before > 0.0) & (after > 0.0), 1.0, np.maximum(np.maximum(before, after), 0.0) / size)
    share = np.minimum(share, 1.0)
    within = np.flatnonzero(share > 0.0)
    if not len(within):
        return 0.0, float(at[-1])
    first, step = int(within[0]), at[1]
    entered = at[first] if before[first] > 0.0 else at[first + 1] - share[first] * step
    return float(share.sum() * step), float(entered)


def to_segments(starts: Floats, ends: Floats, point: Floats) -> Floats:
    """Distance of segments to points, the last axis of each of length 3; the others are broadcast [mm]."""
    along = ends - starts
    square = np.maximum((along * along).sum(axis=-1), 1e-12)
    share = np.clip(((point - starts) * along).sum(axis=-1) / square, 0.0, 1.0)
    return np.asarray(np.linalg.norm(starts + share[..., None] * along - point, axis=-1))


def segments_apart(first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> Floats:
    """Least distance between pairs of straight segments, shape (n,) [mm].

    Args:
        first: Start and end points, each shape (n, 3) [mm].
        second: The same of the other segments; broadcast against the first.
    """
    p, q = nearest_on_segments(first, second)
    return np.asarray(np.linalg.norm(p - q, axis=-1))


def nearest_on_segments(first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The nearest points of pairs of straight segments, each shape (n, 3) [mm].

    The closest points of two segments, clamped to their ends: Ericson, Real-Time Collision Detection (2005), 5.1.9.

    Args:
        first: Start and end points, each shape (n, 3) [mm].
        second: The same of the other segments; broadcast against the first.
    """
    p, q = np.broadcast_arrays(first[0], second[0])
    d1, d2 = np.broadcast_arrays(first[1] - first[0], second[1] - second[0])
    r = p - q
    a, e = np.maximum((d1 * d1).sum(-1), 1e-300), np.maximum((d2 * d2).sum(-1), 1e-300)  # an edge may be a point
    b, c, f = (d1 * d2).sum(-1), (d1 * r).sum(-1), (d2 * r).sum(-1)
    den = a * e - b * b
    s = np.where(den > 1e-9, np.clip((b * f - c * e) / np.where(den > 1e-9, den, 1.0), 0.0, 1.0), 0.0)
    t = (b * s + f) / e
    s = np.where(t < 0.0, np.clip(-c / a, 0.0, 1.0), np.where(t > 1.0, np.clip((b - c) / a, 0.0, 1.0), s))
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(p + s[..., None] * d1), np.asarray(q + t[..., None] * d2)
