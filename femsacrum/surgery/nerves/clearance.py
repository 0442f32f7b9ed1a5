"""How near cuts and screws come to a root that is kept."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.surgery.construct import Built
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.nerves.model import Course
from femsacrum.surgery.shapes.outline import cut_triangles


def clearance(course: Course, after: Resected, built: Built) -> dict[str, float]:
    """Least distance of a root's surface to the bone that a saw lays bare and to screws.

    Args:
        course: Of the root.
        after: What the cuts leave.
        built: What was put in.

    Returns:
        "cut", "screw" -> distance [mm], negative where they meet; what is not there is left out.
    """
    out: dict[str, float] = {}
    faces = [
        DistanceTo(Surface(cut.surface.points, cut.surface.triangles[cut_triangles(cut.surface)]))
        for name, cut in after.cuts.items()
        if name != "L5"
    ]
    if faces:
        out["cut"] = min(float(np.abs(face(course.points)).min()) for face in faces) - course.radius
    if built.screws:
        shafts = [to_segment(course.points, one.head, one.tip).min() - 0.5 * one.diameter for one in built.screws]
        out["screw"] = float(min(shafts)) - course.radius
    return out


def to_segment(points: Floats, start: Floats, end: Floats) -> Floats:
    """Distance of points, shape (n, 3), to a segment, shape (n,) [mm]."""
    along = end - start
    share = np.clip((points - start) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - share[:, None] * along, axis=1))
