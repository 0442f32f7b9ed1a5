"""Ranges of motion under a pure moment on L4, there and back."""

from __future__ import annotations

import numpy as np

from femsacrum.findings.bench import cups, motion, plate, whole
from femsacrum.loads.bench import bench_load
from femsacrum.loads.patches import landmark


def there_and_back(bench, model, inputs, moments):
    """How far bones turn beside each other about the axis of each moment, from one end of it to the other [deg].

    L4's endplate is potted and free, the acetabula are embedded. Where nothing but bonds joins the bodies the model is
    linear, and the way back is the way there.

    Args:
        bench: Of one anatomy.
        model: Of one state.
        inputs: Of one sample.
        moments: Name -> shape (3,) [N mm], applied with both signs.

    Returns:
        By name of the moment: "L4_L5", "L5_left_ilium", "L5_right_ilium", "L4_acetabula" and, where it is there,
        "L4_sacrum".
    """
    assembly = model.assembly
    top = landmark(assembly, "L4_upper")
    beside = {
        "L4_L5": ("L4", [plate(assembly, "L5")]),
        "L4_acetabula": ("L4", cups(assembly)),
        **{f"L5_{side}_ilium": ("L5", [cup]) for side, cup in zip(("left", "right"), cups(assembly), strict=True)},
    }
    if "sacrum" in assembly.bodies:
        beside["L4_sacrum"] = ("L4", [whole(assembly, "sacrum")])
    signs = (1.0, -1.0) if model.springs else (1.0,)
    ways = [(name, sign * moment) for name, moment in moments.items() for sign in signs]
    cases = [bench_load(assembly, name, "L4", moment=moment, source="benchmark") for name, moment in ways]
    total = {name: dict.fromkeys(beside, 0.0) for name in moments}
    for (name, moment), solution in zip(ways, bench.solve(model, inputs, cases), strict=True):
        axis = moment / np.linalg.norm(moment)
        for place, (body, ground) in beside.items():
            turn = motion(assembly, solution, plate(assembly, body), ground, top).turn
            total[name][place] += float(np.degrees(turn @ axis)) * 2.0 / len(signs)
    return total
