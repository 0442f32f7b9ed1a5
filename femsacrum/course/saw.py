"""A cutting guide under the saw: how far its transverse slot moves when a hand presses and a blade leans on it.

The sacrum before its transverse cut carries the base block with the transverse guide as one printed body. Each foot is a
spring between the bone and its tip that pushes and never pulls, without friction: what friction would hold is left out, so
that motion is rather told too large. Wires are steel, bonded to bone with the give that screws have there, stiff across the
sleeves they slide in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from femsacrum.anatomy.model import Anatomy, Floats, Ints
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.materials.elastic import BodyMaterial, Cortex
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bonded, Interface, LoadCaseSolution, Spring, Thread
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.one_body import surface_body
from femsacrum.meshing.solids import solid_body
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Contact, Screw, Solid
from femsacrum.surgery.guides.block import as_sawn, wire_brep
from femsacrum.surgery.guides.model import Guide, Slot, Wire

#: Sizes of elements [mm].
BONE, PRINT, WIRE = 7.0, 6.0, 4.0
#: Bone round a contact that a foot's force is spread over, and foot round its tip: radii [mm].
UNDER, TIP = 5.0, 3.0
#: Bone this near to a sacroiliac joint is held [mm].
AT_JOINT = 3.0
#: A foot that bears less than this has lifted [N].
LIFTED = 0.01
#: Length of a wire behind the bone at least, and behind its sleeve; a sleeve lies this near to its axis [mm].
BEHIND, OUT, SLEEVE = 40.0, 2.0, 4.0
#: Shares of the largest side load under which the guide is solved: feet lift one after the other.
SHARES = np.linspace(-1.0, 1.0, 9)
#: A wire in its sleeve: bonded across it as to bone ten times over, all but free along it [MPa/mm], [N/mm2].
ACROSS, ALONG = 40.0, 0.5


@dataclass(frozen=True)
class Swayed:
    """What one load does.

    Attributes:
        shift: Of the slot's middle along the normal of its plane [mm].
        deepest: Largest motion along that normal at the slot's corners [mm].
        turn: Of the slot's plane out of its direction [deg].
        feet: Force of each foot on the bone, shape (n,) [N]; 0: it has lifted.
        wires: Name -> force across the wire where it enters bone [N].
        motion: Rigid motion nearest to that of the slot's walls, about the slot's middle: shift [mm] and small turn [rad],
            LPS axes, shape (6,).
        imbalance: Left over by the solve, over the largest force.
    """

    shift: float
    deepest: float
    turn: float
    feet: Floats
    wires: dict[str, float]
    motion: Floats
    imbalance: float


@dataclass(frozen=True)
class UnderSaw:
    """What hand and blade do to a guide.

    Attributes:
        push: The hand alone.
        loads: With which the blade leans on its slot, along the normal of the cut (to the foot), ascending, shape (k,) [N].
        leaned: What hand, thrust and each of these do.
        middle: Of the slot, shape (3,) [mm].
    """

    push: Swayed
    loads: Floats
    leaned: tuple[Swayed, ...]
    middle: Floats


@dataclass(frozen=True)
class Sawn:
    """Everything a guide under the saw is solved with.

    Attributes:
        bodies: "sacrum", "guide" and the wires.
        materials: Of each.
        interfaces: Wires in bone and in their sleeves.
        springs: The feet.
        support: What holds the sacrum.
        slot: The transverse one.
        guide: As planned.
    """

    bodies: dict[str, BodyMesh]
    materials: dict[str, BodyMaterial]
    interfaces: tuple[Interface, ...]
    springs: tuple[Spring, ...]
    support: Support
    slot: Slot
    guide: Guide


def under_saw(anatomy: Anatomy, guide: Guide) -> UnderSaw:
    """Motion of the transverse slot under the hand alone, and with the blade leaning on either wall of it, more and more.

    Args:
        anatomy: Bones before surgery.
        guide: On them.

    Raises:
        NumericalError: A body cannot be meshed, or nothing holds it.
    """
    model = sawn(anatomy, guide)
    loads = constant("guides", "side_load").value * SHARES
    leaned = tuple(swayed(model, _solved(model, f"blade leaning with {load:g} N", float(load))) for load in loads)
    return UnderSaw(swayed(model, _solved(model, "push", None)), loads, leaned, model.slot.corners.mean(axis=0))


def sawn(anatomy: Anatomy, guide: Guide) -> Sawn:
    """Mesh and join everything.

    Args:
        anatomy: Bones before surgery.
        guide: On them.
    """
    bone = surface_body("sacrum", "bone", anatomy.parts["sacrum"], BONE, 1)[0]
    print_ = solid_body("guide", Solid(as_sawn(guide), "implant"), PRINT, 2)[0]
    bodies = {"sacrum": bone, "guide": print_}
    materials = {
        "sacrum": _bone(bone, anatomy.cortical_thickness),
        "guide": _plain(print_, "guides", "polyamide_modulus", "polyamide_ratio"),
    }
    interfaces = []
    for wire in guide.wires:
        end = wire.entry - _behind(wire, print_) * wire.direction
        body = solid_body(wire.name, Solid(wire_brep(wire, end), "fixation"), WIRE, 2)[0]
        bodies[wire.name] = body
        metal = ("stainless_steel.youngs_modulus", "stainless_steel.poisson_ratio")
        materials[wire.name] = _plain(body, "materials", *metal)
        interfaces += _joined(wire, end)
    springs = _feet(bodies, guide)
    slot = next(one for one in guide.slots if one.name == "transverse")
    return Sawn(bodies, materials, tuple(interfaces), springs, _held(anatomy, bone), slot, guide)


def swayed(model: Sawn, solution: LoadCaseSolution) -> Swayed:
    """What a solution says of the slot, feet and wires."""
    facets = _walls(model)
    body, normal = model.bodies["guide"], model.slot.plane.normal
    nodes = np.unique(facets)
    moved = solution.displacements["guide"][nodes]
    middle = model.slot.corners.mean(axis=0)
    # the rigid motion nearest to that of the slot's walls
    arms = body.nodes[nodes] - middle
    rows = np.concatenate([np.tile(np.eye(3), (len(nodes), 1)), -_crossed(arms).reshape(-1, 3)], axis=1)
    motion = np.linalg.lstsq(rows, moved.ravel(), rcond=None)[0]
    at_corners = motion[:3] + np.cross(motion[3:], model.slot.corners - middle)
    off = motion[3:] - (motion[3:] @ normal) * normal
    feet = np.array([abs(solution.springs[spring.name].tension) for spring in model.springs])
    wires = {}
    for wire in model.guide.wires:
        state = solution.interfaces[f"{wire.name}/sacrum"]
        force = (state.area[:, None] * (state.pressure[:, None] * -state.normals + state.shear)).sum(axis=0)
        wires[wire.name] = float(np.linalg.norm(force - (force @ wire.direction) * wire.direction))
    return Swayed(
        float(motion[:3] @ normal),
        float(np.abs(at_corners @ normal).max()),
        float(np.degrees(np.linalg.norm(off))),
        feet,
        wires,
        motion,
        solution.force_imbalance,
    )


def _solved(model: Sawn, name: str, side: float | None) -> LoadCaseSolution:
    """The hand presses on the block where its contacts are, the blade thrusts and leans on the slot; None: no blade."""
    guide, slot = model.guide, model.slot
    body = model.bodies["guide"]
    push, thrust = (constant("guides", key) for key in ("push", "thrust"))
    facing = body.facets[:, :3]
    corners = body.nodes[facing]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    outside = facing[normals @ guide.seat.away > 0.95]
    middle = guide.seat.points.mean(axis=0)
    applied = [
        Applied("hand", "guide", outside, -push.value * guide.seat.away, np.zeros(3), middle, push.cited()),
    ]
    if side is not None:
        out = slot.corners[3] - slot.corners[0]
        out = out / np.linalg.norm(out)
        force = side * slot.plane.normal - thrust.value * out
        cited = constant("guides", "side_load").cited()
        at = slot.corners.mean(axis=0)
        applied.append(Applied("blade", "guide", _walls(model), force, np.zeros(3), at, cited))
    load_case = LoadCase(name, tuple(applied), (model.support,), {}, 0.0)
    solver = Solver(method="condensed")
    return solve(model.bodies, model.materials, model.interfaces, load_case, solver, springs=model.springs)


def _walls(model: Sawn) -> Ints:
    """Facets of the slot's two walls, shape (k, 3)."""
    slot, body = model.slot, model.bodies["guide"]
    facets = body.facets[:, :3]
    across, out = slot.corners[1] - slot.corners[0], slot.corners[3] - slot.corners[0]
    shifted = body.nodes[facets] - slot.corners[0]
    x, z = shifted @ across / (across @ across), shifted @ out / (out @ out)
    off = np.abs(np.abs(shifted @ slot.plane.normal) - 0.5 * slot.width)
    near = (off < 0.1) & (x > -0.02) & (x < 1.02) & (z > -0.5) & (z < 1.05)
    return np.asarray(facets[near.all(axis=1)])


