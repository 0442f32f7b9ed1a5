"""One point: its case carried from the anatomy to its findings, what other points made before used again."""

from __future__ import annotations

import contextlib
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femsacrum.errors import FemsacrumError, HeldError, InputError, LostError
from femsacrum.sweep.factors import Value, assignments
from femsacrum.sweep.records import IN_ONE, Record


@dataclass(frozen=True)
class Task:
    """What the points of a sweep have in common.

    Attributes:
        folder: Of the sweep.
        case_file: The case they start from.
        data: Data folders.
        factors: What is varied.
        set: KEY=VALUE of every point.
        fields: Keep the fields of every point.
        code: Fingerprint of the code.
        ranks: MPI ranks that solve the load cases of a point; 1: its process does.
        launch: Command that starts them; empty: the ``mpiexec`` of this Python.
    """

    folder: Path
    case_file: Path
    data: tuple[Path, ...]
    factors: tuple[Any, ...]
    set: tuple[str, ...]
    fields: bool
    code: str
    ranks: int = 1
    launch: str = ""


def evaluate(task: Task, point: int, values: dict[str, Value], attempts: int) -> Record:
    """Carry one point out.

    Args:
        task: The sweep.
        point: Number of the point.
        values: Name of a factor -> its value.
        attempts: How often it was tried before.

    Returns:
        Its record; what cannot be is a record too.

    Raises:
        HeldError: Another process does this point.
    """
    start = time.perf_counter()
    known: dict[str, Any] = {"point": point, "values": values, "attempts": attempts + 1, "code": task.code}
    working, lost = place(task, point), False
    try:
        outcomes = tuple(_outcomes(task, working, values))
        known |= {"state": "done", "outcomes": outcomes}
    except HeldError:
        raise
    except LostError as error:
        known |= {"state": "failed", "reason": _one_line(error)}
        lost = True
    except FemsacrumError as error:
        kind = "input" if isinstance(error, InputError) else "numerics"
        known |= {"state": "refused", "reason": f"{kind}: {_one_line(error)}"}
    except Exception as error:  # a full disk, a library that fails: another try may end well
        known |= {"state": "failed", "reason": f"{type(error).__name__}: {_one_line(error)}"}
    if lost:  # the next try goes on from what had converged
        keep_log(task, point)
    else:
        _clear(task, working, point, done=known["state"] == "done")
    from femsacrum.logbook import peak_memory
    from femsacrum.mechanics import ranks

    return Record(**known, seconds=time.perf_counter() - start, memory=peak_memory() + ranks.memory())


def place(task: Task, point: int) -> Path:
    """Where a point is worked at."""
    return task.folder / "working" / f"{point:07d}"


def keep_log(task: Task, point: int) -> None:
    """Put what was logged so far beside the points; what was worked out stays for the next try."""
    log = task.folder / "logs" / f"{point:07d}.log"
    with contextlib.suppress(OSError):  # what tells of a failure must not fail
        log.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place(task, point) / "run.log", log)


def _outcomes(task: Task, working: Path, values: dict[str, Value]) -> list[dict[str, Any]]:
    from femsacrum.aftermath import aftermath
    from femsacrum.case.load import load
    from femsacrum.findings.fields import write_fields
    from femsacrum.pipeline import model, solved
    from femsacrum.store import RunFolder
    from femsacrum.sweep.outcomes import rows

    case = load(task.case_file, [*task.set, *assignments(task.factors, values)], task.data)
    with RunFolder(working, case, shared=task.folder / "stages") as store:
        made = model(store, case)
        solutions, findings = solved(store, case, made)
        findings |= aftermath(store, case, made).findings
        if task.fields:
            write_fields(working / "fields", made.assembly, made.materials, made.interfaces, solutions)
    return rows(findings)


def _clear(task: Task, working: Path, point: int, *, done: bool) -> None:
    """Take the working folder away; fields that are to be kept and the log of what is not done lie beside the points."""
    kept = [(working / "run.log", task.folder / "logs" / f"{point:07d}.log")] if not done else []
    if done and task.fields:
        kept.append((working / "fields", task.folder / "fields" / f"{point // IN_ONE:04d}" / f"{point:07d}"))
    with contextlib.suppress(OSError):  # what tells of a failure must not fail
        for there, wanted in kept:
            if there.exists():
                wanted.parent.mkdir(parents=True, exist_ok=True)
                shutil.rmtree(wanted, ignore_errors=True)
                there.rename(wanted)
    shutil.rmtree(working, ignore_errors=True)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
