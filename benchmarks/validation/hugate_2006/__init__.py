"""Hugate 2006: pelves pressed to failure at the L4/5 disc, intact and after two partial sacrectomies."""

from __future__ import annotations

from benchmarks.validation import sacrectomy as cut

INPUTS = cut.INPUTS
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
    found = cut.measured(bench, inputs, "hugate", states, balls=True, source=SOURCE)
    for state in [key.removeprefix("joint_removed_") for key in found if key.startswith("joint_removed_")]:
        for what in ("stiffness", "failure"):
            found[f"{what}_ratio_{state}"] = 100.0 * found[f"{what}_{state}"] / found[f"{what}_intact"]
    return found
