"""Laying the reference bones over real ones: trimmed iterative closest points, then a smooth residual warp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.surfaces import sampled
from femsacrum.anatomy.warp import Warp

#: Points spread over each surface for the search of closest points.
SAMPLES = 3000
#: Pairs whose normals differ by more than this are no pairs.
AGREEMENT = np.cos(np.radians(50.0))
#: Share of the pairs kept, best first: bones may be cut off (a sacrum without its tip) or have more than it.
KEPT = 0.85


@dataclass(frozen=True)
class Affine:
    """x -> matrix x + shift.

    Attributes:
        matrix: Shape (3, 3).
        shift: Shape (3,) [mm].
    """

    matrix: Floats
    shift: Floats

    def __call__(self, points: Floats) -> Floats:
        """Where points go, shape (n, 3) or (3,) [mm]."""
        return np.asarray(points) @ self.matrix.T + self.shift

    def normals(self, normals: Floats) -> Floats:
        """Unit normals of a surface after the map, shape (n, 3) or (3,)."""
        out = np.asarray(normals) @ np.linalg.inv(self.matrix)
        return out / np.linalg.norm(out, axis=-1, keepdims=True)

    def scale(self) -> float:
        """Mean factor on lengths."""
        return float(np.cbrt(np.linalg.det(self.matrix)))

    def axes(self) -> Floats:
        """Of a similarity: where the unit vectors x, y and z point to, as columns, shape (3, 3)."""
        return self.matrix / self.scale()


@dataclass(frozen=True)
class Laid:
    """A reference bone laid over the patient.

    Attributes:
        place: Similarity of the whole bone.
        carry: Where points of the reference bone go; for a borrowed bone the similarity itself.
        surface: The patient's bone, or the borrowed one in its place.
    """

    place: Affine
    carry: Callable[[Floats], Floats]
    surface: Surface


def moved(surface: Surface, place: Affine) -> Surface:
    """A surface after an affine map that does not mirror it."""
    return Surface(place(surface.points), surface.triangles)


def boxes_matched(reference: Sequence[Surface], real: Sequence[Surface]) -> Affine:
    """Scale and shift that lay the bounding box of some surfaces over that of others; both frames are LPS."""
    corners = []
    for group in (reference, real):
        points = np.concatenate([surface.points for surface in group])
        corners.append((points.min(axis=0), points.max(axis=0)))
    (a, b), (c, d) = corners
    scale = float(np.linalg.norm(d - c) / np.linalg.norm(b - a))
    return Affine(scale * np.eye(3), 0.5 * (c + d) - scale * 0.5 * (a + b))


def slid(place: Affine, source: Floats, target: Floats, normals: Floats) -> Affine:
    """A similarity, moved so that points come closer to the planes through their targets (one Gauss-Newton step).

    Distances along the surface do not count, so the reference slides into place in some 15 steps from wherever it
    starts; with distances to the targets themselves it creeps, and stops where it started from leads it.

    Notes:
        Chen and Medioni, Image Vis Comput 1992;10:145, with a scale as seventh unknown.

    Args:
        place: The map so far.
        source: Points before the map, shape (n, 3) [mm].
        target: Points of the real surface they belong to, shape (n, 3) [mm].
        normals: Of the real surface there, shape (n, 3).
    """
    points = place(source)
    centre = points.mean(axis=0)
    arm = points - centre
    columns = np.column_stack([np.cross(arm, normals), normals, np.einsum("ij,ij->i", arm, normals)])
    step = np.linalg.lstsq(columns, np.einsum("ij,ij->i", target - points, normals), rcond=None)[0]
    turn = (1.0 + step[6]) * Rotation.from_rotvec(step[:3]).as_matrix()
    return Affine(turn @ place.matrix, turn @ (place.shift - centre) + centre + step[3:6])


def general(source: Floats, target: Floats) -> Affine:
    """Affine map of least squares."""
    solution = np.linalg.lstsq(np.column_stack([source, np.ones(len(source))]), target, rcond=None)[0]
    return Affine(solution[:3].T, solution[3])


def register(
    reference: Sequence[Surface], real: Sequence[Surface], start: Affine, affine: bool, iterations: int = 40
) -> Affine:
    """Map of reference surfaces onto real ones, part by part the same map.

    Pairs are looked for both ways; of each way the worst are left out, so that neither a missing nor an additional
    end of a bone pulls.

    Args:
        reference: Surfaces to be mapped.
        real: As many, in the same order.
        start: First guess.
        affine: Whether the map may shear and scale unevenly; else it is a similarity.
        iterations: Of the search.
    """
    clouds = [(*sampled(a, SAMPLES), *sampled(b, SAMPLES)) for a, b in zip(reference, real, strict=True)]
    trees = [(cKDTree(a), cKDTree(b)) for a, _, b, _ in clouds]
    place = start
    for _ in range(iterations):
        source, target, normals = [], [], []
        inverse = np.linalg.inv(place.matrix)
        for (a, na, b, nb), (tree_a, tree_b) in zip(clouds, trees, strict=True):
            there, back = place(a), (b - place.shift) @ inverse.T
            forth = tree_b.query(there)[1]
            home = tree_a.query(back)[1]
            turned = place.normals(na)
            for pa, pb in (
                (np.arange(len(a)), forth),
                (home, np.arange(len(b))),
            ):
                apart = np.linalg.norm(there[pa] - b[pb], axis=1)
                agree = np.einsum("ij,ij->i", turned[pa], nb[pb]) > AGREEMENT
                kept = agree & (apart <= np.quantile(apart[agree], KEPT)) if agree.any() else agree
                source.append(a[pa[kept]])
                target.append(b[pb[kept]])
                normals.append(nb[pb[kept]])
        pairs = np.concatenate(source), np.concatenate(target)
        new = general(*pairs) if affine else slid(place, *pairs, np.concatenate(normals))
        change = np.abs(new.matrix - place.matrix).max() * 100.0 + np.abs(new.shift - place.shift).max()
        place = new
        if change < 5e-3:
            break
    return place


class Fitted:
    """The reference part laid over the real one: an affine map, then a smooth warp of what is left.

    Args:
        reference: The reference part.
        real: The real one.
        place: Affine map found by ``register``.
    """

    def __init__(self, reference: Surface, real: Surface, place: Affine) -> None:
        self._place = place
        self._warps: list[Warp] = []
        points, normals = sampled(reference, SAMPLES)
        points, normals = place(points), place.normals(normals)
        there, there_normals = sampled(real, 5 * SAMPLES)
        tree = cKDTree(there)
        chosen = _spread(points, 250)
        for stiffness in (60.0, 20.0):
            apart, nearest = tree.query(points[chosen])
            agree = np.einsum("ij,ij->i", normals[chosen], there_normals[nearest]) > AGREEMENT
            kept = agree & (apart <= max(np.quantile(apart[agree], 0.9), 1.0))
            source = points[chosen][kept]
            # only the part of the step along the normal is known
            step = np.einsum("ij,ij->i", there[nearest[kept]] - source, there_normals[nearest[kept]])
            target = source + step[:, None] * there_normals[nearest[kept]]
            warp = Warp(source, target, stiffness)
            self._warps.append(warp)
            normals = _turned(warp, points, normals)
            points = warp(points)

    def __call__(self, points: Floats) -> Floats:
        """Where reference points go, shape (n, 3) [mm]."""
        out = self._place(np.asarray(points, dtype=float))
        for warp in self._warps:
            out = warp(out)
        return out


def _turned(warp: Warp, points: Floats, normals: Floats) -> Floats:
    out = np.einsum("nij,ni->nj", np.linalg.inv(warp.gradient(points)), normals)
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def _spread(points: Floats, number: int) -> np.ndarray:
    """Indices of points far from each other (farthest-point choice)."""
    chosen = [0]
    apart = np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < number:
        chosen.append(int(np.argmax(apart)))
        apart = np.minimum(apart, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return np.array(chosen)
