"""What holds a block on contacts: nothing in exactly the free directions of plane, sphere and cylinder; all of a corner."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from femsacrum.surgery.guides.kinematics import kinematics, pose_covariance, wrench_matrix
from femsacrum.surgery.guides.model import Seat

posed = st.tuples(
    st.integers(0, 10**6),
    st.integers(6, 12),
    st.tuples(*[st.floats(-3.0, 3.0)] * 3),
    st.tuples(*[st.floats(-500.0, 500.0)] * 3),
)


def placed(points, normals, away, turn, shift):
    rotate = Rotation.from_rotvec(turn)
    return Seat(rotate.apply(points) + shift, rotate.apply(normals), rotate.apply(away)), rotate


def as_motions(seat, centre, rotations, translations):
    """Orthonormal rows (translation of the middle, turn times length) of rotations about a point and of translations."""
    length = wrench_matrix(seat)[1]
    arm = seat.points.mean(axis=0) - centre
    rows = [np.concatenate([np.cross(axis, arm), length * np.asarray(axis)]) for axis in rotations]
    rows += [np.concatenate([axis, np.zeros(3)]) for axis in translations]
    return np.linalg.qr(np.array(rows).T)[0].T


def assert_free_exactly(seat, motions):
    held = kinematics(seat)
    assert held.free.shape == motions.shape
    assert np.linalg.svd(held.free @ motions.T, compute_uv=False) == pytest.approx(np.ones(len(motions)), abs=1e-6)
    assert held.free @ held.free.T == pytest.approx(np.eye(len(motions)), abs=1e-9)
    assert np.isinf(held.condition)
    assert not held.pressed


@given(posed)
@settings(max_examples=40, deadline=None)
def test_on_a_plane_it_slides_both_ways_and_turns(given_pose):
    seed, number, turn, shift = given_pose
    flat = np.random.default_rng(seed).uniform(-30.0, 30.0, (number, 2))
    points, normals = np.column_stack([flat, np.zeros(number)]), np.tile([0.0, 0.0, 1.0], (number, 1))
    seat, rotate = placed(points, normals, [0.0, 0.0, 1.0], turn, shift)
    x, y, z = rotate.as_matrix().T
    assert_free_exactly(seat, as_motions(seat, seat.points.mean(axis=0), [z], [x, y]))
    free = kinematics(seat).free
    assert np.abs(free[:2, 3:]).max() < 1e-9
    assert np.abs(free[2, :3]).max() < 1e-9


@given(posed)
@settings(max_examples=40, deadline=None)
def test_on_a_sphere_it_turns_about_its_centre(given_pose):
    seed, number, turn, shift = given_pose
    normals = np.random.default_rng(seed).normal(size=(number, 3))
    normals[:, 2] = np.abs(normals[:, 2])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    seat, rotate = placed(40.0 * normals, normals, [0.0, 0.0, 1.0], turn, shift)
    assert_free_exactly(seat, as_motions(seat, np.array(shift), rotate.as_matrix().T, []))


@given(posed)
@settings(max_examples=40, deadline=None)
def test_on_a_cylinder_it_slides_along_and_turns_about_the_axis(given_pose):
    seed, number, turn, shift = given_pose
    rng = np.random.default_rng(seed)
    angle, along = rng.uniform(0.2, 2.9, number), rng.uniform(-30.0, 30.0, number)
    normals = np.column_stack([np.cos(angle), np.zeros(number), np.sin(angle)])
    seat, rotate = placed(25.0 * normals + np.outer(along, [0.0, 1.0, 0.0]), normals, [0.0, 0.0, 1.0], turn, shift)
    axis = rotate.as_matrix()[:, 1]
    assert_free_exactly(seat, as_motions(seat, np.array(shift), [axis], [axis]))


def corner(feet=(4, 2, 2)):
    """Feet on three faces of a cube's corner, pressed towards it: 3-2-1 and more."""
    grid = np.array([[20.0, 20.0], [40.0, 20.0], [20.0, 40.0], [40.0, 45.0], [33.0, 27.0]])
    points, normals = [], []
    for axis, count in enumerate(feet):
        face = np.insert(grid[:count, ::-1] if axis == 1 else grid[:count], axis, 0.0, axis=1)
        points.append(face)
        normals.append(np.tile(np.eye(3)[axis], (count, 1)))
    return Seat(np.concatenate(points), np.concatenate(normals), np.ones(3) / np.sqrt(3.0))


