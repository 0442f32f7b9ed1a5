"""Rules about the material and the elements of each body, checked on what stands in the case file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import get_args

from pydantic_core import PydanticCustomError

from femsacrum.case.composition import composition
from femsacrum.case.elastic import LOCKING_RATIO, equivalent_ratio, largest_axial_ratio, locking
from femsacrum.case.rules import Location, Problem, Raw, at, unknown_body
from femsacrum.case.units import Pressure, Quantity

#: Keys of a material that go together.
AXIAL = ("axis", "axial_modulus", "axial_poisson_ratio", "axial_shear_modulus")

#: Order of the elements where the case says nothing: bone is massive and many-celled, all else bends or hardly changes
#: its volume.
ORDER = {"bone": 1, "disc": 2, "cartilage": 2, "implant": 2, "graft": 2, "fixation": 2}


def element_order(given: Mapping[str, int], body: str, role: str) -> int:
    """Order of a body's elements: the case's for the body, or for its role, or the role's own.

    Args:
        given: ``mesh.order`` of the case.
        body: Name.
        role: Of the body.
    """
    return given.get(body, given.get(role, ORDER.get(role, 2)))


def body_problems(data: Raw) -> Iterator[Problem]:
    """Every broken rule about ``materials`` and ``mesh.order``.

    Args:
        data: Content of the case file, current schema version.

    Yields:
        Where, and what is wrong.
    """
    materials = at(data, "materials", "bodies")
    for name, material in materials.items() if isinstance(materials, Mapping) else ():
        if isinstance(material, Mapping):
            yield from _material(("materials", "bodies", name), material)
    cortex = at(data, "materials", "cortical_bone")
    if isinstance(cortex, Mapping):
        yield from _material(("materials", "cortical_bone"), cortex)
        for key in AXIAL:
            if key in cortex:
                yield ("materials", "cortical_bone", key), "the cortex is a membrane without an axis: leave it out"
    orders = at(data, "mesh", "order")
    for name in orders if isinstance(orders, Mapping) else ():
        problem = unknown_body(name, composition(data))
        if problem:
            yield ("mesh", "order", name), problem
    yield from _locking(data)


def _material(location: Location, material: Raw) -> Iterator[Problem]:
    if not any(key in material for key in AXIAL):
        ratio = _number(material, "poisson_ratio")
        if ratio is not None and ratio >= 0.5:
            yield (*location, "poisson_ratio"), "must be less than 0.5"
        return
    for key in AXIAL:
        if key not in material:
            yield (*location, key), f"missing: a material with an axis needs {', '.join(AXIAL)}"
    if "yield_stress" in material:
        yield (*location, "yield_stress"), "no yield criterion is known for a material with an axis: leave it out"
    ratio, across = _number(material, "poisson_ratio"), _number(material, "axial_poisson_ratio")
    young, along = _pressure(material, "youngs_modulus"), _pressure(material, "axial_modulus")
    if ratio is None or across is None or young is None or along is None or not -1.0 < ratio < 1.0:
        return
    bound = largest_axial_ratio(young, ratio, along)
    if abs(across) >= bound:
        problem = f"must lie between -{bound:.4g} and {bound:.4g}, or some strains would take no energy"
        yield (*location, "axial_poisson_ratio"), f"{problem} (1 - nu - 2 nu_axial^2 E / E_axial > 0)"


def _locking(data: Raw) -> Iterator[Problem]:
    """Linear elements of what hardly changes its volume: a material of the case, or the nucleus of a disc."""
    materials, orders = (at(data, *where) or {} for where in (("materials", "bodies"), ("mesh", "order")))
    plan = composition(data)
    if not isinstance(materials, Mapping) or not isinstance(orders, Mapping) or plan is None:
        return
    for body, role in plan.bodies.items():
        key = body if body in materials else role
        if element_order(orders, body, role) != 1:
            continue
        ratio = _ratio(materials.get(key))
        if ratio is not None and ratio > LOCKING_RATIO:
            yield ("materials", "bodies", key, "poisson_ratio"), locking(body, ratio)
        elif role == "disc" and key not in materials and at(data, "materials", "disc") != "one_solid":
            remedy = 'take 2, or materials.disc = "one_solid"'
            yield (
                ("mesh", "order", body if body in orders else role),
                f"a disc's nucleus locks in linear elements: {remedy}",
            )


def _ratio(material: object) -> float | None:
    """Poisson's ratio of a material, or what stands for it; None where it cannot be read."""
    if not isinstance(material, Mapping) or list(_material((), material)):
        return None
    if "axis" not in material:
        return _number(material, "poisson_ratio")
    pressures = [_pressure(material, key) for key in ("youngs_modulus", "axial_modulus", "axial_shear_modulus")]
    ratios = [_number(material, key) for key in ("poisson_ratio", "axial_poisson_ratio")]
    read = [one for one in (*pressures, *ratios) if one is not None]
    if len(read) < 5:
        return None
    young, along, shear, ratio, across = read
    return equivalent_ratio(young, ratio, along, across, shear)


def _number(material: Raw, key: str) -> float | None:
    value = material.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _pressure(material: Raw, key: str) -> float | None:
    read = next(mark for mark in get_args(Pressure) if isinstance(mark, Quantity)).read
    try:
        return read(material.get(key))
    except PydanticCustomError:
        return None
