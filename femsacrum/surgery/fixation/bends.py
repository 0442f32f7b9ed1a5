"""Bent bars: straight legs joined by arcs, and the least bent way round what they must not touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import Depth

#: Radius of a bend over the bar's diameter: the middle setting of a French bender, 18 mm on a rod of 6 mm.
BEND_RADIUS = 3.0
#: The same of the bend of a Galveston limb, and how far behind the bone it may lie [mm].
LIMB_RADIUS, LIMB_REACH = 2.0, 40.0
#: Steepest bend of a second rod and of a limb [deg].
STEEPEST = 80.0
#: Arcs are told in chords of at most this angle [deg].
CHORD = 8.0
#: Spacing of the points at which the free distance is looked at [mm].
STEP = 1.0
#: Where corners of a bent bar are tried, as shares of the straight way: with one bend, then with two.
CORNERS: tuple[tuple[float, ...], ...] = (
    (0.5,),
    (0.35,),
    (0.65,),
    (0.2,),
    (0.8,),
    (0.25, 0.75),
    (0.15, 0.55),
    (0.45, 0.85),
    (0.15, 0.85),
)
#: How far aside they are tried [mm], and at which angles from straight backwards [deg].
ASIDE = np.arange(2.0, 40.1, 2.0)
ANGLES = (0.0, 25.0, -25.0, 50.0, -50.0, 75.0, -75.0, 100.0, -100.0)


@dataclass(frozen=True)
class Bent:
    """A bar of straight legs and arcs.

    Attributes:
        corners: Where its legs would meet, ends included, shape (n, 3) [mm].
        radius: Of the arcs [mm].
    """

    corners: Floats
    radius: float

    def angles(self) -> Floats:
        """Turn at each inner corner, shape (n - 2,) [deg]."""
        legs = np.diff(self.corners, axis=0)
        legs = legs / np.linalg.norm(legs, axis=1)[:, None]
        return np.degrees(np.arccos(np.clip((legs[1:] * legs[:-1]).sum(axis=1), -1.0, 1.0)))

    def spare(self) -> float:
        """Least length of straight leg between the arcs [mm]; negative: the arcs do not fit."""
        taken = np.concatenate([[0.0], self.radius * np.tan(np.radians(self.angles()) / 2.0), [0.0]])
        return float((np.linalg.norm(np.diff(self.corners, axis=0), axis=1) - taken[1:] - taken[:-1]).min())

    def arcs(self) -> tuple[tuple[Floats, Floats, Floats], ...]:
        """Start, centre and end of each arc [mm]."""
        made = []
        for before, corner, after in zip(self.corners, self.corners[1:], self.corners[2:], strict=False):
            to, on = unit(before - corner), unit(after - corner)
            half = np.arccos(np.clip(-to @ on, -1.0, 1.0)) / 2.0
            tangent, out = self.radius * np.tan(half), self.radius / np.cos(half)
            made.append((corner + tangent * to, corner + out * unit(to + on), corner + tangent * on))
        return tuple(made)

    def path(self) -> Floats:
        """Points on its axis, arcs in short chords, shape (n, 3) [mm]."""
        points = [self.corners[:1]]
        for (start, centre, end), angle in zip(self.arcs(), self.angles(), strict=True):
            first, last = start - centre, end - centre
            total = np.radians(angle)
            share = np.linspace(0.0, 1.0, 1 + max(1, int(np.ceil(angle / CHORD))))[:, None]
            points.append(
                centre + (np.sin((1.0 - share) * total) * first + np.sin(share * total) * last) / np.sin(total)
            )
        return np.concatenate([*points, self.corners[-1:]])


def straight(start: Floats, end: Floats) -> Bent:
    """The bar between two points without a bend."""
    return Bent(np.array([start, end]), 0.0)


def samples(path: Floats, step: float = STEP) -> Floats:
    """Points along a path, no farther apart than the step, ends included, shape (n, 3) [mm]."""
    pieces = []
    for a, b in pairwise(path):
        count = max(1, int(np.ceil(float(np.linalg.norm(b - a)) / step)))
        pieces.append(a + np.linspace(0.0, 1.0, count + 1)[:-1, None] * (b - a))
    return np.concatenate([*pieces, path[-1:]])


@dataclass(frozen=True)
class Free:
    """How free a bar runs.

    Attributes:
        distance: Least distance between its metal and something else [mm]; negative: cuts it.
        what: What that is.
        at: Where, shape (3,) [mm].
    """

    distance: float
    what: str
    at: Floats


def free_along(path: Floats, diameter: float, obstacles: Mapping[str, Depth], hidden: Floats, within: float) -> Free:
    """The least distance between a bar and everything it passes.

    Args:
        path: Of its axis, shape (n, 3) [mm].
        diameter: Of the bar [mm].
        obstacles: Name -> depth in it.
        hidden: Centres of heads that hide the bar, shape (k, 3) [mm].
        within: Radius of the heads [mm].
    """
    points = samples(path)
    if len(hidden):
        points = points[np.linalg.norm(points[:, None] - hidden[None], axis=2).min(axis=1) > within]
    least = Free(np.inf, "", path[0])
    for name, depth in obstacles.items() if len(points) else ():
        free = -depth(points) - diameter / 2.0
        worst = int(np.argmin(free))
        if free[worst] < least.distance:
            least = Free(float(free[worst]), name, points[worst])
    return least


def way_round(
    start: Floats,
    end: Floats,
    diameter: float,
    obstacles: Mapping[str, Depth],
    within: float,
    wanted: float,
    outward: float,
) -> tuple[Bent, Free]:
    """The bar between two heads with the fewest and smallest bends that stays free; else the freest one tried.

    Corners are moved off the straight way backwards and sidewards, never more than 10 degrees forwards.

    Args:
        start: Centre of a head, shape (3,) [mm].
        end: Centre of the other, shape (3,) [mm].
        diameter: Of the bar [mm].
        obstacles: Name -> depth in it.
        within: Radius of the heads, which hide the bar and hold no bend [mm].
        wanted: Distance that counts as free [mm].
        outward: +1 on the left, -1 on the right: sides mirror each other.
    """
    ends = np.array([start, end])
    best, least = None, Free(-np.inf, "", start)
    along = unit(end - start)
    back = np.array([0.0, 1.0, 0.0]) - along[1] * along  # LPS: +y is posterior
    back = unit(back if np.linalg.norm(back) > 1e-3 else np.array([1.0, 0.0, 0.0]))
    side = outward * np.cross(back, along)
    radius = BEND_RADIUS * diameter
    for places in CORNERS:
        for aside, angle in product(ASIDE, np.radians(ANGLES)):
            move = aside * (np.cos(angle) * back + np.sin(angle) * side)
            inner = [start + share * (end - start) + move for share in places]
            tried = Bent(np.array([start, *inner, end]), radius)
            if tried.spare() < within:
                continue
            free = free_along(tried.path(), diameter, obstacles, ends, within)
            if free.distance > least.distance:
                best, least = tried, free
            if free.distance >= wanted:
                return tried, free
    return (best, least) if best is not None else (straight(start, end), least)


def into_limb(head: Floats, entry: Floats, tip: Floats, diameter: float) -> Iterator[Bent]:
    """Rods from a head to a limb in bone, their bend outside the bone, the nearest to it first.

    Args:
        head: Where it comes from, shape (3,) [mm].
        entry: Where the limb enters bone, shape (3,) [mm].
        tip: End of the limb, shape (3,) [mm].
        diameter: Of the rod [mm].
    """
    radius, along = LIMB_RADIUS * diameter, unit(tip - entry)
    for back in np.arange(0.5 * diameter, LIMB_REACH, 1.0):
        bent = Bent(np.array([head, entry - back * along, tip]), radius)
        tangent = radius * np.tan(np.radians(float(bent.angles()[0])) / 2.0)
        if tangent + 0.5 * diameter <= back and tangent + diameter <= np.linalg.norm(head - bent.corners[1]):
            yield bent
