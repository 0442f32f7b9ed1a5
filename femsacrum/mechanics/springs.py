"""Rows of springs and ligaments: how far the mean motions of their two ends come closer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats
from femsacrum.errors import NumericalError
from femsacrum.mechanics.coupling import full_facets
from femsacrum.mechanics.interfaces import Spring
from femsacrum.mechanics.points import Points, parameters_of
from femsacrum.mechanics.shapes import facet_weights
from femsacrum.meshing.bodies import BodyMesh


def spring_points(bodies: Mapping[str, BodyMesh], offsets: Mapping[str, int], spring: Spring, total: int) -> Points:
    """The one constraint point of a spring.

    Each end moves with the area-weighted mean of its facets, so a force there is spread as a uniform traction; the
    spring's line passes through the facets' centroids as nearly as its end points are chosen there.

    Args:
        bodies: Body name -> mesh.
        offsets: Body name -> number of its first node.
        spring: Its ends.
        total: Number of nodes.

    Raises:
        NumericalError: Both ends are in one place.
    """
    along = spring.points[1] - spring.points[0]
    length = float(np.linalg.norm(along))
    if not length > 0.0:
        raise NumericalError(f'spring "{spring.name}": both ends are in one place')
    columns, weights = [], []
    for sign, (name, facets) in zip((1.0, -1.0), spring.ends, strict=True):
        body = bodies[name]
        nodes, share = facet_weights(body.nodes, full_facets(body, facets))
        columns.append(offsets[name] + nodes)
        weights.append(sign * share / share.sum())
    index = np.concatenate(columns)
    row = sparse.csr_array((np.concatenate(weights), (np.zeros(len(index), int), index)), shape=(1, total))
    parameters, exact = parameters_of(spring, 1)
    none = np.zeros(1)
    place = np.full(1, exact)
    return Points(row, _frame(along / length), np.ones(1), none, none, parameters, place, ((slice(0, 1), spring),))


def _frame(axis: Floats) -> Floats:
    """Triad with the axis first, shape (1, 3, 3)."""
    side = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    side /= np.linalg.norm(side)
    return np.stack([axis, side, np.cross(axis, side)])[None]
