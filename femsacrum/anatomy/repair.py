"""Small repairs of triangle surfaces from segmentations; what is more than small is refused with its place."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.grid import enclosed, shells
from femsacrum.anatomy.model import Floats, Ints

#: A hole with at most this many edges is filled.
HOLE_EDGES = 24
#: A hole with at most this share of the surface's area is filled.
HOLE_SHARE = 0.02
#: A piece with at most this share of the volume is a crumb and dropped.
CRUMB = 0.02


class Defect(Exception):  # noqa: N818 - it is no error of the program: it tells what is wrong with a surface
    """A defect that is not repaired."""


def half_edges(triangles: Ints) -> tuple[Ints, Ints, Ints]:
    """Per triangle side: its start, its end, and how many triangles share the edge, each of shape (m, 3)."""
    start, end = triangles, np.roll(triangles, -1, axis=1)
    n = int(triangles.max()) + 1
    _, which, count = np.unique(
        np.minimum(start, end) * n + np.maximum(start, end), return_inverse=True, return_counts=True
    )
    return start, end, count[which.reshape(start.shape)]


def areas(points: Floats, triangles: Ints) -> Floats:
    """Area of every triangle, shape (m,) [mm2]."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    area: Floats = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return area


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _place(points: Floats, triangles: Ints, triangle: int) -> str:
    x, y, z = points[triangles[triangle]].mean(axis=0)
    return f"triangle {triangle} near ({x:.1f}, {y:.1f}, {z:.1f}) mm"


def single(points: Floats, triangles: Ints) -> tuple[Ints, list[str]]:
    """Keep one of triangles that join the same three vertices."""
    _, first = np.unique(np.sort(triangles, axis=1), axis=0, return_index=True)
    doubled = len(triangles) - len(first)
    if not doubled:
        return triangles, []
    return triangles[np.sort(first)], [f"{doubled} doubled triangle{_s(doubled)} removed"]


