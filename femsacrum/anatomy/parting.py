"""Gaps opened between real bones that touch or overlap: only what is in the way is cut off."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from femsacrum.anatomy.bands import sampled_distance
from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import Grid, Sampled, enclosed, isosurface, largest_shell
from femsacrum.anatomy.manifolds import arrays, manifold
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.proportions import table
from femsacrum.anatomy.surfaces import sampled
from femsacrum.errors import InputError

#: Pairs of bones that must not touch, and the name of the gap between them in the table.
PAIRS = (
    ("left_ilium", "sacrum", "sacroiliac_min"),
    ("right_ilium", "sacrum", "sacroiliac_min"),
    ("left_ilium", "right_ilium", "symphysis_min"),
    ("left_ilium", "L5", "L5_hip_min"),
    ("right_ilium", "L5", "L5_hip_min"),
    ("L5", "sacrum", "facet_min"),
    ("L4", "L5", "facet_min"),
)

#: Grid spacing of what is cut off [mm].
SPACING = 1.0
#: A bone may lose this share of its volume; more means that the files do not belong together.
LOSS = 0.05


def gap_between(first: Surface, second: Surface) -> tuple[float, Floats]:
    """Least distance between two surfaces, negative where they overlap, and all points near the other one [mm]."""
    least, near = np.inf, []
    for a, b in ((first, second), (second, first)):
        points = np.concatenate([a.points, sampled(a, 8000)[0]])
        low, high = b.points.min(axis=0) - 10.0, b.points.max(axis=0) + 10.0
        points = points[((points > low) & (points < high)).all(axis=1)]
        distance = DistanceTo(b)(points)
        least = min(least, float(distance.min(initial=np.inf)))
        near.append(points[distance < 5.0])
    return least, np.concatenate(near)


def parted(bones: Mapping[str, Surface], borrowed: Collection[str]) -> tuple[dict[str, Surface], dict[str, str]]:
    """Bones cut back where they touch, overlap or come closer than the gap their joint needs.

    Of two bones each gives way by half: it keeps {a < 0 and a < b - g}, with a and b the distances to both and g the
    gap. A borrowed bone gives way alone to one from a file.

    Args:
        bones: Name -> surface.
        borrowed: Names of those that are not from a file.

    Returns:
        The bones, and for each that was cut a remark.

    Raises:
        InputError: A bone would lose too much.
    """
    out = dict(bones)
    remarks: dict[str, list[str]] = {name: [] for name in bones}
    for first, second, rule in PAIRS:
        if first not in bones or second not in bones:
            continue
        gap = float(table()["gaps"][rule])
        least, near = gap_between(bones[first], bones[second])
        if least >= gap - 0.05:
            continue
        grid = Grid.around(near.min(axis=0) - 6.0, near.max(axis=0) + 6.0, SPACING)
        distance = {name: sampled_distance(bones[name], grid, 6.0) for name in (first, second)}
        unequal = (first in borrowed) != (second in borrowed)
        for name, other in ((first, second), (second, first)):
            if unequal and name not in borrowed:
                continue
            a, b = distance[name], distance[other]
            taken = b - np.float32(gap) if unequal else 0.5 * (b - a - np.float32(gap))
            # beyond 3 mm outside the bone nothing needs to be taken away
            out[name] = _minus(out[name], np.maximum(taken, a - np.float32(3.0)), grid)
            remarks[name].append(f"{gap:.1f} mm to {other}")
    for name, bone in out.items():
        before, after = (enclosed(s.points, s.triangles) for s in (bones[name], bone))
        if after < (1.0 - LOSS) * before and name not in borrowed:
            raise InputError(
                f"anatomy.surfaces.files.{name}",
                f"overlaps its neighbours: {100.0 * (1.0 - after / before):.0f} % of it would be cut off to leave "
                f"{' and '.join(remarks[name])}; do the files belong together?",
            )
    return out, {name: "cut back to leave " + ", ".join(said) for name, said in remarks.items() if said}


def _minus(bone: Surface, tool: Sampled, grid: Grid) -> Surface:
    """A bone without the region where a sampled distance is negative."""
    left = manifold(bone.points, bone.triangles) - manifold(*isosurface(tool, grid))
    return Surface(*largest_shell(*arrays(left)))
