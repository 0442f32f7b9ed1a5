"""A sweep handed to a scheduler: see what is missing and not queued, say what it will cost, submit it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from femsacrum.sweep import folder, local, records, slurm
from femsacrum.sweep.carry import Cost, Told, assert_affordable, timed
from femsacrum.sweep.definition import Cluster
from femsacrum.sweep.folder import Prepared
from femsacrum.sweep.ranks import assert_shared
from femsacrum.sweep.turns import elastic


@dataclass(frozen=True)
class Handed:
    """What became of the points that are missing.

    Attributes:
        submitted: Points that were submitted.
        waiting: Points that the scheduler had already.
        arrays: What it said to each array.
    """

    submitted: int
    waiting: int
    arrays: tuple[str, ...]

    def lines(self) -> list[str]:
        """For people."""
        told = [f"{self.waiting} points wait or run already"] if self.waiting else []
        if not self.submitted:
            return [*told, "nothing to submit"]
        return [*told, f"{self.submitted} points submitted: job {', '.join(self.arrays)}"]


def hand_over(
    prepared: Prepared,
    cluster: Cluster,
    base: Path,
    *,
    agreed: Callable[[Cost | None], bool],
    told: Told,
    time_here: bool = False,
    pool: Callable[..., local.Pool] = local.Pool,
) -> Handed:
    """Submit all points of a sweep that are missing and that the scheduler does not have.

    Args:
        prepared: The sweep.
        cluster: How it is submitted.
        base: Folder a template is relative to.
        agreed: Whether it may cost that much; None: no point is done yet, so nobody knows.
        told: Told of the point that is timed.
        time_here: Do the first point here, and so see what one takes.
        pool: What does it.

    Raises:
        InputError: Another command is at work in the folder, the estimate is above the budget, or the scheduler gives
            no answer or takes no array.
    """
    task, sweep = prepared.task, prepared.sweep
    if cluster.ranks > 1:
        assert_shared(prepared)
    with folder.held(task.folder):
        queued = slurm.queued(task.folder, cluster) or {}
        left = [point for point in _missing(prepared) if point not in queued]
        left.sort(key=lambda point: str(elastic(sweep.factors, prepared.points[point])))  # a task does them in a row
        if left and time_here:
            with pool(task, prepared.points, sweep.attempts, told.record) as doer:
                timed(prepared, left[:1], len(left), 1, doer)
            done = set(left) - set(_missing(prepared))
            left = [point for point in left if point not in done]
        if not left:
            return Handed(0, len(queued), ())
        cost = _estimate(prepared, cluster, len(left))
        if cost is not None:
            assert_affordable(prepared, cost)
        if not agreed(cost):
            return Handed(0, len(queued), ())
        arrays = tuple(slurm.submit(prepared, cluster, left, base))
    return Handed(len(left), len(queued), arrays)


def _missing(prepared: Prepared) -> list[int]:
    task = prepared.task
    return list(records.missing(task.folder, len(prepared.points), prepared.sweep.attempts, task.code))


def _estimate(prepared: Prepared, cluster: Cluster, points: int) -> Cost | None:
    """From the points that are done, on whatever machine that was."""
    task = prepared.task
    found = (records.read(task.folder, point) for point in range(len(prepared.points)))
    done = [
        (record.seconds, record.memory)
        for record in found
        if record and record.state == "done" and record.code == task.code
    ]
    if not done:
        return None
    own = sum(folder.size(task.folder / name) for name in ("points", "fields")) / len(done)
    tasks = min(slurm.tasks(cluster, points), cluster.most_at_once or points)
    seconds, memory = sum(each for each, _ in done) / len(done), max(each for _, each in done)
    return Cost(points, seconds, min(tasks * cluster.side_by_side, points), own * points, memory)
