"""Meshes for CalculiX and Abaqus: nodes, elements, and a set or a surface for every name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from femsacrum.anatomy.model import Ints
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.elements import boundary


def write_inp(path: str | Path, bodies: Mapping[str, BodyMesh], numbers: Mapping[str, Ints] | None = None) -> None:
    """Write a mesh: C3D4 or C3D10, an element set for each body, a surface for each face.

    Sets are called after the body, surfaces ``<body>_<face>``, nodes of a body ``N_<body>`` and of a face
    ``N_<body>_<face>``; elements are numbered from one, body after body.

    Args:
        path: Ends in ``.inp``.
        bodies: Body name -> mesh.
        numbers: Body name -> number of each of its nodes, from one on; nodes with one number are the same node. None:
            body after body.
    """
    if numbers is None:
        ends = np.cumsum([len(body.nodes) for body in bodies.values()])
        numbers = dict(zip(bodies, np.split(np.arange(1, ends[-1] + 1), ends[:-1]), strict=True))
    with Path(path).open("w", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in _lines(bodies, numbers))


def _lines(bodies: Mapping[str, BodyMesh], numbers: Mapping[str, Ints]) -> Iterator[str]:
    yield "*NODE, NSET=Nall"
    place = np.vstack([body.nodes for body in bodies.values()])
    node, first = np.unique(np.concatenate([numbers[name] for name in bodies]), return_index=True)
    for number, (x, y, z) in zip(node.tolist(), place[first].tolist(), strict=True):
        yield f"{number}, {x:.12g}, {y:.12g}, {z:.12g}"
    element = 1
    for name, body in bodies.items():
        yield f"*ELEMENT, TYPE=C3D{body.cells.shape[1]}, ELSET={name}"
        # VTK's order of the mid-edge nodes is also that of C3D10
        for i, cell in enumerate(numbers[name][body.cells].tolist()):
            yield f"{element + i}, " + ", ".join(map(str, cell))
        yield from node_set(f"N_{name}", numbers[name])
        facets, where = boundary(body.cells)
        face = _faces_in_order(body, facets)
        for number, label in enumerate(body.face_names):
            yield f"*SURFACE, NAME={name}_{label}, TYPE=ELEMENT"
            # CalculiX numbers faces as elements.FACES does: corners 123, 142, 243, 341 are S1 to S4
            for cell, side in where[face == number].tolist():
                yield f"{element + cell}, S{side + 1}"
            if np.any(face == number):
                yield from node_set(f"N_{name}_{label}", numbers[name][facets[face == number]])
        element += len(body.cells)


def node_set(name: str, numbers: Ints) -> Iterator[str]:
    """Lines of a set of nodes, sixteen a line.

    Args:
        name: Of the set.
        numbers: Of its nodes, in any order and shape.
    """
    yield f"*NSET, NSET={name}"
    members = np.unique(numbers).tolist()
    for start in range(0, len(members), 16):
        yield ", ".join(map(str, members[start : start + 16]))


def _faces_in_order(body: BodyMesh, facets: Ints) -> Ints:
    """Face numbers of boundary facets given in another order than the body's own."""

    def keys(corners: Ints) -> Ints:
        a, b, c = np.sort(corners[:, :3], axis=1).T
        return (a * len(body.nodes) + b) * len(body.nodes) + c

    own = keys(body.facets)
    order = np.argsort(own)
    return body.facet_face[order[np.searchsorted(own[order], keys(facets))]]
