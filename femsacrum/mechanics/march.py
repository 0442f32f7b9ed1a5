"""From rest to the full load in increments: press-fit and tightening first, then one load after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.mechanics import laws
from femsacrum.mechanics.checkpoint import Checkpoint
from femsacrum.mechanics.interfaces import Increment, Interface, Spring
from femsacrum.mechanics.krylov import Krylov
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.newton import Linear, Newton, Outcome, Task
from femsacrum.mechanics.points import History
from femsacrum.mechanics.system import System

if TYPE_CHECKING:
    from femsacrum.mechanics.condensed import Condensed

#: An increment that was cut grows again after one that took at most this share of the steps allowed.
EASY = 0.4


class Progress(Protocol):
    """Whoever wants to know how the solve goes."""

    def newton(self, increment: Increment, seconds: float) -> None:
        """Newton's method has come so far in an increment, so many seconds after the load case was begun."""

    def increment(self, increment: Increment) -> None:
        """An increment has converged."""


@dataclass(frozen=True)
class State:
    """Where the march stands.

    Attributes:
        displacement: Shape (3 N,) [mm].
        history: What the laws remember.
        insertions: How much longer each bolt's shaft was made [mm]; NaN before it was tightened.
        preloads: Tension of each bolt when it was locked [N].
        stage: Number of stages finished.
        reached: Share of the present stage.
        step: Next step of that share.
        cuts: How often the step was cut in the present stage.
        origin: Displacement at which the present stage began, shape (3 N,) [mm]; None: the one above.
        table: Rows of the increments of the present stage.
    """

    displacement: Floats
    history: History
    insertions: Floats
    preloads: Floats
    stage: int = 0
    reached: float = 0.0
    step: float = np.nan
    cuts: int = 0
    origin: Floats | None = None
    table: tuple[Increment, ...] = ()


