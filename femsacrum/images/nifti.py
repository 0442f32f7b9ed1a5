"""How a NIfTI image lies in the patient, from its header (nifti1.h and nifti2.h of nifti.nimh.nih.gov).

ITK replaces a spacing of zero by 1 and takes an image without orientation for an upright one; both are refused here.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femsacrum.errors import InputError

#: Offset and layout of fields by version, which the header's length tells.
FIELDS = {
    348: {
        "dim": (40, "8h"),
        "bits": (72, "h"),
        "pixdim": (76, "8f"),
        "offset": (108, "f"),
        "unit": (123, "b"),
        "codes": (252, "2h"),
        "srow": (280, "12f"),
    },
    540: {
        "bits": (14, "h"),
        "dim": (16, "8q"),
        "pixdim": (104, "8d"),
        "offset": (168, "q"),
        "codes": (344, "2i"),
        "srow": (400, "12d"),
        "unit": (500, "i"),
    },
}
#: Bytes that are unpacked at a time.
PIECE = 1 << 20
#: xyzt_units & 7: the length of a unit [mm]; 0 is unknown and taken as mm.
UNITS = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
RAS_TO_LPS = np.array([-1.0, -1.0, 1.0])


def placed(path: Path, key: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Origin, shape (3,), and steps, shape (3, 3), in LPS [mm].

    Args:
        path: A ``.nii`` or ``.nii.gz`` file.
        key: Key of the case that names it.

    Returns:
        They, from the file's matrix (sform); None: there is only a quaternion (qform), which ITK reads as it is meant.

    Raises:
        InputError: It is no NIfTI file, or does not say how it lies.
    """
    header = _fields(path, key)
    dim, pixdim, (qform, sform) = header["dim"], header["pixdim"], header["codes"]
    spacing = np.array(pixdim[1:4])
    if not (1 <= dim[0] <= 7):
        raise InputError(key, f"{path.name}: its header says {dim[0]} dimensions; is it a NIfTI file?")
    if not np.isfinite(spacing).all() or (spacing <= 0.0).any():
        given = " x ".join(f"{h:g}" for h in spacing)
        raise InputError(key, f"{path.name}: its header says voxels of {given}, which cannot be; export it anew")
    if qform <= 0 and sform <= 0:
        raise InputError(
            key,
            f"{path.name}: does not say how it lies in the patient (no qform, no sform); export it with orientation",
        )
    if sform <= 0:
        return None
    matrix = np.array(header["srow"]).reshape(3, 4) * UNITS.get(header["unit"][0] & 7, 1.0) * RAS_TO_LPS[:, None]
    lengths, declared = np.linalg.norm(matrix[:, :3], axis=0), spacing * UNITS.get(header["unit"][0] & 7, 1.0)
    if np.isfinite(matrix).all() and not np.allclose(lengths, declared, rtol=1e-3):
        both = (" x ".join(f"{h:.4g}" for h in each) for each in (declared, lengths))
        raise InputError(
            key, "{}: spacing is {} mm in pixdim but {} mm in sform; export it anew".format(path.name, *both)
        )
    return matrix[:, 3].copy(), matrix[:, :3].copy()


def check_complete(path: Path, key: str) -> None:
    """Refuse a file that ends before its voxels do; ITK takes what is missing for zeros.

    Args:
        path: As for ``placed``.
        key: Key of the case that names it.

    Raises:
        InputError: It ends too early, or what is packed in it is damaged.
    """
    header = _fields(path, key)
    dim = header["dim"]
    missing = int(header["offset"][0]) + math.prod(dim[1 : dim[0] + 1]) * header["bits"][0] // 8
    try:
        if path.suffix.lower() != ".gz":
            missing -= path.stat().st_size
        else:
            with gzip.open(path) as stream:
                while missing > 0 and (piece := stream.read(min(missing, PIECE))):
                    missing -= len(piece)
                stream.read(1)  # at the end of the stream its checksum is compared
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(key, f"{path.name}: cannot be read: {error}; copy it anew") from None
    if missing > 0:
        raise InputError(
            key, f"{path.name}: cannot be read: it ends {missing} bytes before its voxels do; copy it anew"
        )


def _fields(path: Path, key: str) -> dict[str, tuple[Any, ...]]:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            raw = stream.read(540)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(key, f"{path.name}: cannot be read: {error}; copy it anew") from None
    for order in "<>":
        length = struct.unpack(f"{order}i", raw[:4])[0] if len(raw) >= 4 else 0
        if length in FIELDS and len(raw) >= length:
            return {name: struct.unpack_from(order + kind, raw, at) for name, (at, kind) in FIELDS[length].items()}
    raise InputError(key, f"{path.name}: has no NIfTI header; is it damaged, or another format?")
