"""Kernels over matrices of 3x3 blocks (numba)."""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints


def united_pattern(matrices: list[sparse.csr_array], first: int = 0) -> tuple[Ints, Ints]:
    """Row starts and sorted columns of the union of scalar patterns and the diagonal, which begins in column first."""
    union = sparse.eye_array(*matrices[0].shape, k=first, format="csr")
    for matrix in matrices:
        ones = sparse.csr_array((np.ones(len(matrix.indices)), matrix.indices, matrix.indptr), shape=matrix.shape)
        union = union + ones
    union = sparse.csr_array(union)
    union.sort_indices()
    return union.indptr.astype(np.int64), union.indices.astype(np.int64)


def own_rows(indptr: Ints, indices: Ints, own: tuple[int, int]) -> tuple[Ints, Ints, slice]:
    """Row starts and columns of some rows, and where these are among all that is stored."""
    first, last = own
    rows = slice(int(indptr[first]), int(indptr[last]))
    return indptr[first : last + 1] - indptr[first], indices[rows], rows


@njit(cache=True)
def position(indices: Ints, low: int, high: int, column: int) -> int:
    """Place of a column in a sorted row."""
    while low < high:
        middle = (low + high) // 2
        if indices[middle] < column:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def add_blocks(
    indptr: Ints, indices: Ints, data: Floats, first: int, rows: Ints, columns: Ints, blocks: Floats
) -> None:
    """data[rows, columns] += blocks; shape (k,), (k,), (k, 3, 3). The matrix has only the rows from first on."""
    for k in range(len(rows)):
        row = rows[k] - first
        if not 0 <= row < len(indptr) - 1:
            continue
        at = position(indices, indptr[row], indptr[row + 1], columns[k])
        for a in range(3):
            for b in range(3):
                data[at, a, b] += blocks[k, a, b]


@njit(cache=True)
def add_products(
    indptr: Ints,
    indices: Ints,
    data: Floats,
    first: int,
    starts: Ints,
    nodes: Ints,
    weights: Floats,
    tangents: Floats,
) -> None:
    """Data += S' D S for scalar rows S (starts, nodes, weights) and one 3x3 block D per row; see ``add_blocks``."""
    for p in range(len(starts) - 1):
        for i in range(starts[p], starts[p + 1]):
            row = nodes[i] - first
            if not 0 <= row < len(indptr) - 1:
                continue
            for j in range(starts[p], starts[p + 1]):
                at = position(indices, indptr[row], indptr[row + 1], nodes[j])
                weight = weights[i] * weights[j]
                for a in range(3):
                    for b in range(3):
                        data[at, a, b] += weight * tangents[p, a, b]


@njit(cache=True)
def positions(indptr: Ints, indices: Ints, some_indptr: Ints, some_indices: Ints) -> Ints:
    """Places in a block pattern of the blocks of another pattern that it contains."""
    result = np.empty(len(some_indices), dtype=np.int64)
    for row in range(len(some_indptr) - 1):
        for k in range(some_indptr[row], some_indptr[row + 1]):
            result[k] = position(indices, indptr[row], indptr[row + 1], some_indices[k])
    return result
