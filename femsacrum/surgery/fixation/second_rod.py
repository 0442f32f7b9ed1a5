"""The second rod of a side in a four-rod reconstruction, beside the first and clamped to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.fixation.bends import BEND_RADIUS, STEEPEST, Bent, Free, free_along, straight
from femsacrum.surgery.fixation.rods import (
    CONNECTOR_LONGEST,
    CONNECTOR_STEP,
    METAL_FREE,
    ROD_FREE,
    Clamped,
    Joint,
    Laid,
    Metal,
    clamp_radius,
    outward,
    relation,
    stations,
)
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import Depth, place

#: How far a rod reaches past its last clamp [mm].
OVERHANG = 8.0
#: The upper clamp is tried in so many places below L5 where it does not fit above, the lower one so far from it [mm].
UPPERS, CLAMPS_APART = 3, 45.0
#: So many of the least bent are looked at for each length of the connectors.
TRIALS = 60
#: Straight length below the lower clamp that is tried [mm].
REACHES = (10.0, 18.0, 28.0, 40.0)
#: Directions of the connectors that are tried, from straight backwards, in the plane across the first rod [rad].
ANGLES = np.radians(np.arange(0.0, 360.0, 30.0))
#: Straight legs that are tried behind a second bend, from its corner to the head [mm].
LAST_LEGS = (14.0, 18.0, 24.0)


def beside(first: Laid, target: Screw, metal: Metal, obstacles: Mapping[str, Depth], options: Fixation) -> Clamped:
    """A second rod beside the first, held by two side connectors, that leads to an iliac screw of its own.

    Four-rod reconstruction (Shen et al., Spine 2006;31:1395): the first rod takes one iliac screw, the second, coupled
    to it at the lumbar levels, the other. Places of the two clamps, direction and length of the connectors are tried;
    of the shortest connectors for which all keeps clear, the second rod with the smallest bend is taken. Where the
    other head is in the way of every rod with one bend, rods that come to their screw from aside with a second bend
    are tried in the same order.

    Args:
        first: The first rod of that side.
        target: The second iliac screw.
        metal: Everything that is there.
        obstacles: Depth in bones and prosthesis.
        options: Of the case.

    Raises:
        InputError: There is no way for it.
    """
    out, others = outward(first.side), _others(metal, target)
    lengths = np.arange(2.0 * clamp_radius(options) + METAL_FREE, CONNECTOR_LONGEST + 0.1, CONNECTOR_STEP)
    places = _clamp_pairs(first, metal, options)
    tightest = Free(-np.inf, "", target.head)
    for tails in (target.head[None, None], _from_aside(target, others, obstacles, options, out)):
        for pairs, length in product(places, lengths):
            if not len(pairs) or not len(tails):
                continue
            for one in _seconds(_held(pairs, float(length), metal, obstacles, options, out), tails, options):
                free = _clear(one.span, others, obstacles, target.head, options)
                if free.distance > tightest.distance:
                    tightest = free
                if free.distance >= ROD_FREE:
                    rod = Laid(f"{first.side}_rod_2", first.side, (one.span,), options.rod_diameter, free)
                    return Clamped(rod, one.joints, one.connectors)
    best = f"the best {relation(tightest.distance)} {tightest.what} at {place(tightest.at)} mm"
    raise InputError(
        "surgery.fixation.rods_per_side",
        f"2: there is no way for the second {first.side} rod from two connectors of up to {CONNECTOR_LONGEST:g} mm to "
        f"the head of {target.name} at {place(target.head)} mm; "
        f"{best if np.isfinite(tightest.distance) else 'no pair of clamps has room'}: take one rod",
    )


@dataclass(frozen=True)
class _Second:
    """A second rod that is tried."""

    span: Bent
    joints: tuple[Joint, ...]
    connectors: tuple[tuple[Floats, Floats], ...]


@dataclass(frozen=True)
class _Held:
    """Pairs of side connectors whose outer clamps have room.

    Attributes:
        a, b: Upper and lower place on the first rod, each shape (n, 3) [mm].
        along: From the upper to the lower, shape (n, 3).
        aside: Direction of the connectors, shape (n, 3).
        length: Of the connectors [mm].
    """

    a: Floats
    b: Floats
    along: Floats
    aside: Floats
    length: float


def _clamp_pairs(first: Laid, metal: Metal, options: Fixation) -> tuple[list[tuple[Floats, Floats]], ...]:
    """Places for two clamps on the first rod: above and below L5; then, where that does not do, both below it."""
    places = [stations(span, metal, options) for span in first.spans]
    lower = places[min(1, len(places) - 1)]
    least = 2.0 * clamp_radius(options) + METAL_FREE

    def pairs(upper: Floats) -> list[tuple[Floats, Floats]]:
        return [
            (a, b) for a, b in product(upper, lower) if least <= np.linalg.norm(b - a) <= CLAMPS_APART and a[2] > b[2]
        ]

    return (pairs(places[0]) if len(places) > 1 else []), pairs(lower[:UPPERS])


def _held(
    pairs: list[tuple[Floats, Floats]],
    length: float,
    metal: Metal,
    obstacles: Mapping[str, Depth],
    options: Fixation,
    outward: float,
) -> _Held:
    """Connectors from each pair of places in every direction."""
    a, b = (np.repeat(np.array(ends), len(ANGLES), axis=0) for ends in zip(*pairs, strict=True))
    along = np.array([unit(row) for row in b - a])
    back = np.array([unit(np.array([0.0, 1.0, 0.0]) - row[1] * row) for row in along])
    angle = np.tile(ANGLES, len(pairs))[:, None]
    aside = np.cos(angle) * back + np.sin(angle) * outward * np.cross(back, along)
    clamp, clamps = clamp_radius(options), np.vstack([a + length * aside, b + length * aside])
    room = np.min([-depth(clamps) for depth in obstacles.values()], axis=0) - clamp
    clear = (room >= ROD_FREE) & (metal.apart(clamps, clamps, clamp) >= METAL_FREE)
    both = clear.reshape(2, -1).all(axis=0)
    return _Held(a[both], b[both], along[both], aside[both], length)


def _seconds(held: _Held, tails: Floats, options: Fixation) -> Iterator[_Second]:
    """Second rods on such connectors, the least bent ones first; their last corners, the head included, are the tails'."""
    upper, lower = held.a + held.length * held.aside, held.b + held.length * held.aside
    which, reach, tail = (each.ravel() for each in np.indices((len(upper), len(REACHES), len(tails))))
    reaches = np.array(REACHES)[reach]
    start = (upper - OVERHANG * held.along)[which]
    corner = lower[which] + reaches[:, None] * held.along[which]
    corners = np.concatenate([start[:, None], corner[:, None], tails[tail]], axis=1)
    legs = np.diff(corners, axis=1)
    lengths = np.linalg.norm(legs, axis=2)
    units = legs / lengths[:, :, None]
    turns = np.arccos(np.clip((units[:, 1:] * units[:, :-1]).sum(axis=2), -1.0, 1.0))
    radius = BEND_RADIUS * options.rod_diameter
    tangents = radius * np.tan(turns / 2.0)
    fits = (np.degrees(turns) <= STEEPEST).all(axis=1) & (tangents[:, 0] + clamp_radius(options) <= reaches)
    fits &= (tangents[:, :-1] + tangents[:, 1:] <= lengths[:, 1:-1]).all(axis=1)
    fits &= tangents[:, -1] + options.head_diameter / 2.0 <= lengths[:, -1]
    bend = np.where(fits, np.round(np.degrees(turns.sum(axis=1)), 6), np.inf)
    for one in np.argsort(bend, kind="stable")[: min(TRIALS, int(fits.sum()))]:
        i = which[one]
        a, b, aside = held.a[i], held.b[i], held.aside[i]
        ends = ((a, aside), (upper[i], -aside), (b, aside), (lower[i], -aside))
        joints = tuple(Joint(centre, held.along[i], towards) for centre, towards in ends)
        yield _Second(Bent(corners[one], radius), joints, ((a, upper[i]), (b, lower[i])))


