"""From what the case says to how the course is followed."""

from __future__ import annotations

from collections.abc import Iterable

from femsacrum.case.ct import Modifier
from femsacrum.case.healing import HealingCourse
from femsacrum.case.implants import Graft
from femsacrum.course.healing.months import UNCHANGED, Options
from femsacrum.course.healing.rates import Ranged, ranged
from femsacrum.materials.modifiers import factor


def kind_of(graft: Graft | None) -> str:
    """Key of ``union_time`` in the table: the kind of graft, a fibula by its vessels; without a graft a porous face."""
    if graft is None:
        return "porous"
    return "vascularised_fibula" if graft.vascularised else graft.kind


def options(said: HealingCourse, modifiers: Iterable[Modifier], bodies: dict[str, str]) -> Options:
    """How the course is followed.

    Args:
        said: By the case.
        modifiers: Of the patient; their ``healing`` is a factor on the rate of union.
        bodies: Name -> role of the bodies whose faces are to unite.
    """
    speed = UNCHANGED
    if said.chemotherapy:
        speed = ranged("chemotherapy")
    if said.speed is not None:
        low, high = said.speed
        speed = _times(speed, low, 0.5 * (low + high), high, "healing speed of the case")
    patient = factor(modifiers, "healing", bodies)
    if patient.names:
        speed = _times(speed, patient.least, patient.nominal, patient.largest, ", ".join(patient.names))
    return Options(said.rule, said.months, said.every, 1.0, speed, said.irradiated)


def _times(one: Ranged, least: float, value: float, largest: float, name: str) -> Ranged:
    """A factor multiplied by another that the case says; it has the case's word for it."""
    if one is UNCHANGED:
        return Ranged(value, least, largest, "1", "the case", "D", name)
    product = (one.value * value, one.least * least, one.largest * largest)
    return Ranged(*product, one.unit, one.source, one.confidence, f"{one.name}, {name}")
