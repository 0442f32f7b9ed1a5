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
from femsacrum.mechanics.condensed import MOST_ROWS, Condensed, Direct
from femsacrum.mechanics.interfaces import Bolt, Increment, Interface, LoadCaseSolution, Spring
from femsacrum.mechanics.loading import hold, nodal_loads
from femsacrum.mechanics.march import March, Progress, State
from femsacrum.mechanics.newton import Outcome
from femsacrum.mechanics.results import assert_balanced
from femsacrum.mechanics.standing import assert_held
from femsacrum.mechanics.system import System
from femsacrum.meshing.bodies import BodyMesh

#: A condensed step costs little: so many times as many are allowed before an increment is cut.
PATIENCE = 3


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
    ) -> None:
        self.phases = tuple(phases)
        if any(each.supports is not phases[0].supports for each in phases):
            raise NumericalError(f'solve: the supports change within "{phases[0].name}"; a movement keeps its own')
        self.system = system = System(bodies, materials, interfaces, bolts, springs)
        if 3 * len(system.contact.area) > MOST_ROWS:
            raise NumericalError(
                f"solve: {len(system.contact.area)} contact points, at most {MOST_ROWS // 3} in a movement that repeats: "
                "take larger elements in mesh.implant and mesh.soft"
            )
        self.holds = tuple(hold(system.bodies, system.numbers, each) for each in phases[0].supports)
        assert_held(system, self.holds)
        assembly = March(system, solver, progress, Checkpoint(None))
        try:
            assembly.assemble(self.holds, f"{phases[0].name}, assembly")
        finally:
            assembly.close()
        self.condensed = Condensed(system, self.holds)
        self._nodal = [nodal_loads(system.bodies, system.numbers, each.applied) for each in phases]
        self._locked = np.zeros(3 * len(system.nodes))
        for section, insertion in zip(system.sections, assembly.state.insertions, strict=True):
            self._locked += insertion * section.forces
        self._loads = [self.condensed.loads(nodal + self._locked) for nodal in self._nodal]
        patient = solver.model_copy(update={"max_newton": min(PATIENCE * solver.max_newton, 500)})
        self.march = March(self.condensed, patient, progress, Checkpoint(None), Direct)
        if assembly.assembled:
            self.march.take_up(assembly, self.condensed.jumps(assembly.state.displacement))
        self._before = self.condensed.loads(self._locked)
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
                raise RuntimeError("a movement that repeats reads no checkpoint")
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

    def newton_steps(self) -> int:
        """Steps of Newton's method in the last cycle."""
        return sum(row.newton_iterations for _, table in self._marched for row in table)

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
            moved = self.condensed.displacement(nodal + self._locked, end.contact.traction, end.displacement)
            whole = replace(end, displacement=moved)
            found.append(results.collect(self.system, load_case, self.holds, nodal, self.march, whole))
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
        """Free memory."""
        self.march.close()
        self.condensed.close()
