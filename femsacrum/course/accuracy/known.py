"""What a construct itself tells of its cuts: how surely its guide sits, and where the roots run that are kept."""

from __future__ import annotations

import numpy as np

from femsacrum.case.accuracy import Accuracy
from femsacrum.case.schema import Case
from femsacrum.course.accuracy.errors import Errors, GuideSeat, GuideSway, contact_error
from femsacrum.course.accuracy.roots import Roots
from femsacrum.course.saw import UnderSaw
from femsacrum.surgery.construct import Construct
from femsacrum.surgery.guides.kinematics import pose_covariance


def asked(case: Case) -> Accuracy | None:
    """What the case asks about its cuts, with the wires, slots and blade of its guide among the errors.

    Args:
        case: What it says itself of the errors goes before its guide.
    """
    said, guide = case.course.accuracy, case.surgery.guide
    if said is None or guide is None:
        return said
    of_guide = {
        "wires": guide.wires,
        "wire_diameter": guide.wire_diameter,
        "slot_clearance": guide.slot_clearance,
        "slot_depth": guide.slot_depth,
        "blade_thickness": guide.blade,
    }
    own = said.errors.model_dump(exclude_none=True)
    return said.model_copy(update={"errors": said.errors.model_copy(update={**of_guide, **own})})


def seats(construct: Construct, said: Accuracy) -> dict[str, GuideSeat]:
    """Bone -> how surely the guide of its cut sits, from its contacts and the errors of surface and print.

    Args:
        construct: The planned operation.
        said: Errors of the case.
    """
    guide = construct.guide
    if guide is None or len(guide.kinematics.free):
        return {}  # one that can slide is told as such, and its cut is drawn with the table's seat
    error = contact_error(Errors.of(said.errors.model_dump(exclude_none=True)))
    return {"sacrum": GuideSeat(pose_covariance(guide.seat, error), guide.seat.points.mean(axis=0))}


def sways(said: Accuracy, found: UnderSaw | None) -> dict[str, GuideSway]:
    """Bone -> how the guide of its cut moves under the saw.

    Args:
        said: Errors of the case; one that names the free length of its wires has them bend alone.
        found: What hand and blade do to the guide; None: there is none, or it could not be solved.
    """
    if found is None or said.errors.wire_free_length is not None:
        return {}
    return {"sacrum": GuideSway(found.loads, np.array([each.motion for each in found.leaned]), found.middle)}


def roots(construct: Construct) -> Roots | None:
    """Name -> path and radius of every root that is kept; None where the case says nothing about nerves."""
    if construct.nerves is None:
        return None
    return {
        name: (root.course.points, root.course.radius)
        for name, root in construct.nerves.roots.items()
        if root.fate == "kept"
    }
