"""Slots that lead the saw: one in the plane of the transverse cut, three on the box by which the canal is opened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.manifolds import arrays
from femsacrum.anatomy.model import Anatomy, Floats, Plane
from femsacrum.case.guide import Guide as Spec
from femsacrum.case.schema import Resection
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.cuts.sacrum import opening
from femsacrum.surgery.guides.model import Seat, Slot
from femsacrum.surgery.guides.relief import DEEP, Relief, rectangle
from femsacrum.surgery.shapes.booleans import prism
from femsacrum.surgery.shapes.frame import Frame, unit

#: Least distance of every part of the guide but its feet from bone [mm]: soft tissue and print error fit in.
CLEARANCE = 1.5
#: Above the length the blade is led over, a slot is this many times as wide: the blade is put in there.
FUNNEL = 3.0
#: The wall beyond the end of the transverse slot bears little: so many of the thinnest that can be printed.
END_WALL = 2.0
#: Slots are shortened by this much at least before they would leave the space between the ilia.
NARROWER = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6)
#: A slot may stand higher by this much over the ilia than over the sacrum [mm].
HIGHER = 1.0
#: Shortest slot that leads a blade [mm].
SHORTEST = 5.0
#: A point this near to a side of the opening lies on it [mm].
ON_SIDE = 1e-4
#: A plane steeper than this against the direction the guide is taken off in cannot be sawn through it.
STEEPEST = 60.0


@dataclass(frozen=True)
class Lead:
    """A slot with its axes, for those who draw it.

    Attributes:
        slot: What is handed on.
        frame: Across along the mouth, along the plane's normal, normal out of the bone in the plane.
        ends: Of the mouth on the frame's across, shape (2,) [mm].
        start: Depth of the mouth next to the bone [mm].
        reach: Length of bone on the plane that could be led, seen from behind [mm].
        walls: Material beyond the ends of the mouth [mm].
    """

    slot: Slot
    frame: Frame
    ends: Floats
    start: float
    reach: float
    walls: float


def transverse(plane: Plane, anatomy: Anatomy, seat: Seat, spec: Spec, relief: Relief) -> Lead:
    """The slot in the plane of the sacrum's cut, as wide as the bone there, or as the ilia leave room.

    Args:
        plane: Of the cut, normal towards what is taken away.
        anatomy: Bones before surgery.
        seat: Of the block; its ``away`` is where the saw comes from, as far as the plane allows.
        spec: Blade, clearance and depth.
        relief: Bones that the slot stands on.

    Raises:
        InputError: The plane lies across the direction the guide is taken off in.
    """
    frame = _facing(plane, seat)
    bone = anatomy.parts["sacrum"]
    across = frame.flat(_section(bone.points, bone.triangles, plane))[:, 0]
    middle, half = 0.5 * (across.max() + across.min()), 0.5 * float(np.ptp(across))
    side, end = 0.5 * (spec.blade + spec.slot_clearance) + spec.thickness + CLEARANCE, END_WALL * spec.least_wall
    ends = np.array([middle - half, middle + half])
    for which, sign in enumerate((-1.0, 1.0)):  # the ilia may come nearer on one side
        for share in NARROWER:
            ends[which] = middle + sign * share * half
            low, high = sorted([middle, ends[which] + sign * (end + CLEARANCE)])
            around = rectangle(np.array([low, -side]), np.array([high, side]))
            if relief.highest(frame, around) <= relief.highest(frame, around, ("sacrum",)) + HIGHER:
                break
    wide = np.array([end + CLEARANCE, side])
    top = relief.highest(frame, rectangle(np.array([ends[0], 0.0]) - wide, np.array([ends[1], 0.0]) + wide))
    return _lead("transverse", "transverse_guide", plane, frame, ends, top, spec, 2.0 * half, end)


def deroofing(
    plan: Resection, anatomy: Anatomy, after: Resected, seat: Seat, spec: Spec, relief: Relief, limit: float
) -> tuple[Lead, ...]:
    """Two slots along the canal at half the width of its opening, and one across at its lower end.

    At the corners they keep apart by a wall, so that what lies between them stays one piece with the rest.

    Args:
        plan: With its laminectomy.
        anatomy: Bones before surgery.
        after: The cuts; their plane bounds the levels that are opened.
        seat: Of the block.
        spec: Blade, clearance and depth.
        relief: Bones that slots stand on.
        limit: How far towards the head a guide may reach, along the block's own frame [mm].

    Returns:
        None without a laminectomy, nor where one is shorter than SHORTEST.
    """
    if plan.laminectomy is None:
        return ()
    box = opening(anatomy, plan.laminectomy, after.cuts["sacrum"].plane)
    frame = box.frame
    sides = rectangle(np.array([-box.half, -box.length]), np.array([box.half, 0.0]))
    taken = arrays(relief.bones["sacrum"] ^ prism(frame, sides, DEEP))[0]
    corner = 0.5 * FUNNEL * (spec.blade + spec.slot_clearance) + 2.0 * spec.least_wall
    block = block_frame(seat)
    leads: list[Lead | None] = []
    for name, sign in (("deroofing_left", 1.0), ("deroofing_right", -1.0)):
        plane = Plane(frame.space(np.array([sign * box.half, 0.0]))[0], -sign * frame.across)
        own = _facing(plane, seat)
        found = own.flat(taken[np.abs((taken - plane.origin) @ plane.normal) < ON_SIDE])[:, 0]
        if not len(found):
            return ()
        ends = np.array([found.min(), found.max()])
        # towards the head as far as there is room, the corners of a body that lies aslant in the block's frame included
        slope = float(own.across @ block.along)
        aslant = (0.5 * (spec.blade + spec.slot_clearance) + spec.thickness) * abs(float(own.along @ block.along))
        stop = (limit - aslant - block.flat(own.origin[None])[0, 1]) / slope
        ends = np.array([ends[0], min(ends[1], stop)] if slope > 0.0 else [max(ends[0], stop), ends[1]])
        leads.append(_led(name, plane, own, ends, spec, relief, float(np.ptp(found)), spec.thickness))
    plane = Plane(frame.space(np.array([0.0, -box.length]))[0], frame.along)
    own = _facing(plane, seat)
    ends = np.array([-1.0, 1.0]) * (box.half - corner) + own.flat(plane.origin[None])[0, 0]
    walls = corner + 0.5 * (spec.blade + spec.slot_clearance) + spec.thickness  # as far as those along it reach
    leads.append(_led("deroofing_bottom", plane, own, ends, spec, relief, 2.0 * box.half, walls))
    made = tuple(lead for lead in leads if lead is not None)
    return made if len(made) == len(leads) else ()


def block_frame(seat: Seat) -> Frame:
    """Axes of a block: across to the patient's left, along to the head, normal in the direction it is taken off."""
    along = np.array([0.0, 0.0, 1.0]) - seat.away[2] * seat.away
    if np.linalg.norm(along) < 1e-6:
        along = np.array([0.0, -1.0, 0.0])
    along = unit(along)
    return Frame(seat.points.mean(axis=0), np.cross(seat.away, along), along, seat.away)


