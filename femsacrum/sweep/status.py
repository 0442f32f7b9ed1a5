"""How far a sweep has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from femsacrum.sweep import records
from femsacrum.sweep.definition import Wanted
from femsacrum.sweep.records import Record


@dataclass(frozen=True)
class Status:
    """Counts and times of a sweep's records.

    Attributes:
        points: Of the sweep.
        states: State -> how many.
        seconds: Wall time of all tries together [s].
        reasons: Reason -> how many points, of those not done.
    """

    points: int
    states: dict[str, int]
    seconds: float
    reasons: dict[str, int]

    @property
    def left(self) -> int:
        """Points without a record."""
        return self.points - sum(self.states.values())

    def lines(self) -> list[str]:
        """For people."""
        told = ", ".join(f"{self.states.get(state, 0)} {state}" for state in ("done", "refused", "failed"))
        mean = self.seconds / max(sum(self.states.values()), 1)
        lines = [f"{self.points} points: {told}, {self.left} to do; {mean:.1f} s a point"]
        return lines + [f"{count} x {reason}" for reason, count in self.reasons.items()]


def status(folder: Path, count: int, code: str) -> Status:
    """Read every record of a sweep.

    Args:
        folder: Of the sweep.
        count: Its points.
        code: Fingerprint of the code; records of other code do not count.
    """
    found = [record for point in range(count) if (record := records.read(folder, point)) and record.code == code]
    reasons = Counter(record.reason for record in found if record.state != "done")
    states: Counter[str] = Counter(record.state for record in found)
    return Status(count, dict(states), sum(record.seconds for record in found), dict(reasons.most_common(10)))


def value_of(record: Record, wanted: Wanted) -> float | None:
    """An outcome of interest of a point; None: it has none."""
    for row in record.outcomes:
        if (row["load_case"], row["key"]) == (wanted.load, wanted.key):
            value = row["value"]
            return None if value is None else float(value)
    return None


def best(found: Sequence[Record], wanted: Wanted) -> tuple[int, float] | None:
    """Point with the best value of an outcome, and the value; None: none has any."""
    values = [(value, record.point) for record in found if (value := value_of(record, wanted)) is not None]
    if not values:
        return None
    value, point = min(values) if wanted.goal == "least" else max(values)
    return point, value