def _feet(bodies: dict[str, BodyMesh], guide: Guide) -> tuple[Spring, ...]:
    """A spring under each foot that pushes and never pulls."""
    stiffness = constant("guides", "foot_stiffness").value
    springs = []
    for number, (point, normal) in enumerate(zip(guide.seat.points, guide.seat.normals, strict=True), 1):
        ends = (("sacrum", _near(bodies["sacrum"], point, UNDER)), ("guide", _near(bodies["guide"], point, TIP)))
        if any(len(facets) == 0 for _, facets in ends):
            continue  # a contact without a foot
        points = np.array([point - normal, point + normal])
        springs.append(Spring(f"foot_{number}", ends, points, stiffness, tension_only=False, compression_only=True))
    return tuple(springs)


def _near(body: BodyMesh, point: Floats, radius: float) -> Ints:
    facets = body.facets[:, :3]
    away = np.linalg.norm(body.nodes[facets].mean(axis=1) - point, axis=1)
    return np.asarray(facets[away < radius])


def _behind(wire: Wire, print_: BodyMesh) -> float:
    """Length of a wire behind the bone [mm]: through all of the print that stands round its axis."""
    off = wire.entry - print_.nodes
    along = off @ wire.direction
    beside = np.linalg.norm(off - along[:, None] * wire.direction, axis=1)
    return max(BEHIND, float(along[beside < SLEEVE].max(initial=0.0)) + OUT)


