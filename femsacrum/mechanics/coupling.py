"""The jump operator: rows that say how far slave and master move apart, point by point.

The jump of a constraint point is a weighted average over the slave's facets around a slave node,
``j = sum_q w_q (u_slave(x_q) - u_master(x_q)) / sum_q w_q``, the weights w_q being the node's dual hat function times
quadrature weight times area. Facets that the master covers wholly are cut along the master's edges, six points a segment,
so that the sum is an exact integral on faces that lie on each other (``segments``); others have 24 points (six on each of
the four parts of a quadratic one). The master's displacement is carried from the point y_q opposite x_q with its
gradient, ``u(y) + grad u(y) (x - y)``, so that a rigid motion of both sides gives no jump and interface forces are in
equilibrium, moments included, even across a distance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from mpi4py import MPI
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics.locate import cell_of_facet, closest_on_facets, in_cells, same_triangles
from femsacrum.mechanics.segments import (
    FACING,
    Samples,
    gathered_segments,
    joined,
    on_parts,
    on_segments,
    parts_of,
    whole_segments,
)
from femsacrum.mechanics.shapes import SUBTRIANGLES, tetrahedron, triangle
from femsacrum.mechanics.share import evenly
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.surgery.construct import Screw

#: Adjoining facets whose normals differ by less belong to one smooth face [deg].
SMOOTH_ANGLE = 40.0
#: A constraint point whose covered share of its tributary area is smaller is left out.
LEAST_COVER = 0.05
#: Farthest master of a slave point that is not bone grown together with soft tissue, in facet sizes.
SEARCH_FACTOR = 0.5
#: The same for "anatomical" contacts [mm].
ANATOMICAL_SEARCH = 3.0
#: Master offsets below this share of the facet size count as touching (round-off of the mesher).
TOUCHING = 1e-7


@dataclass(frozen=True)
class JumpRows:
    """Constraint points of one interface.

    Attributes:
        points: Shape (p, 3) [mm].
        frames: Normal out of the slave and two tangents as rows, shape (p, 3, 3).
        area: Tributary area that has a master opposite [mm2], shape (p,).
        slave: Weights of the slave's nodes, shape (p, n_slave).
        master: Weights of the master's nodes, shape (p, n_master).
        slave_nodes: Slave node of each point, shape (p,).
        initial_gap: Distance to the master along the normal [mm], never negative, shape (p,).
        uncovered: Share of the slave's face without a master; of a screw see ``embedded``.
    """

    points: Floats
    frames: Floats
    area: Floats
    slave: sparse.csr_array
    master: sparse.csr_array
    slave_nodes: Ints
    initial_gap: Floats
    uncovered: float


def surface(
    slave: BodyMesh,
    facets: Ints,
    master: BodyMesh,
    master_facets: Ints,
    search: float | None,
    processes: Any = MPI.COMM_SELF,
) -> JumpRows:
    """Rows of two faces that meet.

    Args:
        slave: Body where gap and slip are measured.
        facets: Its facets, shape (k, 3) or (k, 6).
        master: The other body.
        master_facets: Its facets.
        search: Largest distance bridged [mm]; None: half a facet size.
        processes: MPI communicator (mpi4py) of those that cut the facets together.

    Returns:
        One constraint point per slave node and adjoining smooth face; points without a master are left out.
    """
    size = _facet_size(master, master_facets)
    reach = search if search is not None else SEARCH_FACTOR * size
    first, last = evenly(len(facets), processes)
    found = whole_segments(slave, facets[first:last], master, master_facets, reach)
    segments = gathered_segments(found, first * len(SUBTRIANGLES[slave.order]), processes)
    other = np.setdiff1d(np.arange(len(parts_of(slave, facets))), segments.part)
    cut, uncut = on_segments(slave, facets, segments), on_parts(slave, facets, other)
    facet, reference, foot = closest_on_facets(uncut.place, master.nodes, master_facets, 2.0 * reach)
    values, _ = triangle(master.order, segments.reference)
    opposite = np.einsum("qa,qai->qi", values, master.nodes[master_facets[segments.facet]])
    sample = joined(cut, uncut)
    facet, reference = np.concatenate([segments.facet, facet]), np.vstack([segments.reference, reference])
    offset = sample.place - np.vstack([opposite, foot])
    along = np.einsum("qi,qi->q", offset, sample.normal)
    beside = np.linalg.norm(offset - along[:, None] * sample.normal, axis=1)
    against = np.einsum("qi,qi->q", sample.normal, _normals(master, master_facets[facet], reference))
    # beside the master's rim the closest point lies sideways: no master there
    covered = (np.abs(along) <= reach) & (beside <= 0.1 * size + np.abs(along)) & (against < FACING)
    weights = _extrapolated(master, master_facets[facet], reference, np.where(covered[:, None], offset, 0.0), size)
    return _average(slave, facets, sample, len(master.nodes), weights, covered, -along)


def embedded(slave: BodyMesh, screw: Screw, host: BodyMesh, length: float = np.inf) -> JumpRows:
    """Rows of a screw's shaft inside a body that has no hole: the host's tetrahedra are interpolated.

    Args:
        slave: Fixation body the screw belongs to.
        screw: Axis from entry to tip, diameter [mm].
        host: Body around the shaft.
        length: Of the stretch that touches, from the tip [mm].

    Returns:
        One constraint point per shaft node with part of its surface inside the host. ``uncovered`` is the share of the
        shaft's surface, along the stretch that is planned to lie in this host, round which no tetrahedron of it lies:
        in bone the screw's purchase, in a plate that it passes on the way there what comes before. At a face that the
        shaft crosses obliquely part of that surface lies on the other side by necessity.
    """
    facets = shaft_facets(slave, screw)
    sample, depth = _on_cylinder(on_parts(slave, facets, np.arange(len(parts_of(slave, facets)))), screw)
    cell, reference = in_cells(sample.place, host)
    found = cell >= 0
    covered = found & (depth <= length)
    values, _ = tetrahedron(host.order, np.where(covered[:, None], reference, 0.25))
    weights = (host.cells[np.maximum(cell, 0)], values)
    rows = _average(slave, facets, sample, len(host.nodes), weights, covered, np.zeros(len(cell)))
    planned = np.where((depth <= screw.purchase) == (host.role == "bone"), sample.weight, 0.0)
    bare = np.where(found, 0.0, planned)
    return replace(rows, uncovered=float(bare.sum() / max(planned.sum(), 1e-300)))


def _on_cylinder(sample: Samples, screw: Screw) -> tuple[Samples, Floats]:
    """The same with weights R dphi dz of the cylinder that the facets stand for; distance from the tip, (q,) [mm].

    Stiffness and strength of a thread are given by length and must not depend on how finely the shaft is meshed. With
    rho the vector from the axis to the facet and n its normal, dphi dz = n . rho / |rho|^2 dA.
    """
    axis = (screw.tip - screw.entry) / np.linalg.norm(screw.tip - screw.entry)
    arm = sample.place - screw.tip
    along = arm @ axis
    arm = arm - along[:, None] * axis
    turn = np.einsum("qi,qi->q", sample.normal, arm) / np.einsum("qi,qi->q", arm, arm)
    return replace(sample, weight=0.5 * screw.diameter * turn * sample.weight), -along


def shaft_facets(body: BodyMesh, screw: Screw) -> Ints:
    """Facets of a fixation body on the cylinder of one screw, from its entry to its tip."""
    axis = screw.tip - screw.entry
    length = np.linalg.norm(axis)
    axis = axis / length
    corners = body.nodes[body.facets[:, :3]] - screw.entry
    along = corners @ axis
    radius = np.linalg.norm(corners - along[..., None] * axis, axis=2)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    on_cylinder = np.all(np.abs(radius - 0.5 * screw.diameter) < 0.02 * screw.diameter, axis=1)
    sideways = np.abs(normal @ axis) < 0.3
    middle = along.mean(axis=1)
    return body.facets[on_cylinder & sideways & (middle > 0.0) & (middle < length)]


def full_facets(body: BodyMesh, corners: Ints) -> Ints:
    """The body's own facets, mid-edge nodes included, that have the given corner nodes.

    Raises:
        NumericalError: Corners that are no facet of the body.
    """
    own = same_triangles(body, body.facets, corners, "is not on its boundary")
    return corners[:, :3] if body.order == 1 else body.facets[own]


def _average(
    slave: BodyMesh,
    facets: Ints,
    sample: Samples,
    master_count: int,
    master: tuple[Ints, Floats],
    covered: np.ndarray,
    gap: Floats,
) -> JumpRows:
    """Average the jump at quadrature points with the weight functions of the constraint points."""
    corners = parts_of(slave, facets)
    owner = _fans(slave.nodes, corners)
    count = int(owner.max()) + 1 if owner.size else 0
    weight = np.where(covered, sample.weight, 0.0)
    point = owner[sample.part].ravel()
    share = (weight[:, None] * _dual(sample.part, weight, sample.hats, len(corners))).ravel()
    full_area = np.bincount(point, (sample.weight[:, None] * sample.hats).ravel(), minlength=count)
    area = np.bincount(point, (weight[:, None] * sample.hats).ravel(), minlength=count)
    quadrature = np.repeat(np.arange(weight.size), 3)
    gather = sparse.csr_array((share, (point, quadrature)), shape=(count, weight.size))
    node = np.zeros(count, dtype=np.int64)
    node[owner.ravel()] = corners.ravel()
    columns = facets[sample.part // len(SUBTRIANGLES[slave.order])]
    keep = np.flatnonzero(area > LEAST_COVER * full_area)
    scale = sparse.diags_array(1.0 / area[keep]) @ gather[keep]
    normal = scale @ sample.normal
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-300)[:, None]
    return JumpRows(
        points=slave.nodes[node[keep]],
        frames=_frames(normal),
        area=area[keep],
        slave=_pruned(scale @ _weights(columns, sample.values, len(slave.nodes))),
        master=_pruned(scale @ _weights(*master, master_count)),
        slave_nodes=node[keep],
        initial_gap=_clean(scale @ gap),
        uncovered=float(1.0 - area[keep].sum() / max(full_area.sum(), 1e-300)),
    )


def _dual(part: Ints, weight: Floats, hats: Floats, count: int) -> Floats:
    """Values at quadrature points of the functions that see one slave node each, shape (q, 3).

    psi_a = D_a (M^-1)_ab N_b with M the mass matrix and D_a the integral of N_a: they sum to one, integrate to D_a and
    give the slave side of a jump the node itself, which is stiffer, sparser and closer to what surface-to-surface
    contact elsewhere does than an average over the neighbours. Where some of a part has no master they would lose
    their meaning; the hat functions themselves serve there.

    Source: B. I. Wohlmuth, SIAM J. Numer. Anal. 38 (2000) 989-1012.
    """
    full = np.bincount(part, weight <= 0.0, minlength=count) == 0
    mass = np.empty((count, 3, 3))
    for a in range(3):
        for b in range(3):
            mass[:, a, b] = np.bincount(part, weight * hats[:, a] * hats[:, b], minlength=count)
    safe = np.where(full[:, None, None], mass, np.eye(3))
    change = np.where(full[:, None, None], mass.sum(axis=2)[..., None] * np.linalg.inv(safe), np.eye(3))
    return np.einsum("qab,qb->qa", change[part], hats)


def _clean(gap: Floats) -> Floats:
    """Gaps without round-off; facets that cut into each other (two triangulations of one curved face) just touch."""
    return np.where(gap < 1e-6, 0.0, gap)


def _fans(nodes: Floats, triangles: Ints) -> Ints:
    """Number of the constraint point of every corner of every triangle, shape (t, 3).

    Corners of triangles around one node share a constraint point when a chain of smooth edges joins them; a true
    edge keeps one point, with its own normal, on either side.
    """
    corners = nodes[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    edges = triangles[:, [[0, 1], [1, 2], [2, 0]]]
    slot = np.arange(3 * len(triangles)).reshape(-1, 3)[:, [[0, 1], [1, 2], [2, 0]]]
    flip = edges[..., 0] > edges[..., 1]
    edges = np.where(flip[..., None], edges[..., ::-1], edges).reshape(-1, 2)
    slot = np.where(flip[..., None], slot[..., ::-1], slot).reshape(-1, 2)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    same = np.all(edges[order][1:] == edges[order][:-1], axis=1)
    first, second = order[:-1][same], order[1:][same]
    cosine = np.einsum("ei,ei->e", normal[first // 3], normal[second // 3])
    joined = cosine > np.cos(np.deg2rad(SMOOTH_ANGLE))
    first, second = first[joined], second[joined]
    rows = np.concatenate([slot[first, 0], slot[first, 1]])
    columns = np.concatenate([slot[second, 0], slot[second, 1]])
    graph = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(triangles.size, triangles.size))
    label = connected_components(graph, directed=False)[1]
    # number the points by node, then by first corner: independent of the component search
    first_corner = np.full(label.max() + 1, triangles.size)
    np.minimum.at(first_corner, label, np.arange(triangles.size))
    rank = np.empty_like(first_corner)
    rank[np.lexsort((first_corner, triangles.ravel()[first_corner]))] = np.arange(len(first_corner))
    return rank[label].reshape(-1, 3)


def _extrapolated(
    master: BodyMesh, facets: Ints, reference: Floats, offset: Floats, size: float
) -> tuple[Ints, Floats]:
    """Nodes and weights of u(y) + grad u(y) (x - y) for the cells behind the facets that hold y."""
    cell, local = cell_of_facet(master, facets)
    corner_share, _ = triangle(1, reference)
    barycentric = np.zeros((len(cell), 4))
    np.put_along_axis(barycentric, local, corner_share, axis=1)
    values, slopes = tetrahedron(master.order, barycentric[:, 1:])
    nodes = master.cells[cell]
    jacobian = np.einsum("qai,qad->qid", master.nodes[nodes], slopes)
    touching = np.linalg.norm(offset, axis=1) < TOUCHING * size
    step = np.linalg.solve(jacobian, np.where(touching[:, None], 0.0, offset)[..., None])[..., 0]
    weights = values + np.einsum("qad,qd->qa", slopes, step)
    return nodes, np.where(np.abs(weights) < 1e-14, 0.0, weights)


def _normals(body: BodyMesh, facets: Ints, reference: Floats) -> Floats:
    """Outward unit normals at reference coordinates of facets."""
    _, slopes = triangle(body.order, reference)
    tangents = np.einsum("qad,qai->qdi", slopes, body.nodes[facets])
    normal = np.cross(tangents[:, 0], tangents[:, 1])
    return normal / np.linalg.norm(normal, axis=1)[:, None]


def _facet_size(body: BodyMesh, facets: Ints) -> float:
    """Mean edge length of facets [mm]."""
    corners = body.nodes[facets[:, :3]]
    return float(np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).mean())


def _frames(normal: Floats) -> Floats:
    """Right-handed triads (normal, two tangents) as rows."""
    helper = np.eye(3)[np.abs(normal).argmin(axis=1)]
    first = np.cross(normal, helper)
    first /= np.maximum(np.linalg.norm(first, axis=1), 1e-300)[:, None]
    return np.stack([normal, first, np.cross(normal, first)], axis=1)


def _weights(columns: Ints, values: Floats, count: int) -> sparse.csr_array:
    """One row per quadrature point."""
    rows = np.repeat(np.arange(len(columns)), columns.shape[1])
    return sparse.csr_array((values.ravel(), (rows, columns.ravel())), shape=(len(columns), count))


def _pruned(matrix: sparse.csr_array) -> sparse.csr_array:
    """Sorted columns, no stored zeros."""
    matrix = sparse.csr_array(matrix)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix
