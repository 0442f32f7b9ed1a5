"""Other places where a block seems to sit: how unique its seat is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from scipy.stats import qmc

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats
from femsacrum.surgery.guides.kinematics import wrench_matrix
from femsacrum.surgery.guides.model import OtherSeat, Seat

#: How far astray the block is thought to be put down, in shift and in turn [mm], [deg]; a surgeon sees more.
REACH, TURNED = 15.0, 15.0
#: Places that are nearer to each other than this in shift and in turn are one [mm], [deg].
SAME, SAME_TURN = 2.0, 2.0
#: Starts of the search: those of so many Sobol points (a power of two) that lie in this reach, 79.
STARTS = 256
#: Steps of the search at most, and the step [mm] at which it has arrived.
STEPS, ARRIVED = 100, 1e-3
#: A foot has to meet bone that faces it by at least this, the cosine to the way it comes.
FACING = 0.1


def other_seats(seat: Seat, bone: DistanceTo, most: int = 5) -> tuple[OtherSeat, ...]:
    """Places beside the planned one where the feet fit the bone better than all round it, the best first.

    Least squares of the feet's distances from the bone over the six motions of a rigid block, from starts spread evenly
    over what a block may be put down astray. A place beyond that range is left out, and one where a foot meets
    bone from its inside or from a side that it cannot be put on. Feet in the bone count like feet off it: a surface
    that was segmented too thick looks like that.

    All starts are followed at once (Levenberg-Marquardt; Nocedal, Wright: Numerical Optimization (2006), 10.3): one by one
    in a library's solver they take fifty times as long, and the choice of a seat asks this of many.

    Args:
        seat: The planned one.
        bone: Distance to what it is on, before the cuts.
        most: So many at most.
    """
    length = wrench_matrix(seat)[1]
    scale = np.repeat([REACH, np.radians(TURNED) * length], 3)
    starts = 2.0 * qmc.Sobol(6, scramble=False).random(STARTS) - 1.0
    there, misfit = _descended(seat, bone, scale * starts[_within(starts)], length)
    good = np.flatnonzero(~np.isnan(misfit) & _within(there / scale))
    there, misfit = there[good], misfit[good]
    points, turns = _moved(seat, there, length)
    found = []
    for x, rms, feet, turn in zip(there, misfit, points, turns, strict=True):
        outward = bone.nearest(feet + 0.05 * turn @ seat.away)  # from the outside, so that the sign is plain
        way = (feet + 0.05 * turn @ seat.away - outward.point) / outward.distance[:, None]
        if (way @ (turn @ seat.away) < FACING).any():
            continue
        middle = seat.points.mean(axis=0)
        motion = np.eye(4)
        motion[:3, :3], motion[:3, 3] = turn, middle + x[:3] - turn @ middle
        found.append(OtherSeat(float(rms), x[:3], np.degrees(x[3:] / length), motion))
    kept: list[OtherSeat] = []
    planned = OtherSeat(0.0, np.zeros(3), np.zeros(3), np.eye(4))
    for one in sorted(found, key=lambda other: other.misfit):
        if not any(_same(one, other) for other in (planned, *kept)):
            kept.append(one)
    return tuple(kept[:most])


def _within(motions: Floats) -> NDArray[np.bool_]:
    """Which motions (shift and turn over their reach) lie in it, shape (k,)."""
    return np.asarray(np.linalg.norm(motions.reshape(-1, 2, 3), axis=2).max(axis=1) <= 1.0)


def _moved(seat: Seat, x: Floats, length: float) -> tuple[Floats, Floats]:
    """Feet and turns of a block after motions (translation, turn times length), shapes (k, n, 3) and (k, 3, 3)."""
    middle = seat.points.mean(axis=0)
    turns = Rotation.from_rotvec(x[:, 3:] / length).as_matrix()
    return middle + x[:, None, :3] + np.einsum("ni,kji->knj", seat.points - middle, turns), turns


def _descended(seat: Seat, bone: DistanceTo, x: Floats, length: float) -> tuple[Floats, Floats]:
    """Motions at the end of a descent from each start, and root mean square distances of the feet there.

    Not a number where it has not arrived.
    """

    def looked(x: Floats) -> tuple[Floats, Floats]:
        points = _moved(seat, x, length)[0]
        near = bone.nearest(points.reshape(-1, 3))
        far = np.where(np.abs(near.distance) > 1e-9, near.distance, 1.0)
        out = ((points.reshape(-1, 3) - near.point) / far[:, None]).reshape(points.shape)
        arms = points - points.mean(axis=1, keepdims=True)
        return near.distance.reshape(len(x), -1), np.concatenate([out, np.cross(arms, out) / length], axis=2)

    x, going, damping = x.copy(), np.arange(len(x)), np.full(len(x), 0.1)
    off, slope = looked(x)
    for _ in range(STEPS):
        normal = np.einsum("kni,knj->kij", slope[going], slope[going]) + damping[going, None, None] * np.eye(6)
        step = -np.linalg.solve(normal, np.einsum("kni,kn->ki", slope[going], off[going])[..., None])[..., 0]
        trial = x[going] + step
        # the slope belongs to a turn on top of the one that is there
        turned = Rotation.from_rotvec(step[:, 3:] / length) * Rotation.from_rotvec(x[going, 3:] / length)
        trial[:, 3:] = turned.as_rotvec() * length
        new_off, new_slope = looked(trial)
        better = (new_off**2).sum(axis=1) < (off[going] ** 2).sum(axis=1)
        kept = going[better]
        x[kept], off[kept], slope[kept] = trial[better], new_off[better], new_slope[better]
        damping[going] *= np.where(better, 0.2, 5.0)
        going = going[np.linalg.norm(step, axis=1) >= ARRIVED]
        if not len(going):
            break
    misfit = np.sqrt(np.mean(off**2, axis=1))
    misfit[going] = np.nan
    return x, misfit


def _same(one: OtherSeat, other: OtherSeat) -> bool:
    turn = Rotation.from_matrix(one.motion[:3, :3].T @ other.motion[:3, :3])
    return bool(np.linalg.norm(one.shift - other.shift) < SAME and np.degrees(turn.magnitude()) < SAME_TURN)
