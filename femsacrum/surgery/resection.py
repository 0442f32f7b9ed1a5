"""Cutting the bones: what stays is a closed surface with an exactly planar face "cut"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats, Plane, Surface
from femsacrum.case.schema import CutPlane, Resection
from femsacrum.errors import InputError
from femsacrum.surgery.booleans import largest, manifold, prism, surface_of
from femsacrum.surgery.frame import Frame, frame_on, unit
from femsacrum.surgery.outline import cut_polygon, cut_triangles
from femsacrum.surgery.places import place

if TYPE_CHECKING:
    from manifold3d import Manifold
    from shapely.geometry import Polygon

SIDES = ("left", "right")
#: A cut that takes more than this share of a bone cannot be meant.
LARGEST_SHARE = 0.45
#: Length of the tool that trims an endplate [mm]: more than any endplate is concave.
TRIM_REACH = 30.0
#: Loose pieces that a cut leaves are taken out with it, up to this share of the bone.
LARGEST_LOOSE_SHARE = 0.01


@dataclass(frozen=True)
class Cut:
    """A bone after its cut.

    Attributes:
        surface: What stays, with the flat face "cut".
        plane: Of the cut; the normal points out of what stays.
        removed: Volume taken away, loose pieces included [mm3].
        loose: Volume of the pieces that the cut itself would have left, but that came loose by it [mm3].
        before: Volume of the bone before the cut [mm3].
    """

    surface: Surface
    plane: Plane
    removed: float
    loose: float
    before: float


def midsagittal(anatomy: Anatomy) -> Plane:
    """The plane that the left and the right hip centre mirror each other in, its normal to the left."""
    left, right = anatomy.landmarks["left_hip_centre"], anatomy.landmarks["right_hip_centre"]
    return Plane(0.5 * (left + right), unit(left - right))


def resection_plane(anatomy: Anatomy, plan: Resection, side: str) -> Plane:
    """The resection plane of one side, normal towards what is taken away.

    A right plane that is not given is the left one mirrored in the midsagittal plane: the normal (and a point) is
    mirrored, a landmark is the right one, so that bones that are not exactly symmetric are both cut at their notch.

    Args:
        anatomy: Landmarks.
        plan: Resection of the case.
        side: "left" or "right".
    """
    own = plan.left_ilium if side == "left" else plan.right_ilium
    key = f"surgery.resection.{side}_ilium"
    mirror = midsagittal(anatomy)
    mirrored = own is None
    given: CutPlane = plan.left_ilium if own is None else own
    if mirrored:
        key = "surgery.resection.left_ilium"
    normal = np.asarray(given.normal, dtype=float)
    if not np.linalg.norm(normal) > 0.0:
        raise InputError(f"{key}.normal", "(0, 0, 0) has no direction; give a vector towards what is taken away")
    normal = unit(normal)
    if mirrored:
        normal = normal - 2.0 * (normal @ mirror.normal) * mirror.normal
    if (given.landmark is None) == (given.point is None):
        raise InputError(key, 'needs either landmark or point, for example landmark = "left_notch"')
    if given.landmark is not None:
        name = given.landmark.replace("left_", "right_") if mirrored else given.landmark
        if name not in anatomy.landmarks:
            known = ", ".join(sorted(key for key in anatomy.landmarks if key.startswith(side)))
            raise InputError(f"{key}.landmark", f'"{name}" is not a landmark of this anatomy; known: {known}')
        point = anatomy.landmarks[name]
    else:
        point = np.asarray(given.point, dtype=float)
        if mirrored:
            point = point - 2.0 * ((point - mirror.origin) @ mirror.normal) * mirror.normal
    return Plane(point + given.offset * normal, normal)


def cut_ilium(anatomy: Anatomy, plan: Resection, side: str) -> Cut:
    """Cut one ilium from the greater sciatic notch to the crest.

    The saw leaves the bone through the notch: below the notch's level nothing is taken, although the (infinite) plane
    passes behind the ischium's front.

    Args:
        anatomy: Bones and landmarks.
        plan: Resection of the case.
        side: "left" or "right".

    Raises:
        InputError: The plane misses the bone, takes nearly all of it, or opens the acetabulum.
    """
    key, name = f"surgery.resection.{side}_ilium", f"{side}_ilium"
    plane = resection_plane(anatomy, plan, side)
    bone = anatomy.parts[name]
    depth = (bone.points - plane.origin) @ plane.normal
    notch = anatomy.landmarks[f"{side}_notch"]
    above = bone.points[:, 2] > notch[2]
    if depth[above].max() <= 0.0:
        nearest = bone.points[above][int(np.argmax(depth[above]))]
        raise InputError(
            key,
            f"plane misses {name} by {-depth[above].max():.1f} mm; the nearest bone is at {place(nearest)} mm: "
            "move it with offset or turn its normal",
        )
    centre = anatomy.landmarks[f"{side}_hip_centre"]
    wall = float((plane.origin - centre) @ plane.normal) - anatomy.acetabular_radius
    if wall < 0.0:
        raise InputError(
            key,
            f"plane cuts the acetabulum of {name} or the bone above it: it passes {-wall:.1f} mm inside the sphere "
            f"of radius {anatomy.acetabular_radius:.1f} mm round {place(centre)} mm",
        )
    frame = frame_on(plane, np.array([0.0, 0.0, 1.0]))
    cut = _subtract(bone, plane, _notch_tool(frame, bone, notch), name, key)
    share = cut.removed / cut.before
    if share > LARGEST_SHARE or not (np.abs((cut.surface.points - plane.origin) @ plane.normal) < 1e-6).any():
        raise InputError(
            key,
            f"takes {100.0 * share:.0f} % of {name} (at most {100.0 * LARGEST_SHARE:.0f} %); the plane passes "
            f"through {place(plane.origin)} mm: does the normal point at what is taken away?",
        )
    return cut


def trim_endplate(anatomy: Anatomy, plan: Resection) -> Cut:
    """Trim the lower endplate of L5 flat; the posterior elements below its level stay.

    Args:
        anatomy: Bones and landmarks.
        plan: Resection of the case.

    Raises:
        InputError: The trim misses the vertebra or cuts it through.
    """
    key = "surgery.resection.endplate_trim"
    outward = unit(anatomy.directions["L5_lower"])
    centre = anatomy.landmarks["L5_lower"]
    plane = Plane(centre - plan.endplate_trim * outward, outward)
    bone = anatomy.parts["L5"]
    height = float((plane.origin - anatomy.landmarks["L5_upper"]) @ outward)
    if plan.endplate_trim < 0.0 or height < 8.0:
        raise InputError(
            key,
            f"{plan.endplate_trim:g} mm leaves {height:.1f} mm of L5 below its upper endplate at "
            f"{place(anatomy.landmarks['L5_upper'])} mm; allowed: 0 mm to {height + plan.endplate_trim - 8.0:.0f} mm",
        )
    whole = _half_space_cut(bone, plane, "L5")
    if whole is None:
        raise InputError(
            key,
            f"{plan.endplate_trim:g} mm takes nothing off L5: the plane through {place(plane.origin)} mm lies "
            f"{-((bone.points - plane.origin) @ outward).max():.1f} mm below the bone",
        )
    frame = frame_on(plane, np.array([1.0, 0.0, 0.0]))
    ring = cut_polygon(whole, frame, near=np.zeros(2))
    apart = _distance_to_other_rings(whole, frame, ring)
    # the rim of an endplate flares: reach a little past the ring, never into the posterior elements
    outline = ring.buffer(min(4.0, 0.5 * apart), join_style="mitre").simplify(0.2)
    tool = prism(frame, np.asarray(outline.exterior.coords)[:-1], TRIM_REACH)
    return _subtract(bone, plane, tool, "L5", key)


def _notch_tool(frame: Frame, bone: Surface, notch: Floats) -> Manifold:
    """Everything behind the plane and above the notch."""
    reach = float(np.ptp(bone.points, axis=0).max()) * 2.0
    middle = frame.flat(bone.points).mean(axis=0)
    square = middle + reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    return prism(frame, square, reach).trim_by_plane((0.0, 0.0, 1.0), float(notch[2]))


def _subtract(bone: Surface, plane: Plane, tool: Manifold, name: str, key: str) -> Cut:
    solid = manifold(bone, name)
    before = float(solid.volume())
    kept, others = largest(solid - tool)
    loose = float(sum(part.volume() for part in others))
    if loose > LARGEST_LOOSE_SHARE * before:
        at = np.array(others[0].bounding_box()).reshape(2, 3).mean(axis=0)
        raise InputError(
            key,
            f"leaves {len(others)} loose piece{'s' if len(others) > 1 else ''} of {name} of {loose:.0f} mm3, "
            f"{100.0 * loose / before:.1f} % of it (at most {100.0 * LARGEST_LOOSE_SHARE:g} %), round {place(at)} mm: "
            "move the cut so that what stays is one piece",
        )
    return Cut(surface_of(kept, plane), plane, before - float(kept.volume()), loose, before)


def _half_space_cut(bone: Surface, plane: Plane, name: str) -> Surface | None:
    """The bone without what lies beyond the plane; None if the plane misses it."""
    solid = manifold(bone, name)
    kept = solid.trim_by_plane(tuple(-plane.normal), float(-plane.normal @ plane.origin))
    if kept.is_empty() or kept.volume() >= solid.volume() - 1e-6:
        return None
    return surface_of(kept, plane)


def _distance_to_other_rings(cut: Surface, frame: Frame, ring: Polygon) -> float:
    """From one ring of a cut to the nearest vertex of the others [mm]; 20 mm if there are none."""
    from shapely import distance, points

    flat = frame.flat(cut.points[np.unique(cut.triangles[cut_triangles(cut)])])
    away = np.asarray(distance(points(flat), ring))
    others = away[away > 0.05]
    return float(others.min()) if len(others) else 20.0
