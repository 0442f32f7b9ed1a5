"""A ratio with the goal it is held to."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.row import Row


@dataclass(frozen=True)
class Goal(Row):
    """A measured value that must not be on the wrong side of ``reference``.

    Attributes:
        least: True: at least the reference; False: at most.
    """

    least: bool = False

    @property
    def error(self) -> float:
        """By how much it misses, relative to the reference; 0 when it is met."""
        missed = self.reference - self.measured if self.least else self.measured - self.reference
        return max(0.0, missed / abs(self.reference))


def at_most(case, quantity, measured, limit, source):
    """Row that is out when the value is larger than the limit."""
    return Goal(case, quantity, measured, limit, 0.0, f"goal: at most; {source}")


def at_least(case, quantity, measured, limit, source):
    """Row that is out when the value is smaller than the limit."""
    return Goal(case, quantity, measured, limit, 0.0, f"goal: at least; {source}", least=True)
