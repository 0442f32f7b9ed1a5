"""Partial sacrectomies as laboratories tell them, hips on two balls, and the load at which strain says bone breaks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from femsacrum.case.schema import CutPlane
from femsacrum.findings.bench import motion, plate
from femsacrum.findings.first_damage import damage
from femsacrum.findings.overload import risk_of
from femsacrum.findings.quantities import limit
from femsacrum.loads.bench import bench_load
from femsacrum.loads.loadcase import Support
from femsacrum.loads.patches import acetabulum, landmark
from femsacrum.sources.tables import constant
from femsacrum.surgery.cuts.planes import cut_plane, middle_of, midsagittal

#: Inputs that act on a pelvis with its joints, see ``ranges.toml``.
INPUTS = (
    "bone_modulus",
    "cortex_modulus",
    "cortex_thickness",
    "disc_modulus",
    "joint_cartilage_modulus",
    "symphysis_modulus",
    "ligament_stiffness",
    "ligament_offset",
)
LIGAMENTS = "all"
INTACT = {"surgery": {"plan": "intact"}, "ligament_set": LIGAMENTS}
#: Force that is applied [N]; failure is scaled from it.
FORCE = 1000.0
#: Height of an anterior sacral foramen [mm] (Saluja 2018), and half the width of what Denis calls zone II here.
FORAMEN = 13.0


@dataclass(frozen=True)
class Failure:
    """Where and at which force bone breaks.

    Attributes:
        force: [N].
        onset: Force at which the first cell is overloaded [N].
        place: Middle of the overloaded piece, shape (3,) [mm].
        zone: Of Denis: 1 wing, 2 through the foramina, 3 the middle.
    """

    force: float
    onset: float
    place: np.ndarray
    zone: int


def sacrum_cut(anatomy, level, offset=0.0):
    """Sections of a case that take the sacrum below a level, moved caudally by an offset [mm]."""
    plane = cut_plane(anatomy, CutPlane(level=level), "level")
    return cut_at(plane.origin + offset * plane.normal, plane.normal)


def cut_at(point, normal):
    """Sections of a case that take the sacrum beyond a plane."""
    x, y, z = point
    table = {"point": f"({x:.3f}, {y:.3f}, {z:.3f}) mm", "normal": [round(float(n), 6) for n in normal]}
    return {"surgery": {"plan": "partial_sacrectomy", "resection": {"sacrum": table}}, "ligament_set": LIGAMENTS}


def offset_for(anatomy, share, level="below S1"):
    """How far from a level's plane a parallel one takes that share of both sacroiliac joints' surface [mm]."""
    plane = cut_plane(anatomy, CutPlane(level=level), "level")
    depth, area = [], []
    for side in ("left", "right"):
        joint = anatomy.parts[f"{side}_sij"]
        corners = joint.points[joint.triangles]
        depth.append((corners.mean(axis=1) - plane.origin) @ plane.normal)
        area.append(
            0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        )
    depth, area = np.concatenate(depth), np.concatenate(area)
    order = np.argsort(-depth)
    return float(np.interp(share, np.cumsum(area[order]) / area.sum(), depth[order]))


def joint_removed(assembly):
    """Share of the sacroiliac joints' surface that a plan took, mean of both sides [%]."""
    measures = assembly.construct.measures
    return float(np.mean([measures[f"sacroiliac_joint_removed_{side} [%]"] for side in ("left", "right")]))


def body_height(anatomy):
    """Of S1, from the middle of its endplate to its foramina [mm]."""
    return float(np.linalg.norm(middle_of(anatomy, 1, "level") - anatomy.landmarks["S1_endplate"]))


def pressed(assembly, body, *, balls, head="guided", source):
    """The machine pushes an endplate straight down; the pelvis sits on two balls or its acetabula are embedded."""
    case = bench_load(assembly, "compression", body, force=(0.0, 0.0, -FORCE), head=head, source=source)
    return on_balls(assembly, case) if balls else case


