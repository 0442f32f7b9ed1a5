"""What errors of guide and saw may do to a plan: cuts drawn again and again, and what was counted on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.case.accuracy import Accuracy
from femsacrum.course.accuracy.chance import Chance, at_points, chance, root_clearance, seen
from femsacrum.course.accuracy.errors import Curved, Errors, GuideSeat, GuideSway, Part, budget
from femsacrum.course.accuracy.gaps import Gaps, gaps
from femsacrum.course.accuracy.pose import cut_frame, draw, heights
from femsacrum.course.accuracy.roots import Roots, through_foramina
from femsacrum.surgery.construct import Construct
from femsacrum.surgery.openings import middle_of
from femsacrum.surgery.shapes.frame import Frame
from femsacrum.surgery.shapes.outline import cut_polygon, cut_triangles

#: Margins whose probability is told [mm].
LIMITS = (15.0, 10.0, 5.0, 0.0)
#: Shares of the draws after which it is looked whether more of them change anything.
GROWING = (1.0 / 16.0, 1.0 / 8.0, 1.0 / 4.0, 1.0 / 2.0, 1.0)


@dataclass(frozen=True)
class CutDrawn:
    """One cut, drawn again and again.

    Attributes:
        frame: On the planned plane, in the middle of the face.
        reach: From the slot to the middle [mm].
        parts: Errors.
        poses: Offset [mm] and slopes [1], shape (n, 3).
        farthest: Largest distance of the cut from the planned face, on it, shape (n,) [mm].
    """

    frame: Frame
    reach: float
    parts: tuple[Part | Curved, ...]
    poses: Floats
    farthest: Floats


@dataclass(frozen=True)
class TumourDrawn:
    """Margins of the tumour to all cuts at once.

    Attributes:
        limits: Margins asked for [mm].
        at_points: Probability of each at every point of the tumour's surface, shape (p, limits).
        least: Least margin of each draw, shape (n,) [mm].
        planned: The same without errors [mm].
        overall: Probability of each limit for the least margin.
        growing: Draws counted so far -> probability of the margin that is planned for.
    """

    limits: tuple[float, ...]
    at_points: Floats
    least: Floats
    planned: float
    overall: tuple[Chance, ...]
    growing: Mapping[int, Chance]


@dataclass(frozen=True)
class RootDrawn:
    """A root that is to be kept.

    Attributes:
        planned: Distance of its surface from the blade in the plan [mm].
        clearance: The same of each draw, shape (n,) [mm].
        touched: Probability that the blade reaches it.
    """

    planned: float
    clearance: Floats
    touched: Chance


@dataclass(frozen=True)
class Surer:
    """What is left of it where the guide sits twice as surely as the table says.

    Attributes:
        margin: Probability of the margin that is planned for; None without a tumour.
        touched: Root -> probability that the blade reaches it.
        high: Contact -> share of the draws at high risk by the gap alone.
    """

    margin: Chance | None
    touched: Mapping[str, Chance]
    high: Mapping[str, float]


@dataclass(frozen=True)
class Assessed:
    """Everything that was counted.

    Attributes:
        errors: What the errors follow from.
        cuts: Bone -> its cut.
        tumour: None without a tumour.
        roots: Name -> root to be kept.
        roots_given: Whether their paths were given; else they stand for the foramina.
        gaps: Contact -> its gap; without implant none.
        surer: With half of the error of the seat, which is the least known; None: the seat is the case's own.
    """

    errors: Errors
    cuts: Mapping[str, CutDrawn]
    tumour: TumourDrawn | None
    roots: Mapping[str, RootDrawn] = field(default_factory=dict)
    roots_given: bool = False
    gaps: Mapping[str, Gaps] = field(default_factory=dict)
    surer: Surer | None = None


def assess(
    construct: Construct,
    said: Accuracy,
    seats: Mapping[str, GuideSeat] | None = None,
    roots: Roots | None = None,
    sways: Mapping[str, GuideSway] | None = None,
) -> Assessed:
    """Draw every cut and count.

    Cuts of different bones are drawn independently of each other.

    Args:
        construct: The planned operation.
        said: Samples, seed and errors of the case.
        seats: Bone -> how surely the guide of its cut sits; others have the seat of the table.
        roots: Name -> path, shape (m, 3) [mm], and radius [mm] of the roots to be kept; None: pieces through foramina.
        sways: Bone -> how the guide of its cut moves under the saw; of others the wires bend alone.
    """
    errors = Errors.of(said.errors.model_dump(exclude_none=True))
    found = _assessed(construct, said, errors, seats or {}, roots, sways or {})
    if seats or said.errors.seat_shift is not None or said.errors.seat_turn is not None:
        return found
    half = replace(errors, seat_shift=0.5 * errors.seat_shift, seat_turn=0.5 * errors.seat_turn)
    again = _assessed(construct, said, half, {}, roots, sways or {})
    surer = Surer(
        again.tumour.growing[said.samples] if again.tumour is not None else None,
        {name: root.touched for name, root in again.roots.items()},
        {face: gap.risk["high"] for face, gap in again.gaps.items()},
    )
    return replace(found, surer=surer)


def _assessed(
    construct: Construct,
    said: Accuracy,
    errors: Errors,
    seats: Mapping[str, GuideSeat],
    roots: Roots | None,
    sways: Mapping[str, GuideSway],
) -> Assessed:
    cuts = {
        bone: _drawn(construct.surfaces[bone], frame, errors, (seats.get(bone), sways.get(bone)), said, number)
        for number, (bone, frame) in enumerate(_frames(construct).items())
    }
    if "sacrum" in cuts and roots is None:
        kept: Roots = through_foramina(construct.anatomy, construct.planes["sacrum"])
    else:
        kept = roots or {}
    faces = {
        bone: gaps({name: construct.fits[name] for name in _on(construct, bone)}, cut.frame, cut.poses)
        for bone, cut in cuts.items()
    }
    return Assessed(
        errors,
        cuts,
        _tumour(construct, cuts),
        {name: root for name, root in _roots(construct, cuts, kept, errors).items() if np.isfinite(root.planned)},
        roots is not None,
        {name: gap for one in faces.values() for name, gap in one.items()},
    )


def _frames(construct: Construct) -> dict[str, Frame]:
    return {
        bone: cut_frame(plane, middle_of(construct.surfaces[bone]))
        for bone, plane in construct.planes.items()
        if bone in construct.surfaces
    }


def _on(construct: Construct, bone: str) -> list[str]:
    """Contacts of implants and grafts on a cut whose fit is known."""
    return [each.name for each in construct.contacts if each.master == (bone, "cut") and each.name in construct.fits]


def _drawn(
    bone: Surface,
    frame: Frame,
    errors: Errors,
    guide: tuple[GuideSeat | None, GuideSway | None],
    said: Accuracy,
    number: int,
) -> CutDrawn:
    corners = frame.flat(bone.points[np.unique(bone.triangles[cut_triangles(bone)])])
    reach = float(corners[:, 0].max())  # the slot ends where the bone begins
    parts = budget(frame, reach, errors, *guide)
    poses = draw(parts, said.samples, (said.seed, number))
    rim = _hull(corners)
    return CutDrawn(frame, reach, parts, poses, np.abs(heights(poses, rim)).max(axis=1))


def _hull(flat: Floats) -> Floats:
    """Corners of the convex hull: where something affine is largest."""
    from scipy.spatial import ConvexHull

    return np.asarray(flat[ConvexHull(flat).vertices])


def _tumour(construct: Construct, cuts: Mapping[str, CutDrawn]) -> TumourDrawn | None:
    found = construct.margins
    if found is None:
        return None
    sawn = {bone: cut for bone, cut in cuts.items() if bone in found.cuts}
    if not sawn:
        return None
    points = found.tumour.points
    views = {bone: seen(points, found.cuts[bone].face, cut.frame) for bone, cut in sawn.items()}
    hits, least = at_points([(views[bone], cut.poses) for bone, cut in sawn.items()], LIMITS)
    _, planned = at_points([(view, np.zeros((1, 3))) for view in views.values()], LIMITS)
    samples = len(least)
    some = [max(1, round(share * samples)) for share in GROWING]
    return TumourDrawn(
        LIMITS,
        hits / samples,
        least,
        float(planned[0]),
        tuple(chance(int((least >= limit).sum()), samples) for limit in LIMITS),
        {count: chance(int((least[:count] >= found.planned).sum()), count) for count in some},
    )


def _roots(construct: Construct, cuts: Mapping[str, CutDrawn], roots: Roots, errors: Errors) -> dict[str, RootDrawn]:
    """Each root against the cut through the sacrum."""
    if "sacrum" not in cuts:
        return {}
    cut = cuts["sacrum"]
    outline = cut_polygon(construct.surfaces["sacrum"], cut.frame)
    found = {}
    for name, (path, radius) in roots.items():
        planned, clear = root_clearance(path, radius, outline, cut.frame, cut.poses, errors.overrun, errors.kerf)
        found[name] = RootDrawn(planned, clear, chance(int((clear <= 0.0).sum()), len(clear)))
    return found
