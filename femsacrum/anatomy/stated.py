"""Landmarks the case states: they replace what was found, after a look at whether they can be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.measures import measures
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.errors import InputError

#: A landmark farther than this from the surface of its bone is refused: mostly a unit, a frame or a side is wrong. Points
#: picked by hand on four pelves (docs/anatomy.md), mouths of foramina included, are within 8 mm [mm].
OFF_BONE = 10.0
#: The hip centre is a radius of the acetabulum away from it: between the smallest and the largest, with a margin [mm].
OFF_SOCKET = (14.0, 40.0)
#: A landmark farther than this from where it was found is taken, and said [mm].
APART = 20.0


def with_stated(anatomy: Anatomy, stated: Mapping[str, tuple[float, float, float]]) -> Anatomy:
    """An anatomy with the landmarks of the case in the place of those found.

    Bones, joints and discs stay as they are; what is cut, loaded, held or measured from a landmark follows it.

    Args:
        anatomy: As found.
        stated: Landmark name -> position, LPS [mm].

    Raises:
        InputError: A landmark that is not at its bone.
    """
    landmarks, origin = dict(anatomy.landmarks), dict(anatomy.landmark_origin)
    for name, position in stated.items():
        point = np.array(position, dtype=float)
        _assert_at_bone(anatomy, name, point)
        landmarks[name] = point
        origin[name] = "given"
        if name in anatomy.landmarks:
            apart = float(np.linalg.norm(point - anatomy.landmarks[name]))
            origin[name] += f", {apart:.1f} mm from where it was found"
            if apart > APART:
                origin[name] += f" (more than {APART:.0f} mm: is it the one that is meant?)"
    directions = dict(anatomy.directions)
    ends = ("endplate_S1_ant", "endplate_S1_post")
    if "S1_endplate" in directions and not {*ends, "S1_endplate"}.isdisjoint(stated):
        directions["S1_endplate"] = _square_to(landmarks[ends[1]] - landmarks[ends[0]], directions["S1_endplate"])
        if "S1_endplate" not in stated:
            landmarks["S1_endplate"] = 0.5 * (landmarks[ends[0]] + landmarks[ends[1]])
    return replace(
        anatomy,
        landmarks=landmarks,
        directions=directions,
        landmark_origin=origin,
        measures={**anatomy.measures, **measures(landmarks, directions, anatomy.parts)},
    )


def bone_of(name: str) -> str:
    """The bone a landmark is on."""
    if name[:2] in ("L4", "L5"):
        return name[:2]
    side, _, rest = name.partition("_")
    return f"{side}_ilium" if side in ("left", "right") and not rest.startswith("foramen") else "sacrum"


def _assert_at_bone(anatomy: Anatomy, name: str, point: Floats) -> None:
    key, bone = f"anatomy.landmarks.{name}", bone_of(name)
    if bone not in anatomy.parts:
        raise InputError(key, f"is on {bone}, which is not there; leave it out, or give that bone")
    least, most = OFF_SOCKET if name.endswith("hip_centre") else (0.0, OFF_BONE)
    off = abs(float(DistanceTo(anatomy.parts[bone])(point[None])[0]))
    if least <= off <= most:
        return
    written = ", ".join(f"{value:.1f}" for value in point)
    found = anatomy.landmarks.get(name)
    where = "" if found is None else f" (it was found at {', '.join(f'{value:.1f}' for value in found)} mm)"
    raise InputError(
        key,
        f"at {written} mm is {off:.1f} mm from the surface of {bone}, allowed are {least:.0f} to {most:.0f} mm{where}; "
        "are unit, side and frame (LPS) right?",
    )


def _square_to(edge: Floats, normal: Floats) -> Floats:
    """A unit normal turned so that it is square to an edge."""
    out: Floats = normal - (normal @ edge) / (edge @ edge) * edge
    return out / np.linalg.norm(out)
