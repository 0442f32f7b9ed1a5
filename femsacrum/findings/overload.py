"""Bone strained past what it bears: how much of it in one piece, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings import kernels
from femsacrum.findings.quantities import cited, limit, place, quantity
from femsacrum.findings.stress import strain
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.surgery.construct import Construct

#: Corners of the four faces of a tetrahedron.
FACES = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])
#: Regions that are told one by one, the largest first.
TOLD = 5

LIMIT = (
    "Overloaded volume is counted in whole elements of bone without holes: around a screw it is of the right order, not "
    "exact, and a region of a few elements may go when the mesh is made finer."
)


def overload(
    assembly: Assembly, solutions: Sequence[LoadCaseSolution], strength: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Risk of bone and graft by principal strain, and the connected pieces where it is above 1.

    The risk of a cell is the larger of its tensile strain over 0.73 % and its compressive strain over 1.04 %, at its worst
    integration point (E. Schileo et al., J Biomech 41 (2008) 356-367). Of several instants each cell counts with its worst:
    the pieces are those of the envelope.

    Args:
        assembly: Meshed bodies.
        solutions: One load case alone, or all phases of a cycle for its envelope.
        strength: Body -> factor on both limits that the case states for this patient's bone; None or left out: 1.

    Returns:
        "bodies": name -> "risk_max" with its place, "volume" overloaded, "largest_region", "regions", "strength_factor";
        "worst" body;
        "volume" and "regions_in_all" over all bodies; "regions": the largest of them with body, volume, place, largest
        risk and what lies near; "thresholds"; "limit".
    """
    found: dict[str, Any] = {}
    every: list[tuple[float, dict[str, Any]]] = []
    for name, mesh in assembly.bodies.items():
        if mesh.role not in ("bone", "graft"):
            continue
        factor = (strength or {}).get(name, 1.0)
        risk = envelope(mesh, [solution.strained(name) for solution in solutions], factor)
        rows = [(row["volume"]["value"], row | {"body": name}) for row in _rows(assembly.construct, mesh, risk)]
        volumes = [volume for volume, _ in rows]
        every += rows
        found[name] = {
            "risk_max": quantity(float(risk.max()), "1"),
            "risk_max_at": place(mesh.nodes[mesh.cells[risk.argmax(), :4]].mean(axis=0)),
            "volume": quantity(sum(volumes), "mm3"),
            "largest_region": quantity(max(volumes, default=0.0), "mm3"),
            "regions": len(rows),
            "strength_factor": quantity(factor, "1"),
        }
    every.sort(key=lambda row: -row[0])
    return {
        "bodies": found,
        "worst": max(found, key=lambda name: found[name]["risk_max"]["value"]) if found else None,
        "volume": quantity(sum(volume for volume, _ in every), "mm3"),
        "regions_in_all": len(every),
        "regions": [row for _, row in every[:TOLD]],
        "thresholds": {key: cited(key) for key in ("cortex_yield_tension", "cortex_yield_compression")},
        "limit": LIMIT,
    }


def risk_of(mesh: BodyMesh, displacement: Floats, strength: float = 1.0) -> Floats:
    """Risk of every cell by principal strain, above 1: overloaded.

    Since the strain of a facet is that of its cell seen in its plane, no cortex is strained more than its cell is.

    Args:
        mesh: Of bone or graft.
        displacement: Of its nodes, shape (n, 3) [mm]; of a solution: ``solution.strained(body)``.
        strength: Factor on both limits.

    Returns:
        Shape (m,).
    """
    values = kernels.principal(strain(mesh, displacement).inside)
    pulled = values[..., 0] / limit("cortex_yield_tension")
    pressed = -values[..., 2] / limit("cortex_yield_compression")
    return np.asarray(np.maximum(pulled, pressed).max(axis=1) / strength)


def envelope(mesh: BodyMesh, displacements: Sequence[Floats], strength: float = 1.0) -> Floats:
    """Largest risk of every cell over several instants, shape (m,)."""
    risk = np.zeros(len(mesh.cells))
    for displacement in displacements:
        np.maximum(risk, risk_of(mesh, displacement, strength), out=risk)
    return risk


def pieces(cells: Ints, chosen: np.ndarray) -> Ints:
    """Number of the connected piece of each cell; cells that share a face are connected.

    Args:
        cells: Corner nodes first, shape (m, k).
        chosen: Cells that count, shape (m,).

    Returns:
        0, 1, ... in the order of each piece's first cell; -1 for cells that do not count, shape (m,).
    """
    number = np.full(len(cells), -1)
    inside = np.flatnonzero(chosen)
    if not len(inside):
        return number
    faces = np.sort(cells[inside][:, FACES].reshape(-1, 3), axis=1)
    order = np.lexsort(faces.T)
    same = np.all(faces[order][1:] == faces[order][:-1], axis=1)
    pairs = order[:-1][same] // 4, order[1:][same] // 4
    graph = sparse.csr_array((np.ones(len(pairs[0])), pairs), shape=(len(inside), len(inside)))
    label = connected_components(graph, directed=False)[1]
    _, first, own = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number[inside] = rank[own]
    return number


def volumes(mesh: BodyMesh) -> Floats:
    """Volume of every cell, shape (m,) [mm3]; that of the straight-sided one."""
    corners = mesh.nodes[mesh.cells[:, :4]]
    return np.asarray(np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0)


def _rows(construct: Construct, mesh: BodyMesh, risk: Floats) -> list[dict[str, Any]]:
    """Every overloaded piece of a body."""
    number, volume = pieces(mesh.cells, risk > 1.0), volumes(mesh)
    middle = mesh.nodes[mesh.cells[:, :4]].mean(axis=1)
    rows = []
    for piece in range(int(number.max(initial=-1)) + 1):
        inside = np.flatnonzero(number == piece)
        share = volume[inside] / volume[inside].sum()
        centre = share @ middle[inside]
        rows.append(
            {
                "volume": quantity(float(volume[inside].sum()), "mm3"),
                "at": place(centre),
                "risk_max": quantity(float(risk[inside].max()), "1"),
                "cells": len(inside),
                "near": near(construct, centre),
            }
        )
    return rows


def near(construct: Construct, point: Floats) -> dict[str, Any]:
    """What a surgeon would call the place: the nearest landmark and the nearest screw, with their distances."""
    told: dict[str, Any] = {}
    marks = construct.anatomy.landmarks
    if marks:
        away = {name: float(np.linalg.norm(np.asarray(mark) - point)) for name, mark in marks.items()}
        told["landmark"] = _nearest(away)
    if construct.screws:
        told["screw"] = _nearest(
            {one.name: float(to_axis(point[None], one.entry, one.tip)[0]) for one in construct.screws}
        )
    return told


def to_axis(points: Floats, start: Floats, end: Floats) -> Floats:
    """Distance of points from a straight piece, shape (n,) [mm]."""
    along = np.asarray(end) - start
    share = np.clip((points - start) @ along / (along @ along), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - share[:, None] * along, axis=1))


def _nearest(away: Mapping[str, float]) -> dict[str, Any]:
    name = min(away, key=lambda each: away[each])
    return {"name": name, "distance": quantity(away[name], "mm")}
