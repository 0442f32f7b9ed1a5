"""The guide as solids to be printed: base block, and the two osteotomy guides that are put on it in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.case.guide import Guide as Spec
from femsacrum.surgery.guides.layout import (
    OVER,
    PIN,
    PLAY,
    ROOM,
    ROUND_PIN,
    SLEEVE,
    WIDER,
    Layout,
    Plate,
    body,
    corners,
)
from femsacrum.surgery.guides.model import Guide, Seat, Wire
from femsacrum.surgery.guides.slots import FUNNEL, Lead
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.cad import Tag
from femsacrum.surgery.shapes.frame import Frame, unit
from femsacrum.surgery.shapes.outside import outside

#: Slots and holes are cut beyond the body of their guide by this much [mm]: through all that stands over or under it.
THROUGH = 20.0
#: How far parts that are one reach into each other [mm].
INTO = 3.0
#: Bodies of slots stand over the arms by this much [mm]: faces that nearly coincide make slivers.
PROUD = 1.0
#: Triangles on a full turn of the skins that checks are made on.
PER_TURN = 12
#: How far behind the bone a sleeve is looked for [mm].
LONGEST_SLEEVE = 80.0
#: Feet reach into the plate by this much [mm].
ROOTED = 2.0


@dataclass(frozen=True)
class Part:
    """One solid.

    Attributes:
        brep: BREP text, coordinates in [mm], LPS.
        skin: Closed triangulation of it.
        volume: [mm3].
    """

    brep: bytes
    skin: Surface
    volume: float


def parts(seat: Seat, wires: Sequence[Wire], leads: Sequence[Lead], layout: Layout, spec: Spec) -> dict[str, Part]:
    """The solids of a guide; "deroofing_guide" only where a slot deroofs.

    Args:
        seat: Contacts of the base block.
        wires: Whose sleeves it has.
        leads: Slots.
        layout: What stands where.
        spec: Sizes.

    Raises:
        NumericalError: A part does not become one solid, or cannot be triangulated.
    """
    made = {"base_block": _made("base_block", lambda: _base(seat, wires, layout, spec))}
    for name in ("deroofing_guide", "transverse_guide"):
        own = [lead for lead in leads if lead.slot.part == name]
        if own:
            made[name] = _made(name, partial(_osteotomy, name, own, layout, spec))
    return made


def as_sawn(guide: Guide) -> bytes:
    """Base block and transverse guide as one solid, its sleeves filled, as BREP: what a saw leans on.

    Args:
        guide: With its solids.

    Raises:
        NumericalError: They do not become one.
    """
    with cad.drawing("base_block"):
        cad.imported(guide.solids["base_block"])
        inside = DistanceTo(outside("base_block", per_turn=PER_TURN))
    with cad.drawing("transverse_guide"):
        cad.imported(guide.solids["transverse_guide"])
        round_faces = cad.cylinders()  # the holes of its dowels
    with cad.drawing("guide under the saw"):
        pieces = [cad.imported(guide.solids[name]) for name in ("base_block", "transverse_guide")]
        away = guide.seat.away
        for middle, area in round_faces:  # filled: the play round a dowel is thinner than any element
            half = 0.5 * area / (2.0 * np.pi * (PIN + PLAY)) * away
            pieces.append(cad.cylinder(middle - half, middle + half, PIN + 4.0 * PLAY))
        for wire in guide.wires:
            # all that lies round the wire's hole within its sleeve
            back = np.arange(0.0, LONGEST_SLEEVE, 0.25)
            axis = wire.entry - back[:, None] * wire.direction
            aside = (0.5 * wire.diameter + ROOM + 0.5 * SLEEVE) * np.vstack([u := _across(wire.direction), -u])
            held = back[(inside((axis[:, None] + aside).reshape(-1, 3)).reshape(len(back), -1) < 0.0).all(axis=1)]
            if len(held):
                low, high = (wire.entry - depth * wire.direction for depth in (held.min() + 0.5, held.max() - 0.5))
                pieces.append(cad.cylinder(low, high, 0.5 * wire.diameter + ROOM + 0.25 * SLEEVE))
        return cad.brep(cad.fuse(pieces, "guide under the saw"), "guide under the saw")


def _across(direction: Floats) -> Floats:
    """Two unit vectors across a direction, shape (2, 3)."""
    one = unit(np.cross(direction, np.eye(3)[int(np.argmin(np.abs(direction)))]))
    return np.array([one, np.cross(direction, one)])


def wire_brep(wire: Wire, end: Floats) -> bytes:
    """A wire from its tip to an end outside the bone, as BREP."""
    with cad.drawing(wire.name):
        return cad.brep(cad.cylinder(end, wire.tip, 0.5 * wire.diameter), wire.name)


def _made(name: str, draw: Callable[[], Tag]) -> Part:
    with cad.drawing(name):
        solid = draw()
        return Part(cad.brep(solid, name), outside(name, per_turn=PER_TURN), cad.volume(solid))


def _base(seat: Seat, wires: Sequence[Wire], layout: Layout, spec: Spec) -> Tag:
    """Rails, bridge, feet, sleeves and pins in one, the wires' holes taken out."""
    frame, top = layout.frame, layout.top
    rails = list(layout.rails.values())
    one = np.array_equal(rails[0].outline, rails[1].outline)
    pieces = [_plate(frame, plate) for plate in (*(rails[:1] if one else rails), *layout.raised)]
    for i in layout.feet:
        pieces.append(_foot(frame, seat.points[i] + spec.foot_radius * seat.normals[i], layout, spec))
    for flat in layout.pins.values():
        low, high = frame.space(np.array([flat, flat]), np.array([top - INTO, top + spec.thickness]))
        pieces.append(cad.cylinder(low, high, PIN))
    holes = []
    for wire in wires:
        low, high = (at_depth(wire, frame, depth) for depth in (layout.bottom, top + OVER))
        radius, along = 0.5 * wire.diameter + ROOM, THROUGH * wire.direction
        pieces.append(cad.cylinder(0.5 * (low + at_depth(wire, frame, top)), high, radius + SLEEVE))
        holes.append(cad.cylinder(low + along, high - along, radius))
    whole = cad.fuse(pieces, "base_block")
    return cad.fuse(cad.subtract(whole, holes), "base_block") if holes else whole


