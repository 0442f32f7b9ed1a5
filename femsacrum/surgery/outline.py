"""Outlines of cut faces: simplified, drawn in, divided between pad and graft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.surgery.frame import Frame

if TYPE_CHECKING:
    from shapely.geometry import Polygon

#: Side gap between graft and pad [mm]: they must not carry each other.
SIDE_GAP = 0.5
#: Shortest edge of an outline [mm]; shorter ones become slivers in the mesh of the prism.
SHORTEST_EDGE = 2.5
#: Deviation allowed when an outline is simplified [mm].
SIMPLIFY = 0.35
#: Half the width of the narrowest neck of bone that a plate is made to follow [mm].
HALF_NECK = 1.5


@dataclass(frozen=True)
class Regions:
    """How a contact plate's outline is divided.

    Attributes:
        plate: The whole outline, the cut contour drawn in.
        pad: The part that the prosthesis meets the bone with.
        graft: The part that the graft fills; None without a graft.
        split: Position of the dividing line on the frame's ``along`` axis [mm]; the outline's top without a graft.
    """

    plate: Polygon
    pad: Polygon
    graft: Polygon | None
    split: float


def cut_polygon(surface: Surface, frame: Frame, near: Floats | None = None) -> Polygon:
    """The outline of a cut face, holes filled.

    Args:
        surface: A bone with the flat face "cut".
        frame: On the plane of that face.
        near: Take the ring nearest to this point (across, along) instead of the largest, shape (2,) [mm].
    """
    from shapely.geometry import Point, Polygon
    from shapely.ops import unary_union

    triangles = surface.triangles[cut_triangles(surface)]
    flat = frame.flat(surface.points)
    pieces = [Polygon(flat[row]) for row in triangles]
    merged = unary_union([piece.buffer(1e-6) for piece in pieces if piece.area > 0.0])
    rings = [Polygon(part.exterior) for part in getattr(merged, "geoms", [merged])]
    if near is not None:
        rings = [ring for ring in rings if ring.distance(Point(*near)) < 1.0] or rings
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


def drawn_in(polygon: Polygon, inset: float) -> Polygon | None:
    """The outline moved inwards, necks of bone cut off, no short edges; None if nothing is left.

    Args:
        polygon: Cut outline.
        inset: By how much [mm].
    """
    core = polygon.buffer(-(inset + HALF_NECK))
    if core.is_empty:
        return None
    core = max(getattr(core, "geoms", [core]), key=lambda part: float(part.area))
    grown = core.buffer(HALF_NECK).simplify(SIMPLIFY)
    return tidy(grown, SHORTEST_EDGE)


def tidy(polygon: Polygon, shortest: float, keep_off: tuple[float, ...] = ()) -> Polygon:
    """Drop vertices until no edge is shorter than asked.

    Args:
        polygon: Simple polygon; holes are dropped.
        shortest: Shortest edge allowed [mm].
        keep_off: Values of the second coordinate that no vertex may lie nearer to than ``shortest`` [mm].
    """
    from shapely.geometry import Polygon

    ring = np.asarray(polygon.exterior.coords)[:-1]
    for level in keep_off:
        ring = ring[np.abs(ring[:, 1] - level) >= shortest]
    while len(ring) > 4:
        edges = np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1)
        worst = int(np.argmin(edges))
        if edges[worst] >= shortest:
            break
        # of the two ends of the shortest edge, drop the one whose corner spans the smaller area
        ends = (worst, (worst + 1) % len(ring))
        ring = np.delete(ring, min(ends, key=lambda i: _corner_area(ring, i)), axis=0)
    return Polygon(ring)


def _corner_area(ring: Floats, i: int) -> float:
    a, b, c = ring[i - 1], ring[i], ring[(i + 1) % len(ring)]
    return float(abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) / 2.0)


def band(polygon: Polygon, low: float, high: float) -> Polygon:
    """The largest piece of the polygon whose second coordinate lies between two values [mm]."""
    from shapely.geometry import Polygon, box

    left, _, right, _ = polygon.bounds
    piece = polygon.intersection(box(left - 1.0, low, right + 1.0, high))
    parts = [part for part in getattr(piece, "geoms", [piece]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: float(part.area)) if parts else Polygon()


def divide(plate: Polygon, share: float | None) -> Regions:
    """Give the cranial share of a plate to the graft.

    A tricortical iliac-crest graft sits in the thin cranial part of the cut; the thick part above the sciatic notch,
    where the load goes over and where the screws enter, is left to the metal.

    Args:
        plate: Outline of the plate.
        share: Of its area that the graft takes; None without a graft.
    """
    bottom, top = plate.bounds[1], plate.bounds[3]
    if share is None:
        return Regions(plate, plate, None, top)
    low, high = bottom, top
    for _ in range(60):  # bisection to far below a micrometre
        middle = 0.5 * (low + high)
        if band(plate, middle, top + 1.0).area > share * plate.area:
            low = middle
        else:
            high = middle
    split = 0.5 * (low + high)
    edges = (split - SIDE_GAP / 2.0, split + SIDE_GAP / 2.0)
    plate = tidy(plate, SHORTEST_EDGE, keep_off=edges)
    return Regions(plate, band(plate, bottom - 1.0, edges[0]), band(plate, edges[1], top + 1.0), split)