def _led(
    name: str, plane: Plane, frame: Frame, ends: Floats, spec: Spec, relief: Relief, reach: float, walls: float
) -> Lead | None:
    if ends[1] - ends[0] < SHORTEST:
        return None
    side = 0.5 * (spec.blade + spec.slot_clearance) + spec.thickness + CLEARANCE
    wide = np.array([walls + CLEARANCE, side])
    top = relief.highest(frame, rectangle(np.array([ends[0], 0.0]) - wide, np.array([ends[1], 0.0]) + wide))
    return _lead(name, "deroofing_guide", plane, frame, ends, top, spec, reach, walls)


def _lead(
    name: str,
    part: str,
    plane: Plane,
    frame: Frame,
    ends: Floats,
    bone: float,
    spec: Spec,
    reach: float,
    walls: float,
) -> Lead:
    start = bone + CLEARANCE
    flat = np.array([[ends[0], 0.0], [ends[1], 0.0], [ends[1], 0.0], [ends[0], 0.0]])
    corners = frame.space(flat, start + spec.slot_depth * np.array([0.0, 0.0, 1.0, 1.0]))
    slot = Slot(name, part, plane, corners, spec.blade + spec.slot_clearance, spec.slot_depth)
    return Lead(slot, frame, np.asarray(ends, dtype=float), start, reach, walls)


def _facing(plane: Plane, seat: Seat) -> Frame:
    """Axes of a slot in a plane, opened as nearly as the plane allows towards where the guide is taken off."""
    normal = unit(plane.normal)
    out = seat.away - (seat.away @ normal) * normal
    steep = float(np.degrees(np.arcsin(np.clip(abs(seat.away @ normal), 0.0, 1.0))))
    if steep > STEEPEST:
        raise InputError(
            "surgery.guide.tilt",
            f"the plane of a cut lies {steep:.0f} deg off the direction the guide is taken off in (at most "
            f"{STEEPEST:g} deg): a saw cannot be led through it; turn the block or the cut",
        )
    out = unit(out)
    return Frame(plane.origin, np.cross(normal, out), normal, out)


def _section(points: Floats, triangles: np.ndarray, plane: Plane) -> Floats:
    """Points where edges of a surface pass through a plane, shape (n, 3) [mm]."""
    depth = (points - plane.origin) @ plane.normal
    edges = np.concatenate([triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    a, b = edges[:, 0], edges[:, 1]
    crossed = (depth[a] > 0.0) != (depth[b] > 0.0)
    a, b = a[crossed], b[crossed]
    share = (depth[a] / (depth[a] - depth[b]))[:, None]
    return np.asarray(points[a] + share * (points[b] - points[a]))
