"""Newton's method for one load level, with a line search along the step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics import laws
from femsacrum.mechanics.krylov import Krylov
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.system import System

#: From rest the contact is first found with a tenth of the penalty, roughly: the stiff problem then starts next to its
#: own active set (half the linear iterations on a pelvis, some more on the sharp stem: docs/mechanics.md).
SOFTENING, SOFT_TOLERANCE = 0.1, 0.1
#: Line search: where the residual along the step changes its sign, it must fall below this share, in so many tries.
LEAST_GAIN, MOST_TRIES = 0.5, 10
#: Relative linear tolerance while the contact changes, and the tightest ever asked for.
LOOSE, TIGHT = 1e-1, 1e-10
#: Stiffness of free motions in the tangent, as a share of the penalty: this times the relative residual, within bounds.
#: It vanishes with the residual, so that a converged state carries none of it, and keeps a graft that touches nothing
#: from being a singular mechanism on the way.
FREE_SHARE, FREE_MOST, FREE_LEAST = 1e-5, 1e-6, 1e-10
#: The preconditioner is built anew after a solve with more iterations (building costs about as much as ten of them).
WORN = 12


@dataclass(frozen=True)
class ContactState:
    """The frictional points evaluated at one displacement, in local axes."""

    jump: Floats
    traction: Floats
    tangent: Floats
    plastic_slip: Floats
    status: Ints


@dataclass
class Outcome:
    """Where Newton's method ended.

    Attributes:
        converged: Whether the tolerance was reached.
        displacement: Shape (3 N,) [mm].
        contact: Frictional points there.
        residual: Nodal forces out of balance, shape (3 N,) [N].
        size: Norm of the residual relative to the load.
        iterations: Newton steps.
        linear: Linear iterations in all.
    """

    converged: bool
    displacement: Floats
    contact: ContactState
    residual: Floats
    size: float
    iterations: int = 0
    linear: int = 0


class Newton:
    """Solves f - K u - B' W t(B u, slip so far) = 0 for one set of supports.

    Args:
        system: Bodies and interfaces.
        holds: Supports.
        comm: MPI communicator of the linear solver.
    """

    def __init__(self, system: System, holds: Sequence[Hold], comm: Any) -> None:
        self.system, self.holds = system, tuple(holds)
        self._stiffness = system.matrix()
        self.krylov = Krylov(system, holds, comm)
        self._worn = False

    def law(
        self, displacement: Floats, slip: Floats, softening: float = 1.0, free: float = FREE_MOST, rest: bool = False
    ) -> ContactState:
        """Traction and tangent of the frictional points.

        Args:
            displacement: Shape (3 N,) [mm].
            slip: Slip done before this increment, shape (p, 2) [mm].
            softening: Factor on the penalty.
            free: Stiffness of free motions in the tangent, share of the penalty.
            rest: Touching points hold in every direction in the tangent (nothing has moved yet).
        """
        points = self.system.frictional
        count = len(points.area)
        parameters = points.parameters * np.array([1.0, softening, softening])
        state = ContactState(
            points.jump(displacement),
            np.zeros((count, 3)),
            np.zeros((count, 3, 3)),
            np.zeros((count, 2)),
            np.zeros(count, dtype=np.int64),
        )
        laws.frictional(
            state.jump, points.initial_gap, slip, parameters, free,
            state.traction, state.tangent, state.plastic_slip, state.status,
        )  # fmt: skip
        if rest:
            touching = points.initial_gap <= 0.0
            state.tangent[touching] = 0.0
            for axis in range(3):
                state.tangent[touching, axis, axis] = parameters[touching, max(axis, 1) if axis else 1]
        return state

    def solve(
        self,
        loads: Floats,
        displacement: Floats,
        slip: Floats,
        rest: bool,
        tolerance: float,
        most: int,
        told: Callable[[Outcome], None] = lambda _: None,
    ) -> Outcome:
        """Bring the bodies into equilibrium with nodal loads.

        Args:
            loads: Shape (3 N,) [N].
            displacement: First guess [mm].
            slip: Slip done before this increment [mm].
            rest: Nothing has moved yet; the contact is then found with a soft penalty first.
            tolerance: Of the residual's norm, relative to the load's.
            most: Largest number of steps.
            told: Handed the state before the first step and after every one.
        """
        contact = len(self.system.frictional.area) > 0
        spent = (0, 0)
        if rest and contact:
            rough = max(SOFT_TOLERANCE, tolerance)
            soft = self._iterate(loads, displacement, slip, SOFTENING, True, rough, most, told, spent)
            displacement, rest, spent = soft.displacement, False, (soft.iterations, soft.linear)
            if not np.all(np.isfinite(displacement)):
                return soft
            self._refresh(self.law(displacement, slip))
        return self._iterate(loads, displacement, slip, 1.0, rest, tolerance, most, told, spent)

    def residual(self, loads: Floats, displacement: Floats, contact: ContactState) -> Floats:
        """Nodal forces f - K u - B' W t plus those of the ground."""
        result = loads - self._stiffness @ displacement - self.system.frictional.force(contact.traction)
        for each in self.holds:
            result += each.force(displacement)
        return result

    def _iterate(
        self,
        loads: Floats,
        start: Floats,
        slip: Floats,
        softening: float,
        rest: bool,
        tolerance: float,
        most: int,
        told: Callable[[Outcome], None],
        spent: tuple[int, int],
    ) -> Outcome:
        """At most so many more steps; what was spent before is counted in the outcome."""
        scale = float(np.linalg.norm(loads)) or 1.0
        contact = self.law(start, slip, softening, rest=rest)
        residual = self.residual(loads, start, contact)
        now = Outcome(False, start, contact, residual, float(np.linalg.norm(residual)) / scale, *spent)
        before = np.inf
        told(now)
        while now.size > tolerance and now.iterations < spent[0] + most:
            step, taken = self._direction(now, self._forcing(now.size, before, tolerance))
            now.linear += taken
            now.iterations += 1
            if not (taken and np.all(np.isfinite(step))):
                return now
            free = float(np.clip(FREE_SHARE * now.size, FREE_LEAST, FREE_MOST))
            now.displacement, now.residual, now.contact = self._along(now, step, slip, softening, free)
            before, now.size = now.size, float(np.linalg.norm(now.residual)) / scale
            told(now)
            if not np.isfinite(now.size):
                return now
        now.converged = now.size <= tolerance
        return now

    def _forcing(self, size: float, before: float, tolerance: float) -> float:
        """Linear tolerance: loose while the contact changes, tight when the steps close in on equilibrium."""
        goal = 0.3 * tolerance / size
        if not len(self.system.frictional.area):
            return max(goal, TIGHT)
        wanted = LOOSE if before == np.inf else min(LOOSE, (size / before) ** 2)
        return max(wanted, goal, TIGHT)

    def _direction(self, now: Outcome, tolerance: float) -> tuple[Floats, int]:
        """Newton step; the multigrid hierarchy is kept as long as it serves."""
        self.krylov.set_tangent(now.contact.tangent)
        fresh = not self.krylov.setups or self._worn
        if fresh:
            self._refresh(now.contact)
        step, taken, solved = self.krylov.solve(now.residual, tolerance)
        if not (solved or fresh):
            self._refresh(now.contact)
            step, again, solved = self.krylov.solve(now.residual, tolerance)
            taken += again
        self._worn = taken > WORN
        return step, taken

    def _refresh(self, contact: ContactState) -> None:
        """Multigrid on the tangent less what makes it unsymmetric: the coupling from pressure to friction."""
        symmetric = contact.tangent.copy()
        symmetric[:, 1:, 0] = 0.0
        self.krylov.set_preconditioner(symmetric)
        self._worn = False

    def _along(
        self, now: Outcome, step: Floats, slip: Floats, softening: float, free: float
    ) -> tuple[Floats, Floats, ContactState]:
        """Go along the step until the residual along it, r(u + a d).d, has nearly vanished.

        Only the interface laws are evaluated anew, so tries are cheap; where the residual along the step changes sign
        the next try is by the Illinois rule (safeguarded regula falsi).
        """
        linear = self._stiffness @ step
        for each in self.holds:
            linear -= each.force(step)
        points = self.system.frictional
        base = now.residual + points.force(now.contact.traction)

        def at(share: float) -> tuple[Floats, ContactState, float]:
            contact = self.law(now.displacement + share * step, slip, softening, free)
            residual = base - share * linear - points.force(contact.traction)
            return residual, contact, float(residual @ step)

        first = float(now.residual @ step)
        share = 1.0
        residual, contact, slope = at(share)
        if slope * first >= 0.0:  # the step does not go too far
            return now.displacement + step, residual, contact
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
        return now.displacement + share * step, residual, contact
