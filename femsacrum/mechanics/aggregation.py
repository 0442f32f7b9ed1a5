"""Algebraic multigrid by smoothed aggregation, on matrices of small blocks.

Nodes that are coupled are gathered around a root and its neighbours, each body on its own; the coarse unknowns of an
aggregate are its six rigid motions, made orthonormal, and one damped step of block Jacobi smooths them. Aggregates and
patterns are found once. Interpolation follows the tangent: kept while contact changes from stick to slip, it takes
four times the iterations (stem with friction, 20k nodes: 229 with PETSc's aggregation built anew when worn, 980 with
this kept, 54 with this built anew).

Source: P. Vanek, J. Mandel, M. Brezina, Computing 56 (1996) 179-196.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics.blocks import own_rows
from femsacrum.mechanics.coarse_kernels import (
    aggregates,
    complete,
    diagonal,
    galerkin,
    jacobi,
    orthonormal,
    smoothed,
)
from femsacrum.mechanics.share import added, evenly, gathered, summed

#: The coarsest matrix, which is factorised, has at most so many rows.
COARSEST = 1000
#: Steps of the power iteration for the largest eigenvalue.
POWER_STEPS = 10
#: The largest eigenvalue found by power iteration is raised by this: it comes from below.
RAISED = 1.1
#: Damping of the step that smooths the interpolation, over that eigenvalue (Vanek et al.).
DAMPING = 4.0 / 3.0
#: Rigid motions.
MODES = 6


@dataclass(frozen=True)
class Level:
    """A coarse level.

    Attributes:
        indptr: Row starts of the blocks of the matrix.
        indices: Their columns, sorted.
        data: Blocks, shape (k, 6, 6) [N/mm].
        interpolation: Own rows of that from this level to the finer one, a matrix of (b, 6) blocks.
    """

    indptr: Ints
    indices: Ints
    data: Floats
    interpolation: sparse.bsr_array


@dataclass(frozen=True)
class _Step:
    """What does not change with the values: from a level to the next coarser one."""

    indptr: Ints
    indices: Ints
    owner: Ints  # aggregate of each node
    basis: Floats  # the aggregates' motions at each node, (n, b, 6)
    starts: Ints  # pattern of the interpolation
    columns: Ints
    coarse_indptr: Ints
    coarse_indices: Ints


class Aggregation:
    """Coarse levels of symmetric matrices of 3x3 blocks with one pattern.

    A process has its own rows of the matrix; the coarse levels are made together, and all processes have them whole.

    Args:
        indptr: Row starts of the blocks, of own rows.
        indices: Their columns, sorted.
        place: Of the nodes [mm], shape (n, 3).
        group: Body of each node: nodes of different bodies are never put together.
        processes: MPI communicator (mpi4py) of those that share the rows.
    """

    def __init__(self, indptr: Ints, indices: Ints, place: Floats, group: Ints, processes: Any) -> None:
        self._processes = processes
        modes = _rigid_motions(place)
        indptr, indices = _whole(indptr, indices, processes)
        self._steps: list[_Step] = []
        while not self._steps or MODES * len(group) > COARSEST:
            count = len(group)
            owner, number = aggregates(indptr, indices, group)
            if number == count:
                break
            basis, modes = orthonormal(owner, number, modes)
            first, last = evenly(count, processes)
            fine = _ones(*own_rows(indptr, indices, (first, last))[:2], (last - first, count))
            part = _sorted(fine @ _ones(np.arange(count + 1), owner, (count, number)))
            starts, columns = _whole(*part, processes)
            reached = _ones(starts, columns, (count, number))
            coarse = _sorted(added(_ones(*part, (last - first, number)).T @ (fine @ reached), processes))
            self._steps.append(_Step(indptr, indices, owner, basis, starts, columns, *coarse))
            indptr, indices = coarse
            body = np.empty(number, dtype=np.int64)
            body[owner] = group
            group = body

    def levels(self, data: Floats) -> list[Level]:
        """Coarse levels of a matrix, finest first, down to one small enough to be factorised.

        Args:
            data: Blocks of own rows, shape (k, 3, 3) [N/mm].
        """
        result: list[Level] = []
        for step in self._steps:
            own = evenly(len(step.owner), self._processes)
            indptr, indices, rows = own_rows(step.indptr, step.indices, own)
            given = (indptr, indices, result[-1].data[rows] if result else data, own[0])
            inverse = np.linalg.inv(given[2][diagonal(indptr, indices, own[0])])
            damping = DAMPING / (RAISED * self._largest(*given, inverse))
            part = smoothed(*given, inverse, step.owner, step.basis, damping, step.starts, step.columns)
            values = gathered(part, self._processes)
            coarse = step.coarse_indptr, step.coarse_indices
            matrix = summed(galerkin(*given, step.starts, step.columns, values, *coarse), self._processes)
            complete(*coarse, matrix)
            starts, columns, _ = own_rows(step.starts, step.columns, own)
            shape = (part.shape[1] * len(inverse), MODES * (len(step.coarse_indptr) - 1))
            result.append(Level(*coarse, matrix, sparse.bsr_array((part, columns, starts), shape=shape)))
        return result

    def _largest(self, indptr: Ints, indices: Ints, data: Floats, first: int, inverse: Floats) -> float:
        """Largest eigenvalue of the matrix after block Jacobi, by power iteration."""
        width = inverse.shape[1]
        number = np.arange(first, first + len(inverse))[:, None] * 7919 + np.arange(width) * 104729
        vector = gathered(number % 1009 / 1009.0 - 0.5, self._processes)
        for _ in range(POWER_STEPS):
            vector /= np.linalg.norm(vector)
            vector = gathered(jacobi(indptr, indices, data, inverse, vector), self._processes)
        return float(np.linalg.norm(vector))


def _rigid_motions(place: Floats) -> Floats:
    """Of each node, shape (n, 3, 6)."""
    arm = place - place.mean(axis=0)
    arm = arm / np.abs(arm).max()
    modes = np.zeros((len(place), 3, MODES))
    for axis in range(3):
        modes[:, axis, axis] = 1.0
        modes[:, :, 3 + axis] = np.cross(np.eye(3)[axis], arm)
    return modes


def _ones(indptr: Ints, indices: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    """Ones where something is stored."""
    return sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=shape)


def _whole(indptr: Ints, indices: Ints, processes: Any) -> tuple[Ints, Ints]:
    """Row starts and columns of all rows from those of each process."""
    starts = np.concatenate([[0], np.cumsum(gathered(np.diff(indptr), processes))])
    return starts, gathered(indices, processes)


def _sorted(pattern: sparse.csr_array) -> tuple[Ints, Ints]:
    """Row starts and sorted columns."""
    pattern.sort_indices()
    return pattern.indptr.astype(np.int64), pattern.indices.astype(np.int64)
