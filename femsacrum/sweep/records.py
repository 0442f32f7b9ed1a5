"""What is known of every point: one small file each, whole or not there.

Files lie in folders of a thousand, so that a parallel file system is never asked for a folder of ten thousand names.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from femsacrum.store import written
from femsacrum.sweep.factors import Value

#: Points in one folder.
IN_ONE = 1000
State = Literal["done", "refused", "failed"]


@dataclass(frozen=True)
class Record:
    """A point that was tried.

    Attributes:
        point: Its number.
        values: Name of a factor -> its value.
        state: "done"; "refused": the case of these values cannot be, or its numerics end without a result, and never
            will; "failed": its process ended without an answer, so it may be tried again.
        reason: Why it is not done, one line.
        attempts: How often it was tried.
        seconds: Wall time of the last try [s].
        memory: Most memory its process had had by then [MB].
        code: Fingerprint of the code.
        outcomes: Rows of load case, key, words, unit and value; None: not determined.
    """

    point: int
    values: Mapping[str, Value]
    state: State
    reason: str = ""
    attempts: int = 1
    seconds: float = 0.0
    memory: float = 0.0
    code: str = ""
    outcomes: tuple[Mapping[str, Any], ...] = field(default=())


def place(folder: Path, point: int) -> Path:
    """File of a point."""
    return folder / "points" / f"{point // IN_ONE:04d}" / f"{point:07d}.json"


def write(folder: Path, record: Record) -> Path:
    """Write a record: a process that is killed meanwhile leaves the one before, or none.

    Args:
        folder: Of the sweep.
        record: The record.
    """
    file = place(folder, record.point)
    file.parent.mkdir(parents=True, exist_ok=True)
    content = asdict(record)
    with written(file) as temporary:
        text = json.dumps(content | {"sha256": _digest(content)}, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return file


def read(folder: Path, point: int) -> Record | None:
    """The record of a point; None: there is none, or it is damaged, which comes to the same.

    Args:
        folder: Of the sweep.
        point: Its number.
    """
    try:
        content = json.loads(place(folder, point).read_text(encoding="utf-8"))
        noted = content.pop("sha256")
        if noted != _digest(content):
            return None
        return Record(**(content | {"outcomes": tuple(content["outcomes"])}))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def missing(folder: Path, count: int, attempts: int, code: str) -> Iterator[int]:
    """Points that are still to be done.

    Whoever does one asks ``to_do`` again while it holds the point; here a folder is listed rather than asked for each file.

    Args:
        folder: Of the sweep.
        count: Points of the sweep.
        attempts: How often one is tried whose process ends without an answer.
        code: Fingerprint of the code; a record of other code does not count.
    """
    for first in range(0, count, IN_ONE):
        try:
            there = set(os.listdir(place(folder, first).parent))
        except OSError:
            there = set()
        for point in range(first, min(first + IN_ONE, count)):
            if place(folder, point).name not in there or to_do(folder, point, attempts, code) is not None:
                yield point


def to_do(folder: Path, point: int, attempts: int, code: str) -> int | None:
    """How often a point was tried that is still to be done; None: nothing is to be done.

    Args:
        folder: Of the sweep.
        point: Its number.
        attempts: How often one is tried whose process ends without an answer.
        code: Fingerprint of the code; a record of other code does not count.
    """
    record = read(folder, point)
    if record is None or record.code != code:
        return 0
    return record.attempts if record.state == "failed" and record.attempts < attempts else None


@contextmanager
def alone(folder: Path, point: int) -> Iterator[bool]:
    """Hold a point against other processes, from before its record is looked for until it is written.

    Args:
        folder: Of the sweep.
        point: Its number.

    Yields:
        Whether it is held; False: another process does it. Where the file system knows no locks it is always held.
    """
    file = folder / "working" / f"{point:07d}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            yield True
            return
        yield True
        file.unlink(missing_ok=True)  # who opened it before holds nothing of use: the record is there by now


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
