"""What months do to the graft itself: dead bone is weakened while vessels grow in, and recovers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.course.healing.rates import number

#: Grafts of dead cortical bone: what is known of weakening was measured on these (fibulae of dogs).
CORTICAL = ("fibular_strut", "femoral_allograft")


@dataclass(frozen=True)
class GraftFactor:
    """Factors on the graft as it was put in.

    Attributes:
        stiffness: On Young's modulus [1].
        strength: On the stress or strain it bears [1].
    """

    stiffness: float = 1.0
    strength: float = 1.0


def graft_factor(kind: str, month: float, left: float, irradiated: float = 1.0) -> GraftFactor:
    """Stiffness and strength of a graft so many months after the operation, straight between the stations known.

    Args:
        kind: "fibular_strut", "femoral_allograft" (both weaken), "vascularised_fibula", "iliac_block", "morsellised".
        month: [month].
        left: Share left at its weakest [1].
        irradiated: Factor on the strength of an irradiated graft [1].

    Source: Enneking and Burchardt 1975, strength of fibulae in dogs; that stiffness follows is an assumption.
    """
    if kind not in CORTICAL:
        return GraftFactor(1.0, irradiated)
    stations = [0.0, number("weakest_from"), number("weakest_until"), number("recovered_at")]
    now = float(np.interp(month, stations, [1.0, left, left, 1.0]))
    return GraftFactor(now, now * irradiated)
