"""Tables of the sacral roots: what becomes of them, what strains them, how much slack they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.findings.nerve_law import percent
from femsacrum.report.document.model import Cell, Table, cell, table
from femsacrum.report.words import number, spoken

Findings = Mapping[str, Any]


def of_nerves(found: Findings) -> Iterator[Table]:
    """All of them that this run has.

    Args:
        found: "nerves" of the findings.
    """
    yield fates(found)
    if any("graft" in row for row in found["roots"].values()):
        yield grafts(found)
    if found["slack_needed"]:
        yield strains(found)


def fates(found: Findings) -> Table:
    """Every root: where it is from, what becomes of it, what comes near it."""
    rows = [
        (spoken(name), row["fate"], cell(row["length"]), cell(row["diameter"], 2),
         ", ".join(f"{spoken(what)} {number(away)}" for what, away in row["clearance"].items()) or "–",
         "; ".join(row["notes"]) or "–")
        for name, row in found["roots"].items()
    ]  # fmt: skip
    rows += [(spoken(name), "not told", cell(None), cell(None), "–", why) for name, why in found["missing"].items()]
    columns = ("root", "fate", "length, sac to exit", "diameter", "nearest", "to know")
    courses = sorted({row["course"] for row in found["roots"].values()})
    notes = [f"Courses {'; or '.join(courses)}. Diameters of S2 to S4 are placeholders between S1 and S5."]
    if any("deroofing" in row["clearance"] for row in found["roots"].values()):
        notes.append("Nearest: cut is the face of the resection, deroofing the faces sawn to open the canal.")
    return table("Sacral roots", columns, rows, notes)


def grafts(found: Findings) -> Table:
    """Every graft against the gap it bridges."""
    rows = (
        (spoken(name), cell(row["graft"]["gap"]), cell(row["graft"]["length"]), cell(row["graft"]["slack"]),
         _length(found["slack_needed"][name]),
         cell(row["graft"]["diameter"]), cell(row["graft"]["stiffness"], 2))
        for name, row in found["roots"].items() if "graft" in row
    )  # fmt: skip
    notes = ["The stiffness is told, not solved: a graft never carries load of the bone."]
    unknown = sorted({words for row in found["slack_needed"].values() for words in row["not_determined_in"]})
    if unknown:
        notes.append(f"At least: not determined in {', '.join(unknown)}.")
    columns = ("graft", "gap between the stumps", "its length", "slack", "length needed", "diameter", "stiffness")
    return table("Nerve grafts", columns, rows, notes)


def strains(found: Findings) -> Table:
    """Strain of every root and graft under each posture, load case and motion."""
    told = [(posture["words"], posture["roots"]) for posture in found["postures"].values()]
    told += list(found["load_cases"].items())
    told.append((f"{number(found['motion']['assumed'])} motion of an implant or fragment", found["motion"]["roots"]))
    rows = (
        (words, spoken(name), cell(row["elongation"], 2), _percent(row["strain"]), row["meaning"],
         _percent(row["strain_held"]), cell(row["force"], 2))
        for words, roots in told for name, row in roots.items()
    )  # fmt: skip
    law = found["law"]["modulus"]
    note = f"Force at {number(law)}: {law['source']}. Postures: the most that is taken; see the figure for the least."
    columns = ("what strains it", "root or graft", "elongation", "strain", "which means",
               "strain where scar holds it", "force then")  # fmt: skip
    return table("Strain of nerves", columns, rows, [note])


def _percent(entry: Findings) -> str:
    return "–" if entry["value"] is None else percent(entry["value"])


def _length(needed: Findings) -> Cell:
    """Length a graft needs; of one that is not determined in some state what the others need."""
    if needed["length"]["value"] is None:
        return Cell(f"at least {number(needed['length_at_least'])}")
    return cell(needed["length"])
