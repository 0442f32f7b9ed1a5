"""Everything that is measured on a solved case, as one mapping that becomes ``findings.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from femsacrum.case.schema import Case
from femsacrum.findings import incorporation, micromotion
from femsacrum.findings.alignment import alignment
from femsacrum.findings.beams import beams
from femsacrum.findings.bone import bone
from femsacrum.findings.bone_quality import changes, from_image, ranged
from femsacrum.findings.deformation import deformation
from femsacrum.findings.first_damage import first_damage
from femsacrum.findings.fit import fit
from femsacrum.findings.guide import guide
from femsacrum.findings.limits import limits
from femsacrum.findings.margins import margins
from femsacrum.findings.nerves import nerves
from femsacrum.findings.overload import overload
from femsacrum.findings.quantities import cited, place, quantity, vector
from femsacrum.findings.screw_margins import screw_margins
from femsacrum.findings.stress import implant, strain
from femsacrum.findings.validity import validity
from femsacrum.loads.loadcase import LoadCase
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.materials.modifiers import factor, strengths
from femsacrum.mechanics.interfaces import BoltState, Interface, LoadCaseSolution, LostLigament, Spring, undetermined
from femsacrum.meshing.bodies import Assembly

SCHEMA_VERSION = 1

_THRESHOLDS = (
    "vertebra_yield_tension", "vertebra_yield_compression", "pelvis_yield_tension", "pelvis_yield_compression",
    "cortex_yield_tension", "cortex_yield_compression", "overload", "small_rotation", "gives_way", "equilibrium",
)  # fmt: skip


def measure(
    case: Case,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    interfaces: tuple[Interface, ...],
    load_cases: tuple[LoadCase, ...],
    solutions: Mapping[str, LoadCaseSolution] | tuple[LoadCaseSolution, ...],
    lost: tuple[LostLigament, ...] = (),
    springs: tuple[Spring, ...] = (),
) -> dict[str, Any]:
    """Measures every load case.

    Args:
        case: What was asked.
        assembly: Meshed bodies.
        materials: Body name -> elasticity and yield stress.
        interfaces: Every contact with its law.
        load_cases: What was applied.
        solutions: What was solved, in the same order, or by load-case name.
        lost: Ligaments that were left out.
        springs: Ligaments that hold.

    Returns:
        A mapping JSON can hold; every number stands as ``{"value": ..., "unit": ...}``.
    """
    solved = solutions if isinstance(solutions, Mapping) else {solution.name: solution for solution in solutions}
    construct = assembly.construct
    strength = strengths(case.patient.modifiers, {name: body.role for name, body in assembly.bodies.items()})
    given = (assembly, materials, interfaces, springs, strength)
    cases = {lc.name: _load_case(*given, lc, solved[lc.name]) for lc in load_cases}
    image = from_image(materials)
    return {
        "schema_version": SCHEMA_VERSION,
        "case": case.name,
        "question": case.question,
        "plan": case.surgery.plan,
        "patient": {"mass": quantity(case.patient.mass, "kg"), "description": case.patient.description},
        "anatomy": {
            "origin": dict(construct.anatomy.origin),
            "measures": _with_units(construct.anatomy.measures),
            "label_map": {part: _with_units(row) for part, row in construct.anatomy.fidelity.items()},
            "landmarks": {
                name: {**place(point), "origin": construct.anatomy.landmark_origin.get(name, "")}
                for name, point in construct.anatomy.landmarks.items()
            },
        },
        "surgery": {
            "grafts": _grafts(case),
            "measures": _with_units(construct.measures),
            "screws": _screws(assembly),
        },
        "margins": margins(construct.margins),
        "nerves": nerves(assembly, [solved[lc.name] for lc in load_cases]),
        "guide": guide(construct.guide),
        "lost_ligaments": {one.name: _lost(one) for one in lost},
        "fit": fit(construct.fits),
        "alignment": alignment(assembly, {lc.name: solved[lc.name] for lc in load_cases}),
        "mesh": _mesh(assembly),
        "beams": beams(assembly),
        "materials_from_image": image,
        "modifiers": changes(case.patient.modifiers),
        "load_cases": cases,
        "incorporation": {"rule": incorporation.rule(), "faces": _worst_faces(case, assembly, interfaces, cases)},
        "thresholds": {key: cited(key) for key in _THRESHOLDS},
        "limits": limits(case, image, construct.margins is not None, construct.nerves is not None),
    }


def _load_case(
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    interfaces: tuple[Interface, ...],
    springs: tuple[Spring, ...],
    strength: Mapping[str, float],
    load_case: LoadCase,
    solution: LoadCaseSolution,
) -> dict[str, Any]:
    implants, bones = {}, {}
    for name, mesh in assembly.bodies.items():
        if mesh.role in ("implant", "fixation"):
            strained = strain(mesh, solution.strained(name))
            implants[name] = implant(mesh, materials[name], strained, assembly.construct)
        elif mesh.role in ("bone", "graft"):
            strained = strain(mesh, solution.strained(name))
            bones[name] = bone(mesh, strained, materials[name].cortex, solution.strained(name), strength[name])
    joined = {i.contact.name: i for i in interfaces}
    states = {name: state for name, state in solution.interfaces.items() if name in joined and len(state.area)}
    # beside the grafts, what the saw left a gap at: its motion alone would look well
    faces = [name for name in states if _graft_of(assembly, joined[name]) or joined[name].contact.opening is not None]
    loose = undetermined(interfaces, solution)
    return {
        "statics": _statics(load_case),
        "deformation": deformation(assembly, load_case, solution),
        "implants": implants,
        "bones": bones,
        "overload": overload(assembly, (solution,), strength),
        "first_damage": first_damage(assembly, load_case, solution, springs, strength),
        "screws": screw_margins(assembly, (solution,), materials, strength),
        "interfaces": {
            name: micromotion.interface(joined[name], state, loose=name in loose) for name, state in states.items()
        },
        "incorporation": {
            name: {"graft": _graft_of(assembly, joined[name])} | incorporation.face(states[name], loose=name in loose)
            for name in faces
        },
        "bolts": {name: _bolt(state) for name, state in solution.bolts.items()},
        "ligaments": {
            name: {"tension": quantity(state.tension, "N"), "elongation": quantity(1e3 * state.elongation, "um")}
            for name, state in solution.springs.items()
        },
        "equilibrium": _equilibrium(load_case, solution),
        "validity": validity(
            assembly, solution, implants, bones, {name: states[name] for name in states if name not in loose}
        ),
        "increments": len(solution.increments),
    }


def _lost(one: LostLigament) -> dict[str, Any]:
    return {"body": one.body, "at": None if one.at is None else place(one.at), "why": one.why}


def _bolt(state: BoltState) -> dict[str, Any]:
    return {
        "tension": quantity(state.tension, "N"),
        "preload": quantity(state.preload, "N"),
        "shortening": quantity(1e3 * state.shortening, "um"),
    }


def _graft_of(assembly: Assembly, joined: Interface) -> str | None:
    """The graft on one side of a contact between faces, or None."""
    for body, _ in (joined.contact.slave, joined.contact.master):
        if joined.contact.kind == "surface" and body in assembly.bodies and assembly.bodies[body].role == "graft":
            return body
    return None


def _statics(load_case: LoadCase) -> dict[str, Any]:
    return {
        "applied": [
            {
                "name": load.name,
                "body": load.body,
                "force": vector(load.force, "N"),
                "moment": vector(load.moment, "N mm"),
                "at": vector(load.point, "mm"),
                "source": load.source,
            }
            for load in load_case.applied
        ],
        "imbalance": quantity(100.0 * load_case.imbalance, "%BW"),
        "measures": _with_units(load_case.measures),
    }


def _equilibrium(load_case: LoadCase, solution: LoadCaseSolution) -> dict[str, Any]:
    supports = {}
    scale = max(float(np.linalg.norm(load.force)) for load in load_case.applied)
    off = 0.0
    pilots = {support.name for support in load_case.supports if support.kind == "rigid"}
    for name, force in solution.reactions.items():
        if name in pilots:  # holds nothing to the ground
            continue
        supports[name] = {"reaction": vector(force, "N")}
        if name in solution.reaction_moments:
            supports[name]["moment_about_origin"] = vector(solution.reaction_moments[name], "N mm")
        if name in load_case.expected_reactions:
            expected = load_case.expected_reactions[name]
            supports[name]["expected"] = vector(expected, "N")
            off = max(off, float(np.linalg.norm(force - expected)) / scale)
    return {
        "supports": supports,
        "force_imbalance": quantity(solution.force_imbalance, "1"),
        "moment_imbalance": quantity(solution.moment_imbalance, "1"),
        "reactions_off_statics": quantity(off if load_case.expected_reactions else None, "1"),
    }


def _worst_faces(
    case: Case, assembly: Assembly, interfaces: tuple[Interface, ...], cases: Mapping[str, Any]
) -> dict[str, Any]:
    """The worst grade of each face, and beside it what the case says about healing there."""
    between = {joined.contact.name: (joined.contact.slave[0], joined.contact.master[0]) for joined in interfaces}
    names = sorted({name for found in cases.values() for name in found["incorporation"]})
    worst = {}
    for name in names:
        risks = {
            lc: found["incorporation"][name]["risk"] for lc, found in cases.items() if name in found["incorporation"]
        }
        bodies = {body: assembly.bodies[body].role for body in between[name]}
        healing = ranged(factor(case.patient.modifiers, "healing", bodies))
        worst[name] = {"risk": incorporation.worst(list(risks.values())), "by_load_case": risks, "healing": healing}
    return worst


def _grafts(case: Case) -> dict[str, Any] | None:
    """What the grafts are, as the case says it; None where there are none."""
    graft = case.surgery.graft
    return None if graft is None else {"kind": graft.kind, "vascularised": graft.vascularised}


def _screws(assembly: Assembly) -> list[dict[str, Any]]:
    return [
        {
            "name": screw.name,
            "diameter": quantity(screw.diameter, "mm"),
            "purchase": quantity(screw.purchase, "mm"),
            "clearance": quantity(screw.clearance, "mm"),
            "hosts": list(screw.hosts),
        }
        for screw in assembly.construct.screws
    ]


def _mesh(assembly: Assembly) -> dict[str, Any]:
    rows = {
        name: {
            "role": mesh.role,
            "order": mesh.order,
            "tetrahedra": len(mesh.cells),
            "nodes": len(mesh.nodes),
            "volume": quantity(mesh.volume(), "mm3"),
            "gamma_min": quantity(assembly.quality.get(name, {}).get("gamma_min"), "1"),
        }
        for name, mesh in assembly.bodies.items()
    }
    return {"bodies": rows, "tetrahedra": sum(len(mesh.cells) for mesh in assembly.bodies.values())}


def _with_units(measures: Mapping[str, float]) -> dict[str, Any]:
    """``"height [mm]": 3.0`` becomes ``"height": {"value": 3.0, "unit": "mm"}``."""
    found = {}
    for name, value in measures.items():
        word, _, unit = name.partition(" [")
        found[word] = quantity(float(value), unit.rstrip("]") or "1")
    return found
