"""What the model assumes, checked on its own result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from femsacrum.anatomy.model import Floats
from femsacrum.findings import kernels, micromotion
from femsacrum.findings.deformation import hip_axis_motion, rigid_fit
from femsacrum.findings.quantities import limit
from femsacrum.findings.stress import shape_functions
from femsacrum.mechanics.interfaces import InterfaceState, LoadCaseSolution
from femsacrum.meshing.bodies import Assembly, BodyMesh

#: Cells across a disc's height below which it is too stiff: with one, three times as stiff (docs/mechanics.md).
ACROSS = 2.0
#: Share of a body's volume that may turn further than what is told: at a corner rotation has no bound.
PEAK = 0.999


def validity(
    assembly: Assembly,
    solution: LoadCaseSolution,
    implants: Mapping[str, Any],
    bones: Mapping[str, Any],
    states: Mapping[str, InterfaceState],
) -> list[dict[str, Any]]:
    """One row for each assumption: whether it holds, and where it does not.

    Args:
        assembly: Meshed bodies.
        solution: Of one load case.
        implants: What was found in each implant.
        bones: What was found in each bone and graft.
        states: Interfaces whose motion is determined.
    """
    turned, body = largest_rotation(assembly, solution)
    far = [
        name
        for name, state in states.items()
        if not float(np.linalg.norm(state.slip, axis=1).max()) <= micromotion.facet_size(state)
    ]
    gone = given_way(assembly, solution)
    yielding = [name for name, found in implants.items() if _factor(found) < 1.0]
    balanced = all(off <= limit("equilibrium") for off in (solution.force_imbalance, solution.moment_imbalance))
    across = {name: cells_across(body) for name, body in assembly.bodies.items() if body.role == "disc"}
    thin = [f"{name}: {cells:.1f}" for name, cells in across.items() if cells < ACROSS]
    crushed = [where for name, found in bones.items() for where in _past_yield(name, found)]
    return [
        {"check": "solution converged", "holds": bool(solution.converged), "where": []},
        {"check": "loads and reactions balance", "holds": balanced, "where": []},
        {"check": "no body is loose", "holds": not solution.loose, "where": list(solution.loose)},
        {
            "check": f"the spine stays within {limit('gives_way'):g} mm of its place",
            "holds": gone <= limit("gives_way"),
            "where": [f"L5: {gone:.3g} mm"],
        },
        {
            "check": f"rotations below {limit('small_rotation'):g} deg",
            "holds": turned <= limit("small_rotation"),
            "where": [f"{body}: {turned:.3g} deg"],
        },
        {"check": "slip stays within one facet", "holds": not far, "where": far},
        {"check": f"discs are {ACROSS:g} cells high", "holds": not thin, "where": thin},
        {"check": "implants below yield (99.9th percentile)", "holds": not yielding, "where": yielding},
        {"check": "bone and graft strain below yield everywhere", "holds": not crushed, "where": crushed},
    ]


def cells_across(body: BodyMesh) -> float:
    """Mean height of a flat body over the edge of the regular tetrahedron as large as its middle cell."""
    corners = body.nodes[body.cells[:, :4]]
    volume = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0
    centred = body.nodes - body.nodes.mean(axis=0)
    section = ConvexHull(centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T).volume
    return float(volume.sum() / section / np.cbrt(6.0 * np.sqrt(2.0) * np.median(volume)))


def given_way(assembly: Assembly, solution: LoadCaseSolution) -> float:
    """How far the middle of L5 moves relative to the hip axis [mm]; 0 without L5."""
    if "L5" not in assembly.bodies:
        return 0.0
    moved = rigid_fit(assembly.bodies["L5"].nodes, solution.displacements["L5"])[0]
    return float(np.linalg.norm(moved - hip_axis_motion(assembly, solution)))


def largest_rotation(assembly: Assembly, solution: LoadCaseSolution) -> tuple[float, str]:
    """Largest rotation in any body that is held [deg], and which body.

    A body turns as a whole; bone, grafts and metal also bend, so there it is the 99.9th percentile of the rotation of
    their cells. Discs and cartilage count as a whole only: soft tissue shears by more than it turns.
    """
    sizes = {}
    for name, mesh in assembly.bodies.items():
        if name in solution.loose:
            continue
        moved = solution.displacements[name]
        sizes[name] = float(np.linalg.norm(rigid_fit(mesh.nodes, moved)[1]))
        if mesh.role not in ("disc", "cartilage"):
            turned, volume = rotations(mesh, moved)
            sizes[name] = max(sizes[name], float(kernels.weighted_percentile(turned, volume, PEAK)))
    body = max(sizes, key=lambda name: sizes[name])
    return float(np.degrees(sizes[body])), body


def rotations(mesh: BodyMesh, displacement: Floats) -> tuple[Floats, Floats]:
    """Small rotation in the middle of every cell.

    Args:
        mesh: Of the body.
        displacement: Of its nodes, shape (n, 3) [mm].

    Returns:
        Size of half the curl of the displacement, shape (m,) [rad], and volume of the straight cell, shape (m,) [mm3].
    """
    slopes = shape_functions(np.full((1, 3), 0.25), mesh.order)[1][0]
    jacobian = np.einsum("mki,kj->mij", mesh.nodes[mesh.cells], slopes)
    stretch = np.einsum("mki,kj->mij", np.asarray(displacement)[mesh.cells], slopes)
    gradient = np.swapaxes(np.linalg.solve(np.swapaxes(jacobian, 1, 2), np.swapaxes(stretch, 1, 2)), 1, 2)
    curl = [gradient[:, 2, 1] - gradient[:, 1, 2], gradient[:, 0, 2] - gradient[:, 2, 0]]
    curl.append(gradient[:, 1, 0] - gradient[:, 0, 1])
    corners = mesh.nodes[mesh.cells[:, :4]]
    volume = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0
    return 0.5 * np.linalg.norm(curl, axis=0), volume


def _factor(found: Mapping[str, Any]) -> float:
    """Safety factor against yield; infinite without stress or without a yield stress."""
    value = found.get("safety_factor_p999", {}).get("value")
    return float("inf") if value is None else float(value)


def _past_yield(name: str, found: Mapping[str, Any]) -> list[str]:
    """Where a bone or graft is strained past yield, and how much of it."""
    where = []
    if found["volume_beyond_yield"]["value"] > 0.0:
        where.append(f"{name}: {found['share_beyond_yield']['value']:.3g} % of its volume")
    share = found.get("cortex", {}).get("share_beyond_yield", {}).get("value", 0.0)
    if share > 0.0:
        where.append(f"{name}: {share:.3g} % of its cortex")
    return where
