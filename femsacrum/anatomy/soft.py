"""Soft tissue between bones: discs between endplates, cartilage where two bones face each other closely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from scipy.ndimage import gaussian_filter

from femsacrum.anatomy.grid import FAR, Grid, Sampled, contour
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.vertebra import Vertebra

#: Width of the smoothing of rims, in grid steps: less leaves ragged rims with handles, more opens a gap to the bone.
RIM_SMOOTHING = 0.9


@dataclass(frozen=True)
class Endplate:
    """An endplate as the disc sees it.

    Attributes:
        centre: Shape (3,) [mm].
        normal: Cranial unit normal, shape (3,).
        half_depth: Half its anteroposterior extent [mm].
        half_width: Half its width [mm].
    """

    centre: Floats
    normal: Floats
    half_depth: float
    half_width: float

    @classmethod
    def of(cls, bone: Vertebra, which: str) -> Endplate:
        """The "upper" or "lower" endplate of a vertebra, without its rim."""
        centre, outwards = bone.endplate(which)
        normal = outwards if which == "upper" else -outwards
        return cls(centre, normal, 0.5 * bone.size[f"depth_{which}"] - 0.5, 0.5 * bone.size[f"width_{which}"] - 0.5)


def disc_grid(floor: Endplate, ceiling: Endplate, spacing: float) -> Grid:
    """A grid that holds the disc between two endplates."""
    ends = np.array([floor.centre, ceiling.centre])
    reach = max(floor.half_width, ceiling.half_width) + 8.0
    return Grid.around(ends.min(axis=0) - reach, ends.max(axis=0) + reach, spacing)


def disc(floor: Endplate, ceiling: Endplate, below: Sampled, above: Sampled, grid: Grid, name: str) -> Surface:
    """The disc between two endplates, minus the bones.

    Its outline is a superellipse (exponent 2.3 in front, 3 behind) that goes over from one endplate to the other.

    Args:
        floor: Endplate it stands on.
        ceiling: Endplate it carries.
        below: Distance to the bone below [mm].
        above: Distance to the bone above [mm].
        grid: Where both are sampled.
        name: Body name.
    """
    x, y, z = (axis.astype(np.float32) for axis in grid.axes())

    def project(direction: Floats, origin: Floats) -> Sampled:
        u = direction.astype(np.float32)
        return u[0] * x + (u[1] * y)[:, None] + (u[2] * z)[:, None, None] - np.float32(origin @ direction)

    up = floor.normal + ceiling.normal
    up /= np.linalg.norm(up)
    back = np.cross(up, [1.0, 0.0, 0.0])
    back /= np.linalg.norm(back)
    low, high = project(floor.normal, floor.centre), project(ceiling.normal, ceiling.centre)
    share = np.clip(low / np.maximum(low - high, np.float32(1e-3)), 0.0, 1.0)  # 0 on the floor, 1 at the ceiling

    def between(at_floor: float, at_ceiling: float) -> Sampled:
        return np.float32(at_floor) + share * np.float32(at_ceiling - at_floor)

    shift = ceiling.centre - floor.centre
    side = np.cross(back, up)
    along = project(back, floor.centre) - share * np.float32(shift @ back)
    aside = project(side, floor.centre) - share * np.float32(shift @ side)
    depth, width = (between(getattr(floor, n), getattr(ceiling, n)) for n in ("half_depth", "half_width"))
    power = np.where(along < 0.0, np.float32(2.3), np.float32(3.0))
    radius = ((np.abs(aside) / width) ** power + (np.abs(along) / depth) ** power) ** (1.0 / power)
    outline = (radius - 1.0) * np.minimum(depth, width)
    # 3 mm into the bones, so that a hollow endplate is filled; beyond them nothing belongs to the disc
    slab = np.maximum(-low, high) - np.float32(3.0)
    return contour(_rounded(reduce(np.maximum, (outline, slab, -below, -above))), grid, name)


def cartilage(
    first: Sampled, second: Sampled, reach: float, grid: Grid, name: str, outline: Sampled | None = None
) -> Surface:
    """The layer between two bones where the sum of the distances to both is below ``reach``.

    Args:
        first: Distance to one bone [mm].
        second: Distance to the other [mm].
        reach: [mm].
        grid: Where both are sampled.
        name: Body name.
        outline: Distance to a region it is confined to, negative inside; None for no such region.
    """
    layer = reduce(np.maximum, (-first, -second, first + second - np.float32(reach)))
    if outline is not None:
        layer = np.maximum(layer, outline)
    return contour(_rounded(layer), grid, name)


@dataclass(frozen=True)
class Limb:
    """One limb of the L-shaped auricular outline, seen from the side.

    Attributes:
        start: Shape (3,) [mm].
        end: Shape (3,) [mm].
        radius: At the start and at the end [mm].
    """

    start: Floats
    end: Floats
    radius: tuple[float, float]

    @classmethod
    def between(cls, ends: Floats, radius: tuple[float, float]) -> Limb:
        """A limb from its two ends, shape (2, 3) [mm]."""
        return cls(ends[0], ends[1], radius)


def auricle(limbs: Sequence[Limb], grid: Grid) -> Sampled:
    """Distance to the auricular outline in the sagittal projection, shape (nz, ny, 1) [mm]."""
    _, y, z = grid.axes()
    out = np.full((grid.shape[2], grid.shape[1]), FAR)
    for limb in limbs:
        along = (limb.end - limb.start)[1:]
        dy, dz = y[None, :] - limb.start[1], z[:, None] - limb.start[2]
        share = np.clip((dy * along[0] + dz * along[1]) / (along @ along), 0.0, 1.0)
        apart = np.hypot(dy - share * along[0], dz - share * along[1])
        radius = limb.radius[0] + share * (limb.radius[1] - limb.radius[0])
        h = np.maximum(4.0 - np.abs(out - (apart - radius)), 0.0) / 4.0  # limbs melt into each other over 4 mm
        out = np.minimum(out, apart - radius) - h * h
    return out[..., None].astype(np.float32)


def _rounded(distance: Sampled) -> Sampled:
    """Sharp rims rounded off, so that they mesh well and have no ragged handles."""
    return gaussian_filter(np.clip(distance, -4.0, 4.0), RIM_SMOOTHING)
