"""Re-sampling keeps what matters: topology, flat faces, sharp rims, volume; and makes the triangles even."""

from __future__ import annotations

import meshing_shapes as shapes
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from femsacrum.anatomy.model import Surface
from femsacrum.meshing.remeshing import Mesh
from femsacrum.meshing.resample import resample
from femsacrum.meshing.triangles import (
    area_vectors,
    edges_of,
    enclosed_volume,
    longest_edges_halved,
    planar_labels,
    unit,
)


def genus(points: np.ndarray, triangles: np.ndarray) -> float:
    return 1.0 - (len(points) - len(edges_of(triangles).ends) + len(triangles)) / 2.0


def angles(mesh: Mesh) -> np.ndarray:
    corners = mesh.points[mesh.triangles]
    out = []
    for i in range(3):
        u, v = (corners[:, (i + k) % 3] - corners[:, i] for k in (1, 2))
        out.append(np.degrees(np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), np.einsum("ij,ij->i", u, v))))
    return np.stack(out, axis=1)


def edge_lengths(mesh: Mesh) -> np.ndarray:
    return np.linalg.norm(np.diff(mesh.points[edges_of(mesh.triangles).ends], axis=1)[:, 0], axis=1)


@settings(max_examples=6, deadline=None, derandomize=True, phases=(Phase.generate,), database=None)
@given(
    st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda n: np.linalg.norm(n) > 0.3),
    st.floats(-0.25, 0.6),
    st.floats(1.8, 3.2),
)
def test_a_cut_ellipsoid_keeps_its_flat_face_and_its_volume(normal, share, size):
    solid = shapes.ellipsoid(22.0, 14.0, 17.0)
    unit_normal = np.asarray(normal) / np.linalg.norm(normal)
    whole = shapes.surface(solid)
    offset = share * float((whole.points @ unit_normal).max())
    given_surface = shapes.cut(solid, unit_normal, offset)
    made = resample(given_surface, size)

    assert genus(made.points, made.triangles) == 0.0
    assert angles(made).min() > 15.0
    assert 0.65 * size < np.median(edge_lengths(made)) < 1.1 * size  # thin remainders get finer
    cap = np.unique(made.triangles[made.labels == 1])
    assert np.abs(made.points[cap] @ unit_normal - offset).max() < 1e-9
    assert np.all(unit(area_vectors(made.points, made.triangles[made.labels == 1])) @ unit_normal > 1.0 - 1e-9)
    volume = enclosed_volume(given_surface.points, given_surface.triangles)
    assert enclosed_volume(made.points, made.triangles) == pytest.approx(volume, rel=5e-3)


def rim_of(points, triangles, labels):
    edges = edges_of(triangles)
    return points[edges.ends[labels[edges.triangles[:, 0]] != labels[edges.triangles[:, 1]]]]


def test_the_rim_of_a_cut_stays_where_the_saw_left_it():
    before = shapes.cut(shapes.ellipsoid(15.0, 15.0, 15.0), np.array([0.0, 0.0, 1.0]), 9.0)
    made = resample(before, 2.5)
    labels = planar_labels(before.points, before.triangles, before.flat_faces)
    start, end = np.swapaxes(rim_of(before.points, before.triangles, labels), 0, 1)
    points = np.unique(rim_of(made.points, made.triangles, made.labels).reshape(-1, 3), axis=0)
    along = np.einsum("psc,sc->ps", points[:, None] - start, end - start) / ((end - start) ** 2).sum(axis=1)
    foot = start + np.clip(along, 0.0, 1.0)[..., None] * (end - start)
    assert np.linalg.norm(points[:, None] - foot, axis=2).min(axis=1).max() < 1e-9
    assert len(points) == pytest.approx(2 * np.pi * 12.0 / 2.5, rel=0.35)
    # sharp: natural surface and cut meet at the angle of sphere and plane, not over a rounded ring
    labels = planar_labels(made.points, made.triangles, {}, 1e-3)
    assert not labels.any()
    assert np.array_equal(
        np.flatnonzero(np.abs(made.points[:, 2] - 9.0) < 1e-6), np.unique(made.triangles[made.labels == 1])
    )


