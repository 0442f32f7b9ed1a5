"""The second rod of a side in a four-rod reconstruction, beside the first and clamped to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.fixation.bends import BEND_RADIUS, Bent, Free, free_along
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
#: Straight length below the lower clamp that is tried [mm], and the steepest bend of a second rod [deg].
REACHES, STEEPEST = (10.0, 18.0, 28.0, 40.0), 80.0


def beside(first: Laid, target: Screw, metal: Metal, obstacles: Mapping[str, Depth], options: Fixation) -> Clamped:
    """A second rod beside the first, held by two side connectors, that leads to an iliac screw of its own.

    Four-rod reconstruction (Shen et al., Spine 2006;31:1395): the first rod takes one iliac screw, the second, coupled
    to it at the lumbar levels, the other. Places of the two clamps, direction and length of the connectors are tried;
    of the shortest connectors for which all keeps clear, the second rod with the smallest bend is taken.

    Args:
        first: The first rod of that side.
        target: The second iliac screw.
        metal: Everything that is there.
        obstacles: Depth in bones and prosthesis.
        options: Of the case.

    Raises:
        InputError: There is no way for it.
    """
    clamp, out = clamp_radius(options), outward(first.side)
    lengths = np.arange(2.0 * clamp + METAL_FREE, CONNECTOR_LONGEST + 0.1, CONNECTOR_STEP)
    tightest = Free(-np.inf, "another rod or screw", target.head)
    for pairs, length in product(_clamp_pairs(first, metal, options), lengths):
        made = [one for pair in pairs for one in _seconds(pair, float(length), target.head, options, out)]
        clamps = np.array([joint.centre for one in made for joint in one.joints[1::2]]).reshape(-1, 3)
        room = (
            np.min([-depth(clamps) for depth in obstacles.values()], axis=0) - clamp if len(clamps) else clamps[:, 0]
        )
        clear = (room >= ROD_FREE) & (metal.apart(clamps, clamps, clamp) >= METAL_FREE)
        left = [one for one, both in zip(made, clear.reshape(-1, 2).all(axis=1), strict=True) if both]
        for one in sorted(left, key=lambda one: round(float(one.span.angles()[0]), 6))[:TRIALS]:
            free = _clear(one, metal, obstacles, target, options)
            if free.distance > tightest.distance:
                tightest = free
            if free.distance >= ROD_FREE:
                rod = Laid(f"{first.side}_rod_2", first.side, (one.span,), options.rod_diameter, free)
                return Clamped(rod, one.joints, one.connectors)
    raise InputError(
        "surgery.fixation.rods_per_side",
        f"2: there is no way for the second {first.side} rod from two connectors of up to {CONNECTOR_LONGEST:g} mm to "
        f"the head of {target.name} at {place(target.head)} mm; the best {relation(tightest.distance)} "
        f"{tightest.what} at {place(tightest.at)} mm: take one rod",
    )


@dataclass(frozen=True)
class _Second:
    """A second rod that is tried."""

    span: Bent
    joints: tuple[Joint, ...]
    connectors: tuple[tuple[Floats, Floats], ...]


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


def _seconds(
    pair: tuple[Floats, Floats], length: float, head: Floats, options: Fixation, outward: float
) -> list[_Second]:
    """Second rods for two clamps on the first rod, connectors in every direction."""
    a, b = pair
    along = unit(b - a)
    back = unit(np.array([0.0, 1.0, 0.0]) - along[1] * along)
    made = []
    for angle, reach in product(np.radians(np.arange(0.0, 360.0, 30.0)), REACHES):
        aside = np.cos(angle) * back + np.sin(angle) * outward * np.cross(back, along)
        upper, lower = a + length * aside, b + length * aside
        corner = lower + reach * along
        span = Bent(np.array([upper - OVERHANG * along, corner, head]), BEND_RADIUS * options.rod_diameter)
        turn = np.radians(float(span.angles()[0]))
        tangent = span.radius * np.tan(turn / 2.0)
        fits = tangent + options.head_diameter / 2.0 <= np.linalg.norm(head - corner)
        if fits and np.degrees(turn) <= STEEPEST and tangent + clamp_radius(options) <= reach:
            ends = ((a, aside), (upper, -aside), (b, aside), (lower, -aside))
            joints = tuple(Joint(centre, along, towards) for centre, towards in ends)
            made.append(_Second(span, joints, ((a, upper), (b, lower))))
    return made


def _clear(one: _Second, metal: Metal, obstacles: Mapping[str, Depth], target: Screw, options: Fixation) -> Free:
    """How free a second rod runs between bones and the metal it is not joined to."""
    path, own = one.span.path(), (target.head, target.tip)
    others = Metal(
        [each for each in metal.segments if not np.allclose(each[:2], own)],
        [ball for ball in metal.balls if not np.allclose(ball[0], target.head)],
    )
    gaps = others.apart(path[:-1], path[1:], options.rod_diameter / 2.0)
    gap = float(gaps.min())
    if gap < METAL_FREE:
        return Free(gap - METAL_FREE, "another rod or screw", path[int(np.argmin(gaps))])
    head = options.head_diameter / 2.0
    return free_along(path, options.rod_diameter, obstacles, target.head[None], head)
