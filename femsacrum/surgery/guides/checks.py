"""Whether a guide can be printed, put on, used and taken off: what is measured of it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats, Surface
from femsacrum.case.guide import Guide as Spec
from femsacrum.surgery.guides.block import Part, at_depth
from femsacrum.surgery.guides.ground import AT_FOOT
from femsacrum.surgery.guides.layout import OVER, WIDER, Layout
from femsacrum.surgery.guides.model import Seat, Slot, Wire
from femsacrum.surgery.guides.rays import facets, first_hit
from femsacrum.surgery.guides.relief import Relief, rectangle
from femsacrum.surgery.guides.slots import CLEARANCE, Lead
from femsacrum.surgery.shapes.booleans import manifold
from femsacrum.surgery.shapes.places import place

#: Two facets are the two sides of a wall where their normals are opposed within 60 deg.
OPPOSED = -0.5
#: Lines start this far inside a wall [mm].
INSIDE = 1e-3
#: A foot is exact to this [mm]: the bone under it is no plane, and printers keep 0.1 to 0.5 mm.
EXACT = 0.3
#: Triangulation strays by this from what is drawn [mm], and bodies share so much volume for it [mm3].
STRAYS, SHARED = 0.05, 2.0
#: A slot and what stands beside it keep this apart [mm].
BESIDE_SLOT = 1.0
#: Walls of a slot lie where they were planned to this [mm]; triangulation keeps planes.
IN_PLANE = 1e-3
#: A facet is a wall's where its normal is the slot's to 2.5 deg; walls lead over at least half of what was planned.
ALONG, WALL = 0.999, 0.5
#: How far in front of a slot the blade goes [mm].
BLADE = 60.0


@dataclass
class Told:
    """Measures and doubts as they come up."""

    measures: dict[str, float] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def least(self, name: str, value: float, limit: float, words: str) -> None:
        """Keep a measure; below its limit it is a doubt as well."""
        if np.isfinite(value):
            self.measures[name] = value
        if value < limit:
            self.doubts.append(words.format(value=value, limit=limit))


def check(
    made: Mapping[str, Part],
    seat: Seat,
    wires: Sequence[Wire],
    leads: Sequence[Lead],
    layout: Layout,
    anatomy: Anatomy,
    spec: Spec,
    relief: Relief,
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Measure a guide.

    Args:
        made: Its parts.
        seat: Contacts.
        wires: That pin it.
        leads: Its slots.
        layout: What stands where.
        anatomy: Bones before surgery.
        spec: What it has to keep to.
        relief: The same bones as solids.

    Returns:
        Measures, name with unit -> value, and a sentence for everything that is wrong.
    """
    told = Told()
    for index in layout.astray:
        told.doubts.append(
            f"Contact {index + 1} at {place(seat.points[index])} mm lies under a slot: the block has no foot there."
        )
    for name, part in made.items():
        told.measures[f"guide_volume_{name} [mm3]"] = part.volume
    told.least(
        "guide_least_wall [mm]",
        min(least_wall(part.skin) for part in made.values()),
        spec.least_wall - STRAYS,
        "The thinnest wall is {value:.2f} mm (at least "
        + f"{spec.least_wall:g} mm): it cannot be relied on in print.",
    )
    _bone(told, made, seat, anatomy, spec, relief, layout)
    _slots(told, made, seat, wires, leads, layout, spec)
    for wire in wires:
        free = through_sleeve(wire, made["base_block"].skin, layout)
        if free < 0.0:
            told.doubts.append(f"{wire.name} does not pass its sleeve: material stands {-free:.2f} mm into it.")
    return told.measures, tuple(told.doubts)


def least_wall(skin: Surface) -> float:
    """Least thickness between two sides that face away from each other, along lines from every triangle inwards [mm]."""
    corners, normals, areas = facets(skin)
    length, hit = first_hit(corners.mean(axis=1) - INSIDE * normals, -normals, skin)
    a, b, c = np.moveaxis(skin.points[skin.triangles], 1, 0)
    other = np.cross(b - a, c - a)
    other /= np.maximum(np.linalg.norm(other, axis=1), 1e-12)[:, None]
    wall = (hit >= 0) & (np.einsum("ij,ij->i", other[hit], normals) < OPPOSED) & (areas > 1e-3)
    return float(length[wall].min(initial=np.inf)) + INSIDE


