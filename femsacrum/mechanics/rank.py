"""One of the MPI ranks that solve load cases together: ``mpiexec -n N python -m femsacrum.mechanics.rank``.

The first hears of jobs and answers, all solve; see ``ranks``.
"""

from __future__ import annotations

import os
import pickle
import queue
import resource
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from mpi4py import MPI
from petsc4py import PETSc

from femsacrum import workers
from femsacrum.errors import FemsacrumError, InputError
from femsacrum.mechanics import ranks

#: How often a rank that waits for a job looks for one [s]; a receive that waits would keep its processor busy.
LOOK = 0.005


def main() -> None:
    """Solve what comes in until nothing does."""
    comm: Any = MPI.COMM_WORLD
    answers = workers.answers()
    if comm.size != ranks.wanted():
        problem = f"{ranks.wanted()} were started, but MPI tells each that they are {comm.size}"
        remedy = "start them with the mpiexec of the MPI that this Python uses (srun: with its --mpi=pmi2)"
        workers.send(answers, ("error", InputError("ranks", f"{problem}; {remedy}")))
        return
    try:
        if comm.rank == 0:
            workers.send(answers, ("ready",))
        _serve(comm, answers)
    except BaseException:
        traceback.print_exc()
        comm.Abort(1)


def _serve(comm: Any, answers: IO[bytes]) -> None:
    from femsacrum.mechanics.equilibrium import solve

    first = comm.rank == 0
    model: Any = None
    for name in _heard() if first else _told(comm):
        if first:
            for other in range(1, comm.size):
                comm.send(name, other)
        job = comm.bcast(Path(name).read_bytes() if first else None)
        given, load_case, solver, checkpoint, told = pickle.loads(job)
        bodies, materials, interfaces, bolts, springs = model = given or model
        progress: Any = workers.Relay(answers) if first and told else None
        try:
            found = solve(
                bodies, materials, interfaces, load_case, solver, bolts, springs, checkpoint,
                progress=progress, comm=PETSc.COMM_WORLD,
            )  # fmt: skip
        except FemsacrumError as error:
            if first:
                workers.send(answers, ("error", error))
            continue
        kilobytes = comm.reduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        if first:
            Path(name).write_bytes(pickle.dumps(found, protocol=pickle.HIGHEST_PROTOCOL))
            workers.send(answers, ("done", kilobytes / 1e3))
    if first:
        for other in range(1, comm.size):
            comm.send(None, other)


def _heard() -> Iterator[str]:
    """Files of the jobs that the first is told of."""
    waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    busy = threading.Event()

    def listen() -> None:
        while True:
            try:
                waiting.put(pickle.load(sys.stdin.buffer)[0])
            except (EOFError, OSError, pickle.UnpicklingError):
                if busy.is_set():  # whoever wanted the answer is gone; without this rank the others end too
                    os._exit(1)
                waiting.put(None)
                return

    threading.Thread(target=listen, daemon=True).start()
    while (name := waiting.get()) is not None:
        busy.set()
        yield name
        busy.clear()


def _told(comm: Any) -> Iterator[str]:
    """The same at the others."""
    while True:
        while not comm.iprobe(0):
            time.sleep(LOOK)
        name = comm.recv(source=0)
        if name is None:
            return
        yield name


if __name__ == "__main__":
    main()
