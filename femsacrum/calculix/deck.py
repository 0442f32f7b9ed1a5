"""Decks for CalculiX: the mesh, the model, and for every load case a file that ``ccx`` runs as it is.

Solids, materials, supports, bonds, threads, the cortex and kinematic pilots are carried exactly (what is no solid as springs
on equations, see ``rows``); frictional faces by CalculiX's own contact. What cannot be carried is told, in the deck too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.calculix.contact import contact_lines, ligament_lines
from femsacrum.calculix.materials import CARDS, cards, material_lines
from femsacrum.calculix.rows import Numbering, bond_rows, hold_rows, spring_lines, word
from femsacrum.calculix.shared import shared_numbers
from femsacrum.errors import InputError
from femsacrum.loads.loadcase import LoadCase
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Bolt, Frictional, Healing, Interface, Spring, Thread, UserLaw
from femsacrum.mechanics.loading import hold, nodal_loads
from femsacrum.mechanics.membrane import strain_rows
from femsacrum.mechanics.system import System, is_linear
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.exchange.inp import write_inp

MESH, MODEL = "mesh.inp", "model.inp"


@dataclass(frozen=True)
class Deck:
    """What was written.

    Attributes:
        mesh: Nodes, elements, sets and surfaces.
        model: Materials, bonds, contact, cortex.
        load_cases: Load case -> the file that ``ccx`` runs (by its name without .inp, in its folder).
        nodes: Body name -> number in the deck of each node, shape (n,).
        remarks: What is not as this program has it.
    """

    mesh: Path
    model: Path
    load_cases: Mapping[str, Path]
    nodes: Mapping[str, Ints]
    remarks: tuple[str, ...]


def write_deck(
    folder: str | Path,
    bodies: Mapping[str, BodyMesh],
    materials: Mapping[str, BodyMaterial],
    interfaces: Sequence[Interface],
    load_cases: Sequence[LoadCase],
    bolts: Sequence[Bolt] = (),
    springs: Sequence[Spring] = (),
    *,
    shared_nodes: bool = False,
    most_cards: int = CARDS,
) -> Deck:
    """Write the decks of a model.

    Args:
        folder: Where, a folder that is there.
        bodies: Body name -> mesh.
        materials: Body name -> stiffness.
        interfaces: Contacts with their laws.
        load_cases: Forces and supports; a file for each.
        bolts: Tightened screws; they are told, not carried.
        springs: Springs and ligaments.
        shared_nodes: Bonded faces whose nodes lie on each other share them, in place of the springs of the bond.
        most_cards: Materials for one body whose stiffness varies from cell to cell.

    Raises:
        InputError: A contact follows a law of the user's, or has a gap that the saw left: a deck holds neither.
    """
    for each in interfaces:
        if isinstance(each.law, UserLaw):
            problem = f'follows the user\'s law "{each.law.name}", which CalculiX cannot run; give it another for the export'
            raise InputError(f'contact "{each.contact.name}"', problem)
        if each.contact.opening is not None:
            problem = "has a gap that the saw left, which a deck does not hold; take out surgery.resection.sawn"
            raise InputError(f'contact "{each.contact.name}"', problem)
    system = System(bodies, materials, interfaces, (), springs)
    numbers, merged = shared_numbers(bodies, interfaces if shared_nodes else ())
    node = np.empty(len(system.nodes), dtype=np.int64)
    for name in bodies:
        node[system.numbers[name]] = numbers[name]
    numbering = Numbering(node, sum(len(body.cells) for body in bodies.values()))
    sorted_cells = {name: cards(body, materials[name], most_cards) for name, body in bodies.items()}
    remarks = [
        f"the moduli of {len(bodies[name].cells)} cells in {len(each.constants)} materials, at most "
        f"{100.0 * each.deviation:.2g} % off: {name}"
        for name, each in sorted_cells.items()
        if each.deviation
    ]
    remarks += _remarks(interfaces, bolts, springs)
    place = Path(folder)
    write_inp(place / MESH, bodies, numbers)
    head = [f"** not as in femsacrum: {remark}" for remark in remarks]
    with (place / MODEL).open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in (*head, f"*INCLUDE, INPUT={MESH}"))
        first = 1
        for name, body in bodies.items():
            file.writelines(f"{line}\n" for line in material_lines(name, materials[name], sorted_cells[name], first))
            first += len(body.cells)
        file.writelines(f"{line}\n" for line in _joints(system, materials, merged, numbering))
    files: dict[str, Path] = {}
    ends = (numbering.last_node, numbering.last_element)
    for load_case in load_cases:
        numbering.last_node, numbering.last_element = ends
        files[load_case.name] = place / _unused(
            load_case.name, {MESH, MODEL, *(file.name for file in files.values())}
        )
        with files[load_case.name].open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in head)
            file.writelines(f"{line}\n" for line in _load_case(system, load_case, numbering))
    return Deck(place / MESH, place / MODEL, files, numbers, tuple(remarks))


def _unused(load_case: str, taken: set[str]) -> str:
    """Name of a load case's file that no other file has."""
    name, number = word(load_case), 2
    while f"{name}.inp".lower() in {one.lower() for one in taken}:
        name, number = f"{word(load_case)}_{number}", number + 1
    return f"{name}.inp"


