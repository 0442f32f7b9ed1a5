"""Feet of a base block on a carved sacrum, whose canal, holes and slopes are known; seats that it could be mistaken for."""

from __future__ import annotations

from functools import cache

import manifold3d
import numpy as np
import pytest
from carved_sacrum import BESIDE, HOLE, HOLES, WIDTH, pelvis, resected

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Surface
from femsacrum.case.schema import Guide
from femsacrum.errors import InputError
from femsacrum.surgery.guides import seat as seats
from femsacrum.surgery.guides.ground import STEEPEST, standing_ground
from femsacrum.surgery.guides.kinematics import kinematics
from femsacrum.surgery.guides.layout import beside_cuts
from femsacrum.surgery.guides.model import Seat
from femsacrum.surgery.guides.other_seats import other_seats

CUT = -24.25  # where the lower edge of the second foramina is, in steps of 0.25 mm [mm]


@cache
def planned() -> Seat:
    return seats.seat(pelvis(), resected(), Guide())


def test_feet_stand_on_bone_that_stays_seen_from_behind_and_clear_of_holes() -> None:
    found, options = planned(), Guide()
    assert found.points.shape == found.normals.shape == (8, 3)
    assert np.linalg.norm(found.normals, axis=1) == pytest.approx(np.ones(8))
    assert np.abs(DistanceTo(pelvis().parts["sacrum"])(found.points)).max() < 1e-6
    clear = beside_cuts(options)
    assert found.points[:, 2].min() > CUT + clear - 1e-9
    assert np.abs(found.points[:, 0]).min() > WIDTH / 2.0 + clear - 0.5
    assert found.points[:, 1].min() > 70.0  # not on the front, not in the canal
    for z in HOLES.values():
        for x in (BESIDE, -BESIDE):
            assert np.hypot(found.points[:, 0] - x, found.points[:, 2] - z).min() > HOLE + options.foot_radius
    apart = np.linalg.norm(found.points[:, None] - found.points, axis=2)[np.triu_indices(8, 1)]
    assert apart.min() >= seats.APART * options.foot_radius
    assert (found.normals @ found.away).min() >= np.cos(np.radians(STEEPEST))


def test_the_seat_holds_and_the_push_presses_it() -> None:
    held = kinematics(planned())
    assert held.pressed
    assert held.least_force >= seats.BORNE
    assert len(held.free) == 0
    assert held.condition < 5.0
    for sides in ((1, 1), (1, -1), (-1, 1), (-1, -1)):  # a foot towards every corner
        off = (planned().points - planned().points.mean(axis=0))[:, [0, 2]] * sides
        assert (off > 5.0).all(axis=1).any()


def test_the_chosen_feet_hold_better_than_feet_anywhere() -> None:
    ground = standing_ground(pelvis(), resected(), Guide())
    rng = np.random.default_rng(3)
    anywhere = [
        kinematics(Seat(ground.points[some], ground.normals[some], planned().away))
        for some in (rng.choice(len(ground.points), 8, replace=False) for _ in range(60))
    ]
    least = np.array([held.singular_values[-1] for held in anywhere])
    assert kinematics(planned()).singular_values[-1] > np.percentile(least, 98)
    assert np.mean([held.pressed for held in anywhere]) < 0.5  # that the push presses every foot is no gift


def test_the_seat_is_the_same_each_time() -> None:
    again = seats.seat(pelvis(), resected(), Guide())
    assert (again.points == planned().points).all()
    assert (again.away == planned().away).all()


def test_offset_moves_the_ground_and_tilt_turns_the_way() -> None:
    base = standing_ground(pelvis(), resected(), Guide())
    moved = standing_ground(pelvis(), resected(), Guide(offset="8 mm"))
    assert moved.points[:, 2].min() == pytest.approx(base.points[:, 2].min() + 8.0, abs=1.5)
    assert moved.points[:, 2].max() == pytest.approx(base.points[:, 2].max() + 8.0, abs=1.5)
    tilted = standing_ground(pelvis(), resected(), Guide(tilt="10 deg"))
    # seen from the left with the head up the back is at the right: counter-clockwise is from the back to the head
    angle = np.degrees(np.arctan2(tilted.frame.normal[2], tilted.frame.normal[1]))
    assert angle - np.degrees(np.arctan2(base.frame.normal[2], base.frame.normal[1])) == pytest.approx(10.0, abs=1e-6)


