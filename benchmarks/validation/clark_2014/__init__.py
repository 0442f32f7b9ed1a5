"""Flexion and extension after total sacrectomy: rods alone, struts from L5 to the ilia, a cage under L5 (Clark 2014)."""

from __future__ import annotations

import numpy as np

from benchmarks.validation import constructs
from benchmarks.validation.bending import there_and_back
from benchmarks.validation.constructs import constructed

INPUTS = constructs.INPUTS
STATES = {"intact": "all_intact", "rods": "rods", "struts": "flaps", "cage": "prosthesis"}
#: Theirs is not told [N mm].
MOMENT = 7000.0 * np.array([1.0, 0.0, 0.0])


def measure(bench, inputs):
    """Flexion-extension beside the intact spine's, the level L3-L4 that is missing here counted as L4-L5 once more."""
    ranges = {}
    for state, construct in STATES.items():
        model = constructed(bench, construct)
        if model is not None:
            turned = there_and_back(bench, model, inputs, {"flexion": MOMENT})["flexion"]
            ranges[state] = turned["L4_L5"] + turned["L4_sacrum" if state == "intact" else "L4_acetabula"]
    found = {f"range_{state}": degrees for state, degrees in ranges.items()}
    for state in ("rods", "struts", "cage"):
        if {state, "intact"} <= set(ranges):
            found[f"flexion_{state}"] = ranges[state] / ranges["intact"]
        if state != "rods" and {state, "rods"} <= set(ranges):
            found[f"{state}_of_rods"] = ranges[state] / ranges["rods"]
    return found
