"""The numbers of the findings whose convergence is looked at: a choice, made once, the same for every case.

Taken are, load case by load case: displacement, turn and stiffness of the construct; reactions; of every implant the
largest von Mises stress, the largest of the averaged stress, and the 99.9th percentile; of every bone and graft the
largest strains, their percentiles and the stress of the cortex; of every face that may slide micromotion, largest
pressure and area in contact; the force through every interface; tension of screws and ligaments. Left out are what
follows from these (safety factors, shares, risks), volumes beyond a threshold, and single rods and screws.

Formal orders are those of a priori estimates for elements of order k where the solution is smooth (Strang and Fix, An
Analysis of the Finite Element Method, 1973 [M-high]): k + 1 for displacements, k for strains and stresses, 2 k for
resultants. Bodies are joined, so the lowest k of the model bounds what displacement reaches; an area that comes in
facets has order 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Laws under which two faces may come apart or slide.
SLIDING = ("frictional", "healing", "user")
#: A value below this share of the largest of its unit in the load case is the residual's, not a quantity [1].
NOTHING = 1e-6


@dataclass(frozen=True)
class Quantity:
    """One number of one load case.

    Attributes:
        load_case: Name.
        key: Keys of the findings that lead to it, below the load case; "|x|" is the size of a vector.
        words: For a table.
        unit: Of the value.
        value: On this mesh.
        kind: "motion", "stress", "strain", "force" or "area"; what is drawn together.
        formal: Order of convergence where the solution is smooth.
        peak: A largest value at a point, which may be singular.
        at: Where a peak is [mm]; None: no peak.
        disagree: Of a peak of stress: by how much elements that meet there disagree, the peak over that of the averaged
            stress less one [1]; None: not known.
        main: Shown without being asked for.
    """

    load_case: str
    key: str
    words: str
    unit: str
    value: float
    kind: str
    formal: int
    peak: bool = False
    at: tuple[float, ...] | None = None
    main: bool = True
    disagree: float | None = None


def quantities(findings: Mapping[str, Any]) -> dict[tuple[str, str], Quantity]:
    """(Load case, key) -> quantity, for all that are looked at and have a value."""
    orders = {name: int(body["order"]) for name, body in findings["mesh"]["bodies"].items()}
    least = min(orders.values(), default=1)
    found: dict[tuple[str, str], Quantity] = {}
    for name, case in findings["load_cases"].items():
        rooms = (_motion, _reactions, _implants, _bones, _faces, _resultants)
        here = [quantity for room in rooms for quantity in room(name, case, orders, least)]
        largest: dict[str, float] = {}
        for each in here:
            largest[each.unit] = max(largest.get(each.unit, 0.0), abs(each.value))
        found |= {(name, each.key): each for each in here if abs(each.value) > NOTHING * largest[each.unit]}
    return found


def _motion(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    told = {
        "L5_drop": "drop of L5",
        "L4_displacement_along_load": "displacement of L4 along the load",
        "construct_stiffness": "stiffness of the construct",
    }
    moved = case.get("deformation", {})
    for key, words in told.items():
        if _known(moved.get(key)):
            value, unit = _value(moved[key])
            yield Quantity(name, f"deformation.{key}", words, unit, value, "motion", least + 1)
    turns = [moved.get(key) for key in ("L5_tilt_sagittal", "L5_tilt_frontal", "L5_turn_axial")]
    if all(_known(turn) for turn in turns):
        size = math.hypot(*(turn["value"] for turn in turns if turn))
        yield Quantity(name, "deformation.|L5_turn|", "turn of L5", "deg", size, "motion", least + 1)


def _reactions(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    supports = case.get("equilibrium", {}).get("supports", {})
    for support, told in supports.items():
        force, unit = math.hypot(*told["reaction"]["value"]), told["reaction"]["unit"]
        key = f"equilibrium.supports.{support}.|reaction|"
        yield Quantity(name, key, f"{support}: reaction", unit, force, "force", 2 * least)


def _implants(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    told = {
        "von_mises_max": ("largest von Mises stress", "at"),
        "von_mises_averaged_max": ("largest averaged von Mises stress", "averaged_at"),
        "von_mises_p999": ("99.9th percentile of von Mises stress", None),
    }
    for body, entry in case.get("implants", {}).items():
        formal = min(orders.get(body, least), least + 1)
        yield from _of_body(name, "implants", body, entry, told, "stress", formal)


def _bones(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    strains = {
        "tensile_strain_max": ("largest tensile strain", "tensile_strain_max_at"),
        "compressive_strain_min": ("largest compressive strain", "compressive_strain_min_at"),
        "tensile_strain_p99": ("99th percentile of tensile strain", None),
        "compressive_strain_p01": ("99th percentile of compressive strain", None),
    }
    cortex = {
        "principal_stress_max": ("cortex, largest tension", "largest_at"),
        "principal_stress_min": ("cortex, largest compression", "largest_at"),
        "principal_stress_size_p999": ("cortex, 99.9th percentile of stress", None),
    }
    for body, entry in case.get("bones", {}).items():
        formal = min(orders.get(body, least), least + 1)
        yield from _of_body(name, "bones", body, entry, strains, "strain", formal)
        yield from _of_body(name, "bones", f"{body}.cortex", entry.get("cortex") or {}, cortex, "stress", formal)


def _of_body(
    name: str,
    room: str,
    body: str,
    entry: Mapping[str, Any],
    told: Mapping[str, tuple[str, str | None]],
    kind: str,
    formal: int,
) -> Iterator[Quantity]:
    for key, (words, where) in told.items():
        if _known(entry.get(key)):
            value, unit = _value(entry[key])
            at = tuple(entry[where]["value"]) if where is not None and _known(entry.get(where)) else None
            said = f"{_spoken(body.removesuffix('.cortex'))}: {words}"
            peak = where is not None
            main = not peak or room == "implants"
            over = entry.get("max_over_averaged_max") if key == "von_mises_max" else None
            disagree = over["value"] - 1.0 if over is not None and _known(over) else None
            yield Quantity(name, f"{room}.{body}.{key}", said, unit, value, kind, formal, peak, at, main, disagree)


def _faces(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    for face, entry in case.get("interfaces", {}).items():
        if entry["law"] not in SLIDING or entry["loose"]:
            continue
        here, said = f"interfaces.{face}", _spoken(face)
        for key, words in (("p95", "95th percentile of micromotion"), ("max", "largest micromotion")):
            if _known(entry["micromotion"][key]):
                value, unit = _value(entry["micromotion"][key])
                where = f"{here}.micromotion.{key}"
                yield Quantity(name, where, f"{said}: {words}", unit, value, "motion", least + 1, main=key == "p95")
        value, unit = _value(entry["pressure_max"])
        at = tuple(entry["pressure_max_at"]["value"])
        where = f"{here}.pressure_max"
        yield Quantity(
            name, where, f"{said}: largest pressure", unit, value, "stress", least, peak=True, at=at, main=False
        )
        closed = entry["area"]["value"] - entry["open_area"]["value"]
        yield Quantity(name, f"{here}.|contact_area|", f"{said}: area in contact", "mm2", closed, "area", 1)


def _resultants(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    for face, entry in case.get("interfaces", {}).items():
        if not entry["loose"] and _known(entry.get("force_on_slave")):
            size = math.hypot(*entry["force_on_slave"]["value"])
            key, words = f"interfaces.{face}.|force_on_slave|", f"{_spoken(face)}: force through it"
            yield Quantity(name, key, words, "N", size, "force", 2 * least, main=False)
    for room, words in (("bolts", "tension of the screw"), ("ligaments", "tension")):
        for each, entry in case.get(room, {}).items():
            if _known(entry.get("tension")):
                value, unit = _value(entry["tension"])
                key = f"{room}.{each}.tension"
                yield Quantity(
                    name, key, f"{_spoken(each)}: {words}", unit, value, "force", 2 * least, main=room == "bolts"
                )


def _known(entry: Any) -> bool:
    return isinstance(entry, Mapping) and entry.get("value") is not None


def _value(entry: Mapping[str, Any]) -> tuple[float, str]:
    return float(entry["value"]), str(entry["unit"])


def _spoken(name: str) -> str:
    return name.replace("_", " ").replace("/", " on ")
