"""Even triangles on a closed surface, its planar faces kept planar and their rims kept sharp.

Incremental isotropic remeshing (Botsch and Kobbelt, "A remeshing approach to multiresolution modeling", Symposium on
Geometry Processing 2004): long edges are halved, short ones collapsed, the rest flipped to Delaunay, vertices moved
tangentially and put back on the input surface. A vertex on a rim moves along the rim only, one in a planar face
within its plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.meshing.triangles import (
    Edges,
    Flags,
    area_vectors,
    edges_of,
    longest_edges_halved,
    planar_labels,
    split,
    unit,
)

LONG, SHORT = 4.0 / 3.0, 4.0 / 5.0  # of the target length: Botsch and Kobbelt 2004
SWEEPS = 10
DAMPING = 0.7
ENOUGH = 1e-3  # a round of collapses that touches fewer than this share of the triangles is the last of its sweep
NEIGHBOURS = 16  # triangles of the input looked at for the closest point
LEAST_VALENCE = 4
LEAST_SHAPE = 0.4
PER_THICKNESS = 1.4  # edge length over wall thickness, where that is less than the size asked for
FINEST = 0.4  # but not below this share of it
GROWTH = 0.3
NATURAL, RIM, CORNER = 0, 1, 2  # class of a vertex; planar faces' inner vertices count as NATURAL


@dataclass(frozen=True)
class Mesh:
    """A surface under way: points, triangles and the planar face (0: none) of every triangle."""

    points: Floats
    triangles: Ints
    labels: Ints


def resample(surface: Surface, size: float) -> Mesh:
    """Re-triangulate a surface with edges of about one length.

    Args:
        surface: Closed and manifold.
        size: Edge length wanted [mm].

    Returns:
        Points, triangles and, for each triangle, 0 or the number of its flat face, counted from one in their order.

    Raises:
        ValueError: The surface is not closed, manifold and oriented.
    """
    points = np.asarray(surface.points, dtype=np.float64)
    triangles = np.asarray(surface.triangles, dtype=np.int64)
    mesh = Mesh(points, triangles, planar_labels(points, triangles, surface.flat_faces))
    target = _Target(surface, mesh, size)
    for _ in range(SWEEPS):
        mesh, sizes = _split_long(mesh, _graded(mesh, target.sizes(mesh.points, _vertex_normals(mesh))))
        mesh = _collapse_short(mesh, sizes)
        mesh = _flip(mesh)
        mesh = _relax(mesh, target)
    return _centred(_flip(_relax(_flip(mesh), target)), target, size)


class _Target:
    """The input surface, to put vertices back on: natural part, planes, rims."""

    def __init__(self, surface: Surface, mesh: Mesh, size: float) -> None:
        fine = Mesh(*longest_edges_halved(mesh.points, mesh.triangles, mesh.labels, size))
        self.size = size
        self.everywhere = cKDTree(fine.points[fine.triangles].mean(axis=1))
        self.facing = unit(area_vectors(fine.points, fine.triangles))
        natural = fine.triangles[fine.labels == 0]
        self.corners = fine.points[natural]
        self.normals = unit(area_vectors(fine.points, natural))
        self.tree = cKDTree(self.corners.mean(axis=1)) if len(natural) else None
        self.planes = list(surface.flat_faces.values())
        edges = edges_of(fine.triangles)
        on_rim = np.diff(fine.labels[edges.triangles], axis=1)[:, 0] != 0
        self.rims: dict[tuple[int, int], tuple[Floats, cKDTree]] = {}
        pairs = np.sort(fine.labels[edges.triangles], axis=1)
        for low, high in np.unique(pairs[on_rim], axis=0):
            segments = fine.points[edges.ends[on_rim & (pairs == (low, high)).all(axis=1)]]
            self.rims[int(low), int(high)] = (segments, cKDTree(segments.mean(axis=1)))

    def on_surface(self, points: Floats, normals: Floats) -> Floats:
        """Closest points on the natural surface, on the sheet that faces the same way."""
        if self.tree is None:
            return points
        count = min(NEIGHBOURS, len(self.corners))
        near = self.tree.query(points, count)[1].reshape(len(points), count)
        found = _closest_in_triangles(points[:, None, :], self.corners[near])
        distance = np.linalg.norm(found - points[:, None, :], axis=2)
        distance[np.einsum("pkc,pc->pk", self.normals[near], normals) < 0.0] += 1e3
        return found[np.arange(len(points)), np.argmin(distance, axis=1)]

    def sizes(self, points: Floats, normals: Floats) -> Floats:
        """Edge length wanted at each point [mm]: shorter where another sheet, faced away, is near."""
        reach = self.size / PER_THICKNESS
        count = min(64, len(self.facing))
        distance, near = self.everywhere.query(points, count, distance_upper_bound=reach)
        facing = np.vstack([self.facing, np.zeros(3)])  # the last stands for "no neighbour"
        opposite = np.einsum("pkc,pc->pk", facing[near], normals) < -0.5
        thickness = np.where(opposite, distance, reach).min(axis=1)
        return np.maximum(PER_THICKNESS * thickness, FINEST * self.size)

    def on_rim(self, points: Floats, pair: tuple[int, int]) -> Floats:
        """Closest points on the rim between two faces."""
        segments, tree = self.rims[pair]
        near = tree.query(points, min(8, len(segments)))[1].reshape(len(points), -1)
        start, along = segments[near, 0], segments[near, 1] - segments[near, 0]
        share = np.einsum("pkc,pkc->pk", points[:, None] - start, along) / np.maximum(
            np.einsum("pkc,pkc->pk", along, along), 1e-300
        )
        found = start + np.clip(share, 0.0, 1.0)[..., None] * along
        best = np.argmin(np.linalg.norm(found - points[:, None], axis=2), axis=1)
        return found[np.arange(len(points)), best]


def _closest_in_triangles(points: Floats, corners: Floats) -> Floats:
    """Closest point of each triangle (..., 3, 3) to each point (..., 3), broadcast."""
    a, b, c = corners[..., 0, :], corners[..., 1, :], corners[..., 2, :]
    normal = np.cross(b - a, c - a)
    square = np.maximum(np.einsum("...i,...i->...", normal, normal), 1e-300)[..., None]
    best = points - np.einsum("...i,...i->...", points - a, normal)[..., None] * normal / square
    distance = np.linalg.norm(points - best, axis=-1)
    outside = np.zeros(distance.shape, dtype=bool)
    for start, end in ((a, b), (b, c), (c, a)):
        outside |= np.einsum("...i,...i->...", np.cross(end - start, best - start), normal) < 0.0
    distance = np.where(outside, np.inf, distance)
    for start, end in ((a, b), (b, c), (c, a)):
        along = end - start
        length = np.maximum(np.einsum("...i,...i->...", along, along), 1e-300)
        share = np.clip(np.einsum("...i,...i->...", points - start, along) / length, 0.0, 1.0)
        candidate = start + share[..., None] * along
        gap = np.linalg.norm(points - candidate, axis=-1)
        better = gap < distance
        best, distance = np.where(better[..., None], candidate, best), np.where(better, gap, distance)
    return best


@dataclass(frozen=True)
class _Kinds:
    """What the vertices may do: class (NATURAL, RIM, CORNER) and, on a rim, the numbers of its two faces."""

    kind: Ints
    rim: Ints


def _feature(mesh: Mesh, edges: Edges) -> Flags:
    """Edges on a rim."""
    return mesh.labels[edges.triangles[:, 0]] != mesh.labels[edges.triangles[:, 1]]


def _kinds(mesh: Mesh, edges: Edges) -> _Kinds:
    feature = _feature(mesh, edges)
    ends = edges.ends[feature]
    pairs = np.sort(mesh.labels[edges.triangles[feature]], axis=1)
    count = np.bincount(ends.ravel(), minlength=len(mesh.points))
    low = np.full((len(mesh.points), 2), np.iinfo(np.int64).max)
    high = np.full((len(mesh.points), 2), -1)
    for end in ends.T:
        np.minimum.at(low, end, pairs)
        np.maximum.at(high, end, pairs)
    one_rim = (count == 2) & (low == high).all(axis=1)
    return _Kinds(np.where(count == 0, NATURAL, np.where(one_rim, RIM, CORNER)), high)


def _keys(ends: Ints, count: int) -> Ints:
    return ends.min(axis=1) * count + ends.max(axis=1)


def _among(keys: Ints, known: Ints) -> Flags:
    """Whether each key is among the known ones, which are in rising order."""
    return known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys


def _graded(mesh: Mesh, sizes: Floats) -> Floats:
    """Sizes that grow by no more than GROWTH times the distance from vertex to vertex."""
    ends = edges_of(mesh.triangles).ends
    length = _lengths(mesh.points, ends)
    for _ in range(5):
        least = sizes.copy()
        for start, end in (ends.T, ends.T[::-1]):
            np.minimum.at(least, end, sizes[start] + GROWTH * length)
        sizes = least
    return sizes


def _split_long(mesh: Mesh, sizes: Floats) -> tuple[Mesh, Floats]:
    """Halve edges until none is longer than LONG times the size at its ends; sizes of old and new vertices."""
    while True:
        edges = edges_of(mesh.triangles)
        wanted = sizes[edges.ends].mean(axis=1)
        marked = _lengths(mesh.points, edges.ends) > LONG * wanted
        if not marked.any():
            return mesh, sizes
        mesh = Mesh(*split(mesh.points, mesh.triangles, mesh.labels, edges, marked))
        sizes = np.concatenate([sizes, wanted[marked]])


def _lengths(points: Floats, ends: Ints) -> Floats:
    return np.linalg.norm(points[ends[:, 1]] - points[ends[:, 0]], axis=1)


def _collapse_short(mesh: Mesh, sizes: Floats) -> Mesh:
    """Merge the ends of edges shorter than SHORT times the size at their ends, nearly all that may be merged."""
    points, triangles, labels = mesh.points, mesh.triangles, mesh.labels
    count = len(points)
    refused = np.zeros(0, dtype=np.int64)
    while True:
        edges = edges_of(triangles)
        now = Mesh(points, triangles, labels)
        kind, feature = _kinds(now, edges).kind, _feature(now, edges)
        valence = np.bincount(edges.ends.ravel(), minlength=count)
        # a vertex with three neighbours would be the tip of a flat tetrahedron
        short = (_lengths(points, edges.ends) < SHORT * sizes[edges.ends].mean(axis=1)) | (
            valence[edges.ends].min(axis=1) < LEAST_VALENCE
        )
        # each short edge in both directions: the first vertex goes, the second stays
        pairs = np.vstack([edges.ends[short], edges.ends[short][:, ::-1]])
        gone, kept = kind[pairs[:, 0]], kind[pairs[:, 1]]
        allowed = (gone == NATURAL) | ((gone == RIM) & np.tile(feature[short], 2) & (kept >= RIM))
        allowed &= (_lengths(points, pairs) < SHORT * sizes[pairs].mean(axis=1)) | (
            valence[pairs[:, 0]] < LEAST_VALENCE
        )
        pairs = pairs[allowed & ~np.isin(pairs[:, 0] * count + pairs[:, 1], refused)]
        if not len(pairs):
            break
        pairs = pairs[_first_within_one_ring(pairs, edges, count)]
        sound = _may_collapse(points, triangles, edges, kind, pairs, sizes)
        refused = np.union1d(refused, pairs[~sound][:, 0] * count + pairs[~sound][:, 1])
        target = np.arange(count)
        target[pairs[sound][:, 0]] = pairs[sound][:, 1]
        triangles = target[triangles]
        alive = (np.diff(np.sort(triangles, axis=1), axis=1) > 0).all(axis=1)
        triangles, labels = triangles[alive], labels[alive]
        if sound.sum() < ENOUGH * len(triangles):  # the next sweep takes up the few that are left
            break
    used = np.unique(triangles)
    return Mesh(points[used], np.searchsorted(used, triangles), labels)


def _first_within_one_ring(pairs: Ints, edges: Edges, count: int) -> Flags:
    """Pairs that come first among all candidates at either end or at a neighbour of either end.

    The order is a fixed shuffle: by length, chains of falling lengths would leave few pairs for each round.
    """
    order = np.random.default_rng(len(pairs)).permutation(len(pairs))
    least = np.full(count, len(pairs), dtype=np.int64)
    np.minimum.at(least, pairs.ravel(), np.repeat(order, 2))
    around = least.copy()
    np.minimum.at(around, edges.ends.ravel(), least[edges.ends[:, ::-1]].ravel())
    return (around[pairs[:, 0]] == order) & (around[pairs[:, 1]] == order)


def _may_collapse(points: Floats, triangles: Ints, edges: Edges, kind: Ints, pairs: Ints, sizes: Floats) -> Flags:
    """Whether merging a pair keeps the surface manifold and unfolded, with no long edge and no bridge over a rim."""
    count = len(points)
    corner = np.argsort(triangles.ravel(), kind="stable")
    start = np.searchsorted(triangles.ravel()[corner], pairs[:, 0], side="left")
    stop = np.searchsorted(triangles.ravel()[corner], pairs[:, 0], side="right")
    which = np.repeat(np.arange(len(pairs)), stop - start)
    first = np.repeat(start - np.concatenate([[0], np.cumsum(stop - start)[:-1]]), stop - start)
    at = corner[np.arange(len(which)) + first]  # every triangle corner at the vertex that goes
    triangle, place = at // 3, at % 3
    around, after = triangles[triangle, (place + 1) % 3], triangles[triangle, (place + 2) % 3]
    gone, kept = pairs[which, 0], pairs[which, 1]

    ring = around != kept  # each neighbour of the vertex once, the kept one left out
    joined = _among(_keys(np.stack([around, kept], axis=1), count), _keys(edges.ends, count)) & ring
    manifold = np.bincount(which[joined], minlength=len(pairs)) == 2
    new = ring & ~joined
    across = np.stack([around, kept], axis=1)
    too_long = new & (_lengths(points, across) > LONG * sizes[across].mean(axis=1))
    bridge = new & (kind[gone] == NATURAL) & (kind[kept] != NATURAL) & (kind[around] != NATURAL)

    stays = ring & (after != kept)
    before = unit(np.cross(points[around] - points[gone], points[after] - points[gone]))
    moved = unit(np.cross(points[around] - points[kept], points[after] - points[kept]))
    folded = stays & (np.einsum("ij,ij->i", before, moved) < 0.5) & (np.abs(before).sum(axis=1) > 0.0)
    bad = np.bincount(which[too_long | bridge | folded], minlength=len(pairs)) > 0
    return manifold & ~bad


def _flip(mesh: Mesh) -> Mesh:
    """Turn edges until every one that may be turned is Delaunay (opposite angles sum to at most 180 degrees)."""
    points, triangles, count = mesh.points, mesh.triangles.copy(), len(mesh.points)
    for _ in range(30):
        edges = edges_of(triangles)
        now = Mesh(points, triangles, mesh.labels)
        kind = _kinds(now, edges).kind
        valence = np.bincount(edges.ends.ravel(), minlength=count)
        (a, b), (c, d) = edges.ends.T, edges.opposite.T
        excess = _angle(points, c, a, b) + _angle(points, d, a, b) - np.pi
        old = _normal(points, a, b, c), _normal(points, b, a, d)
        new = unit(_normal(points, a, d, c)), unit(_normal(points, d, b, c))
        mean = unit(old[0] + old[1])
        area = [np.linalg.norm(normal, axis=1) for normal in old]
        needle = np.minimum(*area) < 0.1 * np.maximum(*area)  # its normal says nothing
        flat = needle | (np.einsum("ij,ij->i", unit(old[0]), unit(old[1])) > 0.5)
        unfolded = (np.einsum("ij,ij->i", new[0], mean) > 0.5) & (np.einsum("ij,ij->i", new[1], mean) > 0.5)
        turned = _keys(edges.opposite, count)
        wanted = (
            (excess > 1e-6)
            & flat
            & unfolded
            & ~_feature(now, edges)
            & ~((kind[c] != NATURAL) & (kind[d] != NATURAL))
            & (valence[edges.ends].min(axis=1) > LEAST_VALENCE)
            & ~_among(turned, _keys(edges.ends, count))
        )
        candidates = np.flatnonzero(wanted)
        if not len(candidates):
            break
        candidates = candidates[np.lexsort((candidates, -excess[candidates]))]
        least = np.full(len(triangles), len(candidates), dtype=np.int64)
        order = np.arange(len(candidates))
        np.minimum.at(least, edges.triangles[candidates].ravel(), np.repeat(order, 2))
        chosen = candidates[(least[edges.triangles[candidates]] == order[:, None]).all(axis=1)]
        chosen = chosen[np.unique(turned[chosen], return_index=True)[1]]
        triangles[edges.triangles[chosen, 0]] = np.stack([a, d, c], axis=1)[chosen]
        triangles[edges.triangles[chosen, 1]] = np.stack([d, b, c], axis=1)[chosen]
    return Mesh(points, triangles, mesh.labels)


def _angle(points: Floats, apex: Ints, start: Ints, end: Ints) -> Floats:
    u, v = points[start] - points[apex], points[end] - points[apex]
    angle: Floats = np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), np.einsum("ij,ij->i", u, v))
    return angle


def _normal(points: Floats, a: Ints, b: Ints, c: Ints) -> Floats:
    return np.cross(points[b] - points[a], points[c] - points[a])


def _relax(mesh: Mesh, target: _Target) -> Mesh:
    """Move every vertex towards the mean of its neighbours, then back on its surface, plane or rim."""
    points, triangles, count = mesh.points, mesh.triangles, len(mesh.points)
    edges = edges_of(triangles)
    kinds, feature = _kinds(mesh, edges), _feature(mesh, edges)
    areas = area_vectors(points, triangles)
    normals = _vertex_normals(mesh)
    label = np.zeros(count, dtype=np.int64)
    label[triangles.ravel()] = np.repeat(mesh.labels, 3)

    moved = points.copy()
    inner, rim = kinds.kind == NATURAL, kinds.kind == RIM
    step = DAMPING * (_mean_of_neighbours(points, edges.ends) - points)
    step -= np.einsum("ij,ij->i", step, normals)[:, None] * normals
    moved[inner] += step[inner]
    moved[rim] += DAMPING * (_mean_of_neighbours(points, edges.ends[feature]) - points)[rim]
    natural = inner & (label == 0)
    moved[natural] = target.on_surface(moved[natural], normals[natural])
    for number, plane in enumerate(target.planes, start=1):
        lies = inner & (label == number)
        moved[lies] -= ((moved[lies] - plane.origin) @ plane.normal)[:, None] * plane.normal
    for pair in target.rims:
        lies = rim & (kinds.rim == pair).all(axis=1)
        if lies.any():
            moved[lies] = target.on_rim(moved[lies], pair)

    # a vertex whose triangles would fold or become needles stays where it was
    before = _shape(points, triangles)
    for _ in range(5):
        after = _shape(moved, triangles)
        folded = np.einsum("ij,ij->i", unit(area_vectors(moved, triangles)), unit(areas)) < 0.3
        spoilt = folded | ((after < LEAST_SHAPE) & (after < before))
        if not spoilt.any():
            return Mesh(moved, triangles, mesh.labels)
        back = np.unique(triangles[spoilt])
        moved[back] = points[back]
    return Mesh(points, triangles, mesh.labels)


def _centred(mesh: Mesh, target: _Target, size: float) -> Mesh:
    """Shift the natural surface so that its chords cut off as much as they add.

    Vertices on a smooth surface put every triangle's middle off it by the sagitta, always to the hollow side: a bone
    would lose one or two per cent of its volume. A linear triangle on a quadratic surface is off by 3/4 of its middle
    on average, which is the shift.
    """
    natural = mesh.labels == 0
    corners = mesh.triangles[natural]
    middle = mesh.points[corners].mean(axis=1)
    normal = unit(area_vectors(mesh.points, corners))
    sagitta = np.einsum("ij,ij->i", target.on_surface(middle, normal) - middle, normal)
    off, count = np.zeros(len(mesh.points)), np.zeros(len(mesh.points))
    np.add.at(off, corners.ravel(), np.repeat(0.75 * sagitta, 3))
    np.add.at(count, corners.ravel(), 1.0)
    inner = (_kinds(mesh, edges_of(mesh.triangles)).kind == NATURAL) & (count > 0)
    shift = np.clip(off[inner] / count[inner], -0.1 * size, 0.1 * size)
    points = mesh.points.copy()
    points[inner] += shift[:, None] * _vertex_normals(mesh)[inner]
    return Mesh(points, mesh.triangles, mesh.labels)


def _vertex_normals(mesh: Mesh) -> Floats:
    areas = area_vectors(mesh.points, mesh.triangles)
    normals = np.zeros_like(mesh.points)
    for corner in mesh.triangles.T:
        np.add.at(normals, corner, areas)
    return unit(normals)


def _shape(points: Floats, triangles: Ints) -> Floats:
    """1 for an equilateral triangle, 0 for one without area."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    sides = sum(np.einsum("ij,ij->i", side, side) for side in (b - a, c - b, a - c))
    return 4.0 * np.sqrt(3.0) * np.linalg.norm(area_vectors(points, triangles), axis=1) / np.maximum(sides, 1e-300)


def _mean_of_neighbours(points: Floats, ends: Ints) -> Floats:
    total, count = np.zeros_like(points), np.zeros(len(points))
    np.add.at(total, ends.ravel(), points[ends[:, ::-1].ravel()])
    np.add.at(count, ends.ravel(), 1.0)
    return total / np.maximum(count, 1.0)[:, None]
