"""Where the cut that is made lies beside the plan, drawn again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from femsacrum.anatomy.model import Floats, Plane
from femsacrum.course.accuracy.errors import Curved, Part
from femsacrum.surgery.shapes.frame import Frame, unit

#: The saw comes from behind, or from above where the cut faces the front or the back; LPS.
FROM = (np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
#: A direction with less of it in the plane does not say where the saw comes from.
LEAST = 0.5


def cut_frame(plane: Plane, middle: Floats) -> Frame:
    """Frame of a cut: ``across`` towards where the saw comes from.

    Args:
        plane: Planned; normal towards what is taken away.
        middle: Of the cut face, shape (3,) [mm].
    """
    normal = unit(plane.normal)
    inside = [each - (each @ normal) * normal for each in FROM]
    across = unit(inside[0] if np.linalg.norm(inside[0]) >= LEAST else inside[1])
    return Frame(middle, across, np.cross(normal, across), normal)


def draw(parts: Sequence[Part | Curved], samples: int, seed: Sequence[int]) -> Floats:
    """Offset [mm] and slopes [1] of cuts, shape (n, 3).

    Args:
        parts: Errors, independent of each other.
        samples: n.
        seed: The same seed, the same cuts.
    """
    random = np.random.default_rng(list(seed))
    found = np.zeros((samples, 3))
    for part in parts:
        found += part.drawn(random, samples)
    return found


def heights(poses: Floats, flat: Floats) -> Floats:
    """Of the cuts over the plan, towards what is taken away, shape (n, p) [mm].

    Args:
        poses: Offset and slopes, shape (n, 3).
        flat: Places from the cut's middle, across and along, shape (p, 2) [mm].
    """
    return np.asarray(poses[:, :1] + poses[:, 1:] @ flat.T)


def angles(poses: Floats) -> Floats:
    """Between each cut and the plan, shape (n,) [deg]."""
    return np.asarray(np.degrees(np.arctan(np.linalg.norm(poses[:, 1:], axis=1))))
