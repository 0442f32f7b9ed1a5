"""What is said of the sacral nerves, in a few sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.findings.nerve_law import percent
from femsacrum.report.words import number, spoken

STANDING = (
    "Strain of nerves is predicted, their function is not. A nerve whose strain stays low may still not work, and a "
    "graft that is long enough need not grow through."
)

#: What a saw lays bare: key of a clearance -> words.
SAWN = {"cut": "the cut face of the bone", "deroofing": "the face sawn to open the canal"}


def answer(found: Mapping[str, Any]) -> str:
    """Which roots stay, which are cut or bridged, and the largest strain of each kind.

    Args:
        found: "nerves" of the findings.
    """
    roots = found["roots"]
    said = []
    for fate, words in (("kept", "Kept"), ("bridged", "Bridged by a graft"), ("cut", "Cut and not bridged")):
        names = [spoken(name) for name, row in roots.items() if row["fate"] == fate]
        if names:
            said.append(f"{words}: {', '.join(names)}.")
    if found["missing"]:
        said.append(f"Not told, the sacrum ends above their foramina: {', '.join(map(spoken, found['missing']))}.")
    said.append(_nearest(roots))
    said += [_worst(found, graft) for graft in (False, True)]
    said += _slack(found["slack_needed"], f"{100.0 * found['strains']['wanted']['value']:g} %")
    said.append("How far postures pull S2 to S4 is assumed, not published.")
    return " ".join(one for one in said if one)


def _nearest(roots: Mapping[str, Any]) -> str:
    """Which root that stays a saw comes nearest to, and which saw."""
    sawn = [(row["clearance"][what], words, name) for name, row in roots.items() for what, words in SAWN.items()
            if what in row["clearance"]]  # fmt: skip
    if not sawn:
        return ""
    away, words, name = min(sawn, key=lambda one: one[0]["value"])
    return f"Nearest to a saw: {spoken(name)}, {number(away, 2)} from {words}."


def _slack(needed: Mapping[str, Any], aim: str) -> list[str]:
    """Which roots and grafts are strained more than is aimed at, in which states; and in which that is not known."""

    def listed(key: str) -> str:
        return "; ".join(f"{spoken(name)} ({', '.join(row[key])})" for name, row in needed.items() if row[key])

    if not needed:
        return []
    over, unknown = listed("exceeded_in"), listed("not_determined_in")
    held = listed("exceeded_if_held_in")
    said = [f"Without more slack these exceed {aim}: {over}."] if over else []
    if not over:
        where = "in the states that are determined" if unknown else "in every state looked at"
        said.append(f"Where they slide freely, all stay within {aim} {where}.")
    if held and held != over:
        said.append(f"Held at the foramen by scar, these exceed {aim}: {held}.")
    if unknown:
        said.append(f"Not determined, so not judged: {unknown}.")
    return said


def _worst(found: Mapping[str, Any], graft: bool) -> str:
    """The largest strain of the roots that are kept, or of the grafts."""
    states = [(posture["words"], posture["roots"]) for posture in found["postures"].values()]
    states += list(found["load_cases"].items())
    known = [
        (row["strain"]["value"], words, name, row)
        for words, rows in states
        for name, row in rows.items()
        if row["strain"]["value"] is not None and ("graft" in found["roots"][name]) == graft
    ]
    if not known:
        return ""
    largest, words, name, row = max(known, key=lambda one: one[0])
    what = "graft" if graft else "root that stays"
    unknown = any(
        found["slack_needed"][name]["not_determined_in"]
        for name, row in found["roots"].items() if row["fate"] != "cut" and ("graft" in row) == graft
    )  # fmt: skip
    limit = " as far as is determined" if unknown else ""
    if largest == 0.0:
        return f"No {what} is strained{limit}."
    held = row["strain_held"]["value"]
    more = ""
    if held > largest:
        more = f"; {percent(held)} where scar holds it at its foramen ({row['meaning_held']})"
    return (
        f"Most strained {what}{limit}: {spoken(name)}, at most {percent(largest)} ({words}), {row['meaning']}{more}."
    )
