"""The linear solve: PETSc's GMRES, preconditioned by algebraic multigrid and the rigid motions of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from petsc4py import PETSc
from scipy import sparse

from femsacrum.anatomy.model import Floats
from femsacrum.mechanics.blocks import add_blocks, expand, replace
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.multigrid import Multigrid
from femsacrum.mechanics.system import System

#: Stiffness of a ball joint in the preconditioner, share of its own; what is missing is a rigid motion.
ANCHOR = 1e-3
RESTART = 100


class Krylov:
    """Solves with the tangent of one load case's supports.

    Every process holds the whole system and solves its share of the rows.

    Args:
        system: What is solved; its block pattern is used.
        holds: Supports.
        comm: PETSc communicator.

    Attributes:
        setups: How often the multigrid hierarchy was built.
        solves: Solves since then.
    """

    def __init__(self, system: System, holds: Sequence[Hold], comm: Any) -> None:
        self._system, self._holds, self._comm = system, holds, comm
        count = len(system.nodes)
        cuts = np.linspace(0, count, comm.size + 1).astype(int)
        self._first, self._last = int(cuts[comm.rank]), int(cuts[comm.rank + 1])
        self._rank_sizes = 3 * np.diff(cuts)
        self._local, self._size = 3 * (self._last - self._first), 3 * count
        self._tangent: _Matrix | None = None
        self._operator: Any = None
        self._symmetric: _Matrix | None = None
        cycle = Multigrid(system, self._first, self._last, comm)
        self._motions = _RigidMotion(system, holds, cycle, slice(3 * self._first, 3 * self._last), comm)
        self.solves = 0
        self.setups = 0
        self._solver = self._configured()
        self._right = PETSc.Vec().createMPI((self._local, self._size), bsize=3, comm=comm)
        self._solution = self._right.duplicate()

    def set_tangent(self, tangent: Floats) -> None:
        """Use local tangents of the frictional points, shape (p, 3, 3) [MPa/mm]."""
        if self._tangent is None:
            self._tangent = self._matrix(("fixed",))
            self._operator = self._with_means(self._tangent.matrix)
        self._tangent.set_contact(self._system.contact_blocks(tangent))

    def set_preconditioner(self, tangent: Floats) -> None:
        """Build the preconditioner on a symmetric approximation of the local tangents."""
        if self._symmetric is None:
            self._symmetric = self._matrix(("fixed", "mean"))
            self._solver.setOperators(self._operator, self._symmetric.matrix)
            self._motions.set_operator(self._operator)
        self._symmetric.set_contact(self._system.contact_blocks(tangent))
        self._motions.multigrid.set_matrix(self._symmetric.matrix)
        self.setups += 1
        self.solves = 0

    def solve(self, right: Floats, tolerance: float, most: int = 300) -> tuple[Floats, int, bool]:
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
        self.solves += 1
        reason = int(self._solver.getConvergedReason())
        return self._everywhere(self._solution.array), self._solver.getIterationNumber(), reason > 0

    def close(self) -> None:
        """Free PETSc's memory now instead of when Python gets to it."""
        self._motions.multigrid.close()
        matrices = [each.matrix for each in (self._tangent, self._symmetric) if each is not None]
        for each in (self._solver, self._operator, *matrices, self._right, self._solution):
            if each is not None:
                each.destroy()

    def _configured(self) -> Any:
        solver: Any = PETSc.KSP().create(self._comm)
        solver.setType("gmres")
        solver.setGMRESRestart(RESTART)
        solver.setPCSide(PETSc.PC.Side.RIGHT)
        solver.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
        solver.getPC().setType("python")
        solver.getPC().setPythonContext(self._motions)
        return solver

    def _everywhere(self, local: Floats) -> Floats:
        if self._comm.size == 1:
            return local.copy()
        result = np.empty(self._size)
        self._comm.tompi4py().Allgatherv(np.ascontiguousarray(local), (result, self._rank_sizes))
        return result

    def _matrix(self, kinds: tuple[str, ...]) -> _Matrix:
        """Matrix of the linear terms; supports of these kinds are added node by node to the diagonal blocks."""
        system, data = self._system, self._system.data.copy()
        for hold in self._holds:
            if hold.kind in kinds:
                # ball joints stay sparse so, and weak, which keeps them from stiffening the joint's face
                share = 1.0 if hold.kind == "fixed" else ANCHOR
                add_blocks(system.indptr, system.indices, data, hold.nodes, hold.nodes, share * hold.shares)
        return _Matrix(system, data, self._first, self._last, self._comm)

    def _with_means(self, matrix: Any) -> Any:
        """Add the rows of ball joints as a low-rank term; as entries they would fill the matrix."""
        means = [hold for hold in self._holds if hold.kind == "mean"]
        if not means:
            return matrix
        rows = np.vstack([hold.rows.toarray() for hold in means])
        own: Any = np.asfortranarray(rows[:, 3 * self._first : 3 * self._last].T)
        shape = ((self._local, self._size), (PETSc.DECIDE, len(rows)))
        spread = PETSc.Mat().createDense(shape, array=own, comm=self._comm)
        spread.assemble()
        diagonal = PETSc.Vec().createSeq(len(rows), comm=PETSc.COMM_SELF)
        diagonal.array[:] = np.concatenate([hold.stiffness for hold in means])
        return PETSc.Mat().createLRC(matrix, spread, diagonal, None)