def _joined(wire: Wire, end: Floats) -> list[Interface]:
    """A wire in bone and in its sleeve."""
    held = float(np.linalg.norm(wire.tip - wire.entry))
    screw = Screw(wire.name, wire.name, end, end, wire.tip, wire.diameter, ("sacrum", "guide"), None, held)
    bone = Bonded(constant("screws", "bond").value)
    sleeve = Thread(ACROSS, ALONG)
    return [
        Interface(
            Contact(f"{wire.name}/{host}", (wire.name, "surface"), (host, "surface"), "embedded", wire.name),
            law,
            screw,
        )
        for host, law in (("sacrum", bone), ("guide", sleeve))
    ]


def _held(anatomy: Anatomy, bone: BodyMesh) -> Support:
    """The sacrum at its sacroiliac joints."""
    joints = [anatomy.parts[name].points for name in ("left_sij", "right_sij") if name in anatomy.parts]
    facets = bone.facets[:, :3]
    middles = bone.nodes[facets].mean(axis=1)
    if joints:
        near = cKDTree(np.vstack(joints)).query(middles)[0] < AT_JOINT
    else:  # the ends to the left and right
        aside = np.abs(middles[:, 0] - middles[:, 0].mean())
        near = aside > 0.8 * aside.max()
    return Support("joints", "sacrum", facets[near], "fixed", np.eye(3), constant("loads", "foundation").value)


def _bone(bone: BodyMesh, thickness: float) -> BodyMaterial:
    """Cancellous bone with its cortex, as the tables have it."""
    core = _plain(bone, "materials", "pelvic_bone.youngs_modulus", "pelvic_bone.poisson_ratio")
    facets = bone.facets[:, :3]
    modulus, ratio = (
        constant("materials", f"pelvic_cortex.{key}").value for key in ("youngs_modulus", "poisson_ratio")
    )
    cortex = Cortex(facets, np.full(len(facets), thickness), modulus, ratio)
    return BodyMaterial(core.youngs_modulus, core.poisson_ratio, cortex, None, core.source)


def _plain(body: BodyMesh, table: str, modulus: str, ratio: str) -> BodyMaterial:
    known, contraction = constant(table, modulus), constant(table, ratio)
    number = len(body.cells)
    return BodyMaterial(np.full(number, known.value), np.full(number, contraction.value), None, None, known.cited())


def _crossed(arms: Floats) -> Floats:
    """Matrices a with a t = r x t for every arm r, shape (n, 3, 3)."""
    x, y, z = arms.T
    nought = np.zeros_like(x)
    return np.stack([nought, -z, y, z, nought, -x, -y, x, nought], axis=1).reshape(-1, 3, 3)
