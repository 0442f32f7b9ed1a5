"""Cutting the sacrum: across, along its middle, and into its canal from behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.manifolds import arrays
from femsacrum.anatomy.model import Anatomy, Floats, Plane, Surface
from femsacrum.case.schema import Laminectomy, Resection
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.cut import Cut, subtract
from femsacrum.surgery.cuts.planes import cut_plane, middle_of, midsagittal
from femsacrum.surgery.shapes.booleans import largest, manifold, prism, surface_of
from femsacrum.surgery.shapes.frame import Frame, frame_on, unit
from femsacrum.surgery.shapes.outline import cut_area
from femsacrum.surgery.shapes.places import place

if TYPE_CHECKING:
    from manifold3d import Manifold

#: Widest opening of the canal [mm]: the canal of S1 is about 30 mm wide.
WIDEST = 60.0
#: A joint that keeps less than this share of its area does not carry; then it is a total sacrectomy.
LEAST_JOINT = 0.15
#: How far behind and in front of the canal bone is looked for [mm], in which steps, and how many lines look.
BEHIND, AHEAD, STEP, LINES = 45.0, 45.0, 0.5, 9
#: Narrowest gap between lamina and body that counts as canal [mm]; the opening ends this far in it.
LEAST_CANAL, INTO_CANAL = 3.0, 1.5


@dataclass(frozen=True)
class SacrumCut:
    """A sacrum after its cut, with what belongs to it.

    Attributes:
        cut: The bone.
        soft: Discs and cartilage that are left, cut by the same plane.
        joint_removed: Side -> share of its sacroiliac joint's area that is gone.
        laminectomy: Volume taken from behind the canal [mm3].
        opened: The bone with its canal opened, before the cut; None without a laminectomy.
    """

    cut: Cut
    soft: dict[str, Surface]
    joint_removed: dict[str, float]
    laminectomy: float
    opened: Surface | None = None


def cut_across(anatomy: Anatomy, plan: Resection) -> SacrumCut:
    """Take the sacrum below a plane, and the sacroiliac joints as far as the plane reaches them.

    Args:
        anatomy: Bones and landmarks.
        plan: Resection of the case.

    Raises:
        InputError: The plane misses the sacrum, leaves no joint that carries, or takes the S1 endplate.
    """
    key = "surgery.resection.sacrum"
    if plan.sacrum is None:
        raise InputError(key, "missing: needs the plane of the cut")
    plane = cut_plane(anatomy, plan.sacrum, key)
    top = anatomy.landmarks["S1_endplate"]
    free = float((plane.origin - top) @ plane.normal)
    if free <= 0.0:
        raise InputError(
            key,
            f"the plane through {place(plane.origin)} mm takes the S1 endplate at {place(top)} mm, {-free:.1f} mm "
            'beyond it: does it face what is taken away? For the whole sacrum take plan "total_sacrectomy"',
        )
    bone, opened = _opened(anatomy, plan.laminectomy, plane)
    cut = _cut_bone(bone, plane, key)
    soft, removed = {}, {}
    for side in ("left", "right"):
        name = f"{side}_sij"
        if name in anatomy.parts:
            soft[name], removed[side] = _joint(anatomy.parts[name], plane, name, key)
    return SacrumCut(cut, soft, removed, opened, None if plan.laminectomy is None else bone)


def cut_along(anatomy: Anatomy, plan: Resection) -> SacrumCut:
    """Take one half of the sacrum with its joint and its half of the disc.

    Args:
        anatomy: Bones and landmarks.
        plan: Resection of the case; without a plane for the sacrum: through the middle of the S1 endplate.

    Raises:
        InputError: The plane misses the sacrum.
    """
    key = "surgery.resection.sacrum"
    mirror = midsagittal(anatomy)
    outward = mirror.normal * (1.0 if plan.side == "left" else -1.0)
    plane = Plane(anatomy.landmarks["S1_endplate"], outward)
    if plan.sacrum is not None:
        plane = cut_plane(anatomy, plan.sacrum, key)
        if plane.normal @ outward < 0.5:
            raise InputError(
                key, f'turns away from the side that is taken: side "{plan.side}" needs facing = "{plan.side}"'
            )
    bone, opened = _opened(anatomy, plan.laminectomy, plane)
    cut = _cut_bone(bone, plane, key)
    soft = {}
    if "disc_L5S1" in anatomy.parts:
        soft["disc_L5S1"] = _joint(anatomy.parts["disc_L5S1"], plane, "disc_L5S1", key)[0]
    removed, other = {str(plan.side): 1.0}, "right" if plan.side == "left" else "left"
    if f"{other}_sij" in anatomy.parts:  # a plane that leans may reach it
        soft[f"{other}_sij"], removed[other] = _joint(anatomy.parts[f"{other}_sij"], plane, f"{other}_sij", key)
    return SacrumCut(cut, soft, removed, opened, None if plan.laminectomy is None else bone)


def _cut_bone(bone: Surface, plane: Plane, key: str) -> Cut:
    depth = (bone.points - plane.origin) @ plane.normal
    if depth.max() <= 0.0:
        nearest = bone.points[int(np.argmax(depth))]
        raise InputError(
            key,
            f"plane misses sacrum by {-depth.max():.1f} mm; the nearest bone is at {place(nearest)} mm: move it with "
            "offset or turn it",
        )
    return subtract(bone, plane, _beyond(plane, bone), "sacrum", key)


def _beyond(plane: Plane, part: Surface) -> Manifold:
    """All that lies beyond a plane, as far as a part reaches."""
    frame = frame_on(plane, np.array([0.0, 0.0, 1.0]))
    reach = 2.0 * float(np.linalg.norm(np.ptp(part.points, axis=0)))
    middle = frame.flat(part.points).mean(axis=0)
    square = middle + reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    away = max(reach, float(frame.depth(part.points).max()) + 1.0)
    return prism(frame, square, away)


def _joint(part: Surface, plane: Plane, name: str, key: str) -> tuple[Surface, float]:
    """Soft tissue short of a plane, and the share of its area (without the cut) that is gone."""
    solid = manifold(part, name)
    kept = solid.trim_by_plane(tuple(-plane.normal), float(-plane.normal @ plane.origin))
    if kept.is_empty():
        share = 1.0
    elif kept.volume() >= solid.volume() - 1e-6:
        return part, 0.0
    else:
        stays = largest(kept)[0]  # a piece that nothing holds any more does not carry
        left = surface_of(stays, plane)
        share = 1.0 - (float(stays.surface_area()) - cut_area(left)) / float(solid.surface_area())
    if share > 1.0 - LEAST_JOINT:
        raise InputError(
            key,
            f"the plane through {place(plane.origin)} mm takes {100.0 * share:.0f} % of {name} (at most "
            f"{100.0 * (1.0 - LEAST_JOINT):.0f} %): what is left does not carry; move it, or take plan "
            '"total_sacrectomy"',
        )
    return left, share


@dataclass(frozen=True)
class Opening:
    """The box by which the canal is opened from behind.

    Attributes:
        frame: Its floor in the canal: across to the left, along to the head, normal to the back; along ends at 0.
        half: Half of its width [mm].
        length: Along, from head to foot [mm].
    """

    frame: Frame
    half: float
    length: float


def opening(anatomy: Anatomy, plan: Laminectomy, plane: Plane) -> Opening:
    """Where the canal is opened from behind.

    Args:
        anatomy: Bones and landmarks before surgery.
        plan: Levels and width.
        plane: Of the cut, which the levels named have to lie above.

    Raises:
        InputError: Too wide, levels with one left out or beyond the cut, or no canal under a lamina there.
    """
    bone = anatomy.parts["sacrum"]
    key = "surgery.resection.laminectomy"
    levels = sorted({int(level[1]) for level in plan.levels})
    if plan.width > WIDEST:
        raise InputError(
            f"{key}.width", f"{plan.width:g} mm is wider than any sacral canal: take {WIDEST:g} mm or less"
        )
    if levels != list(range(levels[0], levels[-1] + 1)):
        raise InputError(f"{key}.levels", f"{', '.join(plan.levels)} leave one out between: name them all")
    top, bottom = (middle_of(anatomy, level, f"{key}.levels") for level in (levels[0] - 1, levels[-1]))
    down = unit(bottom - top)
    left = midsagittal(anatomy).normal
    left = unit(left - (left @ down) * down)
    back = np.cross(down, left)
    back = back if back @ np.array([0.0, 1.0, 0.0]) > 0.0 else -back
    beyond = float((bottom - plane.origin) @ plane.normal)
    if beyond > 0.0:
        raise InputError(
            f"{key}.levels",
            f"S{levels[-1]} ends {beyond:.1f} mm beyond the cut, at {place(bottom)} mm: name levels that stay",
        )
    roof = _roof(bone, top, bottom, back, f"{key}.levels")
    return Opening(Frame(top + roof * back, left, -down, back), 0.5 * plan.width, float((bottom - top) @ down))


def _opened(anatomy: Anatomy, plan: Laminectomy | None, plane: Plane) -> tuple[Surface, float]:
    """The sacrum with its canal opened from behind, and the volume taken."""
    bone = anatomy.parts["sacrum"]
    if plan is None:
        return bone, 0.0
    box = opening(anatomy, plan, plane)
    half = box.half
    outline = np.array([[-half, -box.length], [half, -box.length], [half, 0.0], [-half, 0.0]])
    solid = manifold(bone, "sacrum")
    kept, others = largest(solid - prism(box.frame, outline, 2.0 * BEHIND))
    taken = float(solid.volume()) - float(kept.volume())
    if sum(float(part.volume()) for part in others) > 0.5 * taken:
        at = np.array(others[0].bounding_box()).reshape(2, 3).mean(axis=0)
        raise InputError(
            "surgery.resection.laminectomy.width",
            f"{plan.width:g} mm cuts a piece loose round {place(at)} mm: take less",
        )
    return Surface(*arrays(kept)), taken


def _roof(bone: Surface, top: Floats, bottom: Floats, back: Floats, key: str) -> float:
    """How far behind the line from top to bottom the opening ends: in the canal, in front of its lamina [mm].

    Along lines in the midline from behind to the front, the canal is the first gap after the first bone. A lamina that
    is missing (the hiatus) has no such gap.
    """
    inside = DistanceTo(bone)
    at = np.arange(BEHIND, -AHEAD, -STEP)
    found = []
    for share in np.linspace(0.05, 0.95, LINES):
        line = top + share * (bottom - top) + at[:, None] * back
        solid = inside(line) < 0.0
        edges = np.flatnonzero(np.diff(solid.astype(int)))
        if len(edges) >= 3 and solid[edges[0] + 1] and (edges[2] - edges[1]) * STEP >= LEAST_CANAL:
            found.append(at[edges[1]] - INTO_CANAL)
    if len(found) < 0.5 * LINES:
        raise InputError(
            key,
            f"no sacral canal behind {place(0.5 * (top + bottom))} mm: {LINES - len(found)} of {LINES} lines from "
            "behind find no lamina with a gap in front of it",
        )
    return float(np.median(found))
