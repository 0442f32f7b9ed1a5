"""The numbers of the findings whose convergence is looked at: a choice, made once, the same for every case.

Taken are, load case by load case: displacement, turn and stiffness of the construct; reactions; of every implant the
largest von Mises stress, the largest of the averaged stress, and the 99.9th percentile; of every bone and graft the
largest strains, their percentiles and the stress of the cortex; micromotion of every cut face and every face that may slide,
of the latter largest pressure and area in contact; the force through every interface; tension of screws and ligaments; and
what outcomes are judged by beside these (``judged``). A safety factor is a strength over one of these stresses, and takes
its band from it (``uncertainty``). Left out are what months bring, the intact pelvis, regions of overloaded bone one by
one, and stress of single rods and screws.

Formal orders are those of a priori estimates for elements of order k where the solution is smooth (Strang and Fix, An
Analysis of the Finite Element Method, 1973 [M-high]): k + 1 for displacements, k for strains and stresses, 2 k for
resultants. Bodies are joined, so the lowest k of the model bounds what displacement reaches; an area that comes in
facets has order 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from femsacrum.credibility.judged import damaged, grades, margins, movement, overloaded
from femsacrum.credibility.quantity import Quantity, known, spoken, valued

#: Laws under which two faces may come apart or slide.
SLIDING = ("frictional", "healing", "user")
#: A piece of the solution below this share of the largest of its kind in the load case is the residual's [1].
NOTHING = 1e-6


def quantities(findings: Mapping[str, Any], *, movements: bool = False) -> dict[tuple[str, str], Quantity]:
    """(Load case, key) -> quantity, for all that are looked at and have a value.

    Args:
        findings: Content of ``findings.json``.
        movements: Take those of the movements as well.
    """
    orders = {name: int(body["order"]) for name, body in findings["mesh"]["bodies"].items()}
    least = min(orders.values(), default=1)
    found: dict[tuple[str, str], Quantity] = {}
    rooms = (_motion, _reactions, _implants, _bones, overloaded, damaged, _faces, grades, margins, _resultants)
    for name, case in findings["load_cases"].items():
        found |= _told(name, [each for room in rooms for each in room(name, case, orders, least)])
    for name, walk in ((findings.get("movements") or {}) if movements else {}).items():
        found |= _told(name, list(movement(name, walk, orders, least)))
    return found


def _told(name: str, here: Sequence[Quantity]) -> dict[tuple[str, str], Quantity]:
    """Without what the residual leaves."""
    largest: dict[tuple[str, str], float] = {}
    for each in here:
        alike = each.kind, each.unit
        largest[alike] = max(largest.get(alike, 0.0), abs(each.value))
    return {
        (name, each.key): each
        for each in here
        if not each.solved or abs(each.value) > NOTHING * largest[each.kind, each.unit]
    }


def _motion(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    told = {
        "L5_drop": "drop of L5",
        "L4_displacement_along_load": "displacement of L4 along the load",
        "construct_stiffness": "stiffness of the construct",
    }
    moved = case.get("deformation", {})
    for key, words in told.items():
        if known(moved.get(key)):
            value, unit = valued(moved[key])
            yield Quantity(name, f"deformation.{key}", words, unit, value, "motion", least + 1)
    turns = [moved.get(key) for key in ("L5_tilt_sagittal", "L5_tilt_frontal", "L5_turn_axial")]
    if all(known(turn) for turn in turns):
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
        if known(entry.get(key)):
            value, unit = valued(entry[key])
            at = tuple(entry[where]["value"]) if where is not None and known(entry.get(where)) else None
            said = f"{spoken(body.removesuffix('.cortex'))}: {words}"
            peak = where is not None
            main = not peak or room == "implants"
            over = entry.get("max_over_averaged_max") if key == "von_mises_max" else None
            disagree = over["value"] - 1.0 if over is not None and known(over) else None
            yield Quantity(name, f"{room}.{body}.{key}", said, unit, value, kind, formal, peak, at, main, disagree)


def _faces(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    for face, entry in case.get("interfaces", {}).items():
        slides = entry["law"] in SLIDING
        if entry["loose"] or not (slides or entry.get("kind") == "surface"):
            continue
        here, said = f"interfaces.{face}", spoken(face)
        for key, words in (("p95", "95th percentile of micromotion"), ("max", "largest micromotion")):
            if known(entry["micromotion"][key]):
                value, unit = valued(entry["micromotion"][key])
                where = f"{here}.micromotion.{key}"
                yield Quantity(name, where, f"{said}: {words}", unit, value, "motion", least + 1, main=key == "p95")
        if not slides:
            continue
        value, unit = valued(entry["pressure_max"])
        at = tuple(entry["pressure_max_at"]["value"])
        where = f"{here}.pressure_max"
        yield Quantity(
            name, where, f"{said}: largest pressure", unit, value, "stress", least, peak=True, at=at, main=False
        )
        closed = entry["area"]["value"] - entry["open_area"]["value"]
        yield Quantity(name, f"{here}.|contact_area|", f"{said}: area in contact", "mm2", closed, "area", 1)


def _resultants(name: str, case: Mapping[str, Any], orders: Mapping[str, int], least: int) -> Iterator[Quantity]:
    for face, entry in case.get("interfaces", {}).items():
        if not entry["loose"] and known(entry.get("force_on_slave")):
            size = math.hypot(*entry["force_on_slave"]["value"])
            key, words = f"interfaces.{face}.|force_on_slave|", f"{spoken(face)}: force through it"
            yield Quantity(name, key, words, "N", size, "force", 2 * least, main=False)
    for room, words in (("bolts", "tension of the screw"), ("ligaments", "tension")):
        for each, entry in case.get(room, {}).items():
            if known(entry.get("tension")):
                value, unit = valued(entry["tension"])
                key = f"{room}.{each}.tension"
                yield Quantity(
                    name, key, f"{spoken(each)}: {words}", unit, value, "force", 2 * least, main=room == "bolts"
                )
