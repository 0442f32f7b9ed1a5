"""Ligaments and facet joints on the meshed bodies; one that loses an attachment is left out."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.case.joining import Attachment, Ligament
from femsacrum.case.names import did_you_mean
from femsacrum.case.schema import Case
from femsacrum.errors import InputError
from femsacrum.mechanics.interfaces import LostLigament, Spring
from femsacrum.mechanics.ligament_sets import Bones, Line, of_set
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.shapes.places import place

#: An attachment may be this many of its radii away from the surface it is put on.
REACH = 3.0
#: Along the line on which a facet joint acts, its two patches are at least this far apart [mm].
APART = 1.0


def ligaments(case: Case, assembly: Assembly) -> tuple[tuple[Spring, ...], tuple[LostLigament, ...]]:
    """Every ligament that holds, and every one that has lost an attachment.

    An end is lost with a part that the plan takes away, or where the place on the intact bone that it is attached to lies
    farther than its radius from what is left of that bone. What the surgeon divides holds neither.

    Args:
        case: Ligaments, the set, and the operation.
        assembly: Meshed bodies; its construct has the bones before and after, its anatomy the landmarks.

    Raises:
        InputError: A body or landmark that is not there, an attachment that is not at its body, or a name of a divided
            ligament that none has.
    """
    bones = Bones(assembly)
    placed = of_set(case.ligament_set, assembly.construct.anatomy, bones)
    given = {one.name: ("ligament_set", one, line) for one, line in placed}
    given |= {one.name: (f"ligaments[{number}]", one, None) for number, one in enumerate(case.ligaments)}
    divided = _divided(case, given)
    found = [
        one
        if isinstance(one, LostLigament)
        else LostLigament(one.name, one.ends[1].body, None, "the surgeon divides it")
        if one.name in divided
        else _lost(one, assembly, bones) or _spring(one, assembly, key, line)
        for key, one, line in given.values()
    ]
    made = tuple(one for one in found if isinstance(one, Spring))
    return made, tuple(one for one in found if isinstance(one, LostLigament))


def _divided(case: Case, given: Iterable[str]) -> set[str]:
    """Names of the ligaments that the case divides."""
    cuts, named = case.surgery.resection, set[str]()
    for number, pattern in enumerate(cuts.divided_ligaments if cuts else ()):
        meant = {name for name in given if fnmatchcase(name, pattern)}
        if not meant:
            key, known = f"surgery.resection.divided_ligaments[{number}]", ", ".join(given) or "none"
            raise InputError(key, f'"{pattern}" names no ligament{did_you_mean(pattern, given)}; there are {known}')
        named |= meant
    return named


def _lost(given: Ligament, assembly: Assembly, bones: Bones) -> LostLigament | None:
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


def _spring(given: Ligament, assembly: Assembly, key: str, line: Line | None) -> Spring | LostLigament:
    """The spring between two patches of facets; on a line, ends are where the line passes them."""
    attached = [_attached(end, assembly, f"{key}.ends[{number}]") for number, end in enumerate(given.ends)]
    (one, first), (other, last) = attached
    if line is not None:
        along = [(end - line.point) @ line.direction for end in (first, last)]
        if along[1] - along[0] < APART:
            body = given.ends[1].body
            return LostLigament(given.name, body, line.point, f"its facet on {body} is not behind the other one")
        first, last = (line.point + share * line.direction for share in along)
    if not np.linalg.norm(last - first) > 0.0:
        raise InputError(f"{key}.ends", "both are in one place; move one of them")
    return Spring(
        given.name,
        ((given.ends[0].body, one), (given.ends[1].body, other)),
        np.array([first, last]),
        given.stiffness,
        slack=given.slack,
        pretension=given.pretension,
        tension_only=given.tension_only,
        compression_only=given.compression_only,
        knee=np.inf if given.knee is None else given.knee,
        stiffer=1.0 if given.stiffness_beyond is None else given.stiffness_beyond / given.stiffness,
    )


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
