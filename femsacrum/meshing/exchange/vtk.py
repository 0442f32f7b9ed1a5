"""Meshes and fields for ParaView and whatever else reads VTK's files: VTKHDF and VTU."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.meshing.bodies import BodyMesh

#: Field name with its unit -> body name -> values, one row for each node or cell.
Fields = Mapping[str, Mapping[str, Floats]]

#: Rows of a chunk and zlib's level in VTKHDF files. Every array is stored in whole chunks: uncompressed, with VTK's own
#: 25000 rows, a small body takes a hundred times what it holds.
CHUNK, COMPRESSION = 500, 1

VTK_TRIANGLE, VTK_TETRA, VTK_QUADRATIC_TRIANGLE, VTK_QUADRATIC_TETRA = 5, 10, 22, 24


def write_vtkhdf(
    path: str | Path,
    bodies: Mapping[str, BodyMesh],
    point_fields: Fields | None = None,
    cell_fields: Fields | None = None,
) -> None:
    """Write bodies as named blocks of one VTKHDF file.

    Args:
        path: Ends in ``.vtkhdf``.
        bodies: Body name -> mesh.
        point_fields: Values at nodes; a body without values is written without the field.
        cell_fields: Values in cells.
    """
    _write(path, {name: _grid(body, point_fields or {}, cell_fields or {}) for name, body in bodies.items()})


def write_surfaces(path: str | Path, surfaces: Mapping[str, tuple[Floats, Ints, Mapping[str, Floats]]]) -> None:
    """Write triangles as named blocks of one VTKHDF file.

    Args:
        path: Ends in ``.vtkhdf``.
        surfaces: Name -> points, shape (p, 3) [mm], triangles, shape (k, 3), and fields at the points. A slash in a
            name becomes " on ".
    """
    import pyvista

    blocks = {}
    for name, (points, triangles, fields) in surfaces.items():
        block = pyvista.UnstructuredGrid({VTK_TRIANGLE: triangles}, np.asarray(points))
        for field, values in fields.items():
            block.point_data[field] = np.asarray(values)
        blocks[name.replace("/", " on ")] = block  # a slash would be a path in the file
    _write(path, blocks)


def _write(path: str | Path, blocks: Mapping[str, Any]) -> None:
    import pyvista
    from vtkmodules.vtkIOHDF import vtkHDFWriter

    together = pyvista.MultiBlock()
    for name, block in blocks.items():
        together.append(block, name)
    writer = vtkHDFWriter()
    writer.SetFileName(str(path))
    writer.SetInputDataObject(together)
    writer.SetOverwrite(True)
    writer.SetChunkSize(CHUNK)
    writer.SetCompressionLevel(COMPRESSION)
    if not writer.Write():
        raise OSError(f"{path}: VTK could not write it")


def write_vtu(
    path: str | Path,
    bodies: Mapping[str, BodyMesh],
    point_fields: Fields | None = None,
    cell_fields: Fields | None = None,
) -> None:
    """Write bodies as one unstructured grid; the cell field "body" counts them, "body_names" holds their names.

    Args:
        path: Ends in ``.vtu``.
        bodies: Body name -> mesh.
        point_fields: Values at nodes, zero where a body has none.
        cell_fields: Values in cells, zero where a body has none.
    """
    import pyvista

    starts = np.cumsum([0, *(len(body.nodes) for body in bodies.values())])
    grid = pyvista.UnstructuredGrid(
        np.concatenate([_connectivity(body, start) for body, start in zip(bodies.values(), starts, strict=False)]),
        np.concatenate([_kinds(body) for body in bodies.values()]),
        np.vstack([body.nodes for body in bodies.values()]),
    )
    for name, values in (point_fields or {}).items():
        grid.point_data[name] = _gathered({n: len(b.nodes) for n, b in bodies.items()}, values)
    for name, values in (cell_fields or {}).items():
        grid.cell_data[name] = _gathered({n: len(b.cells) for n, b in bodies.items()}, values)
    grid.cell_data["body"] = np.repeat(np.arange(len(bodies)), [len(body.cells) for body in bodies.values()])
    grid.field_data["body_names"] = list(bodies)
    grid.save(str(path))


def write_faces_vtu(path: str | Path, bodies: Mapping[str, BodyMesh]) -> None:
    """Write the boundary of bodies as one unstructured grid of triangles.

    The cell fields "body" and "face" count bodies and their faces; "body_names" and "face_names" (``<body>:<face>``)
    hold their names.

    Args:
        path: Ends in ``.vtu``.
        bodies: Body name -> mesh.
    """
    import pyvista

    cells, kinds, face, start, first = [], [], [], 0, 0
    for body in bodies.values():
        width = body.facets.shape[1]
        cells.append(np.hstack([np.full((len(body.facets), 1), width), body.facets + start]).ravel())
        kinds.append(np.full(len(body.facets), VTK_TRIANGLE if width == 3 else VTK_QUADRATIC_TRIANGLE))
        face.append(body.facet_face + first)
        start, first = start + len(body.nodes), first + len(body.face_names)
    nodes = np.vstack([body.nodes for body in bodies.values()])
    grid = pyvista.UnstructuredGrid(np.concatenate(cells), np.concatenate(kinds), nodes)
    grid.cell_data["body"] = np.repeat(np.arange(len(bodies)), [len(body.facets) for body in bodies.values()])
    grid.cell_data["face"] = np.concatenate(face)
    grid.field_data["body_names"] = list(bodies)
    grid.field_data["face_names"] = [f"{name}:{face}" for name, body in bodies.items() for face in body.face_names]
    grid.save(str(path))


def _gathered(lengths: Mapping[str, int], values: Mapping[str, Floats]) -> Floats:
    tail = next(np.shape(rows)[1:] for rows in values.values())
    return np.concatenate([np.asarray(values.get(n, np.zeros((length, *tail)))) for n, length in lengths.items()])


def _connectivity(body: BodyMesh, start: int = 0) -> Ints:
    width = body.cells.shape[1]
    return np.hstack([np.full((len(body.cells), 1), width), body.cells + start]).ravel()


def _kinds(body: BodyMesh) -> Ints:
    return np.full(len(body.cells), VTK_TETRA if body.cells.shape[1] == 4 else VTK_QUADRATIC_TETRA)


def _grid(body: BodyMesh, point_fields: Fields, cell_fields: Fields) -> Any:
    import pyvista

    grid = pyvista.UnstructuredGrid(_connectivity(body), _kinds(body), body.nodes)
    for fields, data in ((point_fields, grid.point_data), (cell_fields, grid.cell_data)):
        for name, values in fields.items():
            if body.name in values:
                data[name] = np.asarray(values[body.name])
    return grid
