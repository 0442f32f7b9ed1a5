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


def segments_apart(first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> Floats:
    """Least distance between pairs of straight segments, shape (n,) [mm].

    The closest points of two segments, clamped to their ends: Ericson, Real-Time Collision Detection (2005), 5.1.9.

    Args:
        first: Start and end points, each shape (n, 3) [mm].
        second: The same of the other segments; broadcast against the first.
    """
    p, q = np.broadcast_arrays(first[0], second[0])
    d1, d2 = np.broadcast_arrays(first[1] - first[0], second[1] - second[0])
    r = p - q
    a, e = (d1 * d1).sum(-1), (d2 * d2).sum(-1)
    b, c, f = (d1 * d2).sum(-1), (d1 * r).sum(-1), (d2 * r).sum(-1)
    den = a * e - b * b
    s = np.where(den > 1e-9, np.clip((b * f - c * e) / np.where(den > 1e-9, den, 1.0), 0.0, 1.0), 0.0)
    t = (b * s + f) / e
    s = np.where(t < 0.0, np.clip(-c / a, 0.0, 1.0), np.where(t > 1.0, np.clip((b - c) / a, 0.0, 1.0), s))
    t = np.clip(t, 0.0, 1.0)
    gap = r + s[..., None] * d1 - t[..., None] * d2
    return np.asarray(np.linalg.norm(gap, axis=-1))