def _foot(frame: Frame, centre: Floats, layout: Layout, spec: Spec) -> Tag:
    """A round tip that touches the bone, on a shaft that widens towards the plate."""
    depth, plate = float(frame.depth(centre[None])[0]), layout.bottom
    end = centre + max(plate + ROOTED - depth, spec.foot_radius) * frame.normal
    return cad.peg(centre, end, spec.foot_radius, WIDER * spec.foot_radius)


def _osteotomy(name: str, leads: Sequence[Lead], layout: Layout, spec: Spec) -> Tag:
    """Bodies round the slots, arms that lie on the rails and go over the dowels, then the slots and holes taken out."""
    frame, seat_level = layout.frame, layout.top
    into = min(INTO, 0.5 * spec.thickness)
    held = [lead for lead in leads if lead.slot.name != "deroofing_bottom"]
    lower = max(float(frame.depth(corners(body(lead, spec))[:4]).max()) for lead in held)
    cover = max(seat_level + spec.thickness, lower + into)  # arms are thick enough to meet bodies that stand high
    # all bodies are cut off at one height: a slot through its own body would leave slivers of a higher one beside it
    level = max(cover + PROUD, *(float(frame.depth(corners(body(lead, spec))).max()) for lead in leads))
    shapes = {lead.slot.name: body(lead, spec, _reaching(lead, frame, level + PROUD, spec)) for lead in leads}
    pieces = [cad.block(*shape) for shape in shapes.values()]
    tools = [tool for lead in leads for tool in _slot(lead, shapes[lead.slot.name][4])]
    flat = frame.flat(np.vstack([corners(shape) for shape in shapes.values()]))
    around = flat.min(axis=0) - THROUGH, flat.max(axis=0) + THROUGH
    tools.append(cad.block(frame, *around, level, level + 4.0 * THROUGH))
    pad = PIN + ROUND_PIN
    for side, sign in (("left", 1.0), ("right", -1.0)):
        pin = layout.pins[side]
        if name == "transverse_guide":
            wall = min(_wall(held[0], frame, pin[0], depth, spec) for depth in (seat_level, cover)) - into
            low, high = np.array([pin[0] - pad, wall]), np.array([pin[0] + pad, pin[1] + pad])
        else:
            outer = frame.flat(corners(shapes[f"deroofing_{side}"]))[:, 0]
            wall = sign * float((sign * outer).max()) - sign * into
            ends = sorted((wall, float(pin[0]) + sign * pad))
            low, high = np.array([ends[0], pin[1] - pad]), np.array([ends[1], pin[1] + pad])
        pieces.append(cad.block(frame, low, high, seat_level, cover))
        bottom, top = frame.space(np.array([pin, pin]), np.array([seat_level - THROUGH, cover + THROUGH]))
        tools.append(cad.cylinder(bottom, top, PIN + PLAY))
    whole = cad.fuse(pieces, name)
    return cad.fuse(cad.subtract(whole, tools), name)


def _slot(lead: Lead, end: float) -> list[Tag]:
    """The slot where it leads the blade, and wider above."""
    half, led = 0.5 * lead.slot.width, lead.start + lead.slot.depth
    low, high = np.array([lead.ends[0], -half]), np.array([lead.ends[1], half])
    made = [cad.block(lead.frame, low, high, lead.start - THROUGH, end + THROUGH)]
    if end > led:
        wide = np.array([0.0, (FUNNEL - 1.0) * half])  # across the blade only
        made.append(cad.block(lead.frame, low - wide, high + wide, led, end + THROUGH))
    return made


def _wall(lead: Lead, frame: Frame, across: float, depth: float, spec: Spec) -> float:
    """Where the head's side of the transverse slot's body is, along the block's frame, across and at a depth [mm]."""
    normal = lead.slot.plane.normal
    at = frame.space(np.array([across, 0.0]), depth)[0]
    off = float((at - lead.slot.plane.origin) @ normal) + 0.5 * lead.slot.width + spec.thickness
    return -off / float(normal @ frame.along)


def _reaching(lead: Lead, frame: Frame, depth: float, spec: Spec) -> float:
    """Depth in a slot's frame at which all of its body's upper face stands above a depth of the block's frame [mm]."""
    shape = body(lead, spec)
    upper = corners(shape)[4:]
    short = depth - float(frame.depth(upper).min())
    return shape[4] + max(short, 0.0) / float(lead.frame.normal @ frame.normal)


def at_depth(wire: Wire, frame: Frame, depth: float) -> Floats:
    """Where a wire's axis is at a depth of the block's frame, shape (3,) [mm]."""
    slope = float(wire.direction @ frame.normal)
    return np.asarray(wire.entry + (depth - float(frame.depth(wire.entry[None])[0])) / slope * wire.direction)


def _plate(frame: Frame, given: Plate) -> Tag:
    return cad.slab(frame, given.outline, given.start, given.end)
