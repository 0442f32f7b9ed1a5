"""The lower end of a sacrum that its image or its segmentation left out, lent by the reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from femsacrum.anatomy.bands import sampled_distance
from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import Grid, contour
from femsacrum.anatomy.manifolds import thinned
from femsacrum.anatomy.model import Anatomy, Floats, Surface
from femsacrum.anatomy.registration import Affine, Laid
from femsacrum.anatomy.surfaces import sampled

#: The reference ends in nothing where it lies further than this from the patient's bone, on average over a LEVEL [mm].
ASTRAY, LEVEL = 5.0, 6.0
#: Less than this missing is the shape of this patient's tip, not the edge of an image [mm].
LEAST = 15.0
#: The patient's bone is left this far above its end, torn as it may be, over a stretch where both are blended [mm].
TORN, BLEND = 8.0, 8.0
#: Grid the two are joined on, and how far from either surface the distance is known [mm].
SPACING, BAND = 1.0, 3.0


def completed(base: Anatomy, laid: Laid) -> tuple[Laid, str]:
    """A sacrum with the reference's lower end where it has none of its own.

    The reference laid over the patient's bone goes on beyond the end of it. Over a short stretch above that end the
    distances to both are blended into each other, so that no step is left.

    Args:
        base: The reference.
        laid: Its sacrum laid over the patient's.

    Returns:
        The sacrum as it came and nothing, where it is whole; else the completed one and what was done, in words.
    """
    axis = _Axis(base, laid.place)
    points = sampled(base.parts["sacrum"], 8000)[0]
    carried = laid.carry(points)
    depth = axis(carried)
    off = np.abs(DistanceTo(laid.surface)(carried))
    levels = np.arange(0.0, depth.max(), LEVEL)
    astray = [off[(depth >= low) & (depth < low + LEVEL)].mean() > ASTRAY for low in levels]
    whole = len(levels) - int(np.argmin(astray[::-1]))  # levels up to the last one that is not astray
    if not astray[-1] or axis.length - levels[whole] < LEAST:
        return laid, ""
    end = float(levels[whole]) - TORN
    lent = Surface(laid.carry(base.parts["sacrum"].points), base.parts["sacrum"].triangles)
    remark = (
        f"below {100.0 * end / axis.length:.0f} % of its length the sacrum is the {base.origin['sacrum']}, "
        f"scaled {laid.place.scale():.3f}"
    )
    return replace(laid, surface=_joined(laid.surface, lent, axis, end)), remark


class _Axis:
    """Depth below the S1 endplate along the line to the tip, in the reference's size [mm]."""

    def __init__(self, base: Anatomy, place: Affine) -> None:
        self._top = 0.5 * (base.landmarks["endplate_S1_ant"] + base.landmarks["endplate_S1_post"])
        line = base.landmarks["S_tip"] - self._top
        self.length = float(np.linalg.norm(line))
        self._direction = line / self.length
        self._place, self._inverse = place, np.linalg.inv(place.matrix)

    def __call__(self, points: Floats) -> Floats:
        there = (np.asarray(points) - self._place.shift) @ self._inverse.T
        depth: Floats = (there - self._top) @ self._direction
        return depth


def _joined(own: Surface, lent: Surface, axis: _Axis, end: float) -> Surface:
    """One surface that is the first above a depth and the second below it."""
    kept = lent.points[axis(lent.points) > end - BLEND]
    ends = np.concatenate([own.points[axis(own.points) < end], kept])
    grid = Grid.around(ends.min(axis=0) - BAND, ends.max(axis=0) + BAND, SPACING)
    x, y, z = grid.axes()
    where = np.stack(np.meshgrid(z, y, x, indexing="ij")[::-1], axis=-1)
    share = np.clip((axis(where) - end) / BLEND + 1.0, 0.0, 1.0).astype(np.float32)
    share *= share * (3.0 - 2.0 * share)
    both = [sampled_distance(surface, grid, BAND) for surface in (own, lent)]
    return thinned(contour((1.0 - share) * both[0] + share * both[1], grid, "sacrum"))
