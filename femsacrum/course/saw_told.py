"""A guide under the saw for the findings: how far its slot moves, what lifts, and what speaks against it."""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.course.saw import LIFTED, Swayed, UnderSaw
from femsacrum.findings.quantities import quantity
from femsacrum.sources.tables import constant

#: A guide that moves its slot by more than the first or turns it by more than the second leads no saw [mm], [deg]; nor one
#: that stands on less than half of its feet. Choice of this project: half of the published 2.1 mm and 3.2 degrees and more.
MOVED, TURNED = 1.0, 2.0
#: Beyond this turn a linear solution of rigid motions is off by more than 0.4 % of each arm, and contacts slide off [deg].
SMALL = 5.0


def told(found: UnderSaw) -> dict[str, Any]:
    """The same for the findings: load -> motion of the slot, feet that lift, force on wires; loads; what is doubtful."""
    under = {
        "push": found.push,
        "push and blade to the foot": found.leaned[-1],
        "push and blade to the head": found.leaned[0],
    }
    loads = {key: constant("guides", key) for key in ("push", "thrust", "side_load")}
    return {
        "loads": {
            key: {"value": one.value, "unit": one.unit, "source": one.source, "confidence": one.confidence}
            for key, one in loads.items()
        },
        "under": {
            name: {
                "shift": quantity(one.shift, "mm"),
                "deepest": quantity(one.deepest, "mm"),
                "turn": quantity(one.turn, "deg"),
                "lifted": int((one.feet < LIFTED).sum()),
                "feet": quantity(float(one.feet.max(initial=0.0)), "N"),
                "wires": quantity(max(one.wires.values(), default=0.0), "N"),
            }
            for name, one in under.items()
        },
        "curve": [
            {
                "side": quantity(float(load), "N"),
                "shift": quantity(one.shift, "mm"),
                "deepest": quantity(one.deepest, "mm"),
                "turn": quantity(one.turn, "deg"),
                "lifted": int((one.feet < LIFTED).sum()),
            }
            for load, one in zip(found.loads, found.leaned, strict=True)
        ],
        "doubts": _doubts(found),
    }


def _doubts(found: UnderSaw) -> list[str]:
    """What the motion says against the guide, with the side load up to which it keeps to the limits."""
    beyond = [one for one in found.leaned if _strain(one) > 1.0]
    said = []
    if beyond:
        worst = max(found.leaned, key=lambda one: one.deepest)
        held = min(_held_up_to(found, 1.0), _held_up_to(found, -1.0))
        within = f"moves at most {MOVED:g} mm, turns at most {TURNED:g} degrees and keeps half of its feet down"
        until = f"up to {held:.0f} N it {within}" if held > 0.0 else f"at no side load it {within}"
        said.append(
            f"A blade that leans with up to {np.abs(found.loads).max():.0f} N moves its slot by {worst.deepest:.1f} mm "
            f"across its plane, turns it by {max(one.turn for one in found.leaned):.1f} degrees and lifts "
            f"{max(int((one.feet < LIFTED).sum()) for one in found.leaned)} of {len(worst.feet)} feet; {until}."
        )
    if max(one.turn for one in found.leaned) > SMALL:
        said.append(
            f"Beyond {SMALL:g} degrees small turns no longer hold: that motion shows that it tips, not how far."
        )
    return said


def _strain(one: Swayed) -> float:
    """The largest share of its limit that motion, turn or number of lifted feet takes; above 1: beyond."""
    lifted = float((one.feet < LIFTED).sum())
    return max(one.deepest / MOVED, one.turn / TURNED, lifted / (0.5 * max(len(one.feet), 1)))


def _held_up_to(found: UnderSaw, sign: float) -> float:
    """Side load to one side up to which all limits are kept, read off the curve [N]; 0: none.

    Motion and turn run straight between two loads; feet count as lifted from the lower one on.
    """
    rows = sorted((sign * float(load), one) for load, one in zip(found.loads, found.leaned, strict=True))
    before: tuple[float, Swayed] | None = None
    for load, one in ((load, one) for load, one in rows if load >= 0.0):
        if _strain(one) > 1.0:
            if before is None:
                return 0.0
            low, last = before
            if float((one.feet < LIFTED).sum()) > 0.5 * len(one.feet):
                return low
            pairs = ((last.deepest, one.deepest, MOVED), (last.turn, one.turn, TURNED))
            return low + (load - low) * min((most - a) / (b - a) for a, b, most in pairs if b > most)
        before = load, one
    return before[0] if before else 0.0
