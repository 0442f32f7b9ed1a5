"""The surface that a re-sampled one has to stay on: natural part, rims, and how thin the body is where."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.meshing.remeshing import Mesh
from femsacrum.meshing.triangles import area_vectors, edges_of, longest_edges_halved, unit

NEIGHBOURS = 16  # triangles of the input looked at for the closest point
PER_THICKNESS = 1.4  # edge length over wall thickness, where that is less than the size asked for
FINEST = 0.4  # but not below this share of it


class Target:
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
