"""What a task of a cluster does: its share of the points, from the folder of the sweep alone."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from femsacrum.errors import InputError
from femsacrum.sweep import local, records, slurm
from femsacrum.sweep.evaluate import evaluate
from femsacrum.sweep.folder import opened
from femsacrum.sweep.ranks import with_ranks
from femsacrum.sweep.told import Quiet

#: How many processes a launcher has started of this one; each would do the same points.
LAUNCHED = ("SLURM_STEP_NUM_TASKS", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE")


def share(
    folder: Path,
    file: Path,
    start: int,
    stop: int,
    processes: int = 1,
    function: Any = evaluate,
    *,
    ranks: int = 1,
    launch: str = "",
) -> Counter[str]:
    """Do some of the points of an array that are not done yet and that no other process does.

    Args:
        folder: Of the sweep.
        file: List of the array's points.
        start: First one of the list.
        stop: One past the last.
        processes: How many at once.
        function: What does a point; as ``evaluate``.
        ranks: MPI ranks of a point.
        launch: Command that starts them; empty: the ``mpiexec`` of this Python.

    Returns:
        State -> how many were left in it.

    Raises:
        InputError: The sweep has changed since the points were submitted, this node has other code, or a launcher has
            started several of these, or the ranks cannot be started.
        KeyboardInterrupt: The scheduler wants the task to end (SIGTERM, SIGUSR1). Points in work stay where they are,
            and go on after their last converged increment when they are submitted again.
    """
    for number in local.TOLD_TO_END:
        signal.signal(number, _end)
    if several := [name for name in LAUNCHED if int(os.environ.get(name) or 1) > 1]:
        told = f"is {os.environ[several[0]]}: each would do the same points"
        raise InputError(several[0], f"{told}; leave srun and mpiexec out, a point starts its ranks itself")
    prepared, array = with_ranks(opened(folder), ranks, launch), slurm.listed(file)
    task, attempts = prepared.task, prepared.sweep.attempts
    if array.code != task.code:
        raise InputError(str(folder), "was submitted by other code than is installed here; install the same on both")
    counting = _Counting()
    with local.Pool(task, prepared.points, attempts, counting.record, function) as pool:
        pool.work(iter(array.points[start:stop]), processes)
    return counting.states


class _Counting(Quiet):
    def __init__(self) -> None:
        self.states: Counter[str] = Counter()

    def record(self, record: records.Record) -> None:
        super().record(record)
        self.states[record.state] += 1


def _end(number: int, frame: FrameType | None) -> None:
    for each in local.TOLD_TO_END:  # once is enough; a second one would stop the stopping
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
