"""From the case to what is tightened and what pulls: bolts, and with them ligaments, on the meshed construct."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Case
from femsacrum.errors import InputError
from femsacrum.mechanics.interfaces import Bolt, Interface, LostLigament, Spring
from femsacrum.mechanics.ligaments import ligaments
from femsacrum.mechanics.meeting import jump_rows
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Screw


def preload(
    case: Case, assembly: Assembly, interfaces: Sequence[Interface]
) -> tuple[tuple[Bolt, ...], tuple[Spring, ...], tuple[LostLigament, ...]]:
    """What acts on the construct besides the contacts of its bodies: tightened screws and ligaments; and lost ligaments.

    Raises:
        InputError: See ``bolts`` and ``ligaments``.
    """
    return bolts(case, assembly, interfaces), *ligaments(case, assembly)


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
