"""Whether the files of a run folder are still those the run left.

The manifest says what was hashed, what was left out and where later commands may add files; ``femsacrum verify`` reads it
the same way.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Integrity:
    """What came of hashing the folder again.

    Attributes:
        sound: Number of files that are as they were.
        changed: Files with another content.
        added: Files that the run did not leave.
        removed: Files that are missing.
    """

    sound: int
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, added or removed."""
        return not (self.changed or self.added or self.removed)


def integrity(folder: Path, manifest: Mapping[str, Any]) -> Integrity:
    """Hash the files of a run folder and compare them with its manifest; no file is opened because it is named there.

    Args:
        folder: The run folder.
        manifest: Content of its ``manifest.json``.
    """
    left_out, growing = (manifest.get(key, ()) for key in ("not_hashed", "may_grow"))
    wanted = {**manifest["outputs"], **manifest.get("additions", {})}
    now = {name: _sha256(folder / name) for name in _files(folder) if not _matches(name, left_out)}
    same = [name for name in wanted if now.get(name) == wanted[name]]
    changed = tuple(sorted(name for name in wanted if name in now and now[name] != wanted[name]))
    added = tuple(sorted(name for name in now if name not in wanted and not _matches(name, growing)))
    return Integrity(len(same), changed, added, tuple(sorted(set(wanted) - set(now))))


def _files(folder: Path) -> list[str]:
    found = []
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        found += [Path(place, name).relative_to(folder).as_posix() for name in (*files, *links)]
    return found


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _sha256(file: Path) -> str:
    if file.is_symlink():
        return hashlib.sha256(b"link to " + os.fsencode(os.readlink(file))).hexdigest()
    if not file.is_file():  # a pipe or a device may never end
        return hashlib.sha256(b"neither file nor link").hexdigest()
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
