"""Tables of a movement: its instants, the faces cycle after cycle, and the fatigue of the metal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report.after_words import shows, wanders
from femsacrum.report.cells import columns as shown
from femsacrum.report.cells import damage, ends, every, rounded
from femsacrum.report.document.model import Cell, Mark, Table, cell, table
from femsacrum.report.words import number, spoken

Findings = Mapping[str, Any]

#: Repetitions that safety and damage are told for.
COUNTS = ("1e6", "5e6", "1e7")


def instants(name: str, found: Findings) -> Table:
    """Forces at every instant."""
    keys = shown(found["phases"])
    rows = ((cell(row["at"]), *(_rounded(row.get(key)) for key in keys)) for row in found["phases"])
    note = (
        "Imbalance: what had to be added to close the balance, told as a force at the height of L4 over the hips; the "
        f"closing moment is that moment. One cycle takes {number(found['duration'])}; in a year "
        f"{ends(found['in_a_year'])} cycles, usually {number(found['in_a_year']['usual'], 2)}."
    )
    return table(f"The {len(found['phases'])} instants, {name}", ("at", *map(spoken, keys)), rows, [note])


def statics(name: str, found: Findings) -> Table:
    """All that the statics of the instants gave."""
    times = [number(row["at"]) for row in found["phases"]]
    rows = ((spoken(key), *(_rounded(row.get(key)) for row in found["phases"])) for key in every(found["phases"]))
    return table(f"All that the statics gave, {name}", ("measure", *times), rows)


def changes(name: str, found: Findings) -> Table:
    """How the motion changes from cycle to cycle."""
    rows = (
        (str(row["cycle"]), cell(row["share"], 2), cell(row["largest"], 2), spoken(row["face"]) or "–")
        for row in found["changes"]
    )
    columns = ("cycle", "changed the motion by", "largest", "at")
    return table(f"Change from cycle to cycle, {name}", columns, rows)


def faces(name: str, found: Findings) -> Table:
    """Motion of the faces in the last cycle, and what it adds from cycle to cycle."""
    moved, rows = found["migration"], []
    for face, row in found["faces"].items():
        drift, outcome = moved["faces"].get(face), found["outcome"]
        follows = "–"
        if face in found["loose"]:
            follows = "nothing holds it"
        elif drift:
            follows = wanders(drift, moved["laws"], outcome)
        seen = shows(drift, moved["visible"], outcome) if drift else "–"
        motion = (cell(row[key]) for key in ("max", "p95", "mean"))
        rows.append((spoken(face), *motion, cell(drift["drift"] if drift else None, 2), follows, seen))
    columns = ("interface", "peak to peak, max", "95 % of area below", "mean", "drift a cycle", "what follows",
               "seen on a radiograph within a year")  # fmt: skip
    visible = moved["visible"]
    note = (
        f"Visible on a radiograph: from {number(visible)} on ({visible['source']}; confidence {visible['confidence']}). "
        "Wear, ingrowth and bone that yields are in none of it."
    )
    return table(f"Motion to and fro in the last cycle, and what each adds, {name}", columns, rows, [note])


def fatigue(name: str, found: Findings) -> Table:
    """Safety factor and damage of every part."""
    rows: list[tuple[Cell | str, ...]] = []
    for part, row in _parts(found):
        if row["strength"] is None:
            rows.append((spoken(part), row["note"], *("–",) * 9))
            continue
        metal = ", ".join(spoken(row["strength"][key]) for key in ("alloy", "process", "surface"))
        star = " *" if row.get("peak_may_be_singular") else ""
        within = row["below_which_99.9_percent_stay"]["safety_factor"]["1e7"]
        rows.append(
            (f"{spoken(part)}{star}", metal, *(_factor(row["safety_factor"][count]) for count in COUNTS),
             *(_damage(row["damage"][count]) for count in COUNTS), _factor(within), ends(row["years_to_damage_1"]),
             cell(row["at"]))
        )  # fmt: skip
    columns = ("part", "metal", *(f"safety at {count}" for count in COUNTS), *(f"damage at {count}" for count in COUNTS),
               "safety at 1e7, 99.9 %", "years to a damage of 1", "at (x, y, z)")  # fmt: skip
    told = found["fatigue"]
    note = (
        "At the peak of each part, and where 99.9 % of it stay below. * elements that meet at the peak disagree: the mesh "
        "does not resolve it. A dash: no stress that changes, or no damage of 1 within 1e9 repetitions. Criterion "
        f"{spoken(told['criterion'])}, mean stress by {spoken(told['mean_stress'])}. {' '.join(told['limits'])}"
    )
    return table(f"Fatigue of every part, {name}", columns, rows, [note])


def hinges(name: str, found: Findings) -> Table:
    """What each safety factor hinges on."""
    rows = []
    for part, row in _parts(found):
        for place, driver in enumerate(row["hinges_on"][:5] if row["strength"] is not None else ()):
            at_ends = "; ".join(f"{end['at']}: {number(end['safety_factor'], 2)}" for end in driver["ends"])
            first = spoken(part) if place == 0 else ""
            rows.append((first, driver["input"], cell(driver["safety_factor_changes_by"], 2), at_ends))
    columns = ("part", "input", "changes it by", "at its ends: safety factor over three years")
    return table(f"What each safety factor hinges on, {name}", columns, rows)


def _parts(found: Findings) -> list[tuple[str, Findings]]:
    return [each for parts in found["fatigue"]["bodies"].values() for each in parts.items()]


def _rounded(entry: Findings | None) -> Cell:
    return Cell(rounded(entry), "", *((None, "1") if entry is None else (entry["value"], entry["unit"])))


def _factor(entry: Findings) -> Cell:
    low: Mark = "no" if entry["value"] is not None and entry["value"] < 1.0 else ""
    return cell(entry, 2, low)


def _damage(entry: Findings) -> Cell:
    return Cell(damage(entry), "", entry["value"], entry["unit"])
