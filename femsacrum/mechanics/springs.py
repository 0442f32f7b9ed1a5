"""Rows of springs and ligaments: how far the mean motions of their two ends come closer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.mechanics.coupling import full_facets
from femsacrum.mechanics.interfaces import Spring
from femsacrum.mechanics.points import Points, parameters_of
from femsacrum.mechanics.shapes import facet_weights
from femsacrum.meshing.bodies import BodyMesh

#: Facets whose mean square extent along a direction is below this share of the largest do not extend along it.
FLAT = 1e-2


def spring_points(bodies: Mapping[str, BodyMesh], numbers: Mapping[str, Ints], spring: Spring, total: int) -> Points:
    """The one constraint point of a spring.

    Each end moves with a weighted mean of its facets, the transpose of a force there spread as a traction that is uniform
    but for a linear part, which brings its resultant to the end point. The spring's line joins where the two resultants
    act, so that they are in equilibrium, moments included, and a rigid motion of everything does not stretch it.

    Args:
        bodies: Body name -> mesh.
        numbers: Body name -> number of each of its nodes among all.
        spring: Its ends.
        total: Number of nodes.

    Raises:
        NumericalError: Both ends are in one place.
    """
    columns, weights, ends = [], [], []
    for sign, (name, facets), point in zip((1.0, -1.0), spring.ends, spring.points, strict=True):
        body = bodies[name]
        nodes, area = facet_weights(body.nodes, full_facets(body, facets))
        share = _spread(body.nodes[nodes], area, point)
        columns.append(numbers[name][nodes])
        weights.append(sign * share)
        ends.append(share @ body.nodes[nodes])
    along = ends[1] - ends[0]
    length = float(np.linalg.norm(along))
    if not length > 0.0:
        raise NumericalError(f'spring "{spring.name}": both ends are in one place')
    index = np.concatenate(columns)
    row = sparse.csr_array((np.concatenate(weights), (np.zeros(len(index), int), index)), shape=(1, total))
    parameters, exact = parameters_of(spring, 1)
    none = np.zeros(1)
    place = np.full(1, exact)
    return Points(row, _frame(along / length), np.ones(1), none, none, parameters, place, ((slice(0, 1), spring),))


def _spread(places: Floats, area: Floats, point: Floats) -> Floats:
    """Weights of nodes, summing to one, whose mean place is the point as far as the facets extend around it, (n,)."""
    share = area / area.sum()
    arm = places - share @ places
    spread = np.einsum("n,ni,nj->ij", share, arm, arm)
    # across facets that are nearly flat the mean cannot be moved
    tilt = np.linalg.pinv(spread, rcond=FLAT, hermitian=True) @ (point - share @ places)
    return np.asarray(share * (1.0 + arm @ tilt))


def _frame(axis: Floats) -> Floats:
    """Triad with the axis first, shape (1, 3, 3)."""
    side = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    side /= np.linalg.norm(side)
    return np.stack([axis, side, np.cross(axis, side)])[None]
