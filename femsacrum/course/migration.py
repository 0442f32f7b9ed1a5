"""How far an implant wanders, cycle by cycle, and when a radiograph would show it.

The drift of a face is the change of its relative position from one cycle to the next, averaged over the points that touch.
It is carried on by one of two laws, whichever the last cycles follow:

- it falls by the same factor r < 1 from cycle to cycle: what is still to come is d r / (1 - r), a geometric series;
- it stays the same, and the movement was seen to ratchet: it goes on for ever, n cycles bring n d.

Neither knows of bone that yields, wears or grows in.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.course.gait import Walked
from femsacrum.course.shakedown import Outcome, touching
from femsacrum.findings.quantities import cited, limit, quantity
from femsacrum.loads.loadcase import Cycle

#: A drift that is this share of the one before, or more, counts as one that stays the same.
STAYS = 0.95
#: A drift below this is not told from the solver's tolerance [mm].
NOTHING = 1e-6

LAWS = {
    "rests": "it does not move from cycle to cycle",
    "geometric": "it falls by the same factor from cycle to cycle, and comes to rest",
    "linear": "it advances by the same amount in every cycle",
    "unknown": "the cycles walked do not tell: it neither came to rest nor advanced steadily",
}


def migration(walked: Walked, cycle: Cycle, loose: list[str]) -> dict[str, Any]:
    """Drift of every face, what comes of it in a year, and beside it what a radiograph can show."""
    visible = limit("migration_visible")
    return {
        "faces": {name: _face(walked, name, cycle.per_year, visible) for name in walked.drifts if name not in loose},
        "laws": LAWS,
        "visible": cited("migration_visible"),
    }


def _face(walked: Walked, name: str, per_year: tuple[float, float, float], visible: float) -> dict[str, Any]:
    drifts, motion = walked.drifts[name], walked.motion[name]
    points = touching(motion)
    if not points.any():
        return {"law": "unknown", "drift": quantity(None, "um")}
    weight = motion.area[points] / motion.area[points].sum()
    each = np.linalg.norm(np.einsum("p,kpi->ki", weight, drifts[:, points]), axis=1)
    last = float(each[-1])
    ratio = float(each[-1] / each[-2]) if len(each) > 1 and each[-2] > 0.0 else None
    law, to_come = follow(last, ratio, walked.outcome)
    year = last * per_year[1] if law == "linear" else to_come
    return {
        "law": law,
        "drift": quantity(1e3 * last, "um"),
        "ratio": quantity(ratio, "1"),
        "still_to_come": quantity(to_come, "mm"),
        "in_a_year": quantity(year, "mm"),
        "cycles_until_visible": quantity(visible / last if law == "linear" else None, "1"),
        "visible_in_a_year": None if year is None else bool(year >= visible),
    }


def follow(last: float, ratio: float | None, outcome: Outcome) -> tuple[str, float | None]:
    """Which law a drift follows, and what it still brings [mm]; None: without end, or not known.

    A drift that stays the same is carried on only where the movement ratchets: in one that has not settled, or whose last
    cycle changed it by less than counts, two equal drifts say nothing about the next million.

    Args:
        last: Drift of the last cycle [mm].
        ratio: Of it to the one before; None: not known.
        outcome: Of the movement.
    """
    if last <= NOTHING:
        return "rests", 0.0
    if ratio is not None and ratio < STAYS:
        return "geometric", last * ratio / (1.0 - ratio)
    return ("linear", None) if outcome == "ratchets" else ("unknown", None)
