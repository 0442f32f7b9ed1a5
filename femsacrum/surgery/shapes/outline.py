"""Outlines of cut faces: simplified, drawn in, divided between pad and graft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.errors import InputError
from femsacrum.surgery.shapes.frame import Frame
from femsacrum.surgery.shapes.places import place

if TYPE_CHECKING:
    from shapely.geometry import Point, Polygon

#: Side gap between graft and pad [mm]: they must not carry each other.
SIDE_GAP = 0.5
#: Spacing of the knots of a plate's spline outline [mm].
KNOTS_APART = 5.0
#: Where two side faces of a prism meet is at least this far from the dividing line [mm].
CLEAR_OF_SPLIT = 2.5
#: Deviation allowed when an outline is simplified [mm].
SIMPLIFY = 0.35
#: Half the width of the narrowest neck of bone that a plate is made to follow [mm].
HALF_NECK = 2.0
#: A point this near to a ring counts as in it [mm].
ROUND = 1.0


@dataclass(frozen=True)
class Regions:
    """How a contact plate's outline is divided.

    Attributes:
        knots: Of the closed spline that is the whole outline, shape (n, 2) [mm].
        plate: The whole outline as a fine polygon, the cut contour drawn in.
        pad: The part that the prosthesis meets the bone with.
        graft: The part that the graft fills; None without a graft.
        split: Position of the dividing line on the frame's ``along`` axis [mm]; the outline's top without a graft.
    """

    knots: Floats
    plate: Polygon
    pad: Polygon
    graft: Polygon | None
    split: float


def cut_polygon(surface: Surface, frame: Frame, near: Floats | None = None) -> Polygon:
    """The outline of a cut face, holes filled.

    Args:
        surface: A bone with the flat face "cut".
        frame: On the plane of that face.
        near: Take the ring round this point (across, along) instead of the largest, shape (2,) [mm]: the middle of
            L5's endplate, which the cut of a posterior element must not be taken for.

    Raises:
        InputError: There is no ring there.
    """
    from shapely.geometry import Polygon
    from shapely.ops import unary_union

    triangles = surface.triangles[cut_triangles(surface)]
    flat = frame.flat(surface.points)
    pieces = [Polygon(flat[row]) for row in triangles]
    merged = unary_union([piece.buffer(1e-6) for piece in pieces if piece.area > 0.0])
    rings = [Polygon(part.exterior) for part in getattr(merged, "geoms", [merged])]
    if near is not None:
        away = [float(ring.distance(_point(near))) for ring in rings]
        rings = [ring for ring, distance in zip(rings, away, strict=True) if distance < ROUND]
        if not rings:
            raise InputError(
                "surgery.resection.endplate_trim",
                f"the cut meets bone only {min(away):.1f} mm beside the middle of the endplate at "
                f"{place(frame.space(near)[0])} mm: take more off",
            )
    return max(rings, key=lambda ring: float(ring.area))


def cut_triangles(surface: Surface) -> np.ndarray:
    """Which triangles lie in the flat face "cut", shape (m,), bool."""
    plane = surface.flat_faces["cut"]
    inside = np.abs((surface.points - plane.origin) @ plane.normal) < 1e-6
    return np.asarray(inside[surface.triangles].all(axis=1))


def cut_area(surface: Surface) -> float:
    """Bone area of the flat face "cut", holes not counted [mm2]."""
    a, b, c = (surface.points[surface.triangles[cut_triangles(surface)][:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


def drawn_in(polygon: Polygon, inset: float) -> Floats | None:
    """A smooth outline inside a cut contour, necks of bone cut off; None if nothing is left.

    Args:
        polygon: Cut contour.
        inset: How far inside [mm].

    Returns:
        Knots of a closed spline, from its lowest point on, shape (n, 2) [mm].
    """
    core = polygon.buffer(-(inset + HALF_NECK))
    if core.is_empty:
        return None
    core = max(getattr(core, "geoms", [core]), key=lambda part: float(part.area))
    ring = core.buffer(HALF_NECK).simplify(SIMPLIFY).exterior
    ring = ring if ring.is_ccw else ring.reverse()
    corners = np.asarray(ring.coords)[:-1]
    count = max(12, round(ring.length / KNOTS_APART))
    first = ring.project(_point(corners[int(np.argmin(corners[:, 1]))]))
    along = (first + ring.length * np.arange(count) / count) % ring.length
    return np.array([ring.interpolate(distance).coords[0] for distance in along])


def smooth(knots: Floats) -> Polygon:
    """The closed spline through knots as a fine polygon, the same as is drawn."""
    from scipy.interpolate import CubicSpline
    from shapely.geometry import Polygon

    closed = np.vstack([knots, knots[:1]])
    at = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    curve = CubicSpline(at, closed, bc_type="periodic")
    return Polygon(curve(np.linspace(0.0, at[-1], 16 * len(knots), endpoint=False)))


def _point(flat: Floats) -> Point:
    from shapely.geometry import Point

    return Point(float(flat[0]), float(flat[1]))


def band(polygon: Polygon, low: float, high: float) -> Polygon:
    """The largest piece of the polygon whose second coordinate lies between two values [mm]."""
    from shapely.geometry import Polygon, box

    left, _, right, _ = polygon.bounds
    piece = polygon.intersection(box(left - 1.0, low, right + 1.0, high))
    parts = [part for part in getattr(piece, "geoms", [piece]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: float(part.area)) if parts else Polygon()


def divide(knots: Floats, share: float | None) -> Regions:
    """Give the cranial share of a plate to the graft.

    A tricortical iliac-crest graft sits in the thin cranial part of the cut; the thick part above the sciatic notch,
    where the load goes over and where the screws enter, is left to the metal.

    Args:
        knots: Of the plate's outline.
        share: Of its area that the graft takes; None without a graft.
    """
    plate = smooth(knots)
    bottom, top = plate.bounds[1], plate.bounds[3]
    if share is None:
        return Regions(knots, plate, plate, None, top)
    low, high = bottom, top
    for _ in range(60):  # bisection to far below a micrometre
        middle = 0.5 * (low + high)
        if band(plate, middle, top + 1.0).area > share * plate.area:
            low = middle
        else:
            high = middle
    split = 0.5 * (low + high)
    pad = band(plate, bottom - 1.0, split - SIDE_GAP / 2.0)
    graft = band(plate, split + SIDE_GAP / 2.0, top + 1.0)
    return Regions(knots, plate, pad, graft, split)


def joints(knots: Floats, split: float, first: int = 0) -> tuple[int, ...]:
    """About every fourth knot, none near a dividing line, where it would leave a short edge.

    Args:
        knots: Shape (n, 2) [mm].
        split: Level of the dividing line [mm].
        first: Where to begin, 0 to 3.
    """
    chosen: list[int] = []
    for start in range(first, len(knots) - 2 + first, 4):
        near = [i for i in (start, start + 1, start + 2) if i < len(knots)]
        near = [i for i in near if abs(knots[i, 1] - split) > CLEAR_OF_SPLIT]
        if near and (not chosen or near[0] - chosen[-1] >= 2):
            chosen.append(near[0])
    return tuple(chosen)
