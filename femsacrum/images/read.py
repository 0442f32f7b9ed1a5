"""A volume from the files a clinic has: a DICOM folder, NIfTI or NRRD."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femsacrum import guarded
from femsacrum.errors import InputError
from femsacrum.images import dicom, nifti, nrrd
from femsacrum.images.header import Header
from femsacrum.images.volume import Volume

#: Ends of names, and SimpleITK's reader for them.
READERS = {".nii": "NiftiImageIO", ".nii.gz": "NiftiImageIO", ".nrrd": "NrrdImageIO", ".nhdr": "NrrdImageIO"}

#: What Python, numpy and SimpleITK take of a process's address space [MB].
LIBRARIES = 1500.0


def read_volume(path: Path, key: str, series: str | None = None) -> Volume:
    """Read an image.

    Values are as the scanner means them (slope and intercept applied) and as small in memory as they can be; the grid
    may lie obliquely, have different spacings and be left-handed or sheared (a tilted gantry).

    Args:
        path: A folder with a DICOM series, or a file in one of READERS.
        key: Key of the case that names it, for messages; ``series`` stands beside that key.
        series: Of a DICOM folder with several: unique identifier or number.

    Raises:
        InputError: It cannot be read, is no volume, is too large, or does not say how it lies in the patient.
    """
    header = guarded.call(_header, path, key, series, key=key, what=path.name, seconds=300.0)
    header.check(key)
    megabytes = LIBRARIES + 4.0 * header.bytes / 1e6
    seconds = 120.0 + header.bytes / 5e6
    values = guarded.call(_values, header, key, key=key, what=path.name, megabytes=megabytes, seconds=seconds)
    return Volume(values, header.origin, header.steps, header.source)


def files_of(path: Path, key: str) -> list[Path]:
    """Every file an image is made of, in a fixed order.

    Args:
        path: As for ``read_volume``.
        key: Key of the case that names it.

    Raises:
        InputError: It names a file that is not beside it.
    """
    if path.is_dir():
        return dicom.files(path, key)
    beside = nrrd.data_file(path, key) if ending(path) in (".nrrd", ".nhdr") else None
    return [path] if beside is None else [path, beside]


def ending(path: Path) -> str:
    """The end of a name that tells its format, in lower case; "" where there is none."""
    return next((end for end in sorted(READERS, key=len, reverse=True) if path.name.lower().endswith(end)), "")


def _header(path: Path, key: str, series: str | None) -> Header:
    if path.is_dir():
        return dicom.header(path, key, series)
    end = ending(path)
    if not end:
        problem = f"is in no format that is read (a folder with DICOM files, {', '.join(READERS)})"
        raise InputError(key, f"{path.name}: {problem}")
    if series is not None:
        raise InputError(
            f"{key.rpartition('.')[0]}.series",
            f"is for a folder with DICOM files, {path.name} is a file; leave it out",
        )
    if READERS[end] == "NiftiImageIO":
        return _of_file(path, key, "NIfTI", nifti.placed(path, key))
    nrrd.data_file(path, key)
    return _of_file(path, key, "NRRD", nrrd.placed(path, key))


def _of_file(
    path: Path, key: str, form: str, placed: tuple[NDArray[np.float64], NDArray[np.float64]] | None
) -> Header:
    """What ITK says about a file, but for where it lies."""
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetImageIO(READERS[ending(path)])
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    sizes = reader.GetSize()
    if reader.GetNumberOfComponents() != 1:
        problem = (
            f"holds {reader.GetNumberOfComponents()} values for each voxel; export one grey value, or one label map"
        )
        raise InputError(key, f"{path.name}: {problem}")
    if int(np.prod(sizes[3:])) != 1:
        raise InputError(key, f"{path.name}: holds {int(np.prod(sizes[3:]))} volumes; export one of them")
    if len(sizes) < 3:
        raise InputError(key, f"{path.name}: is flat ({sizes[0]} x {sizes[1]} voxels); give the whole volume")
    kind = sitk.GetArrayViewFromImage(sitk.Image([1, 1], reader.GetPixelID())).dtype
    if kind.kind not in "iuf":
        raise InputError(key, f"{path.name}: holds {kind.name} values; export integers")
    if placed is None:
        spacing = np.array(reader.GetSpacing()[:3])
        n = len(sizes)
        placed = np.array(reader.GetOrigin()[:3]), np.array(reader.GetDirection()).reshape(n, n)[:3, :3] * spacing
    return Header((path,), READERS[ending(path)], sizes[:3], kind.name, *placed, f"{path.name} ({form})")


def _values(header: Header, key: str) -> NDArray[Any]:
    """The voxels, shape (nz, ny, nx)."""
    import SimpleITK as sitk

    if header.reader == dicom.READER:
        values = dicom.values(header, key)
    else:
        if header.reader == READERS[".nii"]:
            nifti.check_complete(header.files[0], key)
        values = sitk.GetArrayFromImage(sitk.ReadImage(str(header.files[0]), imageIO=header.reader))
        values = values.reshape(values.shape[-3:])
    for z, layer in enumerate(values if values.dtype.kind == "f" else ()):
        if not np.isfinite(layer).all():
            raise InputError(
                key, f"{header.name}: has values that are not finite, first in slice {z}; export it anew"
            )
    return values
