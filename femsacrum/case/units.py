"""Physical quantities at the door: ``"17 GPa"`` in, a float in mm, N, MPa, s, deg, kg out; no bare numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pint import UnitRegistry

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*([^\d\s.,+-].*?)?\s*")
_NAME = r"[^\W\d_]+|°"
_UNIT = re.compile(rf"(?:{_NAME})(?:\^?-?[1-9]|[²³])?(?:\s*[*/·]\s*(?:{_NAME})(?:\^?-?[1-9]|[²³])?)*")
_POINT = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*(\S.*?)\s*")

#: One unit of every kind a user may have meant, for "is a length, needs a force".
_KINDS = {
    "length": "mm",
    "force": "N",
    "mass": "kg",
    "pressure": "MPa",
    "foundation modulus": "N/mm^3",
    "angle": "deg",
    "time": "s",
    "area": "mm^2",
    "volume": "mm^3",
    "stiffness": "N/mm",
    "moment": "N*mm",
}


@lru_cache(maxsize=1)
def registry() -> UnitRegistry[Decimal]:
    """The one unit registry, built when the first unusual unit is read (pint takes a quarter of a second)."""
    import pint

    return pint.UnitRegistry(non_int_type=Decimal)


#: Units of nearly every case with their factor to the internal unit: such a case is read without importing pint.
EVERYDAY = {
    ("cm", "mm"): Decimal(10),
    ("um", "mm"): Decimal("0.001"),
    ("kN", "N"): Decimal(1000),
    ("GPa", "MPa"): Decimal(1000),
    ("MPa/mm", "N/mm^3"): Decimal(1),
    ("N/mm3", "N/mm^3"): Decimal(1),
    ("g/cm3", "g/cm^3"): Decimal(1),
}


@lru_cache(maxsize=256)
def _factor(unit: str, internal: str) -> Decimal | str | None:
    """Factor from ``unit`` to ``internal``; what ``unit`` is of where that is another kind; None: no such unit."""
    if unit == internal or (unit, internal) in EVERYDAY:
        return EVERYDAY.get((unit, internal), Decimal(1))
    return _factor_by_pint(unit, internal)


def _factor_by_pint(unit: str, internal: str) -> Decimal | str | None:
    """The same for any unit pint knows."""
    from pint.errors import PintError

    if not _UNIT.fullmatch(unit):
        return None
    try:
        given = registry().parse_units(re.sub(r"(?<=[^\W\d_])(-?\d)", r"^\1", unit))
    except (PintError, ValueError):  # the latter of "nan", which pint takes for a number
        return None
    wanted = registry().parse_units(internal)
    if _root(given) == _root(wanted):
        return Decimal(registry().convert(Decimal(1), given, wanted))
    for kind, example in _KINDS.items():
        if _root(given) == _root(registry().parse_units(example)):
            return _article(kind)
    return "something else"


def _root(unit: Any) -> Any:
    """Base units with an angle kept apart from a plain ratio (both are dimensionless)."""
    return registry().get_root_units(unit)[1]


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _refuse(problem: str) -> PydanticCustomError:
    return PydanticCustomError("quantity", "{problem}", {"problem": problem})


@dataclass(frozen=True)
class Quantity:
    """Marks a float field as a physical quantity with a unit.

    Attributes:
        kind: What it is, in a word a user reads ("length").
        unit: Unit it has inside ("mm").
        example: A valid value.
        above: Values must be greater than this [unit]; None: no bound.
        at_least: Values must not be less than this [unit]; None: no bound.
        at_most: Values must not be greater than this [unit]; None: no bound.
    """

    kind: str
    unit: str
    example: str
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    def read(self, value: object, info: ValidationInfo | None = None) -> float:
        """Turn what stands in the file into a float.

        Args:
            value: Text with number and unit; anything else is refused.
            info: Pydantic's; its context may hold "body_weight" [N], which "%BW" refers to.

        Returns:
            The value [unit].

        Raises:
            PydanticCustomError: The value is no such quantity, not finite, or out of bounds.
        """
        match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
        if match is None or match[2] is None:
            raise _refuse(self._not_a_quantity(value, bare=match is not None))
        number, unit = Decimal(match[1]), match[2]
        if unit == "%BW" and self.kind == "force":
            result = float(number) / 100.0 * self._body_weight(info)
        else:
            factor = _factor(unit, self.unit)
            if factor is None:
                raise _refuse(f'"{unit}" is not a unit{_similar(unit)}; for example "{self.example}"')
            if isinstance(factor, str):
                raise _refuse(f'is {factor}; needs {_article(self.kind)}, for example "{self.example}"')
            result = float(number * factor)
        return self.bounded(result)

    def write(self, value: float) -> str:
        """The text that reads back as the same float."""
        return f"{plain(value)} {self.unit}"

    def bounded(self, value: float) -> float:
        """Refuse what is not finite or out of bounds, give back the rest."""
        if not math.isfinite(value):
            raise _refuse(f'must be a finite number, for example "{self.example}"')
        if self.above is not None and value <= self.above:
            raise _refuse(f"must be greater than {self.write(self.above) if self.above else 0}")
        if self.at_least is not None and value < self.at_least:
            raise _refuse(f"must be at least {self.write(self.at_least) if self.at_least else 0}")
        if self.at_most is not None and value > self.at_most:
            raise _refuse(f"must be at most {self.write(self.at_most)}")
        return value

    def _not_a_quantity(self, value: object, *, bare: bool) -> str:
        if bare or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)):
            number = value.strip() if isinstance(value, str) else value
            return f'needs a unit, for example "{number} {self.unit}"'
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f'must be a finite number with a unit, for example "{self.example}"'
        if isinstance(value, str) and re.match(r"\s*[+-]?(nan|inf)", value, re.IGNORECASE):
            return f'must be a finite number, for example "{self.example}"'
        if isinstance(value, str) and re.match(r"\s*[+-]?\d+,\d", value):
            return f'the decimal sign is a point, for example "{self.example}"'
        return f'needs a number and a unit in quotes, for example "{self.example}"'

    @staticmethod
    def _body_weight(info: ValidationInfo | None) -> float:
        weight = (info.context or {}).get("body_weight") if info is not None else None
        if weight is None:
            raise _refuse('"%BW" is a share of body weight and needs a valid patient.mass')
        return float(weight)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(self.write, when_used="json"),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*[^\d\s.].*$", "examples": [self.example]}


class Ratio(Quantity):
    """A share: ``"60 %"`` or the plain ratio ``0.6``."""

    def read(self, value: object, info: ValidationInfo | None = None) -> float:
        """Turn ``"60 %"``, ``0.6`` or ``"0.6"`` into 0.6.

        Raises:
            PydanticCustomError: The value is no share, not finite, or out of bounds.
        """
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.bounded(float(value))
        match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
        if match is None or match[2] not in (None, "%"):
            raise _refuse(f'needs a share, for example "{self.example}" or {self.read(self.example)}')
        return self.bounded(float(Decimal(match[1]) / (100 if match[2] else 1)))

    def write(self, value: float) -> str:
        """The text that reads back as the same float."""
        percent = plain(float(Decimal(repr(value)) * 100))
        return f"{percent} %" if float(Decimal(percent) / 100) == value else repr(value)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*%?\s*$", "examples": [self.example]}
        return {"anyOf": [text, {"type": "number"}], "examples": [self.example]}


@dataclass(frozen=True)
class Place:
    """Marks three floats as a position, ``"(72, 85, -5) mm"`` or ``["72 mm", "85 mm", "-5 mm"]``, or as other lengths.

    ``kind`` is what the three are in words a user reads, ``parts`` what each of them is.
    """

    length: Quantity
    example: str = "(72, 85, -5) mm"
    kind: str = "position"
    parts: str = "coordinates"

    def read(self, value: object, info: ValidationInfo) -> tuple[float, float, float]:
        """Turn either spelling into three floats [mm]."""
        match = _POINT.fullmatch(value) if isinstance(value, str) else None
        if match:
            value = [f"{number.strip()} {match[2]}" for number in match[1].split(",")]
        if not isinstance(value, list | tuple) or len(value) != 3:
            raise _refuse(f'needs three {self.parts} with a unit, for example "{self.example}"')
        x, y, z = (self.length.read(coordinate) for coordinate in value)
        return x, y, z

    def write(self, value: tuple[float, float, float]) -> str:
        """The text that reads back as the same floats."""
        return f"({', '.join(plain(x) for x in value)}) {self.length.unit}"

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(self.write, when_used="json"),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        one = self.length.__get_pydantic_json_schema__(schema, handler)
        text = {"type": "string", "pattern": r"^\s*[(\[].*,.*,.*[)\]]\s*\S+\s*$", "examples": [self.example]}
        return {"anyOf": [text, {"type": "array", "items": one, "minItems": 3, "maxItems": 3}]}


@dataclass(frozen=True)
class Direction:
    """Marks a tuple of three floats as a direction: three bare numbers, finite, not all zero; any length."""

    def read(self, value: object, info: ValidationInfo) -> tuple[float, float, float]:
        """Check the three numbers."""
        numbers = value if isinstance(value, list | tuple) else ()
        if len(numbers) != 3 or not all(isinstance(x, int | float) and not isinstance(x, bool) for x in numbers):
            raise _refuse("needs three numbers without a unit (a direction), for example [0.0, 0.0, 1.0]")
        x, y, z = (float(number) for number in numbers)
        length = math.hypot(x, y, z)
        if not math.isfinite(length):
            raise _refuse("must be three finite numbers, for example [0.0, 0.0, 1.0]")
        if length == 0.0:
            raise _refuse("must not be zero: it is a direction, for example [0.0, 0.0, 1.0]")
        return x, y, z

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3,
                "examples": [[0.0, 0.0, 1.0]]}  # fmt: skip


@dataclass(frozen=True)
class Axis:
    """Marks a direction that may also be ``"shaft"``, the long axis of the body itself."""

    direction: Direction = Direction()

    def read(self, value: object, info: ValidationInfo) -> tuple[float, float, float] | str:
        """Check the word or the three numbers."""
        if isinstance(value, str):
            if value != "shaft":
                raise _refuse('needs "shaft" or three numbers without a unit, for example [0.0, 0.0, 1.0]')
            return value
        return self.direction.read(value, info)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"const": "shaft"}, self.direction.__get_pydantic_json_schema__(schema, handler)]}


def plain(value: float) -> str:
    """Shortest decimal text of a float that reads back the same, without a trailing ".0"."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _similar(unit: str) -> str:
    """A hint where only the case of the letters is wrong ("mpa")."""
    known = ("mm", "cm", "m", "um", "N", "kN", "kg", "g", "Pa", "kPa", "MPa", "GPa", "deg", "rad", "N/mm^3", "MPa/mm")
    hits = [name for name in known if name.lower() == unit.lower() and name != unit]
    return f' (did you mean "{hits[0]}"?)' if hits else ""


