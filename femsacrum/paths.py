"""Where the files are that a case names: in the case file's folder or in a data folder the user gave, nowhere else.

A case may come from somebody else, so it cannot reach files its reader did not mean to show it.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path, PureWindowsPath

from femsacrum.errors import InputError

#: Environment variable with data folders, separated as in PATH.
VARIABLE = "FEMSACRUM_DATA"

#: Longest name that is looked for [characters]; file systems end at 4096 bytes for the whole path.
LONGEST = 1024

_REMEDY = "name it relative to the case file or to a folder given with --data FOLDER"
_MESH = re.compile(r"(.+\.glb)#(.+)", re.IGNORECASE | re.DOTALL)


def data_folders(given: Iterable[str | Path]) -> tuple[Path, ...]:
    """Data folders in the order in which they are searched: the ones given, then those of FEMSACRUM_DATA.

    Args:
        given: From ``--data`` or ``femsacrum.load(data=...)``.

    Raises:
        InputError: One of them is no folder.
    """
    named = [("--data", str(folder)) for folder in given]
    named += [(VARIABLE, folder) for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
    for key, folder in named:
        if not folder or not os.path.isdir(folder):
            raise InputError(f"{key} {folder}", "is no folder; give the folder that holds the files a case names")
    return tuple(dict.fromkeys(Path(folder) for _, folder in named))


def locate(name: str, folder: Path, data: Sequence[Path], key: str, *, folders: bool = False) -> Path:
    """The file a case names.

    Args:
        name: As it stands in the case: relative, with / between folders.
        folder: Of the case file; searched first.
        data: Data folders, searched in this order.
        key: Key of the case, for messages.
        folders: A folder will do as well (DICOM series).

    Returns:
        The file, links followed, absolute.

    Raises:
        InputError: The name leaves the folders, there is no such file, or it is not one that can be read.
    """
    problem = _cannot_be(name)
    if problem:
        raise _refused(key, name, problem)
    roots = tuple(dict.fromkeys(Path(os.path.realpath(root)) for root in (folder, *data)))
    for root in roots:
        place = root / posixpath.normpath(name)
        try:
            there = Path(os.path.realpath(place, strict=True))
            kind = there.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            if place.is_symlink():
                raise _refused(key, name, f"is a link to {os.readlink(place)}, which is not there") from None
            continue
        except OSError as error:
            raise _refused(key, name, f"cannot be looked at: {error.strerror}") from None
        if not any(there.is_relative_to(one) for one in roots):
            raise _refused(key, name, f"is a link out of its folder, to {there}; {_REMEDY}")
        problem = _cannot_be_read(there, kind, folders)
        if problem:
            raise _refused(key, name, problem)
        return there
    looked = ", ".join(map(str, roots))
    raise _refused(key, name, f"no such file in {looked}; {_REMEDY}")


def mesh_of(name: str) -> tuple[str, str | None]:
    """Take "bones.glb#sacrum" apart: the file, and the mesh wanted of the several it may hold.

    Args:
        name: Of a surface file, as it stands in the case.
    """
    match = _MESH.fullmatch(name)
    return (match[1], match[2]) if match else (name, None)


def _cannot_be(name: str) -> str | None:
    """Why a name, by itself, cannot be that of a file inside a folder."""
    if not name.strip():
        return "names no file"
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name):
        return "has a control character in it; give the file a name without"
    if len(name) > LONGEST or any(len(step.encode()) > 255 for step in name.split("/")):
        return f"is too long for a path ({len(name)} characters)"
    if "\\" in name:
        return "has a backslash; put / between folders"
    if name.startswith(("/", "~")) or PureWindowsPath(name).drive:
        return f"is absolute; {_REMEDY}"
    if posixpath.normpath(name).split("/")[0] == "..":
        return f"climbs out of its folder; {_REMEDY}"
    return None


def _cannot_be_read(place: Path, kind: int, folders: bool) -> str | None:
    if stat.S_ISDIR(kind):
        return None if folders else "is a folder, not a file; name the file in it"
    if not stat.S_ISREG(kind):
        return "is a device or a pipe, not a file"
    return None if os.access(place, os.R_OK) else "may not be read by you; change its permissions"


def _refused(key: str, name: str, problem: str) -> InputError:
    text = json.dumps(name, ensure_ascii=not name.isprintable())
    return InputError(f"{key} = {text if len(text) <= 60 else text[:57] + '...'}", problem)