def undercut(skin: Surface, others: Sequence[Surface], away: Floats) -> float:
    """Area of a part that something stands over in the direction the part is taken off in [mm2].

    Args:
        skin: Of the part.
        others: What may stand in its way, each closed.
        away: Unit direction, shape (3,).
    """
    corners, normals, areas = facets(skin)
    middles = corners.mean(axis=1)
    under = np.zeros(len(middles), dtype=bool)
    for other in others:
        _, hit = first_hit(middles + STRAYS * normals, away, other)
        a, b, c = (other.points[other.triangles[hit, i]] for i in range(3))
        entered = np.einsum("ij,j->i", np.cross(b - a, c - a), away) < 0.0
        under |= (hit >= 0) & entered
    return float(areas[under].sum())


def overlap(skin: Surface, relief: Relief) -> float:
    """Volume that a part shares with bones [mm3]."""
    solid = manifold(skin, "guide")
    return float(sum((solid ^ bone).volume() for bone in relief.bones.values()))


def through_sleeve(wire: Wire, skin: Surface, layout: Layout) -> float:
    """Least room between a wire's surface and the base block along its sleeve [mm]; negative: it runs into it."""
    ends = [at_depth(wire, layout.frame, depth) for depth in (layout.bottom, layout.top + OVER)]
    points = ends[0] + np.linspace(0.0, 1.0, 25)[:, None] * (ends[1] - ends[0])
    return float(DistanceTo(skin)(points).min()) - 0.5 * wire.diameter


def beside(slot: Slot, points: Floats) -> float:
    """Least distance of points from where a slot leads its blade, in front of it too [mm]; negative: none."""
    across, out = slot.corners[1] - slot.corners[0], slot.corners[3] - slot.corners[0]
    wide, deep = float(np.linalg.norm(across)), float(np.linalg.norm(out))
    shifted = points - slot.corners[0]
    x, z, y = shifted @ across / wide, shifted @ out / deep, shifted @ slot.plane.normal
    off_x = np.maximum(np.maximum(-x, x - wide), 0.0)
    off_z = np.maximum(np.maximum(-BLADE - z, z - deep), 0.0)
    off_y = np.maximum(np.abs(y) - 0.5 * slot.width, 0.0)
    return float(np.sqrt(off_x**2 + off_y**2 + off_z**2).min())


def walls_off(skin: Surface, slot: Slot) -> float:
    """How far the two walls of a slot are from half its width off the planned plane [mm]; its width where one is missing.

    Args:
        skin: Of the part it was made in.
        slot: As planned.
    """
    across, out = slot.corners[1] - slot.corners[0], slot.corners[3] - slot.corners[0]
    corners, normals, areas = facets(skin)
    moved = corners.mean(axis=1) - slot.corners[0]
    x, z, y = moved @ across / (across @ across), moved @ out / (out @ out), moved @ slot.plane.normal
    near = (x > 0.0) & (x < 1.0) & (z > 0.0) & (z < 1.0) & (np.abs(y) < slot.width)
    wall = near & (np.abs(normals @ slot.plane.normal) > ALONG)
    least = WALL * np.linalg.norm(across) * np.linalg.norm(out)
    if any(areas[wall & (side * y > 0.0)].sum() < least for side in (-1.0, 1.0)):
        return slot.width
    return float(np.abs(np.abs((corners[wall] - slot.plane.origin) @ slot.plane.normal) - 0.5 * slot.width).max())


