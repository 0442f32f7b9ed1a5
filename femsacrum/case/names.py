"""Names a case may use for bodies, roles, parts and landmarks, and the nearest one to a misspelt name."""

from __future__ import annotations

import re
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

SIDES = ("left", "right")

#: What a file or a label may hold beside the parts of the anatomy: it is cut round, never solved.
TUMOUR = "tumour"

#: Plan -> tables of [surgery] that it reads.
PLAN_KEYS: dict[str, tuple[str, ...]] = {
    "intact": ("fixation",),
    "partial_sacrectomy": ("resection", "tumour", "guide", "nerves", "fixation"),
    "hemisacrectomy": ("resection", "tumour", "nerves", "fixation"),
    "total_sacrectomy": ("resection", "tumour", "nerves", "prosthesis", "graft", "fixation"),
}

#: Plan -> keys of [surgery.resection] that it needs, and all that it reads.
RESECTION_NEEDS = {"partial_sacrectomy": "sacrum", "hemisacrectomy": "side", "total_sacrectomy": "left_ilium"}
RESECTION_KEYS: dict[str, tuple[str, ...]] = {
    "intact": (),
    "partial_sacrectomy": ("sacrum", "laminectomy", "divided_ligaments"),
    "hemisacrectomy": ("side", "sacrum", "left_ilium", "right_ilium", "laminectomy", "divided_ligaments"),
    "total_sacrectomy": (
        "left_ilium",
        "right_ilium",
        "endplate_trim",
        "endplate_inclination",
        "sawn",
        "divided_ligaments",
    ),
}

#: Keys that say where a resection plane passes, and those that turn it.
CUT_PLACES, CUT_TURNS = (
    ("landmark", "point", "points", "level", "clear_of"),
    ("sagittal_tilt", "frontal_tilt", "axial_turn"),
)

#: Parts that are put in; a total sacrectomy has them where the case does not say.
DEFAULT_PARTS = ("prosthesis", "graft", "fixation")

#: Anchor in the ilium -> keys of [surgery.fixation] that say nothing about it: the rod's own end is no screw, and rods that
#: end at L5 have neither screws below it nor room for what is clamped there.
NOT_OF_ANCHOR: dict[str, tuple[str, ...]] = {
    "galveston": ("iliac_screw_diameter", "iliac_screws_per_side"),
    "none": ("iliac_screw_diameter", "iliac_screw_length", "iliac_screws_per_side"),
}

#: Kind of graft -> keys of [surgery.graft] that it reads; blocks lie under a prosthesis, struts stand in its place.
GRAFT_KEYS: dict[str, tuple[str, ...]] = {
    "iliac_block": ("share", "thickness"),
    "morsellised": ("share", "thickness"),
    "fibular_strut": ("diameter", "wall", "vascularised"),
    "femoral_allograft": ("diameter", "wall"),
}
STRUTS = ("fibular_strut", "femoral_allograft")

#: Screws of a flange of the prosthesis where the case does not say, and at most.
FLANGE_SCREWS, MOST_FLANGE_SCREWS = 2, 3

#: Keys of [surgery.prosthesis] of a parametric one, and of one from a file.
PARAMETRIC = (
    "inset", "plate_thickness", "body_scale", "endplate_thickness", "porous", "lattice", "flanges"
)  # fmt: skip
DESIGNED = ("unit", "frame", "placement")
#: Endings of the files a prosthesis is read from: solids, of which STEP says its unit, and surfaces.
STEP_FILES, SOLID_FILES = (".step", ".stp"), (".step", ".stp", ".brep")
SURFACE_FILES = (".stl", ".ply", ".vtk", ".vtp", ".obj")

#: Keys of a load that is worked out from the posture and the muscles.
_BALANCED = (
    "l4", "muscles", "muscle_sharing", "specific_tension", "closing", "trunk_forward", "trunk_sway", "trunk_lateral"
)  # fmt: skip

#: Kind of load -> keys that it reads beside those that every load has.
LOAD_KEYS: dict[str, tuple[str, ...]] = {
    "axial": ("force", "guided"),
    "standing": ("upper_body",),
    "crutch_stance": ("upper_body", "stance", "crutch_force", "abductor_arm"),
    "lying": ("l4",),
    "sitting": _BALANCED,
    "rising": _BALANCED,
    "one_leg_stance": ("stance", "crutch_force", *_BALANCED),
    "stumble": ("stance", *_BALANCED),
    "walking": ("phases", "orthosis", "push_off", *_BALANCED),
    "stairs_up": ("phases", *_BALANCED),
    "stairs_down": ("phases", *_BALANCED),
    "two_point": ("phases", "crutch_force", "orthosis", "push_off", *_BALANCED),
    "four_point": ("phases", "crutch_force", "orthosis", "push_off", *_BALANCED),
    "three_point": ("phases", "affected", "told", "obeys", "orthosis", "push_off", *_BALANCED),
    "swing_through": ("phases", *_BALANCED),
    "series": ("phases", "series", "l4", "muscles", "muscle_sharing", "specific_tension", "closing"),
}

#: Kinds of load that move: each is a cycle of several instants.
MOVING = tuple(kind for kind, keys in LOAD_KEYS.items() if "phases" in keys)

#: Law -> keys that it needs, keys that it reads besides.
LAW_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "bonded": ((), ("stiffness",)),
    "frictional": (("friction",), ("stiffness", "interference")),
    "healing": (("friction", "union"), ("stiffness", "interference")),
    "thread": (("thread_stiffness",), ("stiffness", "pull_out_strength", "thread_length")),
    "user": (("function",), ("parameters",)),
}

#: Laws under which two faces can part or slide.
SLIDING = ("frictional", "healing")

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
    "foramen_S1",
    "foramen_S2",
    "foramen_S3",
    "foramen_S4",
)
_MIDLINE = (
    "S1_endplate",
    "endplate_S1_ant",
    "endplate_S1_post",
    "promontory",
    "S_tip",
    "L5_upper",
    "L5_lower",
    "L4_upper",
    "L4_lower",
)

#: Landmarks a resection plane may pass through, and a case may give.
LANDMARKS = tuple(f"{side}_{name}" for name in _PAIRED for side in SIDES) + _MIDLINE


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


def file_stem(name: str) -> str:
    """A name as part of a file's name: what file systems may not bear becomes "_"."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name)
