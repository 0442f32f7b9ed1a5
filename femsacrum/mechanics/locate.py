"""Where a point meets a surface or lies in a volume of tetrahedra (reference configuration)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from scipy.spatial import cKDTree

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.mechanics.shapes import SUBTRIANGLES, TETRA_FACES, TRIANGLE_NODES, tetrahedron, triangle
from femsacrum.meshing.bodies import BodyMesh

#: Triangles looked at first for a point, nearest centres first.
CANDIDATES = 12
#: Cells looked at for a point, nearest centres first: few, then more where none of them holds it.
CELLS = (8, 48)
#: A quadratic cell is inverted where it comes as near to the point as this [mm].
MISSED = 1e-9
#: Triangles whose distances differ by less are equally near [mm].
TIED = 1e-12
CHUNK = 20000


def closest_on_facets(
    points: Floats, nodes: Floats, facets: Ints, limit: float = np.inf
) -> tuple[Ints, Floats, Floats]:
    """Closest point of a facet set to each point.

    Curved facets are searched on their four linear sub-triangles, then the foot point is improved by Newton's method
    on the quadratic facet.

    Args:
        points: Shape (q, 3) [mm].
        nodes: Nodes of the body, shape (n, 3) [mm].
        facets: Shape (k, 3) or (k, 6).
        limit: Where the surface is farther than this the facet found need not be the closest [mm].

    Returns:
        Facet index, shape (q,); its reference coordinates, shape (q, 2); the closest points, shape (q, 3) [mm].
    """
    order = 1 if facets.shape[1] == 3 else 2
    parts = SUBTRIANGLES[order]
    corners = nodes[facets[:, parts].reshape(-1, 3)]
    centres = corners.mean(axis=1)
    reach = np.linalg.norm(corners - centres[:, None], axis=2).max()
    tree = cKDTree(centres)
    facet = np.empty(len(points), dtype=np.int64)
    reference = np.empty((len(points), 2))
    count = min(CANDIDATES, len(centres))
    for start in range(0, len(points), CHUNK):
        some = slice(start, start + CHUNK)
        far, candidates = tree.query(points[some], k=count)
        far, candidates = far.reshape(-1, count), candidates.reshape(-1, count)
        distance, best, local = _nearest(points[some], corners, candidates, far, reach)
        if count < len(centres):
            # a triangle not among the candidates is at least far - reach away
            for i in np.flatnonzero(np.minimum(distance, limit) > far[:, -1] - reach):
                near = np.array(tree.query_ball_point(points[some][i], distance[i] + reach), dtype=np.int64)[None]
                unknown = np.zeros(near.shape)
                _, best[i : i + 1], local[i] = _nearest(points[some][i : i + 1], corners, near, unknown, reach)
        facet[some], part = np.divmod(best, len(parts))
        at = TRIANGLE_NODES[parts[part]]
        reference[some] = at[:, 0] + local[:, :1] * (at[:, 1] - at[:, 0]) + local[:, 1:] * (at[:, 2] - at[:, 0])
    if order == 2:
        reference = _improve(points, nodes[facets[facet]], reference)
    values, _ = triangle(order, reference)
    return facet, reference, np.einsum("qa,qai->qi", values, nodes[facets[facet]])


@njit(cache=True, error_model="numpy")
def _nearest(
    points: Floats, corners: Floats, candidates: Ints, far: Floats, reach: float
) -> tuple[Floats, Ints, Floats]:
    """Nearest of the candidate triangles.

    Args:
        points: Shape (q, 3) [mm].
        corners: Of all triangles, shape (k, 3, 3) [mm].
        candidates: Numbers of triangles, shape (q, c).
        far: Distances of their centres, ascending, shape (q, c) [mm].
        reach: No corner is farther from its triangle's centre [mm].

    Returns:
        Distance, number of the triangle, reference coordinates of the foot point. Ties (shared edges) go to the lowest
        number, whatever the order of the search.
    """
    count, width = candidates.shape
    distance, best, local = np.empty(count), np.empty(count, dtype=np.int64), np.empty((count, 2))
    lengths, feet = np.empty(width), np.empty((width, 2))
    for point in range(count):
        p, least, looked = points[point], np.inf, 0
        for k in range(width):
            if far[point, k] - reach > least + TIED:
                break  # neither this triangle nor one whose centre is farther
            a, b, c = corners[candidates[point, k]]
            r, s = foot_on_triangle(p, a, b, c)
            square = 0.0
            for i in range(3):
                square += (p[i] - (a[i] + r * (b[i] - a[i]) + s * (c[i] - a[i]))) ** 2
            lengths[k], feet[k, 0], feet[k, 1] = math.sqrt(square), r, s
            least = min(least, lengths[k])
            looked += 1
        chosen = -1
        for k in range(looked):
            if lengths[k] <= least + TIED and (chosen < 0 or candidates[point, k] < candidates[point, chosen]):
                chosen = k
        distance[point], best[point] = lengths[chosen], candidates[point, chosen]
        local[point, 0], local[point, 1] = feet[chosen, 0], feet[chosen, 1]
    return distance, best, local


@njit(cache=True, error_model="numpy")
def foot_on_triangle(p: Floats, a: Floats, b: Floats, c: Floats) -> tuple[float, float]:
    """Reference coordinates of the point of triangle abc nearest to p.

    Source: C. Ericson, Real-Time Collision Detection (2005), section 5.1.5.
    """
    d1 = d2 = d3 = d4 = d5 = d6 = 0.0
    for i in range(3):
        ab, ac = b[i] - a[i], c[i] - a[i]
        d1 += ab * (p[i] - a[i])
        d2 += ac * (p[i] - a[i])
        d3 += ab * (p[i] - b[i])
        d4 += ac * (p[i] - b[i])
        d5 += ab * (p[i] - c[i])
        d6 += ac * (p[i] - c[i])
    if d1 <= 0.0 and d2 <= 0.0:
        return 0.0, 0.0
    if d3 >= 0.0 and d4 <= d3:
        return 1.0, 0.0
    vc = d1 * d4 - d3 * d2
    if vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        return d1 / (d1 - d3), 0.0
    if d6 >= 0.0 and d5 <= d6:
        return 0.0, 1.0
    vb = d5 * d2 - d1 * d6
    if vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        return 0.0, d2 / (d2 - d6)
    va = d3 * d6 - d5 * d4
    if va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0:
        share = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return 1.0 - share, share
    return vb / (va + vb + vc), vc / (va + vb + vc)


def _improve(points: Floats, corners: Floats, reference: Floats) -> Floats:
    """Gauss-Newton steps on curved facets, kept inside the facet."""
    for _ in range(8):
        values, slopes = triangle(2, reference)
        miss = points - np.einsum("qa,qai->qi", values, corners)
        tangents = np.einsum("qad,qai->qdi", slopes, corners)
        metric = np.einsum("qdi,qei->qde", tangents, tangents)
        right = np.einsum("qdi,qi->qd", tangents, miss)
        reference = reference + np.linalg.solve(metric, right[..., None])[..., 0]
        reference = np.clip(reference, 0.0, 1.0)
        reference /= np.maximum(reference.sum(axis=1, keepdims=True), 1.0)
    return reference


def cell_of_facet(body: BodyMesh, facets: Ints) -> tuple[Ints, Ints]:
    """Cell behind each facet and the cell's local number of each facet corner, shapes (k,) and (k, 3).

    Raises:
        NumericalError: A facet is the face of no cell.
    """
    on_facets = np.zeros(len(body.nodes), dtype=bool)
    on_facets[facets[:, :3]] = True
    near = np.flatnonzero(on_facets[body.cells[:, :4]].sum(axis=1) >= 3)
    faces = body.cells[near][:, TETRA_FACES].reshape(-1, 3)
    cell = near[same_triangles(body, faces, facets, "is no face of a cell") // 4]
    local = (body.cells[cell][:, None, :4] == facets[:, :3, None]).argmax(axis=2)
    return cell, local


def same_triangles(body: BodyMesh, among: Ints, wanted: Ints, otherwise: str) -> Ints:
    """Which triangle has the same three corners, in whatever order.

    Args:
        body: Whose nodes they are.
        among: Triangles searched, corners first, shape (n, 3) or more columns.
        wanted: Triangles looked for, shape (k, 3) or more columns.
        otherwise: What is wrong with one that is not there, for the message.

    Returns:
        For each wanted one the row of the first that has its corners, shape (k,).

    Raises:
        NumericalError: One is not there.
    """
    count = np.int64(len(body.nodes))

    def keys(triangles: Ints) -> Ints:
        ordered = np.sort(triangles[:, :3].astype(np.int64), axis=1)
        return (ordered[:, 0] * count + ordered[:, 1]) * count + ordered[:, 2]

    known, sought = keys(among), keys(wanted)
    order = np.argsort(known, kind="stable")
    place = np.searchsorted(known[order], sought)
    found = np.zeros(len(sought), dtype=bool)
    inside = place < len(known)
    found[inside] = known[order[place[inside]]] == sought[inside]
    if not found.all():
        corners = wanted[np.flatnonzero(~found)[0], :3]
        at = ", ".join(f"{value:.1f}" for value in body.nodes[corners].mean(axis=0))
        lost = f"{int((~found).sum())} of {len(found)}"
        raise NumericalError(f"{body.name}: a facet at ({at}) mm {otherwise} ({lost} facets looked for)")
    return np.asarray(order[place])


def in_cells(points: Floats, body: BodyMesh) -> tuple[Ints, Floats]:
    """Cell that contains each point.

    Args:
        points: Shape (q, 3) [mm].
        body: Volume to search; curved cells are inverted by Newton's method.

    Returns:
        Cell index, -1 outside the body, shape (q,); reference coordinates in that cell, shape (q, 3).
    """
    corners = body.nodes[body.cells[:, :4]]
    tree = cKDTree(corners.mean(axis=1))
    cell = np.full(len(points), -1, dtype=np.int64)
    reference = np.zeros((len(points), 3))
    inverse = np.linalg.inv(np.swapaxes(corners[:, 1:] - corners[:, :1], 1, 2))
    # a curved cell may hold a point slightly outside its straight twin
    slack = 1e-9 if body.order == 1 else 0.05
    for width in CELLS:
        count = min(width, len(corners))
        missing = np.flatnonzero(cell < 0)
        for start in range(0, len(missing), CHUNK):
            some = missing[start : start + CHUNK]
            _, candidates = tree.query(points[some], k=count)
            candidates = candidates.reshape(-1, count)
            local = np.einsum("qcij,qcj->qci", inverse[candidates], points[some][:, None] - corners[candidates, 0])
            depth = np.minimum(local.min(axis=2), 1.0 - local.sum(axis=2))
            pick = depth.argmax(axis=1)
            rows = np.arange(len(pick))
            cell[some] = np.where(depth[rows, pick] > -slack, candidates[rows, pick], -1)
            reference[some] = local[rows, pick]
    if body.order == 2:
        cell, reference = _inverted(points, body, cell, reference)
    return cell, reference


def _inverted(points: Floats, body: BodyMesh, cell: Ints, reference: Floats) -> tuple[Ints, Floats]:
    """Newton's method for the reference coordinates in quadratic cells; a cell that it does not end in does not hold it.

    Beside a strongly curved facet it runs away, and weights from there would be those of no place.
    """
    found = np.flatnonzero(cell >= 0)
    nodes = body.nodes[body.cells[cell[found]]]
    local = reference[found]
    for _ in range(6):
        values, slopes = tetrahedron(2, local)
        miss = points[found] - np.einsum("qa,qai->qi", values, nodes)
        jacobian = np.einsum("qai,qad->qid", nodes, slopes)
        local = local + np.linalg.solve(jacobian, miss[..., None])[..., 0]
    miss = points[found] - np.einsum("qa,qai->qi", tetrahedron(2, local)[0], nodes)
    ended = np.linalg.norm(miss, axis=1) < MISSED
    cell, reference = cell.copy(), reference.copy()
    cell[found[~ended]] = -1
    reference[found] = local
    return cell, reference
