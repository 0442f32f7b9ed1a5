"""Where iliac screws go: from the pad down the column above the acetabulum, as deep in bone as can be."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.corridor import Corridor
from femsacrum.surgery.outline import SIDE_GAP
from femsacrum.surgery.places import Depth, place, segments_apart
from femsacrum.surgery.plates import HEAD_FREE, MARGIN, Plate

#: Metal of two screws is at least this far apart [mm]; their heads too if they can, but may come closer.
SCREWS_APART, HEADS_APART = 2.0, (2.0, 0.5)
#: Spacing of the starts that are tried [mm].
START_STEP = 1.25
#: Shortest screw that counts as held [mm].
SHORTEST = 30.0
#: Length of purchase that is worth 1 mm of clearance, when corridors are compared [mm].
LENGTH_PER_CLEARANCE = 6.0


@dataclass(frozen=True)
class _Candidates:
    """Axes through the cut face, best first within each start."""

    start: Floats
    axis: Floats
    purchase: Floats
    clearance: Floats
    score: Floats


def iliac_screws(anatomy: Anatomy, bone: Depth, plate: Plate, bottom: float, options: Fixation) -> tuple[Screw, ...]:
    """The iliac screws of one side, cranial one first.

    Every start on the pad (below the transverse body) is tried with every target round the anterior inferior iliac
    spine. An axis is as good as its least clearance to the bone's surface plus its purchase / 6; of the pairs that
    stay apart, the best is taken. Purchase is shortened where the bone ends.

    Args:
        anatomy: Landmarks.
        bone: Depth in the ilium before the cut: the cut face is no wall for a screw that crosses it.
        plate: Contact plate that the screws pass.
        bottom: Level of the transverse body's lower end, which the heads stay below [mm].
        options: Of the case.

    Raises:
        InputError: No corridor for the number of screws.
    """
    candidates = _candidates(anatomy, bone, plate, bottom, options)
    head = options.head_diameter
    behind = _behind(plate, candidates.axis, head / 2.0)
    heads = candidates.start - behind[:, None] * candidates.axis
    tips = candidates.start + candidates.purchase[:, None] * candidates.axis
    chosen: tuple[int, ...] = (int(np.argmax(candidates.score)),)
    if options.iliac_screws_per_side == 2:
        short = -np.inf
        for gap in HEADS_APART:
            pair, short = _best_pair(candidates.score, heads, tips, options, gap)
            if pair is not None:
                break
        else:
            raise InputError(
                "surgery.fixation.iliac_screws_per_side",
                f"2: no two corridors in the {plate.side} ilium stay {SCREWS_APART:g} mm apart; the pad near "
                f"{place(plate.frame.origin)} mm is {-short:.1f} mm too short for two heads of {head:g} mm: take "
                "one screw, a smaller head or a smaller graft share",
            )
        chosen = pair
    ordered = sorted(chosen, key=lambda i: -float(heads[i] @ plate.frame.along))
    return tuple(_iliac(bone, plate, candidates, i, number, heads[i], options) for number, i in enumerate(ordered, 1))


def _best_pair(
    score: Floats, heads: Floats, tips: Floats, options: Fixation, gap: float
) -> tuple[tuple[int, int] | None, float]:
    """The two axes with the largest sum of scores that stay apart, heads included; how much the best pair lacks."""
    best, pair, short = -np.inf, None, -np.inf
    for i in range(len(heads)):
        apart = segments_apart((heads[i], tips[i]), (heads, tips)) - options.iliac_screw_diameter - SCREWS_APART
        between = np.linalg.norm(heads - heads[i], axis=1) - options.head_diameter - gap
        spare = np.minimum(apart, between)
        short = max(short, float(spare.max()))
        total = np.where(spare >= 0.0, score + score[i], -np.inf)
        j = int(np.argmax(total))
        if total[j] > best + 1e-9:
            best, pair = float(total[j]), (i, j)
    return pair, short


def _iliac(
    bone: Depth, plate: Plate, candidates: _Candidates, i: int, number: int, head: Floats, options: Fixation
) -> Screw:
    start, axis, purchase = candidates.start[i], candidates.axis[i], float(candidates.purchase[i])
    along = np.append(np.arange(0.0, purchase, 0.5), purchase)
    deep = bone(start + along[:, None] * axis)
    return Screw(
        name=f"{plate.side}_iliac_{number}",
        body=f"{plate.side}_fixation",
        head=head,
        entry=start + plate.back / float(axis @ plate.frame.normal) * axis,
        tip=start + purchase * axis,
        diameter=options.iliac_screw_diameter,
        hosts=("prosthesis", f"{plate.side}_ilium"),
        clearance=float(deep.min()),
        purchase=purchase,
    )


def _behind(plate: Plate, axis: Floats, head_radius: float) -> Floats:
    """From the cut face back along each axis to the head's centre, clear of the plate's back [mm]."""
    slope = -(axis @ plate.frame.normal)
    return np.asarray((plate.back + head_radius + HEAD_FREE) / slope)


def _candidates(anatomy: Anatomy, bone: Depth, plate: Plate, bottom: float, options: Fixation) -> _Candidates:
    """Axes that pass the pad and the plate within their outline and hold in bone."""
    from shapely import contains_xy

    radius, head = options.iliac_screw_diameter / 2.0, options.head_diameter / 2.0
    # room_for_screws has made sure that this is not empty
    room = plate.regions.pad.buffer(-(radius + MARGIN))
    flat = _grid(room.bounds, START_STEP)
    flat = np.vstack([flat[contains_xy(room, flat[:, 0], flat[:, 1])], room.representative_point().coords])
    starts, targets = plate.frame.space(flat), _targets(anatomy, plate.side)
    start = np.repeat(starts, len(targets), axis=0)
    axis = np.tile(targets, (len(starts), 1)) - start
    axis /= np.linalg.norm(axis, axis=1)[:, None]
    # the shaft stays inside the plate's outline up to its back, and shaft and head below the transverse body
    reach = plate.back / -(axis @ plate.frame.normal)
    at_back = plate.frame.flat(start - reach[:, None] * axis)
    heads = plate.frame.flat(start - _behind(plate, axis, head)[:, None] * axis)
    whole = plate.regions.plate.buffer(-(radius + 0.5 * MARGIN))
    passes = contains_xy(whole, at_back[:, 0], at_back[:, 1])
    passes &= (at_back[:, 1] < bottom - radius) & (heads[:, 1] < bottom - head)
    passes &= graft_clearance(plate, start, axis) >= radius + MARGIN
    if not passes.any():
        raise InputError(
            "surgery.fixation.iliac_screw_diameter",
            f"{options.iliac_screw_diameter:g} mm: every axis towards the spine at "
            f"{place(anatomy.landmarks[f'{plate.side}_AIIS'])} mm leaves the {plate.side} plate at its side before "
            f"its back, {plate.back:g} mm deep, passes within {MARGIN:g} mm of the graft, or has its head in the "
            "transverse body: turn the cut across the screws, or take a thinner graft or a smaller share of it",
        )
    start, axis = start[passes], axis[passes]
    corridor = Corridor(bone, plate.frame, start, axis, options.iliac_screw_length + radius)
    purchase, clearance = corridor.purchase(radius + MARGIN, options.iliac_screw_length)
    held = purchase >= SHORTEST
    if not held.any():
        best = int(np.argmax(purchase))
        raise InputError(
            "surgery.fixation.iliac_screw_length",
            f"{options.iliac_screw_length:g} mm, diameter {options.iliac_screw_diameter:g} mm: the best corridor in "
            f"the {plate.side} ilium, from {place(start[best])} mm, holds {purchase[best]:.1f} mm with "
            f"{MARGIN:g} mm of bone round the screw (at least {SHORTEST:g} mm)",
        )
    score = clearance + purchase / LENGTH_PER_CLEARANCE
    return _Candidates(start[held], axis[held], purchase[held], clearance[held], score[held])


def graft_clearance(plate: Plate, start: Floats, axis: Floats) -> Floats:
    """Distance from screw axes to the graft, taken as endless across the plate [mm]; negative through it.

    The nearest of a graft above a screw that passes the pad are the two edges of its lower side.

    Args:
        plate: Contact plate.
        start: Points of the axes on the cut face, shape (n, 3) [mm].
        axis: Unit vectors into the bone, shape (n, 3).
    """
    if plate.regions.graft is None:
        return np.full(len(start), np.inf)
    lower = plate.regions.split + SIDE_GAP / 2.0
    climb = (axis @ plate.frame.along) / (axis @ plate.frame.normal)  # along the plate for each mm of depth
    level = plate.frame.flat(start)[:, 1]
    return np.asarray((lower - np.maximum(level, level + climb * plate.graft)) / np.hypot(1.0, climb))


def _grid(bounds: tuple[float, float, float, float], step: float) -> Floats:
    low_x, low_y, high_x, high_y = bounds
    xs, ys = np.arange(low_x, high_x + step, step), np.arange(low_y, high_y + step, step)
    return np.array(list(product(xs, ys)))


def _targets(anatomy: Anatomy, side: str) -> Floats:
    """Points round the anterior inferior iliac spine and the column above the acetabulum, shape (n, 3) [mm]."""
    spine = anatomy.landmarks[f"{side}_AIIS"]
    outward = 1.0 if side == "left" else -1.0  # LPS
    shifts = product(np.arange(-15.0, 10.1, 2.5) * outward, np.arange(-18.0, 36.1, 3.0))
    return np.array([spine + np.array([across, 0.0, upward]) for across, upward in shifts])
