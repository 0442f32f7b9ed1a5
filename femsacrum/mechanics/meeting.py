"""Where the two sides of an interface meet: found once, and again only for another mesh or another contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
from mpi4py import MPI

from femsacrum.errors import NumericalError
from femsacrum.mechanics import coupling
from femsacrum.mechanics.coupling import JumpRows
from femsacrum.mechanics.interfaces import Interface, Thread
from femsacrum.mechanics.threads import along_screw
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.surgery.construct import Contact, Screw

#: What was found, for as long as the meshes it was found for are there.
_found: dict[tuple[Any, ...], tuple[tuple[ReferenceType[Any], ...], JumpRows]] = {}


def jump_rows(bodies: Mapping[str, BodyMesh], interface: Interface, processes: Any = MPI.COMM_SELF) -> JumpRows:
    """Constraint points of one interface; where the saw left a gap beside the plan it is part of the initial one.

    Half of an assembly is spent here, and other materials, laws or loads change nothing of it: one process keeps what it
    found for the same two meshes. Several search together, so that all of them have to.

    Raises:
        NumericalError: Slave and master nowhere meet.
    """
    opening = interface.contact.opening
    as_planned = replace(interface, contact=replace(interface.contact, opening=None))
    rows = _planned(bodies, as_planned, processes)
    return rows if opening is None else replace(rows, initial_gap=rows.initial_gap + opening.at(rows.points))


def _planned(bodies: Mapping[str, BodyMesh], interface: Interface, processes: Any) -> JumpRows:
    """The same with the geometry of the plan, which is what is meshed."""
    contact, law = interface.contact, interface.law
    slave, master = bodies[contact.slave[0]], bodies[contact.master[0]]
    length = law.length if isinstance(law, Thread) else None
    objects = (slave, master, interface.screw or slave)
    key = (*(id(each) for each in objects), contact, length)
    if processes.size == 1 and key in _found and _there(key):
        return _found[key][1]
    rows = _search(slave, master, contact, interface.screw, length, processes)
    if not len(rows.points):
        raise NumericalError(
            f'interface "{contact.name}": no point of {contact.slave[0]} "{contact.slave[1]}" has '
            f'{contact.master[0]} "{contact.master[1]}" within reach'
        )
    if processes.size == 1:
        for gone in [other for other in _found if not _there(other)]:
            del _found[gone]
        _found[key] = tuple(ref(each) for each in objects), rows
    return rows


def _there(key: tuple[Any, ...]) -> bool:
    """Whether the objects are still those with these identities: one that is gone may have left its own to another."""
    return all(one() is not None for one in _found[key][0])


def _search(
    slave: BodyMesh, master: BodyMesh, contact: Contact, screw: Screw | None, length: float | None, processes: Any
) -> JumpRows:
    if contact.kind != "embedded":
        reach = coupling.ANATOMICAL_SEARCH if contact.kind == "anatomical" else None
        facets, opposite = slave.facets_of(contact.slave[1]), master.facets_of(contact.master[1])
        return coupling.surface(slave, facets, master, opposite, reach, processes)
    if screw is None:
        raise NumericalError(f'interface "{contact.name}": embedded, but no screw is given')
    rows = coupling.embedded(slave, screw, master, np.inf if length is None else length)
    return rows if length is None else along_screw(rows, screw)
