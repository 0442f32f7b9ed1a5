"""What a wire in the sacrum keeps clear of: canal, roots, foramina, the front of the bone, and what is cut."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.foramina import LEVELS
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.anatomy.surfaces import sampled
from femsacrum.case.names import SIDES
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.guides.behind import CELL, NUMBER, Behind

#: Radius kept for a root in its foramen [mm]: ventral and dorsal root of S1 measure 1.4 and 3.0 mm (six cadavers, PMID
#: 24605949); side by side in their sheath 6 mm across is assumed, for the thinner lower ones as well.
ROOT = 3.0
#: Where the canal runs, seen in the bone or not: its middle at this share of the way from the middle between the mouths of a
#: level's foramina back to the bone's surface, a strip of this share of the way between the mouths, and so thick round it
#: [mm]. Laid over sections of the reference and of atlas subject 2 it covers their canals' width and middle.
CANAL_AT, CANAL_WIDE, CANAL_DEEP = 0.55, 0.55, 4.0
#: Spacing of points on lines [mm].
STEP = 1.0
#: Lines that the canal's strip is made of.
WIDE = 16
#: A point of the bone's surface this near to canal or root is a wall of it [mm]; farther ones are the bone's outside.
WALL = 9.0


@dataclass(frozen=True)
class KeptClear:
    """Points with what they belong to, and how thick that is round them.

    Attributes:
        points: Shape (n, 3) [mm].
        radius: Of what they stand for, shape (n,) [mm]; 0 for a surface.
        names: For each, its index in ``known``, shape (n,).
        known: Names.
    """

    points: Floats
    radius: Floats
    names: np.ndarray
    known: tuple[str, ...]

    def distance(self, points: Floats) -> tuple[Floats, np.ndarray]:
        """Least distance of points, shape (m, 3) [mm], to any of it, and the index of its name, shape (m,) each."""
        least, which = np.full(len(points), np.inf), np.zeros(len(points), dtype=np.int64)
        for radius in np.unique(self.radius):
            own = np.flatnonzero(self.radius == radius)
            far, near = cKDTree(self.points[own]).query(points)
            closer = far - radius < least
            least = np.where(closer, far - radius, least)
            which = np.where(closer, self.names[own[near]], which)
        return least, which


def kept_clear(anatomy: Anatomy, after: Resected, seen: Behind) -> KeptClear:
    """What wires keep clear of.

    Every part of the sacrum's surface counts but the back that wires enter by: walls of canal and foramina, the front, the
    joints. What the cuts lay bare counts as well. Canal and roots are lines besides, for not every surface shows the
    canal (that of BodyParts3D is solid there).

    Args:
        anatomy: Bones and landmarks.
        after: What the cuts leave.
        seen: The back of the sacrum.
    """
    bone, remains = anatomy.parts["sacrum"], after.surfaces["sacrum"]
    lines = _lines(anatomy, seen)
    surface = sampled(bone, NUMBER // 2)[0]
    in_pit = cKDTree(seen.pits).query(surface)[0] < CELL if len(seen.pits) else np.zeros(len(surface), dtype=bool)
    back = (cKDTree(seen.points).query(surface)[0] < CELL) & ~in_pit
    surface = surface[~back]
    bare = sampled(remains, NUMBER // 2)[0]
    bare = bare[np.abs(DistanceTo(bone)(bare)) > 0.25]
    known = (*lines, "outside of the sacrum", "cut")
    name = np.concatenate([np.full(len(points), i) for i, points in enumerate(lines.values())])
    stacked = np.concatenate(list(lines.values()))
    thick = np.array([CANAL_DEEP if one == "canal" else ROOT for one in lines])[name]
    far, near = cKDTree(stacked).query(surface)
    walls = np.where(far < WALL, name[near], len(lines))
    return KeptClear(
        np.concatenate([stacked, surface, bare]),
        np.concatenate([thick, np.zeros(len(surface) + len(bare))]),
        np.concatenate([name, walls, np.full(len(bare), len(known) - 1)]),
        known,
    )


def _lines(anatomy: Anatomy, seen: Behind) -> dict[str, Floats]:
    """Points along the canal (as wide as it is) and along each root from the canal's edge to the mouth of its foramen."""
    marks, frame = anatomy.landmarks, seen.frame
    levels = [level for level in LEVELS if all(f"{side}_foramen_{level}" in marks for side in SIDES)]
    ends: list[Floats] = []
    out: dict[str, Floats] = {"canal": np.zeros((0, 3))}
    back = cKDTree(frame.flat(seen.points))
    for level in levels:
        mouths = np.array([marks[f"{side}_foramen_{level}"] for side in SIDES])
        middle = mouths.mean(axis=0)
        behind = frame.depth(seen.points[back.query(frame.flat(middle[None]))[1]])
        centre = middle + CANAL_AT * (behind - frame.depth(middle[None])) * frame.normal
        edges = centre + CANAL_WIDE * (mouths - middle)
        for side, edge, mouth in zip(SIDES, edges, mouths, strict=True):
            out[f"{side}_foramen_{level}"] = _between(edge, mouth)
        ends.append(edges)
    first = np.array([marks["S1_endplate"]] * 2) + (ends[0] - ends[0].mean(axis=0))
    back_by = max(float((ends[0].mean(axis=0) - marks["S1_endplate"]) @ frame.normal), 0.0)
    for upper, lower in pairwise([first + back_by * frame.normal, *ends]):
        across = [_between(left, right, WIDE) for left, right in (upper, lower)]
        rows = [_between(a, b) for a, b in zip(*across, strict=True)]
        out["canal"] = np.concatenate([out["canal"], *rows])
    return out


def _between(start: Floats, end: Floats, number: int = 0) -> Floats:
    """Points on a segment, its ends included, shape (n, 3) [mm]."""
    count = number or 2 + int(np.linalg.norm(end - start) / STEP)
    return np.asarray(start + np.linspace(0.0, 1.0, count)[:, None] * (end - start))
