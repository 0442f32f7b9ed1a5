"""What a run tells while it goes: stages with their time, the increment table, Newton's steps."""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from femsacrum.mechanics.interfaces import Increment

#: Heading, width and format of every column of the increment table.
COLUMNS = (
    ("load case", 16, "{0.load_case}"),
    ("inc", 4, "{0.number}"),
    ("load", 6, "{0.load_factor:.0%}"),
    ("cuts", 4, "{0.cuts}"),
    ("Newton", 6, "{0.newton_iterations}"),
    ("linear", 6, "{0.linear_iterations}"),
    ("residual", 9, "{0.residual:.1e}"),
    ("contact", 8, "{0.in_contact}"),
    ("slip", 5, "{0.slipping:.0%}"),
)


class Progress(Protocol):
    """Anything that wants to be told how a run goes."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def finished(self, name: str, seconds: float, cached: bool) -> None:
        """A stage has ended, computed or read from the cache, in so many seconds."""

    def newton(self, increment: Increment, seconds: float) -> None:
        """Newton's method has come so far in an increment, so many seconds after the load case was begun."""

    def increment(self, increment: Increment) -> None:
        """A load increment has converged."""

    def note(self, text: str) -> None:
        """Something worth a line."""


class Silent:
    """Tells nothing."""

    def stage(self, name: str) -> None:
        """Tell nothing."""

    def finished(self, name: str, seconds: float, cached: bool) -> None:
        """Tell nothing."""

    def newton(self, increment: Increment, seconds: float) -> None:
        """Tell nothing."""

    def increment(self, increment: Increment) -> None:
        """Tell nothing."""

    def note(self, text: str) -> None:
        """Tell nothing."""


class Lines:
    """Plain lines, for a log file, a batch system, a pipe.

    Args:
        stream: Where they go.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._table_open = False

    def stage(self, name: str) -> None:
        """Remember that the next increment opens a new table."""
        self._table_open = False

    def finished(self, name: str, seconds: float, cached: bool) -> None:
        """One line for a finished stage."""
        self._write(f"{name:<28} {_took(seconds, cached)}")

    def newton(self, increment: Increment, seconds: float) -> None:
        """Nothing: lines that stay are kept for what has converged."""

    def increment(self, increment: Increment) -> None:
        """One row of the increment table, the heading before the first."""
        if not self._table_open:
            self._write("  " + " ".join(f"{title:>{width}}" for title, width, _ in COLUMNS))
            self._table_open = True
        cells = cells_of(increment)
        self._write("  " + " ".join(f"{cell:>{width}}" for cell, (_, width, _) in zip(cells, COLUMNS, strict=True)))

    def note(self, text: str) -> None:
        """One line."""
        self._write(f"  {text}")

    def _write(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class HandedOn:
    """Hands on what it is told; what listens in on the way is derived from it.

    Args:
        progress: Whom to tell.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def stage(self, name: str) -> None:
        """Hand it on."""
        self._progress.stage(name)

    def finished(self, name: str, seconds: float, cached: bool) -> None:
        """Hand it on."""
        self._progress.finished(name, seconds, cached)

    def newton(self, increment: Increment, seconds: float) -> None:
        """Hand it on."""
        self._progress.newton(increment, seconds)

    def increment(self, increment: Increment) -> None:
        """Hand it on."""
        self._progress.increment(increment)

    def note(self, text: str) -> None:
        """Hand it on."""
        self._progress.note(text)


class Logged(HandedOn):
    """Writes the increment table and Newton's steps to a log as well.

    Args:
        progress: Whom to tell.
        log: Where every step gets a line; what was written stays when the solve fails.
    """

    def __init__(self, progress: Progress, log: logging.Logger) -> None:
        super().__init__(progress)
        self._log = log

    def newton(self, increment: Increment, seconds: float) -> None:
        """Log it."""
        self._log.info("%s, %.1f s", _told(increment), seconds)
        super().newton(increment, seconds)

    def increment(self, increment: Increment) -> None:
        """Log it."""
        self._log.info("%s: converged", _told(increment))
        super().increment(increment)


class Cached(HandedOn):
    """Remembers which stages came from the cache.

    Args:
        progress: Whom to tell.

    Attributes:
        stages: Their names.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__(progress)
        self.stages: list[str] = []

    def finished(self, name: str, seconds: float, cached: bool) -> None:
        """Remember it."""
        if cached:
            self.stages.append(name)
        super().finished(name, seconds, cached)


class Live:
    """Stages, the increment table and how far Newton's method is, redrawn in place on a terminal.

    A context manager.
    """

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._done: list[tuple[str, str]] = []
        self._rows: list[list[str]] = []
        self._running: dict[str, float] = {}
        self._solving: dict[str, tuple[Increment, float]] = {}
        self._live = RichLive(console=Console(stderr=True), get_renderable=self._render, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.clear()
        self._live.stop()

    def stage(self, name: str) -> None:
        """Show it running."""
        self._running[name] = time.perf_counter()

    def finished(self, name: str, seconds: float, cached: bool) -> None:
        """Move it to the finished ones."""
        self._running.pop(name, None)
        self._done.append((name, _took(seconds, cached)))

    def newton(self, increment: Increment, seconds: float) -> None:
        """Show the load case below the increment table, with its time running on."""
        self._solving[increment.load_case] = (increment, time.perf_counter() - seconds)
        self._live.refresh()

    def increment(self, increment: Increment) -> None:
        """Append a row to the increment table, with the time since the load case was begun."""
        _, since = self._solving.pop(increment.load_case, (None, time.perf_counter()))
        self._rows.append([*cells_of(increment), _since(since)])
        self._live.refresh()

    def note(self, text: str) -> None:
        """One line above the tables."""
        self._live.console.print(text, markup=False, highlight=False)

    def _render(self) -> RenderableType:
        from rich.console import Group

        return Group(*([self._increments()] if self._rows or self._solving else []), self._stages())

    def _stages(self) -> Table:
        from rich.spinner import Spinner
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        for name, took in self._done:
            table.add_row("[green]✓[/green]", name, took)
        for name, since in self._running.items():
            table.add_row(Spinner("dots"), name, _since(since))
        return table

    def _increments(self) -> Table:
        from rich.table import Table

        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)  # fits 80 columns
        for title, width, _ in COLUMNS:
            table.add_column(title, justify="right", min_width=width)
        table.add_column("time", justify="right", min_width=6)
        for row in self._rows[-20:]:
            table.add_row(*row)
        for increment, since in self._solving.values():
            table.add_row(*cells_of(increment), _since(since), style="cyan")
        return table


def cells_of(increment: Increment) -> list[str]:
    """Texts of one row of the increment table."""
    return [form.format(increment) for _, _, form in COLUMNS]


def _told(increment: Increment) -> str:
    """One row of the increment table with its headings."""
    return ", ".join(f"{title} {cell}" for (title, _, _), cell in zip(COLUMNS, cells_of(increment), strict=True))


def _since(start: float) -> str:
    return f"{time.perf_counter() - start:.0f} s"


def _took(seconds: float, cached: bool) -> str:
    return "from the cache" if cached else f"{seconds:.1f} s"
