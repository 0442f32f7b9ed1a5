"""What a case accepts: limits to the outcomes of its run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
)
from pydantic_core import CoreSchema, core_schema

from femsacrum.case.model import Model, Text
from femsacrum.case.outcomes import OUTCOMES, Bare


@dataclass(frozen=True)
class Limit:
    """Marks a float as a limit in the unit of the outcome that its table names."""

    def read(self, value: object, info: ValidationInfo) -> float:
        """Turn what stands in the file into a float; of an outcome that does not exist its own problem is told."""
        named = info.data.get("outcome")
        return OUTCOMES[named].quantity.read(value, info) if named is not None else 0.0

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, {"type": "number"}], "examples": ["40 um", 1.5]}


class Criterion(Model):
    """A limit that an outcome of the run has to keep."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    """What is asked, in words, different from every other; printed with the verdict."""
    outcome: Literal["implant_stress", "yield_safety", "fatigue_safety", "micromotion", "migration", "overloaded_volume",
                     "first_damage", "screw_margin", "L5_drop", "stiffness", "margin", "union_risk",
                     "united_share"]  # fmt: skip
    """Which outcome; the table above says its unit, what it is told of, and under which loads."""
    of: Text | None = None
    """Body, role, face ("prosthesis/L5"), screw or graft, or a pattern for several, "*_iliac_*"; a body or role also
    stands for its faces. Left out: all, and the worst of them decides."""
    load: Text | None = None
    """Name of one of ``loads``. Left out: all under which the outcome is told, and the worst of them decides."""
    at_most: Annotated[float, Limit()] | None = None
    """The largest value that is accepted, with the outcome's unit; this or ``at_least``."""
    at_least: Annotated[float, Limit()] | None = None
    """The least value that is accepted, with the outcome's unit; this or ``at_most``."""
    source: Text
    """Where the limit comes from: a standard, literature, or a justification of one's own."""

    @property
    def limit(self) -> float:
        """The limit, in the unit of the case."""
        said = self.at_least if self.at_most is None else self.at_most
        assert said is not None
        return said

    @model_serializer(mode="wrap", when_used="json")
    def _write_with_units(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """A limit is written in the unit of its outcome."""
        quantity = OUTCOMES[self.outcome].quantity
        content: dict[str, object] = write(self)
        for key, value in (("at_most", self.at_most), ("at_least", self.at_least)):
            if value is not None:
                content[key] = value if isinstance(quantity, Bare) else quantity.write(value)
        return content
