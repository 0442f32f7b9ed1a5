"""How a sweep tells how it goes: a line in place on a terminal; elsewhere what goes wrong, and nothing else."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from femsacrum.sweep.definition import Wanted
from femsacrum.sweep.folder import Prepared
from femsacrum.sweep.records import Record
from femsacrum.sweep.status import value_of


class Quiet:
    """Tells only points that are not done."""

    def begins(self, points: int, missing: int, processes: int) -> None:
        """Tell nothing."""

    def record(self, record: Record) -> None:
        """One line for a point that is not done."""
        if record.state != "done":
            print(f"point {record.point} {record.state}: {record.reason}", file=sys.stderr, flush=True)


class Counting(Quiet):
    """Points done, failed, running, rate, time left and the best so far, in one line that is written over.

    Args:
        wanted: Outcome whose best value is told; None: none.
    """

    def __init__(self, wanted: Wanted | None) -> None:
        self._wanted = wanted
        self._lock = threading.Lock()
        self._states: Counter[str] = Counter()
        self._missing, self._running, self._start = 1, 1, time.monotonic()
        self._best: tuple[float, int] | None = None

    def begins(self, points: int, missing: int, processes: int) -> None:
        """Start the clock."""
        self._missing, self._running, self._start = missing, processes, time.monotonic()
        self._states.clear()

    def record(self, record: Record) -> None:
        """Write the line anew, after one that stays for a point that is not done."""
        with self._lock:
            sys.stderr.write("\r\x1b[K")
            super().record(record)
            self._states[record.state] += 1
            self._note(record)
            sys.stderr.write(self.line())
            sys.stderr.flush()

    def line(self) -> str:
        """What is told."""
        done = sum(self._states.values())
        left = max(self._missing - done, 0)
        rate = done / max(time.monotonic() - self._start, 1e-9)
        well = self._states["done"]
        told = [
            f"{well} of {self._missing} done, {done - well} not, {min(self._running, left)} running",
            f"{3600.0 * rate:.3g} an hour",
            f"{_spoken(left / rate)} to go" if rate else "",
        ]
        if self._best and self._wanted:
            told.append(f"best {self._wanted.name} {self._best[0]:.4g} (point {self._best[1]})")
        return "; ".join(filter(None, told))

    def _note(self, record: Record) -> None:
        value = value_of(record, self._wanted) if self._wanted else None
        if value is None or self._wanted is None:
            return
        better = self._best is None or (
            value < self._best[0] if self._wanted.goal == "least" else value > self._best[0]
        )
        if better:
            self._best = value, record.point


@contextmanager
def told_of(prepared: Prepared) -> Iterator[Quiet]:
    """Who is told: a terminal in place, anything else only what goes wrong."""
    if not sys.stderr.isatty():
        yield Quiet()
        return
    try:
        yield Counting(next(iter(prepared.sweep.outcomes), None))
    finally:
        sys.stderr.write("\n")


def _spoken(seconds: float) -> str:
    minutes = int(seconds // 60)
    return (
        f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min {int(seconds % 60):02d} s"
    )
