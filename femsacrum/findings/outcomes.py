"""Outcomes that a criterion can name, read from the findings: every place where one is told, and whether it can be used."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from femsacrum.case.outcomes import OUTCOMES

Findings = Mapping[str, Any]

#: Checks of a load case without which none of its values is one.
SOUND = ("solution converged", "loads and reactions balance")
#: Outcomes of a movement that came to rest, or at least to a cycle that repeats.
RESTED = "undecided"


@dataclass(frozen=True)
class Reading:
    """One outcome at one place.

    Attributes:
        load_case: Load case or movement; empty: of the plan.
        of: Body, face, screw, part or graft; empty: the whole.
        aliases: Other names that reach it: its body, its role, the bodies of a face.
        value: In the unit of ``OUTCOMES``; infinite where nothing stresses it; None: there is none.
        why: Why there is none.
        key: Name of the quantity behind it, for evidence of convergence and sensitivity.
        inverse_of: Value of that quantity where the outcome goes with one over it, as a safety factor does with a stress;
            None: the outcome is the quantity.
    """

    load_case: str
    of: str
    aliases: tuple[str, ...]
    value: float | None
    why: str
    key: str
    inverse_of: float | None = None


def readings(outcome: str, findings: Findings) -> list[Reading]:
    """Every place where an outcome is told.

    Args:
        outcome: Key of ``OUTCOMES``.
        findings: The content of ``findings.json``.
    """
    found: list[Reading] = []
    under = OUTCOMES[outcome].under
    for name, case in (findings["load_cases"] if "instant" in under else {}).items():
        unsound = next((row["check"] for row in case["validity"] if row["check"] in SOUND and not row["holds"]), None)
        why = f"{name}: not so: {unsound}" if unsound else ""
        found += _without(_INSTANT[outcome](name, case, findings), why)
    for name, walk in ((findings.get("movements") or {}) if "movement" in under else {}).items():
        why = f"{name}: its interfaces had not come to rest" if walk["outcome"] == RESTED else ""
        found += _without(_MOVEMENT[outcome](name, walk, findings), why)
    if "plan" in under:
        found += _PLAN[outcome](findings)
    return found


def _without(rows: Iterator[Reading], why: str) -> Iterator[Reading]:
    """The same, without values where something speaks against all of them."""
    for row in rows:
        yield Reading(row.load_case, row.of, row.aliases, None, why, row.key) if why else row


def _stress(name: str, case: Findings, findings: Findings) -> Iterator[Reading]:
    for body, row in case["implants"].items():
        value, why = _known(row["von_mises_p999"], f"no stress is told of {body}")
        yield Reading(name, body, _roles(findings, body), value, why, f"implants.{body}.von_mises_p999")


def _yield(name: str, case: Findings, findings: Findings) -> Iterator[Reading]:
    for body, row in case["implants"].items():
        factor = (row.get("safety_factor_p999") or {}).get("value")
        strength = (row.get("yield_stress") or {}).get("value")
        value = math.inf if factor is None and strength is not None else factor
        why = "" if value is not None else f"no yield stress is known of {body}"
        key = f"implants.{body}.von_mises_p999"
        yield Reading(name, body, _roles(findings, body), value, why, key, row["von_mises_p999"]["value"])


def _faces(name: str, case: Findings, findings: Findings) -> Iterator[Reading]:
    for face, row in case["interfaces"].items():
        if row["kind"] == "surface":
            told = row["micromotion"]["p95"]
            value, why = _known(None if row["loose"] else told, f"nothing holds a body of {face}")
            yield Reading(name, face, _sides(findings, face), value, why, f"interfaces.{face}.micromotion.p95")


def _walked_faces(name: str, walk: Findings, findings: Findings) -> Iterator[Reading]:
    for face, row in walk["faces"].items():
        value, why = _known(row["p95"], f"nothing holds a body of {face}")
        yield Reading(name, face, _sides(findings, face), value, why, f"faces.{face}.p95")


def _migration(name: str, walk: Findings, findings: Findings) -> Iterator[Reading]:
    told = walk["migration"]["faces"]
    for face in walk["faces"]:
        value, why = _known(told.get(face, {}).get("in_a_year"), f"the cycles walked do not tell where {face} goes")
        yield Reading(name, face, _sides(findings, face), value, why, f"migration.{face}.in_a_year")


def _overload(name: str, case: Findings, findings: Findings) -> Iterator[Reading]:
    for body, row in case["overload"]["bodies"].items():
        value, why = _known(row["volume"], f"no overload is told of {body}")
        yield Reading(name, body, _roles(findings, body), value, why, f"overload.{body}.volume")


def _damage(name: str, case: Findings, findings: Findings) -> Iterator[Reading]:
    for body, row in case["first_damage"]["bodies"].items():
        factor = row["factor"]["value"]
        used = None if factor is None else 1.0 / factor  # the strain, which grows with the load
        value = math.inf if factor is None else float(factor)
        yield Reading(name, body, _roles(findings, body), value, "", f"first_damage.{body}", used)


def _screws(name: str, case: Findings, findings: Findings) -> Iterator[Reading]:
    for screw, row in case["screws"]["screws"].items():
        told = {mode: row[mode]["margin"]["low"]["value"] for mode in ("pull_out", "toggle")}
        known = {mode: value for mode, value in told.items() if value is not None}
        mode = min(known, key=lambda each: float(known[each])) if known else "toggle"
        value = known.get(mode, math.inf)  # nothing pulls or turns it
        yield Reading(name, screw, (), value, "", f"screws.{screw}.{mode}")


def _drop(name: str, case: Findings, findings: Findings) -> Iterator[Reading]:
    yield _moved(name, case, "L5_drop")


def _stiffness(name: str, case: Findings, findings: Findings) -> Iterator[Reading]:
    yield _moved(name, case, "construct_stiffness")


def _moved(name: str, case: Findings, key: str) -> Reading:
    value, why = _known(case["deformation"].get(key), f"{name}: {key.replace('_', ' ')} is not told")
    return Reading(name, "", (), value, why, f"deformation.{key}")


def _fatigue(name: str, walk: Findings, findings: Findings) -> Iterator[Reading]:
    for body, parts in (walk["fatigue"]["bodies"] if walk["fatigue"] else {}).items():
        for part, row in parts.items():
            safe = row["safety_factor"]["1e7"]["value"] if row["strength"] is not None else None
            value = math.inf if safe is None and row["strength"] is not None else safe
            why = "" if value is not None else f"no fatigue strength is known of {part}"
            used = 1.0 / safe if safe else None  # of its strength: what the mesh is judged by
            yield Reading(name, part, (body, *_roles(findings, body)), value, why, f"fatigue.{part}", used)


def _margin(findings: Findings) -> Iterator[Reading]:
    if findings["margins"]:
        value, why = _known(findings["margins"]["least"]["distance"], "no margin is told")
        yield Reading("", "", (), value, why, "margins.least")


def _risk(findings: Findings) -> Iterator[Reading]:
    for graft, row in ((findings.get("healing") or {}).get("grafts") or {}).items():
        value, why = _known(row["risk"], f"no risk is told of {graft}")
        yield Reading("", graft, _roles(findings, graft), value, why, f"healing.{graft}")


def _united(findings: Findings) -> Iterator[Reading]:
    for face, row in ((findings.get("healing") or {}).get("faces") or {}).items():
        yield Reading("", face, _sides(findings, face), float(row["curve"]["united"]["value"][-1]), "",
                      f"healing.{face}.united")  # fmt: skip


def _known(entry: Findings | None, why: str) -> tuple[float | None, str]:
    value = None if entry is None else entry["value"]
    return (None, why) if value is None else (float(value), "")


def _roles(findings: Findings, body: str) -> tuple[str, ...]:
    told = findings["mesh"]["bodies"].get(body)
    return (str(told["role"]),) if told else ()


def _sides(findings: Findings, face: str) -> tuple[str, ...]:
    """The two bodies of a face, called "slave/master", and their roles."""
    bodies = face.split("/")
    return (*bodies, *(role for body in bodies for role in _roles(findings, body)))


_INSTANT = {
    "implant_stress": _stress, "yield_safety": _yield, "micromotion": _faces, "overloaded_volume": _overload,
    "first_damage": _damage, "screw_margin": _screws, "L5_drop": _drop, "stiffness": _stiffness,
}  # fmt: skip
_MOVEMENT = {
    "fatigue_safety": _fatigue, "micromotion": _walked_faces, "migration": _migration,
    "overloaded_volume": _overload, "screw_margin": _screws,
}  # fmt: skip
_PLAN = {"margin": _margin, "union_risk": _risk, "united_share": _united}
