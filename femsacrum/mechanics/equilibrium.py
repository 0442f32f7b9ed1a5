"""Newton's method with increments on K u + B' W t(B u) = f."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from petsc4py import PETSc

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import LoadCase
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics import laws, results
from femsacrum.mechanics.interfaces import Increment, Interface, LoadCaseSolution
from femsacrum.mechanics.krylov import Krylov
from femsacrum.mechanics.loading import Hold, hold, nodal_loads
from femsacrum.mechanics.standing import assert_held
from femsacrum.mechanics.system import System
from femsacrum.meshing.bodies import BodyMesh

#: Directional line search: halve until |r(u + a d).d| <= LEAST_GAIN |r(u).d|.
LEAST_GAIN = 0.8
MOST_HALVINGS = 10
#: Linear tolerances of the inexact Newton method (relative): first and loosest, tightest.
LOOSE, TIGHT = 1e-2, 1e-6
#: The hierarchy is built anew when a solve takes this many times its first iterations (and at least ten more).
WORN = 2.0

Progress = Callable[[Increment], None]


@dataclass
class _State:
    """Where a load case is: displacement and slip history."""

    displacement: Floats
    plastic_slip: Floats
    load_factor: float


@dataclass(frozen=True)
class _Contact:
    """The frictional points evaluated at one displacement."""

    jump: Floats
    traction: Floats
    tangent: Floats
    plastic_slip: Floats
    status: Ints


def solve(
    bodies: Mapping[str, BodyMesh],
    materials: Mapping[str, BodyMaterial],
    interfaces: Sequence[Interface],
    load_case: LoadCase,
    solver: Solver,
    progress: Progress | None = None,
    system: System | None = None,
    comm: Any = None,
) -> LoadCaseSolution:
    """Solve one load case.

    Args:
        bodies: Body name -> mesh.
        materials: Body name -> stiffness.
        interfaces: Contacts with their laws.
        load_case: Forces and supports.
        solver: Increments, tolerance (of the residual, relative to the load), limits.
        progress: Called with every converged increment.
        system: Assembled beforehand and shared by load cases; None: assembled here.
        comm: MPI communicator; None: this process alone.

    Returns:
        Displacements, interface states, reactions, increment table.

    Raises:
        NumericalError: Something floats, or Newton's method stops.
    """
    assembled = System(bodies, materials, interfaces) if system is None else system
    run = _Run(assembled, load_case, solver, comm or PETSc.COMM_SELF)
    try:
        state, table = run.increments(progress)
    finally:
        run.close()
    contact = run.law(state.displacement, run.before_last)
    return results.collect(assembled, load_case, run.holds, run.loads, state.displacement, contact, table)


class _Run:
    """One load case on one system."""

    def __init__(self, system: System, load_case: LoadCase, solver: Solver, comm: Any) -> None:
        self.system, self.load_case, self.solver = system, load_case, solver
        self.holds = tuple(hold(system.bodies, system.offsets, each) for each in load_case.supports)
        assert_held(system, self.holds)
        self.loads = nodal_loads(system.bodies, system.offsets, load_case.applied)
        self._stiffness = system.matrix()
        self._krylov = Krylov(system, self.holds, comm)
        self._last_contact: _Contact | None = None
        self.before_last = np.zeros((len(system.frictional.area), 2))
        self._linear_iterations = 0

    def close(self) -> None:
        self._krylov.close()

    def increments(self, progress: Progress | None) -> tuple[_State, tuple[Increment, ...]]:
        """March the load from zero to one, halving the step when Newton's method fails."""
        points = len(self.system.frictional.area)
        state = _State(np.zeros(3 * len(self.system.nodes)), np.zeros((points, 2)), 0.0)
        table: list[Increment] = []
        step, cuts = 1.0 / self.solver.increments, 0
        while state.load_factor < 1.0 - 1e-12:
            factor = min(1.0, state.load_factor + step)
            if factor > 1.0 - 1e-9:
                factor = 1.0
            attempt = self._newton(state, factor)
            if attempt is None:
                cuts += 1
                step *= 0.5
                if cuts > self.solver.max_cuts or not points:
                    raise NumericalError(self._stopped(state, factor, cuts))
                continue
            self.before_last = state.plastic_slip
            state, row = attempt
            table.append(replace(row, number=len(table) + 1, cuts=cuts))
            if progress is not None:
                progress(table[-1])
        return state, tuple(table)

    def law(self, displacement: Floats, plastic_slip: Floats, sticking: bool = False) -> _Contact:
        """Traction and tangent of the frictional points; ``sticking``: touching points hold in every direction."""
        points = self.system.frictional
        count = len(points.area)
        jump = points.jump(displacement)
        traction, tangent = np.zeros((count, 3)), np.zeros((count, 3, 3))
        slip, status = np.zeros((count, 2)), np.zeros(count, dtype=np.int64)
        laws.frictional(
            jump, points.initial_gap, plastic_slip, points.parameters, traction, tangent, slip, status
        )  # fmt: skip
        if sticking:
            touching = points.initial_gap <= 1e-9
            tangent[touching] = 0.0
            for axis in range(3):
                tangent[touching, axis, axis] = points.parameters[touching, 1 if axis == 0 else 2]
        return _Contact(jump, traction, tangent, slip, status)

    def _newton(self, start: _State, factor: float) -> tuple[_State, Increment] | None:
        """Bring one increment into equilibrium; None when that fails."""
        loads = factor * self.loads
        scale = float(np.linalg.norm(loads)) or 1.0
        first = start.load_factor == 0.0
        # a proportional guess: exact for conforming contact that neither opens nor reverses
        displacement = start.displacement * (1.0 if first else factor / start.load_factor)
        contact = self.law(displacement, start.plastic_slip, sticking=first)
        residual = self._residual(loads, displacement, contact)
        iterations, linear, previous = 0, 0, np.inf
        size = float(np.linalg.norm(residual)) / scale
        while iterations < self.solver.max_newton and size > self.solver.tolerance:
            step, taken, ok = self._direction(residual, contact, self._forcing(size, previous, first and not iterations))
            linear += taken
            self._linear_iterations += taken
            if not ok or not np.all(np.isfinite(step)):
                self._last_contact = contact
                return None
            displacement, residual, contact = self._line_search(loads, displacement, step, residual, start.plastic_slip)
            previous, size = size, float(np.linalg.norm(residual)) / scale
            iterations += 1
        self._last_contact, self._last_residual = contact, residual
        if size > self.solver.tolerance:
            return None
        touching = int((contact.status > 0).sum())
        slipping = float((contact.status == laws.SLIP).sum() / max(touching, 1))
        row = Increment(self.load_case.name, 0, factor, 0, iterations, linear, size, touching, slipping)
        return _State(displacement, contact.plastic_slip, factor), row

    def _forcing(self, size: float, previous: float, first: bool) -> float:
        """Linear tolerance: loose while the contact changes, tight when Newton's method closes in."""
        goal = 0.3 * self.solver.tolerance / size
        if not len(self.system.frictional.area):
            return max(goal, 1e-12)
        wanted = LOOSE if first or previous == np.inf else min(LOOSE, (size / previous) ** 2)
        return max(min(LOOSE, wanted), TIGHT, goal)

    def _direction(self, residual: Floats, contact: _Contact, tolerance: float) -> tuple[Floats, int, bool]:
        """Newton step; the hierarchy is kept while it serves."""
        system, krylov = self.system, self._krylov
        data = system.data.copy()
        system.add(data, system.frictional, contact.tangent)
        krylov.set_tangent(data)
        if not krylov.setups:
            self._precondition(contact)
        step, taken, ok = krylov.solve(residual, tolerance)
        return step, taken, ok

    def _precondition(self, contact: _Contact) -> None:
        """Multigrid on the tangent without the coupling from pressure to friction, which is what makes it unsymmetric."""
        data = self.system.data.copy()
        symmetric = contact.tangent.copy()
        symmetric[:, 1:, 0] = 0.0
        self.system.add(data, self.system.frictional, symmetric)
        self._krylov.set_preconditioner(data)

    def _residual(self, loads: Floats, displacement: Floats, contact: _Contact) -> Floats:
        """f - K u - B' W t - reactions of the ground."""
        result = loads - self._stiffness @ displacement - self.system.frictional.force(contact.traction)
        for each in self.holds:
            result += each.force(displacement)
        return result

    def _line_search(
        self, loads: Floats, displacement: Floats, step: Floats, residual: Floats, plastic_slip: Floats
    ) -> tuple[Floats, Floats, _Contact]:
        """Halve the step until the residual along it has gone down."""
        linear = self._stiffness @ step
        for each in self.holds:
            linear -= each.force(step)
        base = residual + self.system.frictional.force(self.law(displacement, plastic_slip).traction)
        slope, share = abs(float(residual @ step)), 1.0
        for _ in range(MOST_HALVINGS):
            moved = displacement + share * step
            contact = self.law(moved, plastic_slip)
            result = base - share * linear - self.system.frictional.force(contact.traction)
            if abs(float(result @ step)) <= LEAST_GAIN * slope:
                break
            share *= 0.5
        return moved, result, contact

    def _stopped(self, state: _State, factor: float, cuts: int) -> str:
        """One line: how far the load came and where the residual is largest."""
        text = f'solve: "{self.load_case.name}" stopped at {100.0 * state.load_factor:.0f} % of load'
        if cuts > 1:
            text += f" after {cuts - 1} cuts"
        return text
