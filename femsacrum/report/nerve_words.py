"""What is said of the sacral nerves, in a few sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report.words import plain, spoken

STANDING = (
    "Strain of nerves is predicted, their function is not. A nerve whose strain stays low may still not work, and a "
    "graft that is long enough need not grow through."
)


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
    said += [_worst(found, graft) for graft in (False, True)]
    short = [spoken(name) for name, row in found["slack_needed"].items() if not row["enough"]]
    if found["slack_needed"] and not short:
        said.append("Where they slide freely, all stay within 5 % in every state looked at.")
    elif short:
        said.append(f"Without more slack these exceed 5 %: {', '.join(short)}.")
    said.append("How far postures pull S2 to S4 is assumed, not published.")
    return " ".join(one for one in said if one)


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
    if largest == 0.0:
        return f"No {what} is strained."
    held = row["strain_held"]["value"]
    more = ""
    if held > largest:
        more = f"; {plain(100 * held, 2)} % where scar holds it at its foramen ({row['meaning_held']})"
    return f"Most strained {what}: {spoken(name)}, at most {plain(100 * largest, 2)} % ({words}), {row['meaning']}{more}."
