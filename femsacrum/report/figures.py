"""The pictures of a run: what was planned, what was meshed, what was applied, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femsacrum.aftermath import Aftermath
from femsacrum.case.schema import Case
from femsacrum.course.against_intact import Solved
from femsacrum.loads.loadcase import Cycle, LoadCase
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Interface, LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import (
    accuracy,
    faces,
    fields,
    forces,
    gaps,
    guide,
    guide_sway,
    healing,
    margins,
    movements,
    nerves,
    overload,
    plan,
)
from femsacrum.report.movements import weight_of
from femsacrum.report.scene import assert_drawable

#: Loads of which each is drawn with the faces it acts on; muscles are more than can be labelled there.
FEW = 8


@dataclass(frozen=True)
class Figure:
    """One picture of the report.

    Attributes:
        path: PNG file.
        title: In a few words.
        caption: What is drawn and how to read it.
        load_case: Name of the load case or movement it shows, None for all of them.
        kind: What it shows: "stress", "cycle_micromotion", ...
    """

    path: Path
    title: str
    caption: str
    load_case: str | None = None
    kind: str = ""


def draw(
    folder: Path,
    case: Case,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    interfaces: tuple[Interface, ...],
    load_cases: tuple[LoadCase, ...],
    solutions: tuple[LoadCaseSolution, ...],
    findings: Mapping[str, Any],
    cycles: tuple[Cycle, ...],
    after: Aftermath,
    untouched: Solved | None,
) -> list[Figure]:
    """Draws every figure into a folder.

    Args:
        folder: Where the PNG files go; made if absent.
        case: What was asked.
        assembly: Meshed bodies.
        materials: Body name -> elasticity.
        interfaces: Contacts with their laws.
        load_cases: What was applied.
        solutions: What was solved, in the same order.
        findings: What was measured.
        cycles: Movements.
        after: What came of them, and of the months.
        untouched: The same patient's intact model; None: not asked for.

    Raises:
        InputError: Nothing can be drawn on this machine.
    """
    assert_drawable()
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Figure] = []

    def add(
        name: str, paint: Callable[..., tuple[str, str] | None], *args: Any, load_case: str | None = None
    ) -> None:
        stem = name if load_case is None else f"{name}_{slug(load_case)}"
        told = paint(folder / f"{stem}.png", *args)
        if told is not None:
            made.append(Figure(folder / f"{stem}.png", told[0], told[1], load_case, name))

    add("anatomy_and_plan", plan.anatomy_and_plan, assembly)
    add("margins", margins.margins, assembly)
    add("margin_faces", margins.faces, assembly.construct.margins)
    add("nerves", nerves.nerves, assembly)
    add("nerve_strains", nerves.strains, findings["nerves"])
    add("guide", guide.on_bone, assembly)
    add("guide_parts", guide.parts, assembly)
    add("guide_sway", guide_sway.sway, findings.get("guide_under_saw"))
    add("fit", gaps.gaps, assembly.construct.fits)
    if case.course.accuracy is not None:
        add("margin_chance", accuracy.margin_map, assembly, after.drawn)
        add("accuracy", accuracy.chances, assembly, after.drawn, case.course.accuracy.probability)
    add("mesh", plan.mesh, assembly)
    strained = [fields.strains(assembly, solution) for solution in solutions]
    top = fields.stress_scale(assembly, materials, strained)
    for load_case, solution, inside in zip(load_cases, solutions, strained, strict=True):
        name = load_case.name
        add("forces", forces.forces, assembly, load_case, weight_of(case), load_case=name)
        if len(load_case.applied) <= FEW:
            add("loads", plan.loads, assembly, load_case, solution, load_case=name)
        add("deformation", fields.deformation, assembly, solution, load_case=name)
        add("stress", fields.stress, assembly, materials, inside, findings, name, top, load_case=name)
        add("micromotion", faces.micromotion, assembly, interfaces, solution, load_case=name)
        add("pressure", faces.pressure, assembly, interfaces, solution, load_case=name)
        add("bone_strain", fields.bone_strain, assembly, inside, name, load_case=name)
        overloaded = findings["load_cases"][name]["overload"]
        add("overload", movements.overloaded, case, assembly, (solution,), overloaded, name, load_case=name)
        if untouched is not None:
            changed = findings["against_intact"]["load_cases"].get(name, {}).get("shielding")
            shielding = (assembly, materials, solution, untouched, changed)
            add("shielding", overload.beside_untouched, *shielding, load_case=name)
    for cycle, gait in zip(cycles, after.gaits, strict=True):
        found = findings["movements"][cycle.name]
        for kind, paint, given in movements.pictures(case, assembly, materials, interfaces, cycle, gait, found):
            add(kind, paint, *given, load_case=cycle.name)
    if after.healed is not None:
        add("healing_union", healing.union, after.healed.course, after.healed.spread)
        add("healing_maps", healing.maps, after.healed.course)
    return made


def slug(name: str) -> str:
    """A load case's name as part of a file name."""
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())
