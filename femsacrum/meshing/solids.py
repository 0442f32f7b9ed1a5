"""Implants, grafts and fixation: CAD solids to curved quadratic tetrahedra."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.elements import boundary, straightened
from femsacrum.meshing.faces import tag
from femsacrum.meshing.gmsh_session import mesh_solid
from femsacrum.meshing.quality import jacobians
from femsacrum.surgery.construct import Solid

#: A curved element whose Jacobian varies by more than this factor is made straight.
LEAST_JACOBIAN_RATIO = 0.1


def solid_body(name: str, solid: Solid, size: float) -> tuple[BodyMesh, float]:
    """Mesh a solid.

    Args:
        name: Of the body.
        solid: With its flat faces.
        size: Largest edge length [mm].

    Returns:
        The mesh and the exact volume of the solid [mm3].

    Raises:
        NumericalError: Gmsh could not mesh it.
    """
    nodes, cells, exact = mesh_solid(solid.brep, size)
    nodes = _unbent(nodes, cells)
    facets, _ = boundary(cells)
    facet_face, names = tag(nodes, facets, solid.flat_faces)
    return BodyMesh(name, solid.role, 2, nodes, cells, facets, facet_face, names), exact


def _unbent(nodes: Floats, cells: Ints) -> Floats:
    """Make straight the few elements that curving has (nearly) turned inside out, until none is left."""
    for _ in range(10):
        values = jacobians(nodes, cells)
        bent = values.min(axis=1) < LEAST_JACOBIAN_RATIO * np.abs(values).max(axis=1)
        straight = straightened(nodes, cells, bent)
        if np.allclose(straight, nodes, atol=1e-12):
            break
        nodes = straight
    return nodes
