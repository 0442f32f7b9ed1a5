"""Tables of what was put into a run: parts, screws, margins, bone from an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report.document.model import Cell, Table, cell, table
from femsacrum.report.tables import accuracy
from femsacrum.report.words import number, quartiles, ranged, spoken

Findings = Mapping[str, Any]


def parts(findings: Findings) -> Table:
    """Every body of the model."""
    origin = findings["anatomy"]["origin"]
    rows = (
        (spoken(name), row["role"], origin.get(name, "the plan"), _count(row["order"]), _count(row["tetrahedra"]),
         cell(row["volume"]))
        for name, row in findings["mesh"]["bodies"].items()
    )  # fmt: skip
    return table("Parts and where they come from", ("part", "kind", "origin", "order", "tetrahedra", "volume"), rows)


def quality(findings: Findings) -> Table:
    """What the mesh of every body is like."""
    rows = (
        (spoken(name), _count(row["order"]), _count(row["tetrahedra"]), _count(row["nodes"]), cell(row["gamma_min"]))
        for name, row in findings["mesh"]["bodies"].items()
    )
    note = "Quality: radius of the inscribed over that of the circumscribed sphere, 1 in a regular tetrahedron."
    columns = ("part", "order of the elements", "tetrahedra", "nodes", "least quality")
    return table("Mesh, body by body", columns, rows, [note])


def screws(findings: Findings) -> Table:
    """Where every screw runs."""
    rows = (
        (spoken(one["name"]), cell(one["diameter"]), cell(one["purchase"]),
         cell(one["clearance"], mark="no" if _negative(one["clearance"]) else ""), _bodies(one["hosts"]))
        for one in findings["surgery"]["screws"]
    )  # fmt: skip
    columns = ("screw", "diameter", "purchase in bone", "least clearance to the bone's surface", "runs in")
    return table("Screws", columns, rows)


def beams(findings: Findings) -> Table:
    """Whether rods and screws of the mesh bend as beams do."""
    rows = (
        (spoken(name), cell(row["length"]), cell(row["free"]), row["note"] or cell(row["ratio"], 4))
        for name, row in findings["beams"]["members"].items()
    )
    columns = ("what", "length", "free length", "deflection over the beam's")
    return table("Rods and screws of this mesh against the formula of the beam", columns, rows)


def cut_margins(findings: Findings) -> Table:
    """Least distance from the tumour to every cut."""
    rows = (
        (spoken(name), cell(row["distance"]), _verdict(row["verdict"]), cell(row["planned"]),
         cell(row["within_planned"]), cell(row["on_tumour"], 4), cell(row["on_cut"], 4))
        for name, row in findings["margins"]["cuts"].items()
    )  # fmt: skip
    columns = ("cut", "distance", "verdict", "planned", "face nearer than planned",
               "nearest or deepest point of the tumour", "nearest point of the cut")  # fmt: skip
    return table("Margins: least distance from the tumour to every cut", columns, rows)


def bone_margins(findings: Findings) -> Table:
    """The tumour and the bones that stay."""
    found = findings["margins"]
    rows = (
        (spoken(name), cell(row["distance"]), _verdict(row["verdict"]),
         cell(row["tumour_inside"], mark="no" if row["tumour_inside"]["value"] > 0 else ""))
        for name, row in found["bones"].items()
    )  # fmt: skip
    tumour = found["tumour"]
    left = number(tumour["left_behind"])
    note = f"Tumour: {tumour['origin']}, {number(tumour['volume'])}; {left} of it stays."
    columns = ("bone", "distance", "verdict", "tumour in it")
    return table("The tumour and the bones that stay", columns, rows, [note])


def from_image(findings: Findings) -> Table:
    """What a CT gave of every bone."""
    rows = (
        (spoken(name), cell(row["cells with samples of their own"]), quartiles(row, "youngs_modulus"),
         cell(row["clamped"]), cell(row["outside the law's range"]), quartiles(row, "cortex"),
         cell(row.get("cortex from neighbours")))
        for name, row in findings["materials_from_image"]["bodies"].items()
    )  # fmt: skip
    columns = ("bone", "cells with samples of their own", "modulus, quartiles", "clamped", "outside the law's range",
               "cortex, quartiles", "cortex from neighbours")  # fmt: skip
    return table("Bone from the image", columns, rows)


def modifiers(findings: Findings) -> Table:
    """What has changed the patient's bone."""
    rows = (
        (row["name"], _bodies(row["bodies"]), *(ranged(row[key]) for key in ("stiffness", "strength", "healing")),
         row["source"])
        for row in findings["modifiers"]
    )  # fmt: skip
    columns = ("what", "where", "stiffness", "yield strain", "healing (told only)", "source")
    return table("What has changed the bone: nominal value, with its range", columns, rows)


def alignment(findings: Findings) -> Table:
    """Where the spine stands on the pelvis."""
    found = findings["alignment"]
    times = list(next(iter(found.values())))
    rows = ((spoken(name), *(cell(row[when], 4) for when in times)) for name, row in found.items())
    return table("Where the spine stands on the pelvis, in the posture of the scan", ("measure", *times), rows)


def lost_ligaments(findings: Findings) -> Table:
    """Ligaments that lost an attachment."""
    rows = (
        (spoken(name), spoken(row["body"]), cell(row["at"], 4), row["why"])
        for name, row in findings["lost_ligaments"].items()
    )
    return table("Ligaments that are left out", ("ligament", "end on", "at", "why"), rows)


def measures(caption: str, entries: Mapping[str, Any]) -> Table:
    """Names and quantities."""
    return table(caption, ("measure", "value"), ((spoken(name), cell(entry, 4)) for name, entry in entries.items()))


def thresholds(caption: str, entries: Mapping[str, Any]) -> Table:
    """What findings are judged by."""
    rows = ((spoken(key), cell(row), row["confidence"], row["source"]) for key, row in entries.items())
    return table(caption, ("threshold", "value", "confidence", "source"), rows)


def of_plan(findings: Findings) -> Iterator[Table]:
    """All tables of what was planned that this run has."""
    if findings["materials_from_image"]:
        yield from_image(findings)
    if findings["modifiers"]:
        yield modifiers(findings)
    if findings["alignment"]:
        yield alignment(findings)
    if findings["margins"]:
        yield cut_margins(findings)
        yield bone_margins(findings)
    if findings.get("accuracy"):
        yield from accuracy.tables_of(findings["accuracy"])
    if findings["lost_ligaments"]:
        yield lost_ligaments(findings)
    if findings["surgery"]["screws"]:
        yield screws(findings)


def _count(value: int) -> Cell:
    return Cell(str(value), "", value, "1")


def _negative(entry: Findings) -> bool:
    return entry["value"] is not None and entry["value"] < 0.0


def _verdict(said: str) -> Cell:
    return Cell(said, "" if said == "wide" else "no")


def _bodies(names: list[str]) -> str:
    return ", ".join(spoken(name) for name in names)
