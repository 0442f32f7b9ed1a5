"""Files of a folder by their SHA-256, and what came of hashing them again."""

from __future__ import annotations

import fnmatch
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


def sha256(file: Path) -> str:
    """SHA-256 of a file, read piece by piece.

    Of a link, that of where it points, since what it points at is elsewhere; of a pipe or a device, which may never end,
    that of its being one.
    """
    if file.is_symlink():
        return hashlib.sha256(b"link to " + os.fsencode(os.readlink(file))).hexdigest()
    if not file.is_file():
        return hashlib.sha256(b"neither file nor link").hexdigest()
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hashes(folder: Path, outside: Sequence[str]) -> dict[str, str]:
    """Relative path -> SHA-256 of every file of a folder but those that match a pattern of ``outside``."""
    names = []
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        names += [Path(place, name).relative_to(folder).as_posix() for name in (*files, *links)]
    return {name: sha256(folder / name) for name in sorted(names) if not matches(name, outside)}


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a relative path fits one of the patterns, in which * also stands for folders."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


@dataclass(frozen=True)
class Compared:
    """A folder beside what was noted of it; relative paths.

    Attributes:
        same: As they were.
        changed: With other content, or links now.
        added: Not noted.
        removed: No more there.
    """

    same: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def compared(folder: Path, noted: Mapping[str, str], outside: Sequence[str], growing: Sequence[str]) -> Compared:
    """Hash a folder again; no file is opened because it was noted.

    Args:
        folder: The folder.
        noted: Relative path -> SHA-256.
        outside: Patterns of what is not hashed.
        growing: Patterns of what may be added.
    """
    now = hashes(folder, outside)
    return Compared(
        tuple(name for name in noted if now.get(name) == noted[name]),
        tuple(name for name in noted if name in now and now[name] != noted[name]),
        tuple(name for name in now if name not in noted and not matches(name, growing)),
        tuple(name for name in noted if name not in now),
    )
