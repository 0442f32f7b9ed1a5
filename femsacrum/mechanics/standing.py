"""Does anything float? Asked before the first solve, and of its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from femsacrum.anatomy.model import Floats
from femsacrum.errors import NumericalError
from femsacrum.mechanics.interfaces import Frictional, Healing, Interface, InterfaceState
from femsacrum.mechanics.loading import Hold
from femsacrum.mechanics.system import System

#: A frictional face farther than this everywhere joins nothing at the start [mm].
NEAR = 0.5
#: Singular values below this share of the largest leave a motion free.
FREE = 1e-7
#: A frictional interface joins nothing at the end when it passes less than this share of the largest force.
CARRIES = 1e-6


def assert_held(system: System, holds: Sequence[Hold]) -> None:
    """Refuse bodies that nothing holds.

    Bodies are joined when an interface between them is bonded or touches; every group of joined bodies needs supports
    that hold all six rigid motions.

    Raises:
        NumericalError: Names the bodies and the motion.
    """
    touching = [
        each.contact.name
        for each in system.interfaces
        if _grips(each) or system.jumps[each.contact.name].initial_gap.min() < NEAR
    ]
    for members, free in floating(system, holds, touching):
        raise NumericalError(f'solve: "{", ".join(members)}" floats: {free}')


def loose_bodies(
    system: System, holds: Sequence[Hold], states: Mapping[str, InterfaceState], force: float
) -> tuple[str, ...]:
    """Bodies that nothing holds any more once the load is on: where they are is not determined.

    Args:
        system: What was solved.
        holds: Supports.
        states: Interfaces under load.
        force: The largest applied force [N].
    """
    carrying = [
        each.contact.name
        for each in system.interfaces
        if _grips(each) or states[each.contact.name].area @ states[each.contact.name].pressure > CARRIES * force
    ]
    return tuple(name for members, _ in floating(system, holds, carrying) for name in members)


def _grips(interface: Interface) -> bool:
    """Whether its law joins whatever the pressure: only contact can part."""
    law = interface.law
    return not isinstance(law, Frictional) and not (isinstance(law, Healing) and not law.union)


def floating(system: System, holds: Sequence[Hold], joining: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Groups of bodies, joined by the named interfaces, that the supports leave free, and how."""
    names = list(system.bodies)
    number = {name: i for i, name in enumerate(names)}
    ends = {each.contact.name: (each.contact.slave[0], each.contact.master[0]) for each in system.interfaces}
    joined = [[number[body] for body in ends[name]] for name in joining]
    index = np.array(joined).reshape(-1, 2).T
    graph = sparse.csr_array((np.ones(len(joined)), (index[0], index[1])), shape=(len(names), len(names)))
    group = connected_components(graph, directed=False)[1]
    body_of_node = system.body_of_node()
    for each in range(group.max() + 1):
        free = _free_motion(system.nodes, (group == each)[body_of_node], holds)
        if free is not None:
            yield tuple(name for i, name in enumerate(names) if group[i] == each), free


def _free_motion(nodes: Floats, inside: np.ndarray, holds: Sequence[Hold]) -> str | None:
    """A rigid motion of the nodes that no support resists, in words."""
    centre = nodes[inside].mean(axis=0)
    size = float(np.linalg.norm(nodes[inside] - centre, axis=1).max())
    modes = np.zeros((len(nodes), 3, 6))
    for axis in range(3):
        modes[inside, axis, axis] = 1.0
        modes[inside, :, 3 + axis] = np.cross(np.eye(3)[axis], nodes[inside] - centre) / size
    table = modes.reshape(-1, 6)
    rows = [np.sqrt(hold.stiffness)[:, None] * (hold.rows @ table) for hold in holds if hold.grounded]
    stacked = np.vstack(rows) if rows else np.zeros((0, 6))
    if not np.abs(stacked).max(initial=0.0) > 0.0:
        return "nothing bonds, touches or supports it"
    _, values, motions = np.linalg.svd(np.vstack([stacked, np.zeros((6, 6))]), full_matrices=False)
    if values[5] > FREE * values[0]:
        return None
    motion = motions[5]
    turning = np.linalg.norm(motion[3:]) > np.linalg.norm(motion[:3])
    axis = motion[3:] if turning else motion[:3]
    axis = axis / np.linalg.norm(axis)
    words = f"({axis[0]:.2f}, {axis[1]:.2f}, {axis[2]:.2f})"
    return f"its supports let it {'turn about' if turning else 'move along'} {words}"
