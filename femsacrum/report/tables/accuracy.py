"""Tables of what errors of guide and saw may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report.accuracy_words import chance, ends
from femsacrum.report.document.model import Cell, Table, cell, table
from femsacrum.report.words import number, spoken

Findings = Mapping[str, Any]

DRAWN = "5 to 95 %: where nine in ten of the drawn cuts lie. Intervals of probabilities are 95 % (Wilson)."


def tables_of(found: Findings) -> Iterator[Table]:
    """All tables of this chapter that the run has.

    Args:
        found: Content of "accuracy" in the findings.
    """
    if found["margins"]:
        yield margins(found)
    if found["roots"]:
        yield roots(found)
    if found["gaps"]:
        yield gaps(found)
    yield cuts(found)
    yield published(found)
    yield errors(found)


def margins(found: Findings) -> Table:
    """Probability of each margin."""
    rows = [(cell(row["margin"]), likely(row["probability"])) for row in found["margins"]["at_least"]]
    notes = [
        f"As planned the least is {number(found['margins']['least_planned'])}; {number(found['wanted'])} of the draws keep "
        f"{number(found['margins']['sure'])}.",
        "; ".join(
            f"{one['samples']} draws: {number(one['probability']['value'])}"
            for one in found["margins"]["convergence"]
        ),
        *found["limits"],
    ]
    return table(
        "Probability of the least margin, all led cuts together", ("margin at least", "probability"), rows, notes
    )


def roots(found: Findings) -> Table:
    """Roots that are kept."""
    rows = (
        (name, cell(row["planned"]), f"{number(row['clearance']['p05'])} to {number(row['clearance']['p95'])}",
         likely(row["touched"]), likely(row["in_sheath"]))
        for name, row in found["roots"].items()
    )  # fmt: skip
    columns = ("root", "from the blade, planned", "5 to 95 %", "touched", "touched in its sheath")
    return table("Roots that are to be kept", columns, rows)


def gaps(found: Findings) -> Table:
    """Gap of every face that was made for the plan."""
    rows = (
        (spoken(face), cell(row["mean"]["median"]), ends(row["mean"]), ends(row["largest"]), cell(row["bridged"]["median"]),
         *(cell(row["risk"][grade]) for grade in ("low", "uncertain", "high")))
        for face, row in found["gaps"].items()
    )  # fmt: skip
    columns = (
        *("face", "mean gap, median", "5 to 95 %", "largest gap, 5 to 95 %", "bridged share, median"),
        *("low risk by the gap", "uncertain", "high"),
    )
    note = "Risk by the gap alone, as the screening figure grades it without any motion. Bridged: at most 0.5 mm."
    return table("Gaps to what was made for the plan", columns, rows, [DRAWN, note])


def cuts(found: Findings) -> Table:
    """How far each cut lies beside its plan, and why."""
    rows = (
        (
            spoken(bone),
            cell(row["offset_mean"]),
            cell(row["offset_sd"]),
            cell(row["tilt_sd"]),
            ends(row["farthest"]),
            ends(row["angle"]),
            most(row),
        )
        for bone, row in found["cuts"].items()
    )
    columns = (
        *(
            "cut",
            "offset, mean (more is left standing)",
            "standard deviation",
            "tilt, the same about each axis",
            "farthest on the face, 5 to 95 %",
        ),
        *("angle, 5 to 95 %", "what the offset is from"),
    )
    return table("Cuts beside their plan", columns, rows, [DRAWN])


def published(found: Findings) -> Table:
    """What was measured in patients, beside what is predicted."""
    rows = (
        (row["what"], cell(row["published"]), cell(row["predicted"]["mean"]), ends(row["predicted"]), row["source"])
        for row in found["published"]
    )
    columns = ("of a cut", "published mean", "predicted mean", "predicted, 5 to 95 %", "published in")
    note = "A check: nothing was fitted to it. Series are small, and what they measured is not the same everywhere."
    return table("Predicted beside published accuracy", columns, rows, [note])


def errors(found: Findings) -> Table:
    """Numbers the errors follow from."""
    rows = (
        (spoken(name), cell(row), row["confidence"] or "–", row["source"]) for name, row in found["errors"].items()
    )
    return table("Errors of guide and saw", ("error", "value", "confidence", "source"), rows)


def likely(row: Findings) -> Cell:
    """A probability with its interval."""
    return Cell(chance(row), "", row["value"]["value"], "%")


def most(row: Findings) -> str:
    """Parts of the offset's variance, the largest first."""
    parts = sorted(row["parts"].items(), key=lambda one: -one[1]["share_of_offset"]["value"])
    return "; ".join(f"{name} {number(part['share_of_offset'], 2)}" for name, part in parts)
