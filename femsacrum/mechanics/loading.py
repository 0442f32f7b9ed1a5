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
from femsacrum.mechanics.shapes import facet_weights
from femsacrum.meshing.bodies import BodyMesh

#: A support that holds a turn does so as if with its spring at this distance [mm].
LEVER = 100.0


@dataclass(frozen=True)
class Hold:
    """A support as rows against the ground.

    Attributes:
        name: Of the support.
        kind: "fixed" or "mean".
        rows: Shape (d, 3 N) over all unknowns; the force of the ground is -rows' k rows u.
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

    def force(self, displacement: Floats) -> Floats:
        """Nodal forces of the ground, shape (3 N,) [N]."""
        return -(self.rows.T @ (self.stiffness * (self.rows @ displacement)))


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


def nodal_loads(bodies: Mapping[str, BodyMesh], offsets: Mapping[str, int], applied: tuple[Applied, ...]) -> Floats:
    """All applied loads as nodal forces over all unknowns, shape (3 N,) [N]."""
    total = sum(len(body.nodes) for body in bodies.values())
    result = np.zeros((total, 3))
    for load in applied:
        body = _body(bodies, load.body, load.name)
        nodes, weights = facet_weights(body.nodes, full_facets(body, load.facets))
        force = distribute(body.nodes[nodes], weights, load.force, load.moment, load.point)
        result[offsets[load.body] + nodes] += force
    return result.ravel()


def hold(bodies: Mapping[str, BodyMesh], offsets: Mapping[str, int], support: Support) -> Hold:
    """Rows of one support.

    "fixed" holds every node of the facets with its tributary area; "mean" holds the displacement conjugate to a force
    at ``support.point``, which is the transpose of how ``distribute`` spreads such a force, and where asked for the
    mean turn, the transpose of how it spreads a moment.
    """
    body = _body(bodies, support.body, support.name)
    nodes, weights = facet_weights(body.nodes, full_facets(body, support.facets))
    held = offsets[support.body] + nodes
    total = sum(len(each.nodes) for each in bodies.values())
    columns = (3 * held[:, None] + np.arange(3)).ravel()
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


def _body(bodies: Mapping[str, BodyMesh], name: str, what: str) -> BodyMesh:
    if name not in bodies:
        raise NumericalError(f'load: "{what}" acts on "{name}", which is not among the bodies')
    return bodies[name]
