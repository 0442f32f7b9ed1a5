"""Where the spine stands on the pelvis, in the surgeon's terms: before the operation, after it, and under load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from femsacrum.anatomy.measures import spinopelvic
from femsacrum.anatomy.model import Floats
from femsacrum.findings.deformation import hip_axis_motion, lower_endplate_motion, rigid_fit
from femsacrum.findings.quantities import quantity
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly

#: Name in the findings -> unit.
UNITS = {
    "pelvic_incidence": "deg",
    "sacral_slope": "deg",
    "pelvic_tilt": "deg",
    "L5_before_hip_axis": "mm",
    "L5_above_hip_axis": "mm",
}


def alignment(assembly: Assembly, solutions: Mapping[str, LoadCaseSolution]) -> dict[str, Any]:
    """Pelvic incidence, sacral slope, pelvic tilt and place of L5.

    Before the operation the angles are those of the S1 endplate. Where the operation takes that away, what L5 rests on
    afterwards stands for it: the flat cut of its lower endplate, and the seat of an implant on it. L5's place is that
    of the middle of its lower endplate. Under load, the seat moves and turns with the bone it belongs to, and all is
    told relative to the hip axis.

    Args:
        assembly: Meshed bodies; their construct knows the planes of the cuts.
        solutions: Load case -> what was solved.

    Returns:
        Quantity -> "before", "after", and each load case -> value; empty where the anatomy lacks a landmark.
    """
    anatomy = assembly.construct.anatomy
    marks = anatomy.landmarks
    needed = ("left_hip_centre", "right_hip_centre", "S1_endplate", "L5_lower")
    if any(name not in marks for name in needed) or "S1_endplate" not in anatomy.directions:
        return {}
    endplate = 0.5 * (marks["endplate_S1_ant"] + marks["endplate_S1_post"])
    told = {"before": _row(marks, endplate, anatomy.directions["S1_endplate"], marks["L5_lower"])}
    seat, centre, normal = "sacrum", endplate, anatomy.directions["S1_endplate"]
    if "sacrum" not in assembly.bodies:
        cut = assembly.construct.planes.get("L5")
        seat, centre = "L5", marks["L5_lower"]
        normal = -anatomy.directions["L5_lower"] if cut is None else -cut.normal
    told["after"] = _row(marks, centre, normal, marks["L5_lower"])
    for name, solution in solutions.items():
        if seat not in solution.displacements or "L5" not in solution.displacements:
            continue
        ground = hip_axis_motion(assembly, solution)
        moved, turn, middle = rigid_fit(assembly.bodies[seat].nodes, solution.displacements[seat])
        there = centre + moved + np.cross(turn, centre - middle) - ground
        carried = marks["L5_lower"] - ground
        carried = carried + lower_endplate_motion(assembly, assembly.bodies["L5"], solution.displacements["L5"])
        told[name] = _row(marks, there, normal + np.cross(turn, normal), carried)
    return {key: {when: quantity(row[key], unit) for when, row in told.items()} for key, unit in UNITS.items()}


def _row(marks: Mapping[str, Floats], centre: Floats, normal: Floats, lumbar: Floats) -> dict[str, float]:
    found = spinopelvic(marks, centre, normal, np.array([0.0, 0.0, 1.0]))
    arm = lumbar - 0.5 * (marks["left_hip_centre"] + marks["right_hip_centre"])
    return {
        "pelvic_incidence": found[0],
        "sacral_slope": found[1],
        "pelvic_tilt": found[2],
        "L5_before_hip_axis": float(-arm[1]),
        "L5_above_hip_axis": float(arm[2]),
    }