def _remarks(interfaces: Sequence[Interface], bolts: Sequence[Bolt], springs: Sequence[Spring]) -> Iterator[str]:
    """What the deck does not carry, or carries otherwise; each with the names of what it is said of."""
    told: dict[str, list[str]] = {}
    touching = False
    for each in interfaces:
        about, law = [], each.law
        contact = law.contact if isinstance(law, Healing) else law
        if isinstance(contact, Frictional) and not (isinstance(law, Healing) and law.union >= 1.0):
            touching = True
            about.append("friction at the points of CalculiX's own contact, surface to surface")
            if contact.normal_stiffness is None:
                about.append("contact by a penalty, where femsacrum enforces it exactly")
            if contact.interference:
                about.append(f"the press-fit of {contact.interference:g} mm is left out")
        if isinstance(law, Thread) and np.isfinite(law.strength):
            about.append("the thread is elastic, its pull-out strength is left out")
        for remark in about:
            told.setdefault(remark, []).append(each.contact.name)
    for bolt in bolts:
        told.setdefault("tightening is left out", []).append(bolt.name)
    bent = [each.name for each in springs if each.tension_only or each.compression_only or each.stiffer != 1.0]
    if bent and not touching:
        told["a slope at rest kept under load (CalculiX iterates only with contact)"] = bent
    for remark, names in told.items():
        yield f"{remark}: {', '.join(names)}"


def _joints(
    system: System, materials: Mapping[str, BodyMaterial], merged: Sequence[Interface], numbering: Numbering
) -> Iterator[str]:
    """Lines of everything between the bodies, and of the cortex."""
    for each in system.interfaces:
        name = word(each.contact.name)
        if each in merged:
            yield f"** bond {each.contact.name}: shared nodes"
        elif is_linear(each) or isinstance(each.law, Thread):
            yield f"** bond {each.contact.name}"
            yield from spring_lines(f"BOND_{name}", bond_rows(system, each), numbering)
        else:
            if isinstance(each.law, Healing) and each.law.union > 0.0:
                yield f"** union {each.contact.name}"
                yield from spring_lines(f"UNION_{name}", bond_rows(system, each), numbering)
            yield from contact_lines(system, each)
    for spring in system.springs:
        yield from ligament_lines(system, spring, numbering)
    for name, body in system.bodies.items():
        cortex = materials[name].cortex
        if cortex is not None:
            yield f"** cortex {name}: a membrane at its own mid-surface, three strains a triangle"
            rows = sparse.coo_array(strain_rows(body, cortex))
            line, column = rows.coords
            there = 3 * system.numbers[name][column // 3] + column % 3
            shape = (rows.shape[0], 3 * len(system.nodes))
            everywhere = sparse.csr_array((rows.data, (line, there)), shape=shape)
            yield from spring_lines(f"CORTEX_{name}", everywhere, numbering)


def _load_case(system: System, load_case: LoadCase, numbering: Numbering) -> Iterator[str]:
    yield f"** load case {load_case.name}"
    yield f"*INCLUDE, INPUT={MODEL}"
    for support in load_case.supports:
        yield f"** support {support.name}: {support.kind}"
        rows = hold_rows(hold(system.bodies, system.numbers, support), len(system.nodes))
        yield from spring_lines(f"HOLD_{word(support.name)}", rows, numbering)
    yield from ("*STEP, INC=1000", "*STATIC", "1., 1.", "*CLOAD")
    yield from _forces(nodal_loads(system.bodies, system.numbers, load_case.applied), numbering)
    yield from ("*NODE FILE, NSET=Nall", "U", "*EL FILE", "S, E", "*END STEP")


def _forces(loads: Floats, numbering: Numbering) -> Iterator[str]:
    """Nodal forces, summed where nodes are shared."""
    total = np.zeros((int(numbering.node.max()), 3))
    np.add.at(total, numbering.node - 1, loads.reshape(-1, 3))
    for node, axis in zip(*(index.tolist() for index in np.nonzero(total)), strict=True):
        yield f"{node + 1}, {axis + 1}, {total[node, axis]:.12g}"
