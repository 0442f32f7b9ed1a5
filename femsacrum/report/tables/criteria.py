"""The table of acceptance criteria, and each of them in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from femsacrum.case.outcomes import OUTCOMES
from femsacrum.credibility.uncertainty import Band, numerical, of_inputs, reach
from femsacrum.findings.criteria import MET, NOT_ANSWERED, NOT_MET
from femsacrum.report.document.model import Cell, Mark, Table, cell, table
from femsacrum.report.words import behind, number, plain, spoken

Row = Mapping[str, Any]

#: Under the table.
NOTE = (
    "Criteria and limits are the case's. The worst of all values that a criterion reaches decides. Numerical uncertainty is "
    "the grid convergence index, that of inputs the range as one input after the other goes through its own; a verdict "
    "that is not beyond it is none. Meeting a criterion accepts no device."
)
SENSES = {"at_most": "at most", "at_least": "at least"}


def line(row: Row) -> str:
    """One criterion with its verdict, for a terminal."""
    said = f" ({row['why']})" if row["why"] else ""
    told = f": {value(row)}, {_limit(row)}{_place(row, ', ')}" if row["decided_by"] else ""
    return f'criterion "{row["name"]}": {row["verdict"]}{said}{told}'


def value(row: Row) -> str:
    """The value that decides, as text."""
    if row["verdict"] != NOT_ANSWERED and row["value"]["value"] is None:
        return "without bound"
    return number(row["value"])


def bands(row: Row, convergence: Row | None, sensitivity: Row | None) -> tuple[tuple[Band | None, str], ...]:
    """Numerical band and that of the inputs, each with why there is none."""
    decided, found = row["decided_by"], row["value"]["value"]
    if decided is None or found is None:
        return (None, "–"), (None, "–")
    what = (decided["load_case"], decided["key"], found, decided["inverse_of"])
    return numerical(convergence, *what), of_inputs(sensitivity, *what)


def verdict(row: Row, known: Sequence[tuple[Band | None, str]]) -> Cell:
    """The verdict, with what uncertainty does to it."""
    if row["verdict"] == NOT_ANSWERED:
        return Cell(f"{NOT_ANSWERED}: {row['why']}", "no")
    met = row["verdict"] == MET
    if row["value"]["value"] is None:
        return Cell(f"{row['verdict']}: {row['why']}", "" if met else "no")
    said = reach(row["limit"]["value"], met, [band for band, _ in known])
    doubtful = any(band is not None and band.reaches(row["limit"]["value"]) for band, _ in known)
    mark: Mark = "uncertain" if doubtful else "" if met else "no"
    return Cell(f"{row['verdict']}, {said}", mark)


def criteria(rows: Sequence[Row], convergence: Row | None, sensitivity: Row | None, caption: str) -> Table:
    """All of them.

    Args:
        rows: "criteria" of the findings.
        convergence: Evidence of the mesh; None: none.
        sensitivity: Evidence of the inputs; None: none.
        caption: Of the table.
    """
    made = []
    for row in rows:
        known = bands(row, convergence, sensitivity)
        made.append(
            (row["name"], OUTCOMES[row["outcome"]].words, _limit(row), Cell(value(row), "", row["value"]["value"],
             row["value"]["unit"]), cell(row["margin"]), _place(row) or "–", *(_told(each, row) for each in known),
             verdict(row, known), row["source"])
        )  # fmt: skip
    columns = ("criterion", "outcome", "limit", "value", "margin", "decided by", "numerical uncertainty",
               "input uncertainty", "verdict", "source of the limit")  # fmt: skip
    return table(caption, columns, made, [NOTE])


def counted(rows: Sequence[Row]) -> str:
    """How many are met, in a sentence."""
    count = {word: sum(row["verdict"] == word for row in rows) for word in (MET, NOT_MET, NOT_ANSWERED)}
    named = {
        word: "; ".join(row["name"] for row in rows if row["verdict"] == word) for word in (NOT_MET, NOT_ANSWERED)
    }
    said = [f"{count[MET]} of {len(rows)} acceptance criteria of the case are met"]
    said += [f"{count[word]} {'is' if count[word] == 1 else 'are'} {word} ({named[word]})" for word in named
             if count[word]]  # fmt: skip
    return f"{'; '.join(said)}."


def _limit(row: Row) -> str:
    return f"{SENSES[row['sense']]} {number(row['limit'])}"


def _place(row: Row, before: str = "") -> str:
    decided = row["decided_by"]
    named = [spoken(decided["of"])] if decided and decided["of"] else []
    named += [decided["load_case"]] if decided and decided["load_case"] else []
    return before + ", ".join(named) if named else ""


def _told(known: tuple[Band | None, str], row: Row) -> str:
    band, why = known
    if band is None:
        return why
    return f"{plain(band.low)} to {plain(band.high)}{behind(row['value']['unit'])}"
