"""Rules about several keys of a case together, checked on what stands in the file so that all of them are reported.

Every rule takes the raw content and yields (location, problem); content of a wrong type is left to the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from femsacrum.case.names import (
    ANY,
    BODIES,
    JOINED,
    LANDMARKS,
    LOAD_KEYS,
    PARTS,
    PLAN_KEYS,
    PRESSED,
    ROLES,
    did_you_mean,
)
from femsacrum.case.schema import LoadSpec
from femsacrum.case.units import Ratio

Location = tuple[str | int, ...]
Problem = tuple[Location, str]
Raw = Mapping[str, Any]


def problems(data: Raw, folder: Path) -> Iterator[Problem]:
    """Every broken rule.

    Args:
        data: Content of the case file, current schema version.
        folder: Folder of the case file.

    Yields:
        Where, and what is wrong.
    """
    yield from _plan(data)
    yield from _cut_planes(data)
    yield from _surface_files(data, folder)
    yield from _material_names(data)
    for index, rule in _tables(data, "interfaces"):
        yield from _interface(("interfaces", index), rule, plan_name(data))
    yield from _contacts(data)
    for index, load in _tables(data, "loads"):
        yield from _load(("loads", index), load)
    yield from _load_names(data)


def at(data: object, *keys: str | int) -> Any:
    """The value at a location, or None where there is none."""
    for key in keys:
        present = key in data if isinstance(data, Mapping) else isinstance(data, list) and key in range(len(data))
        if not present:
            return None
        data = data[key]  # type: ignore[index]
    return data


def _tables(data: Raw, key: str) -> list[tuple[int, Raw]]:
    tables = at(data, key)
    return [(i, t) for i, t in enumerate(tables) if isinstance(t, Mapping)] if isinstance(tables, list) else []


def plan_name(data: Raw) -> str | None:
    """The plan where it is one that exists, else None."""
    plan = at(data, "surgery", "plan")
    return plan if isinstance(plan, str) and plan in BODIES else None


def _plan(data: Raw) -> Iterator[Problem]:
    plan, resection = plan_name(data), at(data, "surgery", "resection")
    if plan == "total_sacrectomy" and resection is None:
        yield ("surgery", "resection"), 'missing: plan "total_sacrectomy" needs the cut through the left ilium'
    if plan is None:
        return
    for key in dict.fromkeys(key for keys in PLAN_KEYS.values() for key in keys):
        if at(data, "surgery", key) is not None and key not in PLAN_KEYS[plan]:
            plans = " or ".join(f'"{one}"' for one, keys in PLAN_KEYS.items() if key in keys)
            yield ("surgery", key), f'plan "{plan}" does not read it: leave it out, or take plan {plans}'


def _cut_planes(data: Raw) -> Iterator[Problem]:
    for side in ("left_ilium", "right_ilium"):
        location: Location = ("surgery", "resection", side)
        plane = at(data, *location)
        if not isinstance(plane, Mapping):
            continue
        if ("landmark" in plane) == ("point" in plane):
            yield location, 'needs either a landmark or a point the plane passes through, for example "left_notch"'
        landmark = plane.get("landmark")
        if isinstance(landmark, str) and landmark and landmark not in LANDMARKS:
            known = ", ".join(LANDMARKS)
            yield (*location, "landmark"), f"no such landmark{did_you_mean(landmark, LANDMARKS)}; known: {known}"


def _surface_files(data: Raw, folder: Path) -> Iterator[Problem]:
    location: Location = ("anatomy", "surfaces", "files")
    files = at(data, *location)
    for part, file in files.items() if isinstance(files, Mapping) else ():
        if part not in PARTS:
            yield (*location, part), f"no such part{did_you_mean(part, PARTS)}; known: {', '.join(PARTS)}"
        if isinstance(file, str) and file and not (folder / file).is_file():
            yield (*location, part), f"no such file (looked for {folder / file}; paths are relative to the case file)"


def _material_names(data: Raw) -> Iterator[Problem]:
    location: Location = ("materials", "bodies")
    bodies = at(data, *location)
    for name in bodies if isinstance(bodies, Mapping) else ():
        problem = unknown_body(name, plan_name(data))
        if problem:
            yield (*location, name), problem


def _interface(location: Location, rule: Raw, plan: str | None) -> Iterator[Problem]:
    between = rule.get("between")
    for index, name in enumerate(between) if isinstance(between, list) and len(between) == 2 else ():
        problem = unknown_body(name, plan, ANY) if isinstance(name, str) else None
        if problem:
            yield (*location, "between", index), problem
    if rule.get("law") == "frictional" and "friction" not in rule:
        yield (*location, "friction"), 'missing: law "frictional" needs a coefficient, for example 0.5'
    if rule.get("law") == "bonded" and "friction" in rule:
        yield (*location, "friction"), 'law "bonded" does not slide: leave friction out, or take law "frictional"'


def _contacts(data: Raw) -> Iterator[Problem]:
    """Every pair that presses on each other needs a rule; what is grown together or screwed on cannot slide."""
    plan, given = plan_name(data), data.get("interfaces", [])
    if plan is None or not isinstance(given, list) or any(not _is_rule(rule, plan) for rule in given):
        return
    grafted = at(data, "surgery", "graft") != "none"
    pressed = [pair for pair in PRESSED[plan] if grafted or not pair[0].endswith("_graft")]
    bare = [pair for pair in pressed if _first_rule(given, pair, plan) is None]
    if bare:
        pairs = ", ".join(" on ".join(pair) for pair in bare)
        example = f'between = ["{bare[0][0]}", "*"], law = "frictional", friction = 0.4'
        yield ("interfaces",), f"no rule for {pairs}: add one, for example {example}"
    for slave, master in JOINED[plan]:
        index = _first_rule(given, (slave, master), plan)
        if index is not None and given[index]["law"] == "frictional":
            why = "is screwed to it" if slave.endswith("_fixation") else "has grown on it"
            above = f'put a rule with between = ["{slave}", "{master}"], law = "bonded" above this one'
            yield ("interfaces", index, "law"), f"reaches {slave} on {master}, which {why} and cannot slide: {above}"


def _is_rule(rule: object, plan: str) -> bool:
    """Whether a rule can be read; of one that cannot, its own problem is told, not what would follow from it."""
    names = at(rule, "between")
    if not isinstance(names, list) or len(names) != 2 or not isinstance(at(rule, "law"), str):
        return False
    return all(isinstance(name, str) and unknown_body(name, plan, ANY) is None for name in names)


def _first_rule(given: list[Raw], pair: tuple[str, str], plan: str) -> int | None:
    """Index of the rule that a contact follows, None for none."""
    one, other = ({name, BODIES[plan][name], ANY} for name in pair)
    for index, rule in enumerate(given):
        first, second = rule["between"]
        if (first in one and second in other) or (first in other and second in one):
            return index
    return None


def unknown_body(name: str, plan: str | None, *more: str) -> str | None:
    """What is wrong with a body's name; None where nothing is, or where the plan is not known."""
    if plan is None or name in BODIES[plan] or name in ROLES or name in more:
        return None
    if any(name in bodies for bodies in BODIES.values()):
        return f'plan "{plan}" has no such body; it has {", ".join(BODIES[plan])}'
    everywhere = [body for bodies in BODIES.values() for body in bodies]
    hint = did_you_mean(name, (*everywhere, *ROLES))
    return f"no such body or role{hint}; known: {', '.join((*BODIES[plan], *ROLES, *more))}"


