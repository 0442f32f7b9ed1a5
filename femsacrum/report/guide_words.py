"""The cutting guide in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report.words import number

Findings = Mapping[str, Any]


def answer(found: Findings, sawn: Findings) -> str:
    """Whether it sits, how far the saw moves it, and what speaks against it.

    Args:
        found: "guide" of the findings.
        sawn: "guide_under_saw" of them.
    """
    said = [_sits(found), *([_moves(sawn["under"])] if sawn.get("under") else [])]
    doubts = [*found["doubts"], *sawn.get("doubts", [])]
    said += doubts or ["Its parts pass every check of wall, undercut and clearance."]
    return " ".join(said)


def _sits(found: Findings) -> str:
    seat = found["seat"]
    held = seat["free_motions"] == 0 and seat["pressed"]
    said = (
        f"{len(seat['contacts'])} contacts hold it in {'all six directions' if held else 'fewer than six directions'}, "
        f"condition number {number(seat['condition'])}"
    )
    if found["others"]:
        other = found["others"][0]
        said += (
            f"; the place nearest to a second seat lies {number(other['shift'])} and {number(other['turn'])} away, "
            f"where its feet miss the bone by {number(other['misfit'])}"
        )
    return f"{said}."


def _moves(under: Findings) -> str:
    name, worst = max(under.items(), key=lambda one: float(one[1]["deepest"]["value"]))
    feet = f"{worst['lifted']} {'foot lifts' if worst['lifted'] == 1 else 'feet lift'}"
    return (
        f"Under the saw the transverse slot moves at most {number(worst['deepest'], 2)} across its plane and turns "
        f"{number(worst['turn'], 2)} ({name}; {feet})."
    )
