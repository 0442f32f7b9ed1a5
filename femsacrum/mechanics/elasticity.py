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
from femsacrum.materials.locking import refuse_locking
from femsacrum.meshing.bodies import BodyMesh

#: basix local node -> VTK local node of a tetra10 (basix numbers the edges 23, 13, 12, 03, 02, 01).
VTK_OF_BASIX = {1: [0, 1, 2, 3], 2: [0, 1, 2, 3, 9, 8, 5, 7, 6, 4]}


def stiffness(body: BodyMesh, material: BodyMaterial) -> sparse.bsr_array:
    """Stiffness matrix of the tetrahedra of one body, without its cortex.

    Args:
        body: Mesh; order 2 is taken isoparametric (curved cells).
        material: Elastic constants per cell, isotropic or transversely isotropic.

    Returns:
        Symmetric matrix of 3x3 blocks [N/mm], block row i belongs to ``body.nodes[i]``.

    Raises:
        InputError: Linear cells that would lock.
        NumericalError: Material data that do not fit the mesh or belong to no material.
    """
    _refuse(body, material)
    domain = _domain(body)
    space = dolfinx.fem.functionspace(domain, ("Lagrange", body.order, (3,)))
    trial, test = ufl.TrialFunction(space), ufl.TestFunction(space)
    stress = _stress(domain, material, ufl.sym(ufl.grad(trial)))
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


def _refuse(body: BodyMesh, material: BodyMaterial) -> None:
    """Tell what cannot be assembled, or would give a wrong stiffness without a word."""
    for given in material.per_cell():
        if len(given) != len(body.cells):
            raise NumericalError(
                f'elasticity: body "{body.name}" has {len(body.cells)} cells, its material {len(given)}'
            )
    if not material.is_definite():
        raise NumericalError(f'elasticity: body "{body.name}": a strain takes no energy; check its Poisson\'s ratios')
    refuse_locking(body, material)


def _stress(domain: dolfinx.mesh.Mesh, material: BodyMaterial, strain: Any) -> Any:
    """Stress of a strain, with constants that are the same throughout a cell."""
    lame, shear, axial_shear, alpha, beta = (_cellwise(domain, values) for values in material.invariants())
    isotropic = 2.0 * shear * strain + lame * ufl.tr(strain) * ufl.Identity(3)
    if material.axial is None:
        return isotropic
    axis = _cellwise(domain, material.axial.axis)
    along, stretch = ufl.outer(axis, axis), ufl.inner(axis, strain * axis)
    extra = 2.0 * (axial_shear - shear) * (along * strain + strain * along) + beta * stretch * along
    return isotropic + extra + alpha * (stretch * ufl.Identity(3) + ufl.tr(strain) * along)


def _cellwise(domain: dolfinx.mesh.Mesh, values: Floats) -> Any:
    """A number or a vector in each cell, shape (m,) or (m, 3), as a function of place."""
    space = dolfinx.fem.functionspace(domain, ("Discontinuous Lagrange", 0, values.shape[1:]))
    function = dolfinx.fem.Function(space)
    of_cell = values[domain.topology.original_cell_index]
    function.x.array.reshape(len(values), -1)[space.dofmap.list.ravel()] = of_cell.reshape(len(values), -1)
    return function


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
