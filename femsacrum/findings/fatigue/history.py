"""Stress over a movement at the corners of a body's elements, averaged over the elements that meet there.

Fatigue starts at surfaces, and so do the peaks of bending and torsion; at integration points they are missed by the
depth of a quarter of an element. Stress is therefore taken at the corners, where that of quadratic elements is an
extrapolation, and averaged there by volume, component by component, over the elements of one stiffness: elements
disagree at a corner, the average is nearer than any of them. Where porous meets solid each keeps its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings import kernels
from femsacrum.findings.anisotropic import stresses
from femsacrum.findings.averages import alike, averages
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
    stiffness_of_cell = alike(material)
    strained = [strain(mesh, solution.strained(mesh.name)) for solution in solutions]
    cell_volume = strained[0].volume.sum(axis=1)
    points = averages(mesh, of_cell, cell_volume)
    groups = averages(mesh, stiffness_of_cell, cell_volume)
    # of each point the average at its node over all elements as stiff as those of its part
    stiffness = np.zeros(len(parts), dtype=np.int64)
    stiffness[of_cell] = stiffness_of_cell
    part_of, node = np.divmod(points.keys, len(mesh.nodes))
    group = np.searchsorted(groups.keys, stiffness[part_of] * len(mesh.nodes) + node)
    stress: list[Floats] = []
    scatter, most = np.zeros(len(node)), np.zeros(len(node))
    for each in strained:
        corners = stresses(each.corners, material)
        stress.append((groups.mean @ corners.reshape(-1, 6))[group])
        size = kernels.von_mises(corners).ravel()
        middle, square = (groups.mean @ size)[group], (groups.mean @ size**2)[group]
        higher = middle > most
        deviation = np.sqrt(np.maximum(square - middle**2, 0.0))
        scatter[higher], most[higher] = deviation[higher] / middle[higher], middle[higher]
    return History(np.array(stress), node, part_of, points.volume, scatter)
