"""The numbers of the findings whose dependence on the inputs is looked at: a choice, made once, the same for every case.

Taken are the main quantities of ``quantities``, without largest values at a point, which on a rougher mesh are the
mesh's; and of what outcomes are judged by, volumes and margins body by body and screw by screw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from femsacrum.credibility.quantities import quantities
from femsacrum.credibility.quantity import Quantity

#: Keys of the quantities that the outcomes of a report are made of.
OUTCOMES = re.compile(
    r"deformation\.(L5_drop|construct_stiffness)|implants\..+\.von_mises_p999|interfaces\..+\.micromotion\.p95"
    r"|overload\.volume|screws\.weakest"
)
#: What a criterion can name beside the main ones.
JUDGED = ("volume", "margin")


def hinging(findings: Mapping[str, Any]) -> dict[tuple[str, str], Quantity]:
    """(Load case, key) -> quantity, for all that are looked at and have a value."""
    found = quantities(findings)
    return {key: each for key, each in found.items() if not each.peak and (each.main or each.kind in JUDGED)}


def is_outcome(quantity: Quantity) -> bool:
    """Whether a report judges, or tells first, by this quantity."""
    return OUTCOMES.fullmatch(quantity.key) is not None
