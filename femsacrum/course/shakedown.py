"""Does an interface under a movement that repeats come to rest, or does it creep on?

An elastic body that slides on others under loads that repeat may slip in the first cycles and then stick or slide to and
fro for ever (it shakes down), or advance by the same amount in every cycle (it ratchets). Melan's theorem, which says
from the first cycle alone that it shakes down, holds with Coulomb friction only where the pressure does not depend on
the slip, so the cycles are followed instead.

Source: A. Klarbring, M. Ciavarella, J. R. Barber, Int. J. Solids Struct. 44 (2007) 8355-8365.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.mechanics.repeated import Motion

Outcome = Literal["shakes down", "ratchets", "undecided"]

#: A face that moves less than this share of what the face does that moves most is judged by that instead of by itself: what
#: is left there is the tolerance of the solve.
LITTLE = 0.1
#: Motion below this counts as none [mm].
NOTHING = 1e-6
#: It ratchets when in this many cycles running the drift keeps its size and direction within this share.
ALIKE_CYCLES, ALIKE = 3, 0.05


@dataclass(frozen=True)
class Change:
    """What one cycle changed against the one before.

    Attributes:
        number: Of the cycle, from 2 on.
        share: Largest distance between the same phase of both, over the peak-to-peak motion; the worst face.
        face: Name of the worst face.
        largest: The distance there [mm].
    """

    number: int
    share: float
    face: str
    largest: float


def peak_to_peak(jump: Floats) -> Floats:
    """Largest distance between the relative positions in any two phases, shape (p,) [mm].

    Args:
        jump: Relative position in each phase, shape (m, p, 3) [mm].
    """
    result = np.zeros(jump.shape[1])
    for i in range(len(jump) - 1):
        result = np.maximum(result, np.linalg.norm(jump[i + 1 :] - jump[i], axis=2).max(axis=0))
    return result


def touching(motion: Motion) -> np.ndarray:
    """Points that touch in at least one phase; where nothing touches, what moves is the body and not the face, (p,)."""
    return np.asarray((motion.status > 0).any(axis=0))


def change(number: int, before: Mapping[str, Motion], now: Mapping[str, Motion]) -> Change:
    """Compare a cycle with the one before, phase by phase."""
    worst = Change(number, 0.0, "", 0.0)
    extents, moved = {}, {}
    for name, motion in now.items():
        points = touching(motion)
        if points.any():
            extents[name] = float(peak_to_peak(motion.jump[:, points]).max())
            away = np.linalg.norm(motion.jump - before[name].jump, axis=2)
            moved[name] = float(away[:, points].max())
    most = max(extents.values(), default=0.0)
    for name, distance in moved.items():
        share = distance / max(extents[name], LITTLE * most, NOTHING)
        if distance > NOTHING and share > worst.share:
            worst = Change(number, share, name, distance)
    return worst


def drift(before: Mapping[str, Motion], now: Mapping[str, Motion]) -> dict[str, Floats]:
    """Change of the relative position at the end of the cycle, contact -> shape (p, 3), local axes [mm].

    Points that never touch in the cycle are given no drift of their own.
    """
    return {
        name: np.where(touching(motion)[:, None], motion.jump[-1] - before[name].jump[-1], 0.0)
        for name, motion in now.items()
    }


def outcome(changes: Sequence[Change], drifts: Sequence[Mapping[str, Floats]], settled: float) -> Outcome:
    """Judge the cycles so far.

    Args:
        changes: Of each cycle against the one before.
        drifts: The same, of ``drift``.
        settled: Change a cycle, as a share of the motion, below which it has shaken down.
    """
    if changes and changes[-1].share <= settled:
        return "shakes down"
    last = drifts[-ALIKE_CYCLES:]
    if len(last) < ALIKE_CYCLES:
        return "undecided"
    face = changes[-1].face
    steady = [
        np.linalg.norm(one[face] - last[-1][face]) <= ALIKE * np.linalg.norm(last[-1][face]) for one in last[:-1]
    ]
    return "ratchets" if all(steady) and np.linalg.norm(last[-1][face]) > 0.0 else "undecided"
