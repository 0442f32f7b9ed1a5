"""Flanges with screws: where on its plate each one fits, and its locking screws across the wing of the ilium.

The wing is thin there, so the screws are bicortical where the wanted length allows: through the far cortex, but no farther
than a tip needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from femsacrum.anatomy.model import ROLES, Anatomy, Floats, Surface
from femsacrum.case.names import SIDES
from femsacrum.case.schema import Flanges
from femsacrum.case.surgery import Surgery
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw, Solid
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation.anchors import Room, of_side
from femsacrum.surgery.fixation.held import STEP, held
from femsacrum.surgery.implants.anterior import Anterior, custom_prosthesis
from femsacrum.surgery.implants.plates import MARGIN, Plate
from femsacrum.surgery.implants.tabs import Tab, lay
from femsacrum.surgery.measures import of_screws
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import Frame
from femsacrum.surgery.shapes.outline import SIDE_GAP
from femsacrum.surgery.shapes.places import Depth, along_segment, depth_in, place, segments_apart

KEY = "surgery.prosthesis.flanges"
#: Spacing of the levels that are tried [mm].
LEVELS_APART = 2.0
#: Shortest stretch in bone that counts [mm], a choice of this project.
SHORTEST = 6.0
#: A tip comes out of the far cortex by this much [mm], so that the thread under its cone holds there.
PAST = 2.0
#: A plate of locking screws loses strength where it stands 5 mm off bone, not at 2 mm (Ahmad et al., Injury 2007;38:358;
#: from memory): farther off than this on average is refused [mm].
FARTHEST = 5.0
#: Between a flange and what it must not touch, and between two screws [mm].
CLEAR, SCREWS_APART = 0.5, 1.0
#: A millimetre of mean gap weighs as much as so much purchase.
PURCHASE_PER_GAP = 2.0
#: From the edge of the cut, and from the end of the tab, to a screw's axis: so many diameters and so much [mm]; between two
#: axes: so many diameters.
FROM_CUT, FROM_END, PITCH = (1.0, 2.0), (0.75, 1.0), 1.5


@dataclass(frozen=True)
class Flange:
    """A flange and its screws.

    Attributes:
        tab: Its geometry.
        screws: From the cut on.
        gap: Mean and largest distance of its face from bone [mm].
    """

    tab: Tab
    screws: tuple[Screw, ...]
    gap: tuple[float, float]


@dataclass(frozen=True)
class Taken:
    """What a flange keeps clear of.

    Attributes:
        around: Name -> depth in it; the ilium it lies on is not among it.
        screws: With their heads.
        head: Diameter of the heads [mm].
    """

    around: Mapping[str, Depth]
    screws: Sequence[Screw]
    head: float


@dataclass(frozen=True)
class _Miss:
    """Why a level is none: the further it came, the better; then by how much it missed."""

    stage: int
    spare: float
    said: str


def flange_on(plate: Plate, ilium: Surface, bone: Depth, taken: Taken, options: Flanges) -> Flange:
    """The flange of one plate, at the level of its pad where screws hold best and bone is nearest.

    Args:
        plate: On the cut face.
        ilium: After its cut.
        bone: Depth in it.
        taken: What is there already.
        options: Of the case.

    Raises:
        InputError: There is no bone or no room for it.
    """
    spots = _spots(options)
    top = plate.regions.split - (0.0 if plate.regions.graft is None else SIDE_GAP)
    half = 0.5 * options.width + MARGIN
    levels = np.arange(plate.regions.pad.bounds[1] + half, top - half + 1e-9, LEVELS_APART)
    best: tuple[float, Flange] | None = None
    miss = _Miss(-1, 0.0, f"the pad of the {plate.side} plate is {top - plate.regions.pad.bounds[1]:.1f} mm high")
    for level in levels:
        tried = _tried(plate, ilium, bone, taken, options, float(level), spots)
        if isinstance(tried, _Miss):
            miss = max(miss, tried, key=lambda one: (one.stage, one.spare))
            continue
        score = min(screw.purchase for screw in tried.screws) - PURCHASE_PER_GAP * tried.gap[0]
        if best is None or score > best[0] + 1e-9:
            best = score, tried
    if best is None:
        at = plate.frame.space(np.array(plate.regions.pad.centroid.coords))[0]
        raise InputError(
            KEY,
            f"no {options.side} flange of {options.width:g} x {options.length:g} mm fits on the {plate.side} ilium beside "
            f"{place(at)} mm; the best: {miss.said}: make it shorter or narrower, take fewer or thinner screws or the other "
            "side, or leave the table out",
        )
    return best[1]


def with_flanges(plan: Surgery, anatomy: Anatomy, after: Resected, front: Anterior) -> Anterior:
    """The prosthesis with its flanges, and their screws; without flanges in the plan, what there was.

    Args:
        plan: Surgery of the case.
        anatomy: Before surgery.
        after: What the resection leaves.
        front: The prosthesis without flanges.

    Raises:
        InputError: There is no bone or no room for one.
    """
    if plan.prosthesis is None or plan.prosthesis.flanges is None:
        return front
    around = {name: depth_in(part) for name, part in after.surfaces.items()}
    bones = {name: depth for name, depth in around.items() if ROLES[name] == "bone"}
    soft = {name: depth for name, depth in around.items() if name not in bones}
    placed = {name: depth_in(skin) for name, skin in front.skins.items()}
    screws: tuple[Screw, ...] = ()
    if plan.fixation is not None:  # theirs are the rarer corridors
        room = Room(anatomy, after, front, bones, soft, placed)
        screws = tuple(screw for side in SIDES for screw in of_side(side, plan.fixation, room))
    head = 0.0 if plan.fixation is None else plan.fixation.head_diameter
    made = []
    for plate in front.plates:
        ilium = f"{plate.side}_ilium"
        others = {name: depth for name, depth in {**around, **placed}.items() if name not in (ilium, "prosthesis")}
        taken = Taken(others, screws, head)
        made.append(flange_on(plate, after.surfaces[ilium], bones[ilium], taken, plan.prosthesis.flanges))
    tabs = [flange.tab for flange in made]
    whole = custom_prosthesis(plan.prosthesis, plan.graft, plan.fixation, anatomy, after, tabs)
    locking = tuple(screw for flange in made for screw in flange.screws)
    drawn = {screw.name: draw(screw) for screw in locking}
    measures = {
        f"{which}_gap_under_flange_{flange.tab.side} [mm]": value
        for flange in made
        for which, value in zip(("mean", "largest"), flange.gap, strict=True)
    }
    return replace(
        whole,
        solids={**whole.solids, **{name: solid for name, (solid, _) in drawn.items()}},
        volumes={**whole.volumes, **{name: volume for name, (_, volume) in drawn.items()}},
        measures={**whole.measures, **measures, **of_screws(locking)},
        flange_screws=locking,
    )


def _spots(options: Flanges) -> Floats:
    """Where the screws' axes cross the tab, from the cut on [mm]."""
    diameter, (each, more) = options.screw_diameter, FROM_CUT
    first, last = each * diameter + more, options.length - FROM_END[0] * diameter - FROM_END[1]
    needed = first + (options.screws - 1) * PITCH * diameter
    if needed > last:
        raise InputError(
            f"{KEY}.length",
            f"{options.length:g} mm is {needed - last:.1f} mm too short for {options.screws} screws of {diameter:g} mm: "
            "make it longer, or take fewer or thinner screws",
        )
    narrowest = PITCH * diameter + 2.0 * MARGIN
    if options.width < narrowest:
        raise InputError(
            f"{KEY}.width",
            f"{options.width:g} mm is too narrow for screws of {diameter:g} mm: make it {narrowest:g} mm or wider",
        )
    return np.linspace(first, last, options.screws) if options.screws > 1 else np.array([0.5 * (first + last)])


