"""From unknowns to what the solve hands on: states of interfaces, reactions, balance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import LoadCase
from femsacrum.mechanics import laws
from femsacrum.mechanics.interfaces import (
    BoltState,
    Interface,
    InterfaceState,
    LoadCaseSolution,
    Spring,
    SpringState,
    UserLaw,
)
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.march import March
from femsacrum.mechanics.newton import NOTHING, Outcome
from femsacrum.mechanics.standing import loose_bodies
from femsacrum.mechanics.system import System, is_linear

#: Forces of the ground and of the loads must sum to nothing within this share of the largest force.
BALANCED = 1e-6
#: Arm that makes a moment imbalance comparable to a force [mm].
ARM = 100.0


def collect(
    system: System,
    load_case: LoadCase,
    holds: Sequence[Hold],
    loads: Floats,
    march: March,
    end: Outcome,
) -> LoadCaseSolution:
    """Everything a load case hands on.

    Args:
        system: What was solved.
        load_case: Which.
        holds: Its supports.
        loads: Nodal forces, shape (3 N,) [N].
        march: How it came there: history, increments, bolts.
        end: Displacement and contact.
    """
    displacement = end.displacement
    forces = {each.name: each.force(displacement).reshape(-1, 3) for each in holds}
    reactions = {name: force.sum(axis=0) for name, force in forces.items()}
    moments = {name: np.cross(system.nodes, force).sum(axis=0) for name, force in forces.items()}
    applied = loads.reshape(-1, 3)
    # the moment balance is taken about the centroid of the loaded nodes, where round-off is smallest
    loaded = np.abs(applied).sum(axis=1) > 0.0
    centre = system.nodes[loaded].mean(axis=0) if loaded.any() else np.zeros(3)
    every = applied + sum(forces.values(), np.zeros_like(applied))
    scale = max([float(np.linalg.norm(load.force)) for load in load_case.applied], default=0.0)
    scale = max(scale, max([float(np.linalg.norm(load.moment)) / ARM for load in load_case.applied], default=0.0))
    scale = scale or 1.0
    states = {each.contact.name: _state(system, each, march, end) for each in system.interfaces}
    return LoadCaseSolution(
        name=load_case.name,
        displacements=system.split(displacement),
        interfaces=states,
        reactions=reactions,
        reaction_moments=moments,
        force_imbalance=float(np.linalg.norm(every.sum(axis=0))) / scale,
        moment_imbalance=float(np.linalg.norm(np.cross(system.nodes - centre, every).sum(axis=0))) / (scale * ARM),
        increments=tuple(march.table),
        converged=True,
        loose=loose_bodies(system, holds, states, scale),
        bolts=_bolts(system, march, displacement),
        springs={each.name: _pull(system, each, end) for each in system.springs},
    )


def assert_balanced(solution: LoadCaseSolution) -> None:
    """Refuse what is out of balance.

    Raises:
        NumericalError: Loads and reactions differ.
    """
    worst = max(solution.force_imbalance, solution.moment_imbalance)
    if worst > BALANCED:
        raise NumericalError(
            f'solve: "{solution.name}": loads and reactions differ by {worst:.1e} of the largest force; '
            "tighten solver.tolerance"
        )


def _state(system: System, interface: Interface, march: March, end: Outcome) -> InterfaceState:
    """State of one interface at its constraint points."""
    name = interface.contact.name
    rows, where = system.jumps[name], system.slice_of(name)
    tangents = rows.frames[:, 1:]
    count = len(rows.points)
    assembled, violation = None, 0.0
    if is_linear(interface):
        jump = system.bonded.jump(end.displacement)[where]
        traction = np.einsum("pij,pj->pi", system.bonded_tangent[where], jump)
        status = np.full(count, laws.BONDED, dtype=np.int64)
        initial_gap, elastic = np.zeros(count), jump[:, 1:]
    else:
        points, history = system.contact, march.state.history
        jump, traction, status = end.contact.jump[where], end.contact.traction[where], end.contact.status[where]
        initial_gap = rows.initial_gap - points.interference[where]
        if points.exact[where].any():
            elastic = history.drift[where]
            excess = points.excess(end.contact, end.kept)[where]
            moved = np.linalg.norm(jump - history.anchor[where], axis=1).max()
            told = np.abs(excess).max() > NOTHING * np.abs(end.displacement).max()
            violation = float(np.abs(excess).max() / moved) if told and moved > 0.0 else 0.0
        elif isinstance(interface.law, UserLaw):
            elastic = np.zeros((count, 2))  # how much of its slip springs back only the law knows
        else:
            elastic = traction[:, 1:] / points.parameters[where, 1:2]
        if march.assembled:
            assembled = history.anchor[where]
    if isinstance(interface.law, UserLaw):
        initial_gap = np.zeros(count)
    return InterfaceState(
        points=rows.points,
        normals=rows.frames[:, 0],
        area=rows.area,
        slave_nodes=rows.slave_nodes,
        initial_gap=initial_gap,
        gap=initial_gap - jump[:, 0],
        slip=_spatial(jump[:, 1:], tangents),
        elastic_slip=_spatial(elastic, tangents),
        pressure=traction[:, 0].copy(),
        shear=-_spatial(traction[:, 1:], tangents),
        status=status,
        uncovered=rows.uncovered,
        assembled_gap=None if assembled is None else initial_gap - assembled[:, 0],
        assembled_slip=None if assembled is None else _spatial(assembled[:, 1:], tangents),
        violation=violation,
    )


def _spatial(tangential: Floats, tangents: Floats) -> Floats:
    """Local tangential components as vectors, shape (p, 3)."""
    return np.einsum("pi,pij->pj", tangential, tangents)


def _bolts(system: System, march: March, displacement: Floats) -> dict[str, BoltState]:
    given = zip(system.sections, march.state.insertions, march.state.preloads, strict=True)
    return {each.bolt.name: each.state(displacement, float(a), float(preload)) for each, a, preload in given}


def _pull(system: System, spring: Spring, end: Outcome) -> SpringState:
    where = system.slice_of(spring.name)
    return SpringState(float(-end.contact.traction[where][0, 0]), float(-end.contact.jump[where][0, 0]))
