"""Cook's membrane: a tapered, skew panel in bending and shear, as a thin slab of quadratic tetrahedra."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import splu

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.mechanics.elasticity import stiffness
from femsacrum.mechanics.shapes import facet_weights
from femsacrum.meshing.bodies import BodyMesh

YOUNGS, POISSON, SHEAR = 1.0, 1.0 / 3.0, 1.0
WIDTH, ROOT, RISE, END = 48.0, 44.0, 44.0, 16.0
#: The slab is 1 thick, small against 48, so that it is in plane stress; half of it lies above its plane of symmetry.
HALF_THICKNESS = 0.5


def panel(divisions):
    """The half slab: root on x = 0 from y = 0 to 44, loaded end on x = 48 from y = 44 to 60."""
    cube = meshes.box("panel", (0, 0, 0), (1, 1, 1), (divisions, divisions, 1))
    along, across, up = cube.nodes.T
    height = RISE * along + across * (ROOT + (END - ROOT) * along)
    nodes = np.stack([WIDTH * along, height, HALF_THICKNESS * up], axis=1)
    nodes, cells, facets = meshes.quadratic(nodes, cube.cells, cube.facets)
    return BodyMesh("panel", "bone", 2, nodes, cells, facets, cube.facet_face, cube.face_names)


def deflection(divisions):
    """Rise of the middle of the loaded end, (48, 52)."""
    slab = panel(divisions)
    matrix = stiffness(slab, meshes.material(slab, YOUNGS, POISSON)).tocsc()
    free = np.ones((len(slab.nodes), 3), dtype=bool)
    free[np.unique(slab.facets_of("x0")), :2] = False
    free[np.unique(slab.facets_of("z0")), 2] = False
    force = np.zeros((len(slab.nodes), 3))
    loaded, areas = facet_weights(slab.nodes, slab.facets_of("x1"))
    force[loaded, 1] = 0.5 * SHEAR * areas / areas.sum()
    dofs = np.flatnonzero(free)
    moved = np.zeros(force.size)
    moved[dofs] = splu(matrix[dofs][:, dofs]).solve(force.ravel()[dofs])
    middle = np.linalg.norm(slab.nodes - [WIDTH, RISE + 0.5 * END, 0.0], axis=1).argmin()
    return float(moved.reshape(-1, 3)[middle, 1])


def rows(divisions=16):
    # the plane-stress problem has no closed form: 23.96 is where the many elements tried on it converge to, as in
    # R. D. Cook, D. S. Malkus, M. E. Plesha, Concepts and Applications of Finite Element Analysis, 3rd ed., 1989
    source = (
        "plane stress, converged value of the literature; panel of R. D. Cook, J. Struct. Div. ASCE 100 (1974) 1851"
    )
    return [Row("Cook's membrane, P2", "rise of the loaded end [mm]", deflection(divisions), 23.96, 0.02, source)]