def read_mass(data: Mapping[str, Any]) -> float | None:
    """Mass of the patient [kg] from the unchecked content of a case file; None where there is none that is valid."""
    patient = data.get("patient")
    try:
        return MASS.read(patient.get("mass")) if isinstance(patient, Mapping) else None
    except PydanticCustomError:
        return None


LENGTH = Quantity("length", "mm", "6 mm")
MASS = Quantity("mass", "kg", "75 kg", above=0.0, at_most=500.0)

Length = Annotated[float, LENGTH]  # [mm], may be negative (an offset)
PositiveLength = Annotated[float, replace(LENGTH, above=0.0)]  # [mm]
Depth = Annotated[float, replace(LENGTH, at_least=0.0)]  # [mm], may be nothing
Angle = Annotated[float, Quantity("angle", "deg", "52 deg")]  # [deg]
Force = Annotated[float, Quantity("force", "N", "400 N", above=0.0)]  # [N]; also "70 %BW" of the patient
PossibleForce = Annotated[float, Quantity("force", "N", "50 N", at_least=0.0)]  # [N], may be nothing
Mass = Annotated[float, MASS]  # [kg]
Duration = Annotated[float, Quantity("time", "s", "1.2 s", above=0.0)]  # [s]
Pressure = Annotated[float, Quantity("pressure", "MPa", "17 GPa", above=0.0)]  # [MPa]
FoundationModulus = Annotated[float, Quantity("foundation modulus", "N/mm^3", "5000 N/mm^3", above=0.0)]  # [N/mm3]
Share = Annotated[float, Ratio("share", "%", "60 %", above=0.0, at_most=1.0)]
PartialShare = Annotated[float, Ratio("share", "%", "30 %", above=0.0, at_most=0.9)]  # leaves something for the rest
PossibleShare = Annotated[float, Ratio("share", "%", "15 %", at_least=0.0, at_most=1.0)]  # may be nothing
Factor = Annotated[float, Ratio("factor", "%", "104 %", at_least=0.5, at_most=2.0)]  # on the reference anatomy's size
Point = Annotated[tuple[float, float, float], Place(LENGTH)]  # [mm]
Vector = Annotated[tuple[float, float, float], Direction()]
MaterialAxis = Annotated[tuple[float, float, float] | str, Axis()]
SpringStiffness = Annotated[float, Quantity("stiffness", "N/mm", "120 N/mm", above=0.0)]  # [N/mm]
LineForce = Annotated[float, Quantity("force per length", "N/mm", "90 N/mm", above=0.0)]  # [N/mm]
LineStiffness = Annotated[float, Quantity("stiffness per length", "N/mm^2", "400 N/mm^2", above=0.0)]  # [N/mm2]