def _tried(
    plate: Plate, ilium: Surface, bone: Depth, taken: Taken, options: Flanges, level: float, spots: Floats
) -> Flange | _Miss:
    """The flange at one level, or what is in its way."""
    tab = lay(plate, ilium, options, level)
    if isinstance(tab, str):
        at = plate.frame.space(np.array([0.0, level]))[0]
        return _Miss(0, 0.0, f"beside {place(at)} mm {tab}")
    gap = tab.gap(bone)
    at = tab.frame.space(np.array([0.5 * options.length, 0.0]))[0]
    if gap[0] > FARTHEST:
        said = f"at {place(at)} mm it stands {gap[0]:.1f} mm off bone on average (at most {FARTHEST:g} mm)"
        return _Miss(1, -gap[0], said)
    flat, points = tab.points(tab.tab), tab.points(tab.tab, tab.neck)
    for name, depth in {**taken.around, f"{plate.side}_ilium": bone}.items():
        free = -depth(points)
        worst, needed = int(np.argmin(free)), 0.0 if name == f"{plate.side}_ilium" else CLEAR
        if free[worst] < needed:
            said = f"it comes {needed - free[worst]:.1f} mm too near to {name} at {place(points[worst])} mm"
            return _Miss(2, float(free[worst]), said)
    for other in taken.screws:
        free = _from_metal(flat, other, taken.head)  # they may pass the plate that the neck ends in
        worst = int(np.argmin(free))
        if free[worst] < CLEAR:
            said = f"it comes {CLEAR - free[worst]:.1f} mm too near to {other.name} at {place(flat[worst])} mm"
            return _Miss(2, float(free[worst]), said)
    screws: list[Screw] = []
    for number, spot in enumerate(spots, 1):
        head = tab.frame.space(np.array([spot, 0.0]), options.thickness)[0]
        screw = _screw(f"{plate.side}_flange_screw_{number}", plate.side, head, tab.frame, bone, options)
        if isinstance(screw, _Miss):
            return screw
        in_way = _in_way(screw, (*taken.screws, *screws), taken.around)
        if in_way is not None:
            return in_way
        screws.append(screw)
    return Flange(tab, tuple(screws), gap)


