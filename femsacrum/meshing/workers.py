"""Meshing in several processes: Gmsh holds global state, so each process meshes one body at a time.

The processes are started as ``python -m femsacrum.meshing.workers`` and spoken to through their pipes. Unlike
``multiprocessing`` they never import the caller's main module, so a script needs no ``__main__`` guard, and a crash
inside Gmsh becomes an error with a body's name.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from femsacrum.errors import NumericalError
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.one_body import Job, mesh_body
from femsacrum.meshing.triangles import enclosed_volume
from femsacrum.surgery.construct import Solid

Made = tuple[BodyMesh, dict[str, float]]

#: How many processes may mesh at once; overrides the number of processors this process may use.
VARIABLE = "FEMSACRUM_PROCESSES"


def processes(work: int) -> int:
    """How many processes to start for so many bodies."""
    given = os.environ.get(VARIABLE, "")
    allowed = int(given) if given.isdigit() and int(given) > 0 else len(os.sched_getaffinity(0))
    return max(1, min(work, allowed))


def run(work: Sequence[Job]) -> dict[str, Made]:
    """Mesh all bodies; the result does not depend on the number of processes.

    Returns:
        Body name -> mesh and row of the quality table, in the order of the work.

    Raises:
        NumericalError: A body cannot be meshed, or Gmsh crashed on it.
    """
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in sorted(work, key=_cost, reverse=True):
        waiting.put(job)
    started: list[subprocess.Popen[bytes]] = []
    done: dict[str, Made] = {}
    try:
        for _ in range(processes(len(work))):
            started.append(_start())
        with ThreadPoolExecutor(len(started)) as pool:
            try:
                for served in pool.map(lambda worker: _serve(worker, waiting), started):
                    done.update(served)
            except BaseException:
                _stop(started)  # before the pool is joined: its threads wait for answers of these processes
                raise
    finally:
        _stop(started)
    return {job.name: done[job.name] for job in work}


def _cost(job: Job) -> float:
    """Rough number of elements, to start the largest bodies first; solids are slowest."""
    if isinstance(job.shape, Solid):
        return float("inf")
    return enclosed_volume(job.shape.points, job.shape.triangles) / job.size**3


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-m", "femsacrum.meshing.workers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        start_new_session=True,  # an interrupt from the keyboard reaches the parent only, which stops them
    )


def _stop(started: Sequence[subprocess.Popen[bytes]]) -> None:
    for worker in started:
        worker.kill()
        worker.wait()


def _serve(worker: subprocess.Popen[bytes], waiting: queue.SimpleQueue[Job]) -> dict[str, Made]:
    assert worker.stdin is not None
    assert worker.stdout is not None
    done: dict[str, Made] = {}
    while True:
        try:
            job = waiting.get_nowait()
        except queue.Empty:
            return done
        try:
            pickle.dump(job, worker.stdin)
            worker.stdin.flush()
            answer = pickle.load(worker.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise NumericalError(f'mesh: the process meshing body "{job.name}" ended without an answer') from error
        if isinstance(answer, NumericalError):
            raise answer
        done[job.name] = answer


def _answer(source: IO[bytes], sink: IO[bytes]) -> None:
    """Mesh what comes in until the pipe closes."""
    while True:
        try:
            job = pickle.load(source)
        except EOFError:
            return
        answer: Any
        try:
            answer = mesh_body(job)
        except NumericalError as error:
            answer = error
        pickle.dump(answer, sink)
        sink.flush()


def _end_with(parent: int) -> None:
    """End this process once its parent is gone, in the middle of Gmsh if need be."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not get between the answers
    _answer(sys.stdin.buffer, answers)
