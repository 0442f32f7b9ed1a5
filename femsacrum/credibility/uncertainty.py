"""How far an outcome may be from its value, as far as evidence tells, and what that does to a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Evidence = Mapping[str, Any]

#: Relative difference of two values up to which evidence is of the same result [1].
SAME = 1e-6
#: Where a run is its own mesh among the three of the evidence.
OWN = "."
#: What uncertainty that reaches across a limit does to a verdict of "met", and to one of "not met".
CROSSED = {True: "but not beyond its uncertainty", False: "but within its uncertainty"}


@dataclass(frozen=True)
class Band:
    """Where an outcome may lie.

    Attributes:
        low: Least value, in the outcome's unit.
        high: Largest value.
    """

    low: float
    high: float

    def reaches(self, limit: float) -> bool:
        """Whether a limit lies inside."""
        return self.low < limit < self.high

    def meets(self, other: Band) -> bool:
        """Whether two bands have a value in common."""
        return self.low <= other.high and other.low <= self.high


def numerical(
    convergence: Evidence | None, load_case: str, key: str, value: float, inverse_of: float | None = None
) -> tuple[Band | None, str]:
    """The band of the mesh: the grid convergence index to either side.

    Where another mesh than the run's is the fine one, the distance of the two is added.

    Args:
        convergence: Content of ``credibility/convergence.json``; None: there is none.
        load_case: Of the outcome.
        key: Of the quantity behind it.
        value: Of the outcome.
        inverse_of: Value of that quantity where the outcome goes with one over it; None: the outcome is the quantity.

    Returns:
        The band, and why there is none.
    """
    if convergence is None:
        return None, "not provided"
    rows = (each for each in convergence["quantities"] if (each["load_case"], each["key"]) == (load_case, key))
    row = next(rows, None)
    if row is None:
        return None, "not assessed"
    if row["singular"]:
        return None, "singular"
    places = [mesh["folder"] for mesh in convergence["meshes"]]
    mine = row["values"][places.index(OWN)] if OWN in places else row["values"][0]
    here = value if inverse_of is None else inverse_of
    if abs(mine - here) > SAME * max(abs(mine), abs(here)):
        return None, "of another result"
    half = row["gci"] + abs(mine - row["values"][0])
    return _ends((here - half, here + half), value, inverse_of), ""


def of_inputs(
    sensitivity: Evidence | None, load_case: str, key: str, value: float, inverse_of: float | None = None
) -> tuple[Band | None, str]:
    """The band of the inputs: the least and largest value as one after the other goes through its range.

    Args:
        sensitivity: Content of ``credibility/sensitivity.json``; None: there is none.
        load_case: Of the outcome.
        key: Of the quantity behind it.
        value: Of the outcome.
        inverse_of: As above.

    Returns:
        The band, and why there is none.
    """
    if sensitivity is None:
        return None, "not provided"
    wanted = (f"{load_case}: {key}", key)
    rows = [each for each in sensitivity["rows"] if each["quantity"] in wanted]
    ends = [float(each[end]) for each in rows for end in ("low_value", "high_value") if each[end] is not None]
    if not ends:
        return None, "not assessed"
    return _ends((*ends, value if inverse_of is None else inverse_of), value, inverse_of), ""


def reach(limit: float, met: bool, bands: Sequence[Band | None]) -> str:
    """What uncertainty does to a verdict, in words to follow it.

    Args:
        limit: In the outcome's unit.
        met: The verdict on the value itself.
        bands: Numerical and of the inputs; None: not known.
    """
    if any(band is not None and band.reaches(limit) for band in bands):
        return CROSSED[met]
    if all(band is None for band in bands):
        return "its uncertainty is not known"
    return "beyond its uncertainty" if all(bands) else "beyond its uncertainty as far as that is known"


def _ends(values: Sequence[float], value: float, inverse_of: float | None) -> Band:
    if inverse_of is None:
        return Band(min(values), max(values))
    made = [value * inverse_of / each if each > 0.0 else math.inf for each in values]
    return Band(min(made), max(made))
