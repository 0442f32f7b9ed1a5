"""What errors of guide and saw may do, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from femsacrum.report.words import number, spoken

Findings = Mapping[str, Any]


def chance(row: Findings) -> str:
    """A probability with its interval."""
    return f"{number(row['value'])} ({number(row['low'])} to {number(row['high'])})"


def ends(row: Findings) -> str:
    """Where nine in ten lie."""
    return f"{number(row['p05'], 2)} to {number(row['p95'], 2)}"


def answer(found: Findings) -> str:
    """In sentences: is the margin kept, are roots and faces safe, and what is not known."""
    said, beside = [], []
    other = found["another_seat"]
    if found["margins"]:
        row = found["margins"]
        said.append(
            f"The margin of {number(row['planned'])} is kept with {chance(row['as_planned'])}; wanted: "
            f"{number(found['wanted'])}. As planned the least is {number(row['least_planned'])}; with the probability "
            f"wanted it is {number(row['sure'])} or more."
        )
        beside += [f"the margin is kept with {number(other['margin']['value'])}"] if other else []
    if found["roots"]:
        name, row = max(found["roots"].items(), key=lambda one: one[1]["touched"]["value"]["value"])
        said.append(
            f"Most at risk of the roots that stay: {spoken(name)}, touched with {chance(row['touched'])}, in its sheath "
            f"with {number(row['in_sheath']['value'])}."
        )
        beside += [f"{spoken(name)} is touched with {number(other['roots'][name]['value'])}"] if other else []
    if found["gaps"]:
        face, row = max(found["gaps"].items(), key=lambda one: one[1]["risk"]["high"]["value"])
        said.append(
            f"Widest gaps: {spoken(face)}, mean {ends(row['mean'])}; by the gap alone {number(row['risk']['high'], 2)} of "
            "the cuts leave it at high risk not to grow in."
        )
        beside += [f"the gap is at high risk in {number(other['gaps'][face], 2)}"] if other else []
    if beside and other["seat"] == "half":
        said.append(f"How surely the guide sits is the least known; with half of its error {', '.join(beside)}.")
    elif beside:
        said.append(
            "How surely the guide sits is the least known: these figures take it to find its place but for errors of "
            f"surface and print at every foot; where it sits as guides on a forearm did, {', '.join(beside)}."
        )
    said += _below(found["published"])
    said.append(
        "Predicted from errors of guide and saw, not measured on a patient; intervals are those of counting and say nothing "
        "of how well the errors are known."
    )
    return " ".join(said)


def _below(rows: Sequence[Findings]) -> list[str]:
    """Where cuts are predicted truer than those that were measured."""
    truer = [row for row in rows if row["predicted"]["mean"]["value"] < row["published"]["value"]]
    if not truer:
        return []
    told = "; ".join(
        f"{row['what']} {number(row['predicted']['mean'], 2)} against {number(row['published'], 2)}" for row in truer
    )
    return [f"Truer than the cuts that were measured in patients, whose means are larger: {told}."]
