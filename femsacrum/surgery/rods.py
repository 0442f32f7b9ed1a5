"""Rods: bent through the heads, round bone; a second one beside the first; bars across from side to side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.bends import BEND_RADIUS, Bent, Free, free_along, straight, way_round
from femsacrum.surgery.construct import Rod, Screw
from femsacrum.surgery.frame import unit
from femsacrum.surgery.places import Depth, place, segments_apart

#: A rod may come this near to bone or prosthesis [mm]; one that is bent to keep clear is bent to this [mm].
ROD_FREE, BENT_FREE = 0.2, 1.0
#: A clamp is a ball so much wider than the rod it holds [mm].
CLAMP_WALL = 2.0
#: Clamps, heads and shafts that are not joined stay this far apart [mm].
METAL_FREE = 1.0
#: How far a rod reaches past its last clamp [mm].
OVERHANG = 8.0
#: Spacing of the places on a rod where a clamp is tried [mm].
CLAMP_STEP = 2.0
#: Longest side connector from rod to rod [mm], and the step in which its length is tried [mm].
CONNECTOR_LONGEST, CONNECTOR_STEP = 20.0, 1.0
#: The upper clamp is tried in so many places below L5 where it does not fit above, the lower one so far from it [mm].
UPPERS, CLAMPS_APART = 3, 45.0
#: Straight length below the lower clamp that is tried [mm], and the steepest bend of a second rod [deg].
REACHES, STEEPEST = (10.0, 18.0, 28.0, 40.0), 80.0
#: Longest cross-link [mm]: what telescoping ones of spine systems reach.
CROSS_LINK_LONGEST = 120.0


@dataclass(frozen=True)
class Laid:
    """A rod as it is laid.

    Attributes:
        name: "left_rod", "left_rod_2", "cross_link_1", ...
        side: "left" or "right"; "" across.
        spans: Its pieces, each from one head, clamp or end to the next.
        diameter: [mm].
        free: How free it runs.
    """

    name: str
    side: str
    spans: tuple[Bent, ...]
    diameter: float
    free: Free

    def path(self) -> Floats:
        """Points on its axis, shape (n, 3) [mm]."""
        pieces = [span.path() for span in self.spans]
        return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])

    def ends(self) -> Floats:
        """Where its spans begin and end, shape (n, 3) [mm]."""
        return np.array([self.spans[0].corners[0], *(span.corners[-1] for span in self.spans)])

    def bends(self) -> Floats:
        """Its turns, in heads and between them, shape (n,) [deg]."""
        corners = np.concatenate([self.spans[0].corners, *(span.corners[1:] for span in self.spans[1:])])
        return Bent(corners, 0.0).angles()

    def away(self, point: Floats) -> float:
        """Distance of a point from its axis [mm]."""
        path = self.path()
        return float(_to_point(path[:-1], path[1:], point).min())

    def direction(self, point: Floats) -> Floats:
        """Of its axis where it is nearest to a point, shape (3,)."""
        path = self.path()
        return unit(np.diff(path, axis=0)[int(np.argmin(_to_point(path[:-1], path[1:], point)))])

    def rod(self, body: str) -> Rod:
        """What the construct tells of it."""
        return Rod(self.name, body, self.path(), self.diameter)


@dataclass
class Metal:
    """What has been laid so far: shafts and rods as segments, heads and clamps as balls.

    Attributes:
        segments: Start, end [mm], radius [mm] of every straight piece.
        balls: Centre [mm] and radius [mm] of every head and clamp.
    """

    segments: list[tuple[Floats, Floats, float]] = field(default_factory=list)
    balls: list[tuple[Floats, float]] = field(default_factory=list)

    def add_path(self, path: Floats, diameter: float) -> None:
        """A rod."""
        self.segments += [(a, b, diameter / 2.0) for a, b in pairwise(path)]

    def apart(self, starts: Floats, ends: Floats, radius: float, but: Sequence[Floats] = ()) -> Floats:
        """Distance of segments, shape (n, 3) each, to all metal but balls at the given centres [mm]."""
        least = np.full(len(starts), np.inf)
        for a, b, other in self.segments:
            least = np.minimum(least, segments_apart((starts, ends), (a[None], b[None])) - other - radius)
        return np.minimum(least, self.from_balls(starts, ends, radius, but))

    def from_balls(self, starts: Floats, ends: Floats, radius: float, but: Sequence[Floats] = ()) -> Floats:
        """Distance of segments to heads and clamps, those at the given centres left out [mm]."""
        least = np.full(len(starts), np.inf)
        for centre, other in self.balls:
            if not any(np.allclose(centre, each) for each in but):
                least = np.minimum(least, _to_point(starts, ends, centre) - other - radius)
        return least


def through_heads(side: str, screws: Sequence[Screw], obstacles: Mapping[str, Depth], options: Fixation) -> Laid:
    """The rod that joins the heads of a side from above, bent round what is in its way.

    Args:
        side: "left" or "right".
        screws: Those it joins.
        obstacles: Depth in bones and prosthesis, which it must not cut.
        options: Of the case.

    Raises:
        InputError: It cuts something however it is bent.
    """
    heads = sorted((screw.head for screw in screws), key=lambda head: -float(head[2]))
    diameter, within = options.rod_diameter, options.head_diameter / 2.0
    spans, least = [], Free(np.inf, "", heads[0])
    for a, b in pairwise(heads):
        span = straight(a, b)
        free = free_along(span.path(), diameter, obstacles, np.array([a, b]), within)
        if free.distance < ROD_FREE:
            span, free = way_round(a, b, diameter, obstacles, within, BENT_FREE, _outward(side))
        if free.distance < ROD_FREE:
            raise InputError(
                "surgery.fixation.rod_diameter",
                f"{diameter:g} mm: the {side} rod {relation(free.distance)} {free.what} at {place(free.at)} mm, "
                f"however it is bent between the heads at {place(a)} and {place(b)} mm: move the cut or take a thinner "
                "rod or transverse body",
            )
        spans.append(span)
        least = min(least, free, key=lambda one: one.distance)
    return Laid(f"{side}_rod", side, tuple(spans), diameter, least)


@dataclass(frozen=True)
class Joint:
    """A clamp on a rod.

    Attributes:
        centre: On the rod's axis, shape (3,) [mm].
        along: Direction of the rod there, shape (3,).
        towards: Direction of what it joins the rod to, shape (3,).
    """

    centre: Floats
    along: Floats
    towards: Floats


@dataclass(frozen=True)
class Clamped:
    """A bar that is clamped to others.

    Attributes:
        rod: The bar itself.
        joints: Its clamps and those it is clamped to.
        connectors: Axes of the connectors from clamp to clamp: start and end, each shape (3,) [mm].
    """

    rod: Laid
    joints: tuple[Joint, ...]
    connectors: tuple[tuple[Floats, Floats], ...]


def clamp_radius(options: Fixation) -> float:
    """Of the ball that stands for a clamp [mm]."""
    return options.rod_diameter / 2.0 + CLAMP_WALL


def stations(span: Bent, metal: Metal, options: Fixation) -> Floats:
    """Where a clamp fits on the straight legs of a span, clear of heads and other clamps, shape (n, 3) [mm]."""
    radius = clamp_radius(options)
    legs = np.array([span.corners[0], *(end for arc in span.arcs() for end in (arc[0], arc[2])), span.corners[-1]])
    found = []
    for a, b in zip(legs[::2], legs[1::2], strict=True):
        length = float(np.linalg.norm(b - a))
        count = int(length / CLAMP_STEP)
        at = a + ((np.arange(count) + 0.5) * length / max(count, 1))[:, None] * unit(b - a)
        if len(legs) > 2:  # keep off the arcs
            ends = [end for arc in span.arcs() for end in (arc[0], arc[2])]
            at = at[np.min([np.linalg.norm(at - end, axis=1) for end in ends], axis=0) > radius]
        found.append(at)
    points = np.concatenate(found)
    if not len(points):
        return points
    return points[metal.from_balls(points, points, radius) >= METAL_FREE]


def beside(first: Laid, target: Screw, metal: Metal, obstacles: Mapping[str, Depth], options: Fixation) -> Clamped:
    """A second rod beside the first, held by two side connectors, that leads to an iliac screw of its own.

    Four-rod reconstruction (Shen et al., Spine 2006;31:1395): the first rod takes one iliac screw, the second, coupled
    to it at the lumbar levels, the other. Places of the two clamps, direction and length of the connectors are tried;
    of the shortest connectors for which all keeps clear, the second rod with the smallest bend is taken.

    Args:
        first: The first rod of that side.
        target: The second iliac screw.
        metal: Everything that is there.
        obstacles: Depth in bones and prosthesis.
        options: Of the case.

    Raises:
        InputError: There is no way for it.
    """
    clamp, outward = clamp_radius(options), _outward(first.side)
    lengths = np.arange(2.0 * clamp + METAL_FREE, CONNECTOR_LONGEST + 0.1, CONNECTOR_STEP)
    tightest = Free(-np.inf, "another rod or screw", target.head)
    for pairs, length in product(_clamp_pairs(first, metal, options), lengths):
        made = [one for pair in pairs for one in _seconds(pair, float(length), target.head, options, outward)]
        clamps = np.array([joint.centre for one in made for joint in one.joints[1::2]]).reshape(-1, 3)
        room = (
            np.min([-depth(clamps) for depth in obstacles.values()], axis=0) - clamp if len(clamps) else clamps[:, 0]
        )
        clear = (room >= ROD_FREE) & (metal.apart(clamps, clamps, clamp) >= METAL_FREE)
        left = [one for one, both in zip(made, clear.reshape(-1, 2).all(axis=1), strict=True) if both]
        for one in sorted(left, key=lambda one: round(float(one.span.angles()[0]), 6)):
            free = _clear(one, metal, obstacles, target, options)
            if free.distance > tightest.distance:
                tightest = free
            if free.distance >= ROD_FREE:
                rod = Laid(f"{first.side}_rod_2", first.side, (one.span,), options.rod_diameter, free)
                return Clamped(rod, one.joints, one.connectors)
    raise InputError(
        "surgery.fixation.rods_per_side",
        f"2: there is no way for the second {first.side} rod from two connectors of up to {CONNECTOR_LONGEST:g} mm to "
        f"the head of {target.name} at {place(target.head)} mm; the best {relation(tightest.distance)} "
        f"{tightest.what} at {place(tightest.at)} mm: take one rod",
    )


@dataclass(frozen=True)
class _Second:
    """A second rod that is tried."""

    span: Bent
    joints: tuple[Joint, ...]
    connectors: tuple[tuple[Floats, Floats], ...]


def _clamp_pairs(first: Laid, metal: Metal, options: Fixation) -> tuple[list[tuple[Floats, Floats]], ...]:
    """Places for two clamps on the first rod: above and below L5; then, where that does not do, both below it."""
    places = [stations(span, metal, options) for span in first.spans]
    lower = places[min(1, len(places) - 1)]
    least = 2.0 * clamp_radius(options) + METAL_FREE

    def pairs(upper: Floats) -> list[tuple[Floats, Floats]]:
        return [
            (a, b) for a, b in product(upper, lower) if least <= np.linalg.norm(b - a) <= CLAMPS_APART and a[2] > b[2]
        ]

    return (pairs(places[0]) if len(places) > 1 else []), pairs(lower[:UPPERS])


def _seconds(
    pair: tuple[Floats, Floats], length: float, head: Floats, options: Fixation, outward: float
) -> list[_Second]:
    """Second rods for two clamps on the first rod, connectors in every direction."""
    a, b = pair
    along = unit(b - a)
    back = unit(np.array([0.0, 1.0, 0.0]) - along[1] * along)
    made = []
    for angle, reach in product(np.radians(np.arange(0.0, 360.0, 30.0)), REACHES):
        aside = np.cos(angle) * back + np.sin(angle) * outward * np.cross(back, along)
        upper, lower = a + length * aside, b + length * aside
        corner = lower + reach * along
        span = Bent(np.array([upper - OVERHANG * along, corner, head]), BEND_RADIUS * options.rod_diameter)
        turn = np.radians(float(span.angles()[0]))
        tangent = span.radius * np.tan(turn / 2.0)
        fits = tangent + options.head_diameter / 2.0 <= np.linalg.norm(head - corner)
        if fits and np.degrees(turn) <= STEEPEST and tangent + clamp_radius(options) <= reach:
            ends = ((a, aside), (upper, -aside), (b, aside), (lower, -aside))
            joints = tuple(Joint(centre, along, towards) for centre, towards in ends)
            made.append(_Second(span, joints, ((a, upper), (b, lower))))
    return made


def _clear(one: _Second, metal: Metal, obstacles: Mapping[str, Depth], target: Screw, options: Fixation) -> Free:
    """How free a second rod runs between bones and the metal it is not joined to."""
    path, own = one.span.path(), (target.head, target.tip)
    others = Metal(
        [each for each in metal.segments if not np.allclose(each[:2], own)],
        [ball for ball in metal.balls if not np.allclose(ball[0], target.head)],
    )
    gaps = others.apart(path[:-1], path[1:], options.rod_diameter / 2.0)
    gap = float(gaps.min())
    if gap < METAL_FREE:
        return Free(gap - METAL_FREE, "another rod or screw", path[int(np.argmin(gaps))])
    head = options.head_diameter / 2.0
    return free_along(path, options.rod_diameter, obstacles, target.head[None], head)


def relation(free: float) -> str:
    """How near metal comes to something, for a message."""
    return f"cuts {-free:.1f} mm into" if free < -0.05 else f"leaves only {max(free, 0.0):.1f} mm to"


def _outward(side: str) -> float:
    """LPS: +x is left."""
    return 1.0 if side == "left" else -1.0


def _to_point(starts: Floats, ends: Floats, point: Floats) -> Floats:
    """Distance of segments to a point [mm]."""
    along = ends - starts
    square = np.maximum((along * along).sum(axis=1), 1e-12)
    share = np.clip(((point - starts) * along).sum(axis=1) / square, 0.0, 1.0)
    return np.asarray(np.linalg.norm(starts + share[:, None] * along - point, axis=1))