class _Matrix:
    """A PETSc matrix of owned rows whose contact blocks are written in place."""

    def __init__(self, system: System, data: Floats, first: int, last: int, comm: Any) -> None:
        self._system, self._rows, self._comm = system, (first, last), comm
        self._linear = data[system.contact_places]
        self._csr = expand(system.indptr, system.indices, data, first, last)
        local, size = 3 * (last - first), 3 * len(system.nodes)
        # one process: PETSc works on these very arrays
        make = PETSc.Mat().createAIJWithArrays if comm.size == 1 else PETSc.Mat().createAIJ
        self.matrix: Any = make(((local, size), (local, size)), csr=self._csr, bsize=3, comm=comm)

    def set_contact(self, blocks: Floats) -> None:
        """Replace the contact blocks (in the system's contact pattern) by the linear terms there plus these."""
        system = self._system
        replace(
            system.indptr, system.contact_indptr, system.contact_places, self._linear + blocks, *self._rows, self._csr[2]
        )  # fmt: skip
        if self._comm.size == 1:
            self.matrix.stateIncrease()
        else:
            self.matrix.setValuesCSR(*self._csr)
        self.matrix.assemble()


class _RigidMotion:
    """Multigrid followed by an exact solve for the six rigid motions of the whole (PETSc calls ``apply``).

    Ball joints, which the multigrid sees node by node and weakly, resist these six motions and hardly any other.
    """

    def __init__(self, system: System, holds: Sequence[Hold], cycle: Multigrid, own: slice, comm: Any) -> None:
        self._system, self._holds, self.multigrid, self._comm = system, holds, cycle, comm
        self._motions = _motions(system)
        self._own = sparse.csr_array(self._motions[own])
        self._own_transposed = sparse.csr_array(self._own.T)
        self._inverse = np.zeros((0, 0))
        self._operator: Any = None
        self._work: Any = None

    def set_operator(self, operator: Any) -> None:
        """Z'AZ: only supports resist a motion of the whole, bodies and interfaces do not."""
        coarse = np.zeros((6, 6))
        for hold in self._holds:
            rows = (hold.rows @ self._motions).toarray()
            coarse += rows.T @ (hold.stiffness[:, None] * rows)
        self._inverse = np.linalg.inv(coarse)
        self._operator, self._work = operator, operator.createVecLeft()

    def apply(self, pc: Any, given: Any, result: Any) -> None:
        """Result = M g + Z (Z'AZ)^-1 Z' (g - A M g), M being a multigrid cycle."""
        self.multigrid.apply(given, result)
        self._operator.mult(result, self._work)
        left = self._own_transposed @ (given.getArray(readonly=True) - self._work.getArray(readonly=True))
        if self._comm.size > 1:
            left = self._comm.tompi4py().allreduce(left)
        result.array[:] += self._own @ (self._inverse @ left)


def _motions(system: System) -> sparse.csr_array:
    """Six rigid motions of the whole, scaled to unit largest displacement, shape (3 N, 6)."""
    arm = system.nodes - system.nodes.mean(axis=0)
    arm = arm / np.linalg.norm(arm, axis=1).max()
    table = np.zeros((len(arm), 3, 6))
    for axis in range(3):
        table[:, axis, axis] = 1.0
        table[:, :, 3 + axis] = np.cross(np.eye(3)[axis], arm)
    return sparse.csr_array(table.reshape(-1, 6))
