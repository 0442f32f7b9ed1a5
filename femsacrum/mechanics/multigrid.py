"""The preconditioner: two levels by polynomial order, a direct solve (or algebraic multigrid) on the linear level.

Quadratic bodies are reduced to their corner nodes; bones, which are linear already, stay as they are. Algebraic
multigrid alone needs 90 iterations on a reconstructed pelvis because of its cortex, a stiff thin shell on a soft core;
the linear level, thin bodies that meet in few places, is factorised in two seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from petsc4py import PETSc
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics.blocks import add_blocks, add_products, positions, united_pattern
from femsacrum.mechanics.shapes import TETRA_EDGES
from femsacrum.mechanics.system import System

#: Nodes on the linear level up to which bones with a cortex are factorised (MUMPS); above, and for plain solids,
#: algebraic multigrid serves (20k nodes of the sharp stem: 1.7 s to factorise, 0.5 s to aggregate). A pelvis of 183k
#: nodes, 96k of them on the linear level: 18 s to factorise, 12 iterations and 4.1 GB; algebraic: 59 iterations.
MOST_DIRECT = 200_000
SMOOTHING = {"ksp_type": "chebyshev", "ksp_max_it": 2, "pc_type": "pbjacobi"}
ALGEBRAIC = {
    "pc_type": "gamg",
    "pc_gamg_threshold": -1.0,  # dropping weak couplings leaves aggregates of one or two nodes: singular blocks
    "pc_gamg_agg_nsmooths": 1,
    "pc_gamg_coarse_eq_limit": 1000,
    "mg_levels_ksp_type": "chebyshev",
    "mg_levels_ksp_max_it": 3,
    "mg_levels_pc_type": "jacobi",
}
DIRECT = {"pc_type": "cholesky", "pc_factor_mat_solver_type": "mumps", "mat_mumps_icntl_14": 50}
PREFIX = "femsacrum_"


class Multigrid:
    """Preconditioner for the tangents of one system; ``set_contact`` builds it, ``apply`` is one cycle.

    Args:
        system: Bodies and interfaces.
        anchors: Global nodes and 3x3 stiffnesses that hold the whole [N/mm].
        fine: The matrix to be solved with (without supports of kind "mean"); the smoother uses it.
        owned: First node this process owns and one past its last.
        comm: PETSc communicator.
    """

    def __init__(
        self, system: System, anchors: list[tuple[Ints, Floats]], fine: Any, owned: tuple[int, int], comm: Any
    ) -> None:
        self._comm = comm
        self._weights, self._corners = corner_interpolation(system)
        # corners are shared out evenly on their own: those among a process's nodes may be none (mid-edges come last)
        cuts = np.linspace(0, len(self._corners), comm.size + 1).astype(int)
        self._own = (int(cuts[comm.rank]), int(cuts[comm.rank + 1]))
        self._direct = system.has_cortex and len(self._corners) <= MOST_DIRECT
        self._two_levels = len(self._corners) < len(system.nodes)
        self._level = _LinearLevel(system, self._weights, anchors)
        place = system.nodes[self._corners[slice(*self._own)]] - system.nodes.mean(axis=0)
        self._coarse = self._matrix(place)
        self._pc = self._configured()
        if self._two_levels:
            interpolation = self._interpolation(self._weights[slice(*owned)], fine)
            self._pc.setMGInterpolation(1, interpolation)
            self._pc.setOperators(fine)
            self._pc.getMGCoarseSolve().setOperators(self._coarse)
            self._pc.getMGSmoother(1).setOperators(fine)
            self._interpolated = interpolation
        else:
            self._pc.setOperators(self._coarse)

    def set_contact(self, spatial: Floats) -> None:
        """Build the cycle for symmetric tangents of the contact points in global axes, shape (p, 3, 3) [N/mm]."""
        first, last = self._own
        starts, columns, blocks = self._level.contact(spatial)
        rows = slice(starts[first], starts[last])
        index = (starts[first : last + 1] - starts[first]).astype(np.int32)
        self._coarse.setValuesBlockedCSR(index, columns[rows].astype(np.int32), blocks[rows])
        self._coarse.assemble()
        self._pc.setUp()

    def apply(self, given: Any, result: Any) -> None:
        """One cycle."""
        self._pc.apply(given, result)

    def close(self) -> None:
        """Free PETSc's memory."""
        self._pc.destroy()
        self._coarse.destroy()
        if self._two_levels:
            self._interpolated.destroy()

    def _configured(self) -> Any:
        options: Any = PETSc.Options()
        # options are global to the process: each kind of cycle has its own prefix
        orders, kind = "orders" if self._two_levels else "linear", "direct" if self._direct else "algebraic"
        prefix = f"{PREFIX}{orders}_{kind}_"
        level = prefix + ("mg_coarse_" if self._two_levels else "")
        settings = {level + key: value for key, value in (DIRECT if self._direct else ALGEBRAIC).items()}
        if self._two_levels:
            settings |= {f"{prefix}mg_levels_{key}": value for key, value in SMOOTHING.items()}
            settings[prefix + "mg_coarse_ksp_type"] = "preonly"
        for key, value in settings.items():
            options[key] = value
        made: Any = PETSc.PC().create(self._comm)
        made.setOptionsPrefix(prefix)
        if self._two_levels:
            made.setType("mg")
            made.setMGLevels(2)
        made.setFromOptions()
        return made

    def _matrix(self, place: Floats) -> Any:
        """The linear level's matrix; what it needs besides depends on who solves with it."""
        first, last = self._own
        level, count = self._level, len(self._corners)
        rows = slice(level.indptr[first], level.indptr[last])
        starts = (level.indptr[first : last + 1] - level.indptr[first]).astype(np.int32)
        size = (3 * (last - first), 3 * count)
        matrix: Any = PETSc.Mat().create(self._comm)
        matrix.setSizes((size, size), bsize=3)
        matrix.setType("aij")
        expanded = sparse.bsr_array(
            (level.data[rows], level.indices[rows], starts), shape=(3 * (last - first), 3 * count)
        ).tocsr()
        csr = (expanded.indptr.astype(np.int32), expanded.indices.astype(np.int32))
        matrix.setPreallocationCSR((*csr, expanded.data))
        if self._direct:
            # Cholesky has to be told; PETSc's aggregation stops working when it is
            matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)
        else:
            coordinates = PETSc.Vec().createMPI(size, bsize=3, comm=self._comm)
            coordinates.array[:] = place.ravel()
            matrix.setNearNullSpace(PETSc.NullSpace().createRigidBody(coordinates))
        return matrix

    def _interpolation(self, rows: sparse.csr_array, fine: Any) -> Any:
        expanded = sparse.csr_array(sparse.kron(rows, sparse.eye_array(3), format="csr"))
        csr = (expanded.indptr.astype(np.int32), expanded.indices.astype(np.int32), expanded.data)
        sizes = (
            (fine.getLocalSize()[0], fine.getSize()[0]),
            (3 * (self._own[1] - self._own[0]), 3 * len(self._corners)),
        )
        return PETSc.Mat().createAIJ(sizes, bsize=3, csr=csr, comm=self._comm)


