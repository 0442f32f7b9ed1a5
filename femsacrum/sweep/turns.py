"""Whose turn is it? Points that share what is elastic are done by the same process, one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from femsacrum.sweep.definition import Factor
from femsacrum.sweep.design import Point
from femsacrum.sweep.factors import Value

#: Keys of a case that change nothing elastic: loads, laws of contact, how it is solved and judged.
NOT_ELASTIC = ("loads", "patient.mass", "interfaces", "solver", "course", "criteria")


def elastic(factors: Sequence[Factor], point: Point) -> tuple[Value, ...]:
    """Values of the factors that change what is elastic: points with the same ones share it.

    Args:
        factors: Of the sweep.
        point: Factor values of a point.
    """
    return tuple(
        point[factor.name] for factor in factors if not all(key.startswith(NOT_ELASTIC) for key in factor.keys)
    )


class Turns:
    """Points that are missing, handed out to processes.

    Args:
        missing: Their numbers.
        factors: Of the sweep.
        points: Factor values of every point.
        at: Process -> values that its last point shared with others: a process that stayed goes on there; it is kept
            up to date.
    """

    def __init__(
        self,
        missing: Iterable[int],
        factors: Sequence[Factor],
        points: Sequence[Point],
        at: dict[int, tuple[Value, ...]] | None = None,
    ) -> None:
        self._groups: dict[tuple[Value, ...], deque[int]] = {}
        for number in missing:
            self._groups.setdefault(elastic(factors, points[number]), deque()).append(number)
        self._at = {} if at is None else at

    def next(self, process: int) -> int | None:
        """A point for a process: of the group it is at, of one that nobody is at, of the one with most points left.

        Args:
            process: Any number of its own.
        """
        if self._at.get(process) not in self._groups:
            others = {group for other, group in self._at.items() if other != process}
            free = next((group for group in self._groups if group not in others), None)
            if free is None:
                free = max(self._groups, key=lambda group: len(self._groups[group]), default=None)
            if free is None:
                return None
            self._at[process] = free
        group = self._at[process]
        found = self._groups[group].popleft()
        if not self._groups[group]:
            del self._groups[group]
        return found