def test_three_two_one_holds_all_six():
    held = kinematics(corner((3, 2, 1)))
    assert held.free.shape == (0, 6)
    assert np.isfinite(held.condition)
    matrix, length = wrench_matrix(corner((3, 2, 1)))
    values = np.linalg.svd(matrix, compute_uv=False)
    assert held.singular_values == pytest.approx(values)
    assert held.condition == pytest.approx(values[0] / values[5])
    assert held.length == length


def test_six_contacts_bear_what_statics_says():
    """Six forces are determined by six equations of equilibrium."""
    seat = corner((3, 2, 1))
    matrix, _ = wrench_matrix(seat)
    through = seat.points.mean(axis=0)
    forces = np.linalg.solve(matrix.T, np.concatenate([seat.away, np.zeros(3)]))
    held = kinematics(seat, through)
    assert held.least_force == pytest.approx(forces.min(), abs=1e-8)
    assert held.pressed == (forces.min() > 0.0)


@pytest.mark.parametrize(("where", "least"), [((0.0, 0.0), 0.25), ((10.0, 0.0), 0.0), ((20.0, 0.0), -0.25)])
def test_a_push_beside_the_feet_lifts_one(where, least):
    """Four feet on the corners of a square of side 20 mm: the least force of a push at x is 1/4 - x / 40 mm."""
    points = 10.0 * np.array([[1, 1, 0], [1, -1, 0], [-1, 1, 0], [-1, -1, 0]], dtype=float)
    seat = Seat(points, np.tile([0.0, 0.0, 1.0], (4, 1)), np.array([0.0, 0.0, 1.0]))
    held = kinematics(seat, np.array([*where, 5.0]))
    assert held.least_force == pytest.approx(least, abs=1e-9)
    assert not held.pressed  # a plane is no seat


def test_a_push_that_nothing_answers_is_told():
    seat = Seat(corner((4, 0, 0)).points, corner((4, 0, 0)).normals, np.array([0.0, 1.0, 0.0]))
    assert kinematics(seat).least_force == -np.inf


def test_fewer_feet_than_six_leave_the_rest_free():
    held = kinematics(corner((3, 0, 0)))
    assert len(held.singular_values) == 6
    assert len(held.free) == 3


def test_scatter_of_the_pose_is_that_of_a_monte_carlo_fit():
    seat, sd = corner((3, 3, 3)), 0.1
    middle, rng = seat.points.mean(axis=0), np.random.default_rng(7)
    poses = []
    for _ in range(600):
        # feet are off by an error each; the block moves until they are as near to the faces of the corner as can be
        feet = seat.points + rng.normal(0.0, sd, len(seat.points))[:, None] * seat.normals

        def off(x, feet=feet):
            moved = middle + x[:3] + Rotation.from_rotvec(x[3:]).apply(feet - middle)
            return np.einsum("ij,ij->i", moved, seat.normals)

        poses.append(least_squares(off, np.zeros(6), x_scale=[1, 1, 1, 0.02, 0.02, 0.02]).x)
    told = pose_covariance(seat, sd)
    whiten = np.linalg.inv(np.linalg.cholesky(told))
    # the sample's covariance in units of the one told: 1 +- sqrt(2 / 600) in every direction, its eigenvalues a little wider
    assert np.linalg.eigvalsh(whiten @ np.cov(np.array(poses).T) @ whiten.T) == pytest.approx(np.ones(6), abs=0.25)
    assert np.trace(whiten @ np.cov(np.array(poses).T) @ whiten.T) / 6.0 == pytest.approx(1.0, abs=0.07)


def test_scatter_of_a_loose_block_has_no_bound():
    with pytest.raises(ValueError, match="leave a motion free"):
        pose_covariance(corner((4, 0, 0)), 0.5)
