"""Whether what is put in keeps clear of everything it must not touch: heads, shafts, and solids as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.manifolds import arrays
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.implants.fit import CONTACT
from femsacrum.surgery.shapes.booleans import manifold
from femsacrum.surgery.shapes.places import Depth, along_segment, depth_in, place

if TYPE_CHECKING:
    from manifold3d import Manifold

#: Two bodies may share this volume [mm3]: rounding of triangulated curved faces, no more.
SHARED = 1.0
#: Spacing of the points at which the depth of what they share is looked at [mm].
LOOKED_AT = 1.0


def head_clearance(screws: Sequence[Screw], obstacles: Mapping[str, Depth], diameter: float) -> float:
    """Least distance between a screw's head and everything else but screws and rods [mm].

    Args:
        screws: Every screw.
        obstacles: Name -> depth in it; what holds a screw included, for a head lies outside of it.
        diameter: Of the heads [mm].

    Raises:
        InputError: A head runs into something.
    """
    least = np.inf
    for screw in screws:
        for name, depth in obstacles.items():
            free = float(-depth(screw.head[None])[0]) - 0.5 * diameter
            if free < 0.0:
                raise InputError(
                    "surgery.fixation.head_diameter",
                    f"{diameter:g} mm: the head of {screw.name} at {place(screw.head)} mm runs {-free:.1f} mm into "
                    f"{name}: take a smaller head",
                )
            least = min(least, free)
    return float(least)


def shaft_clearance(screws: Sequence[Screw], obstacles: Mapping[str, Depth]) -> float:
    """Least distance between a screw's shaft and what does not hold it [mm].

    Args:
        screws: Every screw.
        obstacles: Name -> depth in it; the screw's hosts are passed over.

    Raises:
        InputError: A shaft cuts something that is not its host.
    """
    least = np.inf
    for screw in screws:
        points = along_segment(screw.head, screw.tip, 0.5)[1]
        for name, depth in obstacles.items():
            if name in screw.hosts:
                continue
            free = -depth(points) - 0.5 * screw.diameter
            worst = int(np.argmin(free))
            if free[worst] < 0.0:
                raise InputError(
                    f"{key_of(screw)}_diameter",
                    f"{screw.diameter:g} mm: {screw.name} cuts {-free[worst]:.1f} mm into {name} at "
                    f"{place(points[worst])} mm: take a thinner or shorter screw",
                )
            least = min(least, float(free[worst]))
    return float(least)


def key_of(screw: Screw) -> str:
    """Beginning of the keys of the case that say how thick and how long a screw is."""
    if "flange" in screw.name:
        return "surgery.prosthesis.flanges.screw"
    return f"surgery.fixation.{'pedicle' if 'pedicle' in screw.name else 'iliac'}_screw"


def overlaps(remaining: Mapping[str, Surface], made: Mapping[str, Surface]) -> dict[str, float]:
    """Refuse implants and grafts that run into anything by more than counts as contact; tell where bones and tissue do.

    What the patient (or the reference anatomy) brings along is not the operation's to refuse: soft tissue is bonded to
    its bone whatever the distance, and a small overlap there changes nothing.

    Args:
        remaining: Bones and soft tissue after their cuts.
        made: Surfaces of prosthesis and grafts.

    Returns:
        "overlap_<one>_<other> [mm3]" for each pair of ``remaining`` that shares more than rounding.

    Raises:
        InputError: An implant or graft runs into a bone, into soft tissue or into another one.
    """
    solids = {name: manifold(surface, name) for name, surface in {**remaining, **made}.items()}
    table: dict[str, float] = {}
    for one, other in combinations(solids, 2):
        if not _boxes_meet(solids[one], solids[other]):
            continue
        common = solids[one] ^ solids[other]
        shared = float(common.volume())
        if shared <= SHARED:
            continue
        if one in remaining and other in remaining:
            table[f"overlap_{one}_{other} [mm3]"] = shared
            continue
        deep, at = _deepest(common, {**remaining, **made}[one])
        if deep <= CONTACT:  # faces that lie on each other
            continue
        key = "prosthesis" if "prosthesis" in (one, other) else "graft"
        raise InputError(
            f"surgery.{key}",
            f"{other} runs {deep:.1f} mm into {one} at {place(at)} mm, they share {shared:.0f} mm3 (at most {SHARED:g} "
            "mm3): move the cut, or take a thinner or smaller part",
        )
    return table


def _deepest(common: Manifold, body: Surface) -> tuple[float, Floats]:
    """How deep what two bodies share lies in one of them, and where [mm]."""
    points, _ = arrays(common.refine_to_length(LOOKED_AT))
    deep = depth_in(body)(points)
    return float(deep.max()), points[int(np.argmax(deep))]


def _boxes_meet(one: Manifold, other: Manifold) -> bool:
    first, second = (np.array(solid.bounding_box()).reshape(2, 3) for solid in (one, other))
    return bool((first[0] <= second[1]).all() and (second[0] <= first[1]).all())
