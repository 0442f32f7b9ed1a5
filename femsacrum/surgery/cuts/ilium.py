"""Cutting an ilium from the greater sciatic notch to the crest, and trimming the lower endplate of L5."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats, Plane, Surface
from femsacrum.case.schema import Resection
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.cut import Cut, half_space_cut, subtract
from femsacrum.surgery.cuts.planes import cut_plane, midsagittal, turn
from femsacrum.surgery.shapes.booleans import prism
from femsacrum.surgery.shapes.frame import Frame, frame_on, unit
from femsacrum.surgery.shapes.outline import cut_polygon, cut_triangles
from femsacrum.surgery.shapes.places import place

if TYPE_CHECKING:
    from manifold3d import Manifold
    from shapely.geometry import Polygon

#: A cut that takes more than this share of a bone cannot be meant.
LARGEST_SHARE = 0.45
#: Least height of L5 that a trimmed endplate leaves [mm].
LEAST_HEIGHT = 8.0
#: Length of the tool that trims an endplate [mm]: more than any endplate is concave.
TRIM_REACH = 30.0


def resection_plane(anatomy: Anatomy, plan: Resection, side: str) -> Plane:
    """The plane through one ilium, normal towards what is taken away; a right one not given is the left one mirrored.

    Args:
        anatomy: Landmarks.
        plan: Resection of the case.
        side: "left" or "right".

    Raises:
        InputError: No plane is given for that side, or it says too little.
    """
    own = plan.left_ilium if side == "left" else plan.right_ilium
    if own is not None:
        return cut_plane(anatomy, own, f"surgery.resection.{side}_ilium")
    if side == "left" or plan.left_ilium is None:
        raise InputError(f"surgery.resection.{side}_ilium", "missing: needs the plane of the cut")
    return cut_plane(anatomy, plan.left_ilium, "surgery.resection.left_ilium", midsagittal(anatomy))


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
    cut = subtract(bone, plane, _notch_tool(frame, bone, notch), name, key)
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
    outward = turn(plan.endplate_inclination, 0.0, 0.0) @ unit(anatomy.directions["L5_lower"])
    centre = anatomy.landmarks["L5_lower"]
    plane = Plane(centre - plan.endplate_trim * outward, outward)
    bone = anatomy.parts["L5"]
    height = float((plane.origin - anatomy.landmarks["L5_upper"]) @ outward)
    most = height + plan.endplate_trim - LEAST_HEIGHT
    if plan.endplate_inclination and most < 0.0:
        raise InputError(
            "surgery.resection.endplate_inclination",
            f"{plan.endplate_inclination:g} deg leaves {height:.1f} mm of L5 below its upper endplate at "
            f"{place(anatomy.landmarks['L5_upper'])} mm (at least {LEAST_HEIGHT:g} mm): turn it less",
        )
    if plan.endplate_trim < 0.0 or height < LEAST_HEIGHT:
        raise InputError(
            key,
            f"{plan.endplate_trim:g} mm leaves {height:.1f} mm of L5 below its upper endplate at "
            f"{place(anatomy.landmarks['L5_upper'])} mm; allowed: 0 mm to {most:.0f} mm",
        )
    whole = half_space_cut(bone, plane, "L5")
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
    return subtract(bone, plane, tool, "L5", key)


def _notch_tool(frame: Frame, bone: Surface, notch: Floats) -> Manifold:
    """Everything behind the plane and above the notch."""
    reach = float(np.ptp(bone.points, axis=0).max()) * 2.0
    middle = frame.flat(bone.points).mean(axis=0)
    square = middle + reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    return prism(frame, square, reach).trim_by_plane((0.0, 0.0, 1.0), float(notch[2]))


def _distance_to_other_rings(cut: Surface, frame: Frame, ring: Polygon) -> float:
    """From one ring of a cut to the nearest vertex of the others [mm]; 20 mm if there are none."""
    from shapely import distance, points

    flat = frame.flat(cut.points[np.unique(cut.triangles[cut_triangles(cut)])])
    away = np.asarray(distance(points(flat), ring))
    others = away[away > 0.05]
    return float(others.min()) if len(others) else 20.0
