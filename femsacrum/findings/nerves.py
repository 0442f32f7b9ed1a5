"""Sacral roots for the findings: where they are, what is near, and how much postures, loads and motion strain them.

A kept root slides through its foramen, so all of its length shares its elongation; beside that it is told what it would
be if scar held it there and what lies outside took all. Judged is the first: it is what agrees with strain measured as
the straight leg is raised (2 to 4 % of S1, Smith 1993). A graft takes all of the elongation between its stumps. None of
them is in the system that is solved: they carry no load there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Surface
from femsacrum.findings.nerve_law import (
    carried,
    elongation,
    exceeds,
    meaning,
    percent,
    slack_needed,
    strain,
    tension,
    worst,
)
from femsacrum.findings.quantities import place, quantity
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant, table
from femsacrum.surgery.nerves.model import Root, length

#: Key of a clearance -> what it is to; a body's name says it itself.
NEAR = {"cut": "cut face", "deroofing": "face sawn to open the canal"}
#: Postures told, with their words.
POSTURES = {"straight_leg_raise": "raising the straight leg", "hip_flexion": "hip bent to 90 degrees, knee bent"}


def nerves(assembly: Assembly, solutions: Iterable[LoadCaseSolution]) -> dict[str, Any]:
    """Every root, graft and strain; empty where the case does not ask.

    Args:
        assembly: With the construct's nerves.
        solutions: Load cases of one instant.

    Returns:
        "roots", "missing", "postures", "load_cases", "motion", "slack_needed", "doubts", "law", "strains"
        (docs/nerves.md tells what is in them).
    """
    found = assembly.construct.nerves
    if found is None:
        return {}
    metal = _metal(assembly)
    cables = {name: root for name, root in found.roots.items() if root.fate != "cut"}
    postures = {
        posture: {name: _posture(posture, root) for name, root in cables.items()} for posture in POSTURES
    }  # fmt: skip
    cases = {
        solution.name: {name: _loaded(root, assembly, solution) for name, root in cables.items()}
        for solution in solutions
    }
    motion = {name: _state(root, found.motion, found.motion) for name, root in cables.items()}
    states = [(POSTURES[posture], rows) for posture, rows in postures.items()]
    states += [(f"load case {name}", rows) for name, rows in cases.items()]
    states.append((f"{found.motion:g} mm motion of an implant or fragment", motion))
    needed = {name: _needed(root, [(words, rows[name]) for words, rows in states]) for name, root in cables.items()}
    roots = {name: _root(root, metal) for name, root in found.roots.items()}
    return {
        "roots": roots,
        "missing": dict(found.missing),
        "postures": {posture: {"words": POSTURES[posture], "roots": rows} for posture, rows in postures.items()},
        "load_cases": cases,
        "motion": {"assumed": quantity(found.motion, "mm"), "roots": motion},
        "slack_needed": needed,
        "doubts": _doubts(found.roots, roots, states, needed),
        "law": {key: _cited(f"law.{key}") for key in table("nerves")["law"]},
        "strains": {key: _cited(f"strain.{key}") for key in table("nerves")["strain"]},
    }


def _root(root: Root, metal: Mapping[str, DistanceTo]) -> dict[str, Any]:
    course = root.course
    near = {what: quantity(away, "mm") for what, away in root.clearance.items()}
    lines = [(piece, course.radius) for piece in root.left]
    if root.graft is not None:  # how its slack lies is not known: the straight line between its stumps is looked at
        path = root.graft.path
        lines.append((np.linspace(path[0], path[-1], len(path)), root.graft.radius))
    for body, surface in metal.items() if root.fate != "cut" else ():
        near[body] = quantity(min(float(surface(points).min()) - radius for points, radius in lines), "mm")
    told: dict[str, Any] = {
        "fate": root.fate,
        "course": course.origin,
        "length": quantity(length(course.points), "mm"),
        "to_foramen": quantity(length(course.points[: course.mouth + 1]), "mm"),
        "diameter": quantity(2.0 * course.radius, "mm"),
        "diameter_source": constant("nerves", f"diameter.{course.level}.dorsal").cited(),
        "in_bone": quantity(course.in_bone, "mm"),
        "ends": {anchor.name: {"at": place(anchor.point), "moves_with": anchor.body} for anchor in root.anchors},
        "clearance": near,
        "notes": list(root.notes),
    }
    if root.graft is not None:
        graft = root.graft
        modulus = constant("nerves", "law.modulus").value
        told["graft"] = {
            "length": quantity(graft.length, "mm"),
            "gap": quantity(graft.gap, "mm"),
            "slack": quantity(graft.slack, "mm"),
            "diameter": quantity(2.0 * graft.radius, "mm"),
            "stiffness": quantity(tension(1.0, graft.radius, modulus) / graft.length, "N/mm"),
        }
    return told


def _metal(assembly: Assembly) -> dict[str, DistanceTo]:
    return {
        name: DistanceTo(Surface(mesh.nodes, np.asarray(mesh.facets[:, :3], dtype=np.int64)))
        for name, mesh in assembly.bodies.items()
        if mesh.role in ("implant", "fixation")
    }


def lengths(root: Root) -> tuple[float, float]:
    """Length between the ends of a kept root or graft, and of the part that takes all where it is held [mm]."""
    if root.graft is not None:
        return root.graft.gap, root.graft.gap
    points, mouth = root.course.points, root.course.mouth
    return length(points), length(points[mouth:])


def _state(root: Root, along: float | None, outside: float | None) -> dict[str, Any]:
    """Strain and force of a root whose whole length and outer part get longer by so much [mm]; None: not known."""
    if along is None or outside is None:
        unknown = {"elongation": "mm", "strain": "1", "strain_held": "1", "force": "N"}
        said = dict.fromkeys(("meaning", "meaning_held"), "not determined")
        return {key: quantity(None, unit) for key, unit in unknown.items()} | said
    whole, outer = lengths(root)
    free = strain(whole + along, whole + root.slack)
    held = max(free, strain(outer + outside, outer + root.slack))
    radius = root.course.radius if root.graft is None else root.graft.radius
    return {
        "elongation": quantity(along, "mm"),
        "strain": quantity(free, "1"),
        "strain_held": quantity(held, "1"),
        "force": quantity(tension(held, radius, constant("nerves", "law.modulus").value), "N"),
        "meaning": meaning(free),
        "meaning_held": meaning(held),
    }


def _posture(posture: str, root: Root) -> dict[str, Any]:
    least, most = (constant("nerves", f"posture.{posture}.{root.course.level}.{end}") for end in ("least", "most"))
    return {
        **_state(root, most.value, most.value),
        "least": _state(root, least.value, least.value),
        "pulled": {"least": quantity(least.value, "mm"), "most": quantity(most.value, "mm")},
        "source": most.cited(),
    }


def _loaded(root: Root, assembly: Assembly, solution: LoadCaseSolution) -> dict[str, Any]:
    moved = []
    for anchor in root.anchors:
        body = anchor.body or ""
        if body not in assembly.bodies or body in solution.loose:
            return _state(root, None, None)
        moved.append(carried(anchor.point, assembly.bodies[body].nodes, solution.displacements[body]))
    points, motion = np.array([anchor.point for anchor in root.anchors]), np.array(moved)
    return _state(root, elongation(points, motion), elongation(points[-2:], motion[-2:]))


def _needed(root: Root, states: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Slack, and of a graft its length, with which none of the states exceeds the strain aimed at; and which of them do.

    Where a state is not determined, the slack is not either, only how much the others need at least.
    """
    known = [(words, row) for words, row in states if row["strain"]["value"] is not None]
    unknown = [words for words, row in states if row["strain"]["value"] is None]
    longest = worst([row["elongation"]["value"] for _, row in known]) or 0.0
    slack = slack_needed(lengths(root)[0], longest, constant("nerves", "strain.wanted").value)
    over, held = (
        [words for words, row in known if exceeds(row[key]["value"])] for key in ("strain", "strain_held")
    )  # fmt: skip
    told = {
        "slack": quantity(None if unknown else slack, "mm"),
        "slack_at_least": quantity(slack, "mm"),
        "has": quantity(root.slack, "mm"),
        "enough": False if over else None if unknown else True,
        "exceeded_in": over,
        "exceeded_if_held_in": held,
        "not_determined_in": unknown,
    }
    if root.graft is not None:
        told["length"] = quantity(None if unknown else root.graft.gap + slack, "mm")
        told["length_at_least"] = quantity(root.graft.gap + slack, "mm")
    return told


