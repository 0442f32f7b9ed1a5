"""The tumour against the cuts and against the bones that stay, for the findings."""

from __future__ import annotations

from typing import Any

from femsacrum.findings.quantities import place, quantity
from femsacrum.surgery.cuts.margin import Margins, bone_verdict, doubts, least, verdict


def margins(found: Margins | None) -> dict[str, Any]:
    """Every margin with its verdict; empty without a tumour or a cut.

    Args:
        found: Of the construct.

    Returns:
        "tumour": where its shape is from, its volume and the share that stays; "planned"; "least": the least of all
        margins and where it is; "cuts" and "bones": name -> least distance, the two points that are that near, and the
        verdict; "doubts": what a reader has to be told.
    """
    if found is None:
        return {}
    cuts = {
        name: {
            "distance": quantity(cut.distance, "mm"),
            "on_tumour": place(cut.on_tumour),
            "on_cut": place(cut.on_cut),
            "planned": quantity(found.planned, "mm"),
            "within_planned": quantity(100.0 * cut.within, "%"),
            "verdict": verdict(cut.distance, found.planned),
        }
        for name, cut in found.cuts.items()
    }
    bones = {
        name: {
            "distance": quantity(bone.distance, "mm"),
            "on_tumour": place(bone.on_tumour),
            "on_bone": place(bone.on_bone),
            "tumour_inside": quantity(bone.inside, "mm3"),
            "verdict": bone_verdict(bone.distance, found.planned),
        }
        for name, bone in found.bones.items()
    }
    away, where = least(found)
    return {
        "tumour": {
            "origin": found.origin,
            "volume": quantity(found.volume, "mm3"),
            "left_behind": quantity(100.0 * found.left_behind, "%"),
        },
        "planned": quantity(found.planned, "mm"),
        "least": {"distance": quantity(away, "mm"), "where": where},
        "cuts": cuts,
        "bones": bones,
        "doubts": doubts(found),
    }
