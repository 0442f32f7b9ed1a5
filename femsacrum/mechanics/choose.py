"""Which law each contact follows: the case's rules, and penalty slopes from the stiffness of the neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from femsacrum.anatomy.model import Ints
from femsacrum.case.names import LAW_KEYS
from femsacrum.case.schema import Case, InterfaceRule
from femsacrum.errors import InputError
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Bonded, Frictional, Healing, Interface, Law, Thread, UserLaw
from femsacrum.mechanics.user_law import load
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.paths import locate
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Contact

#: Slope of a bond over M/h of the softer neighbour, M the modulus of a layer that cannot widen. A layer of elements deforms
#: by p h / M under a pressure p and the bond by p / k: one such part of that. Young's modulus would not do for M: discs and
#: cartilage, thin and held on both sides, are up to four times as stiff (``benchmarks.validation.calculix_assemblies``).
BONDED_FACTOR = 50.0
#: What a screw's thread may give way in.
GIVING = ("bone", "graft")


def interfaces(
    case: Case,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    folder: Path | None = None,
    data: Sequence[Path] = (),
) -> tuple[Interface, ...]:
    """Give every contact of the construct its law.

    The first rule of ``case.interfaces`` whose ``between`` names both bodies (by name, role or "*") decides. Anatomical
    contacts that no rule names are bonded, and screws are in what holds them: in bone with the give that was measured.

    Args:
        case: Rules.
        assembly: Meshed bodies and their contacts.
        materials: Stiffness, for the default slopes.
        folder: Folder that the files of users' laws are relative to.
        data: Data folders, where they may be as well.

    Returns:
        One interface per contact, in the construct's order.

    Raises:
        InputError: A contact without a rule, a rule that lacks what its law needs, a law that cannot act there, or a
            user's file that cannot be read.
    """
    for i, rule in enumerate(case.interfaces):
        _assert_sound(rule, f"interfaces[{i}]")
    screws = {screw.name: screw for screw in assembly.construct.screws}
    chosen = []
    for contact in assembly.construct.contacts:
        found = _rule(case, contact, assembly)
        slope = _stiffness(contact, assembly, materials)
        rigid, give = BONDED_FACTOR * slope, _give(contact, found, assembly)
        law = _law(contact, found, (rigid, 1.0 / (1.0 / rigid + give)), (folder or Path(), data))
        chosen.append(Interface(contact, law, screws.get(contact.screw or ""), give))
    return tuple(chosen)


def _assert_sound(rule: InterfaceRule, key: str) -> None:
    """What the schema cannot see: a law has the keys it needs and no others."""
    needed, read = LAW_KEYS[rule.law]
    for name in needed:
        if getattr(rule, name) is None:
            raise InputError(f"{key}.{name}", f'missing; law "{rule.law}" needs it')
    for name in {key for keys in LAW_KEYS.values() for both in keys for key in both} - {*needed, *read}:
        if getattr(rule, name) is not None:
            raise InputError(f"{key}.{name}", f'given for law "{rule.law}", which does not read it; take it out')


def _rule(case: Case, contact: Contact, assembly: Assembly) -> tuple[str, InterfaceRule] | None:
    """First rule that matches, in either direction, with its key."""
    sides = [{name, assembly.bodies[name].role, "*"} for name in (contact.slave[0], contact.master[0])]
    for i, rule in enumerate(case.interfaces):
        one, other = rule.between
        if (one in sides[0] and other in sides[1]) or (one in sides[1] and other in sides[0]):
            return f"interfaces[{i}]", rule
    return None


def _give(contact: Contact, found: tuple[str, InterfaceRule] | None, assembly: Assembly) -> float:
    """Compliance per area [mm3/N] of what a screw is in, in series with its bond.

    Bone gives way round a thread that no rule says the stiffness of. A screw in metal or in soft tissue is fast, and so is
    one that a rule bonds.
    """
    sides = {assembly.bodies[name].role for name in (contact.slave[0], contact.master[0])}
    rule = found[1] if found is not None else None
    left_open = rule is None or (rule.law == "thread" and rule.stiffness is None)
    if contact.kind == "embedded" and sides & set(GIVING) and left_open:
        return 1.0 / constant("screws", "bond").value
    return 0.0


def _law(
    contact: Contact,
    found: tuple[str, InterfaceRule] | None,
    bonds: tuple[float, float],
    roots: tuple[Path, Sequence[Path]],
) -> Law:
    rigid, given = bonds
    if found is None:
        if contact.kind in ("anatomical", "embedded"):
            return Bonded(given)
        raise InputError(
            "interfaces", f'no rule matches "{contact.name}" ({contact.slave[0]} on {contact.master[0]}); add one'
        )
    key, rule = found
    if contact.opening is not None and rule.law in ("bonded", "user"):
        raise InputError(
            f"{key}.law",
            f'"{rule.law}" reaches "{contact.name}", where the saw left a gap: take "frictional" or "healing"',
        )
    left_out = given if rule.law == "thread" else rigid
    bond = rule.stiffness if rule.stiffness is not None else left_out
    where = f'"{rule.law}" reaches "{contact.name}", which is {contact.kind}'
    if rule.law == "bonded":
        return Bonded(bond)
    if rule.law == "user":
        return _users(key, rule, *roots)
    if rule.law == "thread":
        if contact.kind != "embedded":
            raise InputError(f"{key}.law", f"{where}; only a screw has a thread")
        strength, length = rule.pull_out_strength or np.inf, rule.thread_length or np.inf
        return Thread(bond, float(rule.thread_stiffness or 0.0), strength, length)
    if contact.kind != "surface":
        raise InputError(f"{key}.law", f'{where}; only "bonded" is possible')
    layer = rule.stiffness if rule.law == "frictional" else None
    contact_law = Frictional(float(rule.friction or 0.0), layer, layer, rule.interference or 0.0)
    return contact_law if rule.law == "frictional" else Healing(float(rule.union or 0.0), bond, contact_law)


def _users(key: str, rule: InterfaceRule, folder: Path, data: Sequence[Path]) -> UserLaw:
    """A user's law with the text of its file, which the result depends on."""
    path, _, function = str(rule.function).rpartition(":")
    file = locate(path, folder, data, f"{key}.function")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{key}.function", f"{file} cannot be read: {error}") from None
    law = UserLaw(str(rule.function), text, function, rule.parameters or {})
    load(law)  # so that a file that does not run is told before the solve
    return law


def _stiffness(contact: Contact, assembly: Assembly, materials: Mapping[str, BodyMaterial]) -> float:
    """M/h of the softer side [MPa/mm]: median over the cells at the face (the whole body around a screw)."""
    slopes = []
    for name, face in (contact.slave, contact.master):
        body = assembly.bodies[name]
        whole = contact.kind == "embedded"
        cells = np.arange(len(body.cells)) if whole else _cells_at(body, body.facets_of(face))
        corners = body.nodes[body.cells[cells][:, :4]]
        volume = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0
        # edge of the regular tetrahedron of the same volume
        size = np.cbrt(6.0 * np.sqrt(2.0) * volume)
        slopes.append(float(np.median(materials[name].confined()[cells] / size)))
    return min(slopes)


def _cells_at(body: BodyMesh, facets: Ints) -> Ints:
    """Cells with a corner on the facets."""
    on_face = np.zeros(len(body.nodes), dtype=bool)
    on_face[facets[:, :3]] = True
    return np.flatnonzero(on_face[body.cells[:, :4]].any(axis=1))
