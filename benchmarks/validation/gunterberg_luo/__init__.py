"""Gunterberg 1976 and Luo 2013: how much a pelvis weakens, and where stiffness falls, as more of the sacrum is taken."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchmarks.validation import sacrectomy as cut
from femsacrum.case.schema import CutPlane
from femsacrum.surgery.cuts.planes import cut_plane, middle_of

INPUTS = cut.INPUTS
SOURCE = "Luo 2013, 1000 N; Gunterberg 1976 to failure, scaled"


def states(anatomy):
    """State -> sections of a case. Quarters of S1 are counted from its foramina upwards.

    A plane 10 mm below the promontory and square to the sacrum takes 97 to 100 % of the joints in all six anatomies, which
    cannot have been Gunterberg's; it is horizontal here.
    """
    plane = cut_plane(anatomy, CutPlane(level="below S1"), "level")
    between = float((middle_of(anatomy, 1, "level") - plane.origin) @ plane.normal)
    high = cut.body_height(anatomy)
    offsets = {
        "below_S1": 0.0,
        "between_S1_S2": between,
        "quarter_S1": between - 0.25 * high,
        "half_S1": between - 0.5 * high,
    }
    found = {"intact": cut.INTACT}
    found |= {state: cut.sacrum_cut(anatomy, "below S1", offset) for state, offset in offsets.items()}
    down = np.array([0.0, 0.0, -1.0])
    return found | {"below_promontory": cut.cut_at(anatomy.landmarks["promontory"] + 10.0 * down, down)}


def measure(bench, inputs):
    """Stiffness [N/mm] and force of failure [N] of every state, weakening and losses of stiffness [% of intact]."""
    found = cut.measured(bench, inputs, "luo", states, balls=False, source=SOURCE)
    return found | derived(found)


def derived(found):
    """Weakening by each cut and the loss of stiffness from one cut to the next, as far as both states are there [%]."""
    made = {
        f"weakening_{state}": 100.0 * (1.0 - found[f"failure_{state}"] / found["failure_intact"])
        for state in ("between_S1_S2", "below_promontory")
        if f"failure_{state}" in found
    }
    steps = ("intact", "below_S1", "quarter_S1", "half_S1")
    for before, after in pairwise(steps):
        if f"stiffness_{before}" in found and f"stiffness_{after}" in found:
            lost = found[f"stiffness_{before}"] - found[f"stiffness_{after}"]
            made[f"loss_to_{after}"] = 100.0 * lost / found["stiffness_intact"]
    knee = [f"loss_to_{state}" for state in steps[2:]]
    if all(name in made for name in knee):
        made |= {f"{name}_rank": float(1 + sum(made[one] < made[name] for one in knee)) for name in knee}
    return made
