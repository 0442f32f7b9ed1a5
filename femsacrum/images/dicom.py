"""A DICOM series: which files belong to it and where each slice lies, from the slices' own positions.

ITK takes the first two slices and the number of files for the whole; a slice that is missing, twice there or turned
would move all the others. DICOM PS3.3 C.7.6.2 (image plane) says what the positions mean: LPS, mm.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femsacrum.errors import InputError
from femsacrum.images.header import Header, shown

READER = "GDCMImageIO"

#: Slices may be this far from even distances [mm], or this share of the distance: positions are rounded in the files.
UNEVEN_MM, UNEVEN_SHARE = 0.02, 0.01

#: Series that are told of where one has to be chosen.
LISTED = 8

#: A folder with more files than this is somebody's archive.
MOST_FILES = 20_000

SERIES, NUMBER, DESCRIPTION = "0020|000e", "0020|0011", "0008|103e"
POSITION, ORIENTATION, SPACING = "0020|0032", "0020|0037", "0028|0030"
#: Intercept and slope, with what they are where a file does not say.
RESCALING = (("0028|1052", "0"), ("0028|1053", "1"))
TAGS = (SERIES, NUMBER, DESCRIPTION, POSITION, ORIENTATION, SPACING, *(tag for tag, _ in RESCALING))


@dataclass(frozen=True)
class Found:
    """A DICOM image.

    Attributes:
        file: The file.
        tags: What it says, by tag; "" where it does not say.
        size: Columns, rows and, where it has several frames, frames.
        components: Values for each voxel.
    """

    file: Path
    tags: Mapping[str, str]
    size: tuple[int, ...]
    components: int

    @property
    def name(self) -> str:
        """Of the file, for messages."""
        return shown(self.file.name)

    def numbers(self, tag: str, count: int, meaning: str, key: str, default: str = "") -> NDArray[np.float64]:
        """The numbers a tag holds, shape (count,).

        Raises:
            InputError: It holds something else.
        """
        text = self.tags[tag] or default
        try:
            values = np.array([float(each) for each in text.split("\\")])
        except ValueError:
            values = np.array([])
        if values.shape != (count,) or not np.isfinite(values).all():
            problem = f'its {meaning} ({tag}) is "{text}", expected {count} number{"s"[: count > 1]}; export it anew'
            raise InputError(key, f"{self.name}: {problem}")
        return values


def header(folder: Path, key: str, series: str | None) -> Header:
    """What a series says about itself.

    Args:
        folder: With its files, also in folders below; files that are not DICOM are passed over.
        key: Key of the case that names the folder.
        series: Its unique identifier or its number; None: there is only one.

    Raises:
        InputError: There is no such series, or its slices do not make a volume.
    """
    images = _chosen(_images(folder, key), folder.name, key, series)
    number, text = images[0].tags[NUMBER], images[0].tags[DESCRIPTION]
    name = f"{folder.name} (DICOM, series {number or 'without number'}{f' {text}' if text else ''})"
    if len(images) < 2:
        raise InputError(key, f"{name}: a single slice; give the whole series")
    steps = [_in_plane(image, key) for image in images]
    for image, own in zip(images, steps, strict=True):
        if image.size != images[0].size or not np.allclose(own, steps[0], atol=1e-4):
            problem = f"{image.name} and {images[0].name} differ in size, spacing or orientation"
            raise InputError(key, f"{name}: {problem}; leave only the slices of one scan")
    across = np.cross(steps[0][:, 0], steps[0][:, 1])
    across /= np.linalg.norm(across)
    positions = np.array([image.numbers(POSITION, 3, "position", key) for image in images])
    order = np.argsort(positions @ across, kind="stable")
    images, positions = [images[i] for i in order], positions[order]
    step = _step(images, positions, across, name, key)
    tilt = np.degrees(np.arccos(min(1.0, float(step @ across / np.linalg.norm(step)))))
    return Header(
        files=tuple(image.file for image in images),
        reader=READER,
        size=(images[0].size[0], images[0].size[1], len(images)),
        kind=_kind(images, key),
        origin=positions[0],
        steps=np.column_stack([steps[0], step]),
        name=f"{name}, gantry tilted by {tilt:.1f} deg" if tilt > 0.1 else name,
    )


def files(folder: Path, key: str) -> list[Path]:
    """Every file in a folder and the folders below, in a fixed order.

    Raises:
        InputError: There are too many.
    """
    found = sorted(Path(at) / name for at, _, names in os.walk(folder) for name in names)
    if len(found) > MOST_FILES:
        raise InputError(key, f'"{folder.name}" holds {len(found)} files; name the folder of one series')
    return found


def _images(folder: Path, key: str) -> list[Found]:
    every = files(folder, key)
    images = [image for image in (_image(file, key) for file in every) if image is not None]
    if not images:
        raise InputError(key, f'"{folder.name}" holds no DICOM image ({len(every)} files looked at)')
    return images


def _image(file: Path, key: str) -> Found | None:
    """What one file says; None: it is no DICOM image."""
    import SimpleITK as sitk

    with file.open("rb") as stream:
        marked = stream.read(132)[128:] == b"DICM"
    reader = sitk.ImageFileReader()
    reader.SetImageIO(READER)
    reader.SetFileName(str(file))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        if marked and file.name != "DICOMDIR":
            raise InputError(
                key, f"{shown(file.name)}: is DICOM, but no image that can be read; copy it anew"
            ) from None
        return None
    tags = {tag: shown(reader.GetMetaData(tag).strip(" \0")) if reader.HasMetaDataKey(tag) else "" for tag in TAGS}
    return Found(file, tags, tuple(reader.GetSize()), reader.GetNumberOfComponents())


def _chosen(images: Sequence[Found], name: str, key: str, series: str | None) -> list[Found]:
    """Those of one series."""
    every: dict[str, list[Found]] = {}
    for image in images:
        every.setdefault(image.tags[SERIES], []).append(image)
    listed = "; ".join(
        f'"{uid}" (number {own[0].tags[NUMBER] or "none"}, {own[0].tags[DESCRIPTION] or "no description"}, {len(own)} files)'
        for uid, own in list(every.items())[:LISTED]
    ) + ("; ..." if len(every) > LISTED else "")
    where = f"{key.rpartition('.')[0]}.series"
    wanted = [uid for uid, own in every.items() if series in (None, uid, own[0].tags[NUMBER])]
    if not wanted:
        raise InputError(where, f'"{name}" holds no series "{series}"; it holds {listed}')
    if len(wanted) > 1:
        raise InputError(key, f'"{name}" holds {len(every)} series; choose one with {where}: {listed}')
    return every[wanted[0]]


def _in_plane(image: Found, key: str) -> NDArray[np.float64]:
    """Steps to the next column and to the next row, shape (3, 2) [mm]."""
    name = image.name
    if image.components != 1:
        raise InputError(key, f"{name}: is a colour image; give the series with the grey values")
    if int(np.prod(image.size[2:])) != 1:
        raise InputError(key, f"{name}: holds many frames; export one file for each slice, or NIfTI")
    rows = image.numbers(ORIENTATION, 6, "orientation", key).reshape(2, 3)
    if not np.allclose(rows @ rows.T, np.eye(2), atol=1e-3):
        raise InputError(key, f"{name}: its rows and columns ({ORIENTATION}) are not at right angles; export it anew")
    down, along = image.numbers(SPACING, 2, "spacing", key)  # first the distance of rows, then that of columns
    if not min(down, along) > 0.0:
        raise InputError(key, f"{name}: its spacing ({SPACING}) is {down:g} x {along:g} mm; export it anew")
    return np.column_stack([along * rows[0], down * rows[1]])


def _step(
    images: Sequence[Found], positions: NDArray[np.float64], across: NDArray[np.float64], name: str, key: str
) -> NDArray[np.float64]:
    """From one slice to the next, shape (3,) [mm]; not along ``across`` where the gantry was tilted."""
    gaps = np.diff(positions @ across)
    usual = float(np.sort(gaps)[(len(gaps) - 1) // 2])  # the median, but a distance that is there
    allowed = max(UNEVEN_MM, UNEVEN_SHARE * usual)
    for i in np.flatnonzero(np.abs(gaps - usual) > allowed)[:1]:
        pair = f"{images[i].name} and {images[i + 1].name}"
        if gaps[i] < allowed:
            raise InputError(key, f"{name}: {pair} are the same slice; leave each slice once")
        problem = f"{pair} are {gaps[i]:.3f} mm apart, the others {usual:.3f} mm"
        raise InputError(key, f"{name}: {problem}: are slices missing? give all of one scan")
    if usual < UNEVEN_MM:
        raise InputError(key, f"{name}: all slices are at the same place; leave each slice once")
    step: NDArray[np.float64] = (positions[-1] - positions[0]) / (len(images) - 1)
    strayed = np.linalg.norm(positions - positions[0] - np.arange(len(images))[:, None] * step, axis=1)
    if strayed.max() > 10.0 * allowed:
        worst = images[int(np.argmax(strayed))].name
        raise InputError(
            key, f"{name}: {worst} is {strayed.max():.2f} mm beside the line of the others; export it anew"
        )
    return step


def _kind(images: Sequence[Found], key: str) -> str:
    """The type of number for rescaled values: integers unless a slope or an intercept has decimals."""
    scales = [image.numbers(tag, 1, "rescaling", key, default) for image in images for tag, default in RESCALING]
    return "int16" if all(float(scale[0]).is_integer() for scale in scales) else "float32"


def values(header: Header, key: str) -> NDArray[Any]:
    """The voxels, shape (nz, ny, nx), slice by slice so that nothing is there twice.

    Args:
        header: From ``header``.
        key: Key of the case that names the folder, for messages.

    Raises:
        InputError: A file is cut short.
    """
    import SimpleITK as sitk

    out: NDArray[Any] = np.empty(header.size[::-1], dtype=header.kind)
    for z, file in enumerate(header.files):
        try:
            layer = sitk.GetArrayFromImage(sitk.ReadImage(str(file), imageIO=READER))[0]
        except RuntimeError:
            raise InputError(key, f"{shown(file.name)}: its voxels cannot be read; copy it anew") from None
        if out.dtype == np.int16 and (layer.min() < -32768 or layer.max() > 32767):
            out = out.astype(np.int32)
        out[z] = layer
    return out
