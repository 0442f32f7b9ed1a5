"""What errors of guide and saw may do to a plan: cuts drawn again and again, and what was counted on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.case.accuracy import Accuracy
from femsacrum.course.accuracy.chance import Blade, Chance, at_points, chance, root_clearance, seen
from femsacrum.course.accuracy.errors import Curved, Errors, Led, Part, budget
from femsacrum.course.accuracy.gaps import Gaps, gaps
from femsacrum.course.accuracy.pose import cut_frame, draw, heights
from femsacrum.course.accuracy.roots import Roots, through_foramina
from femsacrum.surgery.construct import Construct
from femsacrum.surgery.guides.kept_clear import ROOT
from femsacrum.surgery.openings import middle_of
from femsacrum.surgery.shapes.frame import Frame
from femsacrum.surgery.shapes.outline import cut_polygon, cut_triangles

#: Margins whose probability is told [mm].
LIMITS = (15.0, 10.0, 5.0, 0.0)
#: Radius of a root in its sheath [mm], which wires of a guide keep clear of as well.
SHEATH = ROOT
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
        least: Least margin of each draw, to cuts that are not drawn as planned, shape (n,) [mm].
        planned: The same without errors and without kerf [mm].
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
        in_sheath: The same of a root as thick as ``SHEATH``.
    """

    planned: float
    clearance: Floats
    touched: Chance
    in_sheath: Chance


@dataclass(frozen=True)
class Otherwise:
    """What comes of another seat of the guide, which is the least known.

    Attributes:
        seat: "half": of the table's error; "table": the table's in place of that which the guide's own contacts give.
        margin: Probability of the margin that is planned for; None without a tumour.
        touched: Root -> probability that the blade reaches it.
        high: Contact -> share of the draws at high risk by the gap alone.
    """

    seat: str
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
        otherwise: With another seat of the guide; None: the case says itself how surely it sits.
    """

    errors: Errors
    cuts: Mapping[str, CutDrawn]
    tumour: TumourDrawn | None
    roots: Mapping[str, RootDrawn] = field(default_factory=dict)
    roots_given: bool = False
    gaps: Mapping[str, Gaps] = field(default_factory=dict)
    otherwise: Otherwise | None = None


def assess(
    construct: Construct,
    said: Accuracy,
    guides: Mapping[str, Led] | None = None,
    roots: Roots | None = None,
) -> Assessed:
    """Draw every cut and count.

    Cuts of different bones are drawn independently of each other.

    Args:
        construct: The planned operation.
        said: Samples, seed and errors of the case.
        guides: Bone -> what is known of the guide of its cut; others have the table's.
        roots: Name -> path, shape (m, 3) [mm], and radius [mm] of the roots to be kept; None: pieces through foramina.
    """
    errors, led = Errors.of(said.errors.model_dump(exclude_none=True)), guides or {}
    found = _assessed(construct, said, errors, led, roots)
    if said.errors.seat_shift is not None or said.errors.seat_turn is not None:
        return found
    if any(guide.seat is not None for guide in led.values()):
        unknown = {bone: replace(guide, seat=None) for bone, guide in led.items()}
        return replace(found, otherwise=_otherwise("table", said, _assessed(construct, said, errors, unknown, roots)))
    half = replace(errors, seat_shift=0.5 * errors.seat_shift, seat_turn=0.5 * errors.seat_turn)
    return replace(found, otherwise=_otherwise("half", said, _assessed(construct, said, half, led, roots)))


def _otherwise(seat: str, said: Accuracy, again: Assessed) -> Otherwise:
    return Otherwise(
        seat,
        again.tumour.growing[said.samples] if again.tumour is not None else None,
        {name: root.touched for name, root in again.roots.items()},
        {face: gap.risk["high"] for face, gap in again.gaps.items()},
    )


def _assessed(
    construct: Construct, said: Accuracy, errors: Errors, guides: Mapping[str, Led], roots: Roots | None
) -> Assessed:
    blade = Blade(errors.kerf, errors.overrun)
    cuts = {
        bone: _drawn(construct.surfaces[bone], frame, errors, guides.get(bone, Led()), said, number)
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
        _tumour(construct, cuts, blade),
        {name: root for name, root in _roots(construct, cuts, kept, blade).items() if np.isfinite(root.planned)},
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


def _drawn(bone: Surface, frame: Frame, errors: Errors, guide: Led, said: Accuracy, number: int) -> CutDrawn:
    corners = frame.flat(bone.points[np.unique(bone.triangles[cut_triangles(bone)])])
    ends = corners if guide.mouth is None else frame.flat(guide.mouth)
    reach = float(ends[:, 0].max())  # the slot ends where the bone begins, or where its guide ends
    parts = budget(frame, reach, errors, guide)
    poses = draw(parts, said.samples, (said.seed, number))
    rim = _hull(corners)
    return CutDrawn(frame, reach, parts, poses, np.abs(heights(poses, rim)).max(axis=1))


def _hull(flat: Floats) -> Floats:
    """Corners of the convex hull: where something affine is largest."""
    from scipy.spatial import ConvexHull

    return np.asarray(flat[ConvexHull(flat).vertices])


def _tumour(construct: Construct, cuts: Mapping[str, CutDrawn], blade: Blade) -> TumourDrawn | None:
    found = construct.margins
    if found is None:
        return None
    sawn = {bone: cut for bone, cut in cuts.items() if bone in found.cuts}
    if not sawn:
        return None
    points = found.tumour.points
    views = {bone: seen(points, found.cuts[bone].face, cut.frame) for bone, cut in sawn.items()}
    hits, drawn = at_points([(views[bone], cut.poses) for bone, cut in sawn.items()], LIMITS, blade)
    _, planned = at_points([(view, np.zeros((1, 3))) for view in views.values()], LIMITS, Blade(0.0, blade.overrun))
    as_planned = min((cut.distance for name, cut in found.cuts.items() if name not in sawn), default=np.inf)
    least, samples = np.minimum(drawn, as_planned), len(drawn)
    some = [max(1, round(share * samples)) for share in GROWING]
    return TumourDrawn(
        LIMITS,
        hits / samples,
        least,
        float(min(planned[0], as_planned)),
        tuple(chance(int((least >= limit).sum()), samples) for limit in LIMITS),
        {count: chance(int((least[:count] >= found.planned).sum()), count) for count in some},
    )


def _roots(construct: Construct, cuts: Mapping[str, CutDrawn], roots: Roots, blade: Blade) -> dict[str, RootDrawn]:
    """Each root against the cut through the sacrum."""
    if "sacrum" not in cuts:
        return {}
    cut = cuts["sacrum"]
    outline = cut_polygon(construct.surfaces["sacrum"], cut.frame)
    found = {}
    for name, (path, radius) in roots.items():
        planned, clear = root_clearance(path, radius, outline, cut.frame, cut.poses, blade)
        touched, in_sheath = (int((clear <= near).sum()) for near in (0.0, max(SHEATH - radius, 0.0)))
        found[name] = RootDrawn(planned, clear, chance(touched, len(clear)), chance(in_sheath, len(clear)))
    return found
