"""Shapes for CAD programs and printers: solids as STEP, every body as STL, in millimetres of the patient's LPS axes."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Surface
from femsacrum.errors import NumericalError
from femsacrum.meshing.gmsh_session import TRIANGLE, session

#: Triangles on a full turn of a curved face: they stray R (1 - cos(pi / 24)), 0.9 % of the radius, from a cylinder.
PER_TURN = 24
#: Longest edge of a triangle [mm].
LONGEST = 5.0

#: What STEP files call a shape: the product, and its solid.
_PRODUCT = re.compile(r"PRODUCT\s*\(\s*'[^']*'\s*,\s*'[^']*'")
_SOLID = re.compile(r"(MANIFOLD_SOLID_BREP|BREP_WITH_VOIDS)\s*\(\s*'[^']*'")
_FILE = re.compile(r"FILE_NAME\s*\(.*?\)\s*;", re.DOTALL)


def write_step(path: str | Path, name: str, brep: bytes) -> None:
    """Write a solid as STEP (AP214, mm); the product and the solid in it carry the body's name.

    Args:
        path: Ends in ``.step``.
        name: Of the body.
        brep: OpenCASCADE BREP of one solid [mm].
    """
    with _solid(brep) as gmsh, _hushed():
        gmsh.write(str(path))
    # Gmsh leaves OpenCASCADE's own words in place of names, and the time, which would make every file another one
    text = Path(path).read_text(encoding="ascii")
    text = _FILE.sub(f"FILE_NAME('{name}.step','',(''),(''),'Open CASCADE','femsacrum','');", text, count=1)
    text = _PRODUCT.sub(f"PRODUCT('{name}','{name}'", text)
    Path(path).write_text(_SOLID.sub(rf"\1('{name}'", text), encoding="ascii")


def triangulated(brep: bytes) -> Surface:
    """Closed triangulation of a solid, finer where it is curved.

    Args:
        brep: OpenCASCADE BREP of one solid [mm].

    Raises:
        NumericalError: Gmsh cannot triangulate it.
    """
    with _solid(brep, Mesh__MeshSizeMax=LONGEST, Mesh__MeshSizeFromCurvature=PER_TURN) as gmsh:
        try:
            gmsh.model.mesh.generate(2)
        except Exception as error:  # Gmsh raises bare Exception
            raise NumericalError(f"Gmsh: {error or gmsh.logger.getLastError()}") from error
        tags, coordinates, _ = gmsh.model.mesh.getNodes()
        corners = np.asarray(gmsh.model.mesh.getElementsByType(TRIANGLE)[1], dtype=np.int64)
    used, triangles = np.unique(corners, return_inverse=True)
    order = np.argsort(tags)
    place = order[np.searchsorted(np.asarray(tags, dtype=np.int64)[order], used)]
    return Surface(np.asarray(coordinates).reshape(-1, 3)[place], triangles.reshape(-1, 3))


def write_stl(path: str | Path, name: str, surface: Surface) -> None:
    """Write a surface as binary STL, whose header names the body, the unit and the frame.

    Args:
        path: Ends in ``.stl``.
        name: Of the body.
        surface: Closed, oriented outwards [mm].
    """
    corners = surface.points[surface.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1)
    facets = np.zeros(len(corners), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    facets["normal"] = normal / np.where(length > 0.0, length, 1.0)[:, None]
    facets["corners"] = corners
    head = f"{name} UNITS=mm frame=LPS femsacrum".encode("ascii")[:80].ljust(80)
    Path(path).write_bytes(head + np.uint32(len(facets)).astype("<u4").tobytes() + facets.tobytes())


@contextmanager
def _solid(brep: bytes, **options: float) -> Iterator[Any]:
    """A Gmsh that holds one solid."""
    with session(**options) as gmsh, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "solid.brep"
        path.write_bytes(brep)
        gmsh.model.occ.importShapes(str(path), highestDimOnly=True)
        gmsh.model.occ.synchronize()
        yield gmsh


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing on standard output: OpenCASCADE's STEP writer reports there whatever Gmsh is told."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