def without_fins(points: Floats, triangles: Ints) -> tuple[Ints, list[str]]:
    """Drop triangles that stick out of the surface: one side free, another shared by three triangles."""
    dropped = 0
    while True:
        _, _, count = half_edges(triangles)
        fins = (count == 1).any(axis=1) & (count > 2).any(axis=1)
        if not fins.any():
            break
        dropped += int(fins.sum())
        triangles = triangles[~fins]
    if (count > 2).any():
        bad = int(np.flatnonzero((count > 2).any(axis=1))[0])
        number = int((count > 2).sum() // 3)
        raise Defect(
            f"{max(number, 1)} edges join more than two triangles, first {_place(points, triangles, bad)}: clean it"
        )
    return triangles, [f"{dropped} dangling triangle{_s(dropped)} removed"] if dropped else []


def without_holes(points: Floats, triangles: Ints) -> tuple[Ints, list[str]]:
    """Fill holes of up to HOLE_EDGES edges with the triangles of least total area, no new vertices."""
    start, end, count = half_edges(triangles)
    free = count == 1
    if not free.any():
        return triangles, []
    owner = np.nonzero(free)[0]
    # a hole's rim runs against the triangles beside it
    sides = list(zip(end[free].tolist(), start[free].tolist(), owner.tolist(), strict=True))
    fill: list[Ints] = []
    whole = areas(points, triangles).sum()
    rims = _rims(sides)
    if sum(len(rim) for rim in rims) != len(sides):
        raise Defect(f"the rim of a hole does not close at {_place(points, triangles, sides[0][2])}: clean it")
    for rim in rims:
        if len(rim) > HOLE_EDGES:
            where = _place(points, triangles, next(owner for a, _, owner in sides if a == rim[0]))
            raise Defect(
                f"a hole with {len(rim)} edges at {where}; holes of up to {HOLE_EDGES} edges are filled: close it"
            )
        new = np.array(_least_area(points, rim), dtype=np.int64)
        share = areas(points, new).sum() / whole
        if share > HOLE_SHARE:
            where = _place(points, triangles, next(owner for a, _, owner in sides if a == rim[0]))
            raise Defect(
                f"a hole of {100.0 * share:.1f} % of the surface at {where}; holes of up to {100.0 * HOLE_SHARE:.0f} % "
                "are filled: segment the whole bone"
            )
        fill.append(new)
    number = f"{len(rims)} hole{_s(len(rims))}"
    return np.concatenate([triangles, *fill]), [f"{number} with {len(sides)} edges filled"]


def _rims(sides: list[tuple[int, int, int]]) -> list[list[int]]:
    """Closed walks over free edges that visit no vertex twice; walks that do not close are left out."""
    follow: dict[int, list[int]] = {}
    for a, b, _ in sorted(sides, reverse=True):
        follow.setdefault(a, []).append(b)
    rims = []
    for first in sorted(follow):
        walk = [first]
        while follow.get(walk[-1]):
            following = follow[walk[-1]].pop()
            if following in walk:  # where holes meet in one vertex, each becomes a rim of its own
                i = walk.index(following)
                rims.append(walk[i:])
                del walk[i + 1 :]
            else:
                walk.append(following)
    return rims


def _least_area(points: Floats, rim: list[int]) -> list[tuple[int, int, int]]:
    """Triangulation of a polygon in space with the least area (Barequet and Sharir, CAGD 1995;12:207)."""
    n = len(rim)
    p = points[rim]
    cost = np.zeros((n, n))
    split = np.zeros((n, n), dtype=int)
    for span in range(2, n):
        for i in range(n - span):
            k = i + span
            middle = np.arange(i + 1, k)
            area = 0.5 * np.linalg.norm(np.cross(p[middle] - p[i], p[k] - p[i]), axis=1)
            total = cost[i, middle] + cost[middle, k] + area
            split[i, k] = middle[int(np.argmin(total))]
            cost[i, k] = total.min()
    out, left = [], [(0, n - 1)]
    while left:
        i, k = left.pop()
        if k - i >= 2:
            j = int(split[i, k])
            out.append((rim[i], rim[j], rim[k]))
            left += [(i, j), (j, k)]
    return out


def pieces_dropped(points: Floats, triangles: Ints) -> tuple[Ints, list[str]]:
    """Keep the largest piece; drop bubbles inside it and crumbs; refuse a second piece of any size."""
    piece = shells(triangles)
    names = np.unique(piece)
    if names.size == 1:
        return triangles, []
    volumes = np.array([abs(enclosed(points, triangles[piece == name])) for name in names])
    largest = int(np.argmax(volumes))
    others = np.delete(volumes, largest)
    if others.max() > CRUMB * volumes[largest]:
        second = names[np.argsort(volumes)[-2]]
        where = _place(points, triangles, int(np.flatnonzero(piece == second)[0]))
        raise Defect(
            f"{names.size} separate pieces; the second has {100 * others.max() / volumes[largest]:.1f} % of the "
            f"volume of the first, {where}: save one bone to a file"
        )
    return triangles[piece == names[largest]], [
        f"{others.size} crumb{_s(others.size)} ({others.sum():.1f} mm3) removed"
    ]


def oriented(points: Floats, triangles: Ints) -> tuple[Ints, list[str]]:
    """Make all triangles face outwards."""
    import pyvista as pv

    said: list[str] = []
    start, end, _ = half_edges(triangles)
    n = int(triangles.max()) + 1
    if np.unique(start * n + end).size != start.size:
        mesh = pv.PolyData.from_regular_faces(points, triangles)
        mesh = mesh.compute_normals(
            cell_normals=True,
            point_normals=False,
            consistent_normals=True,
            split_vertices=False,
            non_manifold_traversal=False,
        )
        triangles = mesh.faces.reshape(-1, 4)[:, 1:].astype(np.int64)
        said.append("triangles turned to face one way")
    if enclosed(points, triangles) < 0.0:
        triangles = triangles[:, ::-1]
        said.append("surface turned inside out")
    return np.ascontiguousarray(triangles), said
