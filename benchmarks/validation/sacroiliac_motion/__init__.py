"""Range of motion of the sacroiliac joints under pure moments: fifty cadavers by sex, and what reviews tell."""

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
    "symphysis_modulus",
    "ligament_stiffness",
    "ligament_offset",
)
BODIES = ("sacrum", "left_ilium", "right_ilium", "left_sij", "right_sij", "symphysis")
#: Of the test on fifty cadavers, and the usual one that reviews' values are laid beside [N mm].
MOMENT, USUAL = 12.5e3, 7.5e3
SOURCE = "12.5 N m either way, fifty lumbopelvic specimens, AANS 2023"
#: Movement -> the axes of the moments that make its range (LPS, right-handed). Bending and turning to one side make half
#: of it: what the left joint does then, the right one does on the way back.
MOVEMENTS = {
    "flexion_extension": ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)),
    "lateral_bending": ((0.0, 1.0, 0.0),),
    "axial_rotation": ((0.0, 0.0, 1.0),),
}
#: Whose sex is known.
SEX = {"reference_female": "women", "reference_male": "men", "bodyparts3d": "men"}


def measure(bench, inputs):
    """Range of rotation of the sacrum beside the ilia, mean of both joints [deg]."""
    model = dissected(bench.model("pelvic_intact", sacrectomy.INTACT), BODIES)
    assembly = model.assembly
    moments = [(name, np.array(axis)) for name, axes in MOVEMENTS.items() for axis in axes]
    cases = [
        bench_load(assembly, f"{name} {i}", "sacrum", moment=MOMENT * axis, held="ischia", source=SOURCE)
        for i, (name, axis) in enumerate(moments)
    ]
    found = dict.fromkeys(MOVEMENTS, 0.0)
    at = assembly.bodies["sacrum"].nodes.mean(axis=0)
    for (name, axis), solution in zip(moments, bench.solve(model, inputs, cases), strict=True):
        for side in ("left", "right"):
            turn = motion(assembly, solution, whole(assembly, "sacrum"), [whole(assembly, f"{side}_ilium")], at).turn
            found[name] += float(np.degrees(turn @ axis)) / len(MOVEMENTS[name])
    usual = {f"{name}_usual": USUAL / MOMENT * value for name, value in found.items()}
    if bench.anatomy in SEX:
        usual[f"flexion_extension_usual_{SEX[bench.anatomy]}"] = usual["flexion_extension_usual"]
        usual |= {f"{name}_{SEX[bench.anatomy]}": value for name, value in found.items()}
    return found | usual
