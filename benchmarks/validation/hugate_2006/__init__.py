"""Hugate 2006: pelves pressed to failure at the L4/5 disc, intact and after two partial sacrectomies."""

from __future__ import annotations

from benchmarks.validation import sacrectomy as cut
from femsacrum.findings.bench import motion, plate

INPUTS = (
    "bone_modulus",
    "cortex_modulus",
    "cortex_thickness",
    "disc_modulus",
    "joint_cartilage_modulus",
    "symphysis_modulus",
    "ligament_stiffness",
    "ligament_offset",
)
#: Group -> share of the joints that was removed there, and its level: below and above the foramina of S1.
GROUPS = {"I": (0.16, 0.0), "II": (0.25, -cut.FORAMEN)}
SOURCE = "Hugate 2006, loaded to failure; 1000 N, scaled"


def states(anatomy):
    """State -> sections of a case: intact, and each group by the share of the joints and by the level of the cut."""
    found = {"intact": cut.INTACT}
    for group, (share, offset) in GROUPS.items():
        found[f"{group}_by_share"] = cut.sacrum_cut(anatomy, "below S1", cut.offset_for(anatomy, share))
        found[f"{group}_by_level"] = cut.sacrum_cut(anatomy, "below S1", offset)
    return found


def measure(bench, inputs):
    """Stiffness at L5's upper endplate [N/mm], force of failure [N], zone of Denis, and all as percent of intact."""
    intact = bench.model("pelvic_intact", cut.INTACT)
    found = {}
    for state, content in states(intact.assembly.construct.anatomy).items():
        model = intact if state == "intact" else bench.model(f"hugate_{state}", content)
        if model is None:
            continue
        assembly = model.assembly
        load = cut.pressed(assembly, "L5", balls=True, source=SOURCE)
        (solution,) = bench.solve(model, inputs, (load,))
        moved = motion(assembly, solution, plate(assembly, "L5"), (), load.applied[0].point)
        broken = cut.failure(model, solution)
        found |= {
            f"stiffness_{state}": cut.FORCE / -float(moved.shift[2]),
            f"failure_{state}": broken.force,
            f"onset_{state}": broken.onset,
            f"zone_{state}": float(broken.zone),
        }
        if state != "intact":
            found[f"joint_removed_{state}"] = cut.joint_removed(assembly)
        for what in ("stiffness", "failure"):
            if state != "intact":
                found[f"{what}_ratio_{state}"] = 100.0 * found[f"{what}_{state}"] / found[f"{what}_intact"]
    return found
