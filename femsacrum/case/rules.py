"""Rules about several keys of a case together, checked on what stands in the file so that all of them are reported.

Every rule takes the raw content and yields (location, problem); content of a wrong type is left to the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from femsacrum.case.names import ANY, BODIES, LANDMARKS, PARTS, ROLES, did_you_mean

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
        yield from _interface(("interfaces", index), rule, _plan_name(data))
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


def _plan_name(data: Raw) -> str | None:
    plan = at(data, "surgery", "plan")
    return plan if isinstance(plan, str) and plan in BODIES else None


def _plan(data: Raw) -> Iterator[Problem]:
    plan, resection = _plan_name(data), at(data, "surgery", "resection")
    if plan == "total_sacrectomy" and resection is None:
        yield ("surgery", "resection"), 'missing: plan "total_sacrectomy" needs the cut through the left ilium'
    if plan == "intact" and resection is not None:
        yield ("surgery", "resection"), 'plan "intact" cuts nothing: leave it out, or take plan "total_sacrectomy"'


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
        problem = _unknown_body(name, _plan_name(data))
        if problem:
            yield (*location, name), problem


def _interface(location: Location, rule: Raw, plan: str | None) -> Iterator[Problem]:
    between = rule.get("between")
    for index, name in enumerate(between) if isinstance(between, list) and len(between) == 2 else ():
        problem = _unknown_body(name, plan, ANY) if isinstance(name, str) else None
        if problem:
            yield (*location, "between", index), problem
    if rule.get("law") == "frictional" and "friction" not in rule:
        yield (*location, "friction"), 'missing: law "frictional" needs a coefficient, for example 0.5'
    if rule.get("law") == "bonded" and "friction" in rule:
        yield (*location, "friction"), 'law "bonded" does not slide: leave friction out, or take law "frictional"'


def _unknown_body(name: str, plan: str | None, *more: str) -> str | None:
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
    if kind == "axial" and "force" not in load:
        yield (*location, "force"), 'missing: kind "axial" needs the force on L4, for example "400 N"'
    if kind in ("standing", "crutch_stance") and "force" in load:
        yield (*location, "force"), f'kind "{kind}" takes its forces from the body mass: leave force out'


def _load_names(data: Raw) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, load in _tables(data, "loads"):
        name = load.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            yield ("loads", index, "name"), f"loads[{first[name]}] has the same name; load cases need different ones"
        first.setdefault(name, index)
