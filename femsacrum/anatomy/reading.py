"""One bone from a surface file: looked at before anything else, repaired a little, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from femsacrum import guarded
from femsacrum.anatomy.distance import folds
from femsacrum.anatomy.formats import FORMATS, load
from femsacrum.anatomy.frames import UNITS, mirrors, to_lps
from femsacrum.anatomy.grid import enclosed, is_closed, shells
from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.anatomy.repair import Defect, half_edges, oriented, pieces_dropped, single, without_fins, without_holes
from femsacrum.anatomy.selfcuts import self_cuts
from femsacrum.anatomy.surfaces import face_normals
from femsacrum.errors import InputError

#: Share of the triangles that may cut through others: such a surface is meshed by way of its distance field. The bones
#: and discs of docs/case_file.md have up to 1.6 %.
CUTTING = 0.025


@dataclass(frozen=True)
class State:
    """A surface as it stands in its file, vertices at one place joined.

    Attributes:
        triangles: Number.
        open_edges: Edges of one triangle.
        crowded_edges: Edges of more than two.
        opposed_edges: Edges whose two triangles face different ways.
        pieces: Connected ones.
        cutting: Triangles that cut through others, after the repair.
    """

    triangles: int
    open_edges: int
    crowded_edges: int
    opposed_edges: int
    pieces: int
    cutting: int


@dataclass(frozen=True)
class Read:
    """A surface from a file.

    Attributes:
        surface: Closed, manifold, oriented outwards, [mm], LPS.
        state: What it was like.
        repairs: What had to be changed, and what is still doubtful, in words; empty if nothing.
    """

    surface: Surface
    state: State
    repairs: tuple[str, ...]


def read_surface(path: Path, mesh: str | None, unit: str, frame: str, key: str) -> Read:
    """Read a closed triangle surface of one bone, in a process of its own.

    Vertices at the same place are joined, polygons split, slivers of zero area dropped, doubled and dangling triangles
    and small holes repaired (and reported), crumbs dropped, the orientation made outward.

    Args:
        path: File in one of FORMATS.
        mesh: Name of the mesh wanted where the file has several (GLB).
        unit: "mm", "cm" or "m": what a coordinate of 1 means.
        frame: Where x, y and z point to; one of ``frames.FRAMES``.
        key: Key of the case that names the file, for messages.

    Raises:
        InputError: It is not readable, not a surface, or broken beyond small repairs.
    """
    if path.suffix.lower() not in FORMATS:
        raise InputError(key, f'"{path.name}" is in no format that is read; export the bone as {", ".join(FORMATS)}')
    if path.stat().st_size == 0:
        raise InputError(key, f"{path.name}: is empty; export it again")
    return guarded.call(_read, path, mesh, unit, frame, key, key=key, what=path.name)


def _read(path: Path, mesh: str | None, unit: str, frame: str, key: str) -> Read:
    """Inside the process."""
    points, triangles = load(path, mesh, key)
    points = points * UNITS[unit] @ to_lps(frame).T
    points, triangles = _joined(points, triangles[:, ::-1] if mirrors(frame) else triangles)
    if len(triangles) < 4:
        raise InputError(key, f"{path.name}: has {len(triangles)} triangles with an area; export it again")
    start, end, count = half_edges(triangles)
    two = count == 2
    before, repairs = triangles, []
    try:
        for step in (single, without_fins, without_holes, pieces_dropped, oriented):
            triangles, said = step(points, triangles)
            repairs += said
        used, inverse = np.unique(triangles, return_inverse=True)
        surface = Surface(np.ascontiguousarray(points[used]), inverse.reshape(-1, 3).astype(np.int64))
        if not is_closed(surface.triangles) or enclosed(surface.points, surface.triangles) <= 0.0:
            raise Defect("is not a closed surface, even after repair; close it where it was segmented")
        cutting = self_cuts(surface.points, surface.triangles)
        repairs += _doubts(surface, cutting)
    except Defect as defect:
        raise InputError(key, f"{path.name}: {defect}") from None
    state = State(
        triangles=len(before),
        open_edges=int((count == 1).sum()),
        crowded_edges=int((1.0 / count[count > 2]).sum().round()),
        opposed_edges=_repeated(start[two], end[two]),
        pieces=np.unique(shells(before)).size,
        cutting=len(cutting),
    )
    return Read(surface, state, tuple(repairs))


def _joined(points: Floats, triangles: Ints) -> tuple[Floats, Ints]:
    """Vertices at exactly the same place become one (STL has three to a triangle), degenerate triangles go."""
    unique, inverse = np.unique(points, axis=0, return_inverse=True)
    triangles = inverse.reshape(-1)[triangles]
    distinct = (triangles != np.roll(triangles, 1, axis=1)).all(axis=1)
    return unique, triangles[distinct]


def _repeated(start: Ints, end: Ints) -> int:
    """Number of edges that two triangles run through in the same direction."""
    return int(start.size - np.unique(np.stack([start, end]), axis=1).shape[1])


def _doubts(surface: Surface, cutting: Ints) -> list[str]:
    """What is left as it is: the mesher takes the outer surface of what cuts itself.

    Raises:
        Defect: It is too much.
    """
    normals, _ = face_normals(surface)
    said = []
    for which, what in (
        (cutting, "triangles cut through others"),
        (folds(surface.triangles, normals), "sharp folds"),
    ):
        if which.size:
            x, y, z = surface.points[surface.triangles[which[0]]].mean(axis=0)
            where = f"{which.size} {what}, the first near ({x:.0f}, {y:.0f}, {z:.0f}) mm"
            if which.size > CUTTING * len(surface.triangles):
                raise Defect(f"{where}: more than {100.0 * CUTTING:g} % of them; repair it where it was segmented")
            said.append(f"left as it is: {where}")
    return said
