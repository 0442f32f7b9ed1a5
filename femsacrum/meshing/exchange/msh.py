"""Meshes for Gmsh and whatever else reads its files (MSH 4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.gmsh_session import TETRAHEDRON, TETRAHEDRON_10, TRIANGLE, VTK_ORDER, session

TRIANGLE_6 = 9  # Gmsh's element type


def write_msh(path: str | Path, bodies: Mapping[str, BodyMesh]) -> None:
    """Write bodies as physical volumes ``<body>`` and their faces as physical surfaces ``<body>:<face>``.

    Nodes are numbered from one, body after body; a face without a facet is left out.

    Args:
        path: Ends in ``.msh``.
        bodies: Body name -> mesh.
    """
    with session(Mesh__MshFileVersion=4.1) as gmsh:
        gmsh.model.add("femsacrum")
        start, element = 1, 1
        for name, body in bodies.items():
            faces = {label: body.facets_of(label) + start for label in body.face_names}
            faces = {label: facets for label, facets in faces.items() if len(facets)}
            surfaces = [gmsh.model.addDiscreteEntity(2) for _ in faces]
            volume = gmsh.model.addDiscreteEntity(3, boundary=surfaces)
            tags = np.arange(start, start + len(body.nodes))
            gmsh.model.mesh.addNodes(3, volume, tags, body.nodes.ravel())
            kind, order = (TETRAHEDRON, [0, 1, 2, 3]) if body.order == 1 else (TETRAHEDRON_10, VTK_ORDER)
            cells = body.cells[:, order] + start
            gmsh.model.mesh.addElementsByType(volume, kind, np.arange(len(cells)) + element, cells.ravel())
            element += len(cells)
            for surface, (label, facets) in zip(surfaces, faces.items(), strict=True):
                kind = TRIANGLE if body.order == 1 else TRIANGLE_6
                gmsh.model.mesh.addElementsByType(surface, kind, np.arange(len(facets)) + element, facets.ravel())
                element += len(facets)
                gmsh.model.addPhysicalGroup(2, [surface], name=f"{name}:{label}")
            gmsh.model.addPhysicalGroup(3, [volume], name=name)
            start += len(body.nodes)
        gmsh.write(str(path))
