"""The steps of isotropic remeshing: halve long edges, merge the ends of short ones, turn edges to Delaunay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.meshing.triangles import Edges, Flags, area_vectors, edges_of, split, unit

LONG, SHORT = 4.0 / 3.0, 4.0 / 5.0  # of the target length: Botsch and Kobbelt 2004
ENOUGH = 1e-3  # a round of collapses that touches fewer than this share of the triangles is the last of its sweep
GROWTH = 0.3  # of the size over the distance between vertices
LEAST_VALENCE = 4
NATURAL, RIM, CORNER = 0, 1, 2  # class of a vertex; planar faces' inner vertices count as NATURAL


@dataclass(frozen=True)
class Mesh:
    """A surface under way: points, triangles and the planar face (0: none) of every triangle."""

    points: Floats
    triangles: Ints
    labels: Ints


@dataclass(frozen=True)
class Kinds:
    """What the vertices may do: class (NATURAL, RIM, CORNER) and, on a rim, the numbers of its two faces."""

    kind: Ints
    rim: Ints


def on_rim(mesh: Mesh, edges: Edges) -> Flags:
    """Edges on a rim."""
    return mesh.labels[edges.triangles[:, 0]] != mesh.labels[edges.triangles[:, 1]]


def kinds_of(mesh: Mesh, edges: Edges) -> Kinds:
    """Class of every vertex."""
    feature = on_rim(mesh, edges)
    ends = edges.ends[feature]
    pairs = np.sort(mesh.labels[edges.triangles[feature]], axis=1)
    count = np.bincount(ends.ravel(), minlength=len(mesh.points))
    low = np.full((len(mesh.points), 2), np.iinfo(np.int64).max)
    high = np.full((len(mesh.points), 2), -1)
    for end in ends.T:
        np.minimum.at(low, end, pairs)
        np.maximum.at(high, end, pairs)
    one_rim = (count == 2) & (low == high).all(axis=1)
    return Kinds(np.where(count == 0, NATURAL, np.where(one_rim, RIM, CORNER)), high)


def _keys(ends: Ints, count: int) -> Ints:
    return ends.min(axis=1) * count + ends.max(axis=1)


def _among(keys: Ints, known: Ints) -> Flags:
    """Whether each key is among the known ones, which are in rising order."""
    return known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys


def graded(mesh: Mesh, sizes: Floats) -> Floats:
    """Sizes that grow by no more than GROWTH times the distance from vertex to vertex."""
    ends = edges_of(mesh.triangles).ends
    length = lengths(mesh.points, ends)
    for _ in range(5):
        least = sizes.copy()
        for start, end in (ends.T, ends.T[::-1]):
            np.minimum.at(least, end, sizes[start] + GROWTH * length)
        sizes = least
    return sizes


def split_long(mesh: Mesh, sizes: Floats) -> tuple[Mesh, Floats]:
    """Halve edges until none is longer than LONG times the size at its ends; sizes of old and new vertices."""
    while True:
        edges = edges_of(mesh.triangles)
        wanted = sizes[edges.ends].mean(axis=1)
        marked = lengths(mesh.points, edges.ends) > LONG * wanted
        if not marked.any():
            return mesh, sizes
        mesh = Mesh(*split(mesh.points, mesh.triangles, mesh.labels, edges, marked))
        sizes = np.concatenate([sizes, wanted[marked]])


def lengths(points: Floats, ends: Ints) -> Floats:
    """Of edges [mm]."""
    return np.linalg.norm(points[ends[:, 1]] - points[ends[:, 0]], axis=1)


def collapse_short(mesh: Mesh, sizes: Floats) -> Mesh:
    """Merge the ends of edges shorter than SHORT times the size at their ends, nearly all that may be merged."""
    points, triangles, labels = mesh.points, mesh.triangles, mesh.labels
    count = len(points)
    refused = np.zeros(0, dtype=np.int64)
    while True:
        edges = edges_of(triangles)
        now = Mesh(points, triangles, labels)
        kind, feature = kinds_of(now, edges).kind, on_rim(now, edges)
        valence = np.bincount(edges.ends.ravel(), minlength=count)
        # a vertex with three neighbours would be the tip of a flat tetrahedron
        short = (lengths(points, edges.ends) < SHORT * sizes[edges.ends].mean(axis=1)) | (
            valence[edges.ends].min(axis=1) < LEAST_VALENCE
        )
        # each short edge in both directions: the first vertex goes, the second stays
        pairs = np.vstack([edges.ends[short], edges.ends[short][:, ::-1]])
        gone, kept = kind[pairs[:, 0]], kind[pairs[:, 1]]
        allowed = (gone == NATURAL) | ((gone == RIM) & np.tile(feature[short], 2) & (kept >= RIM))
        allowed &= (lengths(points, pairs) < SHORT * sizes[pairs].mean(axis=1)) | (
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
    too_long = new & (lengths(points, across) > LONG * sizes[across].mean(axis=1))
    bridge = new & (kind[gone] == NATURAL) & (kind[kept] != NATURAL) & (kind[around] != NATURAL)

    stays = ring & (after != kept)
    before = unit(np.cross(points[around] - points[gone], points[after] - points[gone]))
    moved = unit(np.cross(points[around] - points[kept], points[after] - points[kept]))
    folded = stays & (np.einsum("ij,ij->i", before, moved) < 0.5) & (np.abs(before).sum(axis=1) > 0.0)
    bad = np.bincount(which[too_long | bridge | folded], minlength=len(pairs)) > 0
    return manifold & ~bad


def flip(mesh: Mesh) -> Mesh:
    """Turn edges until every one that may be turned is Delaunay (opposite angles sum to at most 180 degrees)."""
    points, triangles, count = mesh.points, mesh.triangles.copy(), len(mesh.points)
    for _ in range(30):
        edges = edges_of(triangles)
        now = Mesh(points, triangles, mesh.labels)
        kind = kinds_of(now, edges).kind
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
            & ~on_rim(now, edges)
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


def vertex_normals(mesh: Mesh) -> Floats:
    """Unit normals at the vertices, triangles weighted by area, shape (n, 3)."""
    areas = area_vectors(mesh.points, mesh.triangles)
    normals = np.zeros_like(mesh.points)
    for corner in mesh.triangles.T:
        np.add.at(normals, corner, areas)
    return unit(normals)


def mean_of_neighbours(points: Floats, ends: Ints) -> Floats:
    """Mean position of the vertices each vertex shares one of the given edges with, shape (n, 3) [mm]."""
    total, count = np.zeros_like(points), np.zeros(len(points))
    np.add.at(total, ends.ravel(), points[ends[:, ::-1].ravel()])
    np.add.at(count, ends.ravel(), 1.0)
    return total / np.maximum(count, 1.0)[:, None]
