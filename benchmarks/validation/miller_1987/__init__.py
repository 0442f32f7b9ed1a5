"""Miller 1987: one sacroiliac joint under forces and moments on the sacrum, its ilium fixed."""

from __future__ import annotations

import numpy as np

from benchmarks.validation import sacrectomy
from benchmarks.validation.part import dissected
from femsacrum.findings.bench import motion, whole
from femsacrum.loads.bench import bench_load

INPUTS = (
    "bone_modulus",
    "cortex_modulus",
    "cortex_thickness",
    "joint_cartilage_modulus",
    "ligament_stiffness",
    "ligament_offset",
)
BODIES = ("sacrum", "left_ilium", "left_sij")
#: On the sacrum [N], [N mm].
FORCE, MOMENT = 294.0, 42e3
SOURCE = "Miller 1987: 294 N, 42 N m"
#: What is compared: the specimen's left joint, sacrum pulled off it, pushed forwards, bent to the right, turned clockwise.
COMPARED = ("medial", "anterior", "right_bend", "clockwise")


def axes(anatomy):
    """Unit vectors to the left, to the back along the S1 endplate, and up, square to it; rows of shape (3, 3)."""
    up = np.asarray(anatomy.directions["S1_endplate"], dtype=float)
    up = up / np.linalg.norm(up)
    left = np.array([1.0, 0.0, 0.0]) - up[0] * up
    left = left / np.linalg.norm(left)
    return np.array([left, np.cross(up, left), up])


def centre_of(anatomy):
    """Centre of the sacrum: half way between the middles of its two joints [mm]; what theirs was is not known."""
    return np.mean([anatomy.parts[f"{side}_sij"].points.mean(axis=0) for side in ("left", "right")], axis=0)


def loads(anatomy):
    """Direction -> (axis, whether it is a force): forces and moments along and about the axes, for the left joint."""
    left, back, up = axes(anatomy)
    return {
        "medial": (-left, True),
        "anterior": (-back, True),
        "right_bend": (-back, False),
        "clockwise": (-up, False),
        "lateral": (left, True),
        "posterior": (back, True),
        "superior": (up, True),
        "inferior": (-up, True),
        "flexion": (left, False),
        "extension": (-left, False),
        "left_bend": (back, False),
        "counterclockwise": (up, False),
    }


def measure(bench, inputs):
    """Motion of the sacrum's centre along each force [mm], about each moment [deg]; all twelve where nothing is varied."""
    model = dissected(bench.model("pelvic_intact", sacrectomy.INTACT), BODIES)
    assembly = model.assembly
    anatomy = assembly.construct.anatomy
    centre, wanted = centre_of(anatomy), loads(anatomy)
    chosen = {name: wanted[name] for name in (COMPARED if inputs else wanted)}
    cases = [_load(assembly, name, axis, pushed, centre) for name, (axis, pushed) in chosen.items()]
    found = {}
    solutions = bench.solve(model, inputs, cases)
    for (name, (axis, pushed)), solution in zip(chosen.items(), solutions, strict=True):
        moved = motion(assembly, solution, whole(assembly, "sacrum"), (), centre)
        found[name] = float(moved.shift @ axis) if pushed else float(np.degrees(moved.turn @ axis))
    return found


def _load(assembly, name, axis, pushed, centre):
    given = {"force": FORCE * axis} if pushed else {"moment": MOMENT * axis}
    return bench_load(assembly, name, "sacrum", **given, held="left_ilium", point=centre, source=SOURCE)
