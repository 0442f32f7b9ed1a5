"""One number of the findings that evidence is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Quantity:
    """One number of one load case.

    Attributes:
        load_case: Name.
        key: Keys of the findings that lead to it, below the load case; "|x|" is the size of a vector.
        words: For a table.
        unit: Of the value.
        value: On this mesh.
        kind: "motion", "stress", "strain", "force", "area", "volume" or "margin"; what is drawn together.
        formal: Order of convergence where the solution is smooth.
        peak: A largest value at a point, which may be singular.
        at: Where a peak is [mm]; None: no peak.
        disagree: Of a peak of stress: by how much elements that meet there disagree, the peak over that of the averaged
            stress less one [1]; None: not known.
        main: Shown without being asked for.
        whose: Of a value that is the least of several things: which of them it is.
    """

    load_case: str
    key: str
    words: str
    unit: str
    value: float
    kind: str
    formal: int
    peak: bool = False
    at: tuple[float, ...] | None = None
    main: bool = True
    disagree: float | None = None
    whose: str = ""

    @property
    def solved(self) -> bool:
        """Whether it is a piece of the solution, of which the residual leaves something where there is nothing."""
        return self.kind in ("motion", "stress", "strain", "force")


def known(entry: Any) -> bool:
    """Whether an entry of the findings is there and has a value."""
    return isinstance(entry, Mapping) and entry.get("value") is not None


def valued(entry: Mapping[str, Any]) -> tuple[float, str]:
    """Value and unit of an entry."""
    return float(entry["value"]), str(entry["unit"])


def spoken(name: str) -> str:
    """A name of the findings in words."""
    return name.replace("_", " ").replace("/", " on ")
