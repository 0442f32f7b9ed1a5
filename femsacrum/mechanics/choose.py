"""Which law each contact follows: the case's rules, and penalty slopes from the stiffness of the neighbours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.model import Ints
from femsacrum.case.schema import Case, InterfaceRule
from femsacrum.errors import InputError
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface, Law
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.surgery.construct import Contact

#: Penalty slope over E/h of the softer neighbour. An element deforms by p h / E under a pressure p and the penalty by
#: p / k, so penetration and elastic slip are one such part of what one element layer gives (measured: docs/mechanics.md).
BONDED_FACTOR = 50.0


def interfaces(
    case: Case, assembly: Assembly, materials: Mapping[str, BodyMaterial]
) -> tuple[Interface, ...]:  # fmt: skip
    """Give every contact of the construct its law.

    The first rule of ``case.interfaces`` whose ``between`` names both bodies (by name, role or "*") decides. Anatomical
    contacts and screws that no rule names are bonded.

    Args:
        case: Rules.
        assembly: Meshed bodies and their contacts.
        materials: Stiffness, for the default slopes.

    Returns:
        One interface per contact, in the construct's order.

    Raises:
        InputError: A contact without a rule, friction for a bonded rule, none for a frictional one, or a frictional
            rule for bone and soft tissue that are grown together.
    """
    for i, rule in enumerate(case.interfaces):
        _assert_sound(rule, f"interfaces[{i}]")
    screws = {screw.name: screw for screw in assembly.construct.screws}
    chosen = []
    for contact in assembly.construct.contacts:
        found = _rule(case, contact, assembly)
        slope = _stiffness(contact, assembly, materials)
        chosen.append(Interface(contact, _law(contact, found, slope), screws.get(contact.screw or "")))
    return tuple(chosen)


def _assert_sound(rule: InterfaceRule, key: str) -> None:
    """What the schema cannot see: friction belongs to frictional rules and only there."""
    if rule.law == "bonded" and rule.friction is not None:
        raise InputError(f"{key}.friction", f"{rule.friction:g} given for a bonded interface; take it out")
    if rule.law == "frictional" and rule.friction is None:
        raise InputError(f"{key}.friction", "missing; a frictional interface needs one, for example 0.4")


def _rule(case: Case, contact: Contact, assembly: Assembly) -> tuple[str, InterfaceRule] | None:
    """First rule that matches, in either direction, with its key."""
    sides = [{name, assembly.bodies[name].role, "*"} for name in (contact.slave[0], contact.master[0])]
    for i, rule in enumerate(case.interfaces):
        one, other = rule.between
        if (one in sides[0] and other in sides[1]) or (one in sides[1] and other in sides[0]):
            return f"interfaces[{i}]", rule
    return None


def _law(contact: Contact, found: tuple[str, InterfaceRule] | None, slope: float) -> Law:
    if found is None:
        if contact.kind in ("anatomical", "embedded"):
            return Bonded(BONDED_FACTOR * slope)
        raise InputError(
            "interfaces", f'no rule matches "{contact.name}" ({contact.slave[0]} on {contact.master[0]}); add one'
        )
    key, rule = found
    if rule.law == "bonded":
        return Bonded(rule.stiffness if rule.stiffness is not None else BONDED_FACTOR * slope)
    if contact.kind != "surface":
        raise InputError(
            f"{key}.law", f'"frictional" reaches "{contact.name}", which is {contact.kind}; only "bonded" is possible'
        )
    return Frictional(float(rule.friction or 0.0), rule.stiffness, rule.stiffness)


def _stiffness(contact: Contact, assembly: Assembly, materials: Mapping[str, BodyMaterial]) -> float:
    """E/h of the softer side [MPa/mm]: median over the cells at the face (the whole body around a screw)."""
    slopes = []
    for name, face in (contact.slave, contact.master):
        body = assembly.bodies[name]
        whole = contact.kind == "embedded"
        cells = np.arange(len(body.cells)) if whole else _cells_at(body, body.facets_of(face))
        corners = body.nodes[body.cells[cells][:, :4]]
        volume = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0
        # edge of the regular tetrahedron of the same volume
        size = np.cbrt(6.0 * np.sqrt(2.0) * volume)
        slopes.append(float(np.median(materials[name].youngs_modulus[cells] / size)))
    return min(slopes)


def _cells_at(body: BodyMesh, facets: Ints) -> Ints:
    """Cells with a corner on the facets."""
    on_face = np.zeros(len(body.nodes), dtype=bool)
    on_face[facets[:, :3]] = True
    return np.flatnonzero(on_face[body.cells[:, :4]].any(axis=1))
