"""Lumbo-iliac fixation after sacrectomies of growing extent, on L2-pelvis specimens (Yu 2010)."""

from __future__ import annotations

from benchmarks.validation.constructs import BEHIND, SCREWED, lumbo_iliac, rods_only
from benchmarks.validation.upper_levels import PER_DEGREE, above, compression, torsion

INPUTS = (
    "bone_modulus",
    "cortex_modulus",
    "cortex_thickness",
    "disc_modulus",
    "joint_cartilage_modulus",
    "symphysis_modulus",
    "ligament_stiffness",
    "ligament_offset",
    "screw_bond",
)

#: Of their laboratory's iliac screws: 70 mm by 7.5 mm; one rod a side, diameter not told.
SINGLE = lumbo_iliac(iliac_screws_per_side=1)
DUAL = lumbo_iliac(iliac_screws_per_side=2)

STATES = {
    "intact": SCREWED,
    "below_S1": {
        "plan": "partial_sacrectomy", "resection": {"sacrum": {"level": "below S1"}}, "fixation": SINGLE
    },
    "half_S1": {
        "plan": "partial_sacrectomy", "resection": {"sacrum": {"level": "through S1"}}, "fixation": SINGLE
    },
    "one_joint": {
        "plan": "hemisacrectomy",
        "resection": {"side": "left", "sacrum": {"landmark": "left_foramen_S1", "facing": "left"}},
        "fixation": SINGLE,
    },
    "total_single": rods_only(BEHIND, SINGLE),
    "total_dual": rods_only(BEHIND, DUAL),
}  # fmt: skip

LIGAMENTS = "pelvic"
#: How the machine holds L2: it is not known, so both are foretold.
HEADS = ("guided", "ball")
#: Compression [N] and torsion [N mm], as theirs.
FORCE, MOMENT = 800.0, 7000.0


def measure(bench, inputs):
    """Stiffness of every state, and its percentage of the screwed intact one: compression with L2 guided and on a ball.

    What lies above L4 in the specimens is added in series, the same in all states of one anatomy.
    """
    models = {
        state: bench.model(f"yu_2010_{state}", {"surgery": surgery, "ligament_set": LIGAMENTS})
        for state, surgery in STATES.items()
    }
    models = {state: model for state, model in models.items() if model is not None}
    if "intact" not in models:
        return {}
    found = {}
    for head in HEADS:
        told = {state: compression(bench, model, inputs, FORCE, head) for state, model in models.items()}
        found |= _of_intact(told, inputs, "axial", "compression", f"_{head}", 1.0)
    told = {state: torsion(bench, model, inputs, MOMENT) for state, model in models.items()}
    return found | _of_intact(told, inputs, "torsion", "torsion", "", 1.0 / PER_DEGREE)


def _of_intact(told, inputs, kind, word, ending, unit):
    """Stiffness of the intact state, percentages of the others, and what each has without the levels above."""
    series = above(told["intact"].level, inputs, kind)
    stiffness = {state: 1.0 / (1.0 / one.stiffness + series) for state, one in told.items()}
    found = {f"{word}_alone_{state}{ending}": unit * one.stiffness for state, one in told.items()}
    found |= {f"{word}_{state}{ending}": 100.0 * one / stiffness["intact"] for state, one in stiffness.items()}
    return found | {f"{word}_intact{ending}": unit * stiffness["intact"]}
