"""The construct condensed onto its contact points: what is elastic is solved once, what rubs as often as one likes.

Everything but contact is linear, so the jumps y = B u at the contact points follow from the loads and from the forces z
that the points pass,

    y = B K^-1 f - C z,    C = B K^-1 B',    z = W t(y, state),

with the same u as the whole K u + B' W t(B u) = f (static condensation, R. J. Guyan, AIAA J. 3 (1965) 380; flexibility
form, C. Farhat, F.-X. Roux, Int. J. Numer. Meth. Engng 32 (1991) 1205). Read as C^-1 y + W t(y) = C^-1 B K^-1 f these are
equations like those of the whole, with a matrix of a few thousand rows, so Newton's method and the march are the same. A
step with the whole costs a multigrid solve; here it costs a dense one over the points that touch.

``Elastic`` has K without the supports of the load case, every group of bodies anchored. Supports are put on, and anchors
of what they hold are taken off, as few more rows H with stiffness k (negative: taken off),

    (K + H' k H)^-1 = K^-1 - V (1/k + H V)^-1 V',    V = K^-1 H'

(M. A. Woodbury, Mem. Rep. 42, Statist. Res. Group, Princeton 1950), so that other loads and supports cost a few solves.
A body that only contact holds keeps its anchors, whose forces are taken off as if they were points: the anchors change
nothing but the number of unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import linalg, sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics.bolts import Section
from femsacrum.mechanics.elastic import Elastic, dofs, groups_held_by_contact
from femsacrum.mechanics.interfaces import Spring
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.points import Points
from femsacrum.mechanics.system import System

#: Columns of C beyond which its memory (8 n^2 bytes) and its factors are no longer worth it.
MOST_ROWS = 12_000


class Condensed:
    """A system whose unknowns are the jumps at its contact points, for one set of supports.

    It takes the place of a ``System`` in ``March`` and ``Newton``; unknowns are the jumps in global axes and, behind
    them, the displacements of the anchors, three by three.

    Args:
        elastic: What is elastic in it.
        system: The whole, with the laws of its contacts.
        put_on: Supports that are not built into ``elastic``.
        holds: All supports.

    Attributes:
        contact: The contact points as rows of the new unknowns.
        nodes: Their places, shape (m, 3) [mm].
        anchor: Stiffness of each anchor's springs [N/mm].
        compliance: C, shape (n, n) [mm/N].
        sections: None: bolts are tightened with the whole; what they were shortened by is a load here.
    """

    def __init__(self, elastic: Elastic, system: System, put_on: Sequence[Hold], holds: Sequence[Hold]) -> None:
        self.whole, self._elastic, self.anchor = system, elastic, elastic.anchor
        left = set(groups_held_by_contact(system, holds))
        kept = [group for group in elastic.groups if group.members in left]
        off = [group for group in elastic.groups if group.members not in left]
        own = np.concatenate([np.arange(group.rows.start, group.rows.stop) for group in kept] or [_NONE])
        gone = np.concatenate([np.arange(group.rows.start, group.rows.stop) for group in off] or [_NONE])
        self.nodes = np.vstack([elastic.places, *(group.places for group in kept)])
        self.contact = self._on_jumps(system.contact)
        self._rows = sparse.csr_array(sparse.vstack([elastic.jumps, elastic.anchors[own]], format="csr"))
        self._put(put_on, gone)
        points = elastic.jumps.shape[0]
        chosen = np.concatenate([np.arange(points), points + own])
        beside = self._rows @ self._moved
        self.compliance = elastic.compliance[np.ix_(chosen, chosen)]
        if beside.shape[1]:
            softer = beside @ linalg.solve(self._between, beside.T)
            self.compliance -= 0.5 * (softer + softer.T)
        self._stiffness = linalg.cho_factor(self.compliance, lower=True, check_finite=False)
        self.sections: tuple[Section, ...] = ()
        self._known: tuple[Floats | None, Floats] = (None, np.zeros(0))

    def place(self, point: int) -> str:
        """Where a contact point is, in words."""
        for where, each in self.contact.segments:
            if where.start <= point < where.stop:
                name = each.name if isinstance(each, Spring) else each.contact.name
                at = ", ".join(f"{x:.0f}" for x in self.nodes[point])
                return f'on interface "{name}" near ({at}) mm'
        return "on a body that only contact holds"

    def moved(self, forces: Floats) -> Floats:
        """Jumps under forces on them, both shape (n,); the forces that hold these very jumps are then known."""
        jumps = self.compliance @ forces
        self._known = (jumps, forces)
        return jumps

    def forces(self, jumps: Floats) -> Floats:
        """Forces that hold the elastic rest at given jumps, shape (n,) [N]."""
        known, forces = self._known
        # asked of every step of Newton's method: two triangles cost more than all the rest of it
        result: Floats = (
            forces.copy() if jumps is known else linalg.cho_solve(self._stiffness, jumps, check_finite=False)
        )
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
        moved = self._rows @ self._solve(nodal)
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
        return self._solve(nodal - self._rows.T @ passed)

    def _put(self, holds: Sequence[Hold], gone: Ints) -> None:
        """Supports put on and anchors taken off: V, shape (3 N, d), and 1/k + H V."""
        on = sparse.vstack([hold.rows for hold in holds], format="csr") if holds else self._rows[:0]
        stiffness = np.concatenate([*(hold.stiffness for hold in holds), np.full(len(gone), -self.anchor)])
        off = self._elastic.anchors[gone]
        self._moved = np.hstack([self._elastic.solve(on.toarray().T), self._elastic.moved[:, gone]])
        self._between = np.diag(1.0 / stiffness) + sparse.vstack([on, off], format="csr") @ self._moved

    def _solve(self, forces: Floats) -> Floats:
        """Displacement of the elastic whole on its supports under nodal forces, both shape (3 N,)."""
        moved: Floats = self._elastic.solve(forces[:, None])[:, 0]
        if self._moved.shape[1]:
            moved -= self._moved @ linalg.solve(self._between, self._moved.T @ forces)
        return moved

    def _on_jumps(self, points: Points) -> Points:
        rows = sparse.eye_array(len(points.area), len(self.nodes), format="csr")
        return replace(points, rows=sparse.csr_array(rows))


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

    def forget(self) -> None:
        """Nothing to forget: equal tangents have equal factors."""
        self.setups = 0

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
        if not len(active):  # every face is open, and supports hold every body
            return system.moved(right), 1, True
        blocks = np.concatenate(
            [self._tangent[touching], np.tile((free - 1.0) * system.anchor * np.eye(3), (extra, 1, 1))]
        )
        rows = dofs(active)
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
        step = system.moved(passing)
        return step, 1, bool(np.all(np.isfinite(step)))

    def close(self) -> None:
        """Nothing of PETSc's is held."""


def _same(one: tuple[Ints, Floats], other: tuple[Ints, Floats]) -> bool:
    return all(a.shape == b.shape and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


_NONE: Ints = np.zeros(0, dtype=np.int64)
