"""The folder of a sweep: what it is of, so that nothing of another sweep is ever taken for its own, and its points.

``sweep.json`` says what the sweep is: its file, its case, its points; and where file and data are, relative to the folder,
so that a task of a cluster needs nothing else. ``points/0000/*.json`` has a record for each point,
``stages/`` the shapes and meshes that points share, ``working/`` the run folders of points that are being done, with the
place an interrupted solve goes on from, ``logs/`` those of points that are not done, ``fields/`` fields that are kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from femsacrum import fingerprint
from femsacrum.case.load import load as load_case
from femsacrum.errors import InputError
from femsacrum.paths import data_folders
from femsacrum.store import written
from femsacrum.sweep.definition import Sweep, load
from femsacrum.sweep.design import Point, points
from femsacrum.sweep.evaluate import Task
from femsacrum.sweep.factors import assignments

DESCRIPTION = "sweep.json"
#: Parts of a sweep file that say how it is carried out or what is looked at, and change no point.
HOW = ("budget", "attempts", "outcomes", "question", "slurm", "cluster")


@dataclass(frozen=True)
class Prepared:
    """A sweep that can be carried out.

    Attributes:
        sweep: What its file says.
        task: What its points have in common.
        points: Factor values of every point.
    """

    sweep: Sweep
    task: Task
    points: list[Point]


def prepare(sweep_file: Path, out: Path | None, data: Sequence[Path] = ()) -> Prepared:
    """Read a sweep and see that its folder is its own.

    Args:
        sweep_file: The sweep.
        out: Its folder; None: ``runs/<name>``.
        data: Data folders.

    Raises:
        InputError: The sweep or its case cannot be used, or the folder holds another sweep.
    """
    return _prepared(sweep_file, out, data, by_task=False)


def _prepared(sweep_file: Path, out: Path | None, data: Sequence[Path], *, by_task: bool) -> Prepared:
    sweep = load(sweep_file)
    case_file = sweep_file.parent / sweep.case
    made = points(sweep, sweep_file.parent)
    folders = data_folders(data)
    base = load_case(case_file, [*sweep.fixed, *assignments(sweep.factors, made[0])], folders)
    folder = out or Path("runs") / sweep.name
    code = fingerprint.of_code(None)
    task = Task(folder.absolute(), case_file.absolute(), folders, sweep.factors, sweep.fixed, sweep.fields, code)
    identity = {
        "sweep": sweep.model_dump(mode="json"),
        "first_case": fingerprint.of_value(base),
        "points": len(made),
        "values": hashlib.sha256(json.dumps(made).encode()).hexdigest(),
        "where": _where(task.folder, sweep_file, folders),
    }
    _own(task.folder, identity, sweep_file, by_task=by_task)
    return Prepared(sweep, task, made)


def opened(folder: Path) -> Prepared:
    """A sweep from its folder alone.

    Args:
        folder: Of a sweep that was prepared.

    Raises:
        InputError: It is no sweep's folder, or the sweep, its case or its data have changed since, or are gone.
    """
    try:
        where = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))["where"]
        sweep_file, data = folder / where["sweep"], [folder / place for place in where["data"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(str(folder), f"has no whole {DESCRIPTION}; begin with: femsacrum sweep SWEEP.toml") from None
    sweep_file = sweep_file.parent.resolve() / sweep_file.name
    return _prepared(sweep_file, folder, [place.resolve() for place in data], by_task=True)


def _where(folder: Path, sweep_file: Path, data: Sequence[Path]) -> dict[str, object]:
    """Relative, so that all of it may be mounted elsewhere on a node."""
    base = folder.resolve()
    return {
        "sweep": os.path.relpath(sweep_file.parent.resolve() / sweep_file.name, base),
        "data": [os.path.relpath(place.resolve(), base) for place in data],
    }


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder against a second driver.

    Raises:
        InputError: Another one holds it.
    """
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                str(folder), "another sweep command is at work in this folder; wait, or give --out"
            ) from None
        yield


def _own(folder: Path, identity: dict[str, object], sweep_file: Path, *, by_task: bool) -> None:
    """Writes what the sweep is, or sees that it is what stands there.

    ``HOW`` may change, and everything may be moved; one of many tasks writes nothing.
    """
    file = folder / DESCRIPTION
    if file.exists():
        try:
            noted = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            raise InputError(str(file), "is damaged; take the folder away, or give --out") from None
        if _what(noted) != _what(identity):
            raise InputError(
                str(folder), f"holds another sweep, or {sweep_file.name} or its case has changed since; give --out"
            )
        if by_task or noted == json.loads(json.dumps(identity)):
            return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with written(file) as temporary:
            text = json.dumps(identity, indent=1, ensure_ascii=False)
            temporary.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(str(folder), f"cannot be the sweep's folder: {error.strerror}") from None


def _what(identity: dict[str, object]) -> str:
    told = {key: value for key, value in identity.items() if key != "where"}
    sweep = told["sweep"]
    if isinstance(sweep, dict):
        told["sweep"] = {key: value for key, value in sweep.items() if key not in HOW}
    return json.dumps(told, sort_keys=True)


def size(folder: Path) -> int:
    """What a folder takes on disk [bytes]."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except FileNotFoundError:  # a point has just cleared up
                continue
    return total
