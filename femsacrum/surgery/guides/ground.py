"""Where feet of a base block may stand: on what stays of the posterior sacrum, seen from behind, beside its foramina."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats, Plane
from femsacrum.case.schema import Guide
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.planes import middle_of, turn
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.guides.behind import looked_at, patch_normals, sacral_frame, taken, turned
from femsacrum.surgery.guides.layout import CREST, WIDER, beside_cuts
from femsacrum.surgery.guides.slots import CLEARANCE
from femsacrum.surgery.shapes.frame import Frame, unit

#: Walls steeper than this to the way the block comes are no seat [deg]: a foot would wedge, and an error of the bone's
#: surface across it is an error along the wall many times as large.
STEEPEST = 65.0
#: Feet reach down to this below the highest of the bone they may stand on [mm]; longer ones are slender posts.
DEEPEST = 20.0
#: Patches under a foot whose normals agree less than this are edges [1].
SMOOTH = 0.95
#: A corner of the ground begins at this share of its standard deviation across and along it.
OUTER = 0.7
#: Round a contact, within so many radii of its point, a foot is near the bone because it must be.
AT_FOOT = 2.5
#: Heights at which a foot's shaft is looked at [mm].
STEP = 2.0
#: A slot is thought to stand this far off the bone under it [mm]: what lies about it is higher.
STANDS = 18.0
#: The block is turned at most this far off the bone's mean normal to come along the plane of the transverse cut [deg].
MOST_TURNED = 25.0


@dataclass(frozen=True)
class Ground:
    """Where feet may stand.

    Attributes:
        frame: Axes of the block; its normal is the way it is taken off.
        points: Shape (n, 3) [mm].
        normals: Of the bone as a foot feels it, shape (n, 3).
    """

    frame: Frame
    points: Floats
    normals: Floats

    @property
    def size(self) -> float:
        """Root mean square distance of its points from their middle [mm]."""
        return float(np.sqrt(((self.points - self.points.mean(axis=0)) ** 2).sum(axis=1).mean()))

    @cached_property
    def corner(self) -> NDArray[np.int64]:
        """Which corner each lies in, 0 to 3, -1 where in none, shape (n,)."""
        flat = self.frame.flat(self.points)
        off = (flat - flat.mean(axis=0)) / flat.std(axis=0)
        return np.where((np.abs(off) > OUTER).all(axis=1), (off > 0.0) @ np.array([1, 2]), -1)


def standing_ground(anatomy: Anatomy, after: Resected, options: Guide) -> Ground:
    """Where feet may stand, and which way the block comes.

    Feet stand between the transverse cut and the middle of S1 (half way between its foramina and its endplate): above it
    are facet joints, and alae that ligaments cover. The block comes along the mean normal of the bone there, as it is seen
    from behind, turned into the plane of the transverse cut as far as MOST_TURNED lets it, and by ``options.tilt``: a slot
    that leans over the feet would drive them far from the cut, where they hold a saw's side load badly.

    Raises:
        InputError: There is hardly any such bone.
    """
    key = "surgery.guide"
    bone, remains = anatomy.parts["sacrum"], after.surfaces["sacrum"]
    gone = taken(bone, remains)
    cut = after.cuts["sacrum"].plane
    sacral, middle = sacral_frame(anatomy), anatomy.landmarks["S1_endplate"][None]
    whole = DistanceTo(bone)
    frame = turned(sacral, _towards(sacral.normal, cut))
    top = 0.5 * (middle_of(anatomy, 0, key) + middle_of(anatomy, 1, key))
    for last in (False, True):  # once to find the way, once along it
        seen = looked_at(anatomy, frame, options.foot_radius)
        points = seen.points[seen.free]
        above = -(points - cut.origin) @ cut.normal
        points = points[(above > 0.0) & ((points - top) @ sacral.along < options.offset)]
        normals, agree = patch_normals(bone, points, options.foot_radius)
        axes = points + options.foot_radius * normals  # of their shafts, which stand aside of a contact on a slope
        good = (normals @ frame.normal > np.cos(np.radians(STEEPEST))) & (agree > SMOOTH)
        for ends in (points, axes):
            good &= -(ends - cut.origin) @ cut.normal > max(options.offset, 0.0) + above_cut(frame, cut, options)
            good &= np.abs(frame.flat(ends)[:, 0] - frame.flat(middle)[0, 0]) > CREST + WIDER * options.foot_radius
            good[good] = _clear(frame, ends[good], gone, beside_cuts(options))
        good[good] = _open(frame, points[good], axes[good], whole, options)
        height = frame.depth(points)
        good &= height > height[good].max(initial=-np.inf) - DEEPEST
        points, normals = points[good], normals[good]
        if len(points) < options.contacts:
            raise InputError(
                "surgery.guide.contacts",
                f"{options.contacts}: only {len(points)} places for a foot of {options.foot_radius:g} mm radius stay on "
                "the sacrum above the cut, seen from behind and beside the deroofing and foramina: move the cut down, make "
                "surgery.resection.laminectomy.width smaller, or move the block with surgery.guide.offset",
            )
        if not last:
            frame = turned(sacral, turn(options.tilt, 0.0, 0.0) @ _towards(unit(normals.mean(axis=0)), cut))
    return Ground(frame, points, normals)


def _towards(normal: Floats, cut: Plane) -> Floats:
    """A unit normal turned into the plane of a cut, by MOST_TURNED at most."""
    lean = float(np.arcsin(np.clip(normal @ cut.normal, -1.0, 1.0)))
    within = unit(normal - np.sin(lean) * cut.normal)
    left = np.sign(lean) * max(abs(lean) - np.radians(MOST_TURNED), 0.0)
    return np.asarray(np.cos(left) * within + np.sin(left) * cut.normal)


def above_cut(frame: Frame, cut: Plane, options: Guide) -> float:
    """How far feet stay above the transverse cut [mm]: as from every cut, and as far as its slot leans over them."""
    lean = float(np.clip(cut.normal @ frame.normal, 0.0, 0.9))
    return beside_cuts(options) + lean * (options.slot_depth + STANDS) / np.sqrt(1.0 - lean**2)


def _clear(frame: Frame, points: Floats, gone: Floats, distance: float) -> NDArray[np.bool_]:
    """Which points stay clear of what is taken away, seen along the way the block comes: the saw comes that way as well."""
    found = cKDTree(frame.flat(gone)).query(frame.flat(points), distance_upper_bound=distance)[0]
    return np.isinf(found)


def _open(frame: Frame, points: Floats, axes: Floats, bone: DistanceTo, options: Guide) -> NDArray[np.bool_]:
    """Where the shaft of a foot clears the bone beside its contact, shape (n,)."""
    turns = np.radians(np.arange(0.0, 360.0, 45.0))[:, None]
    around = WIDER * options.foot_radius * (np.cos(turns) * frame.across + np.sin(turns) * frame.along)
    up = np.arange(0.0, DEEPEST + STEP, STEP)[:, None] * frame.normal
    shaft = axes[:, None] + (around[:, None] + up).reshape(-1, 3)
    free = bone(shaft.reshape(-1, 3)).reshape(shaft.shape[:2]) > CLEARANCE
    at_foot = np.linalg.norm(shaft - points[:, None], axis=2) < AT_FOOT * options.foot_radius
    return np.asarray((free | at_foot).all(axis=1))
