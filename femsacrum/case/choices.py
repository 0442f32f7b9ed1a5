"""Values a case may write in more than one way: a share or a range of shares, a word or a length."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from femsacrum.case.units import LENGTH, Place, Quantity, Ratio


def _refuse(problem: str) -> PydanticCustomError:
    return PydanticCustomError("quantity", "{problem}", {"problem": problem})


@dataclass(frozen=True)
class Range:
    """Marks a pair of floats as a factor with its range: ``"90 %"``, ``0.9`` or ``["70 %", "100 %"]``."""

    ratio: Ratio

    def read(self, value: object, info: ValidationInfo | None = None) -> tuple[float, float]:
        """Turn either spelling into (least, largest)."""
        if not isinstance(value, list | tuple):
            one = self.ratio.read(value)
            return one, one
        if len(value) != 2:
            raise _refuse('needs one factor or two, for example "90 %" or ["70 %", "100 %"]')
        low, high = (self.ratio.read(each) for each in value)
        if low > high:
            raise _refuse(f"the range runs backwards: write [{self.write_one(high)}, {self.write_one(low)}]")
        return low, high

    def write(self, value: tuple[float, float]) -> str | list[str]:
        """The text that reads back as the same floats."""
        low, high = (self.ratio.write(each) for each in value)
        return low if low == high else [low, high]

    def write_one(self, value: float) -> str:
        """One end as it stands in a case file."""
        return f'"{self.ratio.write(value)}"'

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _schema(self.read, self.write)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        one = self.ratio.__get_pydantic_json_schema__(schema, handler)
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 2, "maxItems": 2}]}


@dataclass(frozen=True)
class WordOrLength:
    """Marks a field that holds one of some words, or a length as a float [mm]."""

    words: tuple[str, ...]
    length: Quantity

    def read(self, value: object, info: ValidationInfo | None = None) -> float | str:
        """Give back the word, or turn the length into a float."""
        if value in self.words:
            return str(value)
        if isinstance(value, str) and value[:1].isalpha():
            words = ", ".join(f'"{word}"' for word in self.words)
            raise _refuse(f'must be one of {words}, or a length, for example "{self.length.example}"')
        return self.length.read(value)

    def write(self, value: float | str) -> str:
        """The text that reads back as the same."""
        return value if isinstance(value, str) else self.length.write(value)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _schema(self.read, self.write)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(self.words)}, self.length.__get_pydantic_json_schema__(schema, handler)]}


def _schema(read: Any, write: Any) -> CoreSchema:
    return core_schema.with_info_plain_validator_function(
        read, serialization=core_schema.plain_serializer_function_ser_schema(write, when_used="json")
    )


#: Factor on a property of bone, with its range.
BoneFactor = Annotated[tuple[float, float], Range(Ratio("factor", "%", "90 %", above=0.0, at_most=2.0))]
#: Thickness of cortex: measured in the image, from the table by region, or a length [mm].
CortexThickness = Annotated[
    float | str,
    WordOrLength(("image", "table"), Quantity("length", "mm", "1.4 mm", above=0.0, at_most=10.0)),
]
#: Density of a phantom's substance [g/cm3].
Density = Annotated[float, Quantity("density", "g/cm^3", "0.2 g/cm^3", at_least=0.0, at_most=3.0)]
#: Half-axes of a tumour [mm]: none is larger than 300 mm across, the width of a pelvis between its crests.
HalfAxes = Annotated[
    tuple[float, float, float],
    Place(replace(LENGTH, above=0.0, at_most=150.0), "(25, 20, 30) mm", kind="three lengths", parts="lengths"),
]
