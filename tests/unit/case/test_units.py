"""Quantities at the door."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from femsacrum.case import units


def read(kind: Any, value: object, **context: float) -> Any:
    return TypeAdapter(kind).validate_python(value, context=context)


def refusal(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    return caught.value.errors()[0]["msg"]


def finite_or_refused(text: str) -> bool:
    try:
        return math.isfinite(read(units.Length, text))
    except ValidationError as error:
        return error.errors()[0]["type"] == "quantity"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (units.Length, "0.35 mm", 0.35),
        (units.Length, "-2mm", -2.0),
        (units.Length, "35 um", 0.035),
        (units.Length, "35 µm", 0.035),
        (units.Length, "1.5 cm", 15.0),
        (units.Length, "1 inch", 25.4),
        (units.Angle, "52 deg", 52.0),
        (units.Angle, "52°", 52.0),
        (units.Angle, "1 rad", math.degrees(1.0)),
        (units.Force, "0.4 kN", 400.0),
        (units.Force, "1 kgf", 9.80665),
        (units.Mass, "75 kg", 75.0),
        (units.Mass, "500 g", 0.5),
        (units.Pressure, "17 GPa", 17000.0),
        (units.Pressure, "110000 MPa", 110000.0),
        (units.Pressure, "1 N/mm2", 1.0),
        (units.Pressure, "1 N/mm^2", 1.0),
        (units.Pressure, "1 N/mm²", 1.0),
        (units.FoundationModulus, "5e4 MPa/mm", 5e4),
        (units.FoundationModulus, "5000 N/mm3", 5000.0),
        (units.FoundationModulus, "1 GN/m3", 1.0),
        (units.Share, "60 %", 0.6),
        (units.Share, 0.6, 0.6),
        (units.Share, "0.6", 0.6),
        (units.Share, 1, 1.0),
        (units.Factor, "104 %", 1.04),
        (units.Point, "(72, 85, -5) mm", (72.0, 85.0, -5.0)),
        (units.Point, "[7.2, 8.5, -0.5] cm", (72.0, 85.0, -5.0)),
        (units.Point, ["72 mm", "8.5 cm", "-5 mm"], (72.0, 85.0, -5.0)),
        (units.Vector, [0, 0.5, -2], (0.0, 0.5, -2.0)),
    ],
)
def test_what_is_read(kind, text, expected):
    assert read(kind, text) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (units.Length, 6, 'needs a unit, for example "6 mm"'),
        (units.Length, 6.5, 'needs a unit, for example "6.5 mm"'),
        (units.Force, "400", 'needs a unit, for example "400 N"'),
        (units.Force, "400 mm", "is a length; needs a force"),
        (units.FoundationModulus, "17 mm", "is a length; needs a foundation modulus"),
        (units.FoundationModulus, "17 GPa", "is a pressure; needs a foundation modulus"),
        (units.Angle, "60 %", '"%" is not a unit'),
        (units.Length, "3 deg", "is an angle; needs a length"),
        (units.Length, "3 K", "is something else; needs a length"),
        (units.Pressure, "17 gpa", 'did you mean "GPa"?'),
        (units.Length, "17 foo", '"foo" is not a unit'),
        (units.Length, "1 mm + 1 mm", "is not a unit"),
        (units.Length, "nan mm", "must be a finite number"),
        (units.Length, "inf mm", "must be a finite number"),
        (units.Length, "1e400 mm", "must be a finite number"),
        (units.Length, math.nan, "must be a finite number"),
        (units.Length, "0,5 mm", "the decimal sign is a point"),
        (units.Length, "mm", "needs a number and a unit"),
        (units.Length, "", "needs a number and a unit"),
        (units.Length, True, "needs a number and a unit"),
        (units.Length, ["1 mm"], "needs a number and a unit"),
        (units.Length, {}, "needs a number and a unit"),
        (units.PositiveLength, "0 mm", "must be greater than 0"),
        (units.PositiveLength, "-1 mm", "must be greater than 0"),
        (units.Depth, "-1 mm", "must be at least 0"),
        (units.Pressure, "-17 GPa", "must be greater than 0"),
        (units.Mass, "75000 kg", "must be at most 500 kg"),
        (units.Share, "0 %", "must be greater than 0"),
        (units.Share, 60, "must be at most 100 %"),
        (units.Share, "60 mm", 'needs a share, for example "60 %" or 0.6'),
        (units.Share, math.inf, "must be a finite number"),
        (units.Share, True, "needs a share"),
        (units.Force, "70 %BW", "needs a valid patient.mass"),
        (units.Length, "70 %BW", '"%BW" is not a unit'),
        (units.Point, "(72, 85) mm", "needs three coordinates"),
        (units.Point, "(72, 85, -5)", "needs three coordinates"),
        (units.Point, [72, 85, -5], 'needs a unit, for example "72 mm"'),
        (units.Point, "(72, x, -5) mm", "needs a number and a unit"),
        (units.Vector, [0, 0, 0], "must not be zero"),
        (units.Vector, [0, 0, math.inf], "must be three finite numbers"),
        (units.Vector, [0, 1], "needs three numbers"),
        (units.Vector, ["1 mm", 0, 0], "needs three numbers"),
        (units.Vector, [True, 0, 0], "needs three numbers"),
    ],
)
def test_what_is_refused(kind, value, words):
    assert words in refusal(kind, value)


@pytest.mark.parametrize(("unit", "internal"), units.EVERYDAY)
def test_everyday_units_are_what_pint_says(unit, internal):
    assert units.EVERYDAY[unit, internal] == units._factor_by_pint(unit, internal)


def test_share_of_body_weight():
    assert read(units.Force, "70 %BW", body_weight=1000.0) == pytest.approx(700.0)


FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


@given(FINITE)
def test_a_length_written_reads_back_the_same(value):
    assert read(units.Length, units.LENGTH.write(value)) == value


@given(st.floats(min_value=1e-9, max_value=1.0))
def test_a_share_written_reads_back_the_same(value):
    adapter = TypeAdapter(units.Share)
    assert read(units.Share, adapter.dump_python(value, mode="json")) == value


@given(st.tuples(FINITE, FINITE, FINITE))
def test_a_point_written_reads_back_the_same(point):
    assert read(units.Point, TypeAdapter(units.Point).dump_python(point, mode="json")) == point


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_a_decimal_prefix_costs_no_rounding(number):
    assert read(units.Length, f"{number} um") == float(number / Decimal(1000))


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_in_words(text):
    assert finite_or_refused(text)


@example("1 nan")
@given(st.from_regex(r"[0-9.eE+-]{1,6} ?[A-Za-z/*^%°0-9 -]{1,10}", fullmatch=True))
def test_anything_like_a_quantity_is_read_or_refused_in_words(text):
    assert finite_or_refused(text)
