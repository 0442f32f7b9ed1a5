"""The parts a case gives, from surface files and from a label map, each from one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy import files
from femsacrum.anatomy.labels import Labelled, labels_in, surface_of
from femsacrum.anatomy.model import PARTS, Surface
from femsacrum.anatomy.tumour import pieces_of
from femsacrum.case.names import TUMOUR
from femsacrum.errors import InputError
from femsacrum.images.read import read_volume
from femsacrum.paths import locate

if TYPE_CHECKING:
    from femsacrum.case.schema import AnatomyOptions, LabelMap

FILE, KEY = "anatomy.labels.file", "anatomy.labels.parts"


@dataclass(frozen=True)
class Given:
    """Parts of this patient.

    Attributes:
        surfaces: By part, or "tumour" [mm], LPS.
        origin: One line on each for the report.
        fidelity: Of those from labels: how far each surface is from its label.
        keys: Key of the case that gives each, for messages.
        frames: Frame each was in; an image says its own, which is LPS once it is read.
        borrow: Whether what is not given comes from the reference.
    """

    surfaces: Mapping[str, Surface]
    origin: dict[str, str]
    fidelity: Mapping[str, Mapping[str, float]]
    keys: Mapping[str, str]
    frames: Mapping[str, str]
    borrow: bool


def given_parts(options: AnatomyOptions, folder: Path, data: Sequence[Path] = ()) -> Given:
    """Every part a case gives.

    Args:
        options: Of the case; surface files, a label map or both.
        folder: The case file's folder.
        data: Data folders.

    Raises:
        InputError: One cannot be read, is given twice, or cannot be what it is said to be.
    """
    surfaces: dict[str, Surface] = {}
    origin: dict[str, str] = {}
    fidelity: dict[str, Mapping[str, float]] = {}
    keys: dict[str, str] = {}
    frames: dict[str, str] = {}
    if options.surfaces is not None:
        surfaces, origin = files.read_parts(options.surfaces, folder, data)
        keys = {part: f"{files.KEY}.{part}" for part in surfaces}
        frames = dict.fromkeys(surfaces, options.surfaces.frame)
    if options.labels is not None:
        for part in options.labels.parts:
            if part in surfaces:
                raise InputError(f"{KEY}.{part}", f"is given by {keys[part]} as well; leave out one of them")
        for part, found in _labelled(options.labels, folder, data).items():
            surfaces[part], fidelity[part], keys[part] = found.surface, found.fidelity, f"{KEY}.{part}"
            origin[part], frames[part] = _told(options.labels, part, found), "LPS"
        _check_order(surfaces, keys)
    tables = [table for table in (options.surfaces, options.labels) if table is not None]
    return Given(surfaces, origin, fidelity, keys, frames, all(table.borrow for table in tables))


def _labelled(options: LabelMap, folder: Path, data: Sequence[Path]) -> dict[str, Labelled]:
    volume = read_volume(locate(options.file, folder, data, FILE, folders=True), FILE, options.series)
    there = labels_in(volume, FILE)
    found = {}
    for part in sorted(options.parts, key=(*PARTS, TUMOUR).index):
        label, key = options.parts[part], f"{KEY}.{part}"
        if label not in there:
            listed = ", ".join(map(str, there[:30])) + (", ..." if len(there) > 30 else "") or "none"
            raise InputError(key, f"no voxel of {volume.source} has the label {label}; labels in it: {listed}")
        found[part] = pieces_of(volume, label, key) if part == TUMOUR else surface_of(volume, label, key)
        _check_size(found[part].surface, part, key)
    return found


def _check_size(surface: Surface, part: str, key: str) -> None:
    low, high = files.SIZES.get(part, (0.0, np.inf))
    size = float(np.linalg.norm(np.ptp(surface.points, axis=0)))
    if not low <= size <= high:
        problem = f"measures {size:.3g} mm corner to corner, expected {low:.0f} to {high:.0f}"
        raise InputError(key, f"{problem}; is it the label of another part, or of a part cut off?")


def _check_order(surfaces: Mapping[str, Surface], keys: Mapping[str, str]) -> None:
    for part, other, axis in files.misplaced(surfaces):
        key = keys[part] if keys[part].startswith(KEY) else keys[other]
        hint = "are the labels mixed up, or is the image mirrored?"
        raise InputError(key, f"{part} should lie {files.SIDES[axis]} {other} but does not; {hint}")


def _told(options: LabelMap, part: str, found: Labelled) -> str:
    """One line on a part from a label."""
    told = found.fidelity
    name = f"label {options.parts[part]} of {Path(options.file).as_posix()}"
    clauses = [
        f"surface {told['mean distance [mm]']:.2f} mm from its label on average, "
        f"volume {round(told['volume deviation [%]'], 1) + 0.0:+.1f} %"
    ]
    if told["pieces dropped"]:
        clauses.append(f"{told['pieces dropped']:.0f} loose pieces dropped ({told['share dropped [%]']:.2g} %)")
    if told["holes filled"]:
        clauses.append(f"{told['holes filled']:.0f} holes filled")
    if found.cut:
        clauses.append("it reaches the edge of the image and may be cut off")
    return "; ".join([name, *clauses])
