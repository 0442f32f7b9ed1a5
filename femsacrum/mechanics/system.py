"""Everything of the equation K u + B' W t(B u) = f that does not change from load case to load case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics import coupling, elasticity, laws, membrane
from femsacrum.mechanics.blocks import add_blocks, add_products, positions, united_pattern
from femsacrum.mechanics.coupling import JumpRows
from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface
from femsacrum.meshing.bodies import BodyMesh


@dataclass(frozen=True)
class Points:
    """Constraint points of several interfaces stacked.

    Attributes:
        rows: Scalar jump weights over all nodes, shape (p, N).
        frames: Shape (p, 3, 3).
        area: Shape (p,) [mm2].
        initial_gap: Shape (p,) [mm].
        parameters: Friction, k_n, k_t per point (friction NaN where bonded), shape (p, 3).
        place: Shape (p, 3) [mm].
    """

    rows: sparse.csr_array
    frames: Floats
    area: Floats
    initial_gap: Floats
    parameters: Floats
    place: Floats

    def jump(self, displacement: Floats) -> Floats:
        """Jump in local axes, shape (p, 3) [mm]."""
        return np.einsum("pij,pj->pi", self.frames, self.rows @ displacement.reshape(-1, 3))

    def force(self, traction: Floats) -> Floats:
        """Nodal forces B' W t, shape (3 N,) [N]."""
        spatial = np.einsum("p,pij,pi->pj", self.area, self.frames, traction)
        return (self.rows.T @ spatial).ravel()

    def spatial(self, tangent: Floats) -> Floats:
        """Local tangents times area, in global axes, shape (p, 3, 3) [N/mm]."""
        return np.einsum("p,pia,pij,pjb->pab", self.area, self.frames, tangent, self.frames, optimize=True)


