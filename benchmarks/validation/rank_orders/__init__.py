"""Order of constructs after total sacrectomy by L5's way down and by stress, beside other finite element studies."""

from __future__ import annotations

from scipy.stats import kendalltau

from benchmarks.validation.constructs import constructed
from femsacrum.findings.bench import cups, motion, whole
from femsacrum.findings.stress import implant, strain
from femsacrum.loads.bench import bench_load
from femsacrum.loads.patches import landmark

#: An order has no band: what is not known shows in the anatomies.
INPUTS = ()

#: Study -> what is ordered -> our states from the largest to the smallest there.
_ZHU = ("four_rods_linked", "bar_single_screw", "flaps", "flaps_bar_single_screw")
_MORALES = ("rods", "rods_linked", "prosthesis")
ORDERS = {
    "huang": {
        "L5": ("four_rods_linked", "prosthesis", "four_rods_flaps"),
        "stress": ("four_rods_linked", "four_rods_flaps", "prosthesis"),
    },
    "zhu": {"L5": _ZHU, "stress": _ZHU},
    "morales": {"L5": _MORALES, "stress": _MORALES},
}
STATES = sorted({state for orders in ORDERS.values() for order in orders.values() for state in order})
#: On L4's endplate, which is free to tilt; both acetabula are embedded (Huang 2020) [N].
FORCE = (0.0, 0.0, -600.0)


def measure(bench, inputs):
    """Kendall's tau beside each study whose constructs this anatomy can all have, and what it is of."""
    found = {}
    for state in STATES:
        model = constructed(bench, state)
        if model is not None:
            L5, stress = _down_and_stress(bench, model, inputs)
            found |= {f"L5_{state}": L5, f"stress_{state}": stress}
    for study, orders in ORDERS.items():
        for what, order in orders.items():
            ours = [found.get(f"{what}_{state}") for state in order]
            if None not in ours:
                found[f"tau_{what}_{study}"] = tau(ours)
    return found


def tau(ours):
    """Of values that ought to fall: 1 where they all do, -1 where they all rise."""
    return float(kendalltau(range(len(ours), 0, -1), ours).statistic)


def _down_and_stress(bench, model, inputs):
    """How far L5 comes down [mm], and the 99.9th percentile of the metal's von Mises stress where it is highest [MPa]."""
    assembly = model.assembly
    case = bench_load(assembly, "vertical", "L4", force=FORCE, source="Huang 2020")
    (solution,) = bench.solve(model, inputs, (case,))
    moved = motion(assembly, solution, whole(assembly, "L5"), cups(assembly), landmark(assembly, "L5_upper"))
    stresses = [
        implant(body, model.materials[name], strain(body, solution.displacements[name]), assembly.construct)
        for name, body in assembly.bodies.items()
        if body.role in ("fixation", "implant")
    ]
    return -float(moved.shift[2]), max(one["von_mises_p999"]["value"] for one in stresses)
