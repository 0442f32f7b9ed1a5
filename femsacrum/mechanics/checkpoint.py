"""The last converged increment on disk, so that an interrupted solve goes on from it."""

from __future__ import annotations

import json
import zipfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.mechanics.interfaces import Increment

if TYPE_CHECKING:
    from femsacrum.mechanics.march import State


@dataclass(frozen=True)
class Checkpoint:
    """A file with the state of a march; without a path nothing is kept.

    The file belongs to one problem: whoever names it sees to that (the run folder names it by the content of all
    inputs).

    Attributes:
        path: The file, None: none.
        processes: MPI communicator (mpi4py) of those that march together, of which one writes and reads; None: one alone.
    """

    path: Path | None = None
    processes: Any = None

    def write(self, state: State) -> None:
        """Keep a state; the one before is replaced whole or not at all."""
        if self.path is None or not self._first:
            return
        history = {f"history_{each.name}": getattr(state.history, each.name) for each in fields(state.history)}
        numbers = np.array([state.stage, state.reached, state.step, state.cuts])
        origin: dict[str, Any] = {} if state.origin is None else {"origin": state.origin}
        temporary = self.path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            np.savez(
                file,
                displacement=state.displacement,
                insertions=state.insertions,
                preloads=state.preloads,
                numbers=numbers,
                table=np.array(json.dumps([astuple(row) for row in state.table])),
                **origin,
                **history,
            )
        temporary.replace(self.path)

    def read(self, start: State) -> State | None:
        """The state kept, None where there is none that fits."""
        kept = self._read(start) if self._first else None
        return kept if self.processes is None else self.processes.bcast(kept)

    def _read(self, start: State) -> State | None:
        if self.path is None or not self.path.is_file():
            return None
        try:
            with np.load(self.path) as kept:
                values = {name: kept[name] for name in kept.files}
            history = type(start.history)(*(values[f"history_{each.name}"] for each in fields(start.history)))
            stage, reached, step, cuts = values["numbers"]
            state = type(start)(
                values["displacement"],
                history,
                values["insertions"],
                values["preloads"],
                int(stage),
                float(reached),
                float(step),
                int(cuts),
                values.get("origin"),
                tuple(Increment(*row) for row in json.loads(str(values["table"]))),
            )
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        fits = (
            state.displacement.shape == start.displacement.shape
            and history.jump.shape == start.history.jump.shape
            and state.insertions.shape == start.insertions.shape
        )
        return state if fits and np.all(np.isfinite(state.displacement)) else None

    def discard(self) -> None:
        """The solve has ended: nothing is left to go on from."""
        if self.path is not None and self._first:
            self.path.unlink(missing_ok=True)

    @property
    def _first(self) -> bool:
        return self.processes is None or self.processes.rank == 0
