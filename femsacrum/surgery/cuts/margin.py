"""How far every cut, and every bone that stays, is from the tumour; how much of a tumour that is cut through stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy import manifolds
from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import ROLES, Anatomy, Floats, Plane, Surface
from femsacrum.case.schema import Surgery
from femsacrum.case.tumour import Tumour
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.cuts.tumour import tumour_of
from femsacrum.surgery.shapes.booleans import manifold, surface_of
from femsacrum.surgery.shapes.gap import gap
from femsacrum.surgery.shapes.outline import cut_triangles
from femsacrum.surgery.shapes.places import place

if TYPE_CHECKING:
    from manifold3d import Manifold

#: A triangle whose middle lies deeper than this in the bone as it was is the saw's or the burr's work [mm].
NEW = 1e-3
#: A tumour nearer to a cut than this lies at it [mm]: labels of a bone and of the tumour in it meet no closer.
AT_CUT = 0.5
#: What of a tumour is less than this is rounding where two surfaces meet [mm3]: a third of a voxel of a fine CT.
REMAINDER = 0.1
#: Edges of the pieces a cut face is divided into for shares of its area and for pictures [mm].
FINE = 2.5


@dataclass(frozen=True)
class CutMargin:
    """How far one cut is from the tumour.

    Attributes:
        distance: Least distance from the tumour's surface to the cut face [mm]; of a cut through the tumour, how deep
            the tumour reaches behind it, negative.
        on_tumour: Point of the tumour that is that near or that deep, shape (3,) [mm].
        on_cut: Point of the cut face nearest to it, shape (3,) [mm].
        within: Share of the face's area nearer to the tumour than planned.
        face: The cut face in fine triangles.
        bone: The bone that is cut.
    """

    distance: float
    on_tumour: Floats
    on_cut: Floats
    within: float
    face: Surface
    bone: str


@dataclass(frozen=True)
class LeftBone:
    """How near a bone that stays is to the tumour.

    Attributes:
        distance: Least distance [mm]; 0 where the tumour reaches into the bone.
        on_tumour: Nearest or deepest point of the tumour, shape (3,) [mm].
        on_bone: Point of the bone's surface nearest to it, shape (3,) [mm].
        inside: Volume of the tumour in the bone [mm3].
    """

    distance: float
    on_tumour: Floats
    on_bone: Floats
    inside: float


@dataclass(frozen=True)
class Margins:
    """The tumour against every cut and every bone that stays.

    Attributes:
        tumour: Its closed surface.
        origin: Where its shape is from, one line.
        volume: [mm3].
        planned: Least distance wanted to every cut and to every bone that stays [mm].
        left_behind: Share of the tumour's volume that stays: in bone, or behind a cut that goes through it.
        cuts: Bone, or "laminectomy" -> its margin.
        bones: Bone that stays -> how near it is.
    """

    tumour: Surface
    origin: str
    volume: float
    planned: float
    left_behind: float
    cuts: Mapping[str, CutMargin]
    bones: Mapping[str, LeftBone]


def margins(plan: Surgery, anatomy: Anatomy, after: Resected) -> Margins | None:
    """Every margin of a plan; None where there is no tumour or no cut.

    Args:
        plan: Surgery of the case.
        anatomy: Before surgery.
        after: What the resection leaves.

    Raises:
        InputError: The tumour's shape says too little, or its surface is no solid.
    """
    found = tumour_of(anatomy, plan.tumour) if after.cuts else None
    if found is None:
        return None
    tumour, origin = found
    planned = (plan.tumour or Tumour()).margin
    solid = manifold(tumour, "tumour")
    bones = {name: part for name, part in after.surfaces.items() if ROLES[name] == "bone"}
    kept: list[Manifold] = []
    cuts, left = {}, {}
    inside = {name: solid ^ manifold(bone, name) for name, bone in bones.items()}
    for name, face, bone, plane in _faces(anatomy, after):
        stays = inside[bone] if plane is None else _behind(solid, plane)
        cuts[name], own = _cut(tumour, face, stays, planned, plane, bone)
        kept += own
    for name, part in bones.items():
        left[name] = _left(tumour, part, inside[name])
        kept.append(inside[name])
    volume = _volume(kept)
    share = volume / float(solid.volume()) if volume >= REMAINDER else 0.0
    return Margins(tumour, origin, float(solid.volume()), planned, share, cuts, left)


def verdict(distance: float, planned: float) -> str:
    """What a surgeon says of a margin.

    Args:
        distance: [mm]; negative: depth of the cut in the tumour.
        planned: [mm].
    """
    if distance <= 0.0:
        return f"cuts the tumour {abs(distance):.1f} mm deep"
    return "wide" if distance >= planned else f"short of {planned:g} mm by {planned - distance:.1f} mm"


def beside(found: Margins) -> dict[str, LeftBone]:
    """Bones that stay and lie nearer to the tumour than their own cuts, as an ilium does behind a joint that is opened."""
    cuts = {
        name: min((cut.distance for cut in found.cuts.values() if cut.bone == name), default=np.inf)
        for name in found.bones
    }
    return {name: bone for name, bone in found.bones.items() if bone.distance < max(cuts[name], 0.0) - NEW}


def bone_verdict(distance: float, planned: float) -> str:
    """What a surgeon says of a bone that stays.

    Args:
        distance: From the tumour [mm]; 0 where the tumour reaches it.
        planned: [mm].
    """
    return verdict(distance, planned) if distance > 0.0 else "the tumour reaches it"


def least(found: Margins) -> tuple[float, str]:
    """The least margin [mm] of all cuts and bones that stay, and where it is."""
    cuts = [(cut.distance, f"at the cut {name.replace('_', ' ')}") for name, cut in found.cuts.items()]
    bones = [(bone.distance, f"to {name.replace('_', ' ')}, which stays") for name, bone in beside(found).items()]
    return min([*cuts, *bones], key=lambda one: one[0])


def doubts(found: Margins | None) -> list[str]:
    """A sentence for every cut and bone without a wide margin, and one for a tumour that is not taken whole."""
    if found is None:
        return []
    told = []
    for name, cut in found.cuts.items():
        if cut.distance < found.planned:
            where = f"at {place(cut.on_cut)} mm" if cut.distance > 0.0 else f"round {place(cut.on_tumour)} mm"
            said = verdict(cut.distance, found.planned)
            told.append(f"Margin at the cut {name.replace('_', ' ')}: {said}, {where}.")
    for name, bone in beside(found).items():
        if bone.distance < found.planned:
            where = f"at {place(bone.on_bone)} mm" if bone.distance > 0.0 else f"round {place(bone.on_tumour)} mm"
            said = bone_verdict(bone.distance, found.planned)
            told.append(f"Margin to {name.replace('_', ' ')}, which stays: {said}, {where}.")
    invaded = {name: bone.inside for name, bone in found.bones.items() if bone.inside > 0.0}
    if found.left_behind > 0.0:
        inside = "".join(f"; {volume:.0f} mm3 in {name.replace('_', ' ')}" for name, volume in invaded.items())
        share = "Less than 0.1" if found.left_behind < 5e-4 else f"{100.0 * found.left_behind:.1f}"
        told.append(f"{share} % of the tumour stays in the patient{inside}.")
    return told


def of_margins(found: Margins | None) -> dict[str, float]:
    """The same as descriptive measures, name with unit -> value."""
    if found is None:
        return {}
    table = {"tumour_volume [mm3]": found.volume, "tumour_left_behind [%]": 100.0 * found.left_behind}
    table["least_margin [mm]"], _ = least(found)
    for name, cut in found.cuts.items():
        table[f"margin_{name} [mm]"] = cut.distance
        table[f"cut_face_within_margin_{name} [%]"] = 100.0 * cut.within
    return table


def _faces(anatomy: Anatomy, after: Resected) -> Iterator[tuple[str, Surface, str, Plane | None]]:
    """Faces that saw and burr leave on each bone: name, face, bone, and plane where it is one."""
    for bone, cut in after.cuts.items():
        flat = cut_triangles(cut.surface)
        yield bone, _part(cut.surface, flat), bone, cut.plane
        # as in the bone that was cut: a torn one was wrapped before, which moved all of its surface a little
        beside = ~flat & _inside(cut.surface, cut.whole or anatomy.parts[bone])
        if beside.any():
            yield f"{bone} beside its plane", _part(cut.surface, beside), bone, None
    if after.opened is not None:
        plane = after.cuts["sacrum"].plane
        left = surface_of(_behind(manifold(after.opened, "sacrum"), plane), plane)
        opening = ~cut_triangles(left) & _inside(left, anatomy.parts["sacrum"])
        if opening.any():
            yield "laminectomy", _part(left, opening), "sacrum", None


def _inside(surface: Surface, bone: Surface) -> np.ndarray:
    """Which triangles of a surface lie inside a bone, not on its surface, shape (m,), bool."""
    return np.asarray(DistanceTo(bone)(surface.points[surface.triangles].mean(axis=1)) < -NEW)


def _part(surface: Surface, triangles: np.ndarray) -> Surface:
    used, inverse = np.unique(surface.triangles[triangles], return_inverse=True)
    return Surface(surface.points[used], inverse.reshape(-1, 3).astype(np.int64))


def _behind(solid: Manifold, plane: Plane) -> Manifold:
    """What of a solid lies on the side of a plane that stays."""
    return solid.trim_by_plane(tuple(-plane.normal), float(-plane.normal @ plane.origin))


def _cut(
    tumour: Surface, face: Surface, stays: Manifold, planned: float, plane: Plane | None, bone: str
) -> tuple[CutMargin, list[Manifold]]:
    """The margin of one cut, and the pieces of the tumour that it leaves in the patient."""
    fine = finer(face, FINE)
    to_tumour = DistanceTo(tumour)
    corners = fine.points[fine.triangles]
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    within = float(area[to_tumour(corners.mean(axis=1)) < planned].sum() / area.sum())
    pieces = [piece for piece in stays.decompose() if piece.volume() >= REMAINDER and _touches(piece, face)]
    if not pieces:
        near = gap(tumour, face)
        return CutMargin(near.distance, near.first, near.second, within, fine, bone), []
    points = np.concatenate([manifolds.arrays(piece)[0] for piece in pieces])
    nearest = DistanceTo(face).nearest(points)
    depth = np.abs(nearest.distance) if plane is None else -(points - plane.origin) @ plane.normal
    deepest = int(np.argmax(depth))
    return CutMargin(-float(depth[deepest]), points[deepest], nearest.point[deepest], within, fine, bone), pieces


def _touches(piece: Manifold, face: Surface) -> bool:
    """Whether a piece of the tumour lies at a cut face; no corner of a piece that reaches beyond the face need do so."""
    points, triangles = manifolds.arrays(piece)
    return gap(Surface(points, triangles), face).distance < AT_CUT


def _left(tumour: Surface, bone: Surface, inside: Manifold) -> LeftBone:
    """How near a bone that stays is to the tumour, and how much of the tumour is in it."""
    if inside.volume() < REMAINDER:
        near = gap(tumour, bone)
        return LeftBone(near.distance, near.first, near.second, 0.0)
    points = manifolds.arrays(inside)[0]
    nearest = DistanceTo(bone).nearest(points)
    deepest = int(np.argmin(nearest.distance))
    return LeftBone(0.0, points[deepest], nearest.point[deepest], float(inside.volume()))


def _volume(pieces: list[Manifold]) -> float:
    """Volume of the union [mm3]."""
    import manifold3d

    whole = manifold3d.Manifold.batch_boolean(pieces, manifold3d.OpType.Add) if pieces else manifold3d.Manifold()
    return float(whole.volume())


def finer(surface: Surface, size: float) -> Surface:
    """The same surface in triangles with edges no longer than a size: the longest one is halved until it is.

    Args:
        surface: Open or closed.
        size: [mm].
    """
    corners = surface.points[surface.triangles]
    done = []
    while len(corners):
        lengths = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
        long = lengths.max(axis=1) > size
        done.append(corners[~long])
        first = np.argmax(lengths[long], axis=1)
        a, b, c = (corners[long][np.arange(len(first)), (first + k) % 3] for k in range(3))
        middle = 0.5 * (a + b)
        corners = np.concatenate([np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)])
    every = np.concatenate(done)
    points, inverse = np.unique(every.reshape(-1, 3), axis=0, return_inverse=True)
    return Surface(points, inverse.reshape(-1, 3).astype(np.int64))
