"""The preconditioner: two levels by polynomial order, then a direct solve or algebraic multigrid on the linear level.

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
from femsacrum.mechanics.aggregation import Aggregation
from femsacrum.mechanics.blocks import add_blocks, add_products, own_rows, united_pattern
from femsacrum.mechanics.shapes import TETRA_EDGES
from femsacrum.mechanics.share import added, evenly
from femsacrum.mechanics.system import System

#: Nodes on the linear level up to which bones with a cortex are factorised (MUMPS); above, and for plain solids, algebraic
#: multigrid serves. A pelvis of 183k nodes, 96k of them on the linear level: 18 s to factorise and 4.1 GB; a coarse
#: one of 34k nodes, friction included: 270 iterations and 21 s with factors, 446 and 21 s with aggregates.
MOST_DIRECT = 200_000
SMOOTHING = {"ksp_type": "chebyshev", "ksp_max_it": 2, "pc_type": "pbjacobi"}
#: Sweeps above a factorised level: there an iteration costs more than a sweep (coarse pelvis: a fifth less time than with
#: two sweeps; plain solids take more time with three than with two).
SWEEPS_ABOVE_DIRECT = 4
DIRECT = {"pc_type": "cholesky", "pc_factor_mat_solver_type": "mumps", "mat_mumps_icntl_14": 50}
PREFIX = "femsacrum_"


class Multigrid:
    """Preconditioner for the tangents of one system; ``set_contact`` builds it, ``apply`` is one cycle.

    Args:
        system: Bodies and interfaces.
        anchors: Global nodes and 3x3 stiffnesses that hold the whole [N/mm].
    """

    def __init__(self, system: System, anchors: list[tuple[Ints, Floats]]) -> None:
        self._comm = system.comm
        weights, self._corners = corner_interpolation(system)
        self._own_weights = weights[system.first : system.last]
        self._direct = system.has_cortex and len(self._corners) <= MOST_DIRECT
        self._two_levels = len(self._corners) < len(system.nodes)
        self._linear = _LinearLevel(system, weights, anchors)
        self._aggregation: Aggregation | None = None
        if not self._direct:
            group = system.body_of_node()[self._corners]
            place = system.nodes[self._corners]
            self._aggregation = Aggregation(self._linear.indptr, self._linear.indices, place, group, system.processes)
        self._pc: Any = None
        self._matrices: list[Any] = []

    def set_contact(self, spatial: Floats, fine: Any) -> None:
        """Build the cycle.

        Args:
            spatial: Symmetric tangents of the contact points in global axes, shape (p, 3, 3) [N/mm].
            fine: The matrix to be solved with (without supports of kind "mean"); the smoother uses it.
        """
        linear, data = self._linear, self._linear.values(spatial)
        if self._direct and self._pc is not None:  # the order of elimination is kept
            pattern = linear.indptr.astype(np.int32), linear.indices.astype(np.int32)
            self._matrices[0].setValuesBlockedCSR(*pattern, data)
            self._matrices[0].assemble()
            if self._two_levels:
                self._pc.setOperators(fine)
                self._pc.getMGSmoother(1).setOperators(fine)
            self._pc.setUp()
            return
        self.close()
        interpolations = []
        if self._two_levels:
            weights, size = self._own_weights, 3 * np.array(self._own_weights.shape)
            blocks = (weights.data[:, None, None] * np.eye(3), weights.indices, weights.indptr)
            interpolations.append(self._interpolation(sparse.bsr_array(blocks, shape=size)))
        if self._two_levels or self._direct:
            self._matrices.append(self._matrix(linear.indptr, linear.indices, data, last=self._direct))
        if self._aggregation is not None:
            levels = self._aggregation.levels(data)
            for number, level in enumerate(levels):
                interpolations.append(self._interpolation(level.interpolation))
                last = number + 1 == len(levels)
                own = evenly(len(level.indptr) - 1, self._comm)
                starts, columns, rows = own_rows(level.indptr, level.indices, own)
                self._matrices.append(self._matrix(starts, columns, level.data[rows], last))
        self._pc = self._configured(interpolations, fine)
        for interpolation in interpolations:
            interpolation.destroy()
        self._pc.setUp()

    def apply(self, given: Any, result: Any) -> None:
        """One cycle."""
        self._pc.apply(given, result)

    def close(self) -> None:
        """Free PETSc's memory."""
        if self._pc is not None:
            self._pc.destroy()
        for matrix in self._matrices:
            matrix.destroy()
        self._pc, self._matrices = None, []

    def _configured(self, interpolations: list[Any], fine: Any) -> Any:
        """The cycle over all levels; where there is one only, its solver."""
        options: Any = PETSc.Options()
        # options are global to the process: each kind of cycle has its own prefix
        prefix = f"{PREFIX}{'direct' if self._direct else 'algebraic'}_{len(interpolations)}_"
        settings = {}
        if interpolations:
            smoothing = SMOOTHING | ({"ksp_max_it": SWEEPS_ABOVE_DIRECT} if self._direct else {})
            settings = {f"{prefix}mg_levels_{key}": value for key, value in smoothing.items()}
            settings[prefix + "mg_coarse_ksp_type"] = "preonly"
        if self._direct:
            level = prefix + ("mg_coarse_" if interpolations else "")
            settings |= {level + key: value for key, value in DIRECT.items()}
        for key, value in settings.items():
            options[key] = value
        made: Any = PETSc.PC().create(self._comm)
        made.setOptionsPrefix(prefix)
        finest = [fine] if len(self._matrices) == len(interpolations) else []
        matrices = finest + self._matrices
        if interpolations:
            made.setType("mg")
            made.setMGLevels(len(matrices))
        made.setOperators(matrices[0])
        made.setFromOptions()
        top = len(interpolations)
        for number, interpolation in enumerate(interpolations):
            made.setMGInterpolation(top - number, interpolation)
            made.getMGSmoother(top - number).setOperators(matrices[number])
        if interpolations:
            made.getMGCoarseSolve().setOperators(matrices[-1])
        return made

    def _matrix(self, indptr: Ints, indices: Ints, data: Floats, last: bool) -> Any:
        """A level's matrix from its owned rows, as plain numbers where it is to be factorised."""
        starts, columns, width = indptr.astype(np.int32), indices.astype(np.int32), data.shape[2]
        own = width * (len(starts) - 1)
        size = self._comm.tompi4py().allreduce(own)
        sizes = ((own, size), (own, size))
        if not last:
            return PETSc.Mat().createBAIJ(sizes, width, csr=(starts, columns, data), comm=self._comm)
        matrix: Any = PETSc.Mat().create(self._comm)
        matrix.setSizes(sizes, bsize=width)
        matrix.setType("aij")
        plain = sparse.bsr_array((data, columns, starts), shape=sizes[0]).tocsr()
        matrix.setPreallocationCSR((plain.indptr.astype(np.int32), plain.indices.astype(np.int32), plain.data))
        # Cholesky has to be told
        matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)
        return matrix

    def _interpolation(self, blocks: sparse.bsr_array) -> Any:
        """An interpolation between two levels from its owned rows."""
        plain, width = blocks.tocsr(), blocks.blocksize[1]
        csr = (plain.indptr.astype(np.int32), plain.indices.astype(np.int32), plain.data)
        first, last = evenly(plain.shape[1] // width, self._comm)
        sizes = ((plain.shape[0], PETSc.DETERMINE), (width * (last - first), plain.shape[1]))
        return PETSc.Mat().createAIJ(sizes, csr=csr, comm=self._comm)


class _LinearLevel:
    """Own rows of W' A W on the corner nodes: linear terms, and on demand with contact.

    Attributes:
        indptr: Row starts of the blocks.
        indices: Their columns, sorted.
    """

    def __init__(self, system: System, weights: sparse.csr_array, anchors: list[tuple[Ints, Floats]]) -> None:
        self._anchors = anchors
        rows = sparse.csr_array(system.contact.rows @ weights)
        rows.sort_indices()
        self._rows = rows
        count = weights.shape[1]
        # shared out evenly on their own: the corners among a process's nodes may be none
        self._first, last = evenly(count, system.comm)
        if count == len(system.nodes):
            self.indptr, self.indices, self._data = system.indptr, system.indices, system.data
            return
        data = system.data.copy()
        for nodes, stiffness in anchors:
            add_blocks(system.indptr, system.indices, data, system.first, nodes, nodes, stiffness)
        self._anchors = []
        matrix = sparse.bsr_array((data, system.indices, system.indptr), shape=system.matrix().shape)
        spread = sparse.kron(weights, sparse.eye_array(3), format="csr")
        part = sparse.csr_array(spread[3 * system.first : 3 * system.last].T @ (matrix @ spread))
        product = sparse.bsr_array(added(part, system.processes)[3 * self._first : 3 * last], blocksize=(3, 3))
        ones = sparse.csr_array((np.ones(len(rows.indices)), rows.indices, rows.indptr), shape=rows.shape)
        filled = sparse.csr_array(
            (np.ones(len(product.indices)), product.indices, product.indptr), shape=(last - self._first, count)
        )
        pressed = sparse.csr_array(ones[:, self._first : last].T @ ones)
        self.indptr, self.indices = united_pattern([filled, pressed], self._first)
        self._data = np.zeros((len(self.indices), 3, 3))
        at = np.repeat(np.arange(self._first, last), np.diff(product.indptr))
        columns = product.indices.astype(np.int64)
        add_blocks(self.indptr, self.indices, self._data, self._first, at, columns, product.data)

    def values(self, spatial: Floats) -> Floats:
        """Blocks with contact of so much stiffness, shape (p, 3, 3) in global axes [N/mm]."""
        data, rows = self._data.copy(), self._rows
        for nodes, stiffness in self._anchors:
            add_blocks(self.indptr, self.indices, data, self._first, nodes, nodes, stiffness)
        starts, nodes = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
        add_products(self.indptr, self.indices, data, self._first, starts, nodes, rows.data, spatial)
        return data


def corner_interpolation(system: System) -> tuple[sparse.csr_array, Ints]:
    """Weights of the corner nodes at every node (half and half at mid-edges), and the corner nodes' numbers."""
    count = len(system.nodes)
    ends = np.repeat(np.arange(count)[:, None], 2, axis=1)
    for name, body in system.bodies.items():
        if body.order == 2:
            numbers = system.numbers[name]
            ends[numbers[body.cells[:, 4:]]] = numbers[body.cells[:, TETRA_EDGES]]
    corners = np.flatnonzero(ends[:, 0] == ends[:, 1])
    number = np.full(count, -1)
    number[corners] = np.arange(len(corners))
    index = (np.repeat(np.arange(count), 2), number[ends].ravel())
    weights = sparse.csr_array((np.full(2 * count, 0.5), index), shape=(count, len(corners)))
    weights.sum_duplicates()
    return weights, corners
