"""Plain numpy twins of the compiled kernels: the tests hold the kernels to them, the timings compare with them."""

import itertools

import numpy as np


def full(tensor):
    """Six entries to 3x3."""
    return tensor[..., [[0, 3, 5], [3, 1, 4], [5, 4, 2]]]


def strains(nodes, cells, displacement, slopes, weights):
    jacobian = np.einsum("mki,qkj->mqij", nodes[cells], slopes)
    gradient = np.einsum("mki,qkj->mqij", displacement[cells], slopes) @ np.linalg.inv(jacobian)
    strain = 0.5 * (gradient + gradient.swapaxes(-1, -2))
    rows, columns = [0, 1, 2, 0, 1, 0], [0, 1, 2, 1, 2, 2]
    return strain[..., rows, columns], np.linalg.det(jacobian) * weights


def stresses(strain, modulus, ratio):
    """As 3x3 tensors."""
    e, mu = full(strain), (modulus / 2 / (1 + ratio))[:, None, None, None]
    lame = (modulus * ratio / (1 + ratio) / (1 - 2 * ratio))[:, None, None, None]
    return lame * np.trace(e, axis1=-2, axis2=-1)[..., None, None] * np.eye(3) + 2 * mu * e


def von_mises(stress):
    """Of 3x3 tensors."""
    deviator = stress - np.trace(stress, axis1=-2, axis2=-1)[..., None, None] / 3 * np.eye(3)
    return np.sqrt(1.5 * (deviator**2).sum(axis=(-1, -2)))


def principal(tensor):
    """Descending."""
    return np.linalg.eigvalsh(full(tensor))[..., ::-1]


def weighted_percentile(values, weights, share):
    order = np.argsort(values, kind="stable")
    order = order[weights[order] > 0]
    below = np.cumsum(weights[order])
    return values[order][np.searchsorted(below, share * below[-1] * (1 - 1e-13))]


def band_shares(values, weights, limits):
    edges = [-np.inf, *limits, np.inf]
    inside = [weights[(values >= low) & (values < high)].sum() for low, high in itertools.pairwise(edges)]
    return np.array(inside) / weights.sum()


def to_nodes(cells, corner_values, weights, count):
    total, weight = np.zeros(count), np.zeros(count)
    np.add.at(total, cells, weights[:, None] * corner_values)
    np.add.at(weight, cells, np.broadcast_to(weights[:, None], corner_values.shape))
    return np.divide(total, weight, out=np.zeros(count), where=weight > 0)
