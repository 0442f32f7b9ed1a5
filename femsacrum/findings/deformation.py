"""How far L5 goes down and tilts, and how stiff the whole is, seen from the hip axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.quantities import quantity, vector
from femsacrum.loads.loadcase import Applied, LoadCase
from femsacrum.loads.patches import acetabulum
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly, BodyMesh

#: Where L5 has no cut face, its lower endplate's centre is what lies this near to the landmark [mm].
NEAR = 12.0


def rigid_fit(points: Floats, displacement: Floats) -> tuple[Floats, Floats, Floats]:
    """Small rigid motion nearest to a displacement field, by least squares.

    Args:
        points: Shape (n, 3) [mm].
        displacement: Shape (n, 3) [mm].

    Returns:
        Translation of the points' centroid [mm], rotation vector [rad], that centroid [mm]; shape (3,) each.
    """
    centre = points.mean(axis=0)
    arm, moved = points - centre, displacement.mean(axis=0)
    inertia = (arm**2).sum() * np.eye(3) - arm.T @ arm
    rotation = np.linalg.lstsq(inertia, np.cross(arm, displacement - moved).sum(axis=0), rcond=1e-10)[0]
    return moved, rotation, centre


def hip_axis_motion(assembly: Assembly, solution: LoadCaseSolution) -> Floats:
    """Mean displacement of the two hip centres, each carried by the rigid motion of its cup, shape (3,) [mm]."""
    moved = []
    for side in ("left", "right"):
        nodes = np.unique(acetabulum(assembly, side).facets)
        centre = assembly.construct.anatomy.landmarks[f"{side}_hip_centre"]
        body = f"{side}_ilium"
        moved.append(_at(centre, assembly.bodies[body].nodes[nodes], solution.displacements[body][nodes]))
    return np.asarray(0.5 * (moved[0] + moved[1]))


def deformation(assembly: Assembly, load_case: LoadCase, solution: LoadCaseSolution) -> dict[str, Any]:
    """Drop and tilt of L5 and the stiffness of the construct.

    Displacements are relative to the hip axis. With ball joints that axis and the symphysis hold the frame, with
    fixed acetabula the ground does.
    """
    ground = hip_axis_motion(assembly, solution)
    found: dict[str, Any] = {}
    if "L5" in assembly.bodies:
        mesh, moved = assembly.bodies["L5"], solution.displacements["L5"]
        relative = lower_endplate_motion(assembly, mesh, moved) - ground
        turned = np.degrees(rigid_fit(mesh.nodes, moved)[1])
        found |= {
            "L5_drop": quantity(-relative[2], "mm"),
            "L5_displacement": vector(relative, "mm"),
            "L5_tilt_sagittal": quantity(turned[0], "deg") | {"positive": "forwards"},
            "L5_tilt_frontal": quantity(turned[1], "deg") | {"positive": "to the left"},
            "L5_turn_axial": quantity(turned[2], "deg") | {"positive": "to the left"},
        }
    for load in load_case.applied:
        if load.body == "L4":
            found |= _stiffness(assembly, load, ground, solution)
    return found


def lower_endplate_motion(assembly: Assembly, mesh: BodyMesh, displacement: Floats) -> Floats:
    """Mean displacement of L5's saw cut, or of the nodes near its lower endplate's centre, shape (3,) [mm]."""
    if "cut" in mesh.face_names:
        facets = mesh.facets_of("cut")[:, :3]
        a, b, c = (mesh.nodes[facets[:, i]] for i in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        return np.asarray(area @ displacement[facets].mean(axis=1) / area.sum())
    away = np.linalg.norm(mesh.nodes - assembly.construct.anatomy.landmarks["L5_lower"], axis=1)
    near = away < max(NEAR, 1.001 * away.min())
    return np.asarray(displacement[near].mean(axis=0))


def _stiffness(assembly: Assembly, load: Applied, ground: Floats, solution: LoadCaseSolution) -> dict[str, Any]:
    nodes = np.unique(load.facets)
    moved = _at(load.point, assembly.bodies["L4"].nodes[nodes], solution.displacements["L4"][nodes]) - ground
    size = float(np.linalg.norm(load.force))
    along = float(moved @ load.force) / size
    stiffness = quantity(size / along if along > 0.0 else None, "N/mm")
    if np.any(load.moment != 0.0):
        stiffness["note"] = "apparent: the moment on L4 moves the load point too"
    return {
        "load_on_L4": quantity(size, "N"),
        "L4_displacement_along_load": quantity(along, "mm"),
        "construct_stiffness": stiffness,
    }


def _at(point: Floats, points: Floats, displacement: Floats) -> Floats:
    moved, rotation, centre = rigid_fit(points, displacement)
    return np.asarray(moved + np.cross(rotation, np.asarray(point) - centre))
