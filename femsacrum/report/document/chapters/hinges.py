"""What the outcomes hinge on: one uncertain input after the other, and what is not known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.inputs import Input
from femsacrum.report.document.model import Block, Cell, Items, Paragraph, Picture, Table, absent, cell, table
from femsacrum.report.words import plain, spoken

Row = Mapping[str, Any]

#: Inputs named in one sentence, and told of each outcome.
FIRST = 3
PICTURE = Picture(
    "credibility/sensitivity.png",
    "What the outcomes hinge on",
    "For each outcome (of several parts or faces the one with the largest value) how far the low end (blue) and the "
    "high end (orange) of every input take it from the value of this run, the vertical line. Inputs by influence, the "
    "largest on top; a cross: no value at that end.",
    "What the outcomes hinge on. Bars for each outcome and input, from the value of this run to that at the low and at the "
    "high end of the input's range; their figures stand in the table of this section.",
)
NO_SENSITIVITY = (
    "Which inputs the outcomes are most sensitive to is not known for this case; the low-confidence ones are listed without "
    "rank. femsacrum sensitivity ranks them."
)
OTHER_CODE = "The sensitivity was computed by another version of the program than this run; compute it again."


def hinges(run: Evidence) -> Iterator[Block]:
    """Sentence, figure and tables of the sensitivity, or that there is none."""
    found = run.sensitivity
    if found is None:
        yield absent("Sensitivity of the outcomes to the inputs (credibility/sensitivity.json)", NO_SENSITIVITY)
        return
    ranked = sorted(found["inputs"], key=lambda each: each["rank"])
    yield Paragraph(_sentence(ranked))
    factor = found["mesh"]["factor"]
    mesh = (
        "the mesh of this run"
        if factor == 1.0
        else f"a mesh with {plain(factor)} times the element sizes of this run"
    )
    yield Paragraph(
        f"One input after the other stood at the low and the high end of its range, all others at the model's own value, on "
        f"{mesh}. Inputs were not varied together, so bands of single inputs bound no sum; movements and months were left "
        "out."
    )
    code = (run.manifest or {}).get("code")
    if code is not None and code != found["code"]:
        yield Paragraph(OTHER_CODE, "notice")
    if (run.folder / PICTURE.file).is_file():
        yield PICTURE
    yield _inputs(ranked, found)
    yield _outcomes(found["rows"])
    unknown = tuple(f"{_input(each)}: {said}" for each in ranked for said in each["not_known"])
    if unknown:
        yield Paragraph("At these ends there is no value, and the bands above do not hold what it would be:")
        yield Items(unknown)


def doubtful(run: Evidence, low: Sequence[Input]) -> Table:
    """Inputs of low confidence, with their influence where a sensitivity tells it."""
    told: Iterator[tuple[object, ...]] = ((each.name, each.value, each.source) for each in low)
    columns: tuple[str, ...] = ("input", "value", "source")
    if run.sensitivity is not None:
        ranked = run.sensitivity["inputs"]
        told = ((each.name, each.value, each.source, _influence_of(each, ranked)) for each in low)
        columns = (*columns, "influence")
    return table("Inputs of low confidence (M-low)", columns, told)


def _sentence(ranked: Sequence[Row]) -> str:
    most = [f"{_input(each)} ({_share(each)})" for each in ranked[:FIRST] if each["influence"] > 0.0]
    if not most:
        return "No input that was varied moves any outcome by more than 1 %."
    return (
        f"The outcomes hinge most on: {', '.join(most)}. In brackets the influence: the share of an input in all that "
        "inputs move, averaged over the outcomes."
    )


def _inputs(ranked: Sequence[Row], found: Row) -> Table:
    rows = (
        (str(each["rank"]), _input(each), _range(each), _own(each), Cell(_share(each), "", each["influence"], "1"),
         each["confidence"], each["source"])
        for each in ranked
    )  # fmt: skip
    columns = ("rank", "input", "range", "in this run", "influence", "mark of the range", "source of the range")
    out = "; ".join(f"{_input(each)}: {each['why']}" for each in found["left_out"])
    return table("Inputs that were varied, by influence", columns, rows, [f"Left out: {out}."] if out else [])


def _outcomes(rows: Sequence[Row]) -> Table:
    """Each outcome with the inputs that move it most."""
    shown = [row for row in rows if row["outcome"]]
    of_each: dict[tuple[str, str], list[Row]] = {}
    for row in shown:
        of_each.setdefault((row["load_case"], row["key"]), []).append(row)
    made = []
    for (load_case, _), here in of_each.items():
        first = sorted(here, key=lambda row: row["rank"])[:FIRST]
        value = cell({"value": first[0]["own_value"], "unit": first[0]["unit_of_value"]})
        moved = [f"{_input(row)}: {_ends(row, 'low_value', 'high_value')}" for row in first]
        made.append((load_case, first[0]["words"], value, *moved, *[""] * (FIRST - len(moved))))
    note = (
        "Values at the low and at the high end of the input, told for the mesh of this run: own value times (varied over "
        "not varied) where the rougher mesh has a value of the same sign and within a factor of three, else own value plus "
        "the difference. All quantities and inputs: credibility/sensitivity.json."
    )
    columns = ("load case", "outcome", "in this run", "moved most by", "then by", "and by")
    return table("Outcomes as one input after the other goes through its range", columns, made, [note])


def _influence_of(entry: Input, ranked: Sequence[Row]) -> str:
    name = f"{entry.table}:{entry.name}"
    for each in ranked:
        if any(fnmatchcase(name, pattern) for pattern in each["entries"]):
            return f"{_share(each)}, as {_input(each)}"
    return "not varied"


def _input(each: Row) -> str:
    """Name of an input in words; a key of the case stays one."""
    name = str(each["input"])
    return name if "." in name else spoken(name)


def _share(each: Row) -> str:
    return f"{plain(100.0 * each['influence'], 2)} %"


def _range(each: Row) -> str:
    unit = {"1": "", "factor": " times"}.get(each["unit"], f" {each['unit']}")
    return f"{_ends(each, 'low', 'high')}{unit}"


def _own(each: Row) -> str:
    if each["unit"] == "factor":
        return "1 times"
    if each["own"] is None:
        return "not stated"
    low, high = each["own"]
    unit = "" if each["unit"] == "1" else f" {each['unit']}"
    return f"{plain(low)}{unit}" if low == high else f"{plain(low)} to {plain(high)}{unit}"


def _ends(row: Row, low: str, high: str) -> str:
    return " to ".join("–" if row[end] is None else plain(row[end]) for end in (low, high))
