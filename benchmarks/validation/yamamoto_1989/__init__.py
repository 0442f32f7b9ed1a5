"""Turn of L4 on L5 and of L5 on the sacrum under pure moments (Yamamoto 1989)."""

from __future__ import annotations

import numpy as np

from femsacrum.findings.bench import motion, whole
from femsacrum.loads.bench import bench_load
from femsacrum.loads.patches import landmark

INPUTS = ("bone_modulus", "disc_modulus", "ligament_stiffness", "ligament_offset")
#: The largest of theirs [N mm].
MOMENT = 10e3
#: Iliolumbar ligaments end at the ilium, which six of ten specimens had no more.
INTACT = {"surgery": {"plan": "intact"}, "ligament_set": "lumbar"}
SOURCE = "Yamamoto 1989: pure moments to 10 N m"
#: Movement -> axis of the moment on L4 (LPS, right-handed); bending and turning are told of one side, here the left.
MOVEMENTS = {
    "flexion": (1.0, 0.0, 0.0),
    "extension": (-1.0, 0.0, 0.0),
    "lateral_bending": (0.0, 1.0, 0.0),
    "torsion": (0.0, 0.0, 1.0),
}


def measure(bench, inputs):
    """How far both levels turn about the moment's axis [deg]."""
    return turned(bench, bench.model("lumbar_intact", INTACT), inputs, MOMENT)


def turned(bench, model, inputs, moment):
    """The same of a model, under a moment [N mm]."""
    assembly = model.assembly
    top = landmark(assembly, "L4_upper")
    levels = {"L4_L5": ("L4", "L5"), "L5_S1": ("L5", "sacrum")}
    axes = {name: np.array(axis) for name, axis in MOVEMENTS.items()}
    cases = [
        bench_load(assembly, name, "L4", moment=moment * axis, head="free", source=SOURCE)
        for name, axis in axes.items()
    ]
    found = {}
    for (name, axis), solution in zip(axes.items(), bench.solve(model, inputs, cases), strict=True):
        for level, (upper, lower) in levels.items():
            turn = motion(assembly, solution, whole(assembly, upper), [whole(assembly, lower)], top).turn
            found[f"{name}_{level}"] = float(np.degrees(turn @ axis))
    return found
