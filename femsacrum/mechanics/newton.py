"""Newton's method for one load level: a line search along the step, multipliers renewed on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Solver
from femsacrum.mechanics.krylov import Krylov
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.points import ContactState, History, Points
from femsacrum.mechanics.system import System

if TYPE_CHECKING:
    from femsacrum.mechanics.condensed import Condensed

#: From rest the contact is first found with a tenth of the slopes, roughly: the stiff problem then starts next to its
#: own active set (half the linear iterations on a pelvis, some more on the sharp stem: docs/mechanics.md).
SOFTENING, SOFT_TOLERANCE = 0.1, 0.1
#: Line search: where the residual along the step changes its sign, it must fall below this share, in so many tries.
LEAST_GAIN, MOST_TRIES = 0.5, 10
#: A step after which the residual is so many times as large is halved: a body that has lost its contacts has flown off.
GROWTH = 5.0
#: Relative linear tolerance while the contact changes, and the tightest ever asked for.
LOOSE, TIGHT = 1e-1, 1e-10
#: Stiffness of free motions in the tangent, as a share of the slopes: this times the relative residual, within bounds. It
#: vanishes with the residual, so that a converged state carries none of it, and keeps a graft that touches nothing from
#: being a singular mechanism that flies off on the way.
FREE_SHARE, FREE_MOST, FREE_LEAST = 1e-3, 1e-4, 1e-10
#: The preconditioner is built anew after a solve with more iterations (building costs about as much as ten of them) that
#: also took so many times as many, digit by digit, as the first one after building.
WORN, SLOWER = 12, 1.5
#: Multipliers are renewed as soon as the residual is this small, and again when it has fallen to this share of what the
#: renewal made of it (renewed without a step between, they grow and nothing moves), and at most so often.
ROUGH, GAIN, MOST_AUGMENTATIONS = 1e-3, 0.3, 50
#: Penetration and elastic slip this small, as a share of the largest displacement, count as none: sides that are pressed
#: and stick everywhere do not move against each other, and a hundredth of nothing is never reached.
NOTHING = 1e-6


@dataclass(frozen=True)
class Task:
    """One load level.

    Attributes:
        loads: Nodal forces, shape (3 N,) [N].
        points: Contact points, at their share of interference and pre-tension.
        history: What the laws remember of the level before.
        solver: Tolerances and limits.
    """

    loads: Floats
    points: Points
    history: History
    solver: Solver


@dataclass
class Outcome:
    """Where Newton's method ended.

    Attributes:
        displacement: Shape (3 N,) [mm].
        kept: What the laws go on from: multipliers of exactly enforced contact, shape (p, 3) [MPa].
        contact: Contact points there.
        residual: Nodal forces out of balance, shape (3 N,) [N].
        size: Norm of the residual relative to the load.
        violation: Largest penetration or elastic slip over the one allowed, where contact is exact.
        converged: Whether both tolerances were reached.
        trouble: What stopped it short of them, in words; empty when only the steps ran out.
        iterations: Newton steps.
        linear: Linear iterations in all.
        augmentations: How often the multipliers were renewed.
    """

    displacement: Floats
    kept: Floats
    contact: ContactState
    residual: Floats
    size: float
    violation: float
    converged: bool = False
    trouble: str = ""
    iterations: int = 0
    linear: int = 0
    augmentations: int = 0


class Linear(Protocol):
    """Solves with the tangent: by multigrid for the whole, directly for what is condensed.

    Attributes:
        setups: How often the preconditioner was built since what went before was forgotten.
        free: Share of the stiffness of free motions that its tangents want.
    """

    setups: int
    free: float

    def forget(self) -> None:
        """Let nothing that was solved before bear on what comes."""

    def set_tangent(self, tangent: Floats) -> None:
        """Use local tangents of the contact points, shape (p, 3, 3) [MPa/mm]."""

    def set_preconditioner(self, tangent: Floats) -> None:
        """Build what makes the solve fast, on a symmetric approximation of the tangents."""

    def solve(self, right: Floats, tolerance: float, free: float) -> tuple[Floats, int, bool]:
        """Solution, iterations, whether the tolerance was reached; ``free``: stiffness of free motions, share of its own."""

    def close(self) -> None:
        """Free memory."""


class Newton:
    """Solves f - K u - B' W t(B u, history) = 0 for one set of supports.

    Args:
        system: Bodies and interfaces.
        holds: Supports.
        linear: What solves with the tangent, made from the two.
    """

    def __init__(
        self,
        system: System | Condensed,
        holds: Sequence[Hold],
        linear: Callable[[Any, Sequence[Hold]], Linear] = Krylov,
    ) -> None:
        self.system, self.holds = system, tuple(holds)
        self.linear: Linear = linear(system, holds)
        self._worn, self._pace, self._pressed = False, np.inf, 0.0

    def solve(
        self,
        task: Task,
        displacement: Floats,
        rest: bool,
        told: Callable[[Outcome], None] = lambda _: None,
        kept: Floats | None = None,
    ) -> Outcome:
        """Bring the bodies into equilibrium with nodal loads.

        Args:
            task: The load level.
            displacement: First guess [mm].
            rest: Nothing has moved yet; the contact is then found with soft slopes first.
            told: Handed the state before the first step and after every one.
            kept: Multipliers to begin with, None: those of the history [MPa].
        """
        self._pressed, self._worn = 0.0, False
        self.linear.forget()  # or one that goes on from a checkpoint would take other steps
        if not (rest and task.points.faces.any()):
            return self._iterate(
                task,
                self._state(task, displacement, task.history.kept if kept is None else kept),
                task.solver.tolerance,
                told,
            )
        soft = replace(task, points=task.points.softened(SOFTENING))
        begin = self._state(soft, displacement, task.history.kept)
        touching = task.points.faces & (task.points.initial_gap <= 0.0)
        # nothing has moved: faces that touch hold in every direction
        begin.contact.tangent[touching] = 0.0
        for axis, column in enumerate((0, 1, 1)):
            begin.contact.tangent[touching, axis, axis] = soft.points.parameters[touching, column]
        rough = self._iterate(soft, begin, max(SOFT_TOLERANCE, task.solver.tolerance), told, augmented=False)
        if not np.all(np.isfinite(rough.displacement)):
            return rough
        begin = self._state(task, rough.displacement, task.history.kept, rough)
        self._refresh(begin.contact)
        return self._iterate(task, begin, task.solver.tolerance, told)

    def _state(
        self, task: Task, displacement: Floats, kept: Floats, spent: Outcome | None = None, free: float = FREE_MOST
    ) -> Outcome:
        """Laws, residual and violation at a displacement; what was spent before is counted on."""
        points = task.points
        contact = points.evaluate(points.jump(displacement), task.history, kept, free * self.linear.free)
        residual = self.residual(task.loads, displacement, points.force(contact.traction))
        return self._judged(task, Outcome(displacement, kept, contact, residual, 0.0, 0.0), spent)

    def _judged(self, task: Task, now: Outcome, spent: Outcome | None) -> Outcome:
        """The same with the sizes of what is wrong with it, and what was spent."""
        scale = float(np.linalg.norm(task.loads))
        if not scale:  # nothing but press-fit: the forces it starts with, or has come to, are the measure
            scale = max(float(np.linalg.norm(task.points.force(now.contact.traction))), self._pressed)
            self._pressed = scale
        now.size = float(np.linalg.norm(now.residual)) / (scale or 1.0)
        now.violation = self._violation(task, now)
        if spent is not None:
            now.iterations, now.linear, now.augmentations = spent.iterations, spent.linear, spent.augmentations
        return now

    def _violation(self, task: Task, now: Outcome) -> float:
        """Penetration and elastic slip over what is allowed, the worst of all interfaces."""
        points, worst = task.points, 0.0
        if not points.exact.any():
            return worst
        nothing = NOTHING * float(np.abs(now.displacement).max())
        excess = np.abs(points.excess(now.contact, now.kept)).max(axis=1, initial=0.0)
        motion = np.linalg.norm(now.contact.jump - task.history.anchor, axis=1)
        for where, _ in points.segments:
            if points.exact[where].any():
                allowed = max(task.solver.penetration * float(motion[where].max()), nothing)
                worst = max(worst, float(excess[where].max()) / (allowed or 1.0))
        return worst

    def residual(self, loads: Floats, displacement: Floats, contact: Floats) -> Floats:
        """Nodal forces f - K u - B' W t plus those of the ground; ``contact`` is B' W t."""
        result = loads - self.system.forces(displacement) - contact
        for each in self.holds:
            result += each.force(displacement)
        return result

    def _iterate(
        self,
        task: Task,
        now: Outcome,
        tolerance: float,
        told: Callable[[Outcome], None],
        augmented: bool = True,
    ) -> Outcome:
        """At most ``max_newton`` more steps."""
        most = now.iterations + task.solver.max_newton
        before, rough = np.inf, max(ROUGH, tolerance)
        told(now)
        while True:
            broken = augmented and now.violation > 1.0 and now.augmentations < MOST_AUGMENTATIONS
            if broken and now.size <= rough:
                now.augmentations += 1
                now = self._state(task, now.displacement, np.where(
                    task.points.exact[:, None], now.contact.kept, now.kept
                ), now)  # fmt: skip
                before, rough = np.inf, max(min(ROUGH, GAIN * now.size), tolerance)
                continue
            if now.size <= tolerance:
                now.converged = not (augmented and now.violation > 1.0)
                if not now.converged:
                    times = f"{now.violation:.1f} times what solver.penetration allows"
                    now.trouble = f"penetration or elastic slip stays at {times}"
                return now
            if now.iterations >= most:
                return now
            step, taken, solved = self._direction(now, self._forcing(now.size, before, tolerance))
            now.linear += taken
            now.iterations += 1
            if not (taken and np.all(np.isfinite(step))):
                now.trouble = "the linear system is singular"
                return now
            # a step solved for roughly still helps while the contact changes; without contact there is no second one
            if not solved and not len(task.points.area):
                now.trouble = "the linear system is singular or badly scaled: no solution in 300 iterations"
                return now
            before = now.size
            now = self._along(task, now, step)
            told(now)
            if not np.isfinite(now.size):
                return now

    def _forcing(self, size: float, before: float, tolerance: float) -> float:
        """Linear tolerance: loose while the contact changes, tight when the steps close in on equilibrium."""
        goal = 0.3 * tolerance / size
        if not len(self.system.contact.area):
            return max(goal, TIGHT)
        wanted = LOOSE if before == np.inf else min(LOOSE, (size / before) ** 2)
        return max(wanted, goal, TIGHT)

    def _direction(self, now: Outcome, tolerance: float) -> tuple[Floats, int, bool]:
        """Newton step, iterations, whether it is one; the multigrid hierarchy is kept as long as it serves."""
        self.linear.set_tangent(now.contact.tangent)
        fresh = not self.linear.setups or self._worn
        if fresh:
            self._refresh(now.contact)
        free = _free(now.size)
        step, taken, solved = self.linear.solve(now.residual, tolerance, free)
        if not (solved or fresh):
            self._refresh(now.contact)
            step, again, solved = self.linear.solve(now.residual, tolerance, free)
            taken, fresh = taken + again, True
        pace = taken / -np.log10(tolerance)
        self._pace = pace if fresh else min(self._pace, pace)
        self._worn = taken > WORN and pace > SLOWER * self._pace
        return step, taken, solved

    def _refresh(self, contact: ContactState) -> None:
        """Multigrid on the tangent less what makes it unsymmetric: the coupling from pressure to friction."""
        symmetric = contact.tangent.copy()
        symmetric[:, 1:, 0] = 0.0
        self.linear.set_preconditioner(symmetric)
        self._worn = False

    def _along(self, task: Task, now: Outcome, step: Floats) -> Outcome:
        """Go along the step until the residual along it, r(u + a d).d, has nearly vanished.

        Only the interface laws are evaluated anew, so tries are cheap; where the residual along the step changes sign
        the next try is by the Illinois rule (safeguarded regula falsi).
        """
        linear = self.system.forces(step)
        for each in self.holds:
            linear -= each.force(step)
        points = task.points
        free = self.linear.free * _free(now.size)
        base = now.residual + points.force(now.contact.traction)
        jump, jumps = now.contact.jump, points.jump(step)

        def at(share: float) -> tuple[Floats, ContactState, float]:
            contact = points.evaluate(jump + share * jumps, task.history, now.kept, free)
            residual = base - share * linear - points.force(contact.traction)
            return residual, contact, float(residual @ step)

        def arrived(share: float, residual: Floats, contact: ContactState) -> Outcome:
            place = now.displacement + share * step
            return self._judged(task, Outcome(place, now.kept, contact, residual, 0.0, 0.0), now)

        first = float(now.residual @ step)
        share = 1.0
        residual, contact, slope = at(share)
        most = GROWTH * float(np.linalg.norm(now.residual))
        if slope * first >= 0.0:  # the step does not go too far
            for _ in range(MOST_TRIES):
                if float(np.linalg.norm(residual)) <= most:
                    break
                share *= 0.5
                residual, contact, slope = at(share)
            return arrived(share, residual, contact)
        low, low_slope, high, high_slope, side = 0.0, first, share, slope, 0
        for _ in range(MOST_TRIES):
            if abs(slope) <= LEAST_GAIN * abs(first):
                break
            share = (low * high_slope - high * low_slope) / (high_slope - low_slope)
            residual, contact, slope = at(share)
            if slope * first > 0.0:
                low, low_slope, high_slope = share, slope, high_slope * (0.5 if side > 0 else 1.0)
                side = 1
            else:
                high, high_slope, low_slope = share, slope, low_slope * (0.5 if side < 0 else 1.0)
                side = -1
        return arrived(share, residual, contact)


def _free(size: float) -> float:
    """Stiffness of free motions at a residual of this relative size, as a share of the slopes."""
    return float(np.clip(FREE_SHARE * size, FREE_LEAST, FREE_MOST))
