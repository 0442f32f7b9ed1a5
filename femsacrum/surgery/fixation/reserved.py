"""Iliac screws laid out on a bare cut face before anything else is put on it, and the room they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from femsacrum.anatomy.model import ROLES, Anatomy, Floats
from femsacrum.case.schema import Fixation
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation import starts, trajectories
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import Depth, depth_in

#: Kept free round a screw's shaft, and round its head for the rod that comes to it [mm].
SHAFT_FREE, HEAD_ROOM = 0.5, 2.0


def iliac_screws(options: Fixation, anatomy: Anatomy, after: Resected, side: str) -> tuple[Screw, ...]:
    """The screws that the bare cut face of one ilium gets.

    Args:
        options: Fixation of the case.
        anatomy: Before surgery.
        after: What the resection leaves.
        side: "left" or "right".

    Raises:
        InputError: There is no corridor for them.
    """
    name = f"{side}_ilium"
    around: Mapping[str, Depth] = {part: depth_in(surface) for part, surface in after.surfaces.items()}
    bones = {part: depth for part, depth in around.items() if ROLES[part] == "bone"}
    others = {part: depth for part, depth in around.items() if part != name}
    free = starts.on_cut_face(anatomy, after.cuts[name], side, options, bones)
    return trajectories.iliac_screws(free, depth_in(anatomy.parts[name]), others, options)


def room_of(screws: Sequence[Screw], head: float) -> Depth:
    """How deep points lie in the room that screws need.

    Args:
        screws: At least one.
        head: Diameter of their heads [mm].
    """

    def depth(points: Floats) -> Floats:
        return np.asarray(np.max([_deep(points, screw, head) for screw in screws], axis=0))

    return depth


def _deep(points: Floats, screw: Screw, head: float) -> Floats:
    axis, length = unit(screw.tip - screw.head), np.linalg.norm(screw.tip - screw.head)
    along = np.clip((points - screw.head) @ axis, 0.0, length)
    beside = np.linalg.norm(points - screw.head - along[:, None] * axis, axis=1)
    in_shaft = 0.5 * screw.diameter + SHAFT_FREE - beside
    in_head = 0.5 * head + HEAD_ROOM - np.linalg.norm(points - screw.head, axis=1)
    return np.asarray(np.maximum(in_shaft, in_head))
