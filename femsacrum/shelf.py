"""Meshes of bodies, kept one by one: what changes the implant alone does not mesh the bones again.

The files lie in the run folder, so that a patient's bones stay where the run is, or in the folder that FEMSACRUM_MESHES
names, which any number of runs may share at the same time: a file takes its name when it is whole, and none is ever
written to again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from femsacrum import fingerprint
from femsacrum.store import StageFileError, read_stage, slug, write_stage

#: Environment variable with a folder in which several runs keep the meshes of their bodies together.
VARIABLE = "FEMSACRUM_MESHES"
#: What the files may take together [bytes]; those not used for longest go first.
ROOM = 2 * 10**9
#: Age at which an unfinished file is taken for what a killed process left [s].
LEFT = 24 * 3600.0


class Shelf:
    """Keeps the mesh of each body by the content it is made from and the code that makes it.

    Args:
        folder: Where; made where it is not there.
        code: Fingerprint of the code that makes the results.
        read: Use what is there; without it everything is made anew (and kept).
        tell: Told how much was there, and what is damaged or cannot be kept.
        room: What the files may take together [bytes].
    """

    def __init__(self, folder: Path, code: str, *, read: bool, tell: Callable[[str], None], room: int = ROOM) -> None:
        self._folder, self._code, self._read, self._tell, self._room = folder, code, read, tell, room

    def found(self, wanted: Mapping[str, object]) -> dict[str, Any]:
        """Results that are there already.

        Args:
            wanted: Name -> what its result is a function of.

        Returns:
            Name -> result, in the order wanted.
        """
        results = {}
        for name, given in wanted.items() if self._read else ():
            file, key = self._place(name, given)
            try:
                results[name] = read_stage(file, key)
                os.utime(file)
            except StageFileError as error:
                if not isinstance(error.__cause__, FileNotFoundError):
                    self._tell(f"{file.name} is damaged ({error}); it is made again")
            except OSError:  # its date cannot be changed, or another run has just thrown it away: it was read
                continue
        if results:
            self._tell(f"{len(results)} of {len(wanted)} bodies were meshed before: {', '.join(results)}")
        return results

    def keep(self, name: str, given: object, result: object) -> None:
        """Keep a result; where that cannot be done it is told, and the run goes on."""
        file, key = self._place(name, given)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_stage(file, key, result)
            self._make_room()
        except OSError as error:
            self._tell(f"{file} cannot be kept: {error.strerror}")

    def _place(self, name: str, given: object) -> tuple[Path, str]:
        key = fingerprint.of_text("\n".join([self._code, fingerprint.of_value(given)]))
        return self._folder / f"{slug(name)}-{key}.npz", key

    def _make_room(self) -> None:
        """Throw away what was not used for longest, and what killed processes left unfinished."""
        now, files = time.time(), []
        for entry in os.scandir(self._folder):
            try:
                used = entry.stat()
            except FileNotFoundError:  # another run was faster
                continue
            if entry.name.endswith(".npz"):
                files.append((used.st_mtime_ns, entry.path, used.st_size))
            elif entry.name.endswith(".tmp") and now - used.st_mtime > LEFT:
                Path(entry.path).unlink(missing_ok=True)
        taken = sum(size for _, _, size in files)
        for _, path, size in sorted(files):
            if taken <= self._room:
                break
            Path(path).unlink(missing_ok=True)
            taken -= size


def shelf(folder: Path, function: Callable[..., object], *, read: bool, tell: Callable[[str], None]) -> Shelf:
    """The shelf of a stage: in the folder that FEMSACRUM_MESHES names, else in the one given.

    Args:
        folder: Of the run.
        function: Of a room; its room and those left of it are the code the results depend on.
        read: As for ``Shelf``.
        tell: As for ``Shelf``.
    """
    shared = os.environ.get(VARIABLE, "")
    code = fingerprint.of_code(fingerprint.room_of(function))
    return Shelf(Path(shared) if shared else folder, code, read=read, tell=tell)
