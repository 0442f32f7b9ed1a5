"""Tables of union: the screening figure of the first day, and the months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.course.healing.told import TOLD_AT
from femsacrum.report.cells import limited
from femsacrum.report.document.model import Cell, Table, cell, table
from femsacrum.report.words import number, spoken

Findings = Mapping[str, Any]


def incorporation(findings: Findings) -> Table:
    """The screening figure, face by face and load case by load case."""
    rows = (
        (spoken(face), name, *(cell(entry[key]) for key in ("favourable", "uncertain", "adverse")),
         Cell(entry["risk"], entry["risk"]))
        for name, found in findings["load_cases"].items()
        for face, entry in found["incorporation"].items()
    )  # fmt: skip
    columns = ("face", "load case", "favourable", "uncertain", "adverse", "risk")
    return table("Incorporation of the grafts: a screening figure", columns, rows)


def risks(healing: Findings) -> Table:
    """Risk that a graft does not incorporate."""
    rows = []
    for graft, row in healing["grafts"].items():
        drivers = "; ".join(f"{each['text']} [{each['confidence']}]" for each in row["drivers"])
        band = f"{number(row['p05'], 2)} to {number(row['p95'], 2)}"
        grade = Cell(row["grade"], row["grade"])
        rows.append((spoken(graft), cell(row["risk"], 2), band, grade, drivers, row["confidence"]))
    columns = ("graft", "risk", "5 to 95 % band", "grade", "what drives it, most first", "confidence")
    area = number(healing["united_means"]["area"])
    note = (
        f"The risk is the chance that not all faces of the graft have united over {area} of their area in the end, over "
        "what is not known and over patients. Confidence: the lowest of what it rests on."
    )
    return table("Risk that a graft does not incorporate", columns, rows, [note])


def united(healing: Findings) -> Table:
    """Area that has united, month by month."""
    rows = (
        (spoken(face), *(cell(row["area_united"][f"month_{month}"], 2) for month in TOLD_AT),
         *(cell(row[key], 2) for key in ("time_to_50", "time_to_90", "motion_at_first", "motion_in_the_end")))
        for face, row in healing["faces"].items()
    )  # fmt: skip
    columns = (
        "face",
        *(f"month {month}" for month in TOLD_AT),
        "half at",
        "90 % at",
        "motion at first",
        "in the end",
    )
    note = (
        "United: at least 90 % of it. A dash: beyond the months that were followed. Rule: "
        f"{spoken(healing['rule']['name'])}. {healing['rule']['text']}"
    )
    return table("Area that has united", columns, rows, [note])


def limits(healing: Findings) -> Table:
    """What keeps each face from uniting."""
    causes = list(next(iter(healing["faces"].values()))["limits"])
    rows = (
        (spoken(face), *(cell(entry, 2) for entry in row["limits"].values()))
        for face, row in healing["faces"].items()
    )
    columns = ("face", *(limited(cause) for cause in causes))
    return table("What limits it in the end, as a share of the face", columns, rows)


def beside(healing: Findings) -> Table:
    """What was seen in patients, beside what was computed."""
    rows = []
    for row in healing["beside"]["rows"]:
        if row["applies"]:
            seen = row["observed"]
            band = f" ({number(seen['least'], 2)} to {number(seen['largest'], 2)})" if "least" in seen else ""
            computed = row["computed_means"]
            if row["computed"]["value"] is not None:
                computed = f"{number(row['computed'], 2)}, {computed}"
            rows.append(
                (spoken(row["name"]), number(seen["value"], 2) + band, computed, row["source"], row["confidence"])
            )
    columns = ("what", "seen in patients", "computed here", "source", "confidence")
    notes = [healing["beside"]["standing"]]
    return table("Beside what was seen in patients: plausibility only", columns, rows, notes)


def steps(healing: Findings) -> Table:
    """How the gait went, month by month."""
    rows = ((f"{row['month']:g}", row["walk"], str(row["cycles"]), row["outcome"]) for row in healing["steps"])
    return table("How the gait went, month by month", ("month", "movement", "cycles", "outcome"), rows)
