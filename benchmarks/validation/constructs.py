"""Constructs that several experiments had, as a case says them: meshed once for all of them."""

from __future__ import annotations

#: Inputs that act on rods and screws after total sacrectomy, see ``ranges.toml``.
INPUTS = (
    "bone_modulus",
    "cortex_modulus",
    "cortex_thickness",
    "disc_modulus",
    "ligament_stiffness",
    "ligament_offset",
    "screw_bond",
)
#: Ligaments of the pelvis, and those and the facet joints of the lumbar spine.
LIGAMENTS = "all"

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


def _bridged(graft="none", prosthesis="none", **fixation):
    """A total sacrectomy bridged by rods, and by what stands in front of them, which is bonded."""
    surgery = {"plan": "total_sacrectomy", "resection": BEHIND, "fixation": lumbo_iliac(**fixation)}
    parts = {"graft": graft, "prosthesis": prosthesis}
    united = [{"between": [part, "*"], "law": "bonded"} for part, given in parts.items() if given != "none"]
    return {"surgery": {**surgery, **parts}, "interfaces": united, "ligament_set": LIGAMENTS}


_FLAPS = {"kind": "fibular_strut"}

#: Name -> sections of a case. Rods and screws are one and two a side unless it says otherwise.
CONSTRUCTS = {
    "all_intact": {"surgery": {"plan": "intact"}, "ligament_set": LIGAMENTS},
    "rods_single_screw": _bridged(iliac_screws_per_side=1),
    "rods": _bridged(),
    "rods_linked": _bridged(cross_links=2),
    "four_rods": _bridged(rods_per_side=2),
    "four_rods_linked": _bridged(rods_per_side=2, cross_links=2),
    "bar_single_screw": _bridged(iliac_screws_per_side=1, transiliac_bars=1),
    "flaps": _bridged(_FLAPS),
    "flaps_bar_single_screw": _bridged(_FLAPS, iliac_screws_per_side=1, transiliac_bars=1),
    "four_rods_flaps": _bridged(_FLAPS, rods_per_side=2),
    "prosthesis": _bridged(prosthesis={}),
}


def constructed(bench, name):
    """The model of one of ``CONSTRUCTS``; None where this anatomy cannot have it."""
    return bench.model(name, CONSTRUCTS[name])
