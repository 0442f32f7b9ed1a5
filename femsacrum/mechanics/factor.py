"""A sparse symmetric matrix as a product of triangles, for many right-hand sides."""

from __future__ import annotations

from typing import Any

import numpy as np
from petsc4py import PETSc
from scipy import sparse

from femsacrum.anatomy.model import Floats
from femsacrum.errors import NumericalError


class Factor:
    """K as L D L' (MUMPS), of one process.

    Args:
        matrix: K, positive definite, shape (n, n).

    Raises:
        NumericalError: It cannot be factored.
    """

    def __init__(self, matrix: sparse.csr_array) -> None:
        rows, columns = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
        self._size = matrix.shape[0]
        self._matrix: Any = PETSc.Mat().createAIJ(
            matrix.shape, csr=(rows, columns, matrix.data), comm=PETSc.COMM_SELF
        )
        self._matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)  # type: ignore[arg-type]
        self._pc: Any = PETSc.PC().create(PETSc.COMM_SELF)
        self._pc.setOperators(self._matrix)
        self._pc.setType("cholesky")
        self._pc.setFactorSolverType("mumps")
        self._pc.setFactorSetUpSolverType()
        self._pc.setUp()
        self._factor = self._pc.getFactorMatrix()
        trouble = self._factor.getMumpsInfog(1)
        if trouble < 0:
            raise NumericalError(f"condensed: the elastic rest cannot be factored (MUMPS {trouble})")

    def solve(self, right: Floats) -> Floats:
        """K^-1 times columns, shape (n, k)."""
        columns: Any = np.asfortranarray(right)
        given = PETSc.Mat().createDense((self._size, right.shape[1]), array=columns, comm=PETSc.COMM_SELF)
        found = PETSc.Mat().createDense((self._size, right.shape[1]), comm=PETSc.COMM_SELF)
        for each in (given, found):
            each.setUp()
            each.assemble()
        self._factor.matSolve(given, found)
        result: Floats = found.getDenseArray().copy()
        given.destroy()
        found.destroy()
        return result

    def solve_sparse(self, rows: sparse.csr_array) -> Floats:
        """K^-1 times the transpose of few entries, shape (n, k): MUMPS then skips what they do not reach."""
        starts, columns = rows.indptr.astype(np.int32), rows.indices.astype(np.int32)
        given: Any = PETSc.Mat().createAIJ(rows.shape, csr=(starts, columns, rows.data), comm=PETSc.COMM_SELF)
        turned: Any = PETSc.Mat().createTranspose(given)
        found: Any = PETSc.Mat().createDense((self._size, rows.shape[0]), comm=PETSc.COMM_SELF)
        found.setUp()
        found.assemble()
        self._factor.matSolve(turned, found)
        result: Floats = found.getDenseArray().copy()
        for each in (turned, given, found):
            each.destroy()
        return result

    def close(self) -> None:
        """Free its memory."""
        self._pc.destroy()
        self._matrix.destroy()
