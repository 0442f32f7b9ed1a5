"""What of the sacrum can be reached from behind: what is seen first along the way a block comes, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, grey_closing, maximum_filter
from scipy.spatial import cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats, Surface
from femsacrum.anatomy.surfaces import sampled
from femsacrum.surgery.cuts.planes import middle_of
from femsacrum.surgery.shapes.frame import Frame, unit

#: Width of a cell [mm]; so many points of a bone are looked at that about ten fall into a cell.
CELL = 1.5
NUMBER = 200_000
#: A hollow narrower than this and deeper than this is the mouth of a foramen (or another pit no foot may stand in) [mm].
#: Posterior foramina are 5 to 12 mm wide on the bones looked at; the furrow beside the median crest is wider.
NARROW, DEEP = 14.0, 4.0
#: Bone between a foot and the mouth of a foramen [mm]: its rim is thin, and a nerve's dorsal branch leaves there.
RIM = 2.5
#: Bone that a block must not touch keeps the way to a foot clear by this [mm], so that the plate over it need not stand
#: over that bone.
BESIDE = 7.0
#: Bone farther than the first from what the cuts leave is taken away [mm]; nearer than the second it is what is left.
GONE, MEANT = 1.0, 0.25

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Behind:
    """The back of a sacrum as a block meets it.

    Attributes:
        frame: Axes: across to the patient's left, along to the head, normal out of the bone, along which a block leaves.
        points: First point of the bone in each cell, shape (n, 3) [mm].
        free: Of each, whether a foot gets there: no foramen's mouth, and no other bone above it or close beside.
        pits: Points in the mouths of foramina, shape (m, 3) [mm].
    """

    frame: Frame
    points: Floats
    free: Mask
    pits: Floats


def sacral_frame(anatomy: Anatomy) -> Frame:
    """Axes of the back of the sacrum between the S1 endplate and the foramina of S2, from the landmarks alone.

    Raises:
        InputError: The foramina of S1 or S2 are not known.
    """
    top, _, bottom = (middle_of(anatomy, level, "surgery.guide") for level in range(3))
    along = unit(top - bottom)
    left = anatomy.landmarks["left_foramen_S1"] - anatomy.landmarks["right_foramen_S1"]
    left = unit(left - (left @ along) * along)
    back = np.cross(along, left)
    return Frame(top, left, along, back * (1.0 if back[1] > 0.0 else -1.0))  # LPS: +y is posterior


def turned(frame: Frame, away: Floats) -> Frame:
    """A frame with another normal, its other axes as near as they can be.

    Args:
        frame: Axes.
        away: Unit normal wanted, shape (3,).
    """
    along = unit(frame.along - (frame.along @ away) * away)
    across = np.cross(along, away)
    return Frame(frame.origin, across * np.sign(across @ frame.across), along, away)


def looked_at(anatomy: Anatomy, frame: Frame, foot: float) -> Behind:
    """The back of the sacrum along a direction.

    Args:
        anatomy: Bones; all but the sacrum are in the way.
        frame: Axes; its normal is the direction a block is taken off in.
        foot: Radius of a foot [mm].
    """
    points = sampled(anatomy.parts["sacrum"], NUMBER)[0]
    low = frame.flat(points).min(axis=0) - NARROW
    shape = tuple(np.ceil((frame.flat(points).max(axis=0) + NARROW - low) / CELL).astype(int))
    first = _highest(frame, low, shape, points)
    height = np.where(first >= 0, frame.depth(points)[first], -np.inf)
    others = [
        sampled(part, NUMBER // 2)[0] for name, part in anatomy.parts.items() if name.endswith(("ilium", "L5", "L4"))
    ]
    above = np.full(shape, -np.inf)
    for cloud in others:
        over = _highest(frame, low, shape, cloud)
        above = np.maximum(above, np.where(over >= 0, frame.depth(cloud)[over], -np.inf))
    blocked = maximum_filter(above, footprint=disc(BESIDE)) > height
    seen = np.where(first >= 0, height, height[first >= 0].min())
    pit = grey_closing(seen, footprint=disc(0.5 * NARROW)) - seen > DEEP
    hits = first >= 0
    free = hits & ~blocked & ~binary_dilation(pit, disc(foot + RIM))
    return Behind(frame, points[first[hits]], free[hits], points[first[hits & pit]])


def _highest(frame: Frame, low: Floats, shape: tuple[int, ...], points: Floats) -> NDArray[np.int64]:
    """Index of the point farthest along the normal in each cell, -1 where there is none."""
    cell = np.floor((frame.flat(points) - low) / CELL).astype(int)
    within = np.flatnonzero(((cell >= 0) & (cell < shape)).all(axis=1))
    order = within[np.argsort(frame.depth(points[within]), kind="stable")]
    first = np.full(shape, -1, dtype=np.int64)
    first[tuple(cell[order].T)] = order  # the last that is written to a cell is the highest
    return first


def disc(radius: float) -> Mask:
    """Cells within a radius [mm] of the middle one."""
    reach = int(np.ceil(radius / CELL))
    x, y = np.mgrid[-reach : reach + 1, -reach : reach + 1] * CELL
    return np.asarray(np.hypot(x, y) <= radius)


def patch_normals(bone: Surface, points: Floats, radius: float) -> tuple[Floats, Floats]:
    """Normals of a bone as a round foot feels them: the mean over the patch under it.

    Args:
        bone: The sacrum.
        points: On it, shape (n, 3) [mm].
        radius: Of the patch [mm].

    Returns:
        Unit normals, shape (n, 3), and how much those of the patch agree, 0 to 1 (1: it is flat), shape (n,).
    """
    cloud, normals = sampled(bone, NUMBER)
    tree = cKDTree(cloud)
    middle = normals[tree.query(points)[1]]
    out = np.empty_like(points)
    for i, near in enumerate(tree.query_ball_point(points, radius)):
        facing = normals[near]  # a thin wall's other side does not count
        out[i] = facing[facing @ middle[i] > 0.0].mean(axis=0)
    agree = np.linalg.norm(out, axis=1)
    return out / agree[:, None], agree


def taken(bone: Surface, remains: Surface) -> Floats:
    """Points of a bone's surface that its cuts take away, shape (n, 3) [mm].

    A cut bone is meshed anew, which rounds its sharp edges by less than half a millimetre: what is near the new surface
    counts only beside what is far from it.
    """
    cloud = sampled(bone, NUMBER // 4)[0]
    off = np.abs(DistanceTo(remains)(cloud))
    if not (off > GONE).any():
        return np.zeros((0, 3))
    beside = cKDTree(cloud[off > GONE]).query(cloud)[0] < 2.0 * GONE
    return np.asarray(cloud[(off > MEANT) & beside])
