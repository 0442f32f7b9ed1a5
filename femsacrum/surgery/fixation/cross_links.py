"""Cross-links: bars between the rods of both sides, at even levels of the span that nothing else holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.fixation.bends import Bent, Free, free_along, straight, way_round
from femsacrum.surgery.fixation.rods import (
    BENT_FREE,
    CROSS_LINK_LONGEST,
    METAL_FREE,
    ROD_FREE,
    Clamped,
    Joint,
    Laid,
    Metal,
    clamp_radius,
    relation,
    stations,
)
from femsacrum.surgery.shapes.places import Depth, place

#: So many pairs of places, nearest to their level first, are tried with a bent bar where no straight one fits.
BENT_TRIALS = 6
#: A clamp lies this near to the level of its cross-link [mm].
OFF_LEVEL = 25.0


def cross_link(
    number: int, rods: Sequence[Laid], metal: Metal, obstacles: Mapping[str, Depth], options: Fixation
) -> Clamped:
    """The bar at one level, straight if it can be.

    Args:
        number: From 1, the uppermost; of ``options.cross_links``.
        rods: Those of both sides, first ones first.
        metal: Everything that is there.
        obstacles: Depth in bones and prosthesis.
        options: Of the case.

    Raises:
        InputError: The rods are too far apart, or bone or metal is in the way.
    """
    spans = [rod.spans[1] for rod in rods if len(rod.spans) > 1]
    top, bottom = (float(np.mean([span.corners[end][2] for span in spans])) for end in (0, -1))
    level = top + number / (options.cross_links + 1.0) * (bottom - top)
    pairs = _pairs(rods, level, metal, options)
    said = f"{options.cross_links}: number {number}, to be at the level {level:.1f} mm,"
    if not pairs:
        middle = np.mean([span.corners for span in spans], axis=(0, 1))
        raise InputError(
            "surgery.fixation.cross_links",
            f"{said} finds no room for its clamps within {OFF_LEVEL:g} mm on the rods round {place(middle)} mm: take fewer",
        )
    a, b = min(pairs, key=_length)
    if _length((a, b)) > CROSS_LINK_LONGEST:
        raise InputError(
            "surgery.fixation.cross_links",
            f"{said} is at least {_length((a, b)):.1f} mm long, from {place(a)} to {place(b)} mm (at most "
            f"{CROSS_LINK_LONGEST:g} mm): take fewer, which lie higher",
        )
    pairs = [pair for pair in pairs if _length(pair) <= CROSS_LINK_LONGEST]
    best = Free(-np.inf, "", a)
    for a, b in pairs:
        free = _free(straight(a, b), metal, obstacles, options)
        if free.distance >= METAL_FREE:
            return _made(number, straight(a, b), rods, free, options)
        best = max(best, free, key=lambda one: one.distance)
    for a, b in pairs[:BENT_TRIALS]:
        tried, _ = way_round(a, b, options.rod_diameter, obstacles, clamp_radius(options), BENT_FREE, 1.0)
        free = _free(tried, metal, obstacles, options)
        if free.distance >= ROD_FREE:
            return _made(number, tried, rods, free, options)
        best = max(best, free, key=lambda one: one.distance)
    raise InputError(
        "surgery.fixation.cross_links",
        f"{said} {relation(best.distance)} {best.what} at {place(best.at)} mm, straight or bent: take fewer",
    )


def _pairs(rods: Sequence[Laid], level: float, metal: Metal, options: Fixation) -> list[tuple[Floats, Floats]]:
    """Places for the two clamps, those nearest to the level first."""
    found: dict[str, list[Floats]] = {"left": [], "right": []}
    for rod in rods:
        for span in rod.spans:
            points = stations(span, metal, options)
            found[rod.side] += list(points[np.abs(points[:, 2] - level) < OFF_LEVEL])
    both = product(found["left"], found["right"])
    return sorted(both, key=lambda pair: round(sum(abs(float(one[2]) - level) for one in pair), 3))


def _made(number: int, bar: Bent, rods: Sequence[Laid], free: Free, options: Fixation) -> Clamped:
    rod = Laid(f"cross_link_{number}", "", (bar,), options.rod_diameter, free)
    joints = tuple(
        Joint(end, min(rods, key=lambda one: one.away(end)).direction(end), towards)
        for end, towards in ((bar.corners[0], _to(*bar.corners[:2])), (bar.corners[-1], _to(*bar.corners[:-3:-1])))
    )
    return Clamped(rod, joints, ())


def _free(bar: Bent, metal: Metal, obstacles: Mapping[str, Depth], options: Fixation) -> Free:
    """How free a bar and its clamps run between bones and other metal."""
    a, b = bar.corners[0], bar.corners[-1]
    radius, clamp, ends = options.rod_diameter / 2.0, clamp_radius(options), np.array([a, b])
    free = free_along(bar.path(), options.rod_diameter, obstacles, ends, clamp)
    for end in ends:
        free = min(free, free_along(end[None], 2.0 * clamp, obstacles, ends[:0], 0.0), key=lambda one: one.distance)
    path = bar.path()
    # the rods it joins are met in its clamps: only what lies between these counts
    first, last = (
        path[0] + (clamp + radius) * _to(path[0], path[1]),
        path[-1] + (clamp + radius) * _to(path[-1], path[-2]),
    )
    inner = np.vstack([first, path[1:-1], last])
    gap = metal.apart(inner[:-1], inner[1:], radius, but=(a, b))
    worst = int(np.argmin(gap))
    if gap[worst] < free.distance:
        free = Free(float(gap[worst]), "another rod or screw", 0.5 * (inner[worst] + inner[worst + 1]))
    return free


def _length(pair: tuple[Floats, Floats]) -> float:
    return float(np.linalg.norm(pair[1] - pair[0]))


def _to(a: Floats, b: Floats) -> Floats:
    return np.asarray((b - a) / np.linalg.norm(b - a))
