"""What holds the pelvis to the ground, and the reactions a rigid pelvis would have there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import Applied, Support
from femsacrum.loads.patches import acetabulum, landmark, unit, upper_endplate, whole_surface
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant

#: Length that makes moments comparable to forces when the six equations are solved [mm].
ARM = 100.0
#: A hip that carries less than this is held by its whole cup, not by the roof of it [N].
UNLOADED = 1.0


def wrench(applied: Sequence[Applied], about: Floats) -> tuple[Floats, Floats]:
    """Resultant force [N] and moment [N mm] about a point of several loads, shapes (3,) and (3,)."""
    force, moment = np.zeros(3), np.zeros(3)
    for load in applied:
        force += load.force
        moment += load.moment + np.cross(load.point - about, load.force)
    return force, moment


def isostatic(
    assembly: Assembly, first: str, applied: Sequence[Applied]
) -> tuple[tuple[Support, ...], dict[str, Floats]]:
    """Two ball joints and one point of the symphysis: six rows, so that no strain can come from the supports.

    The first hip is held in x, y and z, the other across the line that joins the hips, and the symphysis along its
    path about that line. Displacements are thus relative to the hip axis and the symphysis. A loaded hip is held by
    the part of its cup that the femur presses on; the reaction passes through the hip centre.

    Args:
        assembly: Meshed bodies.
        first: Side whose hip is held in three directions ("left" or "right"): the stance leg, where there is one.
        applied: Loads the supports have to carry.

    Returns:
        The supports and their reactions from rigid-body statics.
    """
    other = "right" if first == "left" else "left"
    hips = {side: landmark(assembly, f"{side}_hip_centre") for side in ("left", "right")}
    axis = unit(hips["left"] - hips["right"])
    pubis = whole_surface(assembly, "symphysis")
    up = unit(np.array([0.0, 0.0, 1.0]) - axis[2] * axis)
    across = np.array([np.cross(up, axis), up])
    path = unit(np.cross(axis, pubis.centroid - 0.5 * (hips["left"] + hips["right"])))
    held = {f"{first} hip": (hips[first], np.eye(3)), f"{other} hip": (hips[other], across)}
    held["symphysis"] = (pubis.centroid, path[None, :])
    reactions = rigid_reactions(held, applied)

    spring = constant("loads", "support_spring").value
    supports = []
    for side in (first, other):
        name = f"{side} hip"
        push = reactions[name] if np.linalg.norm(reactions[name]) > UNLOADED else None
        patch = acetabulum(assembly, side, push)
        supports.append(Support(name, patch.body, patch.facets, "mean", held[name][1], spring, hips[side]))
    supports.append(Support("symphysis", pubis.body, pubis.facets, "mean", path[None, :], spring, pubis.centroid))
    return tuple(supports), reactions


def clamped(assembly: Assembly) -> tuple[Support, ...]:
    """Both acetabula embedded, as in an experiment: statically indeterminate."""
    foundation = constant("loads", "foundation").value
    patches = {side: acetabulum(assembly, side) for side in ("left", "right")}
    return tuple(
        Support(f"{side} hip", patch.body, patch.facets, "fixed", np.eye(3), foundation)
        for side, patch in patches.items()
    )


def guide(assembly: Assembly) -> Support:
    """A testing machine's crosshead: L4's upper endplate may only move along z."""
    patch, sideways = upper_endplate(assembly), np.eye(3)[:2]
    spring = constant("loads", "support_spring").value
    return Support("machine", patch.body, patch.facets, "mean", sideways, spring, patch.centroid, np.eye(3))


def rigid_reactions(held: dict[str, tuple[Floats, Floats]], applied: Sequence[Applied]) -> dict[str, Floats]:
    """Forces of six isostatic rows on a rigid body in equilibrium.

    Args:
        held: Support name -> (point [mm], directions held, shape (d, 3)); six directions in all.
        applied: Loads.

    Returns:
        Support name -> force of the ground on the body, shape (3,) [N].

    Raises:
        NumericalError: The six rows leave the body a motion.
    """
    rows = [(name, point, direction) for name, (point, directions) in held.items() for direction in directions]
    about = rows[0][1]
    force, moment = wrench(applied, about)
    matrix = np.array([np.concatenate([d, np.cross(p - about, d) / ARM]) for _, p, d in rows]).T
    if matrix.shape != (6, 6) or np.linalg.cond(matrix) > 1e6:
        raise NumericalError(f"supports {', '.join(held)} do not hold the pelvis: {matrix.shape[1]} rows")
    size = np.linalg.solve(matrix, -np.concatenate([force, moment / ARM]))
    reactions = {name: np.zeros(3) for name in held}
    for value, (name, _, direction) in zip(size, rows, strict=True):
        reactions[name] += value * direction
    return reactions
