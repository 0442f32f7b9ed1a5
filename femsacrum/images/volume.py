"""What this room hands on: an image in the patient's axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Volume:
    """Values on a regular grid that may lie obliquely in the patient.

    Attributes:
        values: Shape (nz, ny, nx), any number type (as in the file: a copy would double the memory).
        origin: Position of the centre of voxel (0, 0, 0), shape (3,) [mm], LPS.
        steps: Column c is the step to the next voxel along the grid's axis c (x, y, z), shape (3, 3) [mm], LPS:
            unit direction times spacing. Its determinant may be negative (slices stored from top to bottom).
        source: Where it came from, one line for the report: file, format, voxels, spacing.
    """

    values: NDArray[Any]
    origin: NDArray[np.float64]
    steps: NDArray[np.float64]
    source: str

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Distance of voxel centres along x, y and z of the grid, shape (3,) [mm]."""
        return np.linalg.norm(self.steps, axis=0)

    def points(self, indices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where (fractional) indices (x, y, z), shape (n, 3), lie [mm], LPS."""
        return np.asarray(indices) @ self.steps.T + self.origin

    def indices(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Fractional indices (x, y, z) of points, shape (n, 3) [mm], LPS."""
        return np.asarray((np.asarray(points) - self.origin) @ np.linalg.inv(self.steps).T)
