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
from femsacrum.mechanics.compiled import compiled
from femsacrum.meshing.bodies import BodyMesh

#: basix local node -> VTK local node of a tetra10 (basix numbers the edges 23, 13, 12, 03, 02, 01).
VTK_OF_BASIX = {1: [0, 1, 2, 3], 2: [0, 1, 2, 3, 9, 8, 5, 7, 6, 4]}


def stiffness(body: BodyMesh, material: BodyMaterial, rows: Ints | None = None) -> sparse.bsr_array:
    """Stiffness matrix of the tetrahedra of one body, without its cortex.

    Only the cells that touch the rows wanted are assembled.

    Args:
        body: Mesh; order 2 is taken isoparametric (curved cells).
        material: Elastic constants per cell, isotropic or transversely isotropic.
        rows: Nodes whose rows are wanted, shape (r,); None: all.

    Returns:
        Matrix of 3x3 blocks [N/mm], shape (3 r, 3 n): block row i belongs to ``body.nodes[rows[i]]``, block column j to
        ``body.nodes[j]``.

    Raises:
        InputError: Linear cells that would lock.
        NumericalError: Material data that do not fit the mesh or belong to no material.
    """
    _refuse(body, material)
    count = len(body.nodes)
    rows = np.arange(count) if rows is None else rows
    if not len(rows):
        return sparse.bsr_array((0, 3 * count), blocksize=(3, 3))
    wanted = np.zeros(count, dtype=bool)
    wanted[rows] = True
    cells = np.flatnonzero(wanted[body.cells].any(axis=1))
    domain = _domain(body, cells)
    space = dolfinx.fem.functionspace(domain, ("Lagrange", body.order, (3,)))
    trial, test = ufl.TrialFunction(space), ufl.TestFunction(space)
    of_cell = cells[domain.topology.original_cell_index]
    stress = _stress(domain, material, of_cell, ufl.sym(ufl.grad(trial)))
    # exact on straight cells: strains are of degree order - 1
    measure = ufl.dx(domain, metadata={"quadrature_degree": 2 * (body.order - 1)})
    form = compiled(ufl.inner(stress, ufl.sym(ufl.grad(test))) * measure)
    assembled = dolfinx.fem.assemble_matrix(form)
    assembled.scatter_reverse()
    return _in_body_order(assembled, _node_of_dof(space, domain), rows, count)


def _domain(body: BodyMesh, chosen: Ints) -> dolfinx.mesh.Mesh:
    """Dolfinx mesh of some cells of one body on this process alone."""
    element = basix.ufl.element("Lagrange", "tetrahedron", body.order, shape=(3,))
    cells = np.ascontiguousarray(body.cells[np.ix_(chosen, VTK_OF_BASIX[body.order])], dtype=np.int64)
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


def _stress(domain: dolfinx.mesh.Mesh, material: BodyMaterial, of_cell: Ints, strain: Any) -> Any:
    """Stress of a strain, with constants that are the same throughout a cell; ``of_cell``: the body's cell of each."""
    stress = _matrix_stress(domain, material, of_cell, strain)
    if material.fibres is None:
        return stress
    (modulus,) = _cellwise(domain, material.fibres.modulus[of_cell, None])
    for family in material.fibres.directions:
        along = _cellwise(domain, family[of_cell])
        stress += modulus * ufl.inner(along, strain * along) * ufl.outer(along, along)
    return stress


def _matrix_stress(domain: dolfinx.mesh.Mesh, material: BodyMaterial, of_cell: Ints, strain: Any) -> Any:
    """The same of what lies between fibres."""
    constants = material.invariants()[:, of_cell].T
    if material.axial is None:
        lame, shear = _cellwise(domain, constants[:, :2])
        return 2.0 * shear * strain + lame * ufl.tr(strain) * ufl.Identity(3)
    lame, shear, axial_shear, alpha, beta = _cellwise(domain, constants)
    axis = _cellwise(domain, material.axial.axis[of_cell])
    along, stretch = ufl.outer(axis, axis), ufl.inner(axis, strain * axis)
    isotropic = 2.0 * shear * strain + lame * ufl.tr(strain) * ufl.Identity(3)
    extra = 2.0 * (axial_shear - shear) * (along * strain + strain * along) + beta * stretch * along
    return isotropic + extra + alpha * (stretch * ufl.Identity(3) + ufl.tr(strain) * along)


def _cellwise(domain: dolfinx.mesh.Mesh, values: Floats) -> Any:
    """Numbers in each cell, shape (m, k), as a vector that is a function of place."""
    space = dolfinx.fem.functionspace(domain, ("Discontinuous Lagrange", 0, values.shape[1:]))
    function = dolfinx.fem.Function(space)
    function.x.array.reshape(values.shape)[space.dofmap.list.ravel()] = values
    return function


def _node_of_dof(space: dolfinx.fem.FunctionSpace, domain: dolfinx.mesh.Mesh) -> Ints:
    """Body node of each block of unknowns: cells list both in the same local order (isoparametric)."""
    node_of_dof = np.empty(space.dofmap.index_map.size_local, dtype=np.int64)
    geometry = domain.geometry.dofmaps[0]
    node_of_dof[space.dofmap.list.ravel()] = np.asarray(domain.geometry.input_global_indices)[geometry.ravel()]
    return node_of_dof


def _in_body_order(assembled: dolfinx.la.MatrixCSR, node_of_dof: Ints, rows: Ints, count: int) -> sparse.bsr_array:
    """The rows wanted of a block matrix of dolfinx, in the node order of the body; columns sorted."""
    dof_of_node = np.full(count, count)
    dof_of_node[node_of_dof] = np.arange(len(node_of_dof))
    columns = node_of_dof[np.asarray(assembled.indices)]
    pattern = (np.arange(len(columns)), columns, np.asarray(assembled.indptr))
    places = sparse.csr_array(pattern, shape=(len(node_of_dof), count))[dof_of_node[rows]]
    places.sort_indices()
    blocks: Floats = np.asarray(assembled.data).reshape(-1, 3, 3)[places.data]
    return sparse.bsr_array((blocks, places.indices, places.indptr), shape=(3 * len(rows), 3 * count))
