"""Results, load case by load case and movement by movement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report import after_words, tables
from femsacrum.report.cells import sentence
from femsacrum.report.document.chapters.front import accepted
from femsacrum.report.document.chapters.guide import guide
from femsacrum.report.document.chapters.nerves import nerves
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Items, Paragraph, Section, absent
from femsacrum.report.document.outcomes import outcome_table, outcomes
from femsacrum.report.fatigue_words import sentences

Findings = Mapping[str, Any]

#: Pictures that stand under System Conditions.
ELSEWHERE = ("loads", "forces", "cycle_forces")


def results(run: Evidence, found: Findings) -> Section:
    """Everything that was measured on the solved model."""
    rows = outcomes(found)
    blocks: list[Block] = []
    if not run.pictures:
        lack = "Places are told by coordinates only; output.figures = true, and a run of this version, give them."
        blocks.append(absent("Figures (figures/figures.json)", lack))
    blocks += accepted(run, "Acceptance criteria, with their verdicts")
    for name, case in found["load_cases"].items():
        own = outcome_table(run, [row for row in rows if row.load_case == name], f"Outcomes, {name}")
        blocks.append(Section(f"Load case: {name}", (own, *_instant(run, name, case))))
    for name, walk in (found.get("movements") or {}).items():
        own = outcome_table(run, [row for row in rows if row.load_case == name], f"Outcomes, {name}")
        blocks.append(Section(f"Movement: {name}", (own, *_movement(run, name, walk))))
    if found.get("guide"):
        blocks.append(guide(run, found))
    if found.get("nerves"):
        blocks.append(nerves(run, found["nerves"]))
    blocks += _grafts(run, found)
    if found.get("against_intact"):
        blocks.append(_beside(run, found["against_intact"]))
    return Section("Results", tuple(blocks))


def _instant(run: Evidence, name: str, found: Findings) -> Iterator[Block]:
    for shown in run.pictures_of(name):
        if shown.kind not in ELSEWHERE:
            yield shown.picture()
    yield tables.instant.validity(name, found)
    yield tables.instant.deformation(name, found)
    if found["implants"]:
        yield tables.instant.stress(name, found)
    yield tables.instant.bone_strain(name, found)
    if found["interfaces"]:
        yield tables.instant.motion(name, found)
        yield tables.instant.contact(name, found)
    yield from _bears(name, found)
    yield from tables.instant.of_hold(name, found)


def _bears(name: str, found: Findings) -> Iterator[Block]:
    yield Paragraph(f"Bone strained past its limit: {tables.instant.overloaded(found['overload'])}")
    if found["overload"]["regions"]:
        yield tables.instant.overload(f"Bone strained past its limit, {name}", found["overload"])
    if said := tables.instant.damaged(found):
        yield Paragraph(said, "small")
    if found["screws"]["screws"]:
        yield tables.instant.screw_hold(f"Hold of the screws, {name}", found["screws"])
        if said := tables.instant.weakest(found["screws"]):
            yield Paragraph(said, "small")


def _movement(run: Evidence, name: str, found: Findings) -> Iterator[Block]:
    yield Paragraph(f"Do the interfaces come to rest? {sentence(after_words.settled(found))}.")
    for shown in run.pictures_of(name):
        if shown.kind not in ELSEWHERE:
            yield shown.picture()
    if found["changes"]:
        yield tables.movement.changes(name, found)
    if found["faces"]:
        yield tables.movement.faces(name, found)
    if found["fatigue"]:
        yield Items(tuple(sentences(found["fatigue"])))
        yield tables.movement.fatigue(name, found)
        yield tables.movement.hinges(name, found)
    yield from _bears(name, found)


def _grafts(run: Evidence, found: Findings) -> Iterator[Block]:
    if found["incorporation"]["faces"]:
        rule = found["incorporation"]["rule"]
        told = (tables.healing.incorporation(found), Paragraph(f"Rule. {rule['text']} {rule['standing']}"))
        yield Section("Incorporation of the grafts: a screening figure", told)
    healing = found.get("healing")
    if not healing:
        return
    blocks: list[Block] = [Paragraph(f"{healing['standing']} {healing['not_predicted']}", "notice")]
    blocks += [each.picture() for each in run.pictures_of(None, "healing_union", "healing_maps")]
    if healing["grafts"]:
        blocks.append(tables.healing.risks(healing))
    else:
        lack = (
            "One course was followed; how far it spreads over patients and unknowns is not told, and so is no risk."
        )
        blocks.append(absent("Spread of the healing (course.healing.samples)", lack))
    blocks += [tables.healing.united(healing), tables.healing.limits(healing), tables.healing.beside(healing)]
    blocks += [tables.healing.steps(healing)] if "steps" in healing else []
    yield Section("Healing, month by month", tuple(blocks))


def _beside(run: Evidence, against: Findings) -> Section:
    blocks: list[Block] = [tables.intact.junction(against["junction"])] if against["junction"] else []
    for name, row in against["load_cases"].items():
        if "left_ilium" in row["shielding"]:
            blocks.append(tables.intact.shielding(name, row["shielding"]))
        blocks.append(tables.intact.damage(name, row))
        blocks += tables.intact.paths(name, row)
    return Section("Against the same patient's untouched pelvis", tuple(blocks))