def test_two_cuts_that_cross_keep_both_planes():
    solid = shapes.ellipsoid(15.0, 15.0, 15.0).trim_by_plane((0.0, 0.0, -1.0), -5.0)
    both = shapes.cut(solid, np.array([1.0, 0.0, 0.0]), 4.0, "side")
    top = shapes.cut(shapes.ellipsoid(15.0, 15.0, 15.0), np.array([0.0, 0.0, 1.0]), 5.0, "top").flat_faces["top"]
    made = resample(Surface(both.points, both.triangles, {"side": both.flat_faces["side"], "top": top}), 2.5)
    for number, axis, at in ((1, 0, 4.0), (2, 2, 5.0)):
        corners = np.unique(made.triangles[made.labels == number])
        assert len(corners) > 30
        assert np.abs(made.points[corners, axis] - at).max() < 1e-9
    ridge = np.intersect1d(made.triangles[made.labels == 1], made.triangles[made.labels == 2])
    assert len(ridge) >= 8
    assert angles(made).min() > 12.0


def test_a_torus_keeps_its_hole():
    ring = shapes.torus(16.0, 5.0)
    made = resample(ring, 2.5)
    assert genus(made.points, made.triangles) == genus(ring.points, ring.triangles) == 1.0
    assert angles(made).min() > 20.0


def test_vertices_lie_on_the_surface_and_chords_do_not_cost_volume():
    ball = shapes.surface(shapes.ellipsoid(12.0, 12.0, 12.0))
    made = resample(ball, 3.0)
    radius = np.linalg.norm(made.points, axis=1)
    assert np.abs(radius - 12.0).max() < 0.12  # sagitta of a 3 mm triangle
    volume = enclosed_volume(made.points, made.triangles)
    assert volume == pytest.approx(enclosed_volume(ball.points, ball.triangles), rel=2e-3)


def test_triangles_shrink_where_the_wall_is_thin():
    made = resample(shapes.surface(shapes.ellipsoid(14.0, 14.0, 0.6)), 3.0)
    middle = made.points[edges_of(made.triangles).ends].mean(axis=1)
    inner = np.linalg.norm(middle[:, :2], axis=1) < 6.0
    assert np.median(edge_lengths(made)[inner]) < 2.2  # wall 1.1 to 1.2 mm
    assert np.median(edge_lengths(resample(shapes.surface(shapes.ellipsoid(14.0, 14.0, 8.0)), 3.0))) > 2.6


def test_the_same_surface_gives_the_same_triangles():
    given_surface = shapes.cut(shapes.ellipsoid(15.0, 11.0, 13.0), np.array([1.0, 2.0, 0.5]), 3.0)
    first, second = resample(given_surface, 2.5), resample(given_surface, 2.5)
    assert np.array_equal(first.points, second.points)
    assert np.array_equal(first.triangles, second.triangles)


def test_an_open_surface_is_refused():
    ball = shapes.surface(shapes.ellipsoid(5.0, 5.0, 5.0))
    with pytest.raises(ValueError, match="open"):
        resample(Surface(ball.points, ball.triangles[:-1]), 2.0)
    turned = ball.triangles.copy()
    turned[0] = turned[0, ::-1]
    with pytest.raises(ValueError, match="oriented"):
        resample(Surface(ball.points, turned), 2.0)


def test_halving_edges_moves_nothing():
    ball = shapes.cut(shapes.ellipsoid(9.0, 7.0, 8.0), np.array([0.0, 1.0, 0.3]), 2.0)
    labels = planar_labels(ball.points, ball.triangles, ball.flat_faces)
    points, triangles, new = longest_edges_halved(ball.points, ball.triangles, labels, 0.8)
    assert np.linalg.norm(np.diff(points[edges_of(triangles).ends], axis=1), axis=2).max() <= 0.8
    assert enclosed_volume(points, triangles) == pytest.approx(
        enclosed_volume(ball.points, ball.triangles), rel=1e-12
    )
    area = [
        np.linalg.norm(area_vectors(p, t[which == 1]), axis=1).sum()
        for p, t, which in ((ball.points, ball.triangles, labels), (points, triangles, new))
    ]
    assert area[0] == pytest.approx(area[1], rel=1e-12)
