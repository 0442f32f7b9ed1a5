"""Tables of experiments that nobody here made, and what the model foretold of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report.document.model import Cell, Table, table
from femsacrum.report.validation import counted, foretold, measured


def experiment(found: Mapping[str, Any]) -> Table:
    """One experiment, misses with their explanation."""
    rows = []
    for row in found["rows"]:
        compared, misses = row["compared"], row["verdict"] == "misses"
        why = f": {compared['explanation']}" if misses and compared["explanation"] else ""
        goal = "nothing" if compared["goal"] == "told" else compared["goal"]
        verdict = Cell(f"{row['verdict']}{why}", "no" if misses else "")
        told = Cell(foretold(row), "", row["median"], compared["unit"])
        seen = Cell(measured(row), "", compared["mean"], compared["unit"])
        rows.append((compared["words"], seen, told, goal, verdict))
    columns = ("compared", "measured, ± one standard deviation",
               "model: median anatomy (5 to 95 % of inputs and anatomies)", "held to", "verdict")  # fmt: skip
    note = f"{found['question']} {found['source']}. Prediction {found['prediction'][:12]}."
    return table(f"{found['title']}: {agreement(found)}", columns, rows, [note])


def agreement(found: Mapping[str, Any]) -> str:
    """How many values of an experiment agree, of those that are judged."""
    said = counted([found])
    return f"{said['agreed']} of {said['judged']} agree"
