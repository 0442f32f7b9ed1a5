"""Where iliac screws may start: on a contact plate's pad, on the bare cut face, or round the posterior superior spine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Anatomy, Floats, Ints, Plane, Surface
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.cut import Cut
from femsacrum.surgery.implants.plates import HEAD_FREE, MARGIN, Plate
from femsacrum.surgery.shapes.frame import Frame, frame_on, unit
from femsacrum.surgery.shapes.outline import SIDE_GAP, cut_polygon
from femsacrum.surgery.shapes.places import Depth, place

#: Spacing of the starts that are tried: on a pad, on a bare cut face, round the spine [mm].
PAD_STEP, FACE_STEP, SPINE_STEP = 1.25, 2.5, 3.0
#: Starts on an uncut ilium lie this near to its posterior superior spine [mm].
ROUND_SPINE = 20.0
#: Part of a screw behind the spine where the bone's surface is near by necessity [mm].
ENTRY_ZONE = 12.0


@dataclass(frozen=True)
class Starts:
    """Axes that the iliac screws of one side may take.

    Attributes:
        side: "left" or "right".
        frame: Axes for grids; those of mirrored sides mirror each other.
        start: Where each axis enters bone, shape (n, 3) [mm].
        axis: Unit vectors into the bone, shape (n, 3).
        head: From the start back to the head's centre, shape (n,) [mm].
        entry: From the start back to where it enters the first body that holds it, shape (n,) [mm].
        zone: Length behind the start along which the bone's surface may be nearer than the margin [mm].
        hosts: Bodies that hold the screws.
        remedy: What to change where two heads have no room, for a message.
        around: Where the starts are, shape (3,) [mm].
    """

    side: str
    frame: Frame
    start: Floats
    axis: Floats
    head: Floats
    entry: Floats
    zone: float
    hosts: tuple[str, ...]
    remedy: str
    around: Floats

    def only(self, which: Ints | NDArray[np.bool_]) -> Starts:
        """Those of a mask or list of numbers."""
        return replace(
            self, start=self.start[which], axis=self.axis[which], head=self.head[which], entry=self.entry[which]
        )

    def heads(self) -> Floats:
        """Centres of the heads, shape (n, 3) [mm]."""
        return np.asarray(self.start - self.head[:, None] * self.axis)


def through_plate(anatomy: Anatomy, plate: Plate, bottom: float, options: Fixation) -> Starts:
    """Axes that pass the pad and the plate within their outline, heads behind the plate's back.

    Args:
        anatomy: Landmarks.
        plate: Contact plate that the screws pass.
        bottom: Level of the transverse body's lower end, which the heads stay below [mm].
        options: Of the case.

    Raises:
        InputError: Every axis leaves the plate at its side.
    """
    from shapely import contains_xy

    radius, head = options.iliac_screw_diameter / 2.0, options.head_diameter / 2.0
    # room_for_screws has made sure that this is not empty
    room = plate.regions.pad.buffer(-(radius + MARGIN))
    flat = _grid(room.bounds, PAD_STEP)
    flat = np.vstack([flat[contains_xy(room, flat[:, 0], flat[:, 1])], room.representative_point().coords])
    start, axis = towards(anatomy, plate.side, plate.frame.space(flat))
    # the shaft stays inside the plate's outline up to its back, and shaft and head below the transverse body
    slope = -(axis @ plate.frame.normal)
    reach, behind = plate.back / slope, (plate.back + head + HEAD_FREE) / slope
    at_back = plate.frame.flat(start - reach[:, None] * axis)
    heads = plate.frame.flat(start - behind[:, None] * axis)
    whole = plate.regions.plate.buffer(-(radius + 0.5 * MARGIN))
    passes = contains_xy(whole, at_back[:, 0], at_back[:, 1])
    passes &= (at_back[:, 1] < bottom - radius) & (heads[:, 1] < bottom - head)
    passes &= graft_clearance(plate, start, axis) >= radius + MARGIN
    if not passes.any():
        raise InputError(
            "surgery.fixation.iliac_screw_diameter",
            f"{options.iliac_screw_diameter:g} mm: every axis towards the spine at "
            f"{place(anatomy.landmarks[f'{plate.side}_AIIS'])} mm leaves the {plate.side} plate at its side before "
            "it has passed it, or runs into the graft or the "
            "transverse body: turn the cut across the screws, or take a thinner graft or a smaller share of it",
        )
    return Starts(
        plate.side,
        plate.frame,
        start,
        axis,
        behind,
        reach,
        0.0,
        ("prosthesis", f"{plate.side}_ilium"),
        "take one screw, a smaller head or a smaller graft share",
        plate.frame.origin,
    ).only(np.asarray(passes))


def on_cut_face(anatomy: Anatomy, cut: Cut, side: str, options: Fixation, bones: Mapping[str, Depth]) -> Starts:
    """Axes from anywhere on a cut face that no plate covers, heads behind it and clear of every bone.

    Args:
        anatomy: Landmarks.
        cut: Of the ilium.
        side: "left" or "right".
        options: Of the case.
        bones: Name -> depth in it, after the cuts.

    Raises:
        InputError: The cut face is too narrow for the screw, or leaves no room for a head.
    """
    from shapely import contains_xy

    radius, head = options.iliac_screw_diameter / 2.0, options.head_diameter / 2.0
    frame = frame_on(cut.plane, np.array([0.0, 0.0, 1.0]))
    face = cut_polygon(cut.surface, frame)
    room = face.buffer(-(radius + MARGIN))
    middle = frame.space(face.centroid.coords)[0]
    if room.is_empty:
        raise InputError(
            "surgery.fixation.iliac_screw_diameter",
            f"{options.iliac_screw_diameter:g} mm: the cut face of the {side} ilium round {place(middle)} mm is too "
            f"narrow for it with {MARGIN:g} mm of bone on both sides: take a thinner screw or move the cut",
        )
    flat = _grid(room.bounds, FACE_STEP)
    flat = np.vstack([flat[contains_xy(room, flat[:, 0], flat[:, 1])], room.representative_point().coords])
    start, axis = towards(anatomy, side, frame.space(flat))
    slope = -(axis @ frame.normal)
    steep = slope > 0.3
    start, axis, slope = start[steep], axis[steep], slope[steep]
    behind = (head + HEAD_FREE) / slope
    free = _free(start - behind[:, None] * axis, bones) >= head + 0.25 * HEAD_FREE
    if not free.any():
        raise InputError(
            "surgery.fixation.head_diameter",
            f"{options.head_diameter:g} mm: no head is clear of bone behind the cut face of the {side} ilium round "
            f"{place(middle)} mm: take a smaller head or move the cut",
        )
    return Starts(
        side,
        frame,
        start,
        axis,
        behind,
        np.zeros(len(start)),
        0.0,
        (f"{side}_ilium",),
        "take one screw or a smaller head",
        middle,
    ).only(free)


def round_spine(anatomy: Anatomy, ilium: Surface, side: str, options: Fixation, bones: Mapping[str, Depth]) -> Starts:
    """Axes from the surface round the posterior superior iliac spine of an uncut ilium, heads clear of every bone.

    Args:
        anatomy: Landmarks.
        ilium: As it remains.
        side: "left" or "right".
        options: Of the case.
        bones: Name -> depth in it, after the cuts.

    Raises:
        InputError: A head is clear of bone nowhere.
    """
    radius = options.head_diameter / 2.0
    spine, target = anatomy.landmarks[f"{side}_PSIS"], anatomy.landmarks[f"{side}_AIIS"]
    frame = frame_on(Plane(spine, unit(spine - target)), np.array([0.0, 0.0, 1.0]))
    start, axis = towards(anatomy, side, _near(ilium, spine, frame))
    behind = np.full(len(start), np.inf)
    for offset in np.arange(radius + HEAD_FREE, 3.0 * radius, 1.0):
        waiting = np.flatnonzero(np.isinf(behind))
        clear = _free(start[waiting] - offset * axis[waiting], bones) >= radius + 0.25 * HEAD_FREE
        behind[waiting[clear]] = offset
    if np.isinf(behind).all():
        raise InputError(
            "surgery.fixation.head_diameter",
            f"{options.head_diameter:g} mm: no head is clear of bone behind the {side} posterior superior iliac "
            f"spine at {place(spine)} mm: take a smaller head",
        )
    return Starts(
        side,
        frame,
        start,
        axis,
        behind,
        np.zeros(len(start)),
        ENTRY_ZONE,
        (f"{side}_ilium",),
        "take one screw or a smaller head",
        spine,
    ).only(np.isfinite(behind))


def graft_clearance(plate: Plate, start: Floats, axis: Floats) -> Floats:
    """Distance from screw axes to the graft, taken as endless across the plate [mm]; negative through it.

    The nearest of a graft above a screw that passes the pad are the two edges of its lower side.

    Args:
        plate: Contact plate.
        start: Points of the axes on the cut face, shape (n, 3) [mm].
        axis: Unit vectors into the bone, shape (n, 3).
    """
    if plate.regions.graft is None:
        return np.full(len(start), np.inf)
    lower = plate.regions.split + SIDE_GAP / 2.0
    climb = (axis @ plate.frame.along) / (axis @ plate.frame.normal)  # along the plate for each mm of depth
    level = plate.frame.flat(start)[:, 1]
    return np.asarray((lower - np.maximum(level, level + climb * plate.graft)) / np.hypot(1.0, climb))


def _near(ilium: Surface, spine: Floats, frame: Frame) -> Floats:
    """Points of the surface round the spine, one in each cell of a grid, shape (n, 3) [mm]."""
    near = ilium.points[np.linalg.norm(ilium.points - spine, axis=1) < ROUND_SPINE]
    local = (near - spine) @ np.array([frame.across, frame.along, frame.normal]).T
    cell = np.round(local / SPINE_STEP)
    off = np.linalg.norm(local - SPINE_STEP * cell, axis=1)
    order = np.lexsort((off, *cell.T))
    first = np.unique(cell[order], axis=0, return_index=True)[1]
    return np.asarray(near[order[first]])


def _free(points: Floats, bones: Mapping[str, Depth]) -> Floats:
    """Distance from points to the nearest bone [mm]; negative inside."""
    return np.asarray(np.min([-depth(points) for depth in bones.values()], axis=0))


def towards(anatomy: Anatomy, side: str, starts: Floats) -> tuple[Floats, Floats]:
    """Every start with the axis to every target.

    Args:
        anatomy: Landmarks.
        side: "left" or "right".
        starts: Shape (n, 3) [mm].

    Returns:
        Starts [mm] and unit vectors, each shape (n times targets, 3).
    """
    targets = _targets(anatomy, side)
    start = np.repeat(starts, len(targets), axis=0)
    axis = np.tile(targets, (len(starts), 1)) - start
    return start, axis / np.linalg.norm(axis, axis=1)[:, None]


def _grid(bounds: tuple[float, float, float, float], step: float) -> Floats:
    low_x, low_y, high_x, high_y = bounds
    xs, ys = np.arange(low_x, high_x + step, step), np.arange(low_y, high_y + step, step)
    return np.array(list(product(xs, ys)))


def _targets(anatomy: Anatomy, side: str) -> Floats:
    """Points round the anterior inferior iliac spine and the column above the acetabulum, shape (n, 3) [mm]."""
    spine = anatomy.landmarks[f"{side}_AIIS"]
    outward = 1.0 if side == "left" else -1.0  # LPS
    shifts = product(np.arange(-15.0, 10.1, 2.5) * outward, np.arange(-18.0, 36.1, 3.0))
    return np.array([spine + np.array([across, 0.0, upward]) for across, upward in shifts])
