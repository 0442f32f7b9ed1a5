"""What holds on each side: pedicle screws, and iliac screws, alar-iliac screws or a rod's own limb, planned or found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from femsacrum.anatomy.model import Anatomy
from femsacrum.case.schema import Fixation, PlannedScrew
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation import alar, pedicles, starts, trajectories
from femsacrum.surgery.fixation.held import held, passes
from femsacrum.surgery.fixation.rods import limb_way
from femsacrum.surgery.implants.anterior import Anterior
from femsacrum.surgery.implants.plates import HEAD_FREE, MARGIN
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import Depth, depth_in, inside, place

#: Vertebrae that get pedicle screws.
LEVELS = ("L4", "L5")


@dataclass(frozen=True)
class Room:
    """Where screws are placed.

    Attributes:
        anatomy: Before surgery.
        after: What the resection leaves.
        front: What is put in before.
        bones: Name -> depth in it, after the cuts.
        soft: The same of soft tissue.
        placed: The same of prosthesis and grafts.
    """

    anatomy: Anatomy
    after: Resected
    front: Anterior
    bones: Mapping[str, Depth]
    soft: Mapping[str, Depth]
    placed: Mapping[str, Depth]


def of_side(side: str, options: Fixation, room: Room) -> tuple[Screw, ...]:
    """The screws of one side, from above down; a Galveston limb counts as the last of them.

    Args:
        side: "left" or "right".
        options: Of the case.
        room: Where they are placed.

    Raises:
        InputError: There is no corridor for one, or a planned one leaves bone.
    """
    given: dict[str, PlannedScrew] = {each.name: each for each in options.trajectories}
    upper = tuple(
        planned(given[name], level, options, room)
        if (name := f"{side}_{level}_pedicle") in given
        else pedicles.pedicle_screw(room.anatomy, room.bones[level], level, side, options)
        for level in LEVELS
    )
    names = [f"{side}_iliac_{number}" for number in range(1, options.iliac_screws_per_side + 1)]
    if set(names) & set(given):
        return (*upper, *(planned(given[name], f"{side}_ilium", options, room) for name in names))
    if options.iliac_anchor == "none":
        return upper
    if options.iliac_anchor == "S2_alar_iliac":
        return (*upper, *alar.alar_iliac_screws(room.anatomy, room.after, room.bones, side, options))
    if options.iliac_anchor == "galveston":
        return (*upper, _limb(side, upper[-1], options, room))
    return (*upper, *_iliac(side, options, room))


def planned(given: PlannedScrew, bone: str, options: Fixation, room: Room) -> Screw:
    """A screw whose trajectory the case gives.

    Args:
        given: Of the case.
        bone: That it is to run in.
        options: Of the case.
        room: Where it is placed.

    Raises:
        InputError: It misses the bone, metal comes out of it, or it is shorter than one that is found may be.
    """
    usual = options.iliac_screw_diameter if "iliac" in given.name else options.pedicle_screw_diameter
    diameter = usual if given.diameter is None else given.diameter
    entry, tip = np.array(given.entry), np.array(given.tip)
    key, said = "surgery.fixation.trajectories", f"{given.name}, from {place(entry)} to {place(tip)} mm,"
    if not np.linalg.norm(tip - entry) > 0.0:
        raise InputError(key, f"{said} has no length")
    found = held({bone: room.bones[bone]}, entry, tip, diameter)
    if found.entered is None:
        raise InputError(key, f"{said} misses {bone} by {-found.clearance - diameter:.1f} mm: move it")
    where = found.leaves if found.leaves is not None else found.comes_out
    if where is not None:
        raise InputError(
            key, f"{said} with {diameter:g} mm comes out of {bone} at {place(where)} mm: turn, shorten or thin it"
        )
    shortest = trajectories.SHORTEST if "iliac" in given.name else pedicles.SHORTEST
    purchase, _ = inside(room.bones[bone], entry, tip)
    if round(purchase, 1) < shortest:  # as it is told
        raise InputError(
            key,
            f"{said} has {purchase:.1f} mm in {bone} from {place(found.entered)} mm on (at least {shortest:g} mm): "
            "lengthen it",
        )
    axis, head = unit(tip - entry), options.head_diameter / 2.0
    around = {**room.bones, **room.placed}
    offsets = np.arange(head + HEAD_FREE, HEAD_REACH, 0.25)
    free = np.min([-depth(found.entered - offsets[:, None] * axis) for depth in around.values()], axis=0) - head
    clear = free >= 0.25 * HEAD_FREE
    offset = offsets[int(np.argmax(clear) if clear.any() else np.argmax(free))]
    start, entered = found.entered - offset * axis, found.entered
    through: tuple[str, ...] = ()
    if "prosthesis" in room.placed and passes(room.placed["prosthesis"], start, tip, diameter / 2.0 + 0.5 * MARGIN):
        through = ("prosthesis",)
        entered = start + inside(room.placed["prosthesis"], start, tip)[1] * axis
    return Screw(
        given.name,
        f"{given.name.split('_')[0]}_fixation",
        start,
        entered,
        tip,
        diameter,
        (*through, bone),
        found.clearance + diameter / 2.0,
        purchase,
    )


#: A head lies at most so far behind its screw's entry [mm]: behind plate and graft.
HEAD_REACH = 40.0


def _iliac(side: str, options: Fixation, room: Room) -> tuple[Screw, ...]:
    """Iliac screws through the plate, from the bare cut face, or from the posterior spine."""
    if side in room.front.screws:  # laid out before the struts that keep clear of them
        return room.front.screws[side]
    name, after = f"{side}_ilium", room.after
    plate = next((plate for plate in room.front.plates if plate.side == side), None)
    if plate is not None:
        where = starts.through_plate(room.anatomy, plate, room.front.ceiling[side], options)
    elif name in after.cuts:
        where = starts.on_cut_face(room.anatomy, after.cuts[name], side, options, room.bones)
    else:
        where = starts.round_spine(room.anatomy, after.surfaces[name], side, options, room.bones)
    avoid = {**room.bones, **room.soft, **room.placed}
    avoid = {other: depth for other, depth in avoid.items() if other not in where.hosts}
    return trajectories.iliac_screws(where, depth_in(room.anatomy.parts[name]), avoid, options)


def _limb(side: str, upper: Screw, options: Fixation, room: Room) -> Screw:
    """The rod's own end in the ilium: where an iliac screw as thick as the rod would go, straight from its bend on."""
    as_screw = options.model_copy(
        update={"iliac_screw_diameter": options.rod_diameter, "iliac_screws_per_side": 1, "head_diameter": LIMB_HEAD}
    )
    (screw,) = _iliac(side, as_screw, room)
    limb = replace(screw, name=f"{side}_galveston")
    bent, _ = limb_way(side, upper.head, limb, {**room.bones, **room.placed}, options)
    return replace(limb, head=bent.arcs()[0][2])


#: Room that the bend of a limb needs behind the bone, as the diameter of a head [mm].
LIMB_HEAD = 8.0
