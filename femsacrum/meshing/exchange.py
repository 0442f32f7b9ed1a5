"""Meshes and fields for other programs: VTKHDF and VTU (ParaView), INP (CalculiX, Abaqus)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.elements import boundary

#: Field name with its unit -> body name -> values, one row for each node or cell.
Fields = Mapping[str, Mapping[str, Floats]]

#: Rows of a chunk and zlib's level in VTKHDF files. Every array is stored in whole chunks: uncompressed, with VTK's own
#: 25000 rows, a small body takes a hundred times what it holds.
CHUNK, COMPRESSION = 500, 1

VTK_TRIANGLE, VTK_TETRA, VTK_QUADRATIC_TETRA = 5, 10, 24

#: CalculiX numbers a tetrahedron's faces S1 to S4: corners 123, 142, 243, 341. Here: for each face of elements.FACES.
CALCULIX_FACE = np.array([1, 2, 3, 4])


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


def write_inp(path: str | Path, bodies: Mapping[str, BodyMesh]) -> None:
    """Write an Abaqus/CalculiX mesh: C3D4 or C3D10, an element set for each body, a surface for each face.

    Sets are called after the body, surfaces ``<body>_<face>``, nodes of a body ``N_<body>``; nodes and elements are
    numbered from one, body after body.

    Args:
        path: Ends in ``.inp``.
        bodies: Body name -> mesh.
    """
    lines, node, element = ["*NODE, NSET=Nall"], 1, 1
    for body in bodies.values():
        lines += [f"{node + i}, {x:.12g}, {y:.12g}, {z:.12g}" for i, (x, y, z) in enumerate(body.nodes.tolist())]
        node += len(body.nodes)
    node = 1
    for name, body in bodies.items():
        lines.append(f"*ELEMENT, TYPE=C3D{body.cells.shape[1]}, ELSET={name}")
        # VTK's order of the mid-edge nodes is also that of C3D10
        lines += [
            f"{element + i}, " + ", ".join(map(str, cell)) for i, cell in enumerate((body.cells + node).tolist())
        ]
        lines += [f"*NSET, NSET=N_{name}, GENERATE", f"{node}, {node + len(body.nodes) - 1}, 1"]
        facets, where = boundary(body.cells)
        face = _faces_in_order(body, facets)
        for number, label in enumerate(body.face_names):
            lines.append(f"*SURFACE, NAME={name}_{label}, TYPE=ELEMENT")
            chosen = where[face == number]
            lines += [
                f"{element + cell}, S{side}"
                for cell, side in zip(chosen[:, 0].tolist(), CALCULIX_FACE[chosen[:, 1]].tolist(), strict=True)
            ]
        node += len(body.nodes)
        element += len(body.cells)
    Path(path).write_text("\n".join(lines) + "\n", encoding="ascii")


def _faces_in_order(body: BodyMesh, facets: Ints) -> Ints:
    """Face numbers of boundary facets given in another order than the body's own."""

    def keys(corners: Ints) -> Ints:
        a, b, c = np.sort(corners[:, :3], axis=1).T
        return (a * len(body.nodes) + b) * len(body.nodes) + c

    own = keys(body.facets)
    order = np.argsort(own)
    return body.facet_face[order[np.searchsorted(own[order], keys(facets))]]


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
