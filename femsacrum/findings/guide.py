"""The cutting guide: how it sits, what pins it, where it leads the saw, and whether it can be made."""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.findings.quantities import place, quantity
from femsacrum.surgery.guides.model import Guide, Slot


def guide(found: Guide | None) -> dict[str, Any]:
    """All that is known of a guide; empty without one.

    Args:
        found: Of the construct.

    Returns:
        "seat": contacts, singular values of their wrench matrix, what is free and how evenly the push is borne; "others":
        places where it seems to sit as well, the best first; "wires"; "slots"; "checks": measures of the parts; "doubts":
        what a reader has to be told.
    """
    if found is None:
        return {}
    held = found.kinematics
    values = np.asarray(held.singular_values)
    return {
        "seat": {
            "contacts": [place(point) for point in found.seat.points],
            "away": [float(value) for value in found.seat.away],
            "condition": quantity(held.condition if np.isfinite(held.condition) else None, "1"),
            "least_singular_value": quantity(float(values.min()), "1"),
            "length": quantity(held.length, "mm"),
            "free_motions": len(held.free),
            "pressed": bool(held.pressed),
            "least_force": quantity(100.0 * held.least_force, "%"),
        },
        "others": [
            {
                "misfit": quantity(other.misfit, "mm"),
                "shift": quantity(float(np.linalg.norm(other.shift)), "mm"),
                "turn": quantity(float(np.linalg.norm(other.turn)), "deg"),
            }
            for other in found.others
        ],
        "wires": {
            wire.name: {
                "entry": place(wire.entry),
                "length": quantity(float(np.linalg.norm(wire.tip - wire.entry)), "mm"),
                "diameter": quantity(wire.diameter, "mm"),
                "clearance": quantity(wire.clearance, "mm"),
                "nearest": wire.nearest,
            }
            for wire in found.wires
        },
        "slots": {slot.name: _slot(slot) for slot in found.slots},
        "checks": {
            name.rpartition(" [")[0]: quantity(value, name.rpartition("[")[2].rstrip("]"))
            for name, value in found.measures.items()
        },
        "doubts": list(found.doubts),
    }


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "part": slot.part,
        "length": quantity(float(np.linalg.norm(slot.corners[1] - slot.corners[0])), "mm"),
        "width": quantity(slot.width, "mm"),
        "depth": quantity(slot.depth, "mm"),
    }
