"""Where a prosthesis from a file lies on cut bone: its flat faces there, and what of them screws can pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats, Plane, Surface
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.cut import Cut
from femsacrum.surgery.implants.designed import KEY
from femsacrum.surgery.implants.fit import CONTACT, STEP, fit
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.shapes.frame import Frame, frame_on, unit
from femsacrum.surgery.shapes.outline import Regions
from femsacrum.surgery.shapes.places import place
from femsacrum.surgery.shapes.raster import facing, heights

if TYPE_CHECKING:
    from shapely.geometry import Polygon

#: A flat face that lies on a cut is turned against it by no more than this [deg], and nowhere farther off than this [mm].
TURNED, OFF = 1.0, 0.5
#: How flat such a face is [mm]: what the mesh keeps as one face.
FLAT = 0.02
#: How far off faces are looked for, to say where the nearest is [mm].
LOOKED = 60.0
#: What is as thin as the thinner quarter of a pad, but for this, is its plate [mm].
EVEN = 0.5
#: Smallest contact that counts as one [mm2].
SMALLEST = 50.0


def seated(skin: Surface, cuts: Mapping[str, tuple[str, Cut]]) -> Surface:
    """The surface with the flat faces that lie on cut bone named; their vertices exactly in one plane.

    Args:
        skin: Closed surface of the prosthesis.
        cuts: Name for the face -> bone and its cut.

    Raises:
        InputError: No flat face lies on a cut, it is not flat, or nothing of it touches.
    """
    points, faces = skin.points.copy(), {}
    for face, (bone, cut) in cuts.items():
        rows = _on(Surface(points, skin.triangles), cut, bone)
        plane = _plane(points, skin.triangles[rows], -cut.plane.normal)
        chosen = np.unique(skin.triangles[rows])
        off = (points[chosen] - plane.origin) @ plane.normal
        worst = int(np.argmax(np.abs(off)))
        if np.abs(off[worst]) > FLAT:
            raise InputError(
                KEY,
                f"the face on the cut of {bone} is not flat: it strays {np.abs(off[worst]):.2f} mm at "
                f"{place(points[chosen[worst]])} mm (at most {FLAT:g} mm): make it a plane",
            )
        points[chosen] -= off[:, None] * plane.normal
        faces[face] = plane
    made = Surface(points, skin.triangles, faces)
    for face, (bone, cut) in cuts.items():
        numbers = fit(made, faces[face], cut.surface).numbers()
        if numbers["contact_area [mm2]"] < SMALLEST:
            raise InputError(
                KEY,
                f"no contact on the cut of {bone}: {numbers['contact_area [mm2]']:.0f} mm2 of its face at "
                f"{place(faces[face].origin)} mm come within {CONTACT:g} mm (at least {SMALLEST:g} mm2), the gap is "
                f"{numbers['gap_mean [mm]']:.2f} mm on average: move it there",
            )
    return made


def _on(skin: Surface, cut: Cut, bone: str) -> np.ndarray:
    """Indices of the triangles that lie on a cut.

    Raises:
        InputError: There are none; tells the nearest that faces it.
    """
    a, b, c = (skin.points[skin.triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    size = np.linalg.norm(normal, axis=1)
    against = -(normal @ cut.plane.normal) / np.maximum(size, 1e-300)
    depth = (skin.points - cut.plane.origin) @ cut.plane.normal
    far = np.abs(depth)[skin.triangles].max(axis=1)
    lying = against > np.cos(np.radians(TURNED))
    rows = np.flatnonzero(lying & (far < OFF))
    if not len(rows):
        frame = frame_on(cut.plane, np.array([0.0, 0.0, 1.0]))
        candidates = np.flatnonzero((against > np.cos(np.radians(45.0))) & (far < LOOKED))
        middle = cut.surface.points[np.abs(frame.depth(cut.surface.points)) < 1e-6].mean(axis=0)
        if not len(candidates):
            raise InputError(KEY, f"nothing of it faces the cut of {bone} at {place(middle)} mm: is it placed there?")
        nearest = candidates[int(np.argmin(far[candidates]))]
        turned = np.degrees(np.arccos(min(1.0, against[nearest])))
        at = skin.points[skin.triangles[nearest]].mean(axis=0)
        raise InputError(
            KEY,
            f"no flat face of it lies on the cut of {bone} at {place(middle)} mm: the nearest is {far[nearest]:.1f} mm off "
            f"at {place(at)} mm and turned {turned:.1f} deg (at most {OFF:g} mm and {TURNED:g} deg): place it anew",
        )
    return rows


def _plane(points: Floats, triangles: np.ndarray, outward: Floats) -> Plane:
    """The plane that triangles lie in: area-weighted normal and middle."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    weight = np.linalg.norm(normal, axis=1)
    direction = unit(normal.sum(axis=0))
    middle = weight @ (a + b + c) / (3.0 * weight.sum())
    return Plane(middle, direction if direction @ outward > 0.0 else -direction)


def plate_of(skin: Surface, cut: Cut, side: str) -> tuple[Plate, float]:
    """The contact plate that screws pass: where the prosthesis is as thin behind its pad as a plate is.

    Args:
        skin: With its flat faces.
        cut: Of the ilium.
        side: "left" or "right".

    Returns:
        The plate, and the level on it that heads stay below [mm]: where the body begins that fills half its width.

    Raises:
        InputError: Nothing of it is even.
    """
    frame = frame_on(cut.plane, np.array([0.0, 0.0, 1.0]))
    rows = facing(skin, frame, -1.0, OFF)
    flat = frame.flat(skin.points)[rows].reshape(-1, 2)
    across, along = (np.arange(low, high, STEP) for low, high in zip(flat.min(axis=0), flat.max(axis=0), strict=True))
    pad = np.isfinite(heights(frame, skin, rows, across, along, 1.0))
    back = -heights(frame, skin, facing(skin, frame, 1.0, LOOKED), across, along, -1.0)
    known = back[pad & np.isfinite(back)]
    if not len(known):
        raise _no_plate(frame, across, along)
    thickness = float(np.percentile(known, 25.0))
    bare = pad & (back < thickness + EVEN)
    filled = np.flatnonzero((pad & ~bare).sum(axis=1) > 0.5 * np.maximum(pad.sum(axis=1), 1))
    ceiling = float(along[filled[0]]) if len(filled) else float(along[-1])
    bare[along > ceiling] = False
    whole, free = _polygon(frame, across, along, pad), _polygon(frame, across, along, bare)
    knots = np.asarray(whole.exterior.coords)[:-1]
    plate = Plate(side, frame, Regions(knots, whole, free, None, whole.bounds[3]), 0.0, thickness)
    return plate, ceiling


def _polygon(frame: Frame, across: Floats, along: Floats, inside: np.ndarray) -> Polygon:
    """The largest piece of the cells of a grid that are inside."""
    from shapely import box, unary_union

    half = 0.5 * STEP + 1e-6
    rows, columns = np.nonzero(inside)
    if not len(rows):
        raise _no_plate(frame, across, along)
    x, y = across[columns], along[rows]
    union = unary_union(box(x - half, y - half, x + half, y + half))
    parts = getattr(union, "geoms", [union])
    return max(parts, key=lambda part: float(part.area)).simplify(0.5 * STEP)


def _no_plate(frame: Frame, across: Floats, along: Floats) -> InputError:
    at = frame.space(np.array([[across.mean(), along.mean()]]))[0]
    return InputError(
        KEY,
        f"has no plate round {place(at)} mm that a screw could pass ({LOOKED:g} mm are looked through): give it one, or "
        'say surgery.fixation = "none"',
    )
