"""Rods and screws that several cadaver experiments had, as a case says them."""

from __future__ import annotations

#: Through both ilia in front of the whole sacroiliac joint, which goes with the sacrum.
BEHIND = {"left_ilium": {"clear_of": "sacroiliac_joint", "offset": "-2 mm", "normal": [-0.6, 0.8, 0.1]}}

#: Where a laboratory does not tell its rods and screws: titanium rods of 5.5 mm, iliac screws of 7.5 by 70 mm.
RODS = {"rod_diameter": "5.5 mm"}
ILIAC = {"iliac_screw_diameter": "7.5 mm", "iliac_screw_length": "70 mm"}

#: Nothing cut, pedicle screws and rods from L4 to L5: what laboratories that screw the intact spine start from.
SCREWED = {"plan": "intact", "fixation": {**RODS, "iliac_anchor": "none"}}


def lumbo_iliac(**more):
    """Screws in L4, L5 and the ilia and the rods between them; ``more``: further keys of [surgery.fixation]."""
    return {**RODS, **ILIAC, **more}


def rods_only(resection, fixation):
    """A total sacrectomy that nothing but rods bridges."""
    return {
        "plan": "total_sacrectomy", "prosthesis": "none", "graft": "none", "resection": resection, "fixation": fixation
    }  # fmt: skip