def _load(location: Location, load: Raw) -> Iterator[Problem]:
    kind = load.get("kind")
    if not isinstance(kind, str) or kind not in LOAD_KEYS:
        return
    if kind == "axial" and "force" not in load:
        yield (*location, "force"), 'missing: kind "axial" needs the force on L4, for example "400 N"'
    for key in dict.fromkeys(key for keys in LOAD_KEYS.values() for key in keys):
        if key in load and key not in LOAD_KEYS[kind]:
            kinds = " or ".join(f'"{one}"' for one, keys in LOAD_KEYS.items() if key in keys)
            yield (*location, key), f'only for kind = {kinds}, this load is "{kind}": leave it out'
    if kind == "crutch_stance":
        crutch, carried = _share(load, "crutch_force"), _share(load, "upper_body")
        if crutch is not None and carried is not None and 2.0 * crutch >= carried:
            problem = f"{100.0 * crutch:g} % each lifts the upper body off L4: take less than {50.0 * carried:g} %"
            yield (*location, "crutch_force"), problem


def _share(load: Raw, key: str) -> float | None:
    """A share as it stands in the file, or its default; None where it cannot be read."""
    field = LoadSpec.model_fields[key]
    read = next(mark.read for mark in field.metadata if isinstance(mark, Ratio))
    try:
        return read(load[key]) if key in load else float(field.default)
    except PydanticCustomError:
        return None


def _load_names(data: Raw) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, load in _tables(data, "loads"):
        name = load.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            yield ("loads", index, "name"), f"loads[{first[name]}] has the same name; load cases need different ones"
        first.setdefault(name, index)