def _in_way(screw: Screw, others: Sequence[Screw], around: Mapping[str, Depth]) -> _Miss | None:
    """What a screw comes too near to; None: nothing."""
    said = f"a screw from {place(screw.head)} mm comes"
    for other in others:
        apart = segments_apart((screw.head[None], screw.tip[None]), (other.head[None], other.tip[None]))[0]
        spare = float(apart) - 0.5 * (screw.diameter + other.diameter) - SCREWS_APART
        if spare < 0.0:
            return _Miss(4, spare, f"{said} {-spare:.1f} mm too near to {other.name}")
    points = along_segment(screw.head, screw.tip, STEP)[1]
    for name, depth in around.items():
        spare = float(-depth(points).max()) - 0.5 * screw.diameter - CLEAR
        if spare < 0.0:
            return _Miss(4, spare, f"{said} {-spare:.1f} mm too near to {name}")
    return None


def _from_metal(points: Floats, screw: Screw, head: float) -> Floats:
    """Distance of points from a screw and its head, shape (n,) [mm]."""
    shaft = segments_apart((points, points), (screw.head[None], screw.tip[None])) - 0.5 * screw.diameter
    return np.asarray(np.minimum(shaft, np.linalg.norm(points - screw.head, axis=1) - 0.5 * head))


def _screw(name: str, side: str, head: Floats, frame: Frame, bone: Depth, options: Flanges) -> Screw | _Miss:
    """A screw square to the tab, as long as wanted or through the far cortex, or what is wrong with it."""
    radius, axis, ilium = 0.5 * options.screw_diameter, -frame.normal, f"{side}_ilium"
    found = held({ilium: bone}, head, head + options.screw_length * axis, options.screw_diameter)
    said = f"a screw of {options.screw_diameter:g} mm from {place(head)} mm"
    if found.entered is None:
        return _Miss(3, -SHORTEST, f"{said} meets no bone within {options.screw_length:g} mm")
    tip, far = head + options.screw_length * axis, found.leaves if found.leaves is not None else found.comes_out
    if far is not None and (far - head) @ axis + PAST < options.screw_length:
        tip = far + PAST * axis
    found = held({ilium: bone}, head, tip, options.screw_diameter)
    where = place(head if found.entered is None else found.entered)
    if found.purchase < SHORTEST:
        return _Miss(
            3,
            found.purchase,
            f"{said} holds {found.purchase:.1f} mm in bone from {where} mm (at least {SHORTEST:g} mm)",
        )
    # between the two cortices its whole round lies in bone
    points = along_segment(head, tip, STEP)[1]
    middle = points[bone(points) > radius]
    turns = np.arange(8) * (np.pi / 4.0)
    ring = (radius + MARGIN) * (np.cos(turns)[:, None] * frame.across + np.sin(turns)[:, None] * frame.along)
    round_it = [float(bone(middle + each).min()) for each in ring] if len(middle) else [-radius]
    if min(round_it) < 0.0:
        return _Miss(3, min(round_it), f"{said} has {-min(round_it):.1f} mm too little bone beside it at {where} mm")
    hosts, clearance = ("prosthesis", ilium), float(bone(middle).max())  # halfway: its ends come out by intent
    return Screw(name, name, head, head, tip, 2.0 * radius, hosts, clearance, found.purchase)


def draw(screw: Screw) -> tuple[Solid, float]:
    """A flange's screw, its head sunk in the tab: the solid and its volume [mm3]."""
    with cad.drawing(screw.name):
        solid = cad.fuse(cad.pointed(screw.head, screw.tip, 0.5 * screw.diameter), screw.name)
        return Solid(cad.brep(solid, screw.name), "fixation"), cad.volume(solid)
