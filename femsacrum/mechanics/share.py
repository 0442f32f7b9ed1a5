"""Which process owns which nodes, and how each comes to know what the others have found.

A process assembles the rows of its own nodes, and for that the cells that touch them. Nodes are numbered part by part,
after the construct has been halved across its longest side, again and again, and each process owns as many that follow
each other: so few cells are touched by two.

Source: M. J. Berger, S. H. Bokhari, IEEE Trans. Comput. C-36 (1987) 570-580 (recursive bisection by coordinates).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from mpi4py import MPI

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.meshing.bodies import BodyMesh

#: How often the construct is halved: parts are compact for up to 64 processes.
HALVINGS = 6


def listed(bodies: Mapping[str, BodyMesh]) -> dict[str, Ints]:
    """Number the nodes of all bodies as these follow each other: body name -> number of each node, shape (n,)."""
    ends = np.cumsum([len(body.nodes) for body in bodies.values()])
    return dict(zip(bodies, np.split(np.arange(ends[-1]), ends[:-1]), strict=True))


def numbered(bodies: Mapping[str, BodyMesh]) -> dict[str, Ints]:
    """Number the nodes of all bodies part by part; the order does not depend on the number of processes.

    Args:
        bodies: Body name -> mesh.

    Returns:
        Body name -> number of each of its nodes among all, shape (n,).
    """
    place = np.vstack([body.nodes for body in bodies.values()])
    order = np.concatenate(_halved(place, np.arange(len(place)), HALVINGS))
    number = np.empty(len(place), dtype=np.int64)
    number[order] = np.arange(len(place))
    return {name: number[each] for name, each in listed(bodies).items()}


def evenly(count: int, comm: Any) -> tuple[int, int]:
    """First of so many rows that this process owns, and one past its last; ``comm`` of mpi4py or PETSc."""
    return count * comm.rank // comm.size, count * (comm.rank + 1) // comm.size


def gathered(own: Any, comm: Any) -> Any:
    """Rows of all processes of an mpi4py communicator, one after the other."""
    if comm.size == 1:
        return own
    lengths = np.array(comm.allgather(own.size))
    width = int(np.prod(own.shape[1:]))
    result = np.empty((lengths.sum() // width, *own.shape[1:]), dtype=own.dtype)
    comm.Allgatherv(np.ascontiguousarray(own), (result, lengths))
    return result


def summed(part: Floats, comm: Any) -> Floats:
    """Sum over all processes of an mpi4py communicator, in place."""
    if comm.size > 1:
        comm.Allreduce(MPI.IN_PLACE, part)
    return part


def added(part: Any, comm: Any) -> Any:
    """The same of sparse matrices."""
    if comm.size == 1:
        return part
    first, *others = comm.allgather(part)
    return sum(others, first)


def _halved(place: Floats, members: Ints, times: int) -> list[Ints]:
    """Nodes of each part, in ascending order; of those at the same height the first belong to the lower half."""
    if not times or len(members) < 2:
        return [members]
    axis = np.ptp(place[members], axis=0).argmax()
    height, half = place[members, axis], len(members) // 2
    cut = np.partition(height, half)[half]
    below = height < cut
    below[np.flatnonzero(height == cut)[: half - below.sum()]] = True
    return _halved(place, members[below], times - 1) + _halved(place, members[~below], times - 1)
