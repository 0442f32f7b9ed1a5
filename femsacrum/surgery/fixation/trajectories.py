"""Where iliac screws go: down the column above the acetabulum, as deep in bone as can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.fixation.corridor import Corridor
from femsacrum.surgery.fixation.starts import Starts
from femsacrum.surgery.implants.plates import MARGIN
from femsacrum.surgery.shapes.places import Depth, place, segments_apart

#: Metal of two screws is at least this far apart [mm]; their heads too if they can, but may come closer.
SCREWS_APART, HEADS_APART = 2.0, (2.0, 0.5)
#: Shortest screw that counts as held [mm].
SHORTEST = 30.0
#: Length of purchase that is worth 1 mm of clearance, when corridors are compared [mm].
LENGTH_PER_CLEARANCE = 6.0
#: Pairs are looked for among so many of the best axes: more cannot be compared each with each.
MOST = 2000
#: Free distance to what does not hold a screw [mm], looked at in so many points of its axis.
SHAFT_FREE, SAMPLES = 0.5, 40


@dataclass(frozen=True)
class _Candidates:
    """Axes that hold in bone."""

    starts: Starts
    purchase: Floats
    score: Floats


def iliac_screws(starts: Starts, bone: Depth, avoid: Mapping[str, Depth], options: Fixation) -> tuple[Screw, ...]:
    """The iliac screws of one side, cranial one first.

    An axis is as good as its least clearance to the bone's surface plus its purchase / 6; of the pairs that stay apart,
    the best is taken. Purchase is shortened where the bone ends.

    Args:
        starts: Axes to choose from.
        bone: Depth in the ilium before its cut: the cut face is no wall for a screw that crosses it.
        avoid: Depth in what does not hold the screws.
        options: Of the case.

    Raises:
        InputError: No corridor for the number of screws.
    """
    found = _candidates(starts, bone, avoid, options)
    heads = found.starts.heads()
    tips = found.starts.start + found.purchase[:, None] * found.starts.axis
    chosen: tuple[int, ...] = (int(np.argmax(found.score)),)
    if options.iliac_screws_per_side == 2:
        short = -np.inf
        for gap in HEADS_APART:
            pair, short = best_pair(found.score, heads, tips, options, gap)
            if pair is not None:
                break
        else:
            raise InputError(
                "surgery.fixation.iliac_screws_per_side",
                f"2: no two corridors in the {starts.side} ilium stay {SCREWS_APART:g} mm apart; the room for heads "
                f"near {place(starts.around)} mm is {-short:.1f} mm too short for two of "
                f"{options.head_diameter:g} mm: {starts.remedy}",
            )
        chosen = pair
    ordered = sorted(chosen, key=lambda i: -float(heads[i] @ starts.frame.along))
    return tuple(_screw(bone, found, i, number, options) for number, i in enumerate(ordered, 1))


def best_pair(
    score: Floats, heads: Floats, tips: Floats, options: Fixation, gap: float
) -> tuple[tuple[int, int] | None, float]:
    """The two axes with the largest sum of scores that stay apart, heads included; how much the best pair lacks.

    Args:
        score: Of each axis, shape (n,).
        heads: Centres of the heads, shape (n, 3) [mm].
        tips: Shape (n, 3) [mm].
        options: Of the case.
        gap: Between two heads [mm].
    """
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


def _screw(bone: Depth, found: _Candidates, i: int, number: int, options: Fixation) -> Screw:
    starts, purchase = found.starts, float(found.purchase[i])
    start, axis = starts.start[i], starts.axis[i]
    along = np.append(np.arange(starts.zone, purchase, 0.5), purchase)
    deep = bone(start + along[:, None] * axis)
    return Screw(
        name=f"{starts.side}_iliac_{number}",
        body=f"{starts.side}_fixation",
        head=start - starts.head[i] * axis,
        entry=start - starts.entry[i] * axis,
        tip=start + purchase * axis,
        diameter=options.iliac_screw_diameter,
        hosts=starts.hosts,
        clearance=float(deep.min()),
        purchase=purchase,
    )


def _candidates(starts: Starts, bone: Depth, avoid: Mapping[str, Depth], options: Fixation) -> _Candidates:
    """Axes that hold in bone, and how well."""
    radius = options.iliac_screw_diameter / 2.0
    corridor = Corridor(bone, starts.frame, starts.start, starts.axis, options.iliac_screw_length + radius)
    purchase, clearance = corridor.purchase(radius + MARGIN, options.iliac_screw_length, starts.zone)
    held = purchase >= SHORTEST
    if not held.any():
        best = int(np.argmax(purchase))
        raise InputError(
            "surgery.fixation.iliac_screw_length",
            f"{options.iliac_screw_length:g} mm, diameter {options.iliac_screw_diameter:g} mm: the best corridor in "
            f"the {starts.side} ilium, from {place(starts.start[best])} mm, holds {purchase[best]:.1f} mm with "
            f"{MARGIN:g} mm of bone round the screw (at least {SHORTEST:g} mm)",
        )
    score = clearance + purchase / LENGTH_PER_CLEARANCE
    best_first = np.flatnonzero(held)[np.argsort(-score[held], kind="stable")]
    clear = np.empty(0, dtype=np.int64)
    for chunk in range(0, len(best_first), MOST):
        tried = best_first[chunk : chunk + MOST]
        free = _free(starts.only(tried), purchase[tried], avoid) >= radius + SHAFT_FREE
        clear = np.concatenate([clear, tried[free]])[:MOST]
        if len(clear) == MOST:
            break
    chosen = np.sort(clear) if len(clear) else best_first[:1]  # what it cuts is told when all screws are known
    return _Candidates(starts.only(chosen), purchase[chosen], score[chosen])


def _free(starts: Starts, purchase: Floats, avoid: Mapping[str, Depth]) -> Floats:
    """Distance from the axes, heads to tips, to what does not hold them [mm]."""
    heads, tips = starts.heads(), starts.start + purchase[:, None] * starts.axis
    points = heads[:, None] + np.linspace(0.0, 1.0, SAMPLES)[None, :, None] * (tips - heads)[:, None]
    flat = points.reshape(-1, 3)
    return np.min(
        [
            np.full(len(heads), np.inf),
            *((-depth(flat)).reshape(len(heads), -1).min(axis=1) for depth in avoid.values()),
        ],
        axis=0,
    )
