"""Stress over a movement at the corners of a body's elements, averaged over the elements that meet there.

Fatigue starts at surfaces, and so do the peaks of bending and torsion; at integration points they are missed by the
depth of a quarter of an element. Stress is therefore taken at the corners, where that of quadratic elements is an
extrapolation, and averaged there by volume, component by component, over the elements of one part: elements disagree at
a corner, the average is nearer than any of them. Where parts of different stiffness meet each keeps its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings import kernels
from femsacrum.findings.anisotropic import stresses
from femsacrum.findings.fatigue.conditions import Part
from femsacrum.findings.stress import strain
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import BodyMesh


@dataclass(frozen=True)
class History:
    """Stress of one body over a movement at its points: corners of elements, one for each part that meets there.

    Attributes:
        stress: xx, yy, zz, xy, yz, xz at each instant, shape (n, p, 6) [MPa].
        node: Of the mesh, shape (p,).
        part: Index into the body's parts, shape (p,).
        volume: Belonging to each point, shape (p,) [mm3].
        scatter: Standard deviation of von Mises stress among the elements that meet at a point over their mean, at
            the instant of the largest mean, shape (p,) [1]: large where the mesh does not resolve the stress.
    """

    stress: Floats
    node: Ints
    part: Ints
    volume: Floats
    scatter: Floats


def history(
    mesh: BodyMesh, material: BodyMaterial, parts: Sequence[Part], solutions: Sequence[LoadCaseSolution]
) -> History:
    """Stress of one body at every instant.

    Args:
        mesh: The body.
        material: Its elasticity.
        parts: Of the body; together all cells.
        solutions: One for each instant, in order.
    """
    of_cell = np.empty(len(mesh.cells), dtype=np.int64)
    for index, part in enumerate(parts):
        of_cell[part.cells] = index
    corners = mesh.cells[:, :4]
    keys, point = np.unique(of_cell[:, None] * len(mesh.nodes) + corners, return_inverse=True)
    stress: list[Floats] = []
    volume = np.empty(0)
    scatter, most = np.zeros(len(keys)), np.zeros(len(keys))
    for solution in solutions:
        found = strain(mesh, solution.strained(mesh.name))
        at = stresses(found.corners, material)
        if not stress:
            weights = np.repeat(found.volume.sum(axis=1), 4)
            total = np.bincount(point.ravel(), weights)
            volume = 0.25 * total
            mean = csr_array(
                (weights / total[point.ravel()], (point.ravel(), np.arange(len(weights)))),
                shape=(len(keys), len(weights)),
            )
        stress.append(mean @ at.reshape(-1, 6))
        each = kernels.von_mises(at).ravel()
        middle = mean @ each
        deviation = np.sqrt(np.maximum(mean @ each**2 - middle**2, 0.0))
        higher = middle > most
        scatter[higher], most[higher] = deviation[higher] / middle[higher], middle[higher]
    return History(np.array(stress), keys % len(mesh.nodes), keys // len(mesh.nodes), volume, scatter)
