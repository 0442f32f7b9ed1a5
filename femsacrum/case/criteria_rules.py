"""Rules about acceptance criteria: one limit each, of an outcome that this plan and its loads can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from femsacrum.case.composition import Composition, composition
from femsacrum.case.names import MOVING, ROLES, TUMOUR, did_you_mean
from femsacrum.case.outcomes import OUTCOMES, OutcomeKind
from femsacrum.case.plan import GIVEN
from femsacrum.case.rules import Location, Problem, Raw, at, tables

#: Roles that an outcome is told of.
TOLD_OF = {"body of metal": ("implant", "fixation"), "bone or graft": ("bone", "graft"), "graft": ("graft",)}


def criteria_problems(data: Raw) -> Iterator[Problem]:
    """Every broken rule about ``criteria``.

    Args:
        data: Content of the case file, current schema version.

    Yields:
        Where, and what is wrong.
    """
    plan = composition(data)
    names: dict[str, int] = {}
    for index, given in tables(data, "criteria"):
        here: Location = ("criteria", index)
        name, outcome = given.get("name"), given.get("outcome")
        if isinstance(name, str) and names.setdefault(name, index) != index:
            yield (*here, "name"), f"criteria[{names[name]}] has the same name"
        kind = OUTCOMES.get(outcome) if isinstance(outcome, str) else None
        if kind is None:
            continue
        if ("at_most" in given) == ("at_least" in given):
            quantity = kind.quantity
            example = quantity.example if quantity.unit == "1" else f'"{quantity.example}"'
            yield here, f"needs either at_most or at_least, for example at_most = {example}"
        lacking = _lacking(data, str(outcome), kind, plan)
        if lacking:
            yield (*here, "outcome"), lacking
            continue
        yield from _load((*here, "load"), given, data, kind)
        yield from _of((*here, "of"), given.get("of"), kind, plan)


def _lacking(data: Raw, outcome: str, kind: OutcomeKind, plan: Composition | None) -> str | None:
    """Why the run will not tell an outcome; None where it will."""
    if outcome == "margin" and not _has_tumour(data):
        return "there is no tumour in this case to be told from: give surgery.tumour, or leave the criterion out"
    if outcome == "fatigue_safety" and at(data, "course", "fatigue") is None:
        return "fatigue is not judged in this case: add [course.fatigue], or leave the criterion out"
    if outcome in ("union_risk", "united_share") and at(data, "course", "healing") is None:
        return "no months are followed in this case: add [course.healing], or leave the criterion out"
    if outcome == "union_risk" and at(data, "course", "healing", "samples") == 0:
        return "course.healing.samples = 0 asks for no risk: leave that out, or the criterion"
    if "plan" not in kind.under and not _loads(data, kind):
        wanted = "none of the loads moves" if kind.under == ("movement",) else "all of the loads move"
        return f"{wanted}, so it is not told: add another, or leave the criterion out"
    if plan is not None and kind.of != "the whole" and not _candidates(kind, plan):
        return f'plan "{plan.plan}" has no {kind.of} as the case stands: leave the criterion out'
    return None


def _has_tumour(data: Raw) -> bool:
    named = (at(data, *where) for where in GIVEN)
    return at(data, "surgery", "tumour") is not None or any(
        isinstance(each, Mapping) and TUMOUR in each for each in named
    )


def _loads(data: Raw, kind: OutcomeKind) -> list[str]:
    """Names of the loads under which an outcome is told."""
    return [
        str(load.get("name"))
        for _, load in tables(data, "loads")
        if ("movement" if load.get("kind") in MOVING else "instant") in kind.under
    ]


def _load(location: Location, given: Raw, data: Raw, kind: OutcomeKind) -> Iterator[Problem]:
    name = given.get("load")
    if not isinstance(name, str):
        return
    if kind.under == ("plan",):
        yield location, f'outcome "{given["outcome"]}" is of the plan, not of a load: leave load out'
        return
    told = _loads(data, kind)
    if name in told:
        return
    known = ", ".join(f'"{one}"' for one in told)
    if name in (load.get("name") for _, load in tables(data, "loads")):
        moves = "moves" if kind.under == ("instant",) else "does not move"
        yield location, f'that load {moves}, and outcome "{given["outcome"]}" is not told of it; it is of {known}'
    else:
        yield location, f"no such load{did_you_mean(name, told)}; known: {known}"


def _of(location: Location, pattern: Any, kind: OutcomeKind, plan: Composition | None) -> Iterator[Problem]:
    if not isinstance(pattern, str) or not pattern:
        return
    if kind.of == "the whole":
        yield location, "this outcome is told of the whole, not of parts: leave of out"
        return
    if plan is None or kind.of == "screw":  # which screws there are follows from the bones
        return
    known = _candidates(kind, plan)
    if not any(fnmatchcase(name, pattern) for name in known):
        yield location, f"no such {kind.of}{did_you_mean(pattern, known)}; known: {', '.join(known)}"


def _candidates(kind: OutcomeKind, plan: Composition) -> tuple[str, ...]:
    """Names by which an outcome's bodies, faces or screws can be called; empty: there are none."""
    if kind.of == "screw":
        return tuple(body for body, role in plan.bodies.items() if role == "fixation")
    if kind.of == "face":
        faces = tuple("/".join(pair) for pair in plan.pressed)
        meeting = tuple(dict.fromkeys(body for pair in plan.pressed for body in pair))
        return (*faces, *meeting, *dict.fromkeys(plan.bodies[body] for body in meeting))
    roles = [role for role in ROLES if role in TOLD_OF[kind.of]]
    if kind.of == "graft" and "prosthesis" in plan.bodies:  # a porous one unites where there is no graft
        roles.append("implant")
    bodies = {body: role for body, role in plan.bodies.items() if role in roles}
    return (*bodies, *dict.fromkeys(bodies.values()))