def _from_aside(
    target: Screw, others: Metal, obstacles: Mapping[str, Depth], options: Fixation, outward: float
) -> Floats:
    """Last corners of rods that come freely to a screw's head from any side, with the head, shape (n, 2, 3) [mm]."""
    steps = np.array(
        [each for each in product((-outward, 0.0, outward), (1.0, 0.0, -1.0), (1.0, 0.0, -1.0)) if any(each)]
    )
    ways = (steps / np.linalg.norm(steps, axis=1)[:, None]).repeat(len(LAST_LEGS), axis=0)
    via = target.head + np.tile(LAST_LEGS, len(steps))[:, None] * ways
    free = [_clear(straight(one, target.head), others, obstacles, target.head, options).distance for one in via]
    tails = np.stack([via, np.broadcast_to(target.head, via.shape)], axis=1)
    return np.asarray(tails[np.array(free) >= ROD_FREE])


def _others(metal: Metal, target: Screw) -> Metal:
    """The metal that a second rod is not joined to when it comes to its screw."""
    own = (target.head, target.tip)
    return Metal(
        [each for each in metal.segments if not np.allclose(each[:2], own)],
        [ball for ball in metal.balls if not np.allclose(ball[0], target.head)],
    )


def _clear(bar: Bent, others: Metal, obstacles: Mapping[str, Depth], head: Floats, options: Fixation) -> Free:
    """How free a rod runs to a head, between bones and the metal it is not joined to."""
    path = bar.path()
    gaps = others.apart(path[:-1], path[1:], options.rod_diameter / 2.0)
    gap = float(gaps.min())
    if gap < METAL_FREE:
        kept = f"the {METAL_FREE:g} mm kept free round another rod or screw"
        return Free(gap - METAL_FREE, kept, path[int(np.argmin(gaps))])
    return free_along(path, options.rod_diameter, obstacles, head[None], options.head_diameter / 2.0)
