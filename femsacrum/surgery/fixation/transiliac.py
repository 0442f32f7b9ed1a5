"""Transiliac bars: from ilium to ilium behind or below L5, clamped to the rods of both sides.

With the rods and the iliac anchors they close the triangle that gives the triangular frame its name (Murakami et al.,
J Orthop Sci 2002;7:658).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.fixation.bends import Free, free_along, straight
from femsacrum.surgery.fixation.rods import (
    CONNECTOR_LONGEST,
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
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import Depth, along_segment, place

#: Spacing of the axes that are tried [mm], and how far they may lie before or behind, and below, the iliac entries.
AXIS_STEP = 4.0
#: Least length of each ilium that a bar passes [mm], and bone kept beside it, in a plane across it [mm].
IN_ILIUM, EDGE = 6.0, 3.0
#: A bar ends so far outside the ilium [mm], where its nut is.
NUT = 5.0


@dataclass(frozen=True)
class Bar:
    """A bar and how it is clamped.

    Attributes:
        screw: The bar as what both ilia hold; its head is its left end.
        clamped: Its clamps on the rods.
    """

    screw: Screw
    clamped: Clamped


def transiliac_bar(
    number: int,
    anatomy: Anatomy,
    rods: Sequence[Laid],
    metal: Metal,
    bones: Mapping[str, Depth],
    placed: Mapping[str, Depth],
    options: Fixation,
) -> Bar:
    """One bar, level from side to side: of all that pass both ilia well inside their edges, that nearest to the rods.

    Args:
        number: From 1.
        anatomy: Landmarks.
        rods: First rods, left and right.
        metal: Everything that is there.
        bones: Name -> depth in it, after the cuts.
        placed: The same of prosthesis and grafts.
        options: Of the case.

    Raises:
        InputError: No bar passes both ilia, or none can be clamped to the rods.
    """
    ilia = {name: bones[name] for name in ("left_ilium", "right_ilium")}
    others = {name: depth for name, depth in {**bones, **placed}.items() if name not in ilia}
    across = unit(anatomy.landmarks["left_PSIS"] - anatomy.landmarks["right_PSIS"])
    spots = {rod.side: _spots(rod, metal, options) for rod in rods}
    key, said = "surgery.fixation.transiliac_bars", f"{options.transiliac_bars}: number {number}"
    middle = (
        np.mean([point for found in spots.values() for point in found], axis=0)
        if all(map(len, spots.values()))
        else None
    )
    if middle is None:
        raise InputError(key, f"{said} finds no room for a clamp on the rods from {place(rods[0].ends()[1])} mm down")
    up = unit(np.array([0.0, 0.0, 1.0]) - across[2] * across)
    back = np.cross(up, across)
    back = back if back[1] > 0.0 else -back
    best, passes = Free(-np.inf, "", middle), Free(-np.inf, "", middle)
    tried = sorted(
        product(np.arange(-60.0, 30.1, AXIS_STEP), np.arange(-40.0, 40.1, AXIS_STEP)),
        key=lambda shift: (round(float(np.hypot(*shift)), 3), shift),
    )
    for climb, behind in tried:
        centre = middle + climb * up + behind * back
        held = {name: _through(ilium, centre, across, up, back, options) for name, ilium in ilia.items()}
        least = min(held, key=lambda name: held[name].purchase)
        if held[least].purchase < IN_ILIUM:
            if held[least].purchase > passes.distance:
                passes = Free(held[least].purchase, least, held[least].at)
            continue
        ends = _ends(ilia, centre, across)
        joined = _clamps(ends, spots, {**others, **ilia}, options)
        if joined is None:
            continue
        free = _free(ends, joined, metal, others, ilia, options)
        if free.distance > best.distance:
            best = free
        if free.distance >= ROD_FREE:
            return _made(number, ends, joined, free, held, rods, options)
    if np.isfinite(best.distance):
        raise InputError(
            key,
            f"{said} {relation(best.distance)} {best.what} at {place(best.at)} mm wherever it can be clamped: leave it out",
        )
    if passes.distance > -np.inf and passes.distance < IN_ILIUM:
        raise InputError(
            key,
            f"{said} misses an ilium or passes it too near to its edge: the best has {max(passes.distance, 0.0):.1f} mm "
            f"of {passes.what} near {place(passes.at)} mm (at least {IN_ILIUM:g} mm) with {EDGE:g} mm of bone beside it, "
            f"or is farther than {CONNECTOR_LONGEST:g} mm from a rod: leave it out or cut less of the ilium",
        )
    raise InputError(
        key, f"{said} is farther than {CONNECTOR_LONGEST:g} mm from the rods near {place(middle)} mm: leave it out"
    )


@dataclass(frozen=True)
class _Passage:
    """Length of a bar in one ilium and where that is."""

    purchase: float
    at: Floats


def _through(ilium: Depth, centre: Floats, across: Floats, up: Floats, back: Floats, options: Fixation) -> _Passage:
    """The least length in an ilium of the axis and of four lines beside it, which must pass bone as well."""
    aside = options.rod_diameter / 2.0 + EDGE
    moves = np.array([np.zeros(3), aside * up, -aside * up, aside * back, -aside * back])
    points = centre + moves[:, None] + np.arange(-REACH, REACH + 0.5)[None, :, None] * across
    held = (ilium(points.reshape(-1, 3)) > 0.0).reshape(len(moves), -1)
    return _Passage(float(held.sum(axis=1).min()), points[0, int(np.argmax(held[0]))] if held[0].any() else centre)


#: Half the length of the line along which ilia are looked for [mm].
REACH = 160.0


def _ends(ilia: Mapping[str, Depth], centre: Floats, across: Floats) -> Floats:
    """Both ends, left first, outside the ilia, shape (2, 3) [mm]."""
    points = along_segment(centre + REACH * across, centre - REACH * across, 0.25)[1]
    inside_any = np.flatnonzero(np.max([depth(points) for depth in ilia.values()], axis=0) > 0.0)
    return np.array([points[inside_any[0]] + NUT * across, points[inside_any[-1]] - NUT * across])


def _spots(rod: Laid, metal: Metal, options: Fixation) -> list[Floats]:
    """Where the rod below L5 takes a clamp."""
    below = rod.spans[1:] or rod.spans
    return [point for span in below for point in stations(span, metal, options)]


def _clamps(
    ends: Floats, spots: Mapping[str, Sequence[Floats]], around: Mapping[str, Depth], options: Fixation
) -> dict[str, tuple[Floats, Floats]] | None:
    """Side -> clamp on the rod and clamp on the bar, as near as they can be; None where one is too far.

    Of clamps on the bar, those that are clear of bone come first.
    """
    along = unit(ends[1] - ends[0])
    found = {}
    for side, points in spots.items():
        feet = [ends[0] + ((point - ends[0]) @ along) * along for point in points]
        apart = np.array([np.linalg.norm(foot - point) for foot, point in zip(feet, points, strict=True)])
        apart = np.where(apart >= 2.0 * clamp_radius(options) + METAL_FREE, apart, np.inf)
        if not len(apart) or apart.min() > CONNECTOR_LONGEST:
            return None
        cut = np.max([depth(np.array(feet)) for depth in around.values()], axis=0) > -clamp_radius(options) - ROD_FREE
        clear = np.where(cut, np.inf, apart)
        nearest = int(np.argmin(clear if clear.min() <= CONNECTOR_LONGEST else apart))
        found[side] = (points[nearest], feet[nearest])
    return found


def _free(
    ends: Floats,
    joined: Mapping[str, tuple[Floats, Floats]],
    metal: Metal,
    others: Mapping[str, Depth],
    ilia: Mapping[str, Depth],
    options: Fixation,
) -> Free:
    """How free bar, clamps and connectors run between what does not hold them."""
    none = ends[:0]
    free = free_along(ends, options.rod_diameter, others, none, 0.0)
    for point, foot in joined.values():
        both = {**others, **ilia}
        free = min(
            free,
            free_along(np.array([point, foot]), 2.0 * clamp_radius(options), both, none, 0.0),
            key=lambda one: one.distance,
        )
    gap = float(metal.apart(ends[:1], ends[1:], options.rod_diameter / 2.0)[0]) - METAL_FREE
    feet = np.array([foot for _, foot in joined.values()])
    gap = min(gap, float(metal.apart(feet, feet, clamp_radius(options)).min()) - METAL_FREE)
    return min(free, Free(gap, "another rod or screw", feet[0]), key=lambda one: one.distance)


def _made(
    number: int,
    ends: Floats,
    joined: Mapping[str, tuple[Floats, Floats]],
    free: Free,
    held: Mapping[str, _Passage],
    rods: Sequence[Laid],
    options: Fixation,
) -> Bar:
    name, along = f"transiliac_bar_{number}", unit(ends[1] - ends[0])
    joints = []
    for rod in rods:
        point, foot = joined[rod.side]
        towards = unit(foot - point)
        joints += [Joint(point, rod.direction(point), towards), Joint(foot, along, -towards)]
    purchase = sum(each.purchase for each in held.values())
    entry = ends[0] + NUT * along
    screw = Screw(
        name,
        "fixation",
        ends[0],
        entry,
        ends[1],
        options.rod_diameter,
        tuple(held),
        None,  # an ilium is too thin there for points away from the walls that the bar crosses
        purchase,
    )
    laid = Laid(name, "", (straight(ends[0], ends[1]),), options.rod_diameter, free)
    return Bar(screw, Clamped(laid, tuple(joints), tuple(joined.values())))
