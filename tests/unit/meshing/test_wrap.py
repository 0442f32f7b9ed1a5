"""A shell that cuts itself is replaced by the outside of what it winds around."""

from __future__ import annotations

import meshing_shapes as shapes
import numpy as np
import pytest

from femsacrum.anatomy.grid import Grid
from femsacrum.anatomy.model import Plane, Surface
from femsacrum.anatomy.wrap import turns, wrapped
from femsacrum.meshing.one_body import Job, mesh_body
from femsacrum.meshing.triangles import edges_of, enclosed_volume


def overlapping() -> tuple[Surface, float]:
    ball = shapes.ellipsoid(9.0, 6.0, 6.0)
    first, second = (ball.translate((x, 0.0, 0.0)) for x in (-5.0, 5.0))
    one, other = shapes.surface(first), shapes.surface(second)
    both = Surface(
        np.vstack([one.points, other.points]), np.vstack([one.triangles, other.triangles + len(one.points)])
    )
    return both, (first + second).volume()


def test_winding_numbers_of_overlapping_shells():
    grid = Grid(np.array([-16.0, -8.0, -8.0]), 1.0, (33, 17, 17))
    found = turns(overlapping()[0], grid)
    z, y, x = np.meshgrid(*grid.axes()[::-1], indexing="ij")
    inside = [((x - at) / 9.0) ** 2 + (y / 6.0) ** 2 + (z / 6.0) ** 2 for at in (-5.0, 5.0)]
    sure = np.all(
        [np.abs(level - 1.0) > 0.05 for level in inside], axis=0
    )  # facets stray a little from the ellipsoid
    expected = sum((level < 1.0).astype(int) for level in inside)
    assert expected.max() == 2
    assert np.array_equal(found[sure], expected[sure])


def test_the_wrap_is_one_closed_surface_around_the_union():
    shell, volume = overlapping()
    made = wrapped(shell, "body", 0.8)
    edges = edges_of(made.triangles)  # raises unless closed
    assert len(made.points) - len(edges.ends) + len(made.triangles) == 2
    assert enclosed_volume(made.points, made.triangles) == pytest.approx(volume, rel=0.02)


def test_a_sound_surface_keeps_its_place():
    ring = shapes.torus(14.0, 5.0)
    made = wrapped(ring, "body", 0.8)
    edges = edges_of(made.triangles)
    assert len(made.points) - len(edges.ends) + len(made.triangles) == 0  # the hole is still there
    radius = np.hypot(np.hypot(made.points[:, 0], made.points[:, 1]) - 14.0, made.points[:, 2])
    assert np.abs(radius - 5.0).max() < 0.1


def test_a_cut_body_goes_on_beyond_its_plane_as_its_mirror_image():
    ball = shapes.ellipsoid(12.0, 12.0, 12.0)
    plane = Plane(np.array([0.0, 0.0, 4.0]), np.array([0.0, 0.0, 1.0]))
    cut = shapes.surface(ball.trim_by_plane((0.0, 0.0, -1.0), -4.0))
    made = wrapped(cut, "body", 0.8, mirror=plane)
    below, above = (made.points[side] for side in (made.points[:, 2] < 4.0, made.points[:, 2] > 4.0))
    assert np.abs(np.linalg.norm(below, axis=1) - 12.0).max() < 0.15
    near = above[above[:, 2] < 4.8]  # a grid step; farther out the image ends
    assert len(near)
    assert np.abs(np.linalg.norm(near * [1.0, 1.0, -1.0] + [0.0, 0.0, 8.0], axis=1) - 12.0).max() < 0.15


def test_a_knife_edge_of_a_cut_is_meshed_well():
    # the plane leaves a sliver of a second lobe that it all but misses
    lobes = shapes.ellipsoid(12.0, 12.0, 12.0) + shapes.ellipsoid(9.0, 9.0, 3.1).translate((14.0, 0.0, 6.0))
    plane = Plane(np.array([0.0, 0.0, 3.0]), np.array([0.0, 0.0, 1.0]))
    cut = shapes.surface(lobes.trim_by_plane((0.0, 0.0, -1.0), -3.0))
    body, quality = mesh_body(Job("sacrum", "bone", Surface(cut.points, cut.triangles, {"cut": plane}), 2.5, 1))
    assert quality["gamma_min"] > 0.1
    nodes = body.nodes[np.unique(body.facets_of("cut"))]
    assert np.abs(nodes[:, 2] - 3.0).max() < 1e-9
