"""MPI ranks of a point: that its load cases can be shared out, and that the ranks can be started."""

from __future__ import annotations

from dataclasses import replace

from femsacrum import workers
from femsacrum.case.load import load
from femsacrum.errors import InputError
from femsacrum.mechanics import ranks
from femsacrum.sweep.factors import assignments
from femsacrum.sweep.folder import Prepared


def with_ranks(prepared: Prepared, count: int, launch: str = "") -> Prepared:
    """The same sweep, whose points have their load cases solved by MPI ranks; those are started once to see that they are.

    Args:
        prepared: The sweep.
        count: Ranks of a point; 1: its process solves.
        launch: Command that starts them; empty: the ``mpiexec`` of this Python.

    Raises:
        InputError: The sweep is not solved iteratively, or so many ranks cannot be started.
    """
    if count == 1:
        return prepared
    assert_shared(prepared)
    ranks.assert_started(count, launch)
    return replace(prepared, task=replace(prepared.task, ranks=count, launch=launch))


def assert_shared(prepared: Prepared) -> None:
    """See that the points are solved by a method that ranks can share, whatever value a factor takes that may set it.

    Args:
        prepared: The sweep.

    Raises:
        InputError: They are condensed.
    """
    task = prepared.task
    first = prepared.points[0]
    setting = [one for one in task.factors if one.values and any(key.startswith("solver") for key in one.keys)]
    points = [first, *({**first, one.name: value} for one in setting for value in one.values or ())]
    for point in points:
        case = load(task.case_file, [*task.set, *assignments(task.factors, point)], task.data)
        if case.solver.method == "condensed":
            raise InputError(
                "ranks",
                'what is condensed is solved by one process; give method = "iterative" in the sweep, or 1 rank',
            )


def assert_room(count: int) -> None:
    """See that this machine has a processor for each rank of a point.

    Args:
        count: Ranks of a point.

    Raises:
        InputError: It has not.
    """
    if (there := workers.processes(count)) < count:
        raise InputError("--ranks", f"{count} ranks want {count} processors; this process may use {there}")
