"""The surface files a case names: read, and looked at for a wrong unit, frame or side."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.frames import UNITS
from femsacrum.anatomy.grid import enclosed, genus
from femsacrum.anatomy.model import PARTS, Surface
from femsacrum.anatomy.reading import Read, read_surface
from femsacrum.case.names import TUMOUR
from femsacrum.errors import InputError
from femsacrum.paths import locate, mesh_of

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
#: Both senses of an axis of LPS.
SENSES = ("LR", "PA", "SI")


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
    for part in in_order(options):
        read = read_part(part, options, folder, data)
        surfaces[part] = read.surface
        origin[part] = "; ".join([f"file {Path(options.files[part]).as_posix()}", *read.repairs])
        handles = genus(read.surface.triangles)
        if part not in SIZES and handles:
            origin[part] += f"; its surface has {handles} handles"
    check_order(surfaces, options.frame)
    return surfaces, origin


def in_order(options: SurfaceFiles) -> list[str]:
    """The parts that have a file, in the order of the anatomy, a tumour first."""
    return sorted(options.files, key=lambda name: PARTS.index(name) if name in PARTS else -1)


def read_part(part: str, options: SurfaceFiles, folder: Path, data: Sequence[Path]) -> Read:
    """One surface a case names; arguments and errors as for ``read_parts``."""
    key = f"{KEY}.{part}"
    if part not in (*PARTS, TUMOUR):
        close = difflib.get_close_matches(part, (*PARTS, TUMOUR), n=1)
        hint = f' (did you mean "{close[0]}"?)' if close else ""
        raise InputError(key, f"is no part of the anatomy; parts are {', '.join((*PARTS, TUMOUR))}{hint}")
    name, mesh = mesh_of(options.files[part])
    read = read_surface(locate(name, folder, data, key), mesh, options.unit, options.frame, key)
    _check_size(part, read.surface, options.unit)
    return read


def _check_size(part: str, surface: Surface, unit: str) -> None:
    low, high = SIZES.get(part, (0.0, np.inf))
    size = float(np.linalg.norm(np.ptp(surface.points, axis=0)))
    if not low <= size <= high:
        fitting = [u for u, factor in UNITS.items() if low <= size / UNITS[unit] * factor <= high]
        hint = f'with unit "{fitting[0]}" it would be plausible' if fitting else "is it this bone, and all of it?"
        raise InputError(
            f"{KEY}.{part}", f"measures {size:.3g} mm corner to corner, expected {low:.0f} to {high:.0f}; {hint}"
        )
    content = enclosed(surface.points, surface.triangles)
    if content < 200.0:
        raise InputError(
            f"{KEY}.{part}", f"encloses {content / 1000.0:.2g} cm3, expected at least 0.2; is the unit right?"
        )


def misplaced(surfaces: Mapping[str, Surface]) -> list[tuple[str, str, int]]:
    """Entries of ORDER that do not hold; surfaces are LPS [mm]."""
    middle = {part: 0.5 * (s.points.min(axis=0) + s.points.max(axis=0)) for part, s in surfaces.items()}
    asked = (one for one in ORDER if one[0] in middle and one[1] in middle)
    return [(part, other, axis) for part, other, axis in asked if middle[part][axis] <= middle[other][axis]]


def check_order(surfaces: Mapping[str, Surface], frame: str) -> None:
    """Refuse bones that lie the wrong way round, with the frame in which they would lie well.

    Args:
        surfaces: LPS if the frame is as declared [mm].
        frame: The frame declared.

    Raises:
        InputError: Of the first part that lies wrong.
    """
    asked = [one for one in ORDER if one[0] in surfaces and one[1] in surfaces]
    wrong = misplaced(surfaces)
    if not wrong:
        return
    part, other, axis = wrong[0]
    reversed_axes = {axis for _, _, axis in wrong}
    if len(reversed_axes & {0, 1}) == 1 and not {0, 1} <= {axis for _, _, axis in asked}:
        reversed_axes |= {0, 1}  # where one of both cannot be seen, a turn is likelier than a mirror image
    likely = frame
    for one in reversed_axes:
        likely = likely.translate(str.maketrans(SENSES[one], SENSES[one][::-1]))
    raise InputError(
        f"{KEY}.{part}",
        f'should lie {SIDES[axis]} {other} but does not; is the frame really "{frame}" and not "{likely}", or are '
        "files mixed up?",
    )
