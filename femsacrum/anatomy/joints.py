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
DISC, CARTILAGE = 1.0, 0.9

#: How much wider than the least gap a joint's cartilage may be at its rim, in the sum of both distances [mm].
RIM_OPENING = 3.5

#: Bones further apart than this are not bridged [mm].
BRIDGED = 8.0


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
    return _layer((hip, sacrum), table()["gaps"]["sij_cartilage_dsum_max"], grid, name, auricle(limbs, grid))


def symphysis(left: Surface, right: Surface, middle: Floats) -> Surface:
    """Cartilage between the pubic bones around a point in the midline.

    Raises:
        InputError: The bones are too far apart there.
    """
    reach = np.array([16.0, 32.0, 34.0])
    grid = Grid.around(middle - reach, middle + reach, CARTILAGE)
    return _layer((left, right), table()["gaps"]["symphysis_dsum_max"], grid, "symphysis", None)


def _layer(bones: tuple[Surface, Surface], reach: float, grid: Grid, name: str, outline: Sampled | None) -> Surface:
    """Cartilage between two bones that do not touch, wide enough to bridge what the real joint is open by."""
    known = reach + 0.5  # distances are exact up to here
    while True:
        first, second = (sampled_distance(bone, grid, known) for bone in bones)
        total = np.where((first > 0.0) & (second > 0.0), first + second, np.inf)
        if outline is not None:
            total = np.where(outline < 0.0, total, np.inf)
        least = float(total.min())
        if least > BRIDGED:
            apart = f"{least:.1f}" if least < known else f"more than {known:.1f}"
            problem = f"the bones beside {name} are {apart} mm apart; up to {BRIDGED:.0f} mm is bridged"
            raise InputError("anatomy.surfaces.files", problem)
        wanted = max(reach, least + RIM_OPENING)
        if wanted < known:
            break
        known = wanted + 0.5
    try:
        return cartilage(first, second, wanted, grid, name, outline)
    except NumericalError as error:
        raise InputError("anatomy.surfaces.files", f"no {name} fits between the bones beside it") from error


def disc_between(floor: Endplate, ceiling: Endplate, below: Surface, above: Surface, name: str) -> Surface:
    """The disc between two bones."""
    grid = disc_grid(floor, ceiling, DISC)
    return disc(floor, ceiling, sampled_distance(below, grid), sampled_distance(above, grid), grid, name)
