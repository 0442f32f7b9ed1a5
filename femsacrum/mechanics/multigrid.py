"""The preconditioner: two levels by polynomial order, a direct solve (or algebraic multigrid) on the linear level.

Quadratic bodies are reduced to their corner nodes; bones, which are linear already, stay as they are. Algebraic multigrid
alone needs 90 to 100 iterations on a reconstructed pelvis because of its cortex, a stiff thin shell on a soft core; the
linear level, thin bodies that meet in few places, is factorised in two seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from petsc4py import PETSc
from scipy import sparse

from femsacrum.mechanics.shapes import TETRA_EDGES
from femsacrum.mechanics.system import System

#: Nodes on the linear level up to which bones with a cortex are factorised (MUMPS); above, and for plain solids (20k
#: nodes of the sharp stem: 1.7 s against 0.5 s), algebraic multigrid serves.
MOST_DIRECT = 90_000
SMOOTHING = {"ksp_type": "chebyshev", "ksp_max_it": 2, "pc_type": "pbjacobi"}
ALGEBRAIC = {
    "pc_type": "gamg",
    "pc_gamg_threshold": -1.0,  # dropping weak couplings leaves aggregates of one or two nodes, whose blocks are singular
    "pc_gamg_agg_nsmooths": 1,
    "pc_gamg_coarse_eq_limit": 1000,
    "mg_levels_ksp_type": "chebyshev",
    "mg_levels_ksp_max_it": 3,
    "mg_levels_pc_type": "jacobi",
}
DIRECT = {"pc_type": "cholesky", "pc_factor_mat_solver_type": "mumps", "mat_mumps_icntl_14": 50}
PREFIX = "femsacrum_"


class Multigrid:
    """Preconditioner for one pattern of symmetric matrices; ``set_matrix`` builds it, ``apply`` is one cycle.

    Args:
        system: Bodies, for their orders and nodes.
        first: First node this process owns.
        last: One past its last node.
        comm: PETSc communicator.
    """

    def __init__(self, system: System, first: int, last: int, comm: Any) -> None:
        self._comm = comm
        self._weights, corners = corner_interpolation(system)
        own = (corners >= first) & (corners < last)
        self._coarse_place = system.nodes[corners[own]] - system.nodes.mean(axis=0)
        direct = system.has_cortex and len(corners) <= MOST_DIRECT
        self._two_levels = len(corners) < len(system.nodes)
        self._rows = self._weights[first:last]
        self._own_corners, self._corners = int(own.sum()), len(corners)
        self._interpolation: Any = None
        self._coarse: Any = None
        self._direct = direct
        self._pc: Any = PETSc.PC().create(comm)
        options: Any = PETSc.Options()
        # options are global to the process: each kind of cycle has its own prefix
        prefix = f"{PREFIX}{'orders' if self._two_levels else 'linear'}_{'direct' if direct else 'algebraic'}_"
        level = prefix + ("mg_coarse_" if self._two_levels else "")
        settings = {level + key: value for key, value in (DIRECT if direct else ALGEBRAIC).items()}
        if self._two_levels:
            settings |= {f"{prefix}mg_levels_{key}": value for key, value in SMOOTHING.items()}
            settings[prefix + "mg_coarse_ksp_type"] = "preonly"
        for key, value in settings.items():
            options[key] = value
        self._pc.setOptionsPrefix(prefix)
        if self._two_levels:
            self._pc.setType("mg")
            self._pc.setMGLevels(2)
        self._pc.setFromOptions()

    def set_matrix(self, matrix: Any) -> None:
        """Build the cycle for new values of the matrix."""
        if not self._two_levels:
            if not self._direct:
                matrix.setNearNullSpace(self._rigid_modes())
            self._symmetric(matrix)
            self._pc.setOperators(matrix)
        elif self._interpolation is None:
            self._interpolation = self._interpolation_matrix(matrix)
            self._coarse = matrix.ptap(self._interpolation)
            self._coarse.setBlockSize(3)
            if not self._direct:
                self._coarse.setNearNullSpace(self._rigid_modes())
            self._pc.setMGInterpolation(1, self._interpolation)
            self._pc.setOperators(matrix)
            self._pc.getMGCoarseSolve().setOperators(self._coarse)
            self._pc.getMGSmoother(1).setOperators(matrix)
            self._symmetric(self._coarse)
        else:
            matrix.ptap(self._interpolation, result=self._coarse)
            self._symmetric(self._coarse)
        self._pc.setUp()

    def apply(self, given: Any, result: Any) -> None:
        """One cycle."""
        self._pc.apply(given, result)

    def close(self) -> None:
        """Free PETSc's memory."""
        for each in (self._pc, self._interpolation, self._coarse):
            if each is not None:
                each.destroy()

    def _symmetric(self, matrix: Any) -> None:
        """Cholesky has to be told; PETSc's aggregation stops working when it is."""
        if self._direct:
            matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)

    def _interpolation_matrix(self, matrix: Any) -> Any:
        expanded = sparse.csr_array(sparse.kron(self._rows, sparse.eye_array(3), format="csr"))
        csr = (expanded.indptr.astype(np.int32), expanded.indices.astype(np.int32), expanded.data)
        fine = (matrix.getLocalSize()[0], matrix.getSize()[0])
        coarse = (3 * self._own_corners, 3 * self._corners)
        return PETSc.Mat().createAIJ((fine, coarse), bsize=3, csr=csr, comm=self._comm)

    def _rigid_modes(self) -> Any:
        """Near-null space for the aggregates: six rigid motions."""
        size = (3 * self._own_corners, 3 * self._corners)
        coordinates = PETSc.Vec().createMPI(size, bsize=3, comm=self._comm)
        coordinates.array[:] = self._coarse_place.ravel()
        return PETSc.NullSpace().createRigidBody(coordinates)


def corner_interpolation(system: System) -> tuple[sparse.csr_array, np.ndarray]:
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
