"""Closed triangle surfaces minus simple tools, through manifold3d: the result is manifold or the input is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy import manifolds
from femsacrum.anatomy.model import Floats, Plane, Surface
from femsacrum.errors import InputError
from femsacrum.surgery.shapes.frame import Frame

if TYPE_CHECKING:
    from manifold3d import Manifold

#: A vertex nearer to the cut plane than this lies on it [mm]: rounding of the boolean, far below any feature.
ON_PLANE = 1e-5


def manifold(surface: Surface, name: str) -> Manifold:
    """The surface as a manifold3d solid.

    Args:
        surface: Closed and oriented outwards.
        name: Of the part, for the message.

    Raises:
        InputError: The surface is open, not manifold, or empty.
    """
    import manifold3d

    solid = manifolds.manifold(surface.points, surface.triangles)
    if solid.status() != manifold3d.Error.NoError or solid.is_empty() or solid.volume() <= 0.0:
        raise InputError(f"anatomy.{name}", f"surface is not closed and manifold ({solid.status().name})")
    return solid


def surface_of(solid: Manifold, plane: Plane) -> Surface:
    """Back to arrays, with the flat face "cut"; vertices on the plane are put exactly on it.

    Args:
        solid: What stays of a bone.
        plane: Of the cut, normal out of the bone.
    """
    points, triangles = manifolds.arrays(solid)
    depth = (points - plane.origin) @ plane.normal
    near = np.abs(depth) < ON_PLANE
    points[near] -= depth[near, None] * plane.normal
    return Surface(points, triangles, {"cut": plane})


def prism(frame: Frame, outline: Floats, reach: float) -> Manifold:
    """A prism on an outline in the frame's plane, from depth 0 to a reach.

    Args:
        frame: Right- or left-handed.
        outline: Corners (across, along), shape (n, 2) [mm].
        reach: Depth of the other end [mm].
    """
    import manifold3d

    following = np.roll(outline, -1, axis=0)
    area = 0.5 * np.sum(outline[:, 0] * following[:, 1] - outline[:, 1] * following[:, 0])
    section = np.ascontiguousarray(outline if area > 0.0 else outline[::-1])
    solid = manifold3d.Manifold.extrude(manifold3d.CrossSection([section]), reach)
    # a mirroring transform turns the triangles round by itself
    return solid.transform(np.column_stack([frame.across, frame.along, frame.normal, frame.origin]))


def largest(solid: Manifold) -> tuple[Manifold, list[Manifold]]:
    """The component with the largest volume, and the others, largest first."""
    parts = sorted(solid.decompose(), key=lambda part: -float(part.volume()))
    return parts[0], parts[1:]