def test_no_room_is_told() -> None:
    with pytest.raises(InputError, match=r"surgery\.guide\.contacts.*24 feet do not fit 28 mm apart"):
        seats.seat(pelvis(), resected(), Guide(contacts=24, foot_radius="7 mm"))
    with pytest.raises(InputError, match=r"surgery\.guide\.contacts.*only \d+ places .* stay on the sacrum"):
        seats.seat(pelvis(), resected(), Guide(offset="90 mm"))


@cache
def egg_crate() -> Surface:
    """Half balls of 4 mm radius every 10 mm on a slab: one like the other."""
    solid = manifold3d.Manifold.cube((120, 120, 10)).translate((-60, -60, -10))
    for x in range(-45, 46, 10):
        for y in range(-45, 46, 10):
            solid += manifold3d.Manifold.sphere(4.0, 32).translate((x, y, 0))
    mesh = solid.to_mesh64()
    return Surface(np.array(mesh.vert_properties[:, :3]), np.array(mesh.tri_verts, dtype=np.int64))


def test_a_block_on_an_egg_crate_fits_one_ball_further_as_well() -> None:
    lean = np.array([[0.7, 0.0, 0.7], [-0.7, 0.0, 0.7], [0.0, 0.7, 0.7], [0.0, -0.7, 0.7]]) * 4.0 / 0.99
    balls = np.array([[5.0, 5.0, 0.0], [-5.0, -5.0, 0.0], [5.0, -15.0, 0.0], [-15.0, 5.0, 0.0]])
    bone = DistanceTo(egg_crate())
    rough = (balls[:, None] + lean).reshape(-1, 3)[[0, 2, 5, 7, 8, 11, 13, 14]]
    points = bone.nearest(rough).point
    planned = Seat(points, (rough - np.repeat(balls, 2, axis=0)) / np.linalg.norm(lean[0]), np.array([0.0, 0.0, 1.0]))
    found = other_seats(planned, bone)
    misfits = [one.misfit for one in found]
    assert misfits == sorted(misfits)
    assert misfits[0] < 0.01
    best = found[0]
    assert np.sort(np.abs(best.shift)) == pytest.approx([0.0, 0.0, 10.0], abs=0.05)
    assert np.linalg.norm(best.turn) < 0.2
    for one in found:
        moved = points @ one.motion[:3, :3].T + one.motion[:3, 3]
        assert np.sqrt(np.mean(bone(moved) ** 2)) == pytest.approx(one.misfit, abs=1e-6)
        assert moved.mean(axis=0) - points.mean(axis=0) == pytest.approx(one.shift)
        assert np.linalg.norm(one.shift) >= 2.0 or np.linalg.norm(one.turn) >= 2.0


def test_other_seats_of_the_carved_sacrum_fit_worse_all_round() -> None:
    """Each is a place from which small motions fit worse, and none of them is the planned one."""
    bone = DistanceTo(pelvis().parts["sacrum"])
    # those that could be taken for the planned one; where the misfit is larger a descent may stick at an edge of the prism
    found = [one for one in other_seats(planned(), bone) if one.misfit < 1.0]
    assert found
    rng = np.random.default_rng(5)
    for one in found:
        points = planned().points @ one.motion[:3, :3].T + one.motion[:3, 3]
        for _ in range(40):
            turn = rng.normal(0.0, 0.01, 3)
            moved = points + rng.normal(0.0, 0.3, 3) + np.cross(turn, points - points.mean(axis=0))
            assert np.sqrt(np.mean(bone(moved) ** 2)) > one.misfit - 0.01