class March:
    """One construct on its way; the stages are tightening and the loads in turn.

    Args:
        system: What is solved.
        solver: Increments, tolerances, limits.
        progress: Told about every step of Newton's method and every converged increment.
        checkpoint: Where converged increments are kept, so that a run goes on from the last.
        linear: What solves with the tangent.

    Attributes:
        state: Where it stands.
        table: Rows of the increments of the present load.
        assembled: Whether anything was pressed or tightened before the load.
    """

    def __init__(
        self,
        system: System | Condensed,
        solver: Solver,
        progress: Progress | None,
        checkpoint: Checkpoint,
        linear: Callable[[Any, Sequence[Hold]], Linear] = Krylov,
    ) -> None:
        self.system, self._solver, self._progress, self._linear = system, solver, progress, linear
        self._checkpoint = checkpoint
        none = np.full(len(system.sections), np.nan)
        start = State(np.zeros(3 * len(system.nodes)), History.at_rest(len(system.contact.area)), none, none.copy())
        self.state: State = checkpoint.read(start) or start
        self.table: list[Increment] = []
        self.assembled = False
        self._stage, self._began = 0, time.perf_counter()
        self._newton: tuple[tuple[Hold, ...], Newton] | None = None
        self._settled = system.contact.at(1.0, True)

    def assemble(self, holds: Sequence[Hold], name: str) -> None:
        """Press-fit and tightening, at no load; nothing where there is none of them.

        A bolt is tightened to what is left of its force: bone that creeps lets it go slowly and all round, which is not
        the unloading of an elastic joint.
        """
        system = self.system
        pulled = any(isinstance(each, Spring) and each.pretension for _, each in system.contact.segments)
        if not (system.sections or system.contact.interference.any() or pulled):
            return

        def task(share: float) -> tuple[Floats, float]:
            loads = np.zeros(3 * len(system.nodes))
            for section in system.sections:
                left = share * (1.0 - section.bolt.loss)
                if section.bolt.force is not None:
                    loads += section.load(left * section.bolt.force)
                else:
                    loads -= left * (section.bolt.shortening or 0.0) * section.forces
            return loads, share

        forced = (section.hold() for section in system.sections if section.bolt.force is not None)
        self._raise((*holds, *forced), task, name, "assembly", united=False)
        self.assembled = True
        self._lock()

    def take_up(self, before: March, displacement: Floats) -> None:
        """Go on from what another march has assembled, whose displacement has these unknowns here [mm].

        What a checkpoint told is further on, and stays.
        """
        if not (self.state.stage or self.state.reached):
            self.state = replace(before.state, displacement=displacement, stage=1, reached=0.0, step=np.nan)
        self.assembled, self._stage = before.assembled, 1

    def begun(self) -> None:
        """The state was put in place of the one at rest: the next stage is a further one."""
        self._stage = self.state.stage

    def unite(self, union: Mapping[str, Floats], anchor: Mapping[str, Floats]) -> None:
        """Let faces unite further.

        Args:
            union: Name of a contact whose law is healing -> share united at each of its points, shape (p,).
            anchor: The same -> jump at which what has united carries nothing, shape (p, 3), local axes [mm].
        """
        parameters, anchors = self.system.contact.parameters.copy(), self.state.history.anchor.copy()
        for where, each in self.system.contact.segments:
            if isinstance(each, Interface) and each.contact.name in union:
                parameters[where, 4] = union[each.contact.name]
                anchors[where] = anchor[each.contact.name]
        self.system.contact = replace(self.system.contact, parameters=parameters)
        self.state = replace(self.state, history=replace(self.state.history, anchor=anchors))
        self._settled = self.system.contact.at(1.0, True)

    def load(
        self, holds: Sequence[Hold], before: Floats, after: Floats, name: str, guess: Outcome | None = None
    ) -> Outcome | None:
        """Change the loads from one set of nodal forces to another; None where that had been done before.

        Args:
            holds: Supports.
            before: Nodal forces that act, shape (3 N,) [N].
            after: Those that shall act [N].
            name: Of the load case.
            guess: Where to begin, when a state is known that is nearer than the present one.
        """
        self.table = []
        locked = np.zeros_like(after)
        for section, insertion in zip(self.system.sections, self.state.insertions, strict=False):
            locked += insertion * section.forces
        return self._raise(
            tuple(holds), lambda share: (locked + before + share * (after - before), 1.0), name, "load", True, guess
        )

    def close(self) -> None:
        """Free PETSc's memory."""
        if self._newton is not None:
            self._newton[1].linear.close()
            self._newton = None

    def _lock(self) -> None:
        """Bolts keep their length from here on, and what unites unites as it stands."""
        state, insertions, preloads = self.state, [], []
        if state.stage > self._stage or state.reached:  # goes on from a load: locked before
            return
        for section in self.system.sections:
            force = section.bolt.force
            if force is None:
                insertion = -(1.0 - section.bolt.loss) * (section.bolt.shortening or 0.0)
            else:
                insertion = section.insertion(state.displacement, (1.0 - section.bolt.loss) * force)
            insertions.append(insertion)
            preloads.append(section.state(state.displacement, insertion, 0.0).tension)
        history = replace(state.history, anchor=state.history.jump.copy())
        self.state = replace(state, history=history, insertions=np.array(insertions), preloads=np.array(preloads))

    def _raise(
        self,
        holds: tuple[Hold, ...],
        task: Callable[[float], tuple[Floats, float]],
        name: str,
        phase: str,
        united: bool,
        known: Outcome | None = None,
    ) -> Outcome | None:
        """One stage in increments from nothing to all; the step is halved when Newton's method fails, and grows again."""
        self._stage += 1
        if self.state.stage >= self._stage:
            return None
        newton, solver = self._with(holds), self._solver
        usual = 1.0 / solver.increments
        reached, step, cuts = self.state.reached, self.state.step, self.state.cuts
        step = usual if np.isnan(step) else step
        origin = self.state.displacement if self.state.origin is None else self.state.origin
        first = len(self.table)
        self.table += self.state.table

        def row(now: Outcome) -> Increment:
            touching = int((now.contact.status > 0).sum())
            sliding = float((now.contact.status == laws.SLIP).sum() / max(touching, 1))
            numbers = (len(self.table) + 1, target, cuts, now.iterations, now.linear, now.size, touching, sliding)
            return Increment(name, *numbers, phase, now.augmentations)

        def told(now: Outcome) -> None:
            if self._progress is not None:
                self._progress.newton(row(now), time.perf_counter() - self._began)

        while True:
            target = min(1.0, reached + step)
            target = 1.0 if target > 1.0 - 1e-9 else target
            loads, tightened = task(target)
            points = self._settled if united and tightened == 1.0 else self.system.contact.at(tightened, united)
            rest = self._stage == 1 and not reached
            state = self.state
            # a proportional guess: exact for conforming contact that neither opens nor turns
            ahead = (target - reached) / reached if reached and phase == "load" else 0.0
            guess = state.displacement + ahead * (state.displacement - origin)
            kept = None
            if known is not None and not cuts:
                guess, kept = known.displacement, known.kept
            end = newton.solve(Task(loads, points, state.history, solver), guess, rest, told, kept)
            if not end.converged:
                if cuts == solver.max_cuts or not len(points.area):
                    raise NumericalError(_stopped(self.system, name, phase, reached, cuts, end))
                cuts, step = cuts + 1, 0.5 * step
                continue
            self.table.append(row(end))
            if self._progress is not None:
                self._progress.increment(self.table[-1])
            reached = target
            if cuts and end.iterations <= EASY * solver.max_newton:
                step = min(2.0 * step, usual)
            history = points.carried(end.contact, state.history, end.kept)
            done = target == 1.0
            self.state = replace(
                state,
                displacement=end.displacement,
                history=history,
                stage=self._stage if done else self._stage - 1,
                reached=0.0 if done else reached,
                step=np.nan if done else step,
                cuts=0 if done else cuts,
                origin=None if done else origin,
                table=() if done else tuple(self.table[first:]),
            )
            self._checkpoint.write(self.state)
            if done:
                return end

    def _with(self, holds: tuple[Hold, ...]) -> Newton:
        """Newton's method on these supports; kept as long as they stay the same."""
        if self._newton is None or self._newton[0] != holds:
            self.close()
            self._newton = (holds, Newton(self.system, holds, self._linear))
        return self._newton[1]


def _stopped(system: System | Condensed, name: str, phase: str, reached: float, cuts: int, end: Outcome) -> str:
    """How far the load came, and the interface and place with the largest residual."""
    of = "load" if phase == "load" else phase
    text = f'solve: "{name}" stopped at {100.0 * reached:.0f} % of {of}'
    text += f" after {cuts} cut{'s' if cuts != 1 else ''}" if cuts else ""
    text += f": {end.trouble}" if end.trouble else ""
    residual = np.nan_to_num(np.linalg.norm(end.residual.reshape(-1, 3), axis=1), nan=np.inf)
    return f"{text}; largest residual {system.place(int(residual.argmax()))}"
