"""The surface files of a case, looked at without meshing anything: one table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.facing import apart
from femsacrum.anatomy.files import KEY, check_order, in_order, read_part
from femsacrum.anatomy.grid import enclosed
from femsacrum.anatomy.patient import BONES, laid_over
from femsacrum.anatomy.reading import Read
from femsacrum.anatomy.reference import reference
from femsacrum.errors import InputError

if TYPE_CHECKING:
    from femsacrum.case.schema import AnatomyOptions, SurfaceFiles

#: Columns: heading and unit. Edges are as in the file, what cuts is counted after the repair; "off" is the mean distance
#: from the reference bone laid over it.
COLUMNS = (
    "part",
    "triangles",
    "open edges",
    "crowded",
    "opposed",
    "pieces",
    "cutting",
    "volume [cm3]",
    "size [mm]",
    "off [mm]",
)


def preflight(
    options: AnatomyOptions, files: SurfaceFiles, folder: Path, data: Sequence[Path] = ()
) -> tuple[str, tuple[str, ...]]:
    """Read every surface a case names and say what it is like.

    Args:
        options: Of the case.
        files: Its ``surfaces``.
        folder: The case file's folder.
        data: Data folders.

    Returns:
        The table, and a line for every surface that is refused.
    """
    read: dict[str, Read] = {}
    refused = []
    for part in in_order(files):
        try:
            read[part] = read_part(part, files, folder, data)
        except InputError as error:
            refused.append(str(error))
    surfaces = {part: one.surface for part, one in read.items()}
    off: dict[str, float] = {}
    bones = {part: surface for part, surface in surfaces.items() if part in BONES}
    try:
        check_order(surfaces, files.frame)
        if bones:
            base, keys = reference(options), {part: f"{KEY}.{part}" for part in bones}
            laid, _ = laid_over(base, bones, dict.fromkeys(bones, files.frame), keys)
            off = {part: apart(base.parts[part], bone, laid[part].place) for part, bone in bones.items()}
    except InputError as error:
        refused.append(str(error))
    rows = [COLUMNS, *(_row(part, one, off.get(part)) for part, one in read.items())]
    widths = [max(len(row[k]) for row in rows) for k in range(len(COLUMNS))]
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
    said = [f"{part}: {'; '.join(one.repairs)}" for part, one in read.items() if one.repairs]
    return "\n".join([*lines, *said] if read else said), tuple(refused)


def _row(part: str, read: Read, off: float | None) -> tuple[str, ...]:
    state, surface = read.state, read.surface
    counts = (
        state.triangles,
        state.open_edges,
        state.crowded_edges,
        state.opposed_edges,
        state.pieces,
        state.cutting,
    )
    volume = enclosed(surface.points, surface.triangles) / 1000.0
    size = float(np.linalg.norm(np.ptp(surface.points, axis=0)))
    return (part, *map(str, counts), f"{volume:.1f}", f"{size:.0f}", "" if off is None else f"{off:.1f}")