def on_balls(assembly, case):
    """The same load on a pelvis whose cups sit on two fixed balls that turn freely, in place of what is embedded.

    A ball presses on the roof of a cup, through its centre, and gives no moment.
    """
    spring = constant("loads", "support_spring").value
    held = [each for each in case.supports if each.kind != "fixed"]
    for side in ("left", "right"):
        roof = acetabulum(assembly, side, np.array([0.0, 0.0, 1.0]))
        centre = landmark(assembly, f"{side}_hip_centre")
        held.append(Support(f"{side} ball", roof.body, roof.facets, "mean", np.eye(3), spring, centre))
    return replace(case, supports=tuple(held))


def failure(model, solution, body="sacrum", volume=None):
    """The force at which a connected piece of overloaded bone has a volume, by scaling one solution.

    See ``femsacrum.findings.first_damage.damage``. Cells that a ligament is attached to are left out.

    Args:
        model: A ``femsacrum.pipeline.Model``.
        solution: Under ``FORCE``.
        body: A bone.
        volume: Of the piece [mm3]; None: what the findings take.
    """
    mesh = model.assembly.bodies[body]
    attached = [facets.ravel() for spring in model.springs for name, facets in spring.ends if name == body]
    risk = risk_of(mesh, solution.strained(body))
    volume = limit("damaged_piece") if volume is None else volume
    found = damage(mesh, risk, volume, np.concatenate([np.empty(0, int), *attached]))
    zone = denis_zone(model.assembly.construct.anatomy, found.centre)
    return Failure(FORCE * found.factor, FORCE * found.onset, found.centre, zone)


def denis_zone(anatomy, point):
    """Zone of the sacrum: 3 between the foramina, 2 as wide as a foramen on the line of their mouths, 1 beside them."""
    plane = midsagittal(anatomy)
    lateral = abs(float((np.asarray(point) - plane.origin) @ plane.normal))
    side = "left" if (point - plane.origin) @ plane.normal > 0.0 else "right"
    mouths = np.array([anatomy.landmarks[f"{side}_foramen_S{level}"] for level in (1, 2)])
    out = np.abs((mouths - plane.origin) @ plane.normal)
    share = (point[2] - mouths[0, 2]) / (mouths[1, 2] - mouths[0, 2])
    line = out[0] + np.clip(share, 0.0, 1.0) * (out[1] - out[0])
    return 3 if lateral < line - 0.5 * FORAMEN else 2 if lateral <= line + 0.5 * FORAMEN else 1


def measured(bench, inputs, prefix, states, *, balls, source):
    """Stiffness at L5's upper endplate [N/mm], force of failure and of its onset [N] and zone of Denis of every state.

    Args:
        bench: Of one anatomy.
        inputs: Of one sample.
        prefix: Of the names of what is meshed.
        states: Function of the anatomy: state -> sections of a case; "intact" first.
        balls: Whether the pelvis stands on two balls, see ``pressed``.
        source: Of the load.

    Returns:
        The values, and the share of the joints that each cut took; a state this anatomy cannot have is left out.
    """
    intact = bench.model("pelvic_intact", INTACT)
    found = {}
    for state, content in states(intact.assembly.construct.anatomy).items():
        model = intact if state == "intact" else bench.model(f"{prefix}_{state}", content)
        if model is None:
            continue
        assembly = model.assembly
        load = pressed(assembly, "L5", balls=balls, source=source)
        (solution,) = bench.solve(model, inputs, (load,))
        moved = motion(assembly, solution, plate(assembly, "L5"), (), load.applied[0].point)
        broken = failure(model, solution)
        found |= {
            f"stiffness_{state}": FORCE / -float(moved.shift[2]),
            f"failure_{state}": broken.force,
            f"onset_{state}": broken.onset,
            f"zone_{state}": float(broken.zone),
        }
        if state != "intact":
            found[f"joint_removed_{state}"] = joint_removed(assembly)
    return found
