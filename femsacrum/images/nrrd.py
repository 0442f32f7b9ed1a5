"""How a NRRD image lies in the patient, from its header (teem.sourceforge.net/nrrd/format.html)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from femsacrum.errors import InputError
from femsacrum.images.header import shown

#: Axes a file may have, and what takes them to LPS.
SPACES = {
    "left-posterior-superior": (1.0, 1.0, 1.0),
    "lps": (1.0, 1.0, 1.0),
    "right-anterior-superior": (-1.0, -1.0, 1.0),
    "ras": (-1.0, -1.0, 1.0),
    "left-anterior-superior": (1.0, -1.0, 1.0),
    "las": (1.0, -1.0, 1.0),
}
#: A header ends within so many bytes.
LONGEST = 1_000_000


def placed(path: Path, key: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Origin, shape (3,), and steps, shape (3, 3), in LPS [mm].

    Args:
        path: A ``.nrrd`` or ``.nhdr`` file.
        key: Key of the case that names it.

    Raises:
        InputError: It is no NRRD file, or does not say how it lies.
    """
    fields = _fields(path, key)
    space = fields.get("space", "").lower()
    if space not in SPACES or "space directions" not in fields:
        raise InputError(
            key,
            f'{path.name}: does not say how it lies in the patient (space "{fields.get("space", "none")}"); '
            "export it with left-posterior-superior axes and space directions",
        )
    try:
        columns = [_vector(each) for each in re.findall(r"\(.*?\)", fields["space directions"])]
        origin = _vector(fields.get("space origin", "()"))
        steps = np.array(columns, dtype=float).T
        if steps.shape != (3, 3) or origin.shape != (3,) or not np.isfinite([*steps.T, origin]).all():
            raise ValueError
    except ValueError:
        raise InputError(
            key, f"{path.name}: needs three space directions and a space origin of three numbers each; export it anew"
        ) from None
    turn = np.array(SPACES[space])
    return turn * origin, turn[:, None] * steps


def data_file(path: Path, key: str) -> Path | None:
    """The file beside a header that holds its voxels; None: they follow the header.

    Raises:
        InputError: It names several files, or one that is not beside it.
    """
    named = _fields(path, key).get("data file")
    if named is None:
        return None
    beside = path.parent / named
    if re.search(r"[/\\]|%|^LIST\b", named) or beside.resolve().parent != path.parent.resolve():
        raise InputError(key, f'{path.name}: its voxels are in "{named}"; they must be in one file beside it')
    if not beside.is_file():
        raise InputError(key, f'{path.name}: its voxels should be in "{named}" beside it, which does not exist')
    return beside


def _vector(text: str) -> NDArray[np.float64]:
    return np.array([float(each) for each in text.strip().strip("()").split(",")])


def _fields(path: Path, key: str) -> dict[str, str]:
    with path.open("rb") as stream:
        raw = stream.read(LONGEST)
    if not raw.startswith(b"NRRD000"):
        raise InputError(key, f"{path.name}: has no NRRD header; is it damaged, or another format?")
    text = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0].decode("latin-1")
    pairs = (shown(line).partition(": ") for line in text.splitlines()[1:] if not line.startswith("#"))
    return {
        name.strip().lower().replace("datafile", "data file"): value.strip() for name, colon, value in pairs if colon
    }
