"""Corner values of elements averaged where elements meet, within one group of them.

Stress of finite elements jumps from element to element. Averaged where they meet it is nearer to the truth than that of
any of them, and how far the two are apart tells the error of the mesh (Zienkiewicz and Zhu, Int J Numer Methods Eng
24:337, 1987). Only within one body and one stiffness: across a change of stiffness stress itself jumps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.meshing.bodies import BodyMesh


@dataclass(frozen=True)
class Averages:
    """Nodes where elements of one group meet, and how to average there.

    Attributes:
        keys: Group times the number of nodes plus the node, rising, shape (p,).
        mean: Takes corner values, shape (4 m,), to their averages by volume, shape (p, 4 m).
        volume: That belongs to each, shape (p,) [mm3].
        corner: Of each corner of each cell, the average it is part of, shape (m, 4).
    """

    keys: Ints
    mean: csr_array
    volume: Floats
    corner: Ints


def averages(mesh: BodyMesh, group: Ints, volume: Floats) -> Averages:
    """How to average over the elements of one group that meet at a node.

    Args:
        mesh: The body.
        group: Of each cell, shape (m,).
        volume: Of each cell, shape (m,) [mm3].
    """
    keys, at = np.unique((group[:, None] * len(mesh.nodes) + mesh.cells[:, :4]).ravel(), return_inverse=True)
    weights = np.repeat(volume, 4)
    total = np.bincount(at, weights)
    mean = csr_array((weights / total[at], (at, np.arange(len(weights)))), shape=(len(keys), len(weights)))
    return Averages(keys, mean, 0.25 * total, at.reshape(-1, 4))


def alike(material: BodyMaterial) -> Ints:
    """Number of the stiffness of each cell, shape (m,): cells of one number may be averaged."""
    return np.asarray(np.unique(material.youngs_modulus, return_inverse=True)[1])
