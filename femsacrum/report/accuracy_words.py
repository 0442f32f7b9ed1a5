"""What errors of guide and saw may do, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
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
    said = []
    if found["margins"]:
        row = found["margins"]
        said.append(
            f"The margin of {number(row['planned'])} is kept with {chance(row['as_planned'])}; wanted: "
            f"{number(found['wanted'])}. As planned the least is {number(row['least_planned'])}; with the probability "
            f"wanted it is {number(row['sure'])} or more."
        )
    if found["roots"]:
        name, row = max(found["roots"].items(), key=lambda one: one[1]["touched"]["value"]["value"])
        said.append(f"Most at risk of the roots that stay: {name}, touched with {chance(row['touched'])}.")
    if found["gaps"]:
        face, row = max(found["gaps"].items(), key=lambda one: one[1]["risk"]["high"]["value"])
        said.append(
            f"Widest gaps: {spoken(face)}, mean {ends(row['mean'])}; by the gap alone {number(row['risk']['high'], 2)} of "
            "the cuts leave it at high risk not to grow in."
        )
    return " ".join([*said, "Predicted from errors of guide and saw, not measured on a patient."])
