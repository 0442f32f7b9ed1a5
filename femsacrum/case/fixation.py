"""Rules about rods and screws: what goes together, told before any bone is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from femsacrum.case.names import NOT_OF_ANCHOR, SIDES
from femsacrum.case.rules import Location, Problem
from femsacrum.case.surgery import Fixation
from femsacrum.case.units import LENGTH

HERE: Location = ("surgery", "fixation")
#: A head holds what passes it with so much metal all round [mm]: a ball that what it holds fills is no solid.
HEAD_WALL = 1.0


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
    if anchor == "none":
        yield from _lumbar(given, plan)
    elif given.get("rods_per_side") == 2:
        if anchor == "galveston":
            yield (*HERE, "rods_per_side"), '2 rods a side need 2 iliac screws to lead to; "galveston" has none'
        elif given.get("iliac_screws_per_side", 2) == 1:
            yield (*HERE, "rods_per_side"), "2 rods a side need 2 iliac screws a side to lead to"
    for key in NOT_OF_ANCHOR.get(anchor, ()) if isinstance(anchor, str) else ():
        if key in given:
            why = "is the end of the rod, no screw" if anchor == "galveston" else "leaves the ilium alone"
            yield (*HERE, key), f'the anchor "{anchor}" {why}: leave it out'
    planned = given.get("trajectories")
    yield from _heads(given, planned, anchor)
    if isinstance(planned, Sequence):
        names = [each.get("name") for each in planned if isinstance(each, Mapping)]
        yield from _planned([name for name in names if isinstance(name, str)], given, anchor)


def _lumbar(given: Mapping[str, Any], plan: str) -> Iterator[Problem]:
    """Rods that end at L5."""
    if plan == "total_sacrectomy":
        yield (*HERE, "iliac_anchor"), '"none" joins nothing to the pelvis, which this plan parts from the spine'
    if given.get("rods_per_side") == 2:
        yield (*HERE, "rods_per_side"), '2 rods a side need 2 iliac screws to lead to; iliac_anchor = "none" has none'
    for key in ("cross_links", "transiliac_bars"):
        if given.get(key):
            yield (
                (*HERE, key),
                'is clamped to the rods below L5; with iliac_anchor = "none" they end there: leave it out',
            )


def _heads(given: Mapping[str, Any], planned: object, anchor: object) -> Iterator[Problem]:
    """Heads are wider than rods and shafts."""
    keys = [
        "rod_diameter",
        "pedicle_screw_diameter",
        *([] if anchor in tuple(NOT_OF_ANCHOR) else ["iliac_screw_diameter"]),
    ]
    sizes = {key: _length(given, key) for key in keys}
    for each in planned if isinstance(planned, Sequence) else ():
        if isinstance(each, Mapping) and "diameter" in each:
            sizes[f"the diameter of {each.get('name')}"] = _length(each, "diameter")
    head, known = _length(given, "head_diameter"), {key: size for key, size in sizes.items() if size is not None}
    if head is None or not known:
        return
    widest = max(known, key=lambda key: known[key])
    least = known[widest] + 2.0 * HEAD_WALL
    if head < least:
        yield (
            (*HERE, "head_diameter"),
            f"a head of {head:g} mm does not hold {widest} = {known[widest]:g} mm: at least {least:g} mm",
        )


def _length(table: Mapping[str, Any], key: str) -> float | None:
    """A length that is given or usual [mm]; None: one that the schema refuses."""
    if key not in table:
        return float(Fixation.model_fields[key].default)
    try:
        return LENGTH.read(table[key])
    except PydanticCustomError:
        return None


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
