"""Alar-iliac screws: from the back of the sacrum between its first and second foramina through its wing into the ilium.

Entry and aim as described for the S2-alar-iliac screw: Chang et al., Spine 2009;34:436; Kebaish, Spine 2010;35:2268.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats, Plane
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation import starts
from femsacrum.surgery.fixation.corridor import Corridor
from femsacrum.surgery.fixation.held import ENTRY_ZONE, JOINT, STEP, held
from femsacrum.surgery.fixation.trajectories import LENGTH_PER_CLEARANCE, SHORTEST, best_pair
from femsacrum.surgery.implants.plates import HEAD_FREE, MARGIN
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.places import Depth, along_segment, place

#: Entries lie this near to the line through the middle between the first two foramina [mm].
ROUND = 14.0
#: Spacing of the entries [mm].
ENTRIES_APART = 2.5
#: The grid of depths is on the safe side by up to 1 mm, half of which is given back where axes are looked for, for wings are
#: thin [mm]; those that are found are then measured themselves.
GRID_ERROR = 0.5
#: Farthest way through wing and joint [mm].
THROUGH_WING = 60.0
#: Shortest stretch in the sacrum's wing that counts [mm].
IN_WING = 15.0
#: So many of the best axes are measured themselves.
MOST = 600


def alar_iliac_screws(
    anatomy: Anatomy, after: Resected, bones: Mapping[str, Depth], side: str, options: Fixation
) -> tuple[Screw, ...]:
    """The alar-iliac screws of one side, cranial one first.

    Args:
        anatomy: Landmarks.
        after: What the resection leaves.
        bones: Name -> depth in it, after the cuts.
        side: "left" or "right".
        options: Of the case.

    Raises:
        InputError: The sacrum's wing is gone, or there is no corridor.
    """
    need = options.iliac_screw_diameter / 2.0 + MARGIN - GRID_ERROR
    head = options.head_diameter / 2.0
    wing, ilium = bones["sacrum"], bones[f"{side}_ilium"]
    entries = _entries(anatomy, after, side)
    start, axis = starts.towards(anatomy, side, entries)
    frame = frame_on(Plane(entries.mean(axis=0), np.array([0.0, 1.0, 0.0])), np.array([0.0, 0.0, 1.0]))
    reach = options.iliac_screw_length + THROUGH_WING
    corridors = [Corridor(bone, frame, start, axis, reach) for bone in (wing, ilium)]
    at, (in_wing, in_ilium) = corridors[0].along, (corridor.depth for corridor in corridors)
    deep = np.maximum(in_wing, in_ilium)
    switch = np.argmax(in_ilium > np.maximum(in_wing, 0.0), axis=1)
    near = np.abs(at[None] - at[switch][:, None]) <= ENTRY_ZONE
    demand = np.where(near, -JOINT, np.where(at[None] < ENTRY_ZONE, np.where(at[None] > 1.0, 0.0, -np.inf), need))
    holds = np.logical_and.accumulate(deep >= demand, axis=1)
    count = holds.sum(axis=1)
    length = np.where(count > 0, at[np.maximum(count - 1, 0)], 0.0)
    inside = np.where(holds & (in_ilium > 0.0), at[1], 0.0).cumsum(axis=1)
    enough = inside >= options.iliac_screw_length
    length = np.where(enough.any(axis=1), np.minimum(length, at[np.argmax(enough, axis=1)]), length)
    used = holds & (at[None] <= length[:, None]) & ~near & (at[None] >= ENTRY_ZONE)
    clearance = np.where(used, deep, np.inf).min(axis=1) - need
    purchase = np.minimum(inside[np.arange(len(start)), np.maximum(count - 1, 0)], options.iliac_screw_length)
    good = (switch > 0) & (at[switch] >= IN_WING) & (purchase >= SHORTEST) & np.isfinite(clearance)
    if not good.any():
        best = int(np.argmax(purchase))
        raise InputError(
            "surgery.fixation.iliac_anchor",
            f'"S2_alar_iliac": no axis of {options.iliac_screw_diameter:g} mm from the sacrum near '
            f"{place(entries.mean(axis=0))} mm holds {SHORTEST:g} mm in the {side} ilium with {MARGIN:g} mm of bone round "
            f"it; the best, from {place(start[best])} mm, holds {purchase[best]:.1f} mm: take screws from the iliac spine",
        )
    score = np.where(good, clearance + purchase / LENGTH_PER_CLEARANCE, -np.inf)
    chosen = np.argsort(-score, kind="stable")[: min(MOST, int(good.sum()))]
    start, axis, length, score = start[chosen], axis[chosen], length[chosen], score[chosen]
    behind = np.full(len(start), np.inf)
    for offset in np.arange(head + HEAD_FREE, 3.0 * head, 1.0):
        free = np.min([-depth(start - offset * axis) for depth in bones.values()], axis=0)
        behind = np.where(np.isinf(behind) & (free >= head + 0.25 * HEAD_FREE), offset, behind)
    clear = np.isfinite(behind)
    if not clear.any():
        raise InputError(
            "surgery.fixation.head_diameter",
            f"{options.head_diameter:g} mm: no head of an alar-iliac screw is clear of bone behind the sacrum at "
            f"{place(start[0])} mm: take a smaller head",
        )
    heads, tips = start - behind[:, None] * axis, start + length[:, None] * axis
    heads, tips, score, start = heads[clear], tips[clear], score[clear], start[clear]
    hosts = {"sacrum": wing, f"{side}_ilium": ilium}
    exact = [held(hosts, head, tip, options.iliac_screw_diameter) for head, tip in zip(heads, tips, strict=True)]
    enough = np.array([one.leaves is None and MARGIN <= one.clearance < np.inf for one in exact])
    if not enough.any():
        most = int(np.argmax([one.clearance for one in exact]))
        out = exact[most].leaves
        kept = (
            f"keeps {exact[most].clearance:.1f} mm (at least {MARGIN:g} mm of bone round it)"
            if out is None
            else f"comes out of bone at {place(out)} mm"
        )
        raise InputError(
            "surgery.fixation.iliac_screw_diameter",
            f"{options.iliac_screw_diameter:g} mm: the best alar-iliac axis on the {side}, from {place(start[most])} to "
            f"{place(tips[most])} mm, {kept}: take a thinner screw, or one from the iliac spine",
        )
    heads, tips, score, start = heads[enough], tips[enough], score[enough], start[enough]
    picked: tuple[int, ...] = (int(np.argmax(score)),)
    if options.iliac_screws_per_side == 2:
        pair, short = best_pair(score, heads, tips, options, 0.5)
        if pair is None:
            raise InputError(
                "surgery.fixation.iliac_screws_per_side",
                f"2: no two alar-iliac corridors stay apart near {place(start[0])} mm on the {side}; the best pair is "
                f"{-short:.1f} mm too near: take one screw",
            )
        picked = pair
    ordered = sorted(picked, key=lambda i: -float(heads[i][2]))
    return tuple(
        _screw(f"{side}_iliac_{number}", heads[i], start[i], tips[i], hosts, options)
        for number, i in enumerate(ordered, 1)
    )


def _screw(
    name: str, head: Floats, start: Floats, tip: Floats, hosts: Mapping[str, Depth], options: Fixation
) -> Screw:
    """The screw, measured along its axis once more, finely."""
    found = held(hosts, head, tip, options.iliac_screw_diameter)
    side = name.split("_")[0]
    ilium = hosts[f"{side}_ilium"](along_segment(head, tip, STEP)[1])
    entered = start if found.entered is None else found.entered
    return Screw(
        name,
        f"{side}_fixation",
        head,
        entered,
        tip,
        options.iliac_screw_diameter,
        tuple(hosts),
        found.clearance + options.iliac_screw_diameter / 2.0,
        float((ilium > 0.0).mean() * np.linalg.norm(tip - head)),
    )


def _entries(anatomy: Anatomy, after: Resected, side: str) -> Floats:
    """Points on the back of the sacrum behind the middle between its first two foramina, shape (n, 3) [mm]."""
    missing = [name for name in (f"{side}_foramen_S1", f"{side}_foramen_S2") if name not in anatomy.landmarks]
    if missing:
        raise InputError(
            "surgery.fixation.iliac_anchor",
            f'"S2_alar_iliac" starts between the first two foramina, and {", ".join(missing)} is not known: state it '
            "under anatomy.landmarks",
        )
    first, second = (anatomy.landmarks[f"{side}_foramen_{level}"] for level in ("S1", "S2"))
    middle, sacrum = 0.5 * (first + second), after.surfaces["sacrum"]
    corners = sacrum.points[sacrum.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    centre = corners.mean(axis=1)
    off = centre - middle
    # LPS: +y is posterior; near to the line straight backwards through the middle, on what faces backwards
    near = (np.hypot(off[:, 0], off[:, 2]) < ROUND) & (off[:, 1] > 0.0)
    near &= normal[:, 1] > 0.3 * np.linalg.norm(normal, axis=1)
    if not near.any():
        away = float(np.linalg.norm(sacrum.points - middle, axis=1).min())
        raise InputError(
            "surgery.fixation.iliac_anchor",
            f'"S2_alar_iliac": what is left of the sacrum has no back within {ROUND:g} mm of {place(middle)} mm on the '
            f"{side} (nearest bone {away:.1f} mm away), where the screws would start: take screws from the iliac spine",
        )
    points = centre[near]
    cell = np.round((points - middle) / ENTRIES_APART)
    order = np.lexsort((np.linalg.norm(points - middle - ENTRIES_APART * cell, axis=1), *cell.T))
    return np.asarray(points[order[np.unique(cell[order], axis=0, return_index=True)[1]]])
