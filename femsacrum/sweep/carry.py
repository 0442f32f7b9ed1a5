"""The sentence of a sweep: see what is missing, time one point, ask, do the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from femsacrum.errors import InputError
from femsacrum.sweep import folder, local, records
from femsacrum.sweep.folder import Prepared
from femsacrum.sweep.records import Record
from femsacrum.sweep.status import Status, status
from femsacrum.sweep.turns import Turns


@dataclass(frozen=True)
class Cost:
    """What the points that are missing will take, from one that was timed.

    Attributes:
        points: That are missing.
        seconds: Of one point [s].
        processes: At once.
        disk: Of all of them, with what points share [bytes].
        memory: Of one process [MB].
    """

    points: int
    seconds: float
    processes: int
    disk: float
    memory: float

    @property
    def hours(self) -> float:
        """Wall time [h]."""
        return self.points * self.seconds / self.processes / 3600.0

    def line(self) -> str:
        """For people."""
        return (
            f"{self.points} points to do, {self.seconds:.1f} s each, {self.processes} at a time: about {self.hours:.2g} h, "
            f"{self.disk / 1e9:.2g} GB on disk, {self.memory * self.processes / 1000.0:.2g} GB of memory"
        )


class Told(Protocol):
    """Whoever is told how a sweep goes."""

    def begins(self, points: int, missing: int, processes: int) -> None:
        """The points are begun."""

    def record(self, record: Record) -> None:
        """A point's record is on disk; called from any thread."""


def carry(
    prepared: Prepared,
    *,
    processes: int | None,
    agreed: Callable[[Cost], bool],
    told: Told,
    together: bool = False,
    pool: Callable[..., local.Pool] = local.Pool,
) -> Status:
    """Do all points of a sweep that are missing.

    The first is timed, and shapes and meshes it made are there for the rest.

    Args:
        prepared: The sweep.
        processes: How many at once; None: as many as processors and memory allow.
        agreed: Whether it may cost that much.
        told: Told how it goes.
        together: Begin with a point for every process, where nobody waits to be asked; else with one alone.
        pool: What does the points.

    Returns:
        How far it has come.

    Raises:
        InputError: Another command is at work in the folder, or the estimate is above the budget.
        OSError: A record cannot be written.
    """
    task, sweep, count = prepared.task, prepared.sweep, len(prepared.points)
    with folder.held(task.folder):
        missing = list(records.missing(task.folder, count, sweep.attempts, task.code))
        if missing:
            with pool(task, prepared.points, sweep.attempts, told.record) as doer:
                first = beginning(
                    prepared, missing, local.size(processes, 0.0, prepared.task.ranks) if together else 1
                )
                cost = timed(prepared, first, len(missing), processes, doer)
                left = [point for point in missing if point not in first]
                if left:
                    assert_affordable(prepared, cost)
                    if agreed(cost):
                        told.begins(count, len(left), cost.processes)
                        doer.work(iter(left), min(cost.processes, len(left)))
    return status(task.folder, count, task.code)


def beginning(prepared: Prepared, missing: Sequence[int], processes: int) -> list[int]:
    """The points that processes begin with, one each.

    Args:
        prepared: The sweep.
        missing: Points.
        processes: How many at once.
    """
    turns = Turns(missing, prepared.task.factors, prepared.points)
    return [point for process in range(processes) if (point := turns.next(process)) is not None]


def timed(prepared: Prepared, first: Sequence[int], missing: int, processes: int | None, doer: local.Pool) -> Cost:
    """Do the first that are missing, and see what the others will take.

    Args:
        prepared: The sweep.
        first: Points, done side by side.
        missing: How many are, with these.
        processes: How many at once; None: as many as processors and memory allow.
        doer: What does them.
    """
    task = prepared.task
    before, start = folder.size(task.folder), time.perf_counter()
    doer.work(iter(first), len(first))
    seconds = time.perf_counter() - start
    done = [record for point in first if (record := records.read(task.folder, point)) is not None]
    memory = max((record.memory for record in done), default=0.0)
    shared = folder.size(task.folder / "stages") if (task.folder / "stages").is_dir() else 0
    own = max(folder.size(task.folder) - before - shared, 0) / len(first)
    left = missing - len(first)
    return Cost(left, seconds, local.size(processes, memory, task.ranks), shared + own * left, memory)


def assert_affordable(prepared: Prepared, cost: Cost) -> None:
    """See that an estimate is within the budget.

    Args:
        prepared: The sweep.
        cost: The estimate.

    Raises:
        InputError: It is not.
    """
    budget = prepared.sweep.budget
    for name, needed, allowed in (("hours", cost.hours, budget.hours), ("disk", cost.disk / 1e9, budget.disk)):
        if allowed is not None and needed > allowed:
            raise InputError(f"budget.{name}", f"allows {allowed:g}; by the first point {needed:.2g} are needed")
