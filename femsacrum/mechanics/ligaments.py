"""Ligaments of the case and of named sets on the meshed bodies; one that loses an attachment is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Ints
from femsacrum.case.joining import Attachment, Ligament
from femsacrum.case.schema import Case
from femsacrum.errors import InputError
from femsacrum.mechanics.interfaces import LostLigament, Spring
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant, table
from femsacrum.surgery.shapes.places import place

SIDES = (("left", "right"), ("right", "left"))
#: An attachment may be this many of its radii away from the surface it is put on.
REACH = 3.0
#: A place of a set that is farther than this from its bone says that its landmarks do not fit this patient [mm].
ASTRAY = 25.0


class _Bones:
    """Distances to the bones before and after the operation, each prepared once."""

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


def ligaments(case: Case, assembly: Assembly) -> tuple[tuple[Spring, ...], tuple[LostLigament, ...]]:
    """Every ligament that holds, and every one that has lost an attachment.

    An end is lost with a part that the plan takes away, or where the place on the intact bone that it is attached to lies
    farther than its radius from what is left of that bone.

    Args:
        case: Ligaments, and the set.
        assembly: Meshed bodies; its construct has the bones before and after, its anatomy the landmarks.

    Raises:
        InputError: A body or landmark that is not there, or an attachment that is not at its body.
    """
    bones = _Bones(assembly)
    own = {one.name: (f"ligaments[{number}]", one) for number, one in enumerate(case.ligaments)}
    given = {one.name: ("ligament_set", one) for one in _of_set(case.ligament_set, assembly, bones)} | own
    made, lost = [], []
    for key, one in given.values():
        gone = one if isinstance(one, LostLigament) else _lost(one, assembly, bones)
        if gone is not None:
            lost.append(gone)
        elif isinstance(one, Ligament):
            made.append(_spring(one, assembly, key))
    return tuple(made), tuple(lost)


def _of_set(name: str, assembly: Assembly, bones: _Bones) -> Iterator[Ligament | LostLigament]:
    """Ligaments of a named set of ``sources/ligaments.toml`` on both sides, their ends on the intact bones."""
    for kind, row in table("ligaments").get(name, {}).items():
        stiffness = constant("ligaments", f"{name}.{kind}.stiffness")
        for side, other in SIDES:
            ends = [
                _placed(f"{side}_{kind}", end, row["radius"], (side, other), assembly, bones) for end in row["ends"]
            ]
            missing = [end for end in ends if isinstance(end, LostLigament)]
            if missing:
                yield missing[0]
                continue
            first, second = (end for end in ends if isinstance(end, Attachment))
            yield Ligament.model_construct(
                name=f"{side}_{kind}", ends=(first, second), stiffness=stiffness.value, source=stiffness.cited()
            )


def _placed(
    name: str, end: Mapping[str, Any], radius: float, sides: tuple[str, str], assembly: Assembly, bones: _Bones
) -> Attachment | LostLigament:
    """An end of a set on its bone, or why it has no place in this patient."""
    landmarks, (side, other) = assembly.construct.anatomy.landmarks, sides
    body = end["body"].format(side=side, other=other)
    weights = {key.format(side=side, other=other): weight for key, weight in end["at"].items()}
    if body not in bones.intact:
        return LostLigament(name, body, None, f"this anatomy has no {body.replace('_', ' ')}")
    missing = next((key for key in weights if key not in landmarks), None)
    if missing is not None:
        return LostLigament(name, body, None, f"this anatomy has no landmark {missing}")
    wanted = np.sum([weight * landmarks[key] for key, weight in weights.items()], axis=0)
    point, off = bones.on(body, wanted)
    if off > ASTRAY:
        return LostLigament(
            name, body, wanted, f"its estimated place lies {off:.0f} mm from {body.replace('_', ' ')}"
        )
    x, y, z = (float(value) for value in point)
    return Attachment.model_construct(body=body, point=(x, y, z), radius=radius)


def _lost(given: Ligament, assembly: Assembly, bones: _Bones) -> LostLigament | None:
    """What of a ligament is gone with the bone it was attached to; None where nothing is."""
    for end in given.ends:
        point = _point(end, assembly)
        if end.body not in assembly.bodies and end.body in bones.intact:
            return LostLigament(given.name, end.body, point, f"the plan takes away {end.body.replace('_', ' ')}")
        if point is None or end.body not in bones.intact or end.body not in bones.left:
            continue
        on, off = bones.on(end.body, point)
        away = bones.away(end.body, on)
        if off <= REACH * end.radius and away > end.radius:
            where = f"{away:.1f} mm from what is left of {end.body.replace('_', ' ')}"
            return LostLigament(given.name, end.body, on, f"its attachment at {place(on)} mm is cut away, {where}")
    return None


def _point(end: Attachment, assembly: Assembly) -> Floats | None:
    """Where an end is said to be, shape (3,) [mm]; None where its landmark is not there."""
    if end.landmark is None:
        return np.array(end.point, dtype=float)
    found = assembly.construct.anatomy.landmarks.get(end.landmark)
    return None if found is None else np.array(found, dtype=float)


def _spring(given: Ligament, assembly: Assembly, key: str) -> Spring:
    attached = [_attached(end, assembly, f"{key}.ends[{number}]") for number, end in enumerate(given.ends)]
    (one, first), (other, last) = attached
    if not np.linalg.norm(last - first) > 0.0:
        raise InputError(f"{key}.ends", "both are in one place; move one of them")
    ends = ((given.ends[0].body, one), (given.ends[1].body, other))
    points = np.array([first, last])
    return Spring(given.name, ends, points, given.stiffness, given.slack, given.pretension, given.tension_only)


def _attached(attachment: Attachment, assembly: Assembly, key: str) -> tuple[Ints, Floats]:
    """Corner nodes of the facets round the nearest point of a body's surface, and their centroid.

    A cut face is no surface a ligament grows on.
    """
    if attachment.body not in assembly.bodies:
        raise InputError(
            f"{key}.body", f'no body "{attachment.body}" is left; there are {", ".join(assembly.bodies)}'
        )
    point = _point(attachment, assembly)
    if point is None:
        raise InputError(f"{key}.landmark", f'this anatomy has no "{attachment.landmark}"; give a point')
    body = assembly.bodies[attachment.body]
    facets = body.facets[:, :3]
    if "cut" in body.face_names:
        facets = facets[body.facet_face != body.face_names.index("cut")]
    corners = body.nodes[facets]
    middle = corners.mean(axis=1)
    nearest = int(np.linalg.norm(middle - point, axis=1).argmin())
    off = float(np.linalg.norm(middle[nearest] - point))
    if off > REACH * attachment.radius:
        raise InputError(key, f"lies {off:.0f} mm from {attachment.body}; place it on its surface")
    inside = np.linalg.norm(middle - middle[nearest], axis=1) <= attachment.radius
    area = 0.5 * np.linalg.norm(
        np.cross(corners[inside, 1] - corners[inside, 0], corners[inside, 2] - corners[inside, 0]), axis=1
    )
    return facets[inside], area @ middle[inside] / area.sum()