def _doubts(
    roots: Mapping[str, Root],
    told: Mapping[str, Any],
    states: Sequence[tuple[str, Mapping[str, Any]]],
    needed: Mapping[str, Any],
) -> list[str]:
    """What a reader has to be told first."""
    said = []
    least = constant("nerves", "clearance.least").value
    for name, root in roots.items():
        for what, away in told[name]["clearance"].items():
            if away["value"] < least:
                near = NEAR.get(what, _spoken(what))
                said.append(
                    f"{_spoken(name)}: the nearest {near} is {away['value']:.1f} mm away, wanted are {least:g} mm."
                )
        said += [f"{_spoken(name)}: {note}." for note in root.notes if root.graft is not None and "graft" in note]
        if root.graft is not None and needed[name]["enough"] is False:
            bound = "at least " if needed[name]["not_determined_in"] else ""
            long = needed[name]["length_at_least"]["value"]
            said.append(f"{_spoken(name)}: the graft needs {bound}{long:.1f} mm, it has {root.graft.length:g} mm.")
    limit = constant("nerves", "strain.conduction_falls").value
    for words, rows in states:
        values = {_cable(name, roots): row["strain"]["value"] for name, row in rows.items()}
        start = f"{words[0].upper()}{words[1:]}"
        over = [
            f"{who} by {percent(value)} ({meaning(value)})"
            for who, value in values.items()
            if (value or 0.0) >= limit
        ]
        if over:
            said.append(f"{start} may strain {', '.join(over)}.")
        if unknown := [who for who, value in values.items() if value is None]:
            said.append(
                f"{start}: not determined for {', '.join(unknown)}, since a bone that holds an end is loose or gone."
            )
    return said


def _cable(name: str, roots: Mapping[str, Root]) -> str:
    return _spoken(name) if roots[name].graft is None else f"the graft of {_spoken(name)}"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _cited(key: str) -> dict[str, Any]:
    entry = constant("nerves", key)
    return {"value": entry.value, "unit": entry.unit, "source": entry.source, "confidence": entry.confidence}
