"""Meshes and fields for other programs: VTKHDF and VTU (ParaView), INP (CalculiX, Abaqus)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.meshing.elements import boundary

#: Field name with its unit -> body name -> values, one row for each node or cell.
Fields = Mapping[str, Mapping[str, Floats]]

VTK_TETRA, VTK_QUADRATIC_TETRA = 10, 24

#: CalculiX numbers a tetrahedron's faces S1 to S4: corners 123, 142, 243, 341. Here: for each face of elements.FACES.
CALCULIX_FACE = np.array([1, 2, 3, 4])


class PointStates(Protocol):
    """What is drawn of an interface; ``mechanics.interfaces.InterfaceState`` is one."""

    points: Any
    initial_gap: Any
    gap: Any
    slip: Any
    elastic_slip: Any
    pressure: Any
    shear: Any
    status: Any


class Displaced(Protocol):
    """What is drawn of a load case; ``mechanics.interfaces.LoadCaseSolution`` is one."""

    @property
    def name(self) -> str:
        """Of the load case."""

    @property
    def displacements(self) -> Mapping[str, Floats]:
        """Body name -> nodal displacement [mm]."""

    @property
    def interfaces(self) -> Mapping[str, Any]:
        """Contact name -> state at its points (see PointStates)."""


#: Attribute of an interface's state -> name of the field.
INTERFACE_FIELDS = {
    "initial_gap": "initial gap [mm]",
    "gap": "gap [mm]",
    "slip": "slip [mm]",
    "elastic_slip": "elastic slip [mm]",
    "pressure": "pressure [MPa]",
    "shear": "shear [MPa]",
    "status": "status (0 open, 1 stick, 2 slip, 3 bonded)",
}


def write_fields(folder: str | Path, assembly: Assembly, solutions: Sequence[Displaced]) -> list[Path]:
    """Write one VTKHDF file for each load case: every body displaced, every interface as points.

    Args:
        folder: Made if absent.
        assembly: The bodies.
        solutions: One for each load case; a file is named after its load case.

    Returns:
        The files.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for solution in solutions:
        path = folder / (re.sub(r"[^A-Za-z0-9_.-]+", "_", solution.name) + ".vtkhdf")
        clouds = {
            name: (state.points, {told: getattr(state, field) for field, told in INTERFACE_FIELDS.items()})
            for name, state in solution.interfaces.items()
        }
        write_vtkhdf(path, assembly.bodies, {"displacement [mm]": solution.displacements}, clouds=clouds)
        written.append(path)
    return written


def write_vtkhdf(
    path: str | Path,
    bodies: Mapping[str, BodyMesh],
    point_fields: Fields | None = None,
    cell_fields: Fields | None = None,
    clouds: Mapping[str, tuple[Floats, Mapping[str, Floats]]] | None = None,
) -> None:
    """Write bodies as named blocks of one VTKHDF file.

    Args:
        path: Ends in ``.vtkhdf``.
        bodies: Body name -> mesh.
        point_fields: Values at nodes; a body without values is written without the field.
        cell_fields: Values in cells.
        clouds: Name -> points, shape (p, 3) [mm], and their fields; blocks of their own.
    """
    import pyvista
    from vtkmodules.vtkIOHDF import vtkHDFWriter

    blocks = pyvista.MultiBlock()
    for name, body in bodies.items():
        blocks.append(_grid(body, point_fields or {}, cell_fields or {}), name)
    for name, cloud in (clouds or {}).items():
        if len(cloud[0]):  # a slash in a block's name would be a path in the file
            blocks.append(_cloud(*cloud), name.replace("/", " on "))
    writer = vtkHDFWriter()
    writer.SetFileName(str(path))
    writer.SetInputDataObject(blocks)
    writer.SetOverwrite(True)
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


def _cloud(points: Floats, fields: Mapping[str, Floats]) -> Any:
    import pyvista

    cloud = pyvista.PolyData(np.asarray(points))
    for name, values in fields.items():
        cloud.point_data[name] = np.asarray(values)
    return cloud
