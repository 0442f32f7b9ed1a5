"""Thickness of layers thinner than the image resolves, on synthetic scans of a slab whose thickness is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Surface
from femsacrum.images.volume import Volume
from femsacrum.materials import layer, thickness

OUTSIDE, CORTEX, CORE = 40.0, 1500.0, 150.0


def slab(cortex, spacing, normal=(0.2, 0.3, 1.0), blur=0.6, noise=40.0, seed=1):
    """Scan of a half space of core under a layer; the surface passes the origin. Voxels hold means of 4 x 4 x 4 points of
    the blurred layer, in closed form; then noise."""
    random = np.random.default_rng(seed)
    normal = np.array(normal) / np.linalg.norm(normal)
    spacing = np.array(spacing)
    count = (27.0 / spacing).astype(int)
    origin = -0.5 * spacing * (count - 1) + random.uniform(-0.5, 0.5, 3) * spacing
    x, y, z = ((np.arange(4 * n) - 1.5) / 4.0 * s + o for n, s, o in zip(count, spacing, origin, strict=True))
    depth = -(x * normal[0] + y[:, None] * normal[1] + z[:, None, None] * normal[2])
    values = OUTSIDE + (CORTEX - OUTSIDE) * ndtr(depth / blur) + (CORE - CORTEX) * ndtr((depth - cortex) / blur)
    nx, ny, nz = count
    values = values.reshape(nz, 4, ny, 4, nx, 4).mean(axis=(1, 3, 5)) + random.normal(0.0, noise, (nz, ny, nx))
    return Volume(np.rint(values).astype(np.int16), origin, np.diag(spacing), "slab"), normal


def plate(normal, shift=0.0):
    """A net of facets on the slab's surface, moved outwards by ``shift``, and a box below it as the bone."""
    first = np.cross(normal, [0.0, 1.0, 0.0])
    first /= np.linalg.norm(first)
    frame = np.stack([first, np.cross(normal, first), normal])
    side = np.linspace(-9.0, 9.0, 7)
    nodes = np.stack([*(g.ravel() for g in np.meshgrid(side, side, indexing="ij")), np.full(49, shift)], axis=1)
    low = np.arange(49).reshape(7, 7)[:-1, :-1].ravel()
    facets = np.vstack([np.stack([low, low + 7, low + 8], axis=1), np.stack([low, low + 8, low + 1], axis=1)])
    box = np.array([[x, y, z] for x in (-30.0, 30.0) for y in (-30.0, 30.0) for z in (-30.0, shift)])
    sides = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6]]
    triangles = np.array([*sides, [0, 6, 4], [1, 5, 7], [1, 7, 3]])
    return nodes @ frame, facets, DistanceTo(Surface(box @ frame, triangles))


def profiles(volume, normal, shift=0.0):
    nodes, facets, surface = plate(normal, shift)
    return thickness.profiles(volume, nodes, facets, surface)


@pytest.mark.parametrize("spacing", [(0.5, 0.5, 0.5), (1.0, 1.0, 1.0), (0.8, 0.8, 1.5)])
@pytest.mark.parametrize("cortex", [0.5, 1.0, 1.5, 2.5, 4.0])
def test_layers_of_half_to_four_millimetres(cortex, spacing):
    found = profiles(*slab(cortex, spacing))
    unknowns, _ = layer.fitted(thickness.DEPTHS, found.values, found.weights, CORTEX, 0.3 + 0.6 * found.spacing)
    fitted = unknowns[:, layer.THICK]
    assert np.isfinite(fitted).all()
    assert np.median(fitted) == pytest.approx(cortex, abs=0.07)
    assert fitted.std() < 0.12
    got = thickness.measured(found, CORTEX, 9.0)
    assert got.failed < 0.05
    assert got.thickness == pytest.approx(cortex, abs=0.12)


@pytest.mark.parametrize("shift", [-1.0, 1.0])
def test_the_fit_finds_the_outer_edge_of_a_surface_a_voxel_off(shift):
    found = profiles(*slab(1.5, (1.0, 1.0, 1.0)), shift)
    got = thickness.measured(found, CORTEX, 9.0)
    assert got.failed == 0.0
    assert got.thickness == pytest.approx(1.5, abs=0.12)


def test_the_value_of_cortical_bone_is_found_where_it_is_thick_enough_and_assumed_otherwise():
    thick = thickness.joined([profiles(*slab(3.0, (1.0, 1.0, 1.0), seed=seed)) for seed in range(3)])
    value, shown = thickness.cortical_value(thick)
    assert shown
    assert value == pytest.approx(CORTEX, rel=0.03)
    thin = thickness.joined([profiles(*slab(0.5, (1.5, 1.5, 1.5), noise=0.0, seed=seed)) for seed in range(3)])
    assert thickness.cortical_value(thin) == (1500.0, False)


def test_slices_too_thick_along_the_normal_take_the_table():
    found = profiles(*slab(1.5, (0.8, 0.8, 3.0)))
    got = thickness.measured(found, CORTEX, 1.41)
    assert (got.failed, got.absent) == (1.0, 1.0)
    assert got.thickness == pytest.approx(1.41)


def test_a_facet_without_a_fit_takes_its_neighbours():
    found = profiles(*slab(1.5, (1.0, 1.0, 1.0)))
    found.values[10] = 700.0  # metal's shadow, say: no layer to be seen
    got = thickness.measured(found, CORTEX, 9.0)
    assert got.failed == pytest.approx(1.0 / 72.0)
    assert got.absent == 0.0
    assert got.thickness[10] == pytest.approx(1.5, abs=0.12)


def test_a_profile_ends_in_the_middle_of_a_thin_plate():
    volume, normal = slab(1.0, (1.0, 1.0, 1.0))
    nodes, facets, _ = plate(normal)
    first = np.cross(normal, [0.0, 1.0, 0.0])
    first /= np.linalg.norm(first)
    frame = np.stack([first, np.cross(normal, first), normal])
    thin = np.array([[x, y, z] for x in (-30.0, 30.0) for y in (-30.0, 30.0) for z in (-5.0, 0.0)]) @ frame
    sides = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6]]
    found = thickness.profiles(
        volume, nodes, facets, DistanceTo(Surface(thin, np.array([*sides, [0, 6, 4], [1, 5, 7], [1, 7, 3]])))
    )
    last = thickness.DEPTHS[found.weights.sum(axis=0) > 0].max()
    assert 2.5 <= last <= 3.5
