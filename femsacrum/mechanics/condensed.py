"""The construct condensed onto its contact points: what is elastic is solved once, what rubs as often as one likes.

Everything but contact is linear, so the jumps y = B u at the contact points follow from the loads and from the forces z
that the points pass,

    y = B K^-1 f - C z,    C = B K^-1 B',    z = W t(y, state),

with the same u as the whole K u + B' W t(B u) = f (static condensation, R. J. Guyan, AIAA J. 3 (1965) 380; flexibility
form, C. Farhat, F.-X. Roux, Int. J. Numer. Meth. Engng 32 (1991) 1205). Read as C^-1 y + W t(y) = C^-1 B K^-1 f these are
equations like those of the whole, with a matrix of a few thousand rows, so Newton's method and the march are the same. A
step with the whole costs a multigrid solve; here it costs a dense one over the points that touch.

A body that only contact holds would leave K singular. It is anchored by six springs, whose forces are taken off again as
if they were six more points: the anchors change nothing but the number of unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from petsc4py import PETSc
from scipy import linalg, sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.mechanics.bolts import Section
from femsacrum.mechanics.interfaces import Spring
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.points import Points
from femsacrum.mechanics.standing import floating
from femsacrum.mechanics.system import System, is_linear

#: Right-hand sides solved for at a time: more cost memory and gain nothing.
BLOCK = 128
#: Columns of C beyond which its memory (8 n^2 bytes) and its factors are no longer worth it.
MOST_ROWS = 12_000


class Condensed:
    """A system whose unknowns are the jumps at its contact points, for one set of supports.

    It takes the place of a ``System`` in ``March`` and ``Newton``; unknowns are the jumps in global axes and, behind
    them, the displacements of the anchors, three by three.

    Args:
        system: The whole, of one process.
        holds: Supports.

    Attributes:
        contact: The contact points as rows of the new unknowns.
        nodes: Their places, shape (m, 3) [mm].
        anchor: Stiffness of each anchor's springs [N/mm].
        compliance: C, shape (n, n) [mm/N].
        sections: None: bolts are tightened with the whole; what they were shortened by is a load here.

    Raises:
        NumericalError: The elastic rest cannot be factored.
    """

    def __init__(self, system: System, holds: Sequence[Hold]) -> None:
        self.whole, self.holds = system, tuple(holds)
        points = system.contact
        anchors, places = _anchors(system, holds)
        at = [
            system.jumps[e.contact.name].points if not isinstance(e, Spring) else e.points[:1]
            for _, e in points.segments
        ]
        self.nodes = np.vstack([*at, places])
        self.contact = self._on_jumps(points)
        jumps = sparse.kron(points.rows, sparse.eye_array(3), format="csr")
        self._rows = sparse.csr_array(sparse.vstack([jumps, anchors], format="csr"))
        matrix, self.anchor = self._elastic(anchors)
        self._factor = _Factor(matrix)
        self.compliance = self._compliance()
        self._stiffness = linalg.cho_factor(self.compliance, lower=True, check_finite=False)
        self.sections: tuple[Section, ...] = ()

    def place(self, point: int) -> str:
        """Where a contact point is, in words."""
        for where, each in self.contact.segments:
            if where.start <= point < where.stop:
                name = each.name if isinstance(each, Spring) else each.contact.name
                at = ", ".join(f"{x:.0f}" for x in self.nodes[point])
                return f'on interface "{name}" near ({at}) mm'
        return "on a body that only contact holds"

    def forces(self, jumps: Floats) -> Floats:
        """Forces that hold the elastic rest at given jumps, shape (n,) [N]."""
        result: Floats = linalg.cho_solve(self._stiffness, jumps, check_finite=False)
        anchored = result[3 * len(self.contact.area) :]
        anchored -= self.anchor * jumps[3 * len(self.contact.area) :]
        return result

    def restart(self) -> None:
        """Contact points as they were at first: nothing has united."""
        self.contact = self._on_jumps(self.whole.contact)

    def jumps(self, displacement: Floats) -> Floats:
        """Displacement of the whole, shape (3 N,), as unknowns of this system, shape (n,) [mm]."""
        return np.asarray(self._rows @ displacement)

    def loads(self, nodal: Floats) -> Floats:
        """Nodal forces of the whole, shape (3 N,), as forces on the jumps, shape (n,) [N]."""
        moved = self._rows @ self._factor.solve(nodal[:, None])[:, 0]
        return np.asarray(linalg.cho_solve(self._stiffness, moved, check_finite=False))

    def displacement(self, nodal: Floats, traction: Floats, jumps: Floats) -> Floats:
        """Displacement of the whole that goes with a state of the contact, shape (3 N,) [mm].

        Args:
            nodal: Nodal forces of the whole [N].
            traction: At the contact points, local axes, shape (p, 3) [MPa].
            jumps: Unknowns, shape (n,) [mm].
        """
        passed = self.contact.force(traction)
        passed[3 * len(self.contact.area) :] = -self.anchor * jumps[3 * len(self.contact.area) :]
        return self._factor.solve((nodal - self._rows.T @ passed)[:, None])[:, 0]

    def close(self) -> None:
        """Free the factor's memory."""
        self._factor.close()

    def _on_jumps(self, points: Points) -> Points:
        rows = sparse.eye_array(len(points.area), len(self.nodes), format="csr")
        return replace(points, rows=sparse.csr_array(rows))

    def _elastic(self, anchors: sparse.csr_array) -> tuple[sparse.csr_array, float]:
        """Linear terms, supports and anchors; the stiffness of an anchor [N/mm]."""
        matrix = self.whole.matrix().tocsr()
        stiffness = float(np.median(matrix.diagonal()))
        for hold in self.holds:
            spread = hold.rows.T @ sparse.diags_array(hold.stiffness) @ hold.rows
            matrix = matrix + spread
            if hold.kind == "rigid":
                shares = sparse.bsr_array(
                    (hold.shares, hold.nodes, np.arange(len(hold.nodes) + 1)),
                    shape=(3 * len(hold.nodes), matrix.shape[1]),
                )
                put = sparse.csr_array(
                    (np.ones(shares.shape[0]), (_dofs(hold.nodes), np.arange(shares.shape[0]))),
                    shape=(matrix.shape[0], shares.shape[0]),
                )
                matrix = matrix + put @ shares
        return sparse.csr_array(matrix + stiffness * (anchors.T @ anchors)), stiffness

    def _compliance(self) -> Floats:
        """C = B K^-1 B', symmetric, shape (n, n) [mm/N]."""
        count = self._rows.shape[0]
        result = np.empty((count, count))
        for first in range(0, count, BLOCK):
            some = slice(first, min(first + BLOCK, count))
            result[:, some] = self._rows @ self._factor.solve_sparse(self._rows[some])
        return 0.5 * (result + result.T)


