"""What a run was made from and what it left: ``manifest.json``, the last file that a run writes.

It holds no user name, no host name and no absolute path, so a run folder can be handed on as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from femsacrum import __version__, fingerprint
from femsacrum.case.schema import Case
from femsacrum.errors import InputError
from femsacrum.hashing import hashes, matches, sha256
from femsacrum.images import read as images
from femsacrum.store import MANIFEST, written

VERSION = 1
#: Evidence that later commands add; its files are entered in the manifest when they are written.
EVIDENCE = "credibility/*"
#: Not hashed: what later commands write or add lines to. Reports can be made again from what is hashed, and the runs
#: behind a piece of evidence have manifests of their own.
OUTSIDE = (
    *(MANIFEST, ".lock", "*/.lock", "run.log", "*/run.log", "*.tmp", "*.partial"),
    *("credibility/*/*", "report.*", "report/*", "viewer.html"),
)
#: Hashed, but later commands may add files here: results of stages, kept under names that say what they are made of.
GROWING = ("stages/*", "*/stages/*")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_AWAY = re.compile(r"""(^|["'=]\s*)(~|/|\.\./)[^"']*/""")


@dataclass(frozen=True)
class Begun:
    """A run that has begun: inputs are hashed before they are read, outputs when they are written.

    Attributes:
        command: As it was given, without what lies left of the working folder.
        case_sha256: Of the case file.
        inputs: Name -> SHA-256 of every file that the case names.
        seed: Of what is drawn at random; None: nothing is.
        started: When [UTC].
    """

    command: tuple[str, ...]
    case_sha256: str
    inputs: dict[str, str]
    seed: int | None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.perf_counter, repr=False)

    def write(self, folder: Path, from_cache: Sequence[str] = ()) -> Path:
        """Hash what the run left, and write the manifest.

        Args:
            folder: The run folder.
            from_cache: Stages that were not computed in this run; its wall time does not hold theirs.

        Returns:
            The manifest.
        """
        found = hashes(folder, OUTSIDE)
        additions = {name: found.pop(name) for name in list(found) if matches(name, [EVIDENCE])}
        content = {
            "version": VERSION,
            "command": self.command,
            "case_sha256": self.case_sha256,
            "inputs": self.inputs,
            "outputs": found,
            "additions": additions,
            "not_hashed": OUTSIDE,
            "may_grow": GROWING,
            "versions": versions(),
            "platform": machine(),
            "seed": self.seed,
            "wall_time_s": round(time.perf_counter() - self._clock, 3),
            "stages_from_cache": sorted(from_cache),
            "code": fingerprint.of_code(None),
            "started": _told(self.started),
            "ended": _told(datetime.now(UTC)),
        }
        return _write(folder, content)


def begin(case: Case, case_file: Path, command: Sequence[str]) -> Begun:
    """Note what a run is made from.

    Args:
        case: The case.
        case_file: Where it was read from.
        command: The command and its arguments.

    Raises:
        InputError: A file that the case names cannot be read.
    """
    healing = case.course.healing
    return Begun(
        tuple(shareable(word) for word in command),
        sha256(case_file),
        inputs_of(case),
        healing.seed if healing is not None else None,
    )


def inputs_of(case: Case) -> dict[str, str]:
    """Name -> SHA-256 of every file that a case names; an image of several files has one entry for each."""
    found = {}
    for name, path in fingerprint.files_of(case).items():
        parts = images.files_of(path, name) if path.is_dir() or images.ending(path) else [path]
        base = path if path.is_dir() else path.parent
        stem = PurePosixPath(name) if path.is_dir() else PurePosixPath(name).parent
        for part in parts:
            place = name if part == path else str(stem / Path(os.path.relpath(part, base)).as_posix())
            found[place] = sha256(part)
    return dict(sorted(found.items()))


def register(folder: Path, *files: Path) -> None:
    """Enter evidence that was written after the run, so that it is verified like the rest.

    A folder without a manifest is left as it is: it holds no finished run to which the evidence could belong.

    Args:
        folder: The run folder.
        files: In its folder ``credibility``.
    """
    if not (folder / MANIFEST).exists():
        return
    content = read(folder)
    added = {str(file.relative_to(folder).as_posix()): sha256(file) for file in files}
    _write(folder, content | {"additions": dict(sorted((content["additions"] | added).items()))})


def write_evidence(folder: Path, name: str, content: Mapping[str, Any], draw: Callable[[Path], None]) -> Path:
    """Write ``credibility/NAME.json`` and its figure ``.png``, and enter both.

    Args:
        folder: The run folder.
        name: Of the evidence.
        content: Of the JSON file.
        draw: Draws the figure into a file.

    Returns:
        The JSON file.
    """
    room = folder / "credibility"
    room.mkdir(exist_ok=True)
    file, picture = room / f"{name}.json", room / f"{name}.png"
    with written(picture) as temporary:
        draw(temporary)
    with written(file) as temporary:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    register(folder, file, picture)
    return file


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder.

    Raises:
        InputError: There is none, it cannot be read, or it names a file outside the folder.
    """
    file = folder / MANIFEST
    if not folder.is_dir():
        raise InputError(str(folder), "is no folder; give the folder of a run")
    if not os.path.lexists(file):
        problem = "holds no manifest.json: the run did not end, or is not one of this version; run the case again"
        raise InputError(str(folder), problem)
    if file.is_symlink() or not file.is_file():
        raise InputError(str(file), "is not a file of this folder; run the case again")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise InputError(str(file), "is no JSON: it was cut short or changed; run the case again") from None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise InputError(str(file), f"is no manifest of version {VERSION}; run the case again")
    for key in ("inputs", "outputs", "additions"):
        listed = content.get(key)
        if not isinstance(listed, dict) or not all(_is_hash(value) for value in listed.values()):
            raise InputError(str(file), f'"{key}" lists no files with their SHA-256; run the case again')
        for name in listed:
            if leaves(name):
                raise InputError(
                    str(file), f'"{key}" names {shown(name)}, which is not in the folder; it was changed'
                )
    return content


def leaves(name: str) -> bool:
    """Whether a relative path is none, or climbs out of its folder."""
    path = PurePosixPath(name)
    return not name or path.is_absolute() or ".." in path.parts or "\\" in name or bool(re.match(r"[A-Za-z]:", name))


def shown(name: str) -> str:
    """A file name as one line, whatever it is made of."""
    return name if name.isprintable() else json.dumps(name)


def versions() -> dict[str, str]:
    """Package -> version of this program, of everything it is pinned to, and of what that needs in turn."""
    found, waiting = {"femsacrum": __version__}, [*_needs("femsacrum"), *fingerprint.PACKAGES]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name not in found:
            with contextlib.suppress(metadata.PackageNotFoundError):  # of another platform, or under conda's name
                found[name] = metadata.version(name)
                waiting += _needs(name)
    return dict(sorted(found.items()))


def _needs(package: str) -> list[str]:
    """Names of what a package needs, extras left out; none where it is used without being installed."""
    try:
        lines = metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return []
    return [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in lines if "extra ==" not in line]


def machine() -> dict[str, Any]:
    """What the program runs on, and nothing by which the machine or its user could be told."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
    }


def shareable(word: str) -> str:
    """A word of a command without the folders that lead out of the working folder, which may name a user."""
    if Path(word) == Path.home():
        return "~"
    with contextlib.suppress(ValueError):
        word = str(Path(word).relative_to(Path.cwd())) if Path(word).is_absolute() else word
    return _AWAY.sub(r"\1.../", word)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and bool(_SHA256.fullmatch(value))


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _write(folder: Path, content: dict[str, Any]) -> Path:
    with written(folder / MANIFEST) as temporary:  # ASCII: a file's name need not be text
        temporary.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return folder / MANIFEST
