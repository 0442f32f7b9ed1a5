"""Rules about what joins the bodies: interface laws, tightened screws, ligaments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from femsacrum.case.composition import Composition, Pair, composition
from femsacrum.case.names import (
    ANY,
    LANDMARKS,
    LAW_KEYS,
    PARTS,
    SLIDING,
    did_you_mean,
)
from femsacrum.case.rules import Location, Problem, Raw, at, path_problem, tables, unknown_body

#: What a missing key of a law looks like.
EXAMPLES = {
    "friction": "0.5",
    "union": '"30 %"',
    "thread_stiffness": '"400 N/mm^2"',
    "function": '"my_laws.py:cement"',
}


def joint_problems(data: Raw, folder: Path, folders: Sequence[Path] = ()) -> Iterator[Problem]:
    """Every broken rule about ``interfaces``, ``pretension`` and ``ligaments``.

    Args:
        data: Content of the case file, current schema version.
        folder: Folder of the case file.
        folders: Data folders.

    Yields:
        Where, and what is wrong.
    """
    plan = composition(data)
    for index, rule in tables(data, "interfaces"):
        yield from _interface(("interfaces", index), rule, plan, (folder, folders))
    yield from _contacts(data)
    for index, given in tables(data, "pretension"):
        if ("force" in given) == ("shortening" in given):
            yield ("pretension", index), 'needs either a force, for example "500 N", or a shortening'
        if plan is not None and "fixation" not in plan.bodies.values():
            yield ("pretension", index), f'plan "{plan.plan}" has no screws as the case stands: leave it out'
    yield from _ligaments(data, plan)


def _interface(
    location: Location, rule: Raw, plan: Composition | None, where: tuple[Path, Sequence[Path]]
) -> Iterator[Problem]:
    between = rule.get("between")
    for index, name in enumerate(between) if isinstance(between, list) and len(between) == 2 else ():
        problem = unknown_body(name, plan, ANY) if isinstance(name, str) else None
        if problem:
            yield (*location, "between", index), problem
    law = rule.get("law")
    if law not in LAW_KEYS:
        return
    needed, read = LAW_KEYS[law]
    for key in needed:
        if key not in rule:
            what = "a coefficient" if key == "friction" else key
            yield (*location, key), f'missing: law "{law}" needs {what}, for example {EXAMPLES[key]}'
    for key in dict.fromkeys(key for keys in LAW_KEYS.values() for both in keys for key in both):
        if key in rule and key not in (*needed, *read):
            laws = " or ".join(f'"{one}"' for one, keys in LAW_KEYS.items() if key in keys[0] + keys[1])
            how = "does not slide" if (law, key) == ("bonded", "friction") else f"does not read {key}"
            yield (*location, key), f'law "{law}" {how}: leave {key} out, or take law {laws}'
    function = rule.get("function")
    if law == "user" and isinstance(function, str):
        yield from _function((*location, "function"), function, *where)


def _function(location: Location, given: str, folder: Path, folders: Sequence[Path]) -> Iterator[Problem]:
    path, colon, name = given.rpartition(":")
    if not (colon and path and name.isidentifier()):
        yield location, 'needs a Python file and a function in it, for example "my_laws.py:cement"'
    else:
        yield from path_problem(location, path, folder, folders)


def _contacts(data: Raw) -> Iterator[Problem]:
    """Every pair that presses on each other needs a rule; what is grown together or screwed on cannot slide."""
    plan, given = composition(data), data.get("interfaces", [])
    if plan is None or not isinstance(given, list) or any(not _is_rule(rule, plan) for rule in given):
        return
    first = {pair: _first_rule(given, pair, plan) for pair in (*plan.pressed, *plan.joined)}
    bare = [pair for pair in plan.pressed if first[pair] is None]
    if bare:
        pairs = ", ".join(" on ".join(pair) for pair in bare)
        example = f'between = ["{bare[0][0]}", "*"], law = "frictional", friction = 0.4'
        yield ("interfaces",), f"no rule for {pairs}: add one, for example {example}"
    for (slave, master), index in first.items():
        if index is None:
            continue
        law, screwed = given[index]["law"], plan.bodies[slave] == "fixation"
        above = f'put a rule with between = ["{slave}", "{master}"], law = "bonded" above this one'
        if (slave, master) in plan.joined and law in SLIDING:
            why = "is screwed to it" if screwed else "has grown on it"
            yield ("interfaces", index, "law"), f"reaches {slave} on {master}, which {why} and cannot slide: {above}"
        if law == "thread" and not screwed:
            yield ("interfaces", index, "law"), f"reaches {slave} on {master}, where there is no screw: {above}"


def _is_rule(rule: object, plan: Composition) -> bool:
    """Whether a rule can be read; of one that cannot, its own problem is told, not what would follow from it."""
    names = at(rule, "between")
    if not isinstance(names, list) or len(names) != 2 or not isinstance(at(rule, "law"), str):
        return False
    return all(isinstance(name, str) and unknown_body(name, plan, ANY) is None for name in names)


def _first_rule(given: list[Any], pair: Pair, plan: Composition) -> int | None:
    """Index of the rule that a contact follows, None for none."""
    one, other = ({name, plan.bodies[name], ANY} for name in pair)
    for index, rule in enumerate(given):
        first, second = rule["between"]
        if (first in one and second in other) or (first in other and second in one):
            return index
    return None


def _ligaments(data: Raw, plan: Composition | None) -> Iterator[Problem]:
    names: dict[str, int] = {}
    for index, ligament in tables(data, "ligaments"):
        name, ends = ligament.get("name"), ligament.get("ends")
        if isinstance(name, str) and names.setdefault(name, index) != index:
            yield ("ligaments", index, "name"), f"ligaments[{names[name]}] has the same name"
        if ligament.get("compression_only") is True and ligament.get("tension_only") is not False:
            yield ("ligaments", index, "compression_only"), "needs tension_only = false beside it"
        if ("knee" in ligament) != ("stiffness_beyond" in ligament):
            there, missing = ("knee", "stiffness_beyond") if "knee" in ligament else ("stiffness_beyond", "knee")
            yield ("ligaments", index, there), f"needs {missing} beside it, or leave both out"
        for number, end in enumerate(ends) if isinstance(ends, list) else ():
            if not isinstance(end, Mapping):
                continue
            location: Location = ("ligaments", index, "ends", number)
            if ("landmark" in end) == ("point" in end):
                yield location, 'needs either a landmark or a point, for example landmark = "left_isch_spine"'
            landmark, body = end.get("landmark"), end.get("body")
            if isinstance(landmark, str) and landmark and landmark not in LANDMARKS:
                known = ", ".join(LANDMARKS)
                hint = did_you_mean(landmark, LANDMARKS)
                yield (*location, "landmark"), f"no such landmark{hint}; known: {known}"
            if plan is not None and isinstance(body, str) and body not in (*plan.bodies, *PARTS):
                hint, known = did_you_mean(body, plan.bodies), ", ".join(plan.bodies)
                yield (*location, "body"), f'plan "{plan.plan}" has no such body{hint}; it has {known}'
