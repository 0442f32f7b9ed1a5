"""Stiffness of one body: linear elasticity assembled by FEniCSx, in the body's own node order."""

from __future__ import annotations

from typing import Any

import basix.ufl
import dolfinx
import numpy as np
import ufl
from mpi4py import MPI
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.meshing.bodies import BodyMesh

#: basix local node -> VTK local node of a tetra10 (basix numbers the edges 23, 13, 12, 03, 02, 01).
VTK_OF_BASIX = {1: [0, 1, 2, 3], 2: [0, 1, 2, 3, 9, 8, 5, 7, 6, 4]}


def stiffness(body: BodyMesh, material: BodyMaterial) -> sparse.bsr_array:
    """Stiffness matrix of the tetrahedra of one body, without its cortex.

    Args:
        body: Mesh; order 2 is taken isoparametric (curved cells).
        material: Young's modulus [MPa] and Poisson's ratio per cell.

    Returns:
        Symmetric matrix of 3x3 blocks [N/mm], block row i belongs to ``body.nodes[i]``.

    Raises:
        NumericalError: Material data that do not fit the mesh.
    """
    if len(material.youngs_modulus) != len(body.cells) or len(material.poisson_ratio) != len(body.cells):
        raise NumericalError(
            f'elasticity: body "{body.name}" has {len(body.cells)} cells, its material {len(material.youngs_modulus)}'
        )
    domain = _domain(body)
    space = dolfinx.fem.functionspace(domain, ("Lagrange", body.order, (3,)))
    shear_modulus, lame = _lame(domain, material)
    trial, test = ufl.TrialFunction(space), ufl.TestFunction(space)
    strain = ufl.sym(ufl.grad(trial))
    stress = 2.0 * shear_modulus * strain + lame * ufl.tr(strain) * ufl.Identity(3)
    # exact on straight cells: strains are of degree order - 1
    measure = ufl.dx(domain, metadata={"quadrature_degree": 2 * (body.order - 1)})
    form = dolfinx.fem.form(ufl.inner(stress, ufl.sym(ufl.grad(test))) * measure)
    assembled = dolfinx.fem.assemble_matrix(form)
    assembled.scatter_reverse()
    return _in_body_order(assembled, _node_of_dof(space, domain), len(body.nodes))


def _domain(body: BodyMesh) -> dolfinx.mesh.Mesh:
    """Dolfinx mesh of one body on this process alone."""
    element = basix.ufl.element("Lagrange", "tetrahedron", body.order, shape=(3,))
    cells = np.ascontiguousarray(body.cells[:, VTK_OF_BASIX[body.order]], dtype=np.int64)
    return dolfinx.mesh.create_mesh(MPI.COMM_SELF, cells, element, np.ascontiguousarray(body.nodes))


def _lame(domain: dolfinx.mesh.Mesh, material: BodyMaterial) -> tuple[Any, Any]:
    """Shear modulus and Lame's first parameter as cellwise constants [MPa]."""
    piecewise = dolfinx.fem.functionspace(domain, ("Discontinuous Lagrange", 0))
    source_cell = domain.topology.original_cell_index
    modulus, ratio = material.youngs_modulus[source_cell], material.poisson_ratio[source_cell]
    shear_modulus, lame = dolfinx.fem.Function(piecewise), dolfinx.fem.Function(piecewise)
    dof = piecewise.dofmap.list.ravel()
    shear_modulus.x.array[dof] = modulus / (2.0 * (1.0 + ratio))
    lame.x.array[dof] = modulus * ratio / ((1.0 + ratio) * (1.0 - 2.0 * ratio))
    return shear_modulus, lame


def _node_of_dof(space: dolfinx.fem.FunctionSpace, domain: dolfinx.mesh.Mesh) -> Ints:
    """Body node of each block of unknowns: cells list both in the same local order (isoparametric)."""
    node_of_dof = np.empty(space.dofmap.index_map.size_local, dtype=np.int64)
    geometry = domain.geometry.dofmaps[0]
    node_of_dof[space.dofmap.list.ravel()] = np.asarray(domain.geometry.input_global_indices)[geometry.ravel()]
    return node_of_dof


def _in_body_order(assembled: dolfinx.la.MatrixCSR, node_of_dof: Ints, count: int) -> sparse.bsr_array:
    """Permute a block matrix of dolfinx to the node order of the body; columns sorted."""
    indptr = np.asarray(assembled.indptr, dtype=np.int64)
    rows = node_of_dof[np.repeat(np.arange(count), np.diff(indptr))]
    columns = node_of_dof[np.asarray(assembled.indices)]
    order = np.lexsort((columns, rows))
    blocks: Floats = np.asarray(assembled.data).reshape(-1, 3, 3)[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])
    return sparse.bsr_array((blocks, columns[order], starts), shape=(3 * count, 3 * count))
