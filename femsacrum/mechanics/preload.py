"""From the case to what is tightened and what pulls: bolts and ligaments on the meshed construct."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.case.joining import Attachment
from femsacrum.case.schema import Case
from femsacrum.errors import InputError
from femsacrum.mechanics.interfaces import Bolt, Interface, Spring
from femsacrum.mechanics.system import jump_rows
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Screw


def preload(
    case: Case, assembly: Assembly, interfaces: Sequence[Interface]
) -> tuple[tuple[Bolt, ...], tuple[Spring, ...]]:
    """What acts on the construct besides the contacts of its bodies: tightened screws, and ligaments.

    Raises:
        InputError: See ``bolts`` and ``springs``.
    """
    return bolts(case, assembly, interfaces), springs(case, assembly)


def bolts(case: Case, assembly: Assembly, interfaces: Sequence[Interface]) -> tuple[Bolt, ...]:
    """Screws that the case tightens, each with its section in the stretch between what holds it on either side.

    Args:
        case: Pre-tension.
        assembly: Meshed bodies and the screws of the construct.
        interfaces: Where each screw is held.

    Raises:
        InputError: A pattern that names no screw, a screw named twice, or one that clamps nothing.
    """
    chosen: dict[str, Bolt] = {}
    screws = assembly.construct.screws
    for number, given in enumerate(case.pretension):
        key = f"pretension[{number}].screws"
        named = [screw for screw in screws if fnmatchcase(screw.name, given.screws)]
        if not named:
            known = ", ".join(screw.name for screw in screws)
            raise InputError(key, f'"{given.screws}" names no screw; there are {known}')
        for screw in named:
            if screw.name in chosen:
                raise InputError(key, f'"{screw.name}" is tightened twice; name it once')
            if not _clamps(screw, assembly):
                raise InputError(key, f'"{screw.name}" runs in bone only: it clamps nothing and cannot be tightened')
            axis = (screw.tip - screw.entry) / np.linalg.norm(screw.tip - screw.entry)
            chosen[screw.name] = Bolt(
                screw.name,
                screw.body,
                _between(screw, axis, assembly, interfaces),
                axis,
                0.5 * screw.diameter,
                given.force,
                given.shortening,
                given.loss,
            )
    return tuple(chosen.values())


def _between(screw: Screw, axis: Floats, assembly: Assembly, interfaces: Sequence[Interface]) -> Floats:
    """Point of the axis halfway between the last point held by an implant and the first held by bone [mm].

    A shaft that crosses a plate obliquely is held by both over some stretch; the section then lies in the middle of it.
    """
    last, first = -np.inf, np.inf
    for each in interfaces:
        if each.screw is None or each.screw.name != screw.name:
            continue
        along = (jump_rows(assembly.bodies, each).points - screw.entry) @ axis
        if assembly.bodies[each.contact.master[0]].role == "bone":
            first = min(first, float(along.min()))
        else:
            last = max(last, float(along.max()))
    if not np.isfinite(last + first):
        return screw.tip - screw.purchase * axis
    return screw.entry + 0.5 * (last + first) * axis


def _clamps(screw: Screw, assembly: Assembly) -> bool:
    roles = {assembly.bodies[host].role for host in screw.hosts}
    return "bone" in roles and len(roles) > 1


def springs(case: Case, assembly: Assembly) -> tuple[Spring, ...]:
    """The ligaments of the case, attached to the surfaces of the bodies.

    Args:
        case: Ligaments.
        assembly: Meshed bodies; its anatomy has the landmarks.

    Raises:
        InputError: A body or landmark that is not there, or an attachment without a facet.
    """
    made = []
    for number, given in enumerate(case.ligaments):
        ends, points = [], []
        for end, attachment in enumerate(given.ends):
            facets, point = _attached(attachment, assembly, f"ligaments[{number}].ends[{end}]")
            ends.append((attachment.body, facets))
            points.append(point)
        if not np.linalg.norm(points[1] - points[0]) > 0.0:
            raise InputError(f"ligaments[{number}].ends", "both are in one place; move one of them")
        made.append(
            Spring(
                given.name,
                (ends[0], ends[1]),
                np.array(points),
                given.stiffness,
                given.slack,
                given.pretension,
                given.tension_only,
            )
        )
    return tuple(made)


def _attached(attachment: Attachment, assembly: Assembly, key: str) -> tuple[Ints, Floats]:
    """Corner nodes of the facets round the nearest point of a body's surface, and their centroid."""
    landmarks = assembly.construct.anatomy.landmarks
    if attachment.body not in assembly.bodies:
        raise InputError(
            f"{key}.body", f'no body "{attachment.body}" is left; there are {", ".join(assembly.bodies)}'
        )
    if attachment.landmark is not None and attachment.landmark not in landmarks:
        raise InputError(f"{key}.landmark", f'this anatomy has no "{attachment.landmark}"; give a point')
    place = np.array(attachment.point if attachment.landmark is None else landmarks[attachment.landmark], dtype=float)
    body = assembly.bodies[attachment.body]
    corners = body.nodes[body.facets[:, :3]]
    middle = corners.mean(axis=1)
    nearest = int(np.linalg.norm(middle - place, axis=1).argmin())
    off = float(np.linalg.norm(middle[nearest] - place))
    if off > 3.0 * attachment.radius:
        raise InputError(key, f"lies {off:.0f} mm from {attachment.body}; place it on its surface")
    inside = np.linalg.norm(middle - middle[nearest], axis=1) <= attachment.radius
    area = 0.5 * np.linalg.norm(
        np.cross(corners[inside, 1] - corners[inside, 0], corners[inside, 2] - corners[inside, 0]), axis=1
    )
    return body.facets[inside][:, :3], area @ middle[inside] / area.sum()
