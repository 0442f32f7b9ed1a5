"""The surface files a case names: read, and looked at for a wrong unit, frame or side."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.grid import enclosed, genus
from femsacrum.anatomy.model import PARTS, Surface
from femsacrum.anatomy.surfaces import UNITS, read_surface
from femsacrum.errors import InputError
from femsacrum.paths import locate

if TYPE_CHECKING:
    from femsacrum.case.schema import SurfaceFiles

KEY = "anatomy.surfaces.files"

#: Diagonal of the bounding box of an adult bone, widest plausible range [mm].
SIZES = {
    "left_ilium": (190.0, 380.0),
    "right_ilium": (190.0, 380.0),
    "sacrum": (85.0, 240.0),
    "L5": (75.0, 180.0),
    "L4": (75.0, 180.0),
}

#: (part, other, axis): the part's centroid is to the left of, behind or above the other's in LPS.
ORDER = (
    ("left_ilium", "right_ilium", 0),
    ("sacrum", "left_ilium", 1),
    ("sacrum", "right_ilium", 1),
    ("L5", "left_ilium", 1),
    ("L5", "right_ilium", 1),
    ("L5", "sacrum", 2),
    ("L4", "L5", 2),
    ("L4", "sacrum", 2),
)
SIDES = ("left of", "behind", "above")


def read_parts(
    options: SurfaceFiles, folder: Path, data: Sequence[Path] = ()
) -> tuple[dict[str, Surface], dict[str, str]]:
    """Every surface a case names.

    Args:
        options: Unit, frame and files of the case.
        folder: The case file's folder.
        data: Data folders.

    Returns:
        The surfaces [mm], LPS, and one line on each for the report.

    Raises:
        InputError: A name, a path, a file, a unit or a frame that cannot be right.
    """
    surfaces, origin = {}, {}
    for part in sorted(options.files, key=lambda name: PARTS.index(name) if name in PARTS else -1):
        path = _path(part, options.files[part], folder, data)
        read = read_surface(path, options.unit, options.frame, f"{KEY}.{part}")
        surfaces[part] = read.surface
        origin[part] = "; ".join([f"file {Path(options.files[part]).as_posix()}", *read.repairs])
        handles = genus(read.surface.triangles)
        if part not in SIZES and handles:
            origin[part] += f"; its surface has {handles} handles"
        _check_size(part, read.surface, options.unit)
    _check_order(surfaces, options.frame)
    return surfaces, origin


def _path(part: str, name: str, folder: Path, data: Sequence[Path]) -> Path:
    """The file of a part."""
    key = f"{KEY}.{part}"
    if part not in PARTS:
        close = difflib.get_close_matches(part, PARTS, n=1)
        hint = f' (did you mean "{close[0]}"?)' if close else ""
        raise InputError(key, f"is no part of the anatomy; parts are {', '.join(PARTS)}{hint}")
    return locate(name, folder, data, key)


def _check_size(part: str, surface: Surface, unit: str) -> None:
    if part not in SIZES:
        return
    low, high = SIZES[part]
    size = float(np.linalg.norm(np.ptp(surface.points, axis=0)))
    if low <= size <= high:
        return
    fitting = [u for u, factor in UNITS.items() if low <= size / UNITS[unit] * factor <= high]
    hint = f'; with unit "{fitting[0]}" it would be plausible' if fitting else ""
    raise InputError(
        f"{KEY}.{part}", f"measures {size:.3g} mm corner to corner, expected {low:.0f} to {high:.0f}{hint}"
    )


def _check_order(surfaces: Mapping[str, Surface], frame: str) -> None:
    """Refuse bones that lie the wrong way round; all of them turned means the frame is declared wrongly."""
    middle = {part: 0.5 * (s.points.min(axis=0) + s.points.max(axis=0)) for part, s in surfaces.items()}
    for part, other, axis in ORDER:
        if part in middle and other in middle and middle[part][axis] <= middle[other][axis]:
            far = "RAS" if frame == "LPS" else "LPS"
            hint = f'; is the frame really "{frame}" and not "{far}"?' if axis < 2 else "; are the files mixed up?"
            raise InputError(f"{KEY}.{part}", f"should lie {SIDES[axis]} {other} but does not{hint}")
    for part, surface in surfaces.items():
        if enclosed(surface.points, surface.triangles) < 200.0:
            raise InputError(f"{KEY}.{part}", "encloses less than 0.2 cm3")
