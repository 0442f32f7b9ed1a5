"""Rotation between bones under pure moments: intact, and three constructs after total sacrectomy (Macki 2017)."""

from __future__ import annotations

import numpy as np

from benchmarks.validation import constructs
from benchmarks.validation.bending import there_and_back
from benchmarks.validation.constructs import constructed

INPUTS = constructs.INPUTS

#: M1: rods to iliac screws; M2: a bar between the ilia as well; M3: instead of it further rods and screws.
STATES = {"intact": "all_intact", "M1": "rods_single_screw", "M2": "bar_single_screw", "M3": "four_rods"}
#: Theirs is not told; ratios between operated states, which are linear, do not depend on it [N mm].
MOMENT = 7000.0
AXES = {"flexion": np.array([1.0, 0.0, 0.0]), "torsion": np.array([0.0, 0.0, 1.0])}
#: Compared ratio -> states over each other.
RATIOS = {"M1_of_intact": ("M1", "intact"), "M2_of_M1": ("M2", "M1"), "M3_of_M1": ("M3", "M1")}


def measure(bench, inputs):
    """Range of motion at L4-L5 and from L5 to each ilium, and ratios between the states."""
    found = {}
    for state, construct in STATES.items():
        model = constructed(bench, construct)
        if model is None:
            continue
        moments = {word: MOMENT * axis for word, axis in AXES.items()}
        for word, ranges in there_and_back(bench, model, inputs, moments).items():
            found |= {f"{word}_{place}_{state}": degrees for place, degrees in ranges.items()}
    for word in AXES:
        for name, (upper, lower) in RATIOS.items():
            pair = [found.get(f"{word}_L4_L5_{state}") for state in (upper, lower)]
            if None not in pair:
                found[f"{word}_{name}"] = pair[0] / pair[1]
    return found
