"""The linear solve: PETSc's GMRES, preconditioned by multigrid and the rigid motions of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from petsc4py import PETSc

from femsacrum.anatomy.model import Floats
from femsacrum.mechanics.blocks import add_blocks
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.multigrid import PREFIX, Multigrid
from femsacrum.mechanics.share import gathered
from femsacrum.mechanics.system import System

#: Stiffness of a ball joint in the preconditioner, share of its own; what is missing is a rigid motion. There it holds
#: every node of its face on its own, which keeps the matrix sparse, and weakly, which keeps the face soft.
ANCHOR = 1e-3
RESTART = 100


class Krylov:
    """Solves with the tangent of one load case's supports.

    Args:
        system: What is solved; its block pattern and its processes are used.
        holds: Supports.

    Attributes:
        setups: How often the preconditioner was built since what went before was forgotten.
        free: Share of the stiffness of free motions that its tangents want.
    """

    def __init__(self, system: System, holds: Sequence[Hold]) -> None:
        self._system, self._comm = system, system.comm
        self._own = slice(3 * system.first, 3 * system.last)
        self._local, self._size = 3 * (system.last - system.first), 3 * len(system.nodes)
        self._tangent = self._matrix([hold for hold in holds if hold.kind != "mean"])
        self._means = [hold for hold in holds if hold.kind != "fixed"]
        self._operator = self._with_means(self._means)
        anchors = [(hold.nodes, hold.shares * (ANCHOR if hold.kind == "mean" else 1.0)) for hold in holds]
        self._multigrid = Multigrid(system, anchors)
        self._cycle = _Cycle(self._multigrid, system, holds, self._own)
        self.setups, self.free = 0, 1.0
        self._solver: Any = PETSc.KSP().create(self._comm)
        self._solver.setType("gmres")
        self._solver.setGMRESRestart(RESTART)
        self._solver.setPCSide(PETSc.PC.Side.RIGHT)  # type: ignore[arg-type]
        self._solver.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)  # type: ignore[arg-type]
        # plain Gram-Schmidt loses the orthogonality that stiff supports need: four times the iterations (measured)
        self._solver.setOptionsPrefix(PREFIX)
        PETSc.Options()[f"{PREFIX}ksp_gmres_cgs_refinement_type"] = "refine_always"  # type: ignore[index]
        self._solver.setFromOptions()
        self._solver.setOperators(self._operator)
        self._solver.getPC().setType("python")
        self._solver.getPC().setPythonContext(self._cycle)
        self._right = PETSc.Vec().createMPI((self._local, self._size), bsize=3, comm=self._comm)
        self._solution = self._right.duplicate()

    def forget(self) -> None:
        """Let nothing that was solved before bear on what comes."""
        self.setups = 0
        self._multigrid.close()
        self._cycle.forget()

    def set_tangent(self, tangent: Floats) -> None:
        """Use local tangents of the contact points, shape (p, 3, 3) [MPa/mm]."""
        system = self._system
        blocks = system.contact_blocks(tangent) + self._linear
        starts, columns = system.contact_indptr.astype(np.int32), system.contact_indices.astype(np.int32)
        self._tangent.setValuesBlockedCSR(starts, columns, blocks)
        self._tangent.assemble()

    def set_preconditioner(self, tangent: Floats) -> None:
        """Build the preconditioner on a symmetric approximation of the local tangents."""
        self._renew()
        self._multigrid.set_contact(self._system.contact.spatial(tangent), self._tangent)
        self._cycle.settle(self._operator)
        self.setups += 1

    def solve(self, right: Floats, tolerance: float, free: float = 0.0, most: int = 300) -> tuple[Floats, int, bool]:
        """Solve to a relative residual.

        Args:
            right: Right-hand side on every process, shape (3 N,) [N].
            tolerance: Relative to |right|.
            free: Not read: the tangents have it in them.
            most: Largest number of iterations.

        Returns:
            Solution on every process [mm], iterations, whether the tolerance was reached.
        """
        self._right.array[:] = right[self._own]
        self._solver.setTolerances(rtol=tolerance, atol=0.0, divtol=1e10, max_it=most)
        self._solver.solve(self._right, self._solution)
        reason = int(self._solver.getConvergedReason())
        found = gathered(self._solution.array.copy(), self._system.processes)
        return found, self._solver.getIterationNumber(), reason > 0

    def close(self) -> None:
        """Free PETSc's memory now instead of when Python gets to it."""
        self._multigrid.close()
        for each in (self._solver, self._operator, self._tangent, self._right, self._solution):
            each.destroy()

    def _matrix(self, holds: Sequence[Hold]) -> Any:
        """Block matrix of the owned rows of the linear terms, with supports that act node by node."""
        system, data = self._system, self._system.data
        if holds:
            data = data.copy()
        for hold in holds:
            add_blocks(system.indptr, system.indices, data, system.first, hold.nodes, hold.nodes, hold.shares)
        self._linear = data[system.contact_places]
        csr = (system.indptr.astype(np.int32), system.indices.astype(np.int32), data)
        shape = ((self._local, self._size), (self._local, self._size))
        matrix: Any = PETSc.Mat().createBAIJ(shape, 3, csr=csr, comm=self._comm)
        matrix.setOption(PETSc.Mat.Option.NEW_NONZERO_LOCATION_ERR, True)
        return matrix

    def _renew(self) -> None:
        """The same matrix as another object.

        PETSc keeps the inverse of the diagonal blocks, which the smoother takes, when a matrix is given other values in the
        same places (``MatAssemblyEnd_SeqBAIJ`` returns before it forgets them; PETSc 3.25, measured): it would smooth with
        the contact that was there first.
        """
        before, operator = self._tangent, self._operator
        self._tangent = before.duplicate(copy=True)
        self._tangent.setOption(PETSc.Mat.Option.NEW_NONZERO_LOCATION_ERR, True)
        self._operator = self._with_means(self._means)
        self._solver.setOperators(self._operator)
        for each in (before, operator):
            each.destroy()

    def _with_means(self, means: Sequence[Hold]) -> Any:
        """Add the rows of ball joints and pilots as a low-rank term; as entries they would fill the matrix."""
        if not means:
            return self._tangent
        rows = np.vstack([hold.rows.toarray() for hold in means])
        own: Any = np.asfortranarray(rows[:, self._own].T)
        shape = ((self._local, self._size), (PETSc.DECIDE, len(rows)))
        spread = PETSc.Mat().createDense(shape, array=own, comm=self._comm)
        spread.assemble()
        diagonal = PETSc.Vec().createSeq(len(rows), comm=PETSc.COMM_SELF)
        diagonal.array[:] = np.concatenate([hold.stiffness for hold in means])
        return PETSc.Mat().createLRC(self._tangent, spread, diagonal, None)


