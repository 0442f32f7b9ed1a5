"""Where the parts of a guide lie beside each other: rails, bridge, pins, and what the slots leave free for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.guide import Guide as Spec
from femsacrum.surgery.guides.model import Seat, Wire
from femsacrum.surgery.guides.relief import Relief, rectangle
from femsacrum.surgery.guides.slots import CLEARANCE, Lead, block_frame
from femsacrum.surgery.shapes.frame import Frame

#: Between parts that are put onto each other, in every direction [mm]: what printed polyamide needs to slide.
FIT = 0.3
#: Dowel pins [mm]: their radius, what their holes are larger by, and material round a hole.
PIN, PLAY, ROUND_PIN = 2.5, 0.15, 3.0
#: Width of the bridge between the rails [mm].
BRIDGE = 8.0
#: Material round a wire in its sleeve, room of the wire in it, and height of the sleeve over the plate [mm].
SLEEVE, ROOM, OVER = 2.0, 0.1, 6.0
#: Material of the rails round feet and sleeves [mm].
RIM = 2.0
#: Directions round a point: of its circle, and of the square around it.
CIRCLE = np.column_stack(
    [np.cos(np.radians(np.arange(0.0, 360.0, 30.0))), np.sin(np.radians(np.arange(0.0, 360.0, 30.0)))]
)
SQUARE = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
#: How far parts that are one reach into each other [mm], and farther than any guide [mm].
INTO, FAR = 4.0, 200.0
#: Depths round the contacts within which wires keep clear of arms [mm].
UP = 40.0
#: Rails keep this far from the middle [mm]: bone stands high there, and a plate over it would stand on long feet.
CREST = 9.0
#: Sides of an outline shorter than this are no sides, and a foot this much too near to a slot is not [mm].
SHORT, ROUNDED = 1e-3, 1e-6
#: Feet widen towards the plate by this factor.
WIDER = 1.5


@dataclass(frozen=True)
class Plate:
    """A prism along the block's normal.

    Attributes:
        outline: Corners (across, along) of a convex polygon, shape (n, 2) [mm].
        start: Depth of its side next to the bone [mm].
        end: Depth of its other side [mm].
    """

    outline: Floats
    start: float
    end: float


@dataclass(frozen=True)
class Layout:
    """What stands where, in the block's frame.

    Attributes:
        frame: Across to the left, along to the head, normal off the bone.
        rails: Side -> what the feet stand under: "left", "right".
        raised: What joins the rails at their ends towards the head, and what carries sleeves beside them.
        pins: Side -> (across, along) of a dowel [mm].
        feet: Contacts that have a foot.
        astray: Contacts that no rail reaches.
    """

    frame: Frame
    rails: dict[str, Plate]
    raised: tuple[Plate, ...]
    pins: dict[str, Floats]
    feet: tuple[int, ...]
    astray: tuple[int, ...]

    @property
    def bottom(self) -> float:
        """Depth of the rails' side next to the bone [mm]."""
        return self.rails["left"].start

    @property
    def top(self) -> float:
        """Depth of the face that the osteotomy guides lie on [mm]."""
        return self.rails["left"].end


def beside_cuts(spec: Spec) -> float:
    """How far the axis of a foot stays from what is cut [mm]: half a slot, its wall, and the foot's shaft."""
    return 0.5 * (spec.blade + spec.slot_clearance) + spec.thickness + FIT + WIDER * spec.foot_radius


