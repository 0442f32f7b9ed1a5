"""What the header of an image says, and whether a volume can be made of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from femsacrum.errors import InputError

#: Largest volume that is read [bytes in memory]: 512 x 512 x 8000 voxels of 16 bits. Its reader needs twice as much.
LARGEST = 4_300_000_000

#: Distances of voxels that are believed [mm]; outside, the file's unit is another one.
SPACINGS = (0.01, 20.0)


def shown(text: str) -> str:
    """Text from a file as it may be shown: what cannot be printed becomes a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


@dataclass(frozen=True)
class Header:
    """What is known of an image before its voxels are read.

    Attributes:
        files: Files of it, in the order of its slices.
        reader: Name of SimpleITK's reader for them.
        size: Voxels along x, y and z of the grid.
        kind: Type of a voxel in memory, as numpy calls it.
        origin: Position of the centre of voxel (0, 0, 0), shape (3,) [mm], LPS.
        steps: As in ``Volume``, shape (3, 3) [mm], LPS.
        name: File or folder and format, for messages and the report.
    """

    files: tuple[Path, ...]
    reader: str
    size: tuple[int, int, int]
    kind: str
    origin: NDArray[np.float64]
    steps: NDArray[np.float64]
    name: str

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Distance of voxel centres along x, y and z of the grid, shape (3,) [mm]."""
        return np.linalg.norm(self.steps, axis=0)

    @property
    def bytes(self) -> int:
        """Memory the voxels need."""
        return self.size[0] * self.size[1] * self.size[2] * np.dtype(self.kind).itemsize

    @property
    def source(self) -> str:
        """One line for the report."""
        voxels = " x ".join(map(str, self.size))
        return f"{self.name}, {voxels} voxels of {' x '.join(f'{h:.4g}' for h in self.spacing)} mm"

    def check(self, key: str) -> None:
        """Refuse what is no volume in the patient's axes, or too large a one.

        Args:
            key: Key of the case that names the file.

        Raises:
            InputError: It is.
        """
        if min(self.size) < 2:
            voxels = " x ".join(map(str, self.size))
            raise InputError(key, f"{self.name}: has {voxels} voxels, a single slice; give the whole series")
        numbers = np.concatenate([self.origin, self.steps.ravel()])
        if not np.isfinite(numbers).all():
            raise InputError(
                key, f"{self.name}: its header has a position or spacing that is not finite; export it anew"
            )
        low, high = SPACINGS
        if not ((self.spacing >= low) & (self.spacing <= high)).all():
            given = " x ".join(f"{h:.3g}" for h in self.spacing)
            raise InputError(
                key,
                f"{self.name}: spacing {given} mm, expected {low:g} to {high:g}; is its unit really mm? export it anew",
            )
        if abs(np.linalg.det(self.steps / self.spacing)) < 0.5:
            raise InputError(key, f"{self.name}: two axes of its grid are nearly parallel; export it anew")
        limit = min(LARGEST, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4)
        if self.bytes > limit:
            raise InputError(
                key,
                f"{self.name}: needs {self.bytes / 1e9:.3g} GB, at most {limit / 1e9:.3g} GB are read on this machine; "
                "crop it to the pelvis, or store it as 16-bit integers",
            )
