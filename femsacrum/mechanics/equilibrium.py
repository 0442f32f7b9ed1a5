"""Load cases on bodies joined by interfaces: increments on K u + B' W t(B u) = f."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import LoadCase, Support
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics import ranks, results
from femsacrum.mechanics.checkpoint import Checkpoint
from femsacrum.mechanics.interfaces import Bolt, Interface, LoadCaseSolution, Spring
from femsacrum.mechanics.loading import Hold, hold, nodal_loads
from femsacrum.mechanics.march import March, Progress
from femsacrum.mechanics.prepared import condensable
from femsacrum.mechanics.repeated import Repeated
from femsacrum.mechanics.standing import assert_held
from femsacrum.mechanics.system import System
from femsacrum.meshing.bodies import BodyMesh


def solve(
    bodies: Mapping[str, BodyMesh],
    materials: Mapping[str, BodyMaterial],
    interfaces: Sequence[Interface],
    load_case: LoadCase,
    solver: Solver,
    bolts: Sequence[Bolt] = (),
    springs: Sequence[Spring] = (),
    checkpoint: Path | None = None,
    *,
    progress: Progress | None = None,
    system: System | None = None,
    comm: Any = None,
) -> LoadCaseSolution:
    """Solve one load case, from rest; condensed onto its contact points where the solver says so and memory allows.

    Args:
        bodies: Body name -> mesh.
        materials: Body name -> stiffness.
        interfaces: Contacts with their laws.
        load_case: Forces and supports.
        solver: Increments, tolerances, limits.
        bolts: Screws tightened before the load comes.
        springs: Springs and ligaments.
        checkpoint: File in which converged increments are kept; a solve that finds one goes on from it.
        progress: Told about every step of Newton's method and every converged increment.
        system: Assembled beforehand from the same bodies, materials, interfaces, bolts and springs; None: assembled
            here, or taken from the call before when that had the very same ones.
        comm: PETSc communicator of the processes that solve it together (a system given has its own); None: this process
            alone, or the ranks that the environment wants (``ranks``).

    Returns:
        Displacements, interface states, reactions, increment table.

    Raises:
        NumericalError: Something floats, or Newton's method stops; LostError: an MPI rank is gone.
    """
    alone = comm is None and system is None
    if solver.method == "condensed" and alone and condensable(bodies, interfaces):
        return _condensed((bodies, materials, interfaces), load_case, solver, bolts, springs, checkpoint, progress)
    if alone and ranks.wanted() > 1:
        model = (bodies, materials, interfaces, bolts, springs)
        return ranks.solve(model, load_case, solver, checkpoint, progress)
    given = (bodies, materials, interfaces, [load_case], solver, bolts, springs, checkpoint)
    found = list(history(*given, progress=progress, system=system, comm=comm))
    if not found:  # cut off between its last increment and its result: what was kept has gone by now
        found = list(history(*given, progress=progress, system=system, comm=comm))
    return found[0]


def _condensed(
    given: tuple[Any, Any, Any],
    load_case: LoadCase,
    solver: Solver,
    bolts: Sequence[Bolt],
    springs: Sequence[Spring],
    checkpoint: Path | None,
    progress: Progress | None,
) -> LoadCaseSolution:
    kept = Checkpoint(checkpoint)
    repeated = Repeated(*given, [load_case], solver, bolts, springs, progress, kept)
    if repeated.finished:  # as above
        kept.discard()
        repeated = Repeated(*given, [load_case], solver, bolts, springs, progress, kept)
    try:
        repeated.cycle()
        (solution,) = repeated.solutions()
        kept.discard()
        return solution
    finally:
        repeated.close()


def history(
    bodies: Mapping[str, BodyMesh],
    materials: Mapping[str, BodyMaterial],
    interfaces: Sequence[Interface],
    load_cases: Sequence[LoadCase],
    solver: Solver,
    bolts: Sequence[Bolt] = (),
    springs: Sequence[Spring] = (),
    checkpoint: Path | None = None,
    *,
    progress: Progress | None = None,
    system: System | None = None,
    comm: Any = None,
) -> Iterator[LoadCaseSolution]:
    """Solve load cases one after the other, each from where the one before ended: friction remembers.

    The same as ``solve`` otherwise. A checkpoint keeps the place within the history; load cases that had been finished
    are not solved again and not handed on again.

    Yields:
        The solution of each load case.
    """
    if system is None:
        system = _assembled(bodies, materials, interfaces, bolts, springs, comm)
    kept = Checkpoint(checkpoint, system.processes)
    march = March(system, solver, progress, kept)
    before = np.zeros(3 * len(system.nodes))
    supports: tuple[Sequence[Support], tuple[Hold, ...]] | None = None
    try:
        for number, load_case in enumerate(load_cases):
            if supports is None or supports[0] is not load_case.supports:
                holds = tuple(hold(system.bodies, system.numbers, each) for each in load_case.supports)
                assert_held(system, holds)
                supports = (load_case.supports, holds)
            holds = supports[1]
            loads = nodal_loads(system.bodies, system.numbers, load_case.applied)
            if not number:
                march.assemble(holds, load_case.name)
            end = march.load(holds, before, loads, load_case.name)
            before = loads
            if end is not None:
                solution = results.collect(system, load_case, holds, loads, march, end)
                results.assert_balanced(solution)
                yield solution
        kept.discard()
    finally:
        march.close()


_latest: list[tuple[tuple[Any, ...], System]] = []


def _assembled(*given: Any) -> System:
    """The system of the call before when it was made of these very objects (load cases follow each other)."""
    if (
        _latest
        and len(_latest[0][0]) == len(given)
        and all(a is b for a, b in zip(_latest[0][0], given, strict=True))
    ):
        return _latest[0][1]
    system = System(*given)
    _latest[:] = [(given, system)]
    return system