class _LinearLevel:
    """W' A W on the corner nodes: linear terms once, contact terms anew for every tangent."""

    def __init__(self, system: System, weights: sparse.csr_array, anchors: list[tuple[Ints, Floats]]) -> None:
        data = system.data.copy()
        for nodes, stiffness in anchors:
            add_blocks(system.indptr, system.indices, data, nodes, nodes, stiffness)
        rows = sparse.csr_array(system.contact.rows @ weights)
        rows.sort_indices()
        self._rows = rows
        ones = sparse.csr_array((np.ones(len(rows.indices)), rows.indices, rows.indptr), shape=rows.shape)
        pattern = sparse.csr_array(ones.T @ ones)
        pattern.sort_indices()
        self._starts, self._columns = pattern.indptr.astype(np.int64), pattern.indices.astype(np.int64)
        if weights.shape[0] == weights.shape[1]:
            self.indptr, self.indices, self.data = system.indptr, system.indices, data
        else:
            size = 3 * len(system.nodes)
            matrix = sparse.bsr_array((data, system.indices, system.indptr), shape=(size, size))
            spread = sparse.kron(weights, sparse.eye_array(3), format="csr")
            product = sparse.bsr_array((spread.T @ (matrix @ spread)).tocsr(), blocksize=(3, 3))
            count = weights.shape[1]
            shape = (count, count)
            filled = sparse.csr_array((np.ones(len(product.indices)), product.indices, product.indptr), shape=shape)
            self.indptr, self.indices = united_pattern([filled, pattern])
            self.data = np.zeros((len(self.indices), 3, 3))
            at = np.repeat(np.arange(count), np.diff(product.indptr))
            add_blocks(self.indptr, self.indices, self.data, at, product.indices.astype(np.int64), product.data)
        places = positions(self.indptr, self.indices, self._starts, self._columns)
        self._linear = self.data[places]

    def contact(self, spatial: Floats) -> tuple[Ints, Ints, Floats]:
        """Row starts, columns and blocks of all entries that contact changes, linear terms included."""
        blocks = self._linear.copy()
        rows = self._rows
        starts, nodes = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
        add_products(self._starts, self._columns, blocks, starts, nodes, rows.data, spatial)
        return self._starts, self._columns, blocks


def corner_interpolation(system: System) -> tuple[sparse.csr_array, Ints]:
    """Weights of the corner nodes at every node (half and half at mid-edges), and the corner nodes' numbers."""
    count = len(system.nodes)
    ends = np.repeat(np.arange(count)[:, None], 2, axis=1)
    for name, body in system.bodies.items():
        if body.order == 2:
            start = system.offsets[name]
            ends[body.cells[:, 4:] + start] = body.cells[:, TETRA_EDGES] + start
    corners = np.flatnonzero(ends[:, 0] == ends[:, 1])
    number = np.full(count, -1)
    number[corners] = np.arange(len(corners))
    index = (np.repeat(np.arange(count), 2), number[ends].ravel())
    weights = sparse.csr_array((np.full(2 * count, 0.5), index), shape=(count, len(corners)))
    weights.sum_duplicates()
    return weights, corners
