"""Load cases solved by MPI ranks that this process starts and speaks to; it is none of them itself.

FEMSACRUM_RANKS says how many. They are started once and asked for one load case after the other: what is to be solved
lies in a file, which the first of them takes up and leaves its answer in. They end with the process that started them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from femsacrum import workers
from femsacrum.errors import FemsacrumError, InputError, LostError

if TYPE_CHECKING:
    from femsacrum.case.schema import Solver
    from femsacrum.loads.loadcase import LoadCase
    from femsacrum.mechanics.interfaces import LoadCaseSolution
    from femsacrum.mechanics.march import Progress

#: How many ranks solve a load case; left out: this process does.
RANKS = "FEMSACRUM_RANKS"
#: Command that starts them, their number in it; left out: the ``mpiexec`` of this Python, all on this machine.
LAUNCH = "FEMSACRUM_LAUNCH"
#: MPICH's starter asks Slurm for its processes where it finds one, and hangs inside a step of it (measured).
HERE = {"HYDRA_LAUNCHER": "fork", "HYDRA_RMK": "user"}
#: What is kept of what ranks printed before they were lost [bytes].
TAIL = 4000


def wanted() -> int:
    """How many ranks solve a load case; 1: this process does.

    Raises:
        InputError: The environment says something else than a whole number from 1.
    """
    given = os.environ.get(RANKS, "").strip()
    if not given:
        return 1
    if not re.fullmatch("0*[1-9][0-9]{0,5}", given):
        raise InputError(RANKS, f'"{given[:40]}" is no number of ranks: give a whole number from 1, or leave it out')
    return int(given)


def around(count: int, launch: str = "") -> dict[str, str]:
    """Environment of a process whose load cases are to be solved by ranks.

    Args:
        count: How many ranks.
        launch: Command that starts them; empty: the ``mpiexec`` of this Python.
    """
    return {RANKS: str(count), LAUNCH: launch}


def assert_started(count: int, launch: str = "") -> None:
    """See that as many ranks as are wanted can be started, and that they know of each other.

    Args:
        count: How many.
        launch: As for ``around``.

    Raises:
        InputError: They cannot, or do not.
    """
    group = Group(count, launch)
    try:
        group.greeted()
    except LostError as error:
        raise InputError("ranks", f"{error}; what starts them is {shlex.join(group.launch)}") from None
    finally:
        group.close()


class Group:
    """Ranks that solve load cases together.

    Args:
        count: How many.
        launch: As for ``around``.

    Attributes:
        count: How many.
        launch: Words of the command that started them.
        memory: Most memory they had, together [MB].

    Raises:
        InputError: There is nothing to start them with.
    """

    def __init__(self, count: int, launch: str = "") -> None:
        self.count, self.launch, self.memory = count, _launch(count, launch), 0.0
        self._model: tuple[Any, ...] = ()
        self._ready = False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 closed with the group
        start = {"launch": self.launch, "module": "femsacrum.mechanics.rank", "around": {**HERE, RANKS: str(count)}}
        try:
            self._process: subprocess.Popen[bytes] = workers.start(self._said.fileno(), **start)  # type: ignore[arg-type]
        except OSError as error:
            raise InputError("ranks", f'"{self.launch[0]}" cannot start them: {error.strerror}') from None

    def serves(self, count: int, launch: str) -> bool:
        """Whether these are the ranks wanted, all of them there as far as one knows."""
        return self._process.poll() is None and self.launch == _launch(count, launch)

    def greeted(self) -> None:
        """Wait until they are there.

        Raises:
            InputError: They are not as many as were wanted.
            LostError: One of them is gone.
        """
        if not self._ready:
            message = self._heard()
            if message[0] == "error":
                raise message[1]
            self._ready = True

    def solve(
        self,
        model: tuple[Any, ...],
        load_case: LoadCase,
        solver: Solver,
        checkpoint: Path | None,
        progress: Progress | None,
    ) -> LoadCaseSolution:
        """As ``equilibrium.solve``; a model is handed over once for all its load cases in a row.

        Args:
            model: Bodies, materials, interfaces, bolts, springs.
            load_case: Forces and supports.
            solver: Increments, tolerances, limits.
            checkpoint: File in which converged increments are kept.
            progress: Told how it goes.

        Raises:
            NumericalError: Something floats, or Newton's method stops.
            LostError: One of the ranks is gone.
        """
        self.greeted()
        known = len(self._model) == len(model) and all(a is b for a, b in zip(self._model, model, strict=True))
        handle, name = tempfile.mkstemp(".tmp", dir=checkpoint.parent if checkpoint else None)
        file = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                job = (None if known else model, load_case, solver, checkpoint, progress is not None)
                pickle.dump(job, stream, protocol=pickle.HIGHEST_PROTOCOL)
            self._tell(name)
            while (message := self._heard())[0] == "tell":
                getattr(progress, message[1])(*message[2])
            if message[0] == "error":
                raise message[1]
            self._model, self.memory = model, max(self.memory, message[1])
            found: LoadCaseSolution = pickle.loads(file.read_bytes())
            return found
        finally:
            file.unlink(missing_ok=True)

    def close(self) -> None:
        """Let them end."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()

    def _tell(self, name: str) -> None:
        assert self._process.stdin is not None
        try:
            workers.send(self._process.stdin, (name,))
        except OSError:
            raise self._lost() from None

    def _heard(self) -> Any:
        assert self._process.stdout is not None
        try:
            return pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError, ValueError, KeyError, IndexError, AttributeError):
            raise self._lost() from None

    def _lost(self) -> LostError:
        """What is told when one is gone; what they printed goes to the log."""
        assert self._process.stdout is not None
        last = self._process.stdout.read()  # mpiexec tells there what ended one of them, and ends the others
        code = self._process.wait()
        self._said.seek(max(os.fstat(self._said.fileno()).st_size - TAIL, 0))
        printed = (self._said.read() + last[-TAIL:]).decode("utf-8", "replace").strip()
        if printed:
            logging.getLogger("femsacrum").error("MPI ranks (exit code %d) printed:\n%s", code, printed)
        why = re.search(rb"exit string: *([^\n]*)", last, re.IGNORECASE)
        told = why[1].decode("utf-8", "replace").strip() if why else f"exit code {code}"
        return LostError(f"one of {self.count} MPI ranks ended without an answer ({told})")


_latest: list[Group] = []


def solve(
    model: tuple[Any, ...],
    load_case: LoadCase,
    solver: Solver,
    checkpoint: Path | None,
    progress: Progress | None,
) -> LoadCaseSolution:
    """``Group.solve`` by the ranks that the environment wants, kept from call to call until one goes wrong."""
    count, launch = wanted(), os.environ.get(LAUNCH, "")
    if _latest and not _latest[0].serves(count, launch):
        _latest.pop().close()
    if not _latest:
        _latest.append(Group(count, launch))
    try:
        return _latest[0].solve(model, load_case, solver, checkpoint, progress)
    except (FemsacrumError, OSError):
        _latest.pop().close()  # whatever one of them still does, the next load case begins with others
        raise


def memory() -> float:
    """Most memory that the ranks of this process had together [MB]."""
    return _latest[0].memory if _latest else 0.0


def _launch(count: int, launch: str) -> Sequence[str]:
    if launch:
        return shlex.split(launch)
    starter = Path(sys.executable).parent / "mpiexec"
    if not starter.exists():  # one from elsewhere would start processes that do not know of each other
        raise InputError(
            "ranks", f"there is no mpiexec beside {sys.executable}; say what starts ranks here, or give 1"
        )
    return [str(starter), "-n", str(count)]
