"""Loops of the algebraic multigrid over matrices of small blocks (numba).

Matrices are row starts, sorted columns and blocks; where ``first`` is given they have only the rows from that one on.
Every result is the same for the same input.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics.blocks import position


@njit(cache=True)
def diagonal(indptr: Ints, indices: Ints, first: int) -> Ints:
    """Place of each diagonal block."""
    result = np.empty(len(indptr) - 1, dtype=np.int64)
    for row in range(len(result)):
        result[row] = position(indices, indptr[row], indptr[row + 1], first + row)
    return result


@njit(cache=True)
def aggregates(indptr: Ints, indices: Ints, group: Ints) -> tuple[Ints, int]:
    """Aggregate of each node, and how many there are."""
    count = len(indptr) - 1
    owner = np.full(count, -1)
    number = 0
    for node in range(count):
        free = owner[node] < 0
        for k in range(indptr[node], indptr[node + 1]):
            other = indices[k]
            if group[other] == group[node] and owner[other] >= 0:
                free = False
                break
        if free:
            for k in range(indptr[node], indptr[node + 1]):
                if group[indices[k]] == group[node]:
                    owner[indices[k]] = number
            number += 1
    rooted = owner.copy()
    size = np.zeros(number, dtype=np.int64)
    for node in range(count):
        if rooted[node] >= 0:
            size[rooted[node]] += 1
    for node in range(count):
        if rooted[node] < 0:
            best, most = -1, -1.0
            # the aggregate with most links to this node; among equals the smallest
            for k in range(indptr[node], indptr[node + 1]):
                other = rooted[indices[k]]
                if group[indices[k]] == group[node] and other >= 0:
                    links = 0
                    for again in range(indptr[node], indptr[node + 1]):
                        links += rooted[indices[again]] == other
                    score = links - 1e-3 * size[other]
                    if score > most or best < 0:
                        best, most = other, score
            if best >= 0:
                owner[node] = best
                size[best] += 1
    return owner, number


@njit(cache=True)
def orthonormal(owner: Ints, number: int, modes: Floats) -> tuple[Floats, Floats]:
    """Modes of each aggregate made orthonormal, shape (n, b, 6), and what they were in that basis, (m, 6, 6)."""
    count, width = modes.shape[0], modes.shape[1]
    basis = modes.copy()
    coarse = np.zeros((number, 6, 6))
    starts = np.zeros(number + 1, dtype=np.int64)
    for node in range(count):
        starts[owner[node] + 1] += 1
    for each in range(number):
        starts[each + 1] += starts[each]
    members = np.empty(count, dtype=np.int64)
    at = starts[:-1].copy()
    for node in range(count):
        members[at[owner[node]]] = node
        at[owner[node]] += 1
    for each in range(number):
        some = members[starts[each] : starts[each + 1]]
        for column in range(6):
            before = 0.0
            for node in some:
                for i in range(width):
                    before += basis[node, i, column] ** 2
            # twice is enough
            for _ in range(2):
                for earlier in range(column):
                    along = 0.0
                    for node in some:
                        for i in range(width):
                            along += basis[node, i, earlier] * basis[node, i, column]
                    coarse[each, earlier, column] += along
                    for node in some:
                        for i in range(width):
                            basis[node, i, column] -= along * basis[node, i, earlier]
            after = 0.0
            for node in some:
                for i in range(width):
                    after += basis[node, i, column] ** 2
            length = np.sqrt(after)
            usable = after > 1e-20 * before and before > 0.0
            coarse[each, column, column] = length if usable else 0.0
            for node in some:
                for i in range(width):
                    basis[node, i, column] = basis[node, i, column] / length if usable else 0.0
    return basis, coarse


@njit(cache=True)
def jacobi(indptr: Ints, indices: Ints, data: Floats, inverse: Floats, vector: Floats) -> Floats:
    """Own rows of D^-1 A times a vector, shape (n, b)."""
    count, width = inverse.shape[0], inverse.shape[1]
    product, result = np.empty(width), np.zeros((count, width))
    for node in range(count):
        product[:] = 0.0
        for k in range(indptr[node], indptr[node + 1]):
            column = indices[k]
            for i in range(width):
                for j in range(width):
                    product[i] += data[k, i, j] * vector[column, j]
        for i in range(width):
            for j in range(width):
                result[node, i] += inverse[node, i, j] * product[j]
    return result


@njit(cache=True)
def smoothed(
    indptr: Ints,
    indices: Ints,
    data: Floats,
    first: int,
    inverse: Floats,
    owner: Ints,
    basis: Floats,
    damping: float,
    starts: Ints,
    columns: Ints,
) -> Floats:
    """Own rows of (I - damping D^-1 A) P for the piecewise constant interpolation P (owner, basis)."""
    width, last = inverse.shape[1], first + len(inverse)
    result = np.zeros((starts[last] - starts[first], width, 6))
    product = np.empty((width, 6))
    skipped = starts[first]
    for row in range(first, last):
        for k in range(indptr[row - first], indptr[row - first + 1]):
            column = indices[k]
            at = position(columns, starts[row], starts[row + 1], owner[column]) - skipped
            for i in range(width):
                for j in range(width):
                    value = data[k, i, j]
                    for m in range(6):
                        result[at, i, m] += value * basis[column, j, m]
        for at in range(starts[row] - skipped, starts[row + 1] - skipped):
            for i in range(width):
                for m in range(6):
                    product[i, m] = 0.0
                for j in range(width):
                    value = damping * inverse[row - first, i, j]
                    for m in range(6):
                        product[i, m] -= value * result[at, j, m]
            own = columns[at + skipped] == owner[row]
            for i in range(width):
                for m in range(6):
                    result[at, i, m] = product[i, m] + (basis[row, i, m] if own else 0.0)
    return result


@njit(cache=True)
def galerkin(
    indptr: Ints,
    indices: Ints,
    data: Floats,
    first: int,
    starts: Ints,
    columns: Ints,
    values: Floats,
    coarse_indptr: Ints,
    coarse_indices: Ints,
) -> Floats:
    """What own rows of a symmetric matrix A add to P' A P: its upper half, in the given pattern."""
    width = data.shape[1]
    result = np.zeros((len(coarse_indices), 6, 6))
    slot = np.full(len(coarse_indptr) - 1, -1)
    touched = np.empty(len(coarse_indptr) - 1, dtype=np.int64)
    product = np.empty((len(coarse_indptr) - 1, 6, 6))
    for row in range(first, first + len(indptr) - 1):
        reached = 0
        for k in range(indptr[row - first], indptr[row - first + 1]):
            column = indices[k]
            for p in range(starts[column], starts[column + 1]):
                at = slot[columns[p]]
                if at < 0:
                    at = reached
                    slot[columns[p]] = at
                    touched[at] = columns[p]
                    for i in range(width):
                        for m in range(6):
                            product[at, i, m] = 0.0
                    reached += 1
                if width == 3:  # most of the work, with lengths the compiler knows
                    for i in range(3):
                        a, b, c = data[k, i, 0], data[k, i, 1], data[k, i, 2]
                        for m in range(6):
                            product[at, i, m] += a * values[p, 0, m] + b * values[p, 1, m] + c * values[p, 2, m]
                else:
                    for i in range(6):
                        for j in range(6):
                            for m in range(6):
                                product[at, i, m] += data[k, i, j] * values[p, j, m]
        for p in range(starts[row], starts[row + 1]):
            own = columns[p]
            low, high = coarse_indptr[own], coarse_indptr[own + 1]
            for at in range(reached):
                if touched[at] < own:
                    continue
                where = position(coarse_indices, low, high, touched[at])
                if width == 3:
                    for m in range(6):
                        a, b, c = values[p, 0, m], values[p, 1, m], values[p, 2, m]
                        for n in range(6):
                            result[where, m, n] += (
                                a * product[at, 0, n] + b * product[at, 1, n] + c * product[at, 2, n]
                            )
                else:
                    for i in range(6):
                        for m in range(6):
                            for n in range(6):
                                result[where, m, n] += values[p, i, m] * product[at, i, n]
        for at in range(reached):
            slot[touched[at]] = -1
    return result


@njit(cache=True)
def complete(coarse_indptr: Ints, coarse_indices: Ints, result: Floats) -> None:
    """Fill in the lower half of a symmetric matrix, and the diagonal of what has none."""
    for row in range(len(coarse_indptr) - 1):
        for where in range(coarse_indptr[row], coarse_indptr[row + 1]):
            column = coarse_indices[where]
            if column < row:
                other = position(coarse_indices, coarse_indptr[column], coarse_indptr[column + 1], row)
                for m in range(6):
                    for n in range(6):
                        result[where, m, n] = result[other, n, m]
            elif column == row:  # nodes on one line lack a motion, which then has no stiffness
                for m in range(6):
                    if result[where, m, m] == 0.0:
                        result[where, m, m] = 1.0
