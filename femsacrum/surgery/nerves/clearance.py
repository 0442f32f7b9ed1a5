"""How near saws and screws come to a root that is kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats, Surface
from femsacrum.case.schema import Resection
from femsacrum.surgery.construct import Built
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.cuts.sacrum import Opening, opening
from femsacrum.surgery.nerves.model import Course
from femsacrum.surgery.nerves.route import resampled
from femsacrum.surgery.shapes.booleans import ON_PLANE
from femsacrum.surgery.shapes.outline import cut_triangles

#: A course is looked at in points this far apart [mm]: at 1 mm from a face that is 0.03 mm too far at most.
FINE = 0.5


@dataclass(frozen=True)
class Deroofing:
    """The opening of the canal as a root meets it.

    Attributes:
        box: What the plan takes away.
        faces: Bone that its saw lays bare.
    """

    box: Opening
    faces: DistanceTo

    def behind_floor(self, course: Course) -> float:
        """How far a root's surface reaches from the canal into what the plan takes away [mm]; 0 or less: not at all."""
        points = resampled(course.points, FINE)
        flat, depth = self.box.frame.flat(points), self.box.frame.depth(points)
        within = (np.abs(flat[:, 0]) < self.box.half) & (flat[:, 1] < 0.0) & (flat[:, 1] > -self.box.length)
        return float(depth[within].max()) + course.radius if within.any() else 0.0


def deroofing(anatomy: Anatomy, plan: Resection | None, after: Resected) -> Deroofing | None:
    """The opening of the canal; None where there is none.

    Args:
        anatomy: Bones and landmarks before surgery.
        plan: Resection of the case.
        after: What the cuts leave.

    Raises:
        InputError: As ``opening``.
    """
    if plan is None or plan.laminectomy is None or after.opened is None:
        return None
    box = opening(anatomy, plan.laminectomy, after.cuts["sacrum"].plane)
    bare = laid_bare(after.opened, box)
    return None if not len(bare.triangles) else Deroofing(box, DistanceTo(bare))


def laid_bare(opened: Surface, box: Opening) -> Surface:
    """Faces of a bone on the floor, the sides and the ends of the box that was taken out of it.

    Args:
        opened: The bone with its canal opened, before any other cut: the saw passes wherever these faces are, whether or
            not the bone stays.
        box: What was taken out.
    """
    flat, depth = box.frame.flat(opened.points), box.frame.depth(opened.points)
    across, along = flat.T
    in_box = (np.abs(across) < box.half + ON_PLANE) & (along < ON_PLANE) & (along > -box.length - ON_PLANE)
    in_box &= depth > -ON_PLANE
    walls = (depth, across - box.half, across + box.half, along, along + box.length)
    faces = [(in_box & (np.abs(off) < ON_PLANE))[opened.triangles].all(axis=1) for off in walls]
    return Surface(opened.points, opened.triangles[np.any(faces, axis=0)])


def clearance(course: Course, after: Resected, built: Built, roof: Deroofing | None = None) -> dict[str, float]:
    """Least distance of a root's surface to the bone that saws lay bare and to screws.

    Args:
        course: Of the root.
        after: What the cuts leave.
        built: What was put in.
        roof: The opening of the canal from behind.

    Returns:
        "cut" (faces of the resection), "deroofing" (faces of the opening), "screw" -> distance [mm], negative where they
        meet; what is not there is left out.
    """
    out: dict[str, float] = {}
    points = resampled(course.points, FINE)
    faces = [
        DistanceTo(Surface(cut.surface.points, cut.surface.triangles[cut_triangles(cut.surface)]))
        for name, cut in after.cuts.items()
        if name != "L5"
    ]
    if faces:
        out["cut"] = min(float(np.abs(face(points)).min()) for face in faces) - course.radius
    if roof is not None:
        out["deroofing"] = float(np.abs(roof.faces(points)).min()) - course.radius
    if built.screws:
        shafts = [to_segment(points, one.head, one.tip).min() - 0.5 * one.diameter for one in built.screws]
        out["screw"] = float(min(shafts)) - course.radius
    return out


def to_segment(points: Floats, start: Floats, end: Floats) -> Floats:
    """Distance of points, shape (n, 3), to a segment, shape (n,) [mm]."""
    along = end - start
    share = np.clip((points - start) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - share[:, None] * along, axis=1))
