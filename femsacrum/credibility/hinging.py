"""The numbers of the findings whose dependence on the inputs is looked at: a choice, made once, the same for every case.

Taken are the main quantities of ``quantities``, without largest values at a point, which on a rougher mesh are the
mesh's; and what outcomes are judged by beside them: the volume of bone strained past its limit, and the margin of the
weakest screw, whichever that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.credibility.quantities import Quantity, quantities

#: Keys of the quantities that the outcomes of a report are made of.
OUTCOMES = re.compile(
    r"deformation\.(L5_drop|construct_stiffness)|implants\..+\.von_mises_p999|interfaces\..+\.micromotion\.p95"
    r"|overload\.volume|screws\.weakest"
)


def hinging(findings: Mapping[str, Any]) -> dict[tuple[str, str], Quantity]:
    """(Load case, key) -> quantity, for all that are looked at and have a value."""
    main = {key: each for key, each in quantities(findings).items() if each.main and not each.peak}
    for name, case in findings["load_cases"].items():
        main |= {(name, each.key): each for each in _judged(name, case)}
    return main


def is_outcome(quantity: Quantity) -> bool:
    """Whether a report judges, or tells first, by this quantity."""
    return OUTCOMES.fullmatch(quantity.key) is not None


def _judged(name: str, case: Mapping[str, Any]) -> Iterator[Quantity]:
    """What is judged and is no quantity of convergence; formal orders of these are not known."""
    overload = case.get("overload")
    if overload:
        volume = overload["volume"]
        words = "bone and graft strained past their limit"
        yield Quantity(name, "overload.volume", words, volume["unit"], float(volume["value"]), "volume", 0)
    weakest = (case.get("screws") or {}).get("weakest")
    if weakest:
        low = float(weakest["margin"]["low"]["value"])
        yield Quantity(name, "screws.weakest", "margin of the weakest screw, its low end", "1", low, "margin", 0)
