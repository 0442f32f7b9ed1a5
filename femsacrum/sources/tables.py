"""The tables of published constants, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

FIELDS = ("value", "unit", "source", "confidence")


@dataclass(frozen=True)
class Constant:
    """One published value.

    Attributes:
        value: In the unit below, which is one of mm, N, MPa, s, deg, kg, their products, or "1".
        unit: Of the value.
        source: Where it was read.
        confidence: "S" read at the source; "S2" read where someone else quotes it; "M-high", "M-med", "M-low" from
            memory with that confidence; "D" derived here.
    """

    value: float
    unit: str
    source: str
    confidence: str

    def cited(self) -> str:
        """Source with its confidence, for a report."""
        return f"{self.source} [{self.confidence}]"


def _read_only(entry: Any) -> Any:
    if isinstance(entry, dict):
        return MappingProxyType({key: _read_only(value) for key, value in entry.items()})
    return tuple(_read_only(value) for value in entry) if isinstance(entry, list) else entry


@cache
def table(name: str) -> Mapping[str, Any]:
    """Content of one table of this room, read-only and read once.

    Args:
        name: File name without ``.toml``, for example ``"materials"``.

    Raises:
        FileNotFoundError: No such table.
    """
    content: Mapping[str, Any] = _read_only(
        tomllib.loads((resources.files(__package__) / f"{name}.toml").read_text("utf-8"))
    )
    return content


def constant(name: str, key: str) -> Constant:
    """One value of a table with its unit, source and confidence.

    Args:
        name: Table, for example ``"materials"``.
        key: Dotted path of the entry, for example ``"disc.youngs_modulus"``.

    Raises:
        KeyError: The table has no such entry, or it lacks one of ``value, unit, source, confidence``.
    """
    entry: Any = table(name)
    for part in key.split("."):
        if not isinstance(entry, Mapping) or part not in entry:
            raise KeyError(f"{name}.toml has no entry {key!r}")
        entry = entry[part]
    if set(entry) != set(FIELDS):
        raise KeyError(f"{name}.toml: {key!r} must have exactly {', '.join(FIELDS)}")
    return Constant(float(entry["value"]), entry["unit"], entry["source"], entry["confidence"])
