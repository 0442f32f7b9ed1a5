"""Where the parts of a guide lie beside each other: rails, bridge, pins, and what the slots leave free for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.guide import Guide as Spec
from femsacrum.surgery.guides.model import Seat, Wire
from femsacrum.surgery.guides.relief import Relief
from femsacrum.surgery.guides.slots import CLEARANCE, Lead, block_frame
from femsacrum.surgery.shapes.frame import Frame

#: Between parts that are put onto each other, in every direction [mm]: what printed polyamide needs to slide.
FIT = 0.3
#: Dowel pins [mm]: their radius, what their holes are larger by, and material round a hole.
PIN, PLAY, ROUND_PIN = 2.5, 0.15, 4.0
#: Width of the bridge between the rails [mm].
BRIDGE = 8.0
#: Material round a wire in its sleeve, room of the wire in it, and height of the sleeve over the plate [mm].
SLEEVE, ROOM, OVER = 2.0, 0.1, 6.0
#: Material of the rails round feet and sleeves [mm].
RIM = 2.0
#: Dowels on one plate stand this far from its middle [mm].
SPREAD = 18.0
#: Feet widen towards the plate by this factor.
WIDER = 1.5


@dataclass(frozen=True)
class Box:
    """A box along the block's axes.

    Attributes:
        low: Lower corner (across, along), shape (2,) [mm].
        high: Upper corner, shape (2,) [mm].
        start: Depth of its side next to the bone [mm].
        end: Depth of its other side [mm].
    """

    low: Floats
    high: Floats
    start: float
    end: float


@dataclass(frozen=True)
class Layout:
    """What stands where, in the block's frame.

    Attributes:
        frame: Across to the left, along to the head, normal off the bone.
        rails: Side -> what the feet stand under: "left", "right".
        bridge: Boxes that join the rails at their ends towards the head.
        pins: Side -> (across, along) of a dowel [mm].
        feet: Index of a contact -> (across, along) of its foot's axis [mm].
        astray: Contacts that no rail reaches.
    """

    frame: Frame
    rails: dict[str, Box]
    bridge: tuple[Box, ...]
    pins: dict[str, Floats]
    feet: dict[int, Floats]
    astray: tuple[int, ...]

    @property
    def top(self) -> float:
        """Depth of the face that the osteotomy guides lie on [mm]."""
        return self.rails["left"].end


def ceiling(seat: Seat, anatomy: Anatomy) -> float:
    """How far towards the head a block may reach, for the vertebra above hangs over the sacrum [mm].

    Args:
        seat: Of the block.
        anatomy: With or without L5; without it the top of the sacrum bounds the block.
    """
    frame = block_frame(seat)
    flat = frame.flat(seat.points)
    low, high = flat.min(axis=0), flat.max(axis=0)
    sacrum = anatomy.parts["sacrum"].points
    limit = float(frame.flat(sacrum)[:, 1].max())
    if "L5" in anatomy.parts:
        points = anatomy.parts["L5"].points
        over = frame.flat(points)
        near = (over[:, 0] > low[0] - BRIDGE) & (over[:, 0] < high[0] + BRIDGE)
        near &= frame.depth(points) > frame.depth(seat.points).min()
        limit = min(limit, float(over[near, 1].min()) - CLEARANCE) if near.any() else limit
    return limit


def last_slot(limit: float, spec: Spec) -> float:
    """How far towards the head a slot may reach where a block ends at ``limit`` [mm]."""
    return limit - BRIDGE - FIT - spec.thickness


def body(lead: Lead, spec: Spec, top: float | None = None) -> tuple[Frame, Floats, Floats, float, float]:
    """The box of material round a slot: its frame, lower and upper corner, and where it starts and ends in depth.

    Args:
        lead: The slot.
        spec: Thickness of its walls.
        top: Depth in the frame that it reaches at least; None: as deep as the slot.
    """
    wall = 0.5 * lead.slot.width + spec.thickness
    low, high = np.array([lead.ends[0] - lead.walls, -wall]), np.array([lead.ends[1] + lead.walls, wall])
    end = lead.start + lead.slot.depth
    return lead.frame, low, high, lead.start, end if top is None else max(end, top)


def corners(shape: tuple[Frame, Floats, Floats, float, float]) -> Floats:
    """The eight corners of a box in a frame, shape (8, 3) [mm]."""
    frame, low, high, start, end = shape
    flat = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])])
    return np.vstack([frame.space(flat, start), frame.space(flat, end)])


def lay_out(
    seat: Seat, wires: Sequence[Wire], leads: Sequence[Lead], anatomy: Anatomy, spec: Spec, relief: Relief, limit: float
) -> Layout:
    """Rails on both sides of the deroofing, caudal of nothing but the transverse slot, and a bridge at the head.

    Args:
        seat: Contacts.
        wires: Their sleeves stand on the rails.
        leads: Slots, whose bodies the rails leave room for.
        anatomy: Its landmarks say where the middle is.
        spec: Sizes.
        relief: Bones that the rails clear.
        limit: How far towards the head the block may reach [mm].
    """
    frame = block_frame(seat)
    around = {lead.slot.name: corners(body(lead, spec)) for lead in leads}
    lowest = float(frame.flat(around["transverse"])[:, 1].max()) + FIT
    middle = float(frame.flat(anatomy.landmarks["S1_endplate"][None])[0, 0])
    inner = {"left": middle, "right": middle}
    for name, points in around.items():
        if name.startswith("deroofing"):
            flat = frame.flat(points)[:, 0]
            inner = {"left": max(inner["left"], flat.max() + FIT), "right": min(inner["right"], flat.min() - FIT)}
    tips = seat.points + spec.foot_radius * seat.normals
    stands = frame.flat(tips)
    round_foot = WIDER * spec.foot_radius
    feet, astray = {}, []
    for i, (across, along) in enumerate(stands):
        free = across - inner["left"] if across > middle else inner["right"] - across
        beside = inner["left"] == inner["right"] or free >= round_foot
        if not beside or along - round_foot < lowest:
            astray.append(i)
        else:
            feet[i] = stands[i]
    sleeves = np.array([frame.flat(wire.entry[None])[0] for wire in wires]).reshape(-1, 2)
    pad = PIN + ROUND_PIN
    held = [(flat, round_foot + RIM) for flat in feet.values()]
    held += [(flat, SLEEVE + RIM + 0.5 * spec.wire_diameter) for flat in sleeves]
    outer, upper = {}, {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        own = [(flat, room) for flat, room in held if sign * (flat[0] - middle) > 0.0]
        outer[side] = sign * max([sign * inner[side] + 2.0 * pad, *(sign * flat[0] + room for flat, room in own)])
        upper[side] = max([limit, *(flat[1] + room for flat, room in own)])
    flat_of = {
        side: (
            np.array([min(inner[side], outer[side]), lowest]),
            np.array([max(inner[side], outer[side]), upper[side]]),
        )
        for side in inner
    }
    start = max(_over(frame, *rail, relief) for rail in flat_of.values())
    rails = {side: Box(*rail, start, start + spec.thickness) for side, rail in flat_of.items()}
    reach = pad if rails["right"].high[0] < rails["left"].low[0] else SPREAD
    pins = {side: _pin(rail, inner[side], reach, wires, frame) for side, rail in rails.items()}
    return Layout(frame, rails, _bridge(frame, rails, limit, spec, relief), pins, feet, tuple(astray))


def _over(frame: Frame, low: Floats, high: Floats, relief: Relief) -> float:
    return relief.highest(frame, low - CLEARANCE, high + CLEARANCE) + CLEARANCE


def _bridge(frame: Frame, rails: dict[str, Box], limit: float, spec: Spec, relief: Relief) -> tuple[Box, ...]:
    """A bar from rail to rail over the median crest, on a post on each; none where the rails are one plate."""
    left, right = rails["left"], rails["right"]
    if left.low[0] <= right.high[0]:
        return ()
    along = np.array([limit - BRIDGE, limit])
    low, high = np.array([right.high[0] - BRIDGE, along[0]]), np.array([left.low[0] + BRIDGE, along[1]])
    start = max(_over(frame, low, high, relief), left.start)
    bar = Box(low, high, start, start + spec.thickness)
    posts = (
        Box(low, np.array([right.high[0], along[1]]), left.start, bar.end),
        Box(np.array([left.low[0], along[0]]), high, left.start, bar.end),
    )
    return (bar, *posts)


def _pin(rail: Box, inner: float, reach: float, wires: Sequence[Wire], frame: Frame) -> Floats:
    """The place of a dowel: as far to the foot as the sleeves of wires leave room round it and on its way to the slots."""
    pad = PIN + ROUND_PIN
    best, place = -np.inf, rail.low
    axes = [_axis(wire, frame, rail.start, rail.end + OVER) for wire in wires]
    for along in np.arange(rail.low[1] + pad, max(rail.high[1] - BRIDGE - pad, rail.low[1] + pad + 0.1), 1.0):
        across_all = np.arange(rail.low[0] + pad, rail.high[0] - pad + 1e-6, 1.0)
        for across in across_all[np.argsort(np.abs(np.abs(across_all - inner) - reach), kind="stable")]:
            # an osteotomy guide covers a strip from the dowel to the middle and one to the foot
            strips = (
                (min(across - pad, inner), max(across + pad, inner), along - pad, along + pad),
                (across - pad, across + pad, rail.low[1], along + pad),
            )
            free = min([_apart(strip, axis) for strip in strips for axis in axes], default=np.inf)
            free -= max([0.5 * wire.diameter + SLEEVE + FIT for wire in wires], default=0.0)
            if free > 0.0:
                return np.array([across, along])
            if free > best:
                best, place = free, np.array([across, along])
    return np.asarray(place)


def _axis(wire: Wire, frame: Frame, start: float, end: float) -> Floats:
    """Points of a wire's axis between two depths, seen along the normal, shape (9, 2) [mm]."""
    slope = float(wire.direction @ frame.normal)
    away = (np.linspace(start, end, 9) - float(frame.depth(wire.entry[None])[0])) / slope
    return frame.flat(wire.entry + away[:, None] * wire.direction)


def _apart(strip: tuple[float, float, float, float], points: Floats) -> float:
    """Least distance of points from a rectangle [mm]; 0 in it."""
    beside = np.maximum(np.maximum(strip[0] - points[:, 0], points[:, 0] - strip[1]), 0.0)
    above = np.maximum(np.maximum(strip[2] - points[:, 1], points[:, 1] - strip[3]), 0.0)
    return float(np.hypot(beside, above).min())