class System:
    """Bodies joined by interfaces, assembled once and used for every load case.

    Args:
        bodies: Body name -> mesh.
        materials: Body name -> stiffness.
        interfaces: Contacts with their laws.

    Attributes:
        offsets: Body name -> number of its first node among all nodes.
        has_cortex: Whether any bone carries one.
        jumps: Contact name -> constraint points.
        bonded: Stacked points of bonded interfaces (their stiffness is part of ``data``).
        frictional: Stacked points of frictional interfaces.
        indptr, indices, data: Block matrix of all linear terms; its pattern also holds the frictional terms.
        contact_indptr, contact_indices, contact_places: Pattern of the frictional terms and where it lies in the other.

    Raises:
        NumericalError: An interface without any point where slave and master meet.
    """

    def __init__(
        self,
        bodies: Mapping[str, BodyMesh],
        materials: Mapping[str, BodyMaterial],
        interfaces: Sequence[Interface],
    ) -> None:
        self.bodies = dict(bodies)
        self.interfaces = tuple(interfaces)
        self.has_cortex = any(materials[name].cortex is not None for name in self.bodies)
        counts = [len(body.nodes) for body in self.bodies.values()]
        starts = np.concatenate([[0], np.cumsum(counts)])
        self.offsets = {name: int(start) for name, start in zip(self.bodies, starts, strict=False)}
        self.nodes = np.vstack([body.nodes for body in self.bodies.values()])
        self.jumps = {each.contact.name: jump_rows(self.bodies, each) for each in self.interfaces}
        self.bonded, self._bonded_slices = self._stack(Bonded)
        self.frictional, self._frictional_slices = self._stack(Frictional)
        stiffness = [body_stiffness(body, materials[name]) for name, body in self.bodies.items()]
        self._assemble(stiffness)

    def slice_of(self, contact: str) -> slice:
        """Rows of one interface among the bonded or the frictional points."""
        return self._bonded_slices.get(contact) or self._frictional_slices[contact]

    def body_of_node(self) -> Ints:
        """Number of the body of each node, shape (N,)."""
        return np.repeat(np.arange(len(self.bodies)), [len(body.nodes) for body in self.bodies.values()])

    def split(self, displacement: Floats) -> dict[str, Floats]:
        """Unknowns -> displacement body by body, shape (n, 3) each."""
        table = displacement.reshape(-1, 3)
        return {
            name: table[self.offsets[name] : self.offsets[name] + len(body.nodes)].copy()
            for name, body in self.bodies.items()
        }

    def matrix(self) -> sparse.bsr_array:
        """All linear terms as a SciPy matrix (shares memory)."""
        size = 3 * len(self.nodes)
        return sparse.bsr_array((self.data, self.indices, self.indptr), shape=(size, size))

    def _stack(self, kind: type) -> tuple[Points, dict[str, slice]]:
        total = len(self.nodes)
        slices: dict[str, slice] = {}
        rows, frames, areas, gaps, parameters, places = [], [], [], [], [], []
        start = 0
        for each in self.interfaces:
            if not isinstance(each.law, kind):
                continue
            jump = self.jumps[each.contact.name]
            count = len(jump.points)
            slices[each.contact.name] = slice(start, start + count)
            start += count
            rows.append(self._global_rows(each, jump, total))
            frames.append(jump.frames)
            areas.append(jump.area)
            gaps.append(jump.initial_gap)
            places.append(jump.points)
            law = each.law
            if isinstance(law, Bonded):
                parameters.append(np.tile([np.nan, law.stiffness, law.stiffness], (count, 1)))
            else:
                parameters.append(np.tile([law.friction, law.normal_stiffness, law.stick_stiffness], (count, 1)))
        if not rows:
            empty = sparse.csr_array((0, total))
            none = np.zeros(0)
            return Points(empty, np.zeros((0, 3, 3)), none, none, np.zeros((0, 3)), np.zeros((0, 3))), slices
        stacked = sparse.csr_array(sparse.vstack(rows, format="csr"))
        stacked.sort_indices()
        joined = [np.concatenate(each) for each in (frames, areas, gaps, parameters, places)]
        return Points(stacked, *joined), slices

    def _global_rows(self, interface: Interface, jump: JumpRows, total: int) -> sparse.csr_array:
        """Slave minus master weights over all nodes."""
        parts = []
        for sign, weights, body in (
            (1.0, jump.slave, interface.contact.slave[0]),
            (-1.0, jump.master, interface.contact.master[0]),
        ):
            table = sparse.coo_array(weights)
            index = (table.coords[0], table.coords[1] + self.offsets[body])
            parts.append(sparse.csr_array((sign * table.data, index), shape=(weights.shape[0], total)))
        return sparse.csr_array(parts[0] + parts[1])

    def _assemble(self, stiffness: list[sparse.bsr_array]) -> None:
        bodies = [_pattern(m.indptr, m.indices, (m.shape[0] // 3, m.shape[1] // 3)) for m in stiffness]
        joined = [sparse.csr_array(sparse.block_diag(bodies, format="csr"))]
        for points in (self.bonded, self.frictional):
            ones = _pattern(points.rows.indptr, points.rows.indices, points.rows.shape)
            joined.append(sparse.csr_array(ones.T @ ones))
        self.indptr, self.indices = united_pattern(joined)
        joined[-1].sort_indices()
        self.contact_indptr = joined[-1].indptr.astype(np.int64)
        self.contact_indices = joined[-1].indices.astype(np.int64)
        self.contact_places = positions(self.indptr, self.indices, self.contact_indptr, self.contact_indices)
        self.data = np.zeros((len(self.indices), 3, 3))
        for matrix, start in zip(stiffness, self.offsets.values(), strict=True):
            rows = np.repeat(np.arange(len(matrix.indptr) - 1), np.diff(matrix.indptr)) + start
            add_blocks(
                self.indptr, self.indices, self.data, rows, matrix.indices.astype(np.int64) + start, matrix.data
            )
        count = len(self.bonded.area)
        tangent = np.zeros((count, 3, 3))
        laws.bonded(np.zeros((count, 3)), self.bonded.parameters[:, 1].copy(), np.zeros((count, 3)), tangent)
        self._add(self.indptr, self.indices, self.data, self.bonded, tangent)

    def contact_blocks(self, tangent: Floats) -> Floats:
        """B' W D B of the frictional points for local tangents D, in the contact pattern, shape (c, 3, 3)."""
        blocks = np.zeros((len(self.contact_indices), 3, 3))
        self._add(self.contact_indptr, self.contact_indices, blocks, self.frictional, tangent)
        return blocks

    def _add(self, indptr: Ints, indices: Ints, data: Floats, points: Points, tangent: Floats) -> None:
        rows = points.rows
        starts, nodes = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
        add_products(indptr, indices, data, starts, nodes, rows.data, points.spatial(tangent))


def _pattern(indptr: Ints, indices: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    """Ones where something is stored."""
    return sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=shape)


def body_stiffness(body: BodyMesh, material: BodyMaterial) -> sparse.bsr_array:
    """Tetrahedra and cortex of one body, [N/mm]."""
    matrix = elasticity.stiffness(body, material)
    if material.cortex is None:
        return matrix
    return sparse.bsr_array(matrix + membrane.stiffness(body, material.cortex))


def jump_rows(bodies: Mapping[str, BodyMesh], interface: Interface) -> JumpRows:
    """Constraint points of one interface.

    Raises:
        NumericalError: Slave and master nowhere meet.
    """
    contact = interface.contact
    slave, master = bodies[contact.slave[0]], bodies[contact.master[0]]
    if contact.kind == "embedded":
        if interface.screw is None:
            raise NumericalError(f'interface "{contact.name}": embedded, but no screw is given')
        rows = coupling.embedded(slave, interface.screw, master)
    else:
        search = coupling.ANATOMICAL_SEARCH if contact.kind == "anatomical" else None
        facets, opposite = slave.facets_of(contact.slave[1]), master.facets_of(contact.master[1])
        rows = coupling.surface(slave, facets, master, opposite, search)
    if not len(rows.points):
        raise NumericalError(
            f'interface "{contact.name}": no point of {contact.slave[0]} "{contact.slave[1]}" has '
            f'{contact.master[0]} "{contact.master[1]}" within reach'
        )
    return rows
