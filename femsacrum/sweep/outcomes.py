"""The numbers of a point's findings that go into the table: those whose convergence is looked at, and what came after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.credibility.quantities import quantities
from femsacrum.credibility.quantity import spoken

#: Key of the number of faces of bodies that nothing holds any more.
LOOSE = "interfaces.|loose|"
#: Measures of the operation that say which share of a joint is gone begin so.
JOINT_REMOVED = "sacroiliac_joint_removed_"


def rows(findings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of load case, key, words, unit and value.

    Args:
        findings: Of a run.

    Returns:
        Main quantities of every load case, how many faces nothing holds, and what every bone bears; metal and its weight,
        and what was taken of the joints; of movements fatigue and what moves; of grafts their union. A value that is not
        determined is None.
    """
    made = [
        {"load_case": one.load_case, "key": one.key, "words": one.words, "unit": one.unit, "value": one.value}
        for one in quantities(findings).values()
        if one.main
    ]
    return [*made, *_loose(findings), *_bones(findings), *_plan(findings), *_movements(findings), *_grafts(findings)]


def _row(load_case: str, key: str, words: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"load_case": load_case, "key": key, "words": words, "unit": entry["unit"], "value": entry["value"]}


def _loose(findings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Faces of bodies that lost all contacts: they have no micromotion, which is no good sign."""
    for name, case in findings["load_cases"].items():
        count = float(sum(bool(face["loose"]) for face in case.get("interfaces", {}).values()))
        yield _row(name, LOOSE, "faces of bodies that nothing holds any more", {"unit": "1", "value": count})


def _bones(findings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Bone by bone: how much is past its limit, and how many times the load until the first piece is."""
    for name, case in findings["load_cases"].items():
        for body, row in (case.get("overload") or {}).get("bodies", {}).items():
            said = f"{spoken(body)}: volume strained past its limit"
            yield _row(name, f"overload.{body}.volume", said, row["volume"])
        for body, row in (case.get("first_damage") or {}).get("bodies", {}).items():
            said = f"{spoken(body)}: factor on the load at which its first piece is past its limit"
            yield _row(name, f"first_damage.{body}.factor", said, row["factor"])
            said = f"{spoken(body)}: factor on the load at which 1 cm3 in all is past its limit"
            yield _row(name, f"first_damage.{body}.wide", said, row["wide"])


def _plan(findings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    bodies = findings["mesh"]["bodies"]
    metal = [body["volume"]["value"] for body in bodies.values() if body["role"] in ("implant", "fixation")]
    if metal:
        volume = {"unit": "mm3", "value": sum(metal)}
        yield _row("", "mesh.|metal_volume|", "volume of prosthesis, rods and screws", volume)
    rods = [body["volume"]["value"] for body in bodies.values() if body["role"] == "fixation"]
    if rods:
        volume = {"unit": "mm3", "value": sum(rods)}
        yield _row("", "mesh.|fixation_volume|", "volume of rods and screws", volume)
    for measure, entry in (findings.get("surgery") or {}).get("measures", {}).items():
        if measure.startswith(JOINT_REMOVED):
            side = measure.removeprefix(JOINT_REMOVED)
            yield _row("", f"surgery.{measure}", f"{side} sacroiliac joint that is taken", entry)
    if findings.get("margins"):
        yield _row("", "margins.least", "least margin round the tumour", findings["margins"]["least"]["distance"])


def _movements(findings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, walk in (findings.get("movements") or {}).items():
        worst = walk["fatigue"]["worst"] if walk.get("fatigue") else None
        if worst:
            row = walk["fatigue"]["bodies"][worst["body"]][worst["part"]]
            said = "least fatigue safety factor at 1e7 repetitions"
            yield _row(name, "fatigue.|least_safety_factor|", said, row["safety_factor"]["1e7"])


def _grafts(findings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    healing = findings.get("healing") or {}
    for graft, row in healing.get("grafts", {}).items():
        yield _row(
            "", f"healing.{graft}.risk", f"{graft.replace('_', ' ')}: risk that it does not unite", row["risk"]
        )
