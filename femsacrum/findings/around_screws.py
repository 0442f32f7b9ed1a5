"""How strained the bone close to each screw is, sampled in a shell round its shaft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings import kernels
from femsacrum.findings.quantities import limit, place, quantity
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.mechanics.locate import in_cells
from femsacrum.mechanics.shapes import tetrahedron
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Screw

#: Samples through the shell, round it, and per millimetre along it.
LAYERS, ROUND, ALONG = 3, 16, 1.0


def around(assembly: Assembly, solutions: Sequence[LoadCaseSolution], screw: Screw) -> dict[str, Any] | None:
    """Strain of the bone within 2 mm of a screw's shaft, its worst over all instants point by point.

    The shell begins at the shaft's surface: what the mesh has inside the shaft, where there is a hole in truth, is left
    out. Strain is the principal strain of the largest size.

    Args:
        assembly: Meshed bodies.
        solutions: One load case, or all phases of a cycle.
        screw: One of the construct.

    Returns:
        "volume" of bone in the shell, "share_above" for each limit, largest strain with its place, and the 95th percentile
        by volume; None where no bone lies round the screw.
    """
    points, volume = shell(screw, constant("screws", "around").value)
    worst, taken = np.zeros(len(points)), np.zeros(len(points), bool)
    for host in screw.hosts:
        mesh = assembly.bodies[host]
        if mesh.role != "bone":
            continue
        cell, reference = in_cells(points, mesh)
        inside = np.flatnonzero((cell >= 0) & ~taken)
        if not len(inside):
            continue
        taken[inside] = True
        for solution in solutions:
            found = strain_at(mesh, solution.strained(host), cell[inside], reference[inside])
            values = kernels.principal(found[:, None])[:, 0]
            worst[inside] = np.maximum(worst[inside], np.maximum(values[:, 0], -values[:, 2]))
    if not taken.any():
        return None
    worst, volume, points = worst[taken], volume[taken], points[taken]
    levels = {
        "overload": limit("overload"),
        "damage_low": constant("screws", "damage_low").value,
        "damage_high": constant("screws", "damage_high").value,
    }
    return {
        "volume": quantity(float(volume.sum()), "mm3"),
        "share_above": {
            name: quantity(100.0 * float(volume[worst > level].sum() / volume.sum()), "%")
            | {"strain": quantity(level, "1")}
            for name, level in levels.items()
        },
        "strain_max": quantity(float(worst.max()), "1"),
        "strain_max_at": place(points[worst.argmax()]),
        "strain_p95": quantity(float(kernels.weighted_percentile(worst, volume, 0.95)), "1"),
    }


def shell(screw: Screw, thickness: float) -> tuple[Floats, Floats]:
    """Points in a tube round a screw, from its entry to its tip, and the volume that each stands for.

    Args:
        screw: Axis and diameter.
        thickness: Of the tube [mm].

    Returns:
        Shape (q, 3) [mm] and (q,) [mm3]; the volumes add up to that of the tube.
    """
    way = screw.tip - screw.entry
    length = float(np.linalg.norm(way))
    axis = way / length
    side = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    side /= np.linalg.norm(side)
    count = max(1, round(length * ALONG))
    depth = (np.arange(count) + 0.5) * length / count
    edges = 0.5 * screw.diameter + thickness * np.arange(LAYERS + 1) / LAYERS
    radius = 0.5 * (edges[1:] + edges[:-1])
    angle = 2.0 * np.pi * np.arange(ROUND) / ROUND
    ring = np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * np.cross(axis, side)
    points = screw.entry + depth[:, None, None, None] * axis + radius[None, :, None, None] * ring[None, None]
    volume = np.pi * (edges[1:] ** 2 - edges[:-1] ** 2) / ROUND * length / count
    return points.reshape(-1, 3), np.tile(np.repeat(volume, ROUND), count)


def strain_at(mesh: BodyMesh, displacement: Floats, cell: Ints, reference: Floats) -> Floats:
    """Small strain at points inside cells.

    Args:
        mesh: Of the body.
        displacement: Of its nodes, shape (n, 3) [mm].
        cell: Cell of each point, shape (q,).
        reference: Its reference coordinates there, shape (q, 3).

    Returns:
        xx, yy, zz, xy, yz, xz with tensor shear, shape (q, 6) [1].
    """
    _, slopes = tetrahedron(mesh.order, reference)
    nodes = mesh.cells[cell]
    jacobian = np.einsum("qai,qad->qid", mesh.nodes[nodes], slopes)
    stretch = np.einsum("qai,qad->qid", np.asarray(displacement)[nodes], slopes)
    gradient = np.einsum("qid,qdj->qij", stretch, np.linalg.inv(jacobian))
    even = 0.5 * (gradient + np.swapaxes(gradient, 1, 2))
    return np.stack([even[:, i, j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))], axis=1)
