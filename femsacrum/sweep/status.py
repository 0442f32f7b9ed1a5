"""How far a sweep has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
        tasks: State of a task that the scheduler has -> how many of its points are not done; None: nobody was asked.
        idle: Points without a record and without a task.
    """

    points: int
    states: dict[str, int]
    seconds: float
    reasons: dict[str, int]
    tasks: dict[str, int] | None = None
    idle: int = 0

    @property
    def left(self) -> int:
        """Points without a record."""
        return self.points - sum(self.states.values())

    def lines(self) -> list[str]:
        """For people."""
        told = ", ".join(f"{self.states.get(state, 0)} {state}" for state in ("done", "refused", "failed"))
        mean = self.seconds / max(sum(self.states.values()), 1)
        lines = [f"{self.points} points: {told}, {self.left} to do; {mean:.1f} s a point"]
        if self.tasks is not None and (self.tasks or self.idle):
            told = ", ".join(f"{count} {state}" for state, count in self.tasks.items()) or "none of them"
            lines.append(f"the scheduler has {told}; {self.idle} have no task")
        return lines + [f"{count} x {reason}" for reason, count in self.reasons.items()]


def status(folder: Path, count: int, code: str, queued: Mapping[int, str] | None = None) -> Status:
    """Read every record of a sweep, one at a time.

    Args:
        folder: Of the sweep.
        count: Its points.
        code: Fingerprint of the code; records of other code do not count.
        queued: Point -> state of its task; None: nothing was submitted, or the scheduler gives no answer.
    """
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    seconds, idle, waiting = 0.0, 0, queued or {}
    for point in range(count):
        record = records.read(folder, point)
        if record is not None and record.code == code:
            states[record.state] += 1
            seconds += record.seconds
            if record.state != "done":
                reasons[record.reason] += 1
            if record.state != "failed":
                continue
        elif point not in waiting:
            idle += 1
        if point in waiting:
            tasks[waiting[point]] += 1
    told = None if queued is None else dict(tasks.most_common())
    return Status(count, dict(states), seconds, dict(reasons.most_common(10)), told, idle)


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
