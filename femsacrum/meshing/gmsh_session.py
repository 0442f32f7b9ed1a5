"""The two things Gmsh does here: fill a closed triangle surface, and mesh a CAD solid with curved elements."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError

TRIANGLE, TETRAHEDRON, TETRAHEDRON_10 = 2, 4, 11  # Gmsh's element types
DELAUNAY = 1  # Mesh.Algorithm3D
FRONTAL, DELAUNAY_2D = 6, 5  # Mesh.Algorithm
#: Gmsh numbers the last two mid-edge nodes the other way round than VTK.
VTK_ORDER = [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]

#: Elements on a full turn of a curved CAD face: a quadratic side then strays 0.1 % of the radius from the circle.
PER_TURN = 8

#: Curvature shrinks elements at most to this share of the size: at the seam of a fillet or a loft it has no bound.
LEAST_SHARE = 0.5


@contextmanager
def session(**options: float) -> Iterator[Any]:
    """A fresh, silent, single-threaded Gmsh, closed on leaving."""
    import gmsh

    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("General.NumThreads", 1)
        for name, value in options.items():
            gmsh.option.setNumber(name.replace("__", "."), value)
        yield gmsh
    finally:
        gmsh.finalize()


def fill(points: Floats, triangles: Ints) -> tuple[Floats, Ints]:
    """Tetrahedra inside a closed triangle surface, which stays as it is; inside, edges are as long as on the surface.

    Args:
        points: Shape (n, 3) [mm].
        triangles: Outward, shape (m, 3).

    Returns:
        Nodes, shape (k, 3) [mm], and linear cells of positive volume, shape (l, 4).

    Raises:
        NumericalError: Gmsh refused the surface (it cuts itself, as a rule) or left the volume empty.
    """
    with session(Mesh__Algorithm3D=DELAUNAY, Mesh__Optimize=1, Mesh__OptimizeNetgen=1) as gmsh:
        surface = gmsh.model.addDiscreteEntity(2)
        gmsh.model.mesh.addNodes(2, surface, np.arange(1, len(points) + 1), points.ravel())
        gmsh.model.mesh.addElementsByType(surface, TRIANGLE, [], (triangles + 1).ravel())
        loop = gmsh.model.geo.addSurfaceLoop([surface])
        gmsh.model.geo.addVolume([loop])
        gmsh.model.geo.synchronize()
        _generate(gmsh)
        gmsh.model.mesh.optimize("")  # once more after Netgen: the worst shape rises by a tenth to a half
        return _cells(gmsh, TETRAHEDRON, 4)


def mesh_solid(brep: bytes, size: float, faces_by: int = FRONTAL, order: int = 2) -> tuple[Floats, Ints, float]:
    """Tetrahedra of one CAD solid, linear or curved quadratic; of parts that share faces, its elements keep to them.

    Args:
        brep: OpenCASCADE BREP file content [mm].
        size: Largest edge length [mm]; curved faces get at least PER_TURN elements on a turn, down to
            LEAST_SHARE of the size.
        faces_by: How faces are meshed, FRONTAL or DELAUNAY_2D: on stretched spline faces either may leave slivers
            where the other does not.
        order: 1 or 2.

    Returns:
        Nodes, shape (k, 3) [mm]; cells, shape (l, 4) or (l, 10), VTK's node order; exact volume of the solid [mm3].

    Raises:
        NumericalError: No solid in the file, or several that do not share faces, or no elements.
    """
    with (
        session(
            Mesh__Algorithm=faces_by,
            Mesh__Algorithm3D=DELAUNAY,
            Mesh__Optimize=1,
            Mesh__OptimizeNetgen=1,
            Mesh__MeshSizeMax=size,
            Mesh__MeshSizeMin=LEAST_SHARE * size,
            Mesh__MeshSizeFromCurvature=PER_TURN,
            Mesh__HighOrderOptimize=0,
        ) as gmsh,
        tempfile.TemporaryDirectory() as folder,
    ):
        path = Path(folder) / "solid.brep"
        path.write_bytes(brep)
        gmsh.model.occ.importShapes(str(path), highestDimOnly=True)
        gmsh.model.occ.synchronize()
        solids = gmsh.model.getEntities(3)
        if not _in_one_piece(gmsh, solids):
            raise NumericalError(f"the BREP holds {len(solids)} solids, not one, nor parts of one that share faces")
        exact = sum(float(gmsh.model.occ.getMass(*solid)) for solid in solids)
        _generate(gmsh)
        gmsh.model.mesh.optimize("")
        if order == 1:
            return *_cells(gmsh, TETRAHEDRON, 4), exact
        gmsh.model.mesh.setOrder(2)
        nodes, cells = _cells(gmsh, TETRAHEDRON_10, 10)
        return nodes, cells[:, VTK_ORDER], exact


def _in_one_piece(gmsh: Any, solids: list[tuple[int, int]]) -> bool:
    """Whether solids hang together by faces that they share; no solid is none."""
    faces = {tag: set(gmsh.model.getAdjacencies(3, tag)[1]) for _, tag in solids}
    reached, waiting = set(), [tag for _, tag in solids[:1]]
    while waiting:
        tag = waiting.pop()
        reached.add(tag)
        waiting += [other for other in faces if other not in reached and faces[other] & faces[tag]]
    return bool(solids) and len(reached) == len(solids)


def _generate(gmsh: Any) -> None:
    try:
        gmsh.model.mesh.generate(3)
    except Exception as error:  # Gmsh raises bare Exception, its log holds the reason
        raise NumericalError(f"Gmsh: {error or gmsh.logger.getLastError()}") from error


def _cells(gmsh: Any, kind: int, width: int) -> tuple[Floats, Ints]:
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    _, corners = gmsh.model.mesh.getElementsByType(kind)
    if not len(corners):
        raise NumericalError("Gmsh left the volume empty")
    used, cells = np.unique(np.asarray(corners, dtype=np.int64), return_inverse=True)
    order = np.argsort(tags)
    place = order[np.searchsorted(np.asarray(tags, dtype=np.int64)[order], used)]
    return np.asarray(coordinates).reshape(-1, 3)[place], cells.reshape(-1, width)
