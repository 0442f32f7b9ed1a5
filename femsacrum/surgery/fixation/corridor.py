"""How much bone lies round many possible screw axes at once."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.surgery.shapes.frame import Frame
from femsacrum.surgery.shapes.places import Depth

#: Spacing of the distance grid and of the samples along an axis [mm].
GRID, STEP = 2.0, 1.0


class Corridor:
    """Depth in bone along axes, from one grid of exact distances interpolated linearly.

    Where bone is thickest (on its medial axis) the interpolated depth is up to 1 mm less than the true one, so that a
    choice errs to the safe side; the axis that is chosen is measured again exactly.
    """

    def __init__(self, bone: Depth, frame: Frame, start: Floats, axis: Floats, length: float) -> None:
        """Measure.

        Args:
            bone: Depth in the bone.
            frame: Axes of the grid: those of mirrored sides mirror each other, and so do then the results.
            start: Shape (n, 3) [mm].
            axis: Unit vectors, shape (n, 3).
            length: How far to look [mm].
        """
        from scipy.ndimage import map_coordinates

        self.along = np.arange(0.0, length + STEP, STEP)
        samples = (start[:, None, :] + self.along[None, :, None] * axis[:, None, :]).reshape(-1, 3)
        axes = np.array([frame.across, frame.along, frame.normal])
        local = (samples - frame.origin) @ axes.T
        low = GRID * np.floor(local.min(axis=0) / GRID - 1.0)
        shape = np.ceil((local.max(axis=0) - low) / GRID).astype(int) + 2
        i, j, k = np.floor((local - low) / GRID).astype(int).T
        needed = np.zeros(tuple(shape), dtype=bool)  # corners of the cells that hold a sample
        for a, b, c in np.ndindex(2, 2, 2):
            needed[i + a, j + b, k + c] = True
        field = np.zeros(tuple(shape))
        field[needed] = bone(frame.origin + (low + GRID * np.argwhere(needed)) @ axes)
        where = ((local - low) / GRID).T
        self.depth = map_coordinates(field, where, order=1, mode="nearest").reshape(len(start), -1)

    def purchase(self, needed: float, longest: float, zone: float = 0.0) -> tuple[Floats, Floats]:
        """Length that can be used and the least free bone along it.

        Args:
            needed: Bone wanted round the axis, the screw's radius included [mm].
            longest: Purchase wanted [mm].
            zone: Length from the start along which it is enough to be in bone at all, from its second millimetre [mm].

        Returns:
            Purchase (0 where even the start lacks bone) and least depth minus ``needed`` along it, each shape (n,).
        """
        within = self.along <= longest + 1e-9
        along = self.along[within]
        demand = np.where(along >= zone, needed, np.where(along > 1.0, 0.0, -np.inf))
        holds = np.logical_and.accumulate(self.depth[:, within] >= demand, axis=1)
        count = holds.sum(axis=1)
        count = np.where(count > int(np.searchsorted(along, zone)), count, 0)
        purchase = np.where(count > 0, along[np.maximum(count - 1, 0)], 0.0)
        least = np.where(holds & (along >= zone), self.depth[:, within], np.inf).min(axis=1)
        return purchase, np.where(count > 0, least - needed, -np.inf)
