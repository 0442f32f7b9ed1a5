"""Names a case may use for bodies, roles, parts and landmarks, and the nearest one to a misspelt name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: Part of the anatomy -> role. The anatomy room holds the same table; a test keeps them equal.
PARTS = {
    "left_ilium": "bone",
    "right_ilium": "bone",
    "sacrum": "bone",
    "L5": "bone",
    "L4": "bone",
    "disc_L5S1": "disc",
    "disc_L4L5": "disc",
    "left_sij": "cartilage",
    "right_sij": "cartilage",
    "symphysis": "cartilage",
}

#: Body -> role for each plan.
BODIES = {
    "intact": PARTS,
    "total_sacrectomy": {
        **{name: PARTS[name] for name in ("left_ilium", "right_ilium", "L5", "L4", "disc_L4L5", "symphysis")},
        "prosthesis": "implant",
        "left_graft": "graft",
        "right_graft": "graft",
        "left_fixation": "fixation",
        "right_fixation": "fixation",
    },
}

ROLES = ("bone", "disc", "cartilage", "implant", "graft", "fixation")
ANY = "*"

_PAIRED = (
    "ASIS",
    "PSIS",
    "PIIS",
    "AIIS",
    "notch",
    "crest_top",
    "hip_centre",
    "pubic_tub",
    "isch_tub",
    "isch_spine",
)
_MIDLINE = ("endplate_S1_ant", "endplate_S1_post", "S_tip", "L5_upper", "L5_lower", "L4_upper", "L4_lower")

#: Landmarks a resection plane may pass through.
LANDMARKS = tuple(f"{side}_{name}" for name in _PAIRED for side in ("left", "right")) + _MIDLINE


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint to append to a message.

    Args:
        name: What the user wrote.
        known: What could have been meant.

    Returns:
        `` (did you mean "sacrum"?)``, or nothing where no known name is close.
    """
    folded = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    if not close and name:
        close = [candidate for candidate in folded if candidate.startswith(name.lower())]
    return f' (did you mean "{folded[close[0]]}"?)' if close else ""