def _bone(
    told: Told, made: Mapping[str, Part], seat: Seat, anatomy: Anatomy, spec: Spec, relief: Relief, layout: Layout
) -> None:
    """Distance from bone, volume in it, bone in the way of taking the block off, and how exactly feet touch."""
    skins = {name: part.skin for name, part in made.items()}
    points = np.vstack([skin.points for skin in skins.values()])
    off_feet = np.linalg.norm(points[:, None] - seat.points, axis=2).min(axis=1) > AT_FOOT * spec.foot_radius
    near = _round(points, relief, layout)
    distances = [DistanceTo(bone)(points[off_feet]).min() for bone in near]
    told.least(
        "guide_clearance [mm]",
        float(min(distances, default=np.inf)),
        CLEARANCE - STRAYS,
        "Beside its contacts the guide comes within {value:.2f} mm of bone (at least " + f"{CLEARANCE:g} mm).",
    )
    shared = max(overlap(skin, relief) for skin in skins.values())
    told.measures["guide_overlap [mm3]"] = shared
    if shared > SHARED:
        told.doubts.append(f"The guide shares {shared:.1f} mm3 with bone: there it cannot be put down.")
    under = sum(undercut(skin, near, seat.away) for skin in skins.values())
    under += sum(
        undercut(skin, [skins["base_block"]], seat.away) for name, skin in skins.items() if name != "base_block"
    )
    told.measures["guide_undercut [mm2]"] = under
    if under > 0.0:
        told.doubts.append(
            f"{under:.1f} mm2 of the guide lie under bone or under the base block: it cannot be lifted off."
        )
    feet = list(layout.feet)
    centres = seat.points[feet] + spec.foot_radius * seat.normals[feet]
    error = np.abs(DistanceTo(anatomy.parts["sacrum"])(centres) - spec.foot_radius)
    told.measures["guide_contact_error [mm]"] = float(error.max(initial=0.0))
    if error.max(initial=0.0) > EXACT:
        worst = feet[int(np.argmax(error))]
        told.doubts.append(
            f"Foot {worst + 1} misses the bone or presses into it by {error.max():.2f} mm (at most {EXACT:g} mm): the "
            "bone under it is too uneven for its radius."
        )
    told.measures["guide_longest_foot [mm]"] = float(max(layout.bottom - layout.frame.depth(centres).min(), 0.0))


def _slots(
    told: Told,
    made: Mapping[str, Part],
    seat: Seat,
    wires: Sequence[Wire],
    leads: Sequence[Lead],
    layout: Layout,
    spec: Spec,
) -> None:
    """How much of the bone slots lead the saw over, how exactly, and whether it meets a foot, a wire or another part."""
    led = {name: [lead for lead in leads if lead.slot.name.startswith(name)] for name in ("transverse", "deroofing")}
    for name, own in led.items():
        if own:
            share = sum(float(np.ptp(lead.ends)) for lead in own) / sum(lead.reach for lead in own)
            told.measures[f"guide_led_{name} [%]"] = 100.0 * share
    off, slot = max(
        ((walls_off(made[lead.slot.part].skin, lead.slot), lead.slot.name) for lead in leads), default=(0.0, "")
    )
    told.measures["guide_slot_off_plane [mm]"] = off
    if off > IN_PLANE:
        told.doubts.append(
            f"A wall of the {slot.replace('_', ' ')} slot is {off:.2g} mm off where it leads the blade in its plane."
        )
    top = layout.top + OVER
    feet = [
        seat.points[i] + spec.foot_radius * seat.normals[i] + np.linspace(0.0, 1.0, 9)[:, None] * up * seat.away
        for i in layout.feet
        for up in [layout.top - float(layout.frame.depth(seat.points[i][None])[0])]
    ]
    shafts = [np.linspace(wire.tip, at_depth(wire, layout.frame, top), 60) for wire in wires]
    for what, lines, radius in (("foot", feet, WIDER * spec.foot_radius), ("wire", shafts, 0.5 * spec.wire_diameter)):
        free = [(beside(lead.slot, line) - radius, lead.slot.name) for lead in leads for line in lines]
        if free:
            least, slot = min(free)
            told.least(
                f"guide_slot_to_{what} [mm]",
                least,
                BESIDE_SLOT,
                f"The {slot.replace('_', ' ')} slot leads the blade within {{value:.1f}} mm of a {what} "
                f"(at least {BESIDE_SLOT:g} mm).",
            )
    for wire, line in zip(wires, shafts, strict=True):
        for name, part in made.items():
            if name == "base_block":
                continue
            outside = line[layout.frame.depth(line) > layout.top]
            if len(outside) and DistanceTo(part.skin)(outside).min() < 0.5 * wire.diameter:
                told.doubts.append(f"{wire.name} stands in the way of the {name.replace('_', ' ')}.")


def _round(points: Floats, relief: Relief, layout: Layout) -> list[Surface]:
    """Bones as far as they lie under or over a guide, or within 10 mm beside it."""
    flat = layout.frame.flat(points)
    return relief.round(layout.frame, rectangle(flat.min(axis=0) - 10.0, flat.max(axis=0) + 10.0))
