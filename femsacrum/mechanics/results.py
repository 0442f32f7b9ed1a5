"""From unknowns to what the solve hands on: states of interfaces, reactions, balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.loads.loadcase import LoadCase
from femsacrum.mechanics import laws
from femsacrum.mechanics.interfaces import Bonded, Increment, Interface, InterfaceState, LoadCaseSolution
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.standing import loose_bodies
from femsacrum.mechanics.system import System

#: Arm that makes a moment imbalance comparable to a force [mm].
ARM = 100.0


def collect(
    system: System,
    load_case: LoadCase,
    holds: Sequence[Hold],
    loads: Floats,
    displacement: Floats,
    contact: Any,
    table: tuple[Increment, ...],
) -> LoadCaseSolution:
    """Everything a load case hands on.

    Args:
        system: What was solved.
        load_case: Which.
        holds: Its supports.
        loads: Nodal forces, shape (3 N,) [N].
        displacement: Shape (3 N,) [mm].
        contact: Frictional points evaluated at that displacement (jump, traction, plastic_slip, status).
        table: Increment table.
    """
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
    states = {each.contact.name: _state(system, each, displacement, contact) for each in system.interfaces}
    return LoadCaseSolution(
        name=load_case.name,
        displacements=system.split(displacement),
        interfaces=states,
        reactions=reactions,
        reaction_moments=moments,
        force_imbalance=float(np.linalg.norm(every.sum(axis=0))) / scale,
        moment_imbalance=float(np.linalg.norm(np.cross(system.nodes - centre, every).sum(axis=0))) / (scale * ARM),
        increments=table,
        converged=True,
        loose=loose_bodies(system, holds, states, scale),
    )


def _state(system: System, interface: Interface, displacement: Floats, contact: Any) -> InterfaceState:
    """State of one interface at its constraint points."""
    name = interface.contact.name
    rows, where = system.jumps[name], system.slice_of(name)
    if isinstance(interface.law, Bonded):
        jump = system.bonded.jump(displacement)[where]
        traction = interface.law.stiffness * jump
        status = np.full(len(jump), laws.BONDED, dtype=np.int64)
        slope, gap = interface.law.stiffness, -jump[:, 0]
    else:
        jump, traction, status = contact.jump[where], contact.traction[where], contact.status[where]
        slope, gap = interface.law.stick_stiffness, rows.initial_gap - jump[:, 0]
    tangents = rows.frames[:, 1:]
    shear = np.einsum("pi,pij->pj", traction[:, 1:], tangents)
    return InterfaceState(
        points=rows.points,
        normals=rows.frames[:, 0],
        area=rows.area,
        slave_nodes=rows.slave_nodes,
        initial_gap=rows.initial_gap if not isinstance(interface.law, Bonded) else np.zeros(len(jump)),
        gap=gap,
        slip=np.einsum("pi,pij->pj", jump[:, 1:], tangents),
        elastic_slip=shear / slope,
        pressure=traction[:, 0].copy(),
        shear=-shear,
        status=status,
        uncovered=rows.uncovered,
    )
