"""Whether a trajectory lies in bone: how much bone is round the metal, how much of it holds, and where it comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.errors import InputError
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import Depth, along_segment, depth_in, place

#: Next to a wall that the axis crosses, bone's surface is near by necessity [mm].
ENTRY_ZONE = 12.0
#: On its way through a joint, from one of its bones to the next, the axis stays this near to bone [mm]: half the width of
#: a joint space with its cartilage and, behind the sacroiliac joint, its ligament. Joints are crossed aslant, so their
#: width counts, not the way through them.
JOINT = 5.0
#: Spacing of the points looked at [mm].
STEP = 0.25


@dataclass(frozen=True)
class Held:
    """A trajectory in bone.

    Attributes:
        clearance: Least bone round the metal, farther than 12 mm from walls that the axis crosses [mm]; negative: metal
            comes out; infinite where no point is that far in.
        purchase: Length of the axis in bone [mm].
        entered: Where the axis enters bone, shape (3,) [mm]; None: nowhere.
        leaves: Where metal comes out of bone between entry and tip, shape (3,) [mm]; None: nowhere.
        comes_out: Where the tip comes out, shape (3,) [mm]; None: it ends in bone.
    """

    clearance: float
    purchase: float
    entered: Floats | None
    leaves: Floats | None
    comes_out: Floats | None


def check_trajectory(bones: Mapping[str, Surface], entry: Floats, tip: Floats, diameter: float) -> Held:
    """Whether a trajectory lies in bone.

    Args:
        bones: Those it is meant to run in; it may cross a joint between two of them.
        entry: Point on or outside the bone it starts from, shape (3,) [mm], LPS.
        tip: Shape (3,) [mm].
        diameter: Of the metal [mm].

    Raises:
        InputError: There is no such trajectory: no bone, no length or no diameter.
    """
    if not bones:
        raise InputError("trajectory", "no bone is named that it is to run in")
    start, end = np.asarray(entry, dtype=float), np.asarray(tip, dtype=float)
    if not np.linalg.norm(end - start) > 0.0 or not diameter > 0.0:
        raise InputError(
            "trajectory",
            f"from {place(start)} to {place(end)} mm with {diameter:g} mm: has no length or no diameter",
        )
    return held({name: depth_in(bone) for name, bone in bones.items()}, start, end, diameter)


def held(bones: Mapping[str, Depth], entry: Floats, tip: Floats, diameter: float) -> Held:
    """The same for bones whose search trees are there already.

    Args:
        bones: Name -> depth in it.
        entry: Shape (3,) [mm].
        tip: Shape (3,) [mm].
        diameter: [mm].
    """
    at, points = along_segment(entry, tip, STEP)
    depths = np.array([depth(points) for depth in bones.values()])
    deep, which = depths.max(axis=0), depths.argmax(axis=0)
    within = np.flatnonzero(deep > 0.0)
    if not len(within):
        return Held(float(deep.max() - diameter / 2.0), 0.0, None, None, None)
    first, last = int(within[0]), int(within[-1])
    inside = deep > 0.0
    purchase = float(inside[:-1].sum() * at[1])
    walls = [at[first]] + ([at[last]] if last < len(at) - 1 else [])
    out = None
    for begin, end in _stretches(~inside[first:last], first):
        if which[begin - 1] != which[end] and deep[begin:end].min() >= -JOINT:
            walls += [at[begin], at[end]]
        elif out is None:
            out = points[begin]
    changes = first + np.flatnonzero(np.diff(which[first : last + 1]))
    walls += list(at[changes])  # two bones that touch
    far = np.min(np.abs(at[:, None] - np.array(walls)[None]), axis=1) >= ENTRY_ZONE
    inner = np.flatnonzero(far & (np.arange(len(at)) >= first) & (np.arange(len(at)) <= last))
    clearance = float((deep[inner] - diameter / 2.0).min()) if len(inner) else np.inf
    if out is None and clearance < 0.0:
        out = points[inner[int(np.argmax(deep[inner] < diameter / 2.0))]]
    return Held(clearance, purchase, points[first], out, points[last] if last < len(at) - 1 else None)


def passes(body: Depth, start: Floats, end: Floats, radius: float) -> bool:
    """Whether an axis passes a body, a plate for example, with the body's material all round it wherever it meets it.

    Looked at along the axis and eight lines beside it: where any of them is in the body, the others are as well, though a
    plate that is passed aslant is met by one before the other.

    Args:
        body: Depth in it.
        start: Shape (3,) [mm].
        end: Shape (3,) [mm].
        radius: Of the metal, with what is wanted round it [mm].
    """
    axis = unit(end - start)
    aside = unit(np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))]))
    turns = np.radians(np.arange(0.0, 360.0, 45.0))[:, None]
    ring = radius * (np.cos(turns) * aside + np.sin(turns) * np.cross(axis, aside))
    points = along_segment(start, end, STEP)[1]
    lines = points + np.vstack([np.zeros((1, 3)), ring])[:, None]
    met = (body(lines.reshape(-1, 3)) > 0.0).reshape(len(lines), -1)
    stretches = _stretches(met.any(axis=0), 0)
    return bool(stretches) and all(met[:, begin:end].any(axis=1).all() for begin, end in stretches)


def _stretches(marked: np.ndarray, offset: int) -> list[tuple[int, int]]:
    """Beginning and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(int)))
    return [(int(a) + offset, int(b) + offset) for a, b in zip(edges[::2], edges[1::2], strict=True)]
