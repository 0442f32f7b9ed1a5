"""What is elastic in a construct, solved once: compliance of its contact points, whatever holds or loads it.

Nothing but contact and the supports of a load case is left out, so most groups of bodies would float. Each is anchored by
six springs, three by three at two places; ``Condensed`` takes their forces off again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics.factor import Factor
from femsacrum.mechanics.interfaces import Spring
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.standing import floating
from femsacrum.mechanics.system import System, is_linear

#: Right-hand sides solved for at a time: more cost memory and gain nothing.
BLOCK = 128


@dataclass(frozen=True)
class Anchored:
    """Bodies, joined by linear laws, that nothing but springs at two places holds.

    Attributes:
        members: Names of the bodies.
        rows: Of the springs, among all of them.
        places: Of two of the nodes they hold, shape (2, 3) [mm].
    """

    members: tuple[str, ...]
    rows: slice
    places: Floats


class Elastic:
    """Linear terms of a construct and its anchors, factored.

    Args:
        system: The whole, of one process.
        built_in: Supports that are part of it whatever the load: faces held node by node, kinematic pilots.

    Attributes:
        groups: What is anchored.
        anchor: Stiffness of each anchor's springs [N/mm].
        places: Of the contact points, shape (p, 3) [mm].
        jumps: Rows of the jumps at the contact points, in global axes, over all unknowns, shape (3 p, 3 N).
        anchors: Rows of the springs, shape (6 g, 3 N).
        compliance: C = R K^-1 R', R being jumps over anchors, shape (n, n) [mm/N].
        moved: Displacement for a unit force along each spring, shape (3 N, 6 g) [mm/N].

    Raises:
        NumericalError: It cannot be factored.
    """

    def __init__(self, system: System, built_in: Sequence[Hold]) -> None:
        self.groups, self.anchors = _anchors(system, built_in)
        points = system.contact
        at = [
            system.jumps[e.contact.name].points if not isinstance(e, Spring) else e.points[:1]
            for _, e in points.segments
        ]
        self.places = np.vstack(at) if at else np.zeros((0, 3))
        self.jumps = sparse.csr_array(sparse.kron(points.rows, sparse.eye_array(3), format="csr"))
        matrix, self.anchor = self._matrix(system, built_in)
        self._factor = Factor(matrix)
        rows = sparse.csr_array(sparse.vstack([self.jumps, self.anchors], format="csr"))
        self.compliance = np.empty((rows.shape[0], rows.shape[0]))
        for first in range(0, rows.shape[0], BLOCK):
            some = slice(first, min(first + BLOCK, rows.shape[0]))
            self.compliance[:, some] = rows @ self._factor.solve_sparse(rows[some])
        self.compliance += self.compliance.T.copy()
        self.compliance *= 0.5
        self.moved = self.solve(self.anchors.toarray().T)

    def solve(self, forces: Floats) -> Floats:
        """Displacement under nodal forces, both shape (3 N, k)."""
        return self._factor.solve(forces) if forces.shape[1] else np.zeros_like(forces)

    def close(self) -> None:
        """Free the factor's memory."""
        self._factor.close()

    def _matrix(self, system: System, built_in: Sequence[Hold]) -> tuple[sparse.csr_array, float]:
        """Linear terms, what is built in, and anchors; the stiffness of an anchor [N/mm]."""
        matrix = system.matrix().tocsr()
        stiffness = float(np.median(matrix.diagonal()))
        for hold in built_in:
            matrix = matrix + hold.rows.T @ sparse.diags_array(hold.stiffness) @ hold.rows
            if hold.kind == "rigid":
                shares = sparse.bsr_array(
                    (hold.shares, hold.nodes, np.arange(len(hold.nodes) + 1)),
                    shape=(3 * len(hold.nodes), matrix.shape[1]),
                )
                put = sparse.csr_array(
                    (np.ones(shares.shape[0]), (dofs(hold.nodes), np.arange(shares.shape[0]))),
                    shape=(matrix.shape[0], shares.shape[0]),
                )
                matrix = matrix + put @ shares
        return sparse.csr_array(matrix + stiffness * (self.anchors.T @ self.anchors)), stiffness


def groups_held_by_contact(system: System, holds: Sequence[Hold]) -> list[tuple[str, ...]]:
    """Names of the bodies in each group that linear laws join and these supports leave free."""
    joining = [each.contact.name for each in system.interfaces if is_linear(each)]
    return [members for members, _ in floating(system, holds, joining)]


def dofs(nodes: Ints) -> Ints:
    """Unknowns of nodes, shape (3 n,)."""
    return (3 * nodes[:, None] + np.arange(3)).ravel()


def _anchors(system: System, holds: Sequence[Hold]) -> tuple[tuple[Anchored, ...], sparse.csr_array]:
    """Six rows for each group of bodies that supports leave free.

    Three nodes far apart are held in three, two and one direction: statically determinate, so that the anchors' springs
    carry nothing once their forces are taken off.
    """
    rows, columns, values, groups = [], [], [], []
    for number, members in enumerate(groups_held_by_contact(system, holds)):
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
        where = slice(6 * number, 6 * number + 6)
        groups.append(Anchored(members, where, position[[first, second]]))
    shape = (6 * len(groups), 3 * len(system.nodes))
    return tuple(groups), sparse.csr_array((values, (rows, columns)), shape=shape)
