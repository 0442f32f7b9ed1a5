"""Thickness of the cortex under every facet of a bone's natural surface, measured in the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Ints
from femsacrum.images.volume import Volume
from femsacrum.materials import layer
from femsacrum.materials.sampling import pinned, values_at
from femsacrum.sources.tables import constant

#: Where profiles are sampled, 0 at the surface, positive inwards [mm]: the surface of a label map lies within a voxel of the
#: outer edge, and cortex of 4 mm wants some core behind it.
DEPTHS = np.arange(-3.0, 6.01, 0.2)
#: Points of a facet whose profiles are averaged against noise, barycentric.
SPREAD = np.array([[4, 4, 4], [8, 2, 2], [2, 8, 2], [2, 2, 8], [1, 5.5, 5.5], [5.5, 1, 5.5], [5.5, 5.5, 1]]) / 12.0
#: Distance of voxel centres along the normal above which nothing is fitted [mm]: at 1.5 mm a layer of 0.5 to 4 mm comes out
#: within 0.05 mm on average and 0.1 mm of scatter, at 3 mm the scatter is 0.2 to 0.5 mm (docs/materials.md).
COARSEST = 2.0
#: A fit is of something else when its outer edge lies further than this from the surface: so much [mm], or so many voxels,
ASTRAY = (1.5, 1.5)
#: ... or when its residual is more than this share of the step between cortex and outside, ...
ROUGH = 0.12
#: ... or when the core is more than this share of the cortex's value, so that there is no inner edge.
DENSE = 0.8
#: Smoothing of thickness over the surface: standard deviation and reach of the weights [mm].
SMOOTH, REACH = 2.5, 5.0
#: A facet without a fit takes the median within this distance [mm], of at least so many.
NEAR, FEW = 8.0, 3
#: Profiles with the highest peaks that tell the cortex's value, and the values that are tried [HU].
TALLEST = 300
HEIGHTS = np.arange(800.0, 2401.0, 100.0)


@dataclass(frozen=True)
class Measured:
    """Cortex of one bone.

    Attributes:
        thickness: Per facet, shape (k,) [mm].
        failed: Share of the facets without a fit of their own [1].
        absent: Share of the facets that took the table's value, having no neighbour with a fit either [1].
    """

    thickness: Floats
    failed: float
    absent: float


@dataclass(frozen=True)
class Profiles:
    """Hounsfield units along the normals of facets.

    Attributes:
        centres: Of the facets, shape (k, 3) [mm].
        area: Shape (k,) [mm2].
        spacing: Distance of voxel centres along the normal, shape (k,) [mm].
        values: At DEPTHS, shape (k, q) [HU].
        weights: 0 where the profile has left the image or passed the middle of the bone, shape (k, q).
    """

    centres: Floats
    area: Floats
    spacing: Floats
    values: Floats
    weights: Floats


def step_along(volume: Volume, normals: Floats) -> Floats:
    """Distance of voxel centres along directions, shape (k,) [mm]: the spacing along an axis of the grid."""
    return np.asarray(np.linalg.norm(normals @ volume.steps, axis=1))


def profiles(volume: Volume, nodes: Floats, facets: Ints, surface: DistanceTo) -> Profiles:
    """Profiles through the facets of one bone.

    Args:
        volume: Hounsfield units.
        nodes: Of the bone, shape (n, 3) [mm].
        facets: Outward oriented, shape (k, 3).
        surface: Natural surface of the bone.
    """
    corners = nodes[facets]
    vectors = 0.5 * np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    at_node = np.zeros_like(nodes)
    for corner in range(3):
        np.add.at(at_node, facets[:, corner], vectors)
    normals = at_node[facets].sum(axis=1)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    centres = corners.mean(axis=1)
    values = np.empty((len(facets), len(DEPTHS)))
    for first in range(0, len(facets), 2000):  # a few ten megabytes of points at a time
        part = slice(first, first + 2000)
        starts = np.einsum("pc,kcx->kpx", SPREAD, corners[part])
        points = starts[:, :, None] - DEPTHS[:, None] * normals[part, None, None]
        values[part] = values_at(volume, points).reshape(len(starts), len(SPREAD), len(DEPTHS)).mean(axis=1)
    weights = np.isfinite(values).astype(float)
    inner = np.flatnonzero(DEPTHS > 1.0)
    coarse = inner[::2]
    behind = -surface((centres[:, None] - DEPTHS[coarse, None] * normals[:, None]).reshape(-1, 3))
    past = (
        behind.reshape(len(facets), -1) < 0.75 * DEPTHS[coarse] - 0.5
    )  # beyond the middle of a plate depth falls again
    weights[:, inner] *= ~np.repeat(np.maximum.accumulate(past, axis=1), 2, axis=1)[:, : len(inner)]
    values[~np.isfinite(values)] = 0.0
    return Profiles(centres, np.linalg.norm(vectors, axis=1), step_along(volume, normals), values, weights)


def joined(several: list[Profiles]) -> Profiles:
    """Profiles of several bones as one."""
    names = ("centres", "area", "spacing", "values", "weights")
    return Profiles(*(np.concatenate([getattr(one, name) for one in several]) for name in names))


def cortical_value(found: Profiles) -> tuple[float, bool]:
    """Value of cortical bone in the image [HU]: that with which layers thick enough to show it are fitted best.

    Returns:
        The value, and whether the image shows it; where no layer is thick enough the table's stands for it.
    """
    peaks = np.where(found.weights > 0.0, found.values, -np.inf).max(axis=1)
    usable = np.flatnonzero((found.spacing <= COARSEST) & (found.weights.sum(axis=1) > 20))
    tallest = usable[np.argsort(peaks[usable], kind="stable")[::-1][:TALLEST]]
    assumed = constant("cortex", "value").value
    if len(tallest) < TALLEST // 10:
        return assumed, False
    values, weights, blur = found.values[tallest], found.weights[tallest], 0.3 + 0.6 * found.spacing[tallest]
    # the median: some of the very tallest may be metal
    with pinned(len(tallest)):
        cost = np.array([np.median(layer.fitted(DEPTHS, values, weights, height, blur)[1]) for height in HEIGHTS])
    best = int(cost.argmin())
    if best in (0, len(HEIGHTS) - 1):
        return max(assumed, float(np.median(peaks[tallest]))), False
    low, middle, high = cost[best - 1 : best + 2]
    return float(HEIGHTS[best] + 50.0 * (low - high) / max(low - 2.0 * middle + high, 1e-12)), True


def measured(found: Profiles, height: float, table: float) -> Measured:
    """Thickness per facet: fitted, or taken from the neighbours, or from the table; then smoothed.

    Args:
        found: Profiles of one bone.
        height: Value of cortical bone [HU].
        table: Thickness where nothing is measured near by [mm].
    """
    with pinned(len(found.area)):
        unknowns, residual = layer.fitted(DEPTHS, found.values, found.weights, height, 0.3 + 0.6 * found.spacing)
    thick = unknowns[:, layer.THICK]
    least, most = constant("cortex", "thinnest").value, constant("cortex", "thickest").value
    astray = np.maximum(ASTRAY[0], ASTRAY[1] * found.spacing)
    good: NDArray[np.bool_] = (
        (found.spacing <= COARSEST)
        & (found.weights.sum(axis=1) > 20)
        & (thick >= least)
        & (thick <= most)
        & (np.abs(unknowns[:, layer.EDGE]) <= astray)
        & (residual <= ROUGH * (height - unknowns[:, layer.OUTSIDE]))
        & (unknowns[:, layer.INSIDE] <= DENSE * height)
        & (unknowns[:, layer.OUTSIDE] <= DENSE * height)
    )
    values, absent = np.full(len(thick), table), np.zeros(len(thick), dtype=bool)
    values[good] = thick[good]
    if good.any():
        tree = cKDTree(found.centres[good])
        for facet in np.flatnonzero(~good):
            near = tree.query_ball_point(found.centres[facet], NEAR)
            absent[facet] = len(near) < FEW
            if not absent[facet]:
                values[facet] = np.median(thick[good][near])
    else:
        absent[:] = True
    area = found.area / found.area.sum()
    return Measured(_smoothed(found, values), float(area[~good].sum()), float(area[absent].sum()))


def _smoothed(found: Profiles, values: Floats) -> Floats:
    tree = cKDTree(found.centres)
    apart = tree.sparse_distance_matrix(tree, REACH, output_type="coo_matrix")
    weights = found.area[apart.col] * np.exp(-0.5 * (apart.data / SMOOTH) ** 2)
    matrix = sparse.csr_array((weights, (apart.row, apart.col)), shape=apart.shape)
    return np.asarray((matrix @ values) / (matrix @ np.ones(len(values))))
