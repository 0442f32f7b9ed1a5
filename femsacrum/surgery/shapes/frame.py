"""A frame in a cut plane: across the bone, along it, and out of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from femsacrum.anatomy.model import Floats, Plane


def unit(vector: ArrayLike) -> Floats:
    """The vector at length one.

    Args:
        vector: Any non-zero vector, shape (3,).
    """
    array = np.asarray(vector, dtype=float)
    return array / np.linalg.norm(array)


@dataclass(frozen=True)
class Frame:
    """Axes on a plane.

    Attributes:
        origin: On the plane, shape (3,) [mm].
        across: Unit vector in the plane, towards the patient's back.
        along: Unit vector in the plane, towards the head (or, on an endplate, to the left).
        normal: Unit normal of the plane; "depth" is measured along it.
    """

    origin: Floats
    across: Floats
    along: Floats
    normal: Floats

    def flat(self, points: Floats) -> Floats:
        """Coordinates (across, along) of points, shape (n, 2) [mm]."""
        shifted = np.asarray(points, dtype=float) - self.origin
        return np.column_stack([shifted @ self.across, shifted @ self.along])

    def depth(self, points: Floats) -> Floats:
        """Distance from the plane along its normal, shape (n,) [mm]."""
        return (np.asarray(points, dtype=float) - self.origin) @ self.normal

    def space(self, flat: Floats, depth: float | Floats = 0.0) -> Floats:
        """Points in space from (across, along) and a depth, shape (n, 3) [mm]."""
        flat = np.atleast_2d(np.asarray(flat, dtype=float))
        depth = np.broadcast_to(np.asarray(depth, dtype=float), len(flat))
        return self.origin + flat[:, :1] * self.across + flat[:, 1:] * self.along + depth[:, None] * self.normal

    def plane(self, depth: float = 0.0, outward: float = 1.0) -> Plane:
        """The plane at a depth.

        Args:
            depth: Along the normal [mm].
            outward: +1 keeps the frame's normal, -1 turns it round.
        """
        return Plane(self.origin + depth * self.normal, outward * self.normal)


def frame_on(plane: Plane, upward: Floats) -> Frame:
    """The frame of a plane.

    The axes of a mirrored plane are the mirrored axes: ``across`` always points to the back, so the frame of one side
    is right-handed and the other left-handed, and both sides of a symmetric patient get mirrored implants.

    Args:
        plane: The plane.
        upward: The direction that ``along`` follows as far as the plane allows, shape (3,).
    """
    normal = unit(plane.normal)
    if np.linalg.norm(np.cross(normal, upward)) < 1e-6:  # a level plane: along it to the front
        upward = np.array([0.0, -1.0, 0.0])
    along = unit(upward - (upward @ normal) * normal)
    across = np.cross(along, normal)
    backward = np.array([0.0, 1.0, 0.0])  # LPS: +y is posterior
    return Frame(plane.origin, unit(across * (1.0 if across @ backward >= 0.0 else -1.0)), along, normal)
