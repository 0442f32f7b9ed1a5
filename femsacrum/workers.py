"""Independent jobs side by side, each in a process of its own.

Gmsh and PETSc hold global state, so what is done at the same time is done in processes. They are started as
``python -m femsacrum.workers`` and spoken to through their pipes: unlike those of ``multiprocessing`` they never
import the caller's main module, so a script needs no ``__main__`` guard, and a crash inside a library is an error.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from femsacrum.errors import FemsacrumError, LostError

if TYPE_CHECKING:
    from femsacrum.progress import Progress

#: How many processes may run at once; overrides the number of processors this process may use.
VARIABLE = "FEMSACRUM_PROCESSES"
PR_SET_PDEATHSIG = 1

#: Number, name and arguments of a job.
Numbered = tuple[int, str, tuple[Any, ...]]


class Relay:
    """Progress inside a worker: what it is told goes to the parent's."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink

    def __getattr__(self, method: str) -> Callable[..., None]:
        return lambda *values: send(self._sink, ("tell", method, values))


def processes(work: int) -> int:
    """How many processes to start for so many jobs."""
    given = os.environ.get(VARIABLE, "")
    allowed = int(given) if given.isdigit() and int(given) > 0 else len(os.sched_getaffinity(0))
    return max(1, min(work, allowed))


def side_by_side[T](
    function: Callable[..., T],
    jobs: Sequence[tuple[Any, ...]],
    progress: Progress | None = None,
    names: Sequence[str] | None = None,
) -> Iterator[tuple[int, T]]:
    """Do ``function(*job)`` for every job, several at once.

    Args:
        function: A function at the top of a module of this package; its result may only depend on the job.
        jobs: Arguments; the first are started first.
        progress: Handed on to the function as ``progress=`` where given; told from this thread.
        names: Of the jobs, for the error where a process ends without an answer; None: their numbers.

    Yields:
        Number of the job and its result, in the order they end.

    Raises:
        FemsacrumError: What the function raised.
        LostError: A process ended without an answer.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(
            signal.SIGPIPE, signal.SIG_IGN
        )  # as Python starts; PETSc takes a reader that is gone for a crash
    waiting: queue.SimpleQueue[Numbered] = queue.SimpleQueue()
    for number, job in enumerate(jobs):
        waiting.put((number, names[number] if names else f"{function.__module__}, job {number}", job))
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
    task = (function.__module__, function.__qualname__, progress is not None)
    started = [start() for _ in range(processes(len(jobs)))]
    for worker in started:
        threading.Thread(target=_serve, args=(worker, task, waiting, heard), daemon=True).start()
    try:
        for _ in jobs:
            while (message := heard.get())[0] == "tell":
                getattr(progress, message[1])(*message[2])
            if message[0] == "error":
                raise message[1]
            yield message[1], message[2]
    finally:
        for worker in started:
            worker.kill()
            worker.wait()


def start(
    errors: int | None = None,
    *,
    alone: bool = False,
    launch: Sequence[str] = (),
    module: str = "femsacrum.workers",
    around: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """A process that waits for jobs.

    Args:
        errors: Where its error output goes, as for ``subprocess.Popen``; None: with that of this process.
        alone: It starts no processes of its own for what could be done side by side.
        launch: Words of a command that starts it.
        module: What it runs.
        around: More of its environment.
    """
    root = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [*launch, sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **(around or {})}
        | ({VARIABLE: "1"} if alone else {}),
        start_new_session=True,  # an interrupt from the keyboard reaches the parent only, which ends them
    )


def _serve(
    worker: subprocess.Popen[bytes],
    task: tuple[str, str, bool],
    waiting: queue.SimpleQueue[Numbered],
    heard: queue.SimpleQueue[Any],
) -> None:
    """Feed one process until nothing waits; everything it says goes to one queue."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    while True:
        try:
            number, name, job = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            send(worker.stdin, (*task, job))
            while (message := pickle.load(worker.stdout))[0] == "tell":
                heard.put(message)
        except (EOFError, OSError, pickle.UnpicklingError):
            heard.put(("error", LostError(f"{name}: the process doing it ended without an answer")))
            return
        heard.put(message if message[0] == "error" else ("done", number, message[1]))


def send(sink: IO[bytes], message: tuple[Any, ...]) -> None:
    """Say one thing to the process at the other end."""
    pickle.dump(message, sink, protocol=pickle.HIGHEST_PROTOCOL)
    sink.flush()


def answers() -> IO[bytes]:
    """Where answers go; whatever a library prints from here on cannot get between them."""
    found = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return found


def _answer(source: IO[bytes], sink: IO[bytes]) -> None:
    """Do what comes in until the pipe closes."""
    while True:
        try:
            module, name, told, job = pickle.load(source)
        except EOFError:
            return
        function = getattr(import_module(module), name)
        try:
            send(sink, ("done", function(*job, progress=Relay(sink)) if told else function(*job)))
        except FemsacrumError as error:
            send(sink, ("error", error))


if __name__ == "__main__":
    if sys.platform == "linux":  # a parent that is killed takes its workers with it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _answer(sys.stdin.buffer, answers())
