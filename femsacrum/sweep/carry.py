"""The sentence of a sweep: see what is missing, time one point, ask, do the rest."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from femsacrum.errors import InputError
from femsacrum.sweep import folder, local, records
from femsacrum.sweep.folder import Prepared
from femsacrum.sweep.records import Record
from femsacrum.sweep.status import Status, status


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
    pool: Callable[..., local.Pool] = local.Pool,
) -> Status:
    """Do all points of a sweep that are missing.

    The first is timed while nothing else runs, and shapes and meshes it made are there for the rest.

    Args:
        prepared: The sweep.
        processes: How many at once; None: as many as processors and memory allow.
        agreed: Whether it may cost that much.
        told: Told how it goes.
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
                cost = timed(prepared, missing, processes, doer)
                if len(missing) > 1:
                    assert_affordable(prepared, cost)
                    if agreed(cost):
                        told.begins(count, len(missing) - 1, cost.processes)
                        doer.work(itertools.islice(missing, 1, None), min(cost.processes, len(missing) - 1))
    return status(task.folder, count, task.code)


def timed(prepared: Prepared, missing: list[int], processes: int | None, doer: local.Pool) -> Cost:
    """Do the first that is missing, and see what the others will take.

    Args:
        prepared: The sweep.
        missing: Points.
        processes: How many at once; None: as many as processors and memory allow.
        doer: What does it.
    """
    task, point = prepared.task, missing[0]
    before, start = folder.size(task.folder), time.perf_counter()
    doer.work(iter(missing[:1]), 1)
    seconds = time.perf_counter() - start
    record = records.read(task.folder, point)
    memory = record.memory if record else 0.0
    shared = folder.size(task.folder / "stages") if (task.folder / "stages").is_dir() else 0
    own = max(folder.size(task.folder) - before - shared, 0)
    left = len(missing) - 1
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
