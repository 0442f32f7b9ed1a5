"""Nodal forces of distributed loads, and what holds the bodies to the ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import Applied, Support
from femsacrum.mechanics.coupling import full_facets
from femsacrum.mechanics.shapes import SUBTRIANGLES, facet_weights
from femsacrum.meshing.bodies import BodyMesh

#: A support that holds a turn does so as if with its spring at this distance [mm].
LEVER = 100.0


@dataclass(frozen=True, eq=False)
class Hold:
    """A support as rows against the ground, or a kinematic pilot as springs between the nodes of its face.

    Attributes:
        name: Of the support.
        kind: "fixed", "mean", "rigid", or "bolt": a screw whose tension is controlled gives way in its section.
        rows: Shape (d, 3 N) over all unknowns; the force of the ground is -rows' k rows u. Of "rigid": the six rigid
            motions of the face times ``shares``, which ``stiffness``, negative, takes out of what ``shares`` hold.
        stiffness: k per row [N/mm], shape (d,).
        nodes: Global numbers of the nodes held, shape (m,).
        shares: 3x3 stiffness that each node would get if every node were held on its own [N/mm], shape (m, 3, 3).
    """

    name: str
    kind: str
    rows: sparse.csr_array
    stiffness: Floats
    nodes: Ints
    shares: Floats

    @property
    def grounded(self) -> bool:
        """Whether it resists a rigid motion of everything."""
        return self.kind not in ("rigid", "bolt")

    def force(self, displacement: Floats) -> Floats:
        """Nodal forces of the ground, or of the pilot (these have no resultant), shape (3 N,) [N]."""
        force = -(self.rows.T @ (self.stiffness * (self.rows @ displacement)))
        if self.kind == "rigid":
            moved = displacement.reshape(-1, 3)[self.nodes]
            np.subtract.at(force.reshape(-1, 3), self.nodes, np.einsum("mij,mj->mi", self.shares, moved))
        return force


def distribute(points: Floats, weights: Floats, force: Floats, moment: Floats, about: Floats) -> Floats:
    """Nodal forces w_i (a + b x (x_i - c)) with exactly the wanted resultant.

    Args:
        points: x, shape (n, 3) [mm].
        weights: w, tributary areas, shape (n,).
        force: Resultant [N].
        moment: Resultant about ``about`` [N mm].
        about: Point of application [mm].

    Returns:
        Shape (n, 3) [N]; c is the weighted centroid, a and b follow from the two balances.

    Raises:
        NumericalError: The nodes lie on a line or in a point and cannot take the moment.
    """
    total = weights.sum()
    centre = weights @ points / total
    arm = points - centre
    spread = np.einsum("n,ni,nj->ij", weights, arm, arm)
    inertia = np.trace(spread) * np.eye(3) - spread
    needed = moment + np.cross(about - centre, force)
    if np.linalg.cond(inertia) > 1e10:
        raise NumericalError("load: its facets are too few or too thin to take a moment")
    return weights[:, None] * (force / total + np.cross(np.linalg.solve(inertia, needed), arm))


def nodal_loads(bodies: Mapping[str, BodyMesh], numbers: Mapping[str, Ints], applied: tuple[Applied, ...]) -> Floats:
    """All applied loads as nodal forces over all unknowns, shape (3 N,) [N]."""
    total = sum(len(body.nodes) for body in bodies.values())
    result = np.zeros((total, 3))
    for load in applied:
        body = _body(bodies, load.body, load.name)
        nodes, weights = facet_weights(body.nodes, full_facets(body, load.facets))
        force = distribute(body.nodes[nodes], weights, load.force, load.moment, load.point)
        result[numbers[load.body][nodes]] += force
    return result.ravel()


def hold(bodies: Mapping[str, BodyMesh], numbers: Mapping[str, Ints], support: Support) -> Hold:
    """Rows of one support.

    "fixed" holds every node of the facets with its tributary area; "mean" holds the displacement conjugate to a force
    at ``support.point``, which is the transpose of how ``distribute`` spreads such a force, and where asked for the
    mean turn, the transpose of how it spreads a moment. "rigid" keeps the facets from deforming.
    """
    body = _body(bodies, support.body, support.name)
    nodes, weights = facet_weights(body.nodes, full_facets(body, support.facets))
    held = numbers[support.body][nodes]
    total = sum(len(each.nodes) for each in bodies.values())
    columns = (3 * held[:, None] + np.arange(3)).ravel()
    if support.kind == "rigid":
        return _rigid(support, body, numbers[support.body], total)
    if support.kind == "fixed":
        count = len(columns)
        rows = sparse.csr_array((np.ones(count), (np.arange(count), columns)), shape=(count, 3 * total))
        stiffness = np.repeat(support.stiffness * np.maximum(weights, 0.0), 3)
        shares = stiffness[::3, None, None] * np.eye(3)
        return Hold(support.name, "fixed", rows, stiffness, held, shares)
    centre = weights @ body.nodes[nodes] / weights.sum()
    point = centre if support.point is None else support.point
    spread = [
        distribute(body.nodes[nodes], weights, direction, np.zeros(3), point).ravel()
        for direction in support.directions
    ]
    none = np.zeros(3)
    for axis in support.turns if support.turns is not None else ():
        spread.append(distribute(body.nodes[nodes], weights, none, axis, centre).ravel())
    stiffness = np.full(len(spread), support.stiffness)
    stiffness[len(support.directions) :] *= LEVER**2
    index = (np.repeat(np.arange(len(spread)), len(columns)), np.tile(columns, len(spread)))
    rows = sparse.csr_array((np.concatenate(spread), index), shape=(len(spread), 3 * total))
    along = support.stiffness * support.directions.T @ support.directions
    shares = (weights / weights.sum())[:, None, None] * along
    return Hold(support.name, "mean", rows, stiffness, held, shares)


def _rigid(support: Support, body: BodyMesh, numbers: Ints, total: int) -> Hold:
    """A kinematic pilot: springs S between every node and the rigid motion of the face that is nearest to theirs.

    That motion, by least squares, takes R (R'SR)^-1 R'S u out of u, R being the six rigid motions, so the stiffness is
    S - S R (R'SR)^-1 R'S: a rigid motion costs nothing, and the springs' forces have neither resultant nor moment. Loads
    and supports that are spread over a face that stays rigid act on it as on the pilot: a mean displacement conjugate to
    a force at a point is then the displacement of that point carried along.
    """
    # linear parts of a quadratic facet: its own weights are zero at the corners
    facets = full_facets(body, support.facets)[:, SUBTRIANGLES[body.order]].reshape(-1, 3)
    nodes, weights = facet_weights(body.nodes, facets)
    spring = np.repeat(support.stiffness * weights, 3)
    arm = body.nodes[nodes] - weights @ body.nodes[nodes] / weights.sum()
    motions = np.zeros((len(nodes), 3, 6))
    for axis in range(3):
        motions[:, axis, axis] = 1.0
        motions[:, :, 3 + axis] = np.cross(np.eye(3)[axis], arm) / np.linalg.norm(arm, axis=1).max()
    # an orthonormal basis of the rigid motions, measured by the springs
    basis = np.linalg.qr(np.sqrt(spring)[:, None] * motions.reshape(-1, 6))[0]
    columns = (3 * numbers[nodes][:, None] + np.arange(3)).ravel()
    index = (np.repeat(np.arange(6), len(columns)), np.tile(columns, 6))
    rows = sparse.csr_array(((np.sqrt(spring)[:, None] * basis).T.ravel(), index), shape=(6, 3 * total))
    shares = spring[::3, None, None] * np.eye(3)
    return Hold(support.name, "rigid", rows, np.full(6, -1.0), numbers[nodes], shares)


def _body(bodies: Mapping[str, BodyMesh], name: str, what: str) -> BodyMesh:
    if name not in bodies:
        raise NumericalError(f'load: "{what}" acts on "{name}", which is not among the bodies')
    return bodies[name]
