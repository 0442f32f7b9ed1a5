"""Surface files as they stand: points and triangles of STL, PLY, VTK, VTP, OBJ and GLB.

``load`` runs in a process of its own (``femsacrum.guarded``): what a file breaks there is one clear error here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.gltf import DamageError, read_glb
from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import InputError

#: File formats that are read.
FORMATS = (".stl", ".ply", ".vtk", ".vtp", ".obj", ".glb")

#: A surface with more triangles than this is not read; one bone of a segmentation has ten to a few hundred thousand.
MOST = 2_000_000

_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_LINE = re.compile(rb"\s*vertex\s+(\S+)\s+(\S+)\s+(\S+)\s*", re.IGNORECASE)


def load(path: Path, mesh: str | None, key: str) -> tuple[Floats, Ints]:
    """Points, shape (n, 3), and triangles, shape (m, 3), in the file's unit and frame; polygons are split.

    Args:
        path: File in one of FORMATS.
        mesh: Name of the mesh wanted, where the format has names (GLB).
        key: Key of the case, for messages.

    Raises:
        InputError: There is no surface in it, or it is damaged.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".stl":
            points, triangles = _stl(path.read_bytes())
        elif suffix == ".glb":
            points, triangles = read_glb(path.read_bytes(), mesh)
        else:
            points, triangles = _by_vtk(path)
        _check(points, triangles)
    except DamageError as damage:
        raise InputError(key, f"{path.name}: {damage}; is it damaged or cut off? Export it again") from None
    except ValueError as error:
        raise InputError(key, f"{path.name}: {error}") from None
    return points, triangles


def _check(points: Floats, triangles: Ints) -> None:
    if len(triangles) < 4:
        raise DamageError(f"has no closed triangle surface ({len(triangles)} triangles)")
    if len(triangles) > MOST:
        raise ValueError(f"has {len(triangles)} triangles, more than {MOST}; coarsen it")
    wrong = np.flatnonzero(((triangles < 0) | (triangles >= len(points))).any(axis=1))
    if wrong.size:
        raise DamageError(f"triangle {wrong[0]} names a vertex that is not there ({len(points)} vertices)")
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if bad.size:
        raise DamageError(f"vertex {bad[0]} is not a finite position")
    far = np.flatnonzero((np.abs(points) > 1e7).any(axis=1))
    if far.size:
        raise DamageError(f"vertex {far[0]} lies {np.abs(points[far[0]]).max():.1e} units from the origin")


def _stl(content: bytes) -> tuple[Floats, Ints]:
    """Binary where the length fits the number of triangles in it, whatever the first word is; else ASCII."""
    number = int.from_bytes(content[80:84], "little")
    if len(content) >= 84 and len(content) == 84 + 50 * number:
        corners = np.frombuffer(content, dtype=_FACET, offset=84)["corners"].reshape(-1, 3).astype(float)
    elif content.lstrip()[:5].lower() == b"solid" and b"\0" not in content:
        corners = _ascii_stl(content)
    elif len(content) < 84 or b"\0" not in content:
        raise DamageError("is no STL file")
    else:
        there = (len(content) - 84) / 50
        raise DamageError(f"says it has {number} triangles but is as long as {there:.6g}")
    return corners, np.arange(len(corners)).reshape(-1, 3)


def _ascii_stl(content: bytes) -> Floats:
    lines = content.split(b"\n")
    found = [match.groups() for match in map(_LINE.fullmatch, lines) if match]
    words = content.lower()
    ends, facets = words.count(b"endfacet"), words.count(b"facet normal")
    if len(found) != 3 * facets or ends != facets or b"endsolid" not in words:
        raise DamageError(f"has {facets} facets, {ends} of them ended, and {len(found)} vertices")
    try:
        return np.array(found, dtype=float).reshape(-1, 3)
    except ValueError as error:
        raise DamageError(f"has a coordinate that is no number ({error})") from None


def _by_vtk(path: Path) -> tuple[Floats, Ints]:
    import pyvista as pv

    with path.open("rb") as stream:
        head = stream.read(4096)
    announced = _announced(path.suffix.lower(), head)
    with pv.VtkErrorCatcher() as heard:
        try:
            mesh: Any = pv.read(path)
        except MemoryError:
            raise
        except Exception as error:  # it raises whatever it likes
            raise DamageError(f"cannot be read: {' '.join(str(error).split())[:120].rstrip('.')}") from None
    if heard.error_events:
        raise DamageError(f"cannot be read: {' '.join(heard.error_events[0].alert.split())[:120].rstrip('.')}")
    if not isinstance(mesh, pv.PolyData):
        raise ValueError(f"holds {type(mesh).__name__}, not one surface; export the bone as a triangle surface")
    polygons = int(mesh.GetNumberOfPolys() + mesh.GetNumberOfStrips())
    if announced and announced != (mesh.n_points, polygons):
        raise DamageError(
            f"says it has {announced[0]} vertices and {announced[1]} faces but holds {mesh.n_points} and {polygons}"
        )
    if mesh.n_points == 0 or polygons == 0:
        raise DamageError(f"has no closed triangle surface ({polygons} faces)")
    from vtkmodules.util.numpy_support import vtk_to_numpy

    for cells in (mesh.GetPolys(), mesh.GetStrips()):  # splitting polygons trusts what they name
        named = vtk_to_numpy(cells.GetConnectivityArray())
        if named.size and (named.min() < 0 or named.max() >= mesh.n_points):
            raise DamageError(f"a face names a vertex that is not there ({mesh.n_points} vertices)")
    points = np.asarray(mesh.points, dtype=float)
    if np.isfinite(points).all() and not mesh.is_all_triangles:
        mesh = mesh.triangulate()
    if not mesh.is_all_triangles:
        raise DamageError("has faces that cannot be split into triangles")
    return points, mesh.regular_faces.astype(np.int64)


def _announced(suffix: str, head: bytes) -> tuple[int, int] | None:
    """Vertices and faces that the header of a PLY file promises."""
    if suffix != ".ply":
        return None
    found = [re.search(rb"^element\s+%s\s+(\d+)\s*$" % name, head, re.MULTILINE) for name in (b"vertex", b"face")]
    if not head.startswith(b"ply") or b"end_header" not in head or not all(found):
        raise DamageError("has no header of a PLY file with vertices and faces")
    return tuple(int(one[1]) for one in found)  # type: ignore[index,return-value]
