"""Kirschner wires that pin a base block: through it into bone that stays, past canal, roots and both saws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import Delaunay, cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats, Plane
from femsacrum.anatomy.surfaces import sampled
from femsacrum.case.schema import Guide
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.guides.behind import BESIDE, Behind, looked_at, patch_normals, sacral_frame, taken, turned
from femsacrum.surgery.guides.kept_clear import KeptClear, kept_clear
from femsacrum.surgery.guides.layout import beside_arms
from femsacrum.surgery.guides.model import Seat, Wire
from femsacrum.surgery.shapes.frame import Frame
from femsacrum.surgery.shapes.places import place

#: Spacing of the entries that are tried, and of points along a wire; how far beside the feet a block may reach [mm].
ENTRIES_APART, STEP, BESIDE_FEET = 3.0, 1.0, 12.0
#: How far a wire leans from the way the block comes [deg], and so many ways round.
LEANING, ROUND = (5.0, 10.0, 15.0), 8
#: Two wires lean this much from each other [deg]: parallel ones let the block slide off, more asks for a wider block.
LEAST_LEAN, MOST_LEAN = 10.0, 20.0
#: A wire meets bone at no flatter an angle than this from its normal [deg]; flatter ones skid when they are driven.
SKIDS = 50.0
#: A wire holds with no less than this in bone [mm]; less is told as no hold.
SHORTEST = 12.0
#: Entries of two wires are at least this far apart [mm].
LEAST_APART = 25.0
#: Length of a wire behind the bone that is looked after [mm]: through block and guide to the drill.
BEHIND = 40.0
#: In the choice, one millimetre of clearance (up to so many more than asked) and one of distance between two wires, which
#: hold against a turn by it, are worth so many millimetres of hold, and one of distance from the middle of the feet costs
#: so many: a block that reaches far bends.
CLEARANCE_WORTH, MOST_CLEARANCE, APART_WORTH, ASIDE_COST = 2.0, 2.0, 0.2, 0.25
#: So many of the best wires are looked at together.
MOST = 800


@dataclass(frozen=True)
class Trials:
    """Wires that might be.

    Attributes:
        entries: Where they enter bone, shape (n, 3) [mm].
        directions: Unit, into the bone, shape (n, 3).
        held: Length with the clearance wanted, shape (n,) [mm].
        clearance: Over that length, to their surface, shape (n,) [mm].
        nearest: Index of what that is to, shape (n,).
    """

    entries: Floats
    directions: Floats
    held: Floats
    clearance: Floats
    nearest: np.ndarray

    def only(self, which: np.ndarray) -> Trials:
        """Some of them."""
        return Trials(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def wires(anatomy: Anatomy, after: Resected, seat: Seat, options: Guide) -> tuple[Wire, ...]:
    """The wires of a base block, the one nearest to the head first.

    Entries lie between the feet, clear of them and of both saws; a wire runs in bone that stays and ends in it, keeps
    clear of canal, roots, foramina and every outside of the bone but the back it comes through, and its way out
    behind passes no slot and no other bone. Of the wires that do, those are taken that hold longest, clearance, distance
    from each other and nearness to the feet counting as well, each pair 10 to 20 deg from parallel.

    Args:
        anatomy: Bones and landmarks before surgery.
        after: What its cuts leave.
        seat: Of the block.
        options: Of the case.

    Raises:
        InputError: There are no such wires; the message names the limit and how near they come.
    """
    frame = turned(sacral_frame(anatomy), seat.away)
    seen = looked_at(anatomy, frame, 0.5 * options.wire_diameter)
    clear = kept_clear(anatomy, after, seen)
    trials = _measured(_ways(anatomy, seen, seat, options), after, clear, options)
    shortest, best = min(SHORTEST, options.wire_depth), int(np.argmax(trials.held))
    if trials.held[best] < shortest:
        raise InputError(
            "surgery.guide.wire_clearance",
            f"{options.wire_clearance:g} mm: the best wire, from {place(trials.entries[best])} mm, comes that near to "
            f"{clear.known[trials.nearest[best]]} after {trials.held[best]:.1f} mm (at least {shortest:g} mm): ask for "
            "less, or take thinner wires",
        )
    trials = trials.only(trials.held >= shortest)
    room = 0.5 * (options.wire_diameter + options.blade + options.slot_clearance) + options.least_wall
    # past the arms by which the osteotomy guides hold on to the block, where that can be
    for wanted in np.linspace(beside_arms(options), room, 4):
        free = trials.only(_clear_behind(trials, anatomy, after, frame, float(wanted)))
        chosen = _together(free, seat.points.mean(axis=0), options) if len(free.entries) else []
        if len(chosen) == options.wires:
            break
    if not chosen:
        raise InputError(
            "surgery.guide.wire_diameter",
            f"{options.wire_diameter:g} mm: no wire from between the feet round {place(seat.points.mean(axis=0))} mm "
            f"passes slots and other bones by {room:.1f} mm: take thinner wires, a narrower laminectomy, or move the block "
            "with surgery.guide.offset",
        )
    if len(chosen) < options.wires:
        raise InputError(
            "surgery.guide.wires",
            f"{options.wires}: only {len(chosen)} fit {LEAST_APART:g} mm apart and {LEAST_LEAN:g} to {MOST_LEAN:g} deg "
            f"from parallel with {options.wire_clearance:g} mm of clearance: take fewer wires, or less wire_clearance",
        )
    chosen.sort(key=lambda i: float(-(free.entries[i] @ frame.along)))
    return tuple(
        Wire(
            f"wire_{number}",
            free.entries[i],
            free.entries[i] + free.held[i] * free.directions[i],
            free.directions[i],
            options.wire_diameter,
            float(free.clearance[i]),
            clear.known[free.nearest[i]],
        )
        for number, i in enumerate(chosen, 1)
    )


def _ways(anatomy: Anatomy, seen: Behind, seat: Seat, options: Guide) -> tuple[Floats, Floats]:
    """Entries between the feet or close beside, and directions from there that do not skid, shape (n, 3) each."""
    frame, points = seen.frame, seen.points[seen.free]
    flat, feet = frame.flat(points), frame.flat(seat.points)
    off_feet = options.foot_radius + 0.5 * options.wire_diameter + options.least_wall
    turns = np.radians(np.arange(0.0, 360.0, 45.0))[:, None]
    block = feet[:, None] + BESIDE_FEET * np.column_stack([np.cos(turns), np.sin(turns)])
    good = (Delaunay(block.reshape(-1, 2)).find_simplex(flat) >= 0) & (cKDTree(feet).query(flat)[0] > off_feet)
    if not good.any():
        raise InputError(
            "surgery.guide.foot_radius",
            f"{options.foot_radius:g} mm: no place for a wire of {options.wire_diameter:g} mm between the feet, "
            f"{off_feet:.1f} mm from each: take smaller feet or thinner wires",
        )
    points = points[good]
    normals = patch_normals(anatomy.parts["sacrum"], points, options.wire_diameter)[0]
    cell = np.floor(frame.flat(points) / ENTRIES_APART)
    first = np.unique(cell, axis=0, return_index=True)[1]
    points, normals = points[first], normals[first]
    around = np.arange(0.0, 360.0, 360.0 / ROUND)
    leaning = np.radians([(0.0, 0.0), *((lean, turn) for lean in LEANING for turn in around)])
    lean, turn = leaning[:, :1], leaning[:, 1:]
    aside = np.cos(turn) * frame.across + np.sin(turn) * frame.along
    directions = np.sin(lean) * aside - np.cos(lean) * frame.normal
    meets = normals @ directions.T < -np.cos(np.radians(SKIDS))
    entry, way = np.nonzero(meets)
    return points[entry], directions[way]


def _measured(ways: tuple[Floats, Floats], after: Resected, clear: KeptClear, options: Guide) -> Trials:
    """How long each wire keeps its clearance in bone, and how near it comes to what."""
    entries, directions = ways
    early = np.array([0.25, 0.5, 0.75, 1.0]) * min(SHORTEST, options.wire_depth)
    points = entries[:, None] + early[:, None] * directions[:, None]
    need = options.wire_clearance + 0.5 * options.wire_diameter
    hopeful = (clear.distance(points.reshape(-1, 3))[0].reshape(len(entries), -1) >= need).all(axis=1)
    if hopeful.any():  # the others are worth no closer look
        entries, directions = entries[hopeful], directions[hopeful]
    along = np.arange(0.0, options.wire_depth + 0.5 * STEP, STEP)
    points = entries[:, None] + along[:, None] * directions[:, None]
    shape = points.shape[:2]
    far, which = (found.reshape(shape) for found in clear.distance(points.reshape(-1, 3)))
    far = far - 0.5 * options.wire_diameter
    inside = DistanceTo(after.surfaces["sacrum"])(points.reshape(-1, 3)).reshape(shape) < 0.0
    inside[:, along < 0.5 * options.wire_diameter + STEP] = True  # where it enters, aslant
    holds = np.logical_and.accumulate(inside & (far >= options.wire_clearance), axis=1)
    count = holds.sum(axis=1)
    # what ends a short one counts as its nearest
    looked = np.arange(shape[1]) < np.minimum(count + (count < SHORTEST / STEP), shape[1])[:, None]
    nearest = np.where(looked, far, np.inf).argmin(axis=1)
    rows = np.arange(len(entries))
    held = np.where(count > 0, along[np.maximum(count - 1, 0)], 0.0)
    return Trials(entries, directions, held, far[rows, nearest], which[rows, nearest])


def _clear_behind(trials: Trials, anatomy: Anatomy, after: Resected, frame: Frame, room: float) -> np.ndarray:
    """Which wires keep clear of the slots and of other bones behind the sacrum, where block and drill are.

    A slot stands over the edge of what is taken away, along the way the block comes; that of the transverse cut in its
    plane as well.
    """
    cut: Plane = after.cuts["sacrum"].plane
    along = np.arange(-BEHIND, 0.5 * STEP, 2.0 * STEP)
    points = (trials.entries[:, None] + along[:, None] * trials.directions[:, None]).reshape(-1, 3)
    tips = trials.entries + trials.held[:, None] * trials.directions
    gone = cKDTree(frame.flat(taken(anatomy.parts["sacrum"], after.surfaces["sacrum"])))
    others = [name for name in anatomy.parts if name.endswith(("ilium", "L5"))]
    good = np.isinf(gone.query(frame.flat(points), distance_upper_bound=room)[0])
    good &= (points - cut.origin) @ cut.normal < -room
    for name in others:
        good &= np.isinf(
            cKDTree(sampled(anatomy.parts[name], 50_000)[0]).query(points, distance_upper_bound=BESIDE)[0]
        )
    beyond = (tips - cut.origin) @ cut.normal < -room
    return np.asarray(good.reshape(len(trials.entries), -1).all(axis=1) & beyond)


def _together(trials: Trials, middle: Floats, options: Guide) -> list[int]:
    """The best wires that go together, one after the other; fewer where no more do."""
    extra = np.minimum(trials.clearance - options.wire_clearance, MOST_CLEARANCE)
    aside = np.linalg.norm(trials.entries - middle, axis=1)
    worth = trials.held + CLEARANCE_WORTH * extra - ASIDE_COST * aside
    best = np.argsort(-worth, kind="stable")[:MOST]
    entries, worth = trials.entries[best], worth[best]
    apart = np.linalg.norm(entries[:, None] - entries, axis=2)
    lean = np.degrees(np.arccos(np.clip(trials.directions[best] @ trials.directions[best].T, -1.0, 1.0)))
    fits = (apart >= LEAST_APART) & (lean >= LEAST_LEAN - 1e-6) & (lean <= MOST_LEAN + 1e-6)
    if options.wires == 1 or not fits.any():
        return [int(best[0])]
    both = np.where(fits, worth[:, None] + worth + APART_WORTH * apart, -np.inf)
    chosen = [int(i) for i in np.unravel_index(int(np.argmax(both)), both.shape)]
    while len(chosen) < options.wires:
        more = np.where(fits[chosen].all(axis=0), worth + APART_WORTH * apart[chosen].min(axis=0), -np.inf)
        if not np.isfinite(more.max()):
            break
        chosen.append(int(np.argmax(more)))
    return [int(best[i]) for i in chosen]
