"""Rods bent through the heads and round bone, and the clamps that bars are joined to them with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Rod, Screw
from femsacrum.surgery.fixation.bends import STEEPEST, Bent, Free, free_along, into_limb, straight, way_round
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import Depth, place, segments_apart, to_segments

#: A rod may come this near to bone or prosthesis [mm]; one that is bent to keep clear is bent to this [mm].
ROD_FREE, BENT_FREE = 0.2, 1.0
#: A clamp is a ball so much wider than the rod it holds [mm].
CLAMP_WALL = 2.0
#: Clamps, heads and shafts that are not joined stay this far apart [mm].
METAL_FREE = 1.0
#: Spacing of the places on a rod where a clamp is tried [mm].
CLAMP_STEP = 2.0
#: Longest side connector from rod to rod [mm], and the step in which its length is tried [mm].
CONNECTOR_LONGEST, CONNECTOR_STEP = 20.0, 1.5
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
        return float(to_segments(path[:-1], path[1:], point).min())

    def direction(self, point: Floats) -> Floats:
        """Of its axis where it is nearest to a point, shape (3,)."""
        path = self.path()
        return unit(np.diff(path, axis=0)[int(np.argmin(to_segments(path[:-1], path[1:], point)))])

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
        if not self.segments:
            return self.from_balls(starts, ends, radius, but)
        a, b, others = (np.array(each) for each in zip(*self.segments, strict=True))
        gaps = segments_apart((starts[:, None], ends[:, None]), (a[None], b[None])) - others - radius
        return np.minimum(gaps.min(axis=1), self.from_balls(starts, ends, radius, but))

    def from_balls(self, starts: Floats, ends: Floats, radius: float, but: Sequence[Floats] = ()) -> Floats:
        """Distance of segments to heads and clamps, those at the given centres left out [mm]."""
        if not self.balls:
            return np.full(len(starts), np.inf)
        centres, others = (np.array(each) for each in zip(*self.balls, strict=True))
        gaps = to_segments(starts[:, None], ends[:, None], centres[None]) - others - radius
        if len(but):
            gaps[:, np.isclose(centres[:, None], np.array(but)[None]).all(axis=2).any(axis=1)] = np.inf
        return np.asarray(gaps.min(axis=1))


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
    ordered = sorted(screws, key=lambda screw: -float(screw.head[2]))
    heads = [screw.head for screw in ordered if not is_limb(screw)]
    diameter, within = options.rod_diameter, options.head_diameter / 2.0
    spans, least = [], Free(np.inf, "", heads[0])
    for a, b in pairwise(heads):
        span = straight(a, b)
        free = free_along(span.path(), diameter, obstacles, np.array([a, b]), within)
        if free.distance < ROD_FREE:
            span, free = way_round(a, b, diameter, obstacles, within, BENT_FREE, outward(side))
        if free.distance < ROD_FREE:
            raise InputError(
                "surgery.fixation.rod_diameter",
                f"{diameter:g} mm: the {side} rod {relation(free.distance)} {free.what} at {place(free.at)} mm, "
                f"however it is bent between the heads at {place(a)} and {place(b)} mm: move the cut or take a thinner "
                "rod or transverse body",
            )
        spans.append(span)
        least = min(least, free, key=lambda one: one.distance)
    for limb in ordered:
        if is_limb(limb):
            span, free = limb_way(side, heads[-1], limb, obstacles, options)
            spans.append(span)
            least = min(least, free, key=lambda one: one.distance)
    return Laid(f"{side}_rod", side, tuple(spans), diameter, least)


def is_limb(screw: Screw) -> bool:
    """Whether it is a rod's own end in the ilium, without a head."""
    return screw.name.endswith("galveston")


def limb_way(
    side: str, head: Floats, limb: Screw, obstacles: Mapping[str, Depth], options: Fixation
) -> tuple[Bent, Free]:
    """The rod from its last head into its limb, free up to the end of its bend outside the ilium.

    Args:
        side: "left" or "right".
        head: The last head above, shape (3,) [mm].
        limb: Its own end in the ilium.
        obstacles: Depth in bones and prosthesis.
        options: Of the case.

    Raises:
        InputError: It cannot be bent in front of the bone, would be bent too steeply, or cuts something.
    """
    diameter, best = options.rod_diameter, Free(-np.inf, "", limb.entry)
    mildest: Bent | None = None
    for span in into_limb(head, limb.entry, limb.tip, diameter):
        if mildest is None or span.angles()[0] < mildest.angles()[0]:
            mildest = span
        if span.angles()[0] > STEEPEST:
            continue
        path = span.path()[:-1]
        free = free_along(path, diameter, obstacles, np.array([head]), options.head_diameter / 2.0)
        if free.distance >= ROD_FREE:
            return span, free
        best = max(best, free, key=lambda one: one.distance)
    if mildest is not None and mildest.angles()[0] > STEEPEST:
        raise InputError(
            "surgery.fixation.iliac_anchor",
            f'"galveston": the {side} rod from {place(head)} mm would be bent by {mildest.angles()[0]:.0f} deg (at most '
            f"{STEEPEST:g} deg) at {place(mildest.corners[1])} mm to its limb in the ilium: take screws",
        )
    if mildest is None:
        raise InputError(
            "surgery.fixation.iliac_anchor",
            f'"galveston": the {side} rod cannot be bent from {place(head)} mm into the ilium at {place(limb.entry)} mm '
            "in front of the bone: take screws, or a thinner rod",
        )
    raise InputError(
        "surgery.fixation.rod_diameter",
        f"{diameter:g} mm: the {side} rod {relation(best.distance)} {best.what} at {place(best.at)} mm on its way "
        f"from {place(head)} mm to its limb at {place(limb.entry)} mm: take a thinner rod or screws",
    )


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


def relation(free: float) -> str:
    """How near metal comes to something, for a message."""
    return f"cuts {-free:.1f} mm into" if free < -0.05 else f"leaves only {max(free, 0.0):.1f} mm to"


def outward(side: str) -> float:
    """+1 on the left, -1 on the right: LPS, +x is left.

    Args:
        side: "left" or "right".
    """
    return 1.0 if side == "left" else -1.0
