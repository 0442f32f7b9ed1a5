"""Fixation: per side one solid of rod, heads and screws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery import cad
from femsacrum.surgery.construct import Rod, Screw, Solid
from femsacrum.surgery.places import Depth, place, segments_apart

#: A rod may come this near to bone or prosthesis [mm].
ROD_FREE = 0.2


@dataclass(frozen=True)
class Side:
    """The fixation of one side.

    Attributes:
        solid: Rod, heads and screws as one solid.
        rod: Its rod.
        volume: [mm3].
        rod_free: Least distance between rod and bone or prosthesis [mm].
    """

    solid: Solid
    rod: Rod
    volume: float
    rod_free: float


def rod_through(side: str, screws: tuple[Screw, ...], diameter: float) -> Rod:
    """The rod that joins the heads, from L4 down.

    Args:
        side: "left" or "right".
        screws: Of that side.
        diameter: [mm].
    """
    heads = sorted((screw.head for screw in screws), key=lambda head: -float(head[2]))
    return Rod(f"{side}_rod", f"{side}_fixation", np.array(heads), diameter)


def build(side: str, screws: tuple[Screw, ...], obstacles: Mapping[str, Depth], options: Fixation) -> Side:
    """Join the screws of one side by a rod, check that it is free, and draw the lot.

    Args:
        side: "left" or "right".
        screws: Of that side.
        obstacles: Depth in the bones that remain and in the prosthesis, which the rod must not cut.
        options: Of the case.

    Raises:
        InputError: The rod cuts something.
    """
    rod = rod_through(side, screws, options.rod_diameter)
    free = rod_clearance(rod, obstacles, options)
    with cad.drawing(rod.body):
        pieces = [cad.ball(screw.head, options.head_diameter / 2.0) for screw in screws]
        pieces += [
            cad.cylinder(a, b, options.rod_diameter / 2.0) for a, b in zip(rod.path, rod.path[1:], strict=False)
        ]
        for screw in screws:
            pieces += cad.pointed(screw.head, screw.tip, screw.diameter / 2.0)
        solid = cad.fuse(pieces, rod.body)
        return Side(Solid(cad.brep(solid, rod.body), "fixation"), rod, cad.volume(solid), free)


def rod_clearance(rod: Rod, obstacles: Mapping[str, Depth], options: Fixation) -> float:
    """Least distance between a rod (outside its heads) and everything it passes [mm].

    Raises:
        InputError: The rod comes nearer than 0.2 mm to something, or cuts it.
    """
    points = np.concatenate([_between(a, b) for a, b in zip(rod.path, rod.path[1:], strict=False)])
    from_heads = np.linalg.norm(points[:, None, :] - rod.path[None, :, :], axis=2).min(axis=1)
    points = points[from_heads > options.head_diameter / 2.0]
    least = np.inf
    for name, depth in obstacles.items():
        free = -depth(points) - rod.diameter / 2.0
        worst = int(np.argmin(free))
        if free[worst] < ROD_FREE:
            raise InputError(
                "surgery.fixation.rod_diameter",
                f"{rod.diameter:g} mm: the {rod.name.replace('_', ' ')} {_relation(free[worst])} {name} at "
                f"{place(points[worst])} mm; a rod is straight between its heads: move the cut or take a thinner rod "
                "or transverse body",
            )
        least = min(least, float(free[worst]))
    return least


def check_apart(screws: tuple[Screw, ...]) -> float:
    """Least distance between the metal of any two screws [mm].

    Raises:
        InputError: Two screws cut each other.
    """
    least = np.inf
    for i, one in enumerate(screws):
        for other in screws[i + 1 :]:
            gap = float(
                segments_apart((one.head[None], one.tip[None]), (other.head[None], other.tip[None]))[0]
                - 0.5 * (one.diameter + other.diameter)
            )
            least = min(least, gap)
            if gap < 0.0:
                kind = "pedicle" if "pedicle" in one.name else "iliac"
                raise InputError(
                    f"surgery.fixation.{kind}_screw_length",
                    f"{one.name} and {other.name} cut each other by {-gap:.1f} mm near "
                    f"{place(0.5 * (one.tip + other.tip))} mm: take shorter or thinner screws",
                )
    return float(least)


def _between(a: Floats, b: Floats) -> Floats:
    count = max(2, int(np.ceil(float(np.linalg.norm(b - a)))))
    return np.asarray(a + np.linspace(0.0, 1.0, count)[:, None] * (b - a))


def _relation(free: float) -> str:
    return f"cuts {-free:.1f} mm into" if free < -0.05 else f"leaves only {max(free, 0.0):.1f} mm to"
