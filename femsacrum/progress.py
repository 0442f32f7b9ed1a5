"""What a run tells while it goes: stages with their time, and the increment table."""

from __future__ import annotations

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


class Live:
    """Stages and the increment table, redrawn in place on a terminal; a context manager."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._done: list[tuple[str, str]] = []
        self._rows: list[list[str]] = []
        self._running: tuple[str, float] | None = None
        self._live = RichLive(console=Console(stderr=True), get_renderable=self._render, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running = None
        self._live.stop()

    def stage(self, name: str) -> None:
        """Show it running."""
        self._running = (name, time.perf_counter())

    def finished(self, name: str, seconds: float, cached: bool) -> None:
        """Move it to the finished ones."""
        self._running = None
        self._done.append((name, _took(seconds, cached)))

    def increment(self, increment: Increment) -> None:
        """Append a row to the increment table."""
        self._rows.append(cells_of(increment))
        self._live.refresh()

    def note(self, text: str) -> None:
        """One line above the tables."""
        self._live.console.print(text, markup=False, highlight=False)

    def _render(self) -> RenderableType:
        from rich.console import Group

        return Group(*([self._increments()] if self._rows else []), self._stages())

    def _stages(self) -> Table:
        from rich.spinner import Spinner
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        for name, took in self._done:
            table.add_row("[green]✓[/green]", name, took)
        if self._running:
            name, since = self._running
            table.add_row(Spinner("dots"), name, f"{time.perf_counter() - since:.0f} s")
        return table

    def _increments(self) -> Table:
        from rich.table import Table

        table = Table(box=None, padding=(0, 1))
        for title, width, _ in COLUMNS:
            table.add_column(title, justify="right", min_width=width)
        for row in self._rows[-20:]:
            table.add_row(*row)
        return table


def cells_of(increment: Increment) -> list[str]:
    """Texts of one row of the increment table."""
    return [form.format(increment) for _, _, form in COLUMNS]


def _took(seconds: float, cached: bool) -> str:
    return "from the cache" if cached else f"{seconds:.1f} s"
