"""Which process owns which nodes, and how each comes to know what the others have found.

A process assembles the rows of its own nodes, and for that the cells that touch them. The nodes are shared out by
halving the construct across its longest side, again and again, so that few cells are touched by two processes.

Source: M. J. Berger, S. H. Bokhari, IEEE Trans. Comput. C-36 (1987) 570-580 (recursive bisection by coordinates).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from mpi4py import MPI

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.meshing.bodies import BodyMesh


def numbered(bodies: Mapping[str, BodyMesh], processes: int = 1) -> dict[str, Ints]:
    """Number the nodes of all bodies: process by process, and within each body by body.

    Args:
        bodies: Body name -> mesh.
        processes: Among which they are shared out.

    Returns:
        Body name -> number of each of its nodes among all, shape (n,).
    """
    place = np.vstack([body.nodes for body in bodies.values()])
    order = np.concatenate(_bisected(place, np.arange(len(place)), _cuts(len(place), processes)))
    number = np.empty(len(place), dtype=np.int64)
    number[order] = np.arange(len(place))
    ends = np.cumsum([len(body.nodes) for body in bodies.values()])
    return dict(zip(bodies, np.split(number, ends[:-1]), strict=True))


def evenly(count: int, comm: Any) -> tuple[int, int]:
    """First of so many rows that this process owns, and one past its last; ``comm`` of mpi4py or PETSc."""
    cuts = _cuts(count, comm.size)
    return int(cuts[comm.rank]), int(cuts[comm.rank + 1])


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


def _cuts(count: int, processes: int) -> Ints:
    return np.linspace(0, count, processes + 1).astype(int)


def _bisected(place: Floats, members: Ints, cuts: Ints) -> list[Ints]:
    """Nodes between each two cuts, in ascending order."""
    if len(cuts) == 2:
        return [np.sort(members)]
    middle = len(cuts) // 2
    axis = np.ptp(place[members], axis=0).argmax()
    members = members[np.argsort(place[members, axis], kind="stable")]
    below = cuts[middle] - cuts[0]
    return _bisected(place, members[:below], cuts[: middle + 1]) + _bisected(place, members[below:], cuts[middle:])