class _Cycle:
    """A multigrid cycle followed by an exact solve for a few motions of the whole (PETSc calls ``apply``).

    These are its six rigid motions, and the six of each kinematic pilot's face with what follows it. Only supports resist
    the former, so no product with the matrix A is needed for them. To multigrid a pilot's face is held to the ground,
    while it is free to move as one: left to GMRES, three pilots took ten times the iterations.
    """

    def __init__(self, multigrid: Multigrid, system: System, holds: Sequence[Hold], own: slice) -> None:
        self._multigrid, self._processes = multigrid, system.processes
        motions = _rigid_motions(system.nodes)
        resisted = np.zeros_like(motions)
        for hold in (hold for hold in holds if hold.grounded):
            resisted += hold.rows.T @ (hold.stiffness[:, None] * (hold.rows @ motions))
        self._rigid, self._held = motions[own], np.ascontiguousarray(resisted[own])
        self._faces = [hold.rows.toarray()[:, own] for hold in holds if not hold.grounded]
        self._followed: Floats | None = None
        self._motions, self._resisted, self._inverse = self._rigid, self._held, np.linalg.inv(motions.T @ resisted)

    def forget(self) -> None:
        """How pilots' faces move is found anew."""
        self._followed = None

    def settle(self, operator: Any) -> None:
        """Take up the present matrix; only pilots need it."""
        if not self._faces:
            return
        given, result = operator.createVecs()
        if self._followed is None:
            # where multigrid puts everything when the springs of the face are moved
            columns = []
            for force in np.vstack(self._faces):
                given.array[:] = force
                self._multigrid.apply(given, result)
                columns.append(result.array / self._sum(result.array @ result.array) ** 0.5)
            self._followed = np.stack(columns, axis=1)
        products = np.empty_like(self._followed)
        for number, motion in enumerate(self._followed.T):
            given.array[:] = motion
            operator.mult(given, result)
            products[:, number] = result.array
        self._motions = np.ascontiguousarray(np.hstack([self._rigid, self._followed]))
        self._resisted = np.ascontiguousarray(np.hstack([self._held, products]))
        self._inverse = np.linalg.inv(self._sum(self._motions.T @ self._resisted))

    def apply(self, pc: Any, given: Any, result: Any) -> None:
        """Result = M g + Z (Z'AZ)^-1 Z' (g - A M g), M being a multigrid cycle."""
        self._multigrid.apply(given, result)
        left = given.getArray(readonly=True) @ self._motions - result.getArray(readonly=True) @ self._resisted
        result.array[:] += self._motions @ (self._inverse @ self._sum(left))

    def _sum(self, own: Any) -> Any:
        """Over all processes."""
        return self._processes.allreduce(own)


def _rigid_motions(nodes: Floats) -> Floats:
    """Six rigid motions of the whole, scaled to unit largest displacement, shape (3 N, 6)."""
    arm = nodes - nodes.mean(axis=0)
    arm = arm / np.linalg.norm(arm, axis=1).max()
    table = np.zeros((len(arm), 3, 6))
    for axis in range(3):
        table[:, axis, axis] = 1.0
        table[:, :, 3 + axis] = np.cross(np.eye(3)[axis], arm)
    return table.reshape(-1, 6)
