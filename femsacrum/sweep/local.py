"""Points side by side on one machine: a process does one after the other; one that dies takes only its point along."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from femsacrum import workers
from femsacrum.errors import HeldError
from femsacrum.mechanics import ranks
from femsacrum.sweep import records
from femsacrum.sweep.design import Point
from femsacrum.sweep.evaluate import Task, evaluate, keep_log
from femsacrum.sweep.factors import Value
from femsacrum.sweep.records import Record
from femsacrum.sweep.turns import Turns

#: Share of the free memory that the points may take together [1].
MEMORY = 0.8
#: What a process is reckoned with before any has been measured [MB].
USUAL = 2000.0
#: What a scheduler tells the processes of a job that is to end.
TOLD_TO_END = (signal.SIGTERM, signal.SIGUSR1)
#: How long to wait for this process' own end when a worker was told to end [s]: a scheduler tells all of a job at once.
LAST = 2.0


def size(wanted: int | None, measured: float, ranks: int = 1) -> int:
    """How many points to do at once: one for every processor, or as many as it has ranks, as far as the memory goes.

    Args:
        wanted: Told by the user; None: not told.
        measured: What one has taken [MB]; 0: not known.
        ranks: MPI ranks of a point.
    """
    if wanted is not None:
        return wanted
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    return max(1, min(workers.processes(10**6) // ranks, int(MEMORY * free / (measured or USUAL))))


class Pool:
    """Processes that do the points of a sweep.

    Args:
        task: The sweep.
        points: Factor values of every point.
        attempts: How often a point is tried whose process ends without an answer.
        tell: Told every record when it is on disk, from any thread.
        function: What does a point; as ``evaluate``.
    """

    def __init__(
        self,
        task: Task,
        points: list[Point],
        attempts: int,
        tell: Callable[[Record], None],
        function: Callable[[Task, int, Point, int], Record] = evaluate,
    ) -> None:
        self._task, self._points, self._attempts, self._tell = task, points, attempts, tell
        self._called = (function.__module__, function.__qualname__, False)
        self._lock = threading.Lock()
        self._again: list[int] = []
        self._error: BaseException | None = None
        self._ending = threading.Event()
        self._started: list[Any] = []
        self._idle: dict[int, Any] = {}
        self._at: dict[int, tuple[Value, ...]] = {}
        self._starter = ThreadPoolExecutor(
            1
        )  # a process ends with the thread that started it, and is to outlive a call

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._starter.shutdown()
        for worker in self._started:
            worker.kill()
            worker.wait()

    def work(self, missing: Iterator[int], processes: int) -> None:
        """Do the points that are missing; the processes stay for the next call, with what they keep in memory.

        Args:
            missing: Points; one that has its record by the time it is held is left out.
            processes: How many at once.

        Raises:
            OSError: A record cannot be written, for example on a full disk.
        """
        self._ending.clear()
        turns = Turns(missing, self._task.factors, self._points, self._at)
        threads = [threading.Thread(target=self._serve, args=(turns, each), daemon=True) for each in range(processes)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():  # a join without a limit would not hear an interrupt
                    thread.join(0.2)
        finally:
            self._ending.set()
        if self._error is not None:
            raise self._error

    def _next(self, turns: Turns, process: int) -> int | None:
        with self._lock:
            if self._error is not None or self._ending.is_set():
                return None
            point = turns.next(process)
            return self._again.pop() if point is None and self._again else point

    def _start(self, process: int | None = None) -> Any:
        """The worker that this process was before, with what it keeps in memory; else a new one."""
        with self._lock:
            if process in self._idle:
                return self._idle.pop(process)
        around = ranks.around(self._task.ranks, self._task.launch) if self._task.ranks > 1 else {}
        # as many points at once as processors: none is left for parts of one
        worker = self._starter.submit(workers.start, alone=True, around=around).result()
        with self._lock:
            self._started.append(worker)
        return worker

    def _serve(self, turns: Turns, process: int) -> None:
        """One process after another, until no point is left."""
        worker = self._start(process)
        try:
            while (point := self._next(turns, process)) is not None:
                failed = False
                with records.alone(self._task.folder, point) as mine:
                    if mine:
                        worker, failed = self._done(worker, point)
                if failed:  # only now, or another thread would find it held and leave it out
                    with self._lock:
                        self._again.append(point)
            with self._lock:
                self._idle[process] = worker
        except BaseException as error:  # told by the thread that waits
            self._error = self._error or error

    def _done(self, worker: Any, point: int) -> tuple[Any, bool]:
        """Do a point unless another command has meanwhile; the process that does the next, and whether it failed."""
        tried = records.to_do(self._task.folder, point, self._attempts, self._task.code)
        if tried is None:
            return worker, False
        try:
            record = self._asked(worker, point, tried)
        except HeldError:  # by a process whose driver is gone, and which is about to go
            return worker, False
        if record is None:
            worker.kill()
            code = worker.wait()
            if self._ending.wait(LAST if -code in TOLD_TO_END else 0.0):
                return worker, False
            worker = self._start()
            record = self._died(point, tried, code)
            keep_log(self._task, point)
        records.write(self._task.folder, record)
        self._tell(record)
        return worker, record.state == "failed"

    def _asked(self, worker: Any, point: int, tried: int) -> Record | None:
        job = (self._task, point, self._points[point], tried)
        try:
            workers.send(worker.stdin, (*self._called, job))
            answer = pickle.load(worker.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        if answer[0] == "error":
            raise answer[1]
        assert isinstance(answer[1], Record)
        return answer[1]

    def _died(self, point: int, tried: int, code: int) -> Record:
        """The record of a point whose process is gone."""
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Record(
            point, self._points[point], "failed", f"its process ended without an answer ({ended})", tried + 1,
            code=self._task.code,
        )  # fmt: skip
