"""A movement that repeats: the same loads in turn, cycle after cycle, each from where the one before ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import LoadCase
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics import results
from femsacrum.mechanics.checkpoint import Checkpoint
from femsacrum.mechanics.condensed import Direct
from femsacrum.mechanics.interfaces import Bolt, Increment, Interface, LoadCaseSolution, Spring
from femsacrum.mechanics.loading import nodal_loads
from femsacrum.mechanics.march import March, Progress, State
from femsacrum.mechanics.newton import Outcome
from femsacrum.mechanics.prepared import patient, prepare
from femsacrum.mechanics.results import assert_balanced
from femsacrum.meshing.bodies import BodyMesh


@dataclass(frozen=True)
class Motion:
    """How the points of one contact move in one cycle.

    Attributes:
        jump: Of slave against master in each phase, local axes (normal, two tangents), shape (m, p, 3) [mm].
        traction: The same of the traction, positive normal part in compression, shape (m, p, 3) [MPa].
        status: 0 open, 1 stick, 2 slip, 3 bonded, shape (m, p).
        initial_gap: Less the interference of a press-fit, shape (p,) [mm].
        area: Shape (p,) [mm2].
    """

    jump: Floats
    traction: Floats
    status: Ints
    initial_gap: Floats
    area: Floats

    def gap(self) -> Floats:
        """Gap in each phase, shape (m, p) [mm]."""
        return self.initial_gap - self.jump[:, :, 0]


@dataclass(frozen=True)
class Place:
    """Where a repeated movement stands at the end of a cycle, to go on from.

    Attributes:
        state: Of the march.
        loads: That act, shape (n,) [N].
        cycles: Number of cycles so far.
    """

    state: State
    loads: Floats
    cycles: int


class Repeated:
    """A construct under a movement that repeats; what is elastic is condensed onto the contact points once.

    Args:
        bodies: Body name -> mesh.
        materials: Body name -> stiffness.
        interfaces: Contacts with their laws.
        phases: Load cases in turn; all have the same supports.
        solver: Increments, tolerances, limits.
        bolts: Screws tightened before the load comes.
        springs: Springs and ligaments.
        progress: Told about every step of Newton's method and every converged increment.
        checkpoint: Where converged increments are kept, for a single phase that is solved once.

    Raises:
        NumericalError: The supports change, something floats, or there are too many contact points.
    """

    def __init__(
        self,
        bodies: Mapping[str, BodyMesh],
        materials: Mapping[str, BodyMaterial],
        interfaces: Sequence[Interface],
        phases: Sequence[LoadCase],
        solver: Solver,
        bolts: Sequence[Bolt] = (),
        springs: Sequence[Spring] = (),
        progress: Progress | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.phases = tuple(phases)
        if any(each.supports is not phases[0].supports for each in phases):
            raise NumericalError(f'solve: the supports change within "{phases[0].name}"; a movement keeps its own')
        given = (bodies, materials, interfaces, bolts, springs)
        self._prepared = prepared = prepare(given, phases[0], solver, progress)
        self.system, self.condensed = prepared.system, prepared.condensed
        self._nodal = [nodal_loads(self.system.bodies, self.system.numbers, each.applied) for each in phases]
        self._loads = [self.condensed.loads(nodal + prepared.locked) for nodal in self._nodal]
        self.march = March(self.condensed, patient(solver), progress, checkpoint or Checkpoint(None), Direct)
        if prepared.assembled.assembled:
            self.march.take_up(prepared.assembled, prepared.pressed)
        self._before = self.condensed.loads(prepared.locked)
        self.cycles = 0
        self._ends: list[Outcome] = []
        self._marched: list[tuple[State, tuple[Increment, ...]]] = []

    def cycle(self) -> dict[str, Motion]:
        """Solve every phase once more.

        Returns:
            Contact name -> how its points moved; springs and faces that are bonded are not among them.
        """
        ends, marched = [], []
        for number, load_case in enumerate(self.phases):
            known = self._ends[number] if self._ends else None
            end = self.march.load((), self._before, self._loads[number], load_case.name, known)
            if end is None:
                raise RuntimeError(
                    "a movement that repeats has no checkpoint, and one that is finished is not gone on with"
                )
            self._before = self._loads[number]
            ends.append(end)
            marched.append((self.march.state, tuple(self.march.table)))
        self._ends, self._marched = ends, marched
        self.cycles += 1
        states = [end.contact for end in ends]
        return {
            each.contact.name: Motion(
                np.stack([state.jump[where] for state in states]),
                np.stack([state.traction[where] for state in states]),
                np.stack([state.status[where] for state in states]),
                self.system.jumps[each.contact.name].initial_gap - self.system.contact.interference[where],
                self.system.jumps[each.contact.name].area,
            )
            for where, each in self.system.contact.segments
            if isinstance(each, Interface)
        }

    @property
    def finished(self) -> bool:
        """Whether a checkpoint told that the first phase was solved."""
        return self.march.state.stage > int(self.march.assembled)

    def newton_steps(self) -> int:
        """Steps of Newton's method in the last cycle."""
        return sum(row.newton_iterations for _, table in self._marched for row in table)

    def pressed(self) -> dict[str, Floats]:
        """Contact name -> jump after press-fit and tightening, shape (p, 3), local axes [mm]."""
        anchor = self._prepared.assembled.state.history.anchor
        return {
            each.contact.name: anchor[where]
            for where, each in self.system.contact.segments
            if isinstance(each, Interface)
        }

    def unite(self, union: Mapping[str, Floats], anchor: Mapping[str, Floats]) -> None:
        """Let faces unite further; see ``March.unite``."""
        self.march.unite(union, anchor)

    def solutions(self) -> tuple[LoadCaseSolution, ...]:
        """Everything about each phase of the last cycle.

        Raises:
            NumericalError: What is recovered for the whole is out of balance.
        """
        found = []
        for load_case, nodal, end, (state, table) in zip(
            self.phases, self._nodal, self._ends, self._marched, strict=True
        ):
            self.march.state, self.march.table = state, list(table)
            moved = self.condensed.displacement(nodal + self._prepared.locked, end.contact.traction, end.displacement)
            whole = replace(end, displacement=moved)
            found.append(results.collect(self.system, load_case, self._prepared.holds, nodal, self.march, whole))
            assert_balanced(found[-1])
        return tuple(found)

    def place(self) -> Place:
        """Where the movement stands."""
        return Place(self.march.state, self._before, self.cycles)

    def go_on(self, place: Place) -> None:
        """Go on from another's place, which has the same contact points."""
        self.march.state, self._before, self.cycles = place.state, place.loads, place.cycles
        self.march.begun()

    def close(self) -> None:
        """Free memory; what was condensed is kept for the next movement of the same construct."""
        self.march.close()
