"""How far the model agreed with experiments that nobody here made: the same table in every report, misses included."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from femsacrum.report.words import behind, plain

#: Written by ``python -m benchmarks validation``.
TABLE = "validation.json"


def validation() -> dict[str, Any] | None:
    """Every experiment with what was measured and what the model foretold of it.

    Returns:
        "experiments": name -> title, question, source, prediction (SHA-256 of what was written before it was compared) and
        rows; "cadavers" and "bench" (closed forms, machines, another program): how many values meet the goal they are held
        to, "agreed", of how many that have one, "judged". None: the comparison was never run with this version.
    """
    file = resources.files(__package__) / TABLE
    if not file.is_file():
        return None
    experiments = json.loads(file.read_text("utf-8"))
    return {
        "experiments": experiments,
        "cadavers": counted(one for one in experiments.values() if one["role"] != "bench"),
        "bench": counted(one for one in experiments.values() if one["role"] == "bench"),
    }


def counted(experiments: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Values of experiments that meet their goal, "agreed", and those that have one, "judged"."""
    judged = [row["verdict"] for one in experiments for row in one["rows"] if row["verdict"] != "told"]
    return {"agreed": judged.count("agrees"), "judged": len(judged)}


def measured(row: Mapping[str, Any]) -> str:
    """A measured value with its spread and unit."""
    compared = row["compared"]
    spread = f" ± {compared['sd']:g}" if compared["sd"] else ""
    return f"{compared['mean']:g}{spread}{behind(compared['unit'])}"


def foretold(row: Mapping[str, Any]) -> str:
    """What the model says of it, with its band."""
    if row["median"] is None:
        return "not computed"
    low, high = row["band"]
    if low == high:
        return plain(row["median"])
    sampled = row.get("surrogate_error") is not None or len(row.get("by_anatomy", ())) < 2
    whose = "" if sampled else ", of the anatomies alone"
    return f"{plain(row['median'])} ({plain(low)} to {plain(high)}{whose})"
