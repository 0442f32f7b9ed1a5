"""Fatigue of the metals in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from femsacrum.report.words import plain

#: Inputs named for each body: those that move its safety factor most.
DRIVERS = 3


def sentences(told: Mapping[str, Any]) -> list[str]:
    """One sentence for the least safe part of each body, the least safe body first.

    Args:
        told: What ``findings.fatigue.tell`` told.
    """
    least = [each for each in (_least(parts) for parts in told["bodies"].values()) if each is not None]
    made = [_sentence(name, row) for name, row in sorted(least, key=lambda each: _safe(each[1]))]
    return made + [
        f"{_title(part)}: {row['note']}."
        for parts in told["bodies"].values()
        for part, row in parts.items()
        if row["strength"] is None
    ]


def _least(parts: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    known = [(name, row) for name, row in parts.items() if row["strength"] is not None]
    return min(known, key=lambda each: _safe(each[1]), default=None)


def _safe(row: Mapping[str, Any]) -> float:
    value = row["safety_factor"]["1e7"]["value"]
    return math.inf if value is None else float(value)


def _sentence(name: str, row: Mapping[str, Any]) -> str:
    bears, title = row["strength"], _title(name)
    made = f"{bears['alloy']}, {bears['process']}, {bears['surface']}".replace("_", " ")
    if not math.isfinite(_safe(row)):
        return f"{title} ({made}): no stress that changes."
    usual = row["below_which_99.9_percent_stay"]["safety_factor"]["1e7"]["value"]
    factor = plain(_safe(row), 2)
    kept = "" if usual is None or plain(usual, 2) == factor else f" ({plain(usual, 2)} where 99.9 % of it stay below)"
    hinges = [
        f"{each['input']} ({each['safety_factor_changes_by']['value']:.0f} %)" for each in row["hinges_on"][:DRIVERS]
    ]
    doubt = "".join(f" {note[0].upper()}{note[1:]}." for note in row["notes"])
    return (
        f"{title} ({made}): safety factor {factor} at 1e7 repetitions{kept}; {_years(row)}. "
        f"What changes that factor most: {', '.join(hinges)}.{doubt}"
    )


def _title(name: str) -> str:
    return f"{name[0].upper()}{name[1:]}".replace("_", " ")


def _years(row: Mapping[str, Any]) -> str:
    low, usual, high = (row["years_to_damage_1"][end]["value"] for end in ("low", "usual", "high"))
    if usual is None:
        return "no damage of 1 within 1e9 repetitions"
    if high is None:
        return f"a damage of 1 after {plain(low, 2)} years or more"
    return f"a damage of 1 after {plain(low, 2)} to {plain(high, 2)} years"