def beside_arms(spec: Spec) -> float:
    """How far a wire stays from what is cut [mm]: half a slot, its wall, an arm over its dowel, and the wire's sleeve."""
    sleeve = 0.5 * spec.wire_diameter + ROOM + SLEEVE
    return 0.5 * (spec.blade + spec.slot_clearance) + spec.thickness + 2.0 * (FIT + PIN + ROUND_PIN) + sleeve


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
    seat: Seat,
    wires: Sequence[Wire],
    leads: Sequence[Lead],
    anatomy: Anatomy,
    spec: Spec,
    relief: Relief,
    limit: float,
) -> Layout:
    """Rails on both sides of the deroofing and on the head's side of the transverse slot, and a bridge between them.

    Args:
        seat: Contacts.
        wires: Their sleeves stand on the rails, or beside them on plates of their own.
        leads: Slots, whose bodies the rails leave room for.
        anatomy: Its landmarks say where the middle is.
        spec: Sizes.
        relief: Bones that the rails clear.
        limit: How far towards the head the block may reach [mm].
    """
    frame = block_frame(seat)
    around = {lead.slot.name: frame.flat(corners(body(lead, spec))) for lead in leads}
    edge = _above(next(lead for lead in leads if lead.slot.name == "transverse"), frame, around["transverse"])
    middle = float(frame.flat(anatomy.landmarks["S1_endplate"][None])[0, 0])
    beside = [flat[:, 0] for name, flat in around.items() if name.startswith("deroofing")]
    inner = {
        "left": max([middle + CREST, *(float(across.max()) + FIT for across in beside)]),
        "right": min([middle - CREST, *(float(across.min()) - FIT for across in beside)]),
    }
    stands = frame.flat(seat.points + spec.foot_radius * seat.normals)
    shaft = WIDER * spec.foot_radius
    sides = np.where(stands[:, 0] > middle, "left", "right")
    gap = np.abs(np.array([inner[side] for side in sides]) - middle) + shaft
    free = (np.abs(stands[:, 0] - middle) >= gap) & (edge.off(stands) >= shaft - ROUNDED)
    outlines, pins = {}, {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        own = stands[free & (sides == side)]
        pins[side] = _pin(inner[side], sign, edge, limit, PIN + ROUND_PIN, wires, frame)
        post = rectangle(*np.sort([[inner[side], limit - BRIDGE], [inner[side] + sign * BRIDGE, limit]], axis=0))
        points = [
            post,
            *(flat + (shaft + RIM) * CIRCLE for flat in own),
            pins[side] + (PIN + ROUND_PIN) * SQUARE,
        ]
        ends = np.sort([inner[side], inner[side] + sign * FAR])
        below = [[across, edge.along(across)] for across in ends]
        outlines[side] = _hull(np.vstack(points), np.array([*below, [ends[1], FAR], [ends[0], FAR]]))
    start = max(_over(frame, outline, relief) for outline in outlines.values())
    rails = {side: Plate(outline, start, start + spec.thickness) for side, outline in outlines.items()}
    # a bar from rail to rail over the median crest
    low, high = np.array([inner["right"] - BRIDGE, limit - BRIDGE]), np.array([inner["left"] + BRIDGE, limit])
    raised = _raised(rectangle(low, high), tuple(rails.values()), frame, spec, relief)
    for wire in wires:
        axis = _axis(wire, frame, start, start + spec.thickness)
        rail = rails["left" if axis[:, 0].mean() > middle else "right"]
        room = 0.5 * wire.diameter + ROOM + SLEEVE
        own = np.vstack([point + room * SQUARE for point in axis])
        if not _within(own, rail.outline):
            near = rail.outline.mean(axis=0)
            into = _nearest(axis.mean(axis=0), rail.outline)
            into = into + INTO * (near - into) / np.linalg.norm(near - into)
            raised += _raised(_hull(np.vstack([own, into + room * SQUARE])), (rail,), frame, spec, relief)
    feet = tuple(int(i) for i in np.flatnonzero(free))
    return Layout(frame, rails, tuple(raised), pins, feet, tuple(int(i) for i in np.flatnonzero(~free)))


@dataclass(frozen=True)
class Edge:
    """The line on whose head's side the rails lie, beside the transverse slot, which may run aslant in the block's frame.

    Attributes:
        up: Unit normal of the line, towards the head, shape (2,).
        height: Of the line along it [mm].
    """

    up: Floats
    height: float

    def off(self, points: Floats) -> Floats:
        """How far points, shape (n, 2), lie on the head's side [mm]."""
        return np.asarray(points @ self.up - self.height)

    def along(self, across: float) -> float:
        """Where the line is, across [mm]."""
        return float((self.height - across * self.up[0]) / self.up[1])


def _above(lead: Lead, frame: Frame, around: Floats) -> Edge:
    run = np.array([lead.frame.across @ frame.across, lead.frame.across @ frame.along])
    up = np.array([-run[1], run[0]]) * np.sign(run[0]) / np.linalg.norm(run)
    return Edge(up, float((around @ up).max()) + FIT)


def _hull(points: Floats, within: Floats | None = None) -> Floats:
    """Convex hull of points as far as it lies in a convex polygon, shape (n, 2) [mm]."""
    import manifold3d

    found = manifold3d.CrossSection.hull_points([tuple(point) for point in points])
    if within is not None:
        found = found ^ manifold3d.CrossSection([within])
    return np.asarray(found.simplify(SHORT).to_polygons()[0], dtype=float)


def _within(points: Floats, outline: Floats) -> bool:
    """Whether points lie in a convex polygon whose corners run counter-clockwise."""
    along = np.roll(outline, -1, axis=0) - outline
    off = points[:, None] - outline
    return bool((along[:, 0] * off[..., 1] - along[:, 1] * off[..., 0] >= 0.0).all())


def _nearest(point: Floats, outline: Floats) -> Floats:
    """The point of a polygon's sides that is nearest to a point, shape (2,) [mm]."""
    along = np.roll(outline, -1, axis=0) - outline
    share = np.clip(((point - outline) * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
    on = outline + share[:, None] * along
    return np.asarray(on[int(np.argmin(np.linalg.norm(on - point, axis=1)))])


def _over(frame: Frame, outline: Floats, relief: Relief) -> float:
    """How far in depth a plate stands that clears the bone under and beside it [mm]."""
    return relief.highest(frame, _hull(np.vstack([point + CLEARANCE * SQUARE for point in outline]))) + CLEARANCE


def _raised(outline: Floats, onto: Sequence[Plate], frame: Frame, spec: Spec, relief: Relief) -> list[Plate]:
    """A plate as high as the bone under it asks for, on a post on each rail that it reaches."""
    start = max(_over(frame, outline, relief), onto[0].start)
    plate = Plate(outline, start, start + spec.thickness)
    return [plate, *(Plate(_hull(outline, rail.outline), rail.start, plate.end) for rail in onto)]


def _pin(
    inner: float, sign: float, edge: Edge, limit: float, reach: float, wires: Sequence[Wire], frame: Frame
) -> Floats:
    """The place of a dowel: as far to the foot as the wires leave room round it and on the way of arms to the slots."""
    pad = PIN + ROUND_PIN
    best, place = -np.inf, np.zeros(2)
    axes = [_axis(wire, frame, -UP, UP) for wire in wires]
    room = max([0.5 * wire.diameter + SLEEVE + FIT for wire in wires], default=0.0)
    most = inner + sign * (reach + 10.0)
    lowest = max(edge.along(inner - sign * pad), edge.along(most + sign * pad))
    for along in np.arange(lowest + pad, max(limit - BRIDGE - pad, lowest + pad + 0.1), 1.0):
        for aside in sorted(np.arange(PIN + 1.0, reach + 10.0, 0.5), key=lambda aside: abs(aside - reach)):
            across = inner + sign * aside
            # an osteotomy guide covers a strip from the dowel to the middle and one to the foot
            strips = (
                (min(across - pad, inner), max(across + pad, inner), along - pad, along + pad),
                (across - pad, across + pad, lowest, along + pad),
            )
            free = min([_apart(strip, axis) for strip in strips for axis in axes], default=np.inf) - room
            if free > 0.0:
                return np.array([across, along])
            if free > best:
                best, place = free, np.array([across, along])
    return place


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
