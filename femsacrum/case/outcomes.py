"""Outcomes of a run that a case may set limits to: their unit, what they are told of, and under which loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pydantic_core import PydanticCustomError

from femsacrum.case.units import LENGTH, Quantity, Ratio

#: What an outcome is told of: one value for each of these.
type Of = Literal["the whole", "body of metal", "bone or graft", "face", "screw", "graft"]
#: Under which loads it is told: those of one instant, movements, or the plan alone.
type Under = Literal["instant", "movement", "plan"]


@dataclass(frozen=True)
class Bare(Quantity):
    """A number without a unit: a safety factor, a margin as a ratio."""

    def read(self, value: object, info: object = None) -> float:
        """Check the number.

        Raises:
            PydanticCustomError: It is none, has a unit, is not finite, or out of bounds.
        """
        if not isinstance(value, int | float) or isinstance(value, bool):
            problem = f"has no unit: needs a bare number, for example {self.example}"
            raise PydanticCustomError("quantity", "{problem}", {"problem": problem})
        return self.bounded(float(value))


@dataclass(frozen=True)
class OutcomeKind:
    """One outcome.

    Attributes:
        words: What it is.
        quantity: How a limit of it is written.
        of: What it is told of.
        under: Under which loads.
        worse: Which way is worse where no criterion says it; None: neither.
    """

    words: str
    quantity: Quantity
    of: Of
    under: tuple[Under, ...]
    worse: Literal["more", "less"] | None

    def told(self, limit: float) -> float:
        """A limit in the unit of the findings, which tell shares in percent."""
        return 100.0 * limit if isinstance(self.quantity, Ratio) else limit

    @property
    def unit(self) -> str:
        """Unit of the findings."""
        return self.quantity.unit.replace("^", "")


_FACTOR = Bare("number", "1", "1.5", at_least=0.0)
_MOTION = Quantity("length", "um", "40 um", at_least=0.0)
_SHARE = Ratio("share", "%", "50 %", at_least=0.0, at_most=1.0)
_NOT_LESS = replace(LENGTH, at_least=0.0)
_ANY: tuple[Under, ...] = ("instant", "movement")

OUTCOMES: Mapping[str, OutcomeKind] = {
    "implant_stress": OutcomeKind(
        "99.9th percentile of von Mises stress", Quantity("pressure", "MPa", "500 MPa", at_least=0.0),
        "body of metal", ("instant",), "more"),
    "yield_safety": OutcomeKind(
        "yield stress over the 99.9th percentile of von Mises stress", _FACTOR, "body of metal", ("instant",), "less"),
    "fatigue_safety": OutcomeKind(
        "fatigue safety factor at 1e7 repetitions", _FACTOR, "body of metal", ("movement",), "less"),
    "micromotion": OutcomeKind("micromotion, 95 % of the face below", _MOTION, "face", _ANY, "more"),
    "migration": OutcomeKind("migration in a year", _NOT_LESS, "face", ("movement",), "more"),
    "overloaded_volume": OutcomeKind(
        "volume of a bone or graft strained past its limit", Quantity("volume", "mm^3", "100 mm^3", at_least=0.0),
        "bone or graft", _ANY, "more"),
    "first_damage": OutcomeKind(
        "factor on the load at which the first piece of a bone or graft is past its limit", _FACTOR,
        "bone or graft", ("instant",), "less"),
    "screw_margin": OutcomeKind("margin of a screw in bone, its low end", _FACTOR, "screw", _ANY, "less"),
    "L5_drop": OutcomeKind("L5 goes down by", replace(LENGTH, example="2 mm"), "the whole", ("instant",), "more"),
    "stiffness": OutcomeKind(
        "apparent stiffness at L4", Quantity("stiffness", "N/mm", "300 N/mm", at_least=0.0),
        "the whole", ("instant",), None),
    "margin": OutcomeKind(
        "least margin round the tumour", replace(LENGTH, example="10 mm"), "the whole", ("plan",), "less"),
    "union_risk": OutcomeKind("risk that a graft does not unite", _SHARE, "graft", ("plan",), "more"),
    "united_share": OutcomeKind("area united in the last month followed", _SHARE, "face", ("plan",), "less"),
}  # fmt: skip
