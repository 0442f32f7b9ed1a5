"""A movement walked cycle after cycle, until its interfaces have come to rest or are seen to creep on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Solver
from femsacrum.course import shakedown
from femsacrum.course.shakedown import Change, Outcome
from femsacrum.loads.loadcase import Cycle
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics import march
from femsacrum.mechanics.interfaces import Bolt, Interface, LoadCaseSolution, Spring
from femsacrum.mechanics.repeated import Motion, Repeated
from femsacrum.meshing.bodies import BodyMesh


class Progress(march.Progress, Protocol):
    """Whoever wants to know how it goes."""

    def note(self, text: str) -> None:
        """A line for the user."""


@dataclass(frozen=True)
class Walked:
    """A movement after so many cycles.

    Attributes:
        outcome: "shakes down", "ratchets", or "undecided" when the cycles ran out.
        changes: Of each cycle against the one before.
        motion: Contact -> how its points moved in the last cycle.
        drifts: Contact -> change of the relative position at the end of each of the last cycles against the one before,
            shape (k, p, 3), local axes [mm].
        newton: Steps of Newton's method in each cycle.
    """

    outcome: Outcome
    changes: tuple[Change, ...]
    motion: Mapping[str, Motion]
    drifts: Mapping[str, Floats]
    newton: tuple[int, ...]


@dataclass(frozen=True)
class Gait:
    """A movement whose interfaces have settled, or have not.

    Attributes:
        name: Of the movement.
        percent: Where in the cycle each phase is.
        walked: How it came there.
        micromotion: Contact -> peak-to-peak relative motion over the last cycle at each point, shape (p,) [mm].
        solutions: One for each phase of the last cycle.
    """

    name: str
    percent: tuple[float, ...]
    walked: Walked
    micromotion: Mapping[str, Floats]
    solutions: tuple[LoadCaseSolution, ...]


def gait(
    bodies: Mapping[str, BodyMesh],
    materials: Mapping[str, BodyMaterial],
    interfaces: Sequence[Interface],
    cycle: Cycle,
    solver: Solver,
    settled: float,
    most_cycles: int,
    bolts: Sequence[Bolt] = (),
    springs: Sequence[Spring] = (),
    *,
    progress: Progress | None = None,
) -> Gait:
    """Walk a movement from rest until it has settled.

    Args:
        bodies: Body name -> mesh.
        materials: Body name -> stiffness.
        interfaces: Contacts with their laws.
        cycle: The movement.
        solver: Increments, tolerances, limits.
        settled: Change a cycle, as a share of the motion, below which the interfaces have settled.
        most_cycles: Cycles at most.
        bolts: Screws tightened before the load comes.
        springs: Springs and ligaments.
        progress: Told how it goes.

    Raises:
        NumericalError: Something floats, Newton's method stops, or there are too many contact points.
    """
    repeated = Repeated(bodies, materials, interfaces, cycle.phases, solver, bolts, springs, progress)
    try:
        walked = walk(repeated, settled, most_cycles, cycle.name, progress)
        return Gait(cycle.name, cycle.percent, walked, micromotion(walked), repeated.solutions())
    finally:
        repeated.close()


def walk(repeated: Repeated, settled: float, most: int, name: str = "", progress: Progress | None = None) -> Walked:
    """Repeat a movement until it has settled, from where it stands.

    Args:
        repeated: The construct under its movement.
        settled: Change a cycle, as a share of the motion, below which it has shaken down.
        most: Cycles at most.
        name: For whoever is told.
        progress: Told a line a cycle.
    """
    changes: list[Change] = []
    drifts: list[dict[str, Floats]] = []
    newton: list[int] = []
    before: dict[str, Motion] | None = None
    verdict: Outcome = "undecided"
    for number in range(1, most + 1):
        now = repeated.cycle()
        newton.append(repeated.newton_steps())
        if before is not None:
            changes.append(shakedown.change(number, before, now))
            drifts.append(shakedown.drift(before, now))
            verdict = shakedown.outcome(changes, drifts, settled)
            if progress is not None:
                last = changes[-1]
                where = f", {1e3 * last.largest:.2f} um at {last.face}" if last.face else ""
                progress.note(f"{name}: cycle {number} changed the motion by {100.0 * last.share:.2g} %{where}")
        before = now
        if verdict != "undecided" or not now:
            break
    assert before is not None
    return Walked(verdict if before else "shakes down", tuple(changes), before, _stacked(drifts), tuple(newton))


def micromotion(walked: Walked) -> dict[str, Floats]:
    """Peak-to-peak relative motion over the last cycle at each point, contact -> shape (p,) [mm]."""
    return {name: shakedown.peak_to_peak(motion.jump) for name, motion in walked.motion.items()}


def _stacked(drifts: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    """The last few of them."""
    kept = drifts[-shakedown.ALIKE_CYCLES :]
    return {name: np.stack([one[name] for one in kept]) for name in (kept[-1] if kept else {})}
