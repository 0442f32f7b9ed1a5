"""Ligaments and facet joints of the named sets of ``sources/ligaments.toml``, placed on the bones of one patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.joining import Attachment, Ligament
from femsacrum.mechanics.interfaces import LostLigament
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant, table

SIDES, MIDLINE = (("left", "right"), ("right", "left")), (("", ""),)
#: A place of a set that is farther than this from its bone says that its landmarks do not fit this patient [mm].
ASTRAY = 25.0


@dataclass(frozen=True)
class Line:
    """A line on which a force has to act.

    Attributes:
        point: A point of it, shape (3,) [mm].
        direction: Unit vector from the first end's bone to the second's, shape (3,).
    """

    point: Floats
    direction: Floats


class Bones:
    """Distances to the bones before and after the operation, each prepared once.

    Attributes:
        intact: Bones before it, by name.
        left: What is left of them.
    """

    def __init__(self, assembly: Assembly) -> None:
        construct = assembly.construct
        self.intact, self.left = construct.anatomy.parts, construct.surfaces
        self._before = cache(lambda body: DistanceTo(self.intact[body]))
        self._after = cache(lambda body: DistanceTo(self.left[body]))

    def on(self, body: str, point: Floats) -> tuple[Floats, float]:
        """The nearest point of the bone as it was, and how far it is [mm]."""
        near = self._before(body).nearest(point[None])
        return near.point[0], float(abs(near.distance[0]))

    def away(self, body: str, point: Floats) -> float:
        """Distance to what is left of a bone [mm]."""
        return float(abs(self._after(body)(point[None])[0]))


def of_set(name: str, anatomy: Anatomy, bones: Bones) -> Iterator[tuple[Ligament | LostLigament, Line | None]]:
    """Every ligament of a set with its ends on the intact bones.

    Args:
        name: Set; "none" and "all" are names too.
        anatomy: Landmarks and directions.
        bones: Of this patient.

    Yields:
        The ligament, or why it has no place in this patient; and of a facet joint the line on which it pushes.
    """
    for each in table("ligaments") if name == "all" else (name,) if name != "none" else ():
        for kind, row in table("ligaments")[each].items():
            for level, ends in row.get("levels", {"": row.get("ends")}).items():
                for sides in SIDES if any("{side}" in text for end in ends for text in _texts(end)) else MIDLINE:
                    called = "_".join(part for part in (sides[0], kind, level) if part)
                    yield _one(called, f"{each}.{kind}", (row, level, ends), sides, anatomy, bones)


def _texts(end: Mapping[str, Any]) -> tuple[str, ...]:
    return (end["body"], *end["at"])


def _one(
    name: str, key: str, given: tuple[Any, str, Any], sides: tuple[str, str], anatomy: Anatomy, bones: Bones
) -> tuple[Ligament | LostLigament, Line | None]:
    row, level, ends = given
    placed = [_placed(name, end, row["radius"], sides, anatomy, bones) for end in ends]
    missing = next((end for end in placed if isinstance(end, LostLigament)), None)
    if missing is not None:
        return missing, None
    stiffness = constant("ligaments", f"{key}.stiffness")
    numbers: dict[str, Any] = {"stiffness": stiffness.value, "source": stiffness.cited()}
    if "knee" in row:
        numbers |= {word: constant("ligaments", f"{key}.{word}").value for word in ("knee", "stiffness_beyond")}
    line: Line | None = None
    if "angle" in row:
        above, below = row["endplates"][level]
        if not {above, below} <= set(anatomy.directions):
            why = f"this anatomy has no direction of {above} and {below}"
            return LostLigament(name, ends[1]["body"], None, why), None
        angle = np.radians(constant("ligaments", f"{key}.angle.{level}").value)
        upwards = anatomy.directions[below] - anatomy.directions[above]
        line = Line(_wanted(ends[0], sides, anatomy.landmarks), _facing(sides[0], angle, upwards, anatomy.landmarks))
        gap = constant("ligaments", f"{key}.gap").value
        numbers |= {"slack": gap, "tension_only": False, "compression_only": True}
    first, last = (end for end in placed if isinstance(end, Attachment))
    if "knee_strain" in row:
        length = float(np.linalg.norm(np.array(first.point, dtype=float) - np.array(last.point, dtype=float)))
        numbers["knee"] = constant("ligaments", f"{key}.knee_strain").value * length
        numbers["stiffness_beyond"] = constant("ligaments", f"{key}.stiffness_beyond").value
    return Ligament.model_construct(name=name, ends=(first, last), **numbers), line


def _placed(
    name: str, end: Mapping[str, Any], radius: float, sides: tuple[str, str], anatomy: Anatomy, bones: Bones
) -> Attachment | LostLigament:
    """An end of a set on its bone, or why it has no place in this patient."""
    body = end["body"].format(side=sides[0], other=sides[1])
    if body not in bones.intact:
        return LostLigament(name, body, None, f"this anatomy has no {body.replace('_', ' ')}")
    missing = next((key for key in _weights(end, sides) if key not in anatomy.landmarks), None)
    if missing is not None:
        return LostLigament(name, body, None, f"this anatomy has no landmark {missing}")
    wanted = _wanted(end, sides, anatomy.landmarks)
    point, off = bones.on(body, wanted)
    if off > ASTRAY:
        return LostLigament(
            name, body, wanted, f"its estimated place lies {off:.0f} mm from {body.replace('_', ' ')}"
        )
    x, y, z = (float(value) for value in point)
    return Attachment.model_construct(body=body, point=(x, y, z), radius=radius)


def _weights(end: Mapping[str, Any], sides: tuple[str, str]) -> dict[str, float]:
    """Landmark -> weight; a pair of landmarks shares its weight."""
    found: dict[str, float] = {}
    for key, weight in end["at"].items():
        both = ("left", "right") if "{both}" in key else ("",)
        for side in both:
            found[key.format(side=sides[0], other=sides[1], both=side)] = weight / len(both)
    return found


def _wanted(end: Mapping[str, Any], sides: tuple[str, str], landmarks: Mapping[str, Floats]) -> Floats:
    """Where an end is to be, shape (3,) [mm]."""
    place: Floats = np.sum([weight * landmarks[key] for key, weight in _weights(end, sides).items()], axis=0)
    return place


def _facing(side: str, angle: float, upwards: Floats, landmarks: Mapping[str, Floats]) -> Floats:
    """Unit normal of a superior articular facet: backwards and towards the midline, across the disc's normal.

    Args:
        side: "left" or "right".
        angle: Between facet and sagittal plane [rad].
        upwards: Normal of the disc.
        landmarks: Both pedicles of L5, which say where left is.
    """
    up = upwards / np.linalg.norm(upwards)
    left = landmarks["L5_left_pedicle_entry"] - landmarks["L5_right_pedicle_entry"]
    left = left - (left @ up) * up
    left /= np.linalg.norm(left)
    inwards = -left if side == "left" else left
    facing: Floats = np.cos(angle) * inwards + np.sin(angle) * np.cross(up, left)
    return facing
