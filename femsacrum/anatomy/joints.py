"""Between real bones: cartilage laid into the joints, discs between endplates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from femsacrum.anatomy.bands import sampled_distance
from femsacrum.anatomy.grid import Grid, Sampled
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.proportions import table
from femsacrum.anatomy.soft import Endplate, Limb, auricle, cartilage, disc, disc_grid
from femsacrum.errors import InputError, NumericalError

#: Grid spacing for discs and for cartilage [mm].
DISC, CARTILAGE = 1.0, 0.8

#: How much wider than the least gap a joint's cartilage may be at its rim, in the sum of both distances [mm].
RIM_OPENING = 3.5

#: Distance to which cartilage looks, more than any sum of two distances it asks for [mm].
REACH = 14.0


def trimmed(bone: Surface, neighbours: Sequence[tuple[Surface, float]], grid: Grid, band: float = 7.0) -> Sampled:
    """Distance to a bone on a grid, trimmed against neighbours with a gap to each [mm]."""
    own = sampled_distance(bone, grid, band)
    out = own.copy()
    for neighbour, gap in neighbours:
        low, high = neighbour.points.min(axis=0) - band, neighbour.points.max(axis=0) + band
        first = np.clip(np.floor((low - grid.origin) / grid.spacing).astype(int), 0, grid.shape)
        last = np.clip(np.ceil((high - grid.origin) / grid.spacing).astype(int) + 1, 0, grid.shape)
        if np.any(last <= first):
            continue
        nx, ny, nz = (last - first).tolist()
        part = Grid(grid.origin + first * grid.spacing, grid.spacing, (nx, ny, nz))
        crop = tuple(slice(first[i], last[i]) for i in (2, 1, 0))
        other = sampled_distance(neighbour, part, band)
        out[crop] = np.maximum(out[crop], 0.5 * (own[crop] - other + np.float32(gap)))
    return out


def sacroiliac(hip: Surface, sacrum: Surface, limbs: Sequence[Limb], name: str) -> Surface:
    """Cartilage between a hip bone and the sacrum within the auricular outline.

    Raises:
        InputError: The bones are too far apart there.
    """
    ends = np.array([end for limb in limbs for end in (limb.start, limb.end)])
    margin = max(max(limb.radius) for limb in limbs) + 4.0
    lower, upper = ends.min(axis=0) - np.array([25.0, margin, margin]), ends.max(axis=0) + margin
    if ends[:, 0].mean() < sacrum.points[:, 0].mean():
        lower, upper = ends.min(axis=0) - margin, ends.max(axis=0) + np.array([25.0, margin, margin])
    grid = Grid.around(lower, upper, CARTILAGE)
    gap = table()["gaps"]["sacroiliac_min"]
    first, second = trimmed(hip, [(sacrum, gap)], grid, REACH), trimmed(sacrum, [(hip, gap)], grid, REACH)
    outline = auricle(limbs, grid)
    return _layer(first, second, table()["gaps"]["sij_cartilage_dsum_max"], grid, name, outline)


def symphysis(left: Surface, right: Surface, middle: Floats) -> Surface:
    """Cartilage between the pubic bones around a point in the midline.

    Raises:
        InputError: The bones are too far apart there.
    """
    reach = np.array([16.0, 32.0, 34.0])
    grid = Grid.around(middle - reach, middle + reach, CARTILAGE)
    gap = table()["gaps"]["symphysis_min"]
    first, second = trimmed(left, [(right, gap)], grid, REACH), trimmed(right, [(left, gap)], grid, REACH)
    return _layer(first, second, table()["gaps"]["symphysis_dsum_max"], grid, "symphysis", None)


def _layer(first: Sampled, second: Sampled, reach: float, grid: Grid, name: str, outline: Sampled | None) -> Surface:
    """Cartilage, wide enough to bridge what the real joint is open by."""
    total = first + second
    if outline is not None:
        total = np.where(outline < 0.0, total, np.inf)
    least = float(total[(first > 0.0) & (second > 0.0)].min(initial=np.inf))
    if least > 10.0:
        raise InputError(
            "anatomy.surfaces.files", f"the bones beside {name} are {least:.1f} mm apart; up to 10 mm is bridged"
        )
    try:
        return cartilage(first, second, max(reach, least + RIM_OPENING), grid, name, outline)
    except NumericalError as error:
        raise InputError("anatomy.surfaces.files", f"no {name} fits between the bones beside it") from error


def disc_between(floor: Endplate, ceiling: Endplate, below: Surface, above: Surface, name: str) -> Surface:
    """The disc between two bones."""
    grid = disc_grid(floor, ceiling, DISC)
    return disc(floor, ceiling, sampled_distance(below, grid), sampled_distance(above, grid), grid, name)
