"""Which places the feet of a base block take, so that its seat is unique and stable."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.schema import Guide
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.guides.ground import Ground, standing_ground
from femsacrum.surgery.guides.kinematics import least_force, wrench_matrix
from femsacrum.surgery.guides.model import Seat
from femsacrum.surgery.guides.other_seats import other_seats
from femsacrum.surgery.shapes.places import place

#: Middles of two feet are at least this many radii apart.
APART = 4.0
#: Least share of the push that every foot bears; eight even ones bear 0.125 each.
BORNE = 0.02
#: Starts of the search, and the share of the least singular value that is spared for a seat that is more unique.
STARTS, SPARED = 12, 0.1
#: Rounds of exchanges at most, and how many of the best places for a foot are asked whether the push presses it there.
ROUNDS, TRIED = 12, 12


def seat(anatomy: Anatomy, after: Resected, options: Guide) -> Seat:
    """The contacts of a base block.

    Feet may stand on bone that is seen from behind past ilia and lumbar vertebrae, that no cut takes away (neither the
    transverse one nor the deroofing, which comes first: the block must still stand when the second saw comes), beside
    foramina, and not on edges or steep walls. Among these points the set with the largest least singular value of its
    wrench matrix is looked for (turns told as lengths at the middling distance of all these points, so that feet spread):
    greedily for the largest determinant, then by exchanging one foot after the other (Fedorov: Theory of Optimal
    Experiments, 1972), from several starts. A set that the surgeon's push alone does not press everywhere loses to every
    one that it does. Every corner of the ground keeps a foot, so that the block does not tip where a saw presses on it.
    Of the sets that are nearly as stiff as the best, the one counts whose best other seat fits worst.

    Args:
        anatomy: Bones and landmarks before surgery.
        after: What its cuts leave.
        options: Of the case.

    Raises:
        InputError: There is no such place for so many feet.
    """
    ground = standing_ground(anatomy, after, options)
    bone, apart = DistanceTo(anatomy.parts["sacrum"]), APART * options.foot_radius
    starts = [chosen for i in range(STARTS) if (chosen := _greedy(ground, options.contacts, apart, i)) is not None]
    if not starts:
        raise InputError(
            "surgery.guide.contacts",
            f"{options.contacts} feet do not fit {apart:g} mm apart on the bone that stays and is seen from behind, round "
            f"{place(ground.points.mean(axis=0))} mm: take fewer, or a smaller foot_radius",
        )
    found = [_exchanged(ground, chosen, apart) for chosen in starts]
    least = max(worth for _, worth in found)
    good = {tuple(sorted(chosen)): worth for chosen, worth in found if worth >= least - SPARED * abs(least)}
    best = max(good, key=lambda chosen: (_unlike(_seat(ground, chosen), bone), good[chosen]))
    flat = ground.frame.flat(ground.points[list(best)])
    return _seat(ground, np.array(best)[np.lexsort((flat[:, 0], -flat[:, 1]))])


def _unlike(seat: Seat, bone: DistanceTo) -> float:
    """Misfit of the best other place where the block seems to sit [mm]; infinite where there is none."""
    others = other_seats(seat, bone, most=1)
    return others[0].misfit if others else np.inf


def _seat(ground: Ground, chosen: Sequence[int] | NDArray[np.int64]) -> Seat:
    rows = np.asarray(chosen)
    return Seat(ground.points[rows], ground.normals[rows], ground.frame.normal)


def _greedy(ground: Ground, number: int, apart: float, start: int) -> NDArray[np.int64] | None:
    """One foot after the other, each where the determinant grows most; None where they do not fit.

    The first foot of start 0 is the one farthest from the middle, the others are spread round it.
    """
    arms = ground.points - ground.points.mean(axis=0)
    rows = np.hstack([ground.normals, np.cross(arms, ground.normals) / ground.size])
    outwards = np.argsort(-np.linalg.norm(arms, axis=1), kind="stable")
    chosen = [int(outwards[start * len(arms) // (2 * STARTS)])]
    information = 1e-3 * np.eye(6)
    for _ in range(number - 1):
        information = information + np.outer(rows[chosen[-1]], rows[chosen[-1]])
        # det(A + r r') = det A (1 + r' A^-1 r)
        gain = np.einsum("ij,jk,ik->i", rows, np.linalg.inv(information), rows)
        gain[_near(ground, chosen, apart)] = -np.inf
        lacking = (ground.corner >= 0) & ~np.isin(ground.corner, ground.corner[chosen])
        gain[~lacking & (np.isfinite(gain) & lacking).any()] = -np.inf
        if not np.isfinite(gain.max()):
            return None
        chosen.append(int(np.argmax(gain)))
    return np.array(chosen)


def _near(ground: Ground, chosen: Sequence[int] | NDArray[np.int64], apart: float) -> NDArray[np.bool_]:
    """Which points are too near to those chosen."""
    away = np.linalg.norm(ground.points[:, None] - ground.points[np.asarray(chosen)], axis=2)
    return np.asarray((away < apart).any(axis=1))


def _exchanged(ground: Ground, chosen: NDArray[np.int64], apart: float) -> tuple[NDArray[np.int64], float]:
    """Feet exchanged one by one as long as the seat gets better, and how good it is.

    A seat that the push presses is better than one that it lifts; of two that it presses the one with the larger least
    singular value, of two that it lifts the one that is lifted less.
    """
    push, value = _borne(ground, chosen), float(_least_values(ground, chosen, 0, chosen[:1])[0])
    for _ in range(ROUNDS):
        before = push, value
        for slot in range(len(chosen)):
            others = np.delete(chosen, slot)
            may = ~_near(ground, others, apart)
            if ground.corner[chosen[slot]] not in (-1, *ground.corner[others]):
                may &= ground.corner == ground.corner[chosen[slot]]
            free = np.flatnonzero(may)
            values = _least_values(ground, chosen, slot, free)
            for i in np.argsort(-values, kind="stable")[:TRIED]:
                pressed = push >= BORNE
                if pressed and values[i] <= value + 1e-6:
                    break
                trial = chosen.copy()
                trial[slot] = free[i]
                bears = _borne(ground, trial)
                if bears >= BORNE or (not pressed and bears > push + 1e-6):
                    chosen, push, value = trial, bears, float(values[i])
                    if bears >= BORNE:
                        break
        if (push, value) == before:
            break
    return chosen, value if push >= BORNE else push - 1.0


def _least_values(ground: Ground, chosen: NDArray[np.int64], slot: int, trials: NDArray[np.int64]) -> Floats:
    """Least singular value of the wrench matrix with one foot in each of several places, shape (m,)."""
    sets = np.repeat(chosen[None], len(trials), axis=0)
    sets[:, slot] = trials
    points, normals = ground.points[sets], ground.normals[sets]
    arms = points - points.mean(axis=1, keepdims=True)
    rows = np.concatenate([normals, np.cross(arms, normals) / ground.size], axis=2)
    values = np.linalg.eigvalsh(np.einsum("kni,knj->kij", rows, rows))[:, max(6 - len(chosen), 0)]
    return np.sqrt(np.maximum(values, 0.0))


def _borne(ground: Ground, chosen: NDArray[np.int64]) -> float:
    """Least share of the push that a foot bears."""
    trial = _seat(ground, chosen)
    return least_force(*wrench_matrix(trial), trial)
