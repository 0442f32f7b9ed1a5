"""Implants, grafts and fixation: CAD solids to tetrahedra, curved where they are quadratic."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.elements import boundary, straightened
from femsacrum.meshing.faces import tag
from femsacrum.meshing.gmsh_session import DELAUNAY_2D, FRONTAL, mesh_solid
from femsacrum.meshing.quality import GOOD_GAMMA, gamma, jacobians
from femsacrum.surgery.construct import Solid

#: Shares of the size and ways to mesh the faces, tried until one leaves no poor element.
TRIALS = tuple((share, faces_by) for share in (1.0, 0.9) for faces_by in (FRONTAL, DELAUNAY_2D))

#: A curved element whose Jacobian varies by more than this factor is made straight.
LEAST_JACOBIAN_RATIO = 0.1


def solid_body(name: str, solid: Solid, size: float, order: int) -> tuple[BodyMesh, float]:
    """Mesh a solid.

    Args:
        name: Of the body.
        solid: With its flat faces.
        size: Largest edge length [mm].
        order: 1 or 2 (curved).

    Returns:
        The mesh and the exact volume of the solid [mm3].

    Raises:
        NumericalError: Gmsh could not mesh it.
    """
    nodes, cells, exact = _best(solid.parted or solid.brep, size, order)
    if order == 2:
        nodes = _unbent(nodes, cells)
    facets, _ = boundary(cells)
    facet_face, names = tag(nodes, facets, solid.flat_faces)
    return BodyMesh(name, solid.role, order, nodes, cells, facets, facet_face, names), exact


def _best(brep: bytes, size: float, order: int) -> tuple[Floats, Ints, float]:
    """The first good trial, or the one with the best worst element."""
    best: tuple[float, tuple[Floats, Ints, float]] | None = None
    for share, faces_by in TRIALS:
        try:
            trial = mesh_solid(brep, share * size, faces_by, order)
        except NumericalError as error:
            refusal = error
            continue
        worst = float(gamma(*trial[:2]).min())
        if best is None or worst > best[0]:
            best = (worst, trial)
        if worst >= GOOD_GAMMA:
            break
    if best is None:
        raise refusal
    return best[1]


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
