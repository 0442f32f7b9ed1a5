"""Strain and stress inside a body, and how far each implant is from yielding."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings import kernels
from femsacrum.findings.anisotropic import stresses
from femsacrum.findings.averages import alike, averages
from femsacrum.findings.quantities import place, quantity
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.surgery.construct import Construct

_CORNERS = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
_GAUSS = np.full((4, 3), 0.1381966011250105) + 0.4472135954999579 * np.vstack([np.eye(3), np.zeros(3)])
_EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))


@dataclass(frozen=True)
class BodyStrain:
    """Strain of one body at its integration points and at the corners of its cells.

    Attributes:
        inside: At the integration points (1 for linear, 4 for quadratic cells), shape (m, q, 6) [1].
        volume: Belonging to each of them, shape (m, q) [mm3].
        position: Of each of them, shape (m, q, 3) [mm].
        corners: At the corners, shape (m, 4, 6) [1]; for linear cells all equal.
    """

    inside: Floats
    volume: Floats
    position: Floats
    corners: Floats


def shape_functions(points: Floats, order: int) -> tuple[Floats, Floats]:
    """Lagrange shape functions of a tetrahedron in VTK node order.

    Args:
        points: In the reference tetrahedron, shape (q, 3).
        order: 1 or 2.

    Returns:
        Values, shape (q, k), and derivatives, shape (q, k, 3).
    """
    bary = np.column_stack([1.0 - points.sum(axis=1), points])
    slope = np.vstack([-np.ones(3), np.eye(3)])
    if order == 1:
        return bary, np.tile(slope, (len(points), 1, 1))
    values = [bary[:, i] * (2.0 * bary[:, i] - 1.0) for i in range(4)]
    slopes = [(4.0 * bary[:, i] - 1.0)[:, None] * slope[i] for i in range(4)]
    for i, j in _EDGES:
        values.append(4.0 * bary[:, i] * bary[:, j])
        slopes.append(4.0 * (bary[:, i, None] * slope[j] + bary[:, j, None] * slope[i]))
    return np.stack(values, axis=1), np.stack(slopes, axis=1)


def strain(mesh: BodyMesh, displacement: Floats) -> BodyStrain:
    """Small strain of a body, from nodal displacements of shape (n, 3) [mm]."""
    nodes, cells = np.ascontiguousarray(mesh.nodes, float), np.ascontiguousarray(mesh.cells, np.int64)
    moved = np.ascontiguousarray(displacement, float)
    points = np.full((1, 3), 0.25) if mesh.order == 1 else _GAUSS
    values, slopes = shape_functions(points, mesh.order)
    inside, volume = kernels.strains(nodes, cells, moved, slopes, np.full(len(points), 1.0 / 6.0 / len(points)))
    position = np.einsum("qk,mki->mqi", values, nodes[cells])
    if mesh.order == 1:
        return BodyStrain(inside, volume, position, np.repeat(inside, 4, axis=1))
    corners, _ = kernels.strains(
        nodes, cells, moved, shape_functions(_CORNERS, mesh.order)[1], np.full(4, 1.0 / 24.0)
    )
    return BodyStrain(inside, volume, position, corners)


def implant(mesh: BodyMesh, material: BodyMaterial, strained: BodyStrain, construct: Construct) -> dict[str, Any]:
    """Von Mises stress of one implant body: peak, 99.9th percentile by volume, place, distance from yield.

    The peak is the largest value at an integration point or a corner of any one element; the averaged peak that of the
    stress averaged at the corners, which is nearer to the truth where the mesh resolves it. One over the other tells how
    well it does: 1 where elements that meet agree. At a re-entrant corner or where a screw enters another body both grow
    without limit as the mesh is refined; the percentile does not.
    """
    corners = stresses(strained.corners, material)
    inside = kernels.von_mises(stresses(strained.inside, material))
    field = _Field(
        inside,
        np.column_stack([inside, kernels.von_mises(corners)]),
        von_mises_averaged(mesh, material, corners, strained.volume.sum(axis=1)),
        np.concatenate([strained.position, mesh.nodes[mesh.cells[:, :4]]], axis=1),
        strained.volume,
    )
    found = _peak(field, np.arange(len(mesh.cells)), material.yield_stress)
    parts = components(mesh, construct)
    found["parts"] = {name: _peak(field, cells, material.yield_stress) for name, cells in parts.items()}
    found["material_source"] = material.source
    found["peak_may_be_singular"] = True
    return found


def von_mises_averaged(mesh: BodyMesh, material: BodyMaterial, corners: Floats, volume: Floats) -> Floats:
    """Von Mises stress at the corners of cells, of stress averaged over the cells of one stiffness that meet there.

    Components are averaged, by volume, not their von Mises stress, which is never below that of the average.

    Args:
        mesh: The body.
        material: Its elasticity.
        corners: Stress at the corners of every cell, shape (m, 4, 6) [MPa].
        volume: Of the cells, shape (m,) [mm3].

    Returns:
        Shape (m, 4) [MPa].
    """
    meet = averages(mesh, alike(material), volume)
    mean = np.asarray(meet.mean @ corners.reshape(-1, 6))
    return kernels.von_mises(mean[meet.corner])


def components(mesh: BodyMesh, construct: Construct) -> dict[str, np.ndarray]:
    """Cells of a fixation body nearest to each rod or screw, by distance to their axes; empty for other bodies."""
    axes = {r.name: np.asarray(r.path, float) for r in construct.rods if r.body == mesh.name}
    axes |= {s.name: np.array([s.head, s.tip], dtype=float) for s in construct.screws if s.body == mesh.name}
    if not axes:
        return {}
    middle = mesh.nodes[mesh.cells[:, :4]].mean(axis=1)
    distance = np.stack(
        [np.min([_from_segment(middle, a, b) for a, b in pairwise(p)], axis=0) for p in axes.values()]
    )
    nearest = distance.argmin(axis=0)
    return {name: np.flatnonzero(nearest == i) for i, name in enumerate(axes) if (nearest == i).any()}


def nodal_von_mises(mesh: BodyMesh, material: BodyMaterial, strained: BodyStrain) -> Floats:
    """Von Mises stress of the averaged stress at the nodes, shape (n,) [MPa]; mid-edge nodes take their ends' mean.

    In metal as the averaged peak of the tables is: within one stiffness, the larger value where two of them meet, so
    the largest value of a body is that peak. Stiffness of bone and soft tissue may differ from cell to cell; there
    components are averaged over all of them.
    """
    corners, volume = stresses(strained.corners, material), strained.volume.sum(axis=1)
    if mesh.role in ("implant", "fixation"):
        at_corners = von_mises_averaged(mesh, material, corners, volume)
    else:
        meet = averages(mesh, np.zeros(len(mesh.cells), dtype=np.int64), volume)
        at_corners = kernels.von_mises(np.asarray(meet.mean @ corners.reshape(-1, 6))[meet.corner])
    nodal = np.zeros(len(mesh.nodes))
    np.maximum.at(nodal, mesh.cells[:, :4], at_corners)
    return _between(mesh, nodal)


def to_nodes(mesh: BodyMesh, corner: Floats, volume: Floats) -> Floats:
    """Corner values (m, 4) averaged to nodes by volume, shape (n,); mid-edge nodes take the mean of their ends."""
    cells = np.ascontiguousarray(mesh.cells[:, :4], np.int64)
    return _between(mesh, kernels.to_nodes(cells, np.ascontiguousarray(corner), volume, len(mesh.nodes)))


def _between(mesh: BodyMesh, nodal: Floats) -> Floats:
    """Fill in the nodes in the middle of edges, in place."""
    if mesh.order == 2:
        for k, (i, j) in enumerate(_EDGES):
            nodal[mesh.cells[:, 4 + k]] = 0.5 * (nodal[mesh.cells[:, i]] + nodal[mesh.cells[:, j]])
    return nodal


@dataclass(frozen=True)
class _Field:
    """Von Mises stress of a body [MPa].

    Attributes:
        inside: At the integration points, shape (m, q).
        points: There and at the corners, shape (m, q + 4).
        averaged: Averaged at the corners, shape (m, 4).
        where: Of ``points``, shape (m, q + 4, 3) [mm].
        volume: Of the integration points, shape (m, q) [mm3].
    """

    inside: Floats
    points: Floats
    averaged: Floats
    where: Floats
    volume: Floats


def _peak(field: _Field, cells: Ints, limit: float | None) -> dict[str, Any]:
    inside, points, averaged = field.inside[cells], field.points[cells], field.averaged[cells]
    where, volume = field.where[cells], field.volume[cells]
    most, smooth = float(points.max()), float(averaged.max())
    at = np.unravel_index(int(points.argmax()), points.shape)
    cell, corner = np.unravel_index(int(averaged.argmax()), averaged.shape)
    usual = float(kernels.weighted_percentile(inside.ravel(), volume.ravel(), 0.999))
    found: dict[str, Any] = {
        "von_mises_max": quantity(most, "MPa"),
        "at": place(where[at]),
        "von_mises_averaged_max": quantity(smooth, "MPa"),
        "averaged_at": place(where[cell, corner - 4]),
        "max_over_averaged_max": quantity(most / smooth if smooth > 0.0 else None, "1"),
        "von_mises_p999": quantity(usual, "MPa"),
    }
    if limit is not None:
        found |= {
            "yield_stress": quantity(limit, "MPa"),
            "safety_factor_max": quantity(limit / most if most > 0.0 else None, "1"),
            "safety_factor_averaged_max": quantity(limit / smooth if smooth > 0.0 else None, "1"),
            "safety_factor_p999": quantity(limit / usual if usual > 0.0 else None, "1"),
            "volume_beyond_yield": quantity(float(volume[inside > limit].sum()), "mm3"),
        }
    return found


def _from_segment(points: Floats, start: Floats, end: Floats) -> Floats:
    along = end - start
    t = np.clip((points - start) @ along / (along @ along), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - t[:, None] * along, axis=1))
