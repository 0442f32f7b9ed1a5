"""What a construct itself tells of its cuts: how surely its guide sits, and where the roots run that are kept."""

from __future__ import annotations

import numpy as np

from femsacrum.case.accuracy import Accuracy
from femsacrum.case.schema import Case
from femsacrum.course.accuracy.errors import Errors, GuideSeat, GuideSway, Led, contact_error
from femsacrum.course.accuracy.roots import Roots
from femsacrum.course.saw import UnderSaw
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Construct
from femsacrum.surgery.guides.kinematics import pose_covariance

#: By how much a cut is wider than its blade [mm]: the table's kerf less its blade.
SET = constant("accuracy", "kerf").value - constant("accuracy", "blade_thickness").value


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
        "kerf": guide.blade + SET,
    }
    own = said.errors.model_dump(exclude_none=True)
    return said.model_copy(update={"errors": said.errors.model_copy(update={**of_guide, **own})})


def guides(construct: Construct, said: Accuracy, moved: UnderSaw | None) -> dict[str, Led]:
    """Bone -> what is known of the guide of its cut.

    Args:
        construct: The planned operation.
        said: Errors of the case; one that names the free length of its wires has them bend alone.
        moved: What hand and blade do to the guide; None: there is none, or it could not be solved.
    """
    guide = construct.guide
    if guide is None:
        return {}
    seat, sway = None, None
    if not len(
        guide.kinematics.free
    ):  # one that can slide is told as such, and its cut is drawn with the table's seat
        error = contact_error(Errors.of(said.errors.model_dump(exclude_none=True)))
        seat = GuideSeat(pose_covariance(guide.seat, error), guide.seat.points.mean(axis=0))
    if moved is not None and said.errors.wire_free_length is None:
        motions = np.array([each.motion for each in moved.leaned])
        sway = GuideSway(moved.loads, motions, moved.middle)
    slot = next(each for each in guide.slots if each.name == "transverse")
    return {"sacrum": Led(seat, sway, slot.corners[:2])}


def roots(construct: Construct) -> Roots | None:
    """Name -> path and radius of every root that is kept; None where the case says nothing about nerves."""
    if construct.nerves is None:
        return None
    return {
        name: (root.course.points, root.course.radius)
        for name, root in construct.nerves.roots.items()
        if root.fate == "kept"
    }