class Direct:
    """Solves with the tangent of a condensed system; in the place of ``Krylov`` in ``Newton``.

    With K = C^-1 less the anchors and Z = W D, (C^-1 + Z) d = r is d = C g, (1 + Z C) g = r: rows of points with no
    tangent are g = r at once, so only the points that touch are solved for.
    """

    def __init__(self, system: Condensed, _: Sequence[Hold]) -> None:
        self._system, self.setups, self.free = system, 0, 0.0
        self._key: tuple[Ints, Floats] | None = None
        self._factor: Any = None
        self._tangent = np.zeros((0, 3, 3))

    def set_tangent(self, tangent: Floats) -> None:
        """Use local tangents of the contact points, shape (p, 3, 3) [MPa/mm]."""
        self._tangent = self._system.contact.spatial(tangent)

    def set_preconditioner(self, _: Floats) -> None:
        """Nothing to build: the solve is direct."""
        self.setups += 1

    def solve(self, right: Floats, tolerance: float, free: float) -> tuple[Floats, int, bool]:
        """Solve for jumps [mm]; tells one iteration, and whether the matrix was regular.

        ``free`` is the share of an anchor's stiffness that the tangent keeps, and the forces never see: a graft that touches
        nothing stays where it is.
        """
        system = self._system
        extra = len(system.nodes) - len(self._tangent)
        touching = np.flatnonzero(np.abs(self._tangent).max(axis=(1, 2), initial=0.0) > 0.0)
        active = np.concatenate([touching, len(self._tangent) + np.arange(extra)]).astype(np.int64)
        blocks = np.concatenate(
            [self._tangent[touching], np.tile((free - 1.0) * system.anchor * np.eye(3), (extra, 1, 1))]
        )
        rows = _dofs(active)
        passing = right.copy()
        passing[rows] = 0.0
        behind = system.compliance[rows] @ passing
        if self._key is None or not _same(self._key, (active, blocks)):
            within = system.compliance[np.ix_(rows, rows)].reshape(len(active), 3, -1)
            matrix = np.matmul(blocks, within).reshape(len(rows), -1)
            matrix[np.diag_indices(len(rows))] += 1.0
            self._factor, self._key = linalg.lu_factor(matrix, overwrite_a=True, check_finite=False), (active, blocks)
        known = right[rows] - np.matmul(blocks, behind.reshape(-1, 3, 1)).ravel()
        passing[rows] = linalg.lu_solve(self._factor, known, check_finite=False)
        step = system.compliance @ passing
        return step, 1, bool(np.all(np.isfinite(step)))

    def close(self) -> None:
        """Nothing of PETSc's is held."""


