"""Load cases on bodies joined by interfaces: increments on K u + B' W t(B u) = f."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from petsc4py import PETSc

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import LoadCase
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics import laws, results
from femsacrum.mechanics.interfaces import Increment, Interface, LoadCaseSolution
from femsacrum.mechanics.loading import hold, nodal_loads
from femsacrum.mechanics.newton import Newton, Outcome
from femsacrum.mechanics.standing import assert_held
from femsacrum.mechanics.system import System
from femsacrum.meshing.bodies import BodyMesh

#: Forces of the ground and of the loads must sum to nothing within this share of the largest force.
BALANCED = 1e-6


class Progress(Protocol):
    """Whoever wants to know how the solve goes."""

    def newton(self, increment: Increment, seconds: float) -> None:
        """Newton's method has come so far in an increment, so many seconds after the load case was begun."""

    def increment(self, increment: Increment) -> None:
        """An increment has converged."""


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
        progress: Told about every step of Newton's method and every converged increment.
        system: Assembled beforehand from the same bodies, materials and interfaces; None: assembled here, or taken
            from the call before when that had the very same ones.
        comm: PETSc communicator; None: this process alone.

    Returns:
        Displacements, interface states, reactions, increment table.

    Raises:
        NumericalError: Something floats, or Newton's method stops.
    """
    began = time.perf_counter()
    if system is None:
        system = _assembled(bodies, materials, interfaces)
    holds = tuple(hold(system.bodies, system.offsets, each) for each in load_case.supports)
    assert_held(system, holds)
    loads = nodal_loads(system.bodies, system.offsets, load_case.applied)
    newton = Newton(system, holds, comm or PETSc.COMM_SELF)
    try:
        end, table = _march(newton, loads, load_case.name, solver, progress, began)
    finally:
        newton.krylov.close()
    solution = results.collect(system, load_case, holds, loads, end.displacement, end.contact, table)
    worst = max(solution.force_imbalance, solution.moment_imbalance)
    if worst > BALANCED:
        raise NumericalError(
            f'solve: "{load_case.name}": loads and reactions differ by {worst:.1e} of the largest force; '
            f"tighten solver.tolerance ({solver.tolerance:g})"
        )
    return solution


def _march(
    newton: Newton, loads: Floats, name: str, solver: Solver, progress: Progress | None, began: float
) -> tuple[Outcome, tuple[Increment, ...]]:
    """Raise the load from zero to one; halve the step when Newton's method fails."""
    slip = np.zeros((len(newton.system.frictional.area), 2))
    displacement = np.zeros_like(loads)
    table: list[Increment] = []
    reached, step, cuts = 0.0, 1.0 / solver.increments, 0

    def row(now: Outcome) -> Increment:
        touching = int((now.contact.status > 0).sum())
        sliding = float((now.contact.status == laws.SLIP).sum() / max(touching, 1))
        return Increment(name, len(table) + 1, target, cuts, now.iterations, now.linear, now.size, touching, sliding)

    def told(now: Outcome) -> None:
        if progress is not None:
            progress.newton(row(now), time.perf_counter() - began)

    while True:
        target = min(1.0, reached + step)
        target = 1.0 if target > 1.0 - 1e-9 else target
        # a proportional guess: exact for conforming contact that neither opens nor turns
        guess = displacement * (target / reached) if reached else displacement
        end = newton.solve(target * loads, guess, slip, not reached, solver.tolerance, solver.max_newton, told)
        if not end.converged:
            if cuts == solver.max_cuts or not len(slip):
                raise NumericalError(_stopped(newton.system, name, reached, cuts, end))
            cuts, step = cuts + 1, 0.5 * step
            continue
        table.append(row(end))
        if progress is not None:
            progress.increment(table[-1])
        if target == 1.0:
            return end, tuple(table)
        reached, displacement, slip = target, end.displacement, end.contact.plastic_slip


def _stopped(system: System, name: str, reached: float, cuts: int, end: Outcome) -> str:
    """How far the load came, and the interface and place with the largest residual."""
    text = f'solve: "{name}" stopped at {100.0 * reached:.0f} % of load'
    text += f" after {cuts} cut{'s' if cuts != 1 else ''}" if cuts else ""
    residual = np.nan_to_num(np.linalg.norm(end.residual.reshape(-1, 3), axis=1), nan=np.inf)
    worst = int(residual.argmax())
    place = ", ".join(f"{x:.0f}" for x in system.nodes[worst])
    for each in system.interfaces:
        points = system.jumps[each.contact.name]
        start = system.offsets[each.contact.slave[0]]
        other = system.offsets[each.contact.master[0]]
        if np.any(points.slave.indices + start == worst) or np.any(points.master.indices + other == worst):
            return f'{text}; largest residual on interface "{each.contact.name}" near ({place}) mm'
    body = list(system.bodies)[int(system.body_of_node()[worst])]
    return f'{text}; largest residual in "{body}" near ({place}) mm'


_latest: list[tuple[Any, Any, Any, System]] = []


def _assembled(
    bodies: Mapping[str, BodyMesh], materials: Mapping[str, BodyMaterial], interfaces: Sequence[Interface]
) -> System:
    """The system of the call before when it was made of these very objects (load cases follow each other)."""
    if _latest:
        known_bodies, known_materials, known_interfaces, system = _latest[0]
        if known_bodies is bodies and known_materials is materials and known_interfaces is interfaces:
            return system
    system = System(bodies, materials, interfaces)
    _latest[:] = [(bodies, materials, interfaces, system)]
    return system
