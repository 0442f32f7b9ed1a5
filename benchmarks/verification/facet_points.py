"""Contact as CalculiX enforces it face to face: at seven points of every slave facet, each with the facet's normal.

femsacrum has one constraint point per slave node instead, a weighted average over the facets around it. With the points
below everything else of the solver (assembly, laws, Newton, supports) can be held against CalculiX digit by digit.
"""

from __future__ import annotations

from unittest import mock

import numpy as np
from scipy import sparse

from femsacrum.mechanics import coupling, meeting
from femsacrum.mechanics.coupling import JumpRows
from femsacrum.mechanics.locate import closest_on_facets
from femsacrum.mechanics.shapes import triangle
from femsacrum.mechanics.system import System

#: Seven points of degree 5 (D. A. Dunavant, Int. J. Numer. Methods Engng 21 (1985) 1129); weights sum to one.
_A, _B = 0.470142064105115, 0.101286507323456
POINTS = np.array(
    [[1 / 3, 1 / 3], [_A, _A], [1 - 2 * _A, _A], [_A, 1 - 2 * _A], [_B, _B], [1 - 2 * _B, _B], [_B, 1 - 2 * _B]]
)
WEIGHTS = np.array([0.225, *[0.132394152788506] * 3, *[0.125939180544827] * 3])


def surface(slave, facets, master, master_facets, search=None, processes=None):
    """In place of ``coupling.surface``, for faces of P1 bodies that lie on each other everywhere."""
    values, _ = triangle(1, POINTS)
    corners = slave.nodes[facets]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1)
    normal = np.repeat(normal / length[:, None], len(POINTS), axis=0)
    first = np.repeat((corners[:, 1] - corners[:, 0]), len(POINTS), axis=0)
    first /= np.linalg.norm(first, axis=1)[:, None]
    place = np.einsum("qa,kai->kqi", values, corners).reshape(-1, 3)
    found, reference, foot = closest_on_facets(place, master.nodes, master_facets, float(np.sqrt(length.max())))
    if np.abs(place - foot).max() > 1e-9:
        raise ValueError("the two faces do not coincide")
    nodes = np.repeat(facets, len(POINTS), axis=0)
    shares = np.tile(values, (len(facets), 1))
    return JumpRows(
        points=place,
        frames=np.stack([normal, first, np.cross(normal, first)], axis=1),
        area=(0.5 * length[:, None] * WEIGHTS).ravel(),
        slave=_rows(nodes, shares, len(slave.nodes)),
        master=_rows(master_facets[found], triangle(1, reference)[0], len(master.nodes)),
        slave_nodes=nodes[:, 0],
        initial_gap=np.zeros(len(place)),
        uncovered=0.0,
    )


def system_on_facets(bodies, materials, interfaces):
    """System whose surface contacts act at facet points; for the ``system`` argument of ``solve``."""
    # what was found for these meshes otherwise is put aside
    with mock.patch.object(coupling, "surface", surface), mock.patch.dict(meeting._found, clear=True):
        return System(bodies, materials, interfaces)


def _rows(nodes, shares, count):
    index = np.repeat(np.arange(len(nodes)), nodes.shape[1])
    rows = sparse.csr_array((shares.ravel(), (index, nodes.ravel())), shape=(len(nodes), count))
    rows.sort_indices()
    return rows
