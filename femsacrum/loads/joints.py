"""What holds the pelvis to the ground, and the reactions a rigid pelvis would have there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
#: Ends the name of a row that only says where the pelvis is.
AT_REST = ", at rest"


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
    held = _six_rows(assembly, first)
    reactions = rigid_reactions(held, applied)
    spring = constant("loads", "support_spring").value
    loaded = {name: force for name, force in reactions.items() if np.linalg.norm(force) > UNLOADED}
    return tuple(_row(assembly, name, *held[name], spring, loaded.get(name)) for name in held), reactions


def hip_springs(
    assembly: Assembly, pushes: Mapping[str, Floats] | None = None, stiffness: float | None = None
) -> tuple[Support, ...]:
    """Each hip on three equal springs through its centre, and the symphysis held along its path about the hip axis.

    Cartilage and femora give way, also sideways: unlike ball joints, both hips resist being pushed apart, which statics
    does not settle (seven rows, one too many). All other reactions are those of ``isostatic``, whatever the stiffness.
    Two ball joints leave the pelvis free to turn about the line that joins them; the row of the symphysis holds that
    turn. It carries nothing in a posture that balances, and so stands for nobody's muscle.

    Args:
        assembly: Meshed bodies.
        pushes: Side -> force of the femur on the pelvis, shape (3,): only the part of the cup it presses on is held.
            None, or no such side: the whole cup, which also suits a movement whose forces change direction.
        stiffness: Of each spring [N/mm]; None: the table's, which says its range.
    """
    spring = constant("loads", "hip_spring").value if stiffness is None else stiffness
    held = _six_rows(assembly, "left")
    supports = []
    for name, (point, directions) in held.items():
        if name == "symphysis":
            supports.append(_row(assembly, name, point, directions, constant("loads", "support_spring").value))
        else:
            push = (pushes or {}).get(name.split()[0])
            supports.append(_row(assembly, name, point, np.eye(3), spring, push))
    return tuple(supports)


def free(assembly: Assembly, first: str = "left") -> tuple[Support, ...]:
    """Nothing holds the pelvis: six rows that only say where it is, for loads that balance among themselves.

    The hips' forces are then loads (``hip_loads``) and inertia, or whatever closes the balance, is among them. Six rows
    are statically determinate, so their reactions vanish with the resultant, and no strain comes from them whichever
    they are; each is spread over a cup or the symphysis. They are those of ``isostatic``, so that displacements are told
    relative to the same hip axis and symphysis.

    Args:
        assembly: Meshed bodies.
        first: Side whose hip is the origin.
    """
    spring = constant("loads", "support_spring").value
    rows = (_row(assembly, name, *held, spring) for name, held in _six_rows(assembly, first).items())
    return tuple(replace(each, name=f"{each.name}{AT_REST}") for each in rows)


def hip_loads(assembly: Assembly, pushes: Mapping[str, Floats], source: str) -> tuple[Applied, ...]:
    """Forces of the femora on the pelvis as loads, each through its hip centre and on the cup it presses on.

    Args:
        assembly: Meshed bodies.
        pushes: Side -> force, shape (3,) [N].
        source: Where the forces come from, with confidence.
    """
    return tuple(femur_load(assembly, side, push, np.zeros(3), source) for side, push in pushes.items() if push.any())


def femur_load(assembly: Assembly, side: str, push: Floats, moment: Floats, source: str) -> Applied:
    """A femur on the part of the cup that it presses on; on all of it where it hardly presses, or turns it.

    Args:
        assembly: Meshed bodies.
        side: "left" or "right".
        push: Force on the pelvis, shape (3,) [N].
        moment: About the hip centre, shape (3,) [N mm].
        source: Where they come from, with confidence.
    """
    whole = bool(moment.any()) or np.linalg.norm(push) < UNLOADED
    try:
        patch = acetabulum(assembly, side, None if whole else push)
    except NumericalError:
        patch = acetabulum(assembly, side)
    centre = landmark(assembly, f"{side}_hip_centre")
    return Applied(f"femur on {side} hip", patch.body, patch.facets, push, moment, centre, source)


def clamped(assembly: Assembly) -> tuple[Support, ...]:
    """Both acetabula embedded, as in an experiment: statically indeterminate."""
    foundation = constant("loads", "foundation").value
    patches = {side: acetabulum(assembly, side) for side in ("left", "right")}
    return tuple(
        Support(f"{side} hip", patch.body, patch.facets, "fixed", np.eye(3), foundation)
        for side, patch in patches.items()
    )


def guide(assembly: Assembly, body: str = "L4", *, turns: bool = False) -> Support:
    """A testing machine's crosshead: an upper endplate may only move along z.

    Args:
        assembly: Meshed bodies.
        body: Whose endplate, see ``patches.ENDPLATES``.
        turns: It hangs in a ball joint, and may turn.
    """
    patch, sideways = upper_endplate(assembly, body), np.eye(3)[:2]
    spring = constant("loads", "support_spring").value
    turned = None if turns else np.eye(3)
    return Support("machine", patch.body, patch.facets, "mean", sideways, spring, patch.centroid, turned)


def l4_support(assembly: Assembly, how: str) -> tuple[Support, ...]:
    """What the trunk lets L4 do, beside handing it a force: this governs how far L5 drops and tilts.

    "free": nothing is held; force and moment of the trunk are loads, and statics alone gives every force that passes the
    cut. "guided": the trunk's mean section may only move up and down (``guide``), as if its muscles kept it upright
    at any cost. "held": nor that.

    A trunk that holds makes the structure statically indeterminate: force and moment at L4 are then results, which
    depend on every stiffness, on the supports of the hips and, in a course over months, on what has healed; a moment
    that closes the balance goes into the guide and not through the pelvis. Free and guided are the two ends between
    which a living trunk lies. Held, L4 takes the trunk's own force before it reaches the pelvis: it suits hips that are
    loads (``hip_loads``), where it takes the place of the six rows of ``free``, statically determinate again, and its
    reaction is what the trunk has to give.

    Args:
        assembly: Meshed bodies.
        how: "free", "guided" or "held".
    """
    if how == "free":
        return ()
    machine = guide(assembly)
    return (machine,) if how == "guided" else (replace(machine, name="trunk holds L4", directions=np.eye(3)),)


def _six_rows(assembly: Assembly, first: str) -> dict[str, tuple[Floats, Floats]]:
    """Support name -> (point, directions held): a hip wholly, the other across the hip axis, the symphysis about it."""
    other = "right" if first == "left" else "left"
    hips = {side: landmark(assembly, f"{side}_hip_centre") for side in ("left", "right")}
    axis = unit(hips["left"] - hips["right"])
    pubis = whole_surface(assembly, "symphysis").centroid
    up = unit(np.array([0.0, 0.0, 1.0]) - axis[2] * axis)
    across = np.array([np.cross(up, axis), up])
    path = unit(np.cross(axis, pubis - 0.5 * (hips["left"] + hips["right"])))
    held = {f"{first} hip": (hips[first], np.eye(3)), f"{other} hip": (hips[other], across)}
    return held | {"symphysis": (pubis, path[None, :])}


def _row(
    assembly: Assembly, name: str, point: Floats, directions: Floats, spring: float, push: Floats | None = None
) -> Support:
    """A mean support of a hip's cup, or of the part of it that ``push`` presses on, or of the symphysis."""
    on_pubis = name == "symphysis"
    patch = whole_surface(assembly, name) if on_pubis else acetabulum(assembly, name.split()[0], push)
    return Support(name, patch.body, patch.facets, "mean", directions, spring, point)


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
