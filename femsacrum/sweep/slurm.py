"""Points as job arrays of a scheduler: written from a template, submitted, and what still waits never submitted again.

``slurm/NAME.points`` lists the points of an array NAME, of which a task takes its slice; ``slurm/NAME.sbatch`` is the
script, ``slurm/NAME-INDEX.out`` what a task said. By its name an array is found among the jobs of the scheduler, so
nothing is lost when the command is killed between submitting and noting that it has.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from femsacrum.errors import InputError
from femsacrum.store import written
from femsacrum.sweep.definition import Cluster
from femsacrum.sweep.folder import Prepared

FOLDER = "slurm"
SUBMIT = "sbatch --parsable --array=0-{{ last }}{{ at_once }} {{ script }}"
#: States in which a task will still do its points; one that is completing will not.
STATES = "PENDING,CONFIGURING,RUNNING,SUSPENDED"
QUEUE = f'squeue --noheader --array --user={{{{ user }}}} --states={STATES} --format="%j %K %T"'
_BLANK = re.compile(r"\{\{ *(\w+) *\}\}")


@dataclass(frozen=True)
class Listed:
    """The points of one array.

    Attributes:
        points: Their numbers.
        each: How many a task does.
        code: Fingerprint of the code that submitted them.
    """

    points: tuple[int, ...]
    each: int
    code: str


def listed(file: Path) -> Listed:
    """Read the points of an array.

    Args:
        file: The list.

    Raises:
        InputError: It cannot be read.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Listed(tuple(map(int, content["points"])), int(content["each"]), str(content["code"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(str(file), f"is no list of points ({type(error).__name__}); submit them again") from None


def queued(folder: Path, cluster: Cluster) -> dict[int, str] | None:
    """Points that the scheduler has still to do or is doing.

    Args:
        folder: Of the sweep.
        cluster: How its scheduler is asked.

    Returns:
        Point -> state of its task in the scheduler's word, "queued" where it says none; None: nothing was submitted.

    Raises:
        InputError: The scheduler gives no answer.
    """
    arrays = {file.stem: file for file in (folder / FOLDER).glob("*.points")}
    if not arrays:
        return None
    command = _filled(cluster.queue or QUEUE, {"user": os.getuid()}, "queue")
    told = [line.split() for line in _asked(["sh", "-c", command]).splitlines()]
    known = {words[0]: listed(arrays[words[0]]) for words in told if words and words[0] in arrays}
    found: dict[int, str] = {}
    for name, index, *state in (words for words in told if len(words) > 1):
        if name in known and index.isdigit():
            task, each = int(index), known[name].each
            some = known[name].points[task * each : (task + 1) * each]
            found |= dict.fromkeys(some, state[0].lower() if state else "queued")
    return found


def submit(prepared: Prepared, cluster: Cluster, points: Sequence[int], base: Path) -> Iterator[str]:
    """Submit points as arrays of tasks.

    Args:
        prepared: The sweep.
        cluster: How.
        points: Their numbers.
        base: Folder a template is relative to.

    Yields:
        What the scheduler said to each array: its number.

    Raises:
        InputError: The template cannot be used, or the scheduler takes no array.
    """
    template = _template(cluster, base)
    folder = prepared.task.folder / FOLDER
    folder.mkdir(exist_ok=True)
    most = cluster.most_tasks * cluster.points_per_task
    for first in range(0, len(points), most):
        some = points[first : first + most]
        number = sum(1 for _ in folder.glob("*.points")) + 1
        name = f"fs{number:04d}-{secrets.token_hex(4)}"  # 15 characters: more are cut off by old PBS
        files = folder / f"{name}.points", folder / f"{name}.sbatch"
        last = (len(some) - 1) // cluster.points_per_task
        known = _known(cluster, prepared.task.folder, name, last)
        content = {"code": prepared.task.code, "each": cluster.points_per_task, "points": list(some)}
        for file, text in zip(files, (json.dumps(content) + "\n", _filled(template, known, "template")), strict=True):
            with written(file) as temporary:
                temporary.write_text(text, encoding="utf-8")
        command = [_filled(word, known, "submit") for word in shlex.split(_guarded(cluster.submit or SUBMIT))]
        try:
            yield _asked(command).strip()
        except InputError:
            for file in files:
                file.unlink()
            raise


def tasks(cluster: Cluster, points: int) -> int:
    """How many tasks so many points make.

    Args:
        cluster: How they are submitted.
        points: How many.
    """
    return -(-points // cluster.points_per_task)


def _known(cluster: Cluster, folder: Path, name: str, last: int) -> dict[str, object]:
    """What a template and a command may ask for."""
    place, each = folder / FOLDER / name, cluster.points_per_task
    first = f"$(( {cluster.index} * {each} ))"
    words = [cluster.python or sys.executable, "-m", "femsacrum.cli", "sweep-points", str(folder), f"{place}.points"]
    how = [f"--workers={cluster.side_by_side}"]
    if cluster.ranks > 1:
        started = _filled(cluster.launch, {"ranks": cluster.ranks}, "launch")
        how += [f"--ranks={cluster.ranks}", *([f"--launch={started}"] if started else [])]
    options = {"account": cluster.account, "partition": cluster.partition}
    return {
        **cluster.model_dump(include={"account", "partition", "time", "memory", "ranks", "most_at_once"}),
        "cpus": cluster.processors,
        "name": name,
        "last": last,
        "at_once": f"%{cluster.most_at_once}" if cluster.most_at_once else "",
        "script": f"{place}.sbatch",
        "log": str(place).replace("%", "%%"),
        "options": "\n".join(f"#SBATCH --{key}={value}" for key, value in options.items() if value),
        "prologue": "\n".join(cluster.prologue),
        "command": f"{shlex.join(words)} {first} $(( {cluster.index} * {each} + {each} )) {shlex.join(how)}",
    }


def _template(cluster: Cluster, base: Path) -> str:
    if not cluster.template:
        return resources.files("femsacrum.sweep").joinpath("slurm.sbatch").read_text(encoding="utf-8")
    try:
        return (base / cluster.template).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("slurm.template", f'"{cluster.template}" cannot be read: {error}') from None


def _filled(text: str, known: Mapping[str, object], key: str) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise InputError(f"slurm.{key}", f'asks for "{match[1]}"; there are {", ".join(known)}')
        return "" if known[match[1]] is None else str(known[match[1]])

    return _BLANK.sub(value, text)


def _guarded(command: str) -> str:
    """Blanks as one word each, so that what is filled in is never taken apart."""
    return _BLANK.sub(lambda match: "{{" + match[1] + "}}", command)


def _asked(command: Sequence[str]) -> str:
    """What a command of the scheduler says."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except FileNotFoundError:
        raise InputError(command[0], "there is no such command here; submit where the scheduler is") from None
    except subprocess.TimeoutExpired:
        raise InputError(command[0], "the scheduler gives no answer; try again later") from None
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-300:]
        raise InputError(shlex.join(command)[:120], f"the scheduler refused (exit code {done.returncode}): {said}")
    return done.stdout
