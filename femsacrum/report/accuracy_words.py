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
    said, surer = [], []
    half = found["half_the_seat"]
    if found["margins"]:
        row = found["margins"]
        said.append(
            f"The margin of {number(row['planned'])} is kept with {chance(row['as_planned'])}; wanted: "
            f"{number(found['wanted'])}. As planned the least is {number(row['least_planned'])}; with the probability "
            f"wanted it is {number(row['sure'])} or more."
        )
        surer += [f"the margin is kept with {number(half['margin']['value'])}"] if half else []
    if found["roots"]:
        name, row = max(found["roots"].items(), key=lambda one: one[1]["touched"]["value"]["value"])
        said.append(f"Most at risk of the roots that stay: {name}, touched with {chance(row['touched'])}.")
        surer += [f"{name} is touched with {number(half['roots'][name]['value'])}"] if half else []
    if found["gaps"]:
        face, row = max(found["gaps"].items(), key=lambda one: one[1]["risk"]["high"]["value"])
        said.append(
            f"Widest gaps: {spoken(face)}, mean {ends(row['mean'])}; by the gap alone {number(row['risk']['high'], 2)} of "
            "the cuts leave it at high risk not to grow in."
        )
        surer += [f"the gap is at high risk in {number(half['gaps'][face], 2)}"] if half else []
    if surer:
        said.append(f"How surely the guide sits is the least known; with half of its error {', '.join(surer)}.")
    said.append(
        "Predicted from errors of guide and saw, not measured on a patient; intervals are those of counting and say nothing "
        "of how well the errors are known."
    )
    return " ".join(said)
