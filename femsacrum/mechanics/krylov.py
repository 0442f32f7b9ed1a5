"""The linear solve: PETSc's GMRES, preconditioned by algebraic multigrid on the symmetric part of the tangent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from petsc4py import PETSc

from femsacrum.anatomy.model import Floats
from femsacrum.mechanics.blocks import add_blocks, expand
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.system import System

#: Options of the multigrid preconditioner; measured on the assemblies of benchmarks/performance (docs/mechanics.md).
MULTIGRID = {
    "pc_type": "gamg",
    "pc_gamg_threshold": 0.01,
    "pc_gamg_agg_nsmooths": 1,
    "pc_gamg_reuse_interpolation": False,
    "pc_gamg_coarse_eq_limit": 1000,
    "mg_levels_ksp_type": "chebyshev",
    "mg_levels_pc_type": "sor",
    "mg_levels_ksp_max_it": 2,
}
RESTART = 100


class Krylov:
    """Solves with the tangent of one load case's supports.

    Args:
        system: What is solved; its block pattern is used.
        holds: Supports.
        comm: MPI communicator; every process holds the whole system, each solves its share of the rows.
    """

    def __init__(self, system: System, holds: Sequence[Hold], comm: Any, options: dict | None = None) -> None:
        self._system = system
        self._comm = comm
        count = len(system.nodes)
        cuts = np.linspace(0, count, comm.size + 1).astype(int)
        self._first, self._last = int(cuts[comm.rank]), int(cuts[comm.rank + 1])
        self._rank_sizes = 3 * np.diff(cuts)
        self._local = 3 * (self._last - self._first)
        self._size = 3 * count
        self._holds = holds
        self._tangent: Any = None
        self._operator: Any = None
        self._preconditioner: Any = None
        self._options = MULTIGRID | (options or {})
        self.solves = 0
        self.setups = 0
        self._solver = PETSc.KSP().create(comm)
        self._right = PETSc.Vec().createMPI((self._local, self._size), bsize=3, comm=comm)
        self._solution = self._right.duplicate()

    def set_tangent(self, data: Floats) -> None:
        """Use a tangent (without supports) in the system's block pattern."""
        self._tangent = self._matrix(data + 0.0, self._tangent, "fixed")
        if self._operator is None:
            self._operator = self._with_means(self._tangent)
            self._operator.setOption(PETSc.Mat.Option.NEW_NONZERO_LOCATIONS, False)

    def set_preconditioner(self, data: Floats) -> None:
        """Build the multigrid hierarchy on a symmetric approximation of the tangent."""
        self._preconditioner = self._matrix(data + 0.0, self._preconditioner, "all")
        if not self.setups:
            self._preconditioner.setNearNullSpace(self._rigid_modes())
            prefix = "femsacrum_"
            options = PETSc.Options(prefix)
            for key, value in self._options.items():
                options[key] = value
            self._solver.setOptionsPrefix(prefix)
            self._solver.setType("gmres")
            self._solver.setGMRESRestart(RESTART)
            self._solver.setPCSide(PETSc.PC.Side.RIGHT)
            self._solver.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
            self._solver.setOperators(self._operator, self._preconditioner)
            self._solver.setFromOptions()
        self._solver.getPC().setReusePreconditioner(False)
        self._solver.setOperators(self._operator, self._preconditioner)
        self._solver.setUp()
        self._solver.getPC().setReusePreconditioner(True)
        self.setups += 1
        self.solves = 0

    def solve(self, right: Floats, tolerance: float, most: int = 400) -> tuple[Floats, int, bool]:
        """Solve to a relative residual.

        Args:
            right: Right-hand side on every process, shape (3 N,) [N].
            tolerance: Relative to |right|.
            most: Largest number of iterations.

        Returns:
            Solution on every process [mm], iterations, whether the tolerance was reached.
        """
        self._right.array[:] = right[3 * self._first : 3 * self._last]
        self._solver.setTolerances(rtol=tolerance, atol=0.0, divtol=1e10, max_it=most)
        self._solver.solve(self._right, self._solution)
        iterations = self._solver.getIterationNumber()
        self.solves += 1
        return self._everywhere(self._solution.array), iterations, self._solver.getConvergedReason() > 0

    def close(self) -> None:
        """Free PETSc's memory now instead of when Python gets to it."""
        for each in (self._solver, self._operator, self._tangent, self._preconditioner, self._right, self._solution):
            if each is not None:
                each.destroy()

    def _everywhere(self, local: Floats) -> Floats:
        if self._comm.size == 1:
            return local.copy()
        result = np.empty(self._size)
        self._comm.tompi4py().Allgatherv(np.ascontiguousarray(local), (result, self._rank_sizes))
        return result

    def _matrix(self, data: Floats, old: Any, kinds: str) -> Any:
        """PETSc matrix of the owned rows; supports that act node by node are added to the diagonal blocks."""
        system = self._system
        for hold in self._holds:
            # the preconditioner holds every node of a ball joint on its own, which keeps it sparse
            if hold.kind == "fixed" or kinds == "all":
                add_blocks(system.indptr, system.indices, data, hold.nodes, hold.nodes, hold.shares)
        csr = expand(system.indptr, system.indices, data, self._first, self._last)
        if old is not None:
            old.setValuesCSR(*csr)
            old.assemble()
            return old
        shape = ((self._local, self._size), (self._local, self._size))
        return PETSc.Mat().createAIJ(shape, bsize=3, csr=csr, comm=self._comm)

    def _with_means(self, matrix: Any) -> Any:
        """Add the rows of ball joints as a low-rank term; as entries they would fill the matrix."""
        means = [hold for hold in self._holds if hold.kind == "mean"]
        if not means:
            return matrix
        rows = np.vstack([hold.rows.toarray() for hold in means])
        stiffness = np.concatenate([hold.stiffness for hold in means])
        own = np.asfortranarray(rows[:, 3 * self._first : 3 * self._last].T)
        shape = ((self._local, self._size), (PETSc.DECIDE, len(rows)))
        spread = PETSc.Mat().createDense(shape, array=own, comm=self._comm)
        spread.assemble()
        diagonal = PETSc.Vec().createSeq(len(rows), comm=PETSc.COMM_SELF)
        diagonal.array[:] = stiffness
        return PETSc.Mat().createLRC(matrix, spread, diagonal, None)

    def _rigid_modes(self) -> Any:
        """Near-null space of the whole assembly: six rigid motions."""
        place = self._system.nodes[self._first : self._last] - self._system.nodes.mean(axis=0)
        coordinates = PETSc.Vec().createMPI((self._local, self._size), bsize=3, comm=self._comm)
        coordinates.array[:] = place.ravel()
        return PETSc.NullSpace().createRigidBody(coordinates)
