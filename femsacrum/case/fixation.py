"""Rules about rods and screws: what goes together, told before any bone is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from femsacrum.case.rules import Location, Problem

HERE: Location = ("surgery", "fixation")
SIDES = ("left", "right")


def fixation_problems(given: Mapping[str, Any], plan: str) -> Iterator[Problem]:
    """Every broken rule about ``surgery.fixation``.

    Args:
        given: Content of that table.
        plan: Of the case.

    Yields:
        Where, and what is wrong.
    """
    anchor = given.get("iliac_anchor", "screws")
    if anchor == "S2_alar_iliac" and plan == "total_sacrectomy":
        yield (*HERE, "iliac_anchor"), '"S2_alar_iliac" screws pass the sacrum, which this plan takes away'
    if given.get("rods_per_side") == 2:
        if anchor == "galveston":
            yield (*HERE, "rods_per_side"), '2 rods a side need 2 iliac screws to lead to; "galveston" has none'
        elif given.get("iliac_screws_per_side", 2) == 1:
            yield (*HERE, "rods_per_side"), "2 rods a side need 2 iliac screws a side to lead to"
    planned = given.get("trajectories")
    if isinstance(planned, Sequence):
        names = [each.get("name") for each in planned if isinstance(each, Mapping)]
        yield from _planned([name for name in names if isinstance(name, str)], given, anchor)


def _planned(names: Sequence[str], given: Mapping[str, Any], anchor: object) -> Iterator[Problem]:
    """Planned screws: each once, and the iliac screws of a side all or none."""
    location: Location = (*HERE, "trajectories")
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield location, f'"{name}" is given {names.count(name)} times'
    for side in SIDES:
        iliac = {name for name in names if name.startswith(f"{side}_iliac")}
        if iliac and anchor != "screws":
            yield location, f'"{min(iliac)}" is a screw, and iliac_anchor = "{anchor}" has none of that kind'
            continue
        count = given.get("iliac_screws_per_side", 2)
        wanted = {f"{side}_iliac_{number}" for number in range(1, 1 + count)} if count in (1, 2) else iliac
        if iliac and iliac != wanted:
            yield (
                location,
                f"plans {', '.join(sorted(iliac))}; with iliac_screws_per_side = {count} plan {_listed(wanted)}",
            )


def _listed(names: set[str]) -> str:
    return " and ".join(sorted(names)) + " or neither" if len(names) > 1 else f"only {min(names)}"
