"""One line of the verification table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measured value beside its reference.

    Attributes:
        case: What was computed.
        quantity: Which value, with its unit.
        measured: Value.
        reference: What it must be.
        tolerance: Largest difference allowed, relative to the reference (absolute where that is zero).
        source: Where the reference comes from.
        judged: False: reported only.
    """

    case: str
    quantity: str
    measured: float
    reference: float
    tolerance: float
    source: str
    judged: bool = True

    @property
    def error(self) -> float:
        """Difference, relative to the reference unless that is zero."""
        return abs(self.measured - self.reference) / (abs(self.reference) or 1.0)

    @property
    def passed(self) -> bool:
        return not self.judged or self.error <= self.tolerance
