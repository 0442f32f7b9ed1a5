"""Numbers of ``sources/healing.toml``, those that are not well known with their range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.sources.tables import table

#: Marks of confidence, from best to worst.
CONFIDENCE = ("S", "S2", "M-high", "M-med", "M-low", "D")


@dataclass(frozen=True)
class Ranged:
    """A value and between what it may lie.

    Attributes:
        value: What is computed with [unit].
        least: Lower end [unit].
        largest: Upper end [unit].
        unit: Of all three.
        source: Where it was read.
        confidence: As in ``sources/tables.py``.
        name: Key in the table, or what else it is called.
    """

    value: float
    least: float
    largest: float
    unit: str
    source: str
    confidence: str
    name: str = ""

    def at(self, share: Floats | float) -> Floats:
        """The value at a share of its spread: 0 the least, 0.5 the value, 1 the largest, straight between [unit]."""
        return np.asarray(np.interp(share, [0.0, 0.5, 1.0], [self.least, self.value, self.largest]))


def ranged(key: str) -> Ranged:
    """One entry of ``sources/healing.toml``; where it has no range, all three are the value.

    Args:
        key: Dotted path, for example ``"union_time.iliac_block"``.
    """
    entry: Mapping[str, Any] = table("healing")
    for part in key.split("."):
        entry = entry[part]
    value = float(entry["value"])
    least, largest = float(entry.get("least", value)), float(entry.get("largest", value))
    return Ranged(value, least, largest, entry["unit"], entry["source"], entry["confidence"], key)


def number(key: str) -> float:
    """The bare value of an entry of ``sources/healing.toml``."""
    return ranged(key).value


def worst(marks: list[str]) -> str:
    """The lowest of several marks of confidence."""
    return max(marks, key=CONFIDENCE.index)
