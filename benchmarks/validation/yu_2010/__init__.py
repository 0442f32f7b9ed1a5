"""Lumbo-iliac fixation after sacrectomies of growing extent, on L2-pelvis specimens (Yu 2010)."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.validation import sacrectomy
from benchmarks.validation.constructs import LIGAMENTS, SCREWED, lumbo_iliac
from benchmarks.validation.part import dissected
from benchmarks.validation.sacrectomy import offset_for, sacrum_cut
from benchmarks.validation.upper_levels import PER_DEGREE, above, told

#: The acetabula are held, so that the symphysis does nothing here.
INPUTS = (*(name for name in sacrectomy.INPUTS if name != "symphysis_modulus"), "screw_bond")

#: Share of the sacroiliac joints that cuts below and above the foramina of S1 took in cadavers (Hugate 2006). Planes at the
#: words "below S1" and "through S1" take far more of the reference's joints, which lie lower on the sacrum.
SHARES = {"below_S1": 0.16, "half_S1": 0.25}
#: What goes with the left sacroiliac joint, and with the whole sacrum.
JOINT, SACRUM = ("left_sij",), ("sacrum", "left_sij", "right_sij", "disc_L5S1")
#: State -> what is meshed for it, and which bodies are then taken: as on one specimen, in which screws once driven stay.
STATES = {
    "intact": ("intact", ()),
    "below_S1": ("below_S1", ()),
    "half_S1": ("half_S1", ()),
    "one_joint": ("half_S1", JOINT),
    "total_single": ("half_S1", SACRUM),
    "total_dual": ("half_S1_dual", SACRUM),
}

#: How the machine holds L2: it is not known, so both are foretold.
HEADS = ("guided", "ball")
#: Compression [N] and torsion [N mm], as theirs.
FORCE, MOMENT = 800.0, 7000.0


def states(bench):
    """State -> model, those that this anatomy can have."""
    intact = bench.model("yu_2010_intact", _case(SCREWED))
    if intact is None:
        return {}
    anatomy, models = intact.assembly.construct.anatomy, {"intact": intact}
    for name, (cut, screws) in {
        "below_S1": ("below_S1", 1),
        "half_S1": ("half_S1", 1),
        "half_S1_dual": ("half_S1", 2),
    }.items():
        resection = sacrum_cut(anatomy, "below S1", offset_for(anatomy, SHARES[cut]))["surgery"]["resection"]
        fixation = lumbo_iliac(iliac_screws_per_side=screws)
        plan = {"plan": "partial_sacrectomy", "resection": resection, "fixation": fixation}
        models[name] = bench.model(f"yu_2010_{name}", _case(plan))
    return {
        state: _without(models[meshed], taken)
        for state, (meshed, taken) in STATES.items()
        if models[meshed] is not None
    }


def _case(surgery):
    return {"surgery": surgery, "ligament_set": LIGAMENTS}


def measure(bench, inputs):
    """Stiffness of every state, and its percentage of the screwed intact one: compression with L2 guided and on a ball.

    What lies above L4 in the specimens is added in series, the same in all states of one anatomy.
    """
    models, found = states(bench), {}
    if "intact" not in models:
        return found
    heads = HEADS[:1] if inputs else HEADS  # a third fewer solves: the ball's band is of the anatomies
    solved = {state: told(bench, model, inputs, FORCE, MOMENT, heads) for state, model in models.items()}
    for head in heads:
        one = {state: each[head] for state, each in solved.items()}
        found |= of_intact(one, inputs, "axial", "compression", f"_{head}", 1.0)
    turned = {state: each["torsion"] for state, each in solved.items()}
    return found | of_intact(turned, inputs, "torsion", "torsion", "", 1.0 / PER_DEGREE)


def of_intact(solved, inputs, kind, word, ending, unit):
    """Stiffness of the intact state, percentages of the others, and what each has without the levels above.

    Args:
        solved: State -> ``upper_levels.Told``.
        inputs: Of one sample.
        kind: "axial" or "torsion", of the levels above.
        word: Begins every key.
        ending: Ends every key.
        unit: What a stiffness is multiplied by to be told.
    """
    series = above(solved["intact"].level, inputs, kind)
    stiffness = {state: 1.0 / (1.0 / one.stiffness + series) for state, one in solved.items()}
    found = {f"{word}_alone_{state}{ending}": unit * one.stiffness for state, one in solved.items()}
    found |= {f"{word}_{state}{ending}": 100.0 * one / stiffness["intact"] for state, one in stiffness.items()}
    return found | {f"{word}_intact{ending}": unit * stiffness["intact"]}


def _without(model, taken):
    """The specimen with bodies taken, and with them the ligaments that hold nothing any more.

    A joint is resected with the ligaments across it; the sacrum with all of them, the iliolumbar ones too, which are cut
    to free it.
    """
    if not taken:
        return model
    left = dissected(model, [name for name in model.assembly.bodies if name not in taken])
    cut = [{"L5", "left_ilium"}, {"L5", "right_ilium"}] if "sacrum" in taken else [{"sacrum", "left_ilium"}]
    springs = tuple(one for one in left.springs if {body for body, _ in one.ends} not in cut)
    return replace(left, springs=springs)
