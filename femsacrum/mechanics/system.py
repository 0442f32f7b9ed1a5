"""Everything of the equation K u + B' W t(B u) = f that does not change from load case to load case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
from petsc4py import PETSc
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics import elasticity, membrane
from femsacrum.mechanics.blocks import add_blocks, add_products, positions, united_pattern
from femsacrum.mechanics.bolts import Section, beyond
from femsacrum.mechanics.coupling import JumpRows
from femsacrum.mechanics.interfaces import Bolt, Bonded, Frictional, Healing, Interface, Spring, Thread
from femsacrum.mechanics.meeting import jump_rows
from femsacrum.mechanics.points import Points, local_slope, parameters_of, stacked
from femsacrum.mechanics.share import evenly, gathered, numbered
from femsacrum.mechanics.springs import spring_points
from femsacrum.meshing.bodies import BodyMesh


class System:
    """Bodies joined by interfaces, assembled once and used for every load case.

    Every process knows all bodies and all points of the interfaces; of the matrix it has the rows of its own nodes.

    Args:
        bodies: Body name -> mesh.
        materials: Body name -> stiffness.
        interfaces: Contacts with their laws.
        bolts: Screws that are tightened before the load comes.
        springs: Springs and ligaments.
        comm: PETSc communicator of the processes that share the rows; None: this process alone.

    Attributes:
        numbers: Body name -> number of each of its nodes among all nodes; see ``share``.
        first, last: First node whose row this process has, and one past its last.
        has_cortex: Whether any bone carries one.
        jumps: Contact name -> constraint points.
        bonded: Stacked points whose law is linear (their stiffness is part of ``data``).
        contact: Stacked points of all other interfaces and of springs.
        sections: One for each bolt.
        indptr, indices, data: Own rows of the block matrix of all linear terms; the pattern also holds those of
            ``contact``.
        contact_indptr, contact_indices, contact_places: Own rows of the pattern of ``contact``'s terms and where it lies
            in the other.

    Raises:
        NumericalError: An interface without any point where slave and master meet.
    """

    def __init__(
        self,
        bodies: Mapping[str, BodyMesh],
        materials: Mapping[str, BodyMaterial],
        interfaces: Sequence[Interface],
        bolts: Sequence[Bolt] = (),
        springs: Sequence[Spring] = (),
        comm: Any = None,
    ) -> None:
        self.comm = comm or PETSc.COMM_SELF
        self.processes: Any = self.comm.tompi4py()
        self.bodies = dict(bodies)
        self.interfaces, self.springs = tuple(interfaces), tuple(springs)
        self.has_cortex = any(materials[name].cortex is not None for name in self.bodies)
        self.numbers = numbered(self.bodies)
        self.nodes = np.empty((sum(len(body.nodes) for body in self.bodies.values()), 3))
        for name, body in self.bodies.items():
            self.nodes[self.numbers[name]] = body.nodes
        self.first, self.last = evenly(len(self.nodes), self.comm)
        self.jumps = {each.contact.name: jump_rows(self.bodies, each, self.processes) for each in self.interfaces}
        tied = [(each, self._points(each)) for each in self.interfaces if is_linear(each)]
        self.bonded = stacked(tied, len(self.nodes))
        self.contact = self._contact()
        stiffness = {name: self._own_rows(name, materials[name]) for name in self.bodies}
        self.sections = tuple(self._section(each, stiffness[each.body]) for each in bolts)
        self._assemble(stiffness)
        self._find_slopes()

    def under(self, interfaces: Sequence[Interface]) -> System:
        """The same construct whose contacts follow other laws or open otherwise; shares all memory but that of the points.

        Args:
            interfaces: The same in the same order; those whose law is linear are unchanged.
        """
        other = copy(self)
        other.interfaces = tuple(interfaces)
        other.jumps = {each.contact.name: jump_rows(other.bodies, each, other.processes) for each in interfaces}
        other.contact = other._contact()
        other._find_slopes()
        return other

    def slice_of(self, contact: str) -> slice:
        """Rows of one interface or spring among the bonded or the contact points."""
        for where, each in (*self.bonded.segments, *self.contact.segments):
            if contact == (each.name if isinstance(each, Spring) else each.contact.name):
                return where
        raise KeyError(contact)

    def body_of_node(self) -> Ints:
        """Number of the body of each node, shape (N,)."""
        result = np.empty(len(self.nodes), dtype=np.int64)
        for body, numbers in enumerate(self.numbers.values()):
            result[numbers] = body
        return result

    def split(self, displacement: Floats) -> dict[str, Floats]:
        """Unknowns -> displacement body by body, shape (n, 3) each."""
        table = displacement.reshape(-1, 3)
        return {name: table[numbers] for name, numbers in self.numbers.items()}

    def place(self, node: int) -> str:
        """Where a node is, in words: on which interface, or in which body."""
        at = f"near ({', '.join(f'{x:.0f}' for x in self.nodes[node])}) mm"
        for each in self.interfaces:
            points = self.jumps[each.contact.name]
            own, other = (self.numbers[side[0]] for side in (each.contact.slave, each.contact.master))
            if np.any(own[points.slave.indices] == node) or np.any(other[points.master.indices] == node):
                return f'on interface "{each.contact.name}" {at}'
        return f'in "{list(self.bodies)[int(self.body_of_node()[node])]}" {at}'

    def matrix(self) -> sparse.bsr_array:
        """Own rows of all linear terms as a SciPy matrix (shares memory)."""
        shape = (3 * (self.last - self.first), 3 * len(self.nodes))
        return sparse.bsr_array((self.data, self.indices, self.indptr), shape=shape)

    def forces(self, displacement: Floats) -> Floats:
        """K u of all linear terms, on every process, shape (3 N,) [N]."""
        return np.asarray(gathered(self.matrix() @ displacement, self.processes))

    def _own_rows(self, name: str, material: BodyMaterial) -> tuple[Ints, sparse.bsr_array]:
        """Own nodes of a body, and its rows for them over all nodes of the body [N/mm]."""
        numbers = self.numbers[name]
        own = np.flatnonzero((numbers >= self.first) & (numbers < self.last))
        return own, body_stiffness(self.bodies[name], material, own)

    def _section(self, bolt: Bolt, own_rows: tuple[Ints, sparse.bsr_array]) -> Section:
        """The section of a bolt, on every process."""
        own, matrix = own_rows
        inserted = beyond(bolt, self.bodies[bolt.body])[:, None] * bolt.axis
        forces = np.zeros((self.last - self.first, 3))
        forces[self.numbers[bolt.body][own] - self.first] = (matrix @ inserted.ravel()).reshape(-1, 3)
        return Section(bolt, inserted, self.numbers[bolt.body], gathered(forces, self.processes))

    def _contact(self) -> Points:
        """Points of all interfaces whose law is not linear, and of springs."""
        total = len(self.nodes)
        rubbing = [(each, self._points(each)) for each in self.interfaces if not is_linear(each)]
        pulled = [(each, spring_points(self.bodies, self.numbers, each, total)) for each in self.springs]
        return stacked([*rubbing, *pulled], total)

    def _points(self, each: Interface) -> Points:
        """Constraint points of one interface over all nodes."""
        jump = self.jumps[each.contact.name]
        count = len(jump.points)
        parameters, exact = parameters_of(each, count, each.screw.diameter if each.screw else 1.0)
        contact = each.law.contact if isinstance(each.law, Healing) else each.law
        interference = contact.interference if isinstance(contact, Frictional) else 0.0
        return Points(
            self._global_rows(each, jump, len(self.nodes)),
            jump.frames,
            jump.area,
            jump.initial_gap,
            np.full(count, interference),
            parameters,
            np.full(count, exact),
            ((slice(0, count), each),),
        )

    def _find_slopes(self) -> None:
        """Slopes of exactly enforced contact, from the stiffness of the nodes it joins."""
        rows = np.repeat(np.arange(self.first, self.last), np.diff(self.indptr))
        own = np.flatnonzero(rows == self.indices)
        diagonal = gathered(np.trace(self.data[own], axis1=1, axis2=2) / 3.0, self.processes)
        points = self.contact
        slope = local_slope(points.rows, points.area, diagonal)
        points.parameters[points.exact, :2] = slope[points.exact, None]

    def _global_rows(self, interface: Interface, jump: JumpRows, total: int) -> sparse.csr_array:
        """Slave minus master weights over all nodes."""
        parts = []
        for sign, weights, body in (
            (1.0, jump.slave, interface.contact.slave[0]),
            (-1.0, jump.master, interface.contact.master[0]),
        ):
            table = sparse.coo_array(weights)
            index = (table.coords[0], self.numbers[body][table.coords[1]])
            parts.append(sparse.csr_array((sign * table.data, index), shape=(weights.shape[0], total)))
        return sparse.csr_array(parts[0] + parts[1])

    def _assemble(self, stiffness: Mapping[str, tuple[Ints, sparse.bsr_array]]) -> None:
        total = len(self.nodes)
        bodies = [
            _pattern(matrix.indptr, self.numbers[name][matrix.indices], (len(own), total))
            for name, (own, matrix) in stiffness.items()
        ]
        order = np.argsort(np.concatenate([self.numbers[name][own] for name, (own, _) in stiffness.items()]))
        joined = [sparse.csr_array(sparse.vstack(bodies, format="csr")[order])]
        for points in (self.bonded, self.contact):
            ones = _pattern(points.rows.indptr, points.rows.indices, points.rows.shape)
            joined.append(sparse.csr_array(ones[:, self.first : self.last].T @ ones))
        self.indptr, self.indices = united_pattern(joined, self.first)
        joined[-1].sort_indices()
        self.contact_indptr = joined[-1].indptr.astype(np.int64)
        self.contact_indices = joined[-1].indices.astype(np.int64)
        self.contact_places = positions(self.indptr, self.indices, self.contact_indptr, self.contact_indices)
        self.data = np.zeros((len(self.indices), 3, 3))
        for name, (own, matrix) in stiffness.items():
            numbers = self.numbers[name]
            rows = np.repeat(numbers[own], np.diff(matrix.indptr))
            add_blocks(self.indptr, self.indices, self.data, self.first, rows, numbers[matrix.indices], matrix.data)
        slopes = self.bonded.parameters
        tangent = np.zeros((len(slopes), 3, 3))
        for axis, column in enumerate((0, 1, 0)):  # a thread is softer along the screw, its first tangent
            tangent[:, axis, axis] = slopes[:, column]
        self.bonded_tangent = tangent
        self._add(self.indptr, self.indices, self.data, self.bonded, tangent)

    def contact_blocks(self, tangent: Floats) -> Floats:
        """Own rows of B' W D B of the contact points for local tangents D, in the contact pattern, (c, 3, 3)."""
        blocks = np.zeros((len(self.contact_indices), 3, 3))
        self._add(self.contact_indptr, self.contact_indices, blocks, self.contact, tangent)
        return blocks

    def _add(self, indptr: Ints, indices: Ints, data: Floats, points: Points, tangent: Floats) -> None:
        rows = points.rows
        starts, nodes = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
        add_products(indptr, indices, data, self.first, starts, nodes, rows.data, points.spatial(tangent))


def _pattern(indptr: Ints, indices: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    """Ones where something is stored."""
    return sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=shape)


def is_linear(interface: Interface) -> bool:
    """Whether its law is linear and belongs to the stiffness of the whole."""
    law = interface.law
    return isinstance(law, Bonded) or (isinstance(law, Thread) and law.strength == np.inf)


def body_stiffness(body: BodyMesh, material: BodyMaterial, rows: Ints | None = None) -> sparse.bsr_array:
    """Tetrahedra and cortex of one body [N/mm]; ``rows``: nodes whose rows are wanted, None: all."""
    matrix = elasticity.stiffness(body, material, rows)
    if material.cortex is None:
        return matrix
    return sparse.bsr_array(matrix + membrane.stiffness(body, material.cortex, rows))
