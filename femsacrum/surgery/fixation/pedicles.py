"""Where pedicle screws go: along the pedicle's safe axis, nudged to the middle of the bone where that is needed."""

from __future__ import annotations

from itertools import product

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.implants.plates import HEAD_FREE
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import Depth, inside, place

#: Bone kept round a screw and beyond its tip [mm].
MARGIN = 1.0
#: Shortest screw that counts as held [mm].
SHORTEST = 20.0
#: The entry's landmark may lie this far off the bone [mm].
OFF_BONE = 0.5
#: Part of a screw next to its entry where the bone's surface is near by necessity [mm].
ENTRY_ZONE = 12.0
#: From the entry to the end of the pedicle, where its bone is narrow [mm].
PASSAGE = 35.0
#: How far entry and target may be moved across the axis, and in which steps [mm].
NUDGE, NUDGE_STEP = 4.0, 2.0
#: How far before its landmark the entry is looked for [mm].
BEFORE = 10.0


def pedicle_screw(anatomy: Anatomy, bone: Depth, level: str, side: str, options: Fixation) -> Screw:
    """The screw along a pedicle's safe axis, shortened if it would leave the vertebra.

    Where the axis between the landmarks leaves less than 1 mm of bone round the screw, entry and target are moved
    across it by up to 4 mm each to where the least depth in bone is largest.

    Args:
        anatomy: With the landmarks "<level>_<side>_pedicle_entry" and "..._target".
        bone: Depth in the vertebra as it is after the resection.
        level: "L4" or "L5".
        side: "left" or "right".
        options: Of the case.

    Raises:
        InputError: The axis leaves the vertebra, or too little length is left.
    """
    entry = anatomy.landmarks[f"{level}_{side}_pedicle_entry"]
    target = anatomy.landmarks[f"{level}_{side}_pedicle_target"]
    radius = options.pedicle_screw_diameter / 2.0
    along = np.arange(0.0, options.pedicle_screw_length + 0.25, 0.5)
    passage = along[(along >= ENTRY_ZONE) & (along <= PASSAGE)]
    if bone(entry + passage[:, None] * unit(target - entry)).min() < radius + MARGIN:
        entry, target = _centred(bone, entry, target, passage)
    axis = unit(target - entry)
    deep = bone(entry + along[:, None] * axis)
    inner = along >= ENTRY_ZONE
    # the deepest point that still has bone round the tip, reached without leaving the bone on the way
    leaves = np.flatnonzero(inner & (deep < 0.0))
    reachable = (deep >= radius + MARGIN) & inner & (along < (along[leaves[0]] if len(leaves) else np.inf))
    length = float(along[reachable].max()) if reachable.any() else 0.0
    tip = entry + length * axis
    head = entry - _head_offset(bone, entry, axis, options.head_diameter / 2.0) * axis
    purchase, entered = inside(bone, head, tip) if length > 0.0 else (0.0, 0.0)
    if length < SHORTEST or purchase < SHORTEST - OFF_BONE:
        worst = int(leaves[0]) if len(leaves) else len(along) - 1
        why = (
            f"bone round its axis is {radius + MARGIN - deep[worst]:.1f} mm short at "
            f"{place(entry + along[worst] * axis)} mm"
            if length < SHORTEST
            else f"its entry lies {length - purchase:.1f} mm off it at {place(entry)} mm: take a longer screw"
        )
        raise InputError(
            "surgery.fixation.pedicle_screw_length",
            f"{options.pedicle_screw_length:g} mm, diameter {options.pedicle_screw_diameter:g} mm: the {side} screw "
            f"of {level} has {purchase:.1f} mm in bone (at least {SHORTEST:g} mm); {why}",
        )
    used = inner & (along <= length)
    return Screw(
        name=f"{side}_{level}_pedicle",
        body=f"{side}_fixation",
        head=head,
        entry=head + entered * axis,
        tip=tip,
        diameter=options.pedicle_screw_diameter,
        hosts=(level,),
        clearance=float(deep[used].min()),
        purchase=purchase,
    )


def _centred(bone: Depth, entry: Floats, target: Floats, passage: Floats) -> tuple[Floats, Floats]:
    """Entry (on the bone) and target of the parallel or tilted axis with the largest least depth."""
    axis = unit(target - entry)
    sideways = unit(np.cross(axis, [0.0, 0.0, 1.0]))
    upward = np.cross(sideways, axis)
    steps = np.arange(-NUDGE, NUDGE + 0.1, NUDGE_STEP)
    shifts = np.array([a * sideways + b * upward for a, b in product(steps, steps)])
    count = len(shifts)
    entries = np.repeat(entry + shifts, count, axis=0)
    axes = np.tile(target + shifts, (count, 1)) - entries
    axes /= np.linalg.norm(axes, axis=1)[:, None]
    samples = entries[:, None, :] + passage[None, ::2, None] * axes[:, None, :]
    least = bone(samples.reshape(-1, 3)).reshape(len(entries), -1).min(axis=1)
    # of equal ones the least moved; rounding keeps the choice stable
    moved = np.linalg.norm(entries - entry, axis=1)
    best = int(np.lexsort((moved, -np.round(least, 6)))[0])
    line = np.arange(-BEFORE, ENTRY_ZONE, 0.25)
    inside = bone(entries[best] + line[:, None] * axes[best]) > 0.0
    start = line[int(np.argmax(inside))] if inside.any() else 0.0
    return entries[best] + start * axes[best], entries[best] + np.linalg.norm(target - entry) * axes[best]


def _head_offset(bone: Depth, entry: Floats, axis: Floats, radius: float) -> float:
    """How far behind the entry the head's centre lies so that the head is clear of bone, at most 2.2 radii [mm].

    Where it is clear nowhere, what is freest; whether that is enough is asked when all heads are known.
    """
    offsets = np.arange(radius + HEAD_FREE, 2.2 * radius, 0.25)
    deep = bone(entry - offsets[:, None] * axis)
    free = deep <= -(radius + 0.25 * HEAD_FREE)
    return float(offsets[int(np.argmax(free) if free.any() else np.argmin(deep))])