class _Factor:
    """K as a product of triangles (MUMPS), solved for many right-hand sides at a time."""

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
        """K^-1 times columns, shape (3 N, k)."""
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
        """K^-1 times the transpose of few entries, shape (3 N, k): MUMPS then skips what they do not reach."""
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
        self._pc.destroy()
        self._matrix.destroy()


def _anchors(system: System, holds: Sequence[Hold]) -> tuple[sparse.csr_array, Floats]:
    """Six rows for each group of bodies that only contact holds, and their nodes, shape (2, 3) a group [mm].

    Three nodes far apart are held in three, two and one direction: statically determinate, so that the anchors' springs
    carry nothing once their forces are taken off.
    """
    joining = [each.contact.name for each in system.interfaces if is_linear(each)]
    rows, columns, values, places = [], [], [], []
    for number, (members, _) in enumerate(floating(system, holds, joining)):
        nodes = np.concatenate([system.numbers[name] for name in members])
        position = system.nodes[nodes]
        first = int(np.argmax(np.linalg.norm(position - position.mean(axis=0), axis=1)))
        away = position - position[first]
        second = int(np.argmax(np.linalg.norm(away, axis=1)))
        along = away[second] / np.linalg.norm(away[second])
        off = away - np.outer(away @ along, along)
        third = int(np.argmax(np.linalg.norm(off, axis=1)))
        side = off[third] / np.linalg.norm(off[third])
        up = np.cross(along, side)
        held = [(first, axis) for axis in np.eye(3)] + [(second, side), (second, up), (third, up)]
        for row, (node, direction) in enumerate(held):
            rows += [6 * number + row] * 3
            columns += list(3 * nodes[node] + np.arange(3))
            values += list(direction)
        places += [position[first], position[second]]
    count = 3 * len(places)
    shape = (count, 3 * len(system.nodes))
    return sparse.csr_array((values, (rows, columns)), shape=shape), np.array(places).reshape(-1, 3)


def _dofs(nodes: Ints) -> Ints:
    return (3 * nodes[:, None] + np.arange(3)).ravel()


def _same(one: tuple[Ints, Floats], other: tuple[Ints, Floats]) -> bool:
    return all(a.shape == b.shape and np.array_equal(a, b) for a, b in zip(one, other, strict=True))
