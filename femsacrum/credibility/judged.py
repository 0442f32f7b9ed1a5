"""Numbers that outcomes are judged by and that are no pieces of the solution: volumes, graded areas, margins; and movements.

Formal orders: a volume counted in whole elements, and an area counted point by point, jump by a layer of elements, so 1
whatever the elements. The margin of a screw is a strength that the mesh hardly touches over resultants of the screw, so
that of a force, 2 k (``quantities``). Of a movement, motion has that of displacements, and the use of a part's
fatigue strength that of its stress. The weakest screw may be another one on another mesh: ``whose`` tells which, and margins
of different screws are not compared as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.credibility.quantity import Quantity, known, spoken, valued
from femsacrum.findings.outcomes import RESTED

Found = Mapping[str, Any]
Orders = Mapping[str, int]

#: Order of what is counted in whole elements or points.
COUNTED = 1
WAYS = {"pull_out": "pull-out", "toggle": "toggling"}


def overloaded(name: str, case: Found, orders: Orders, least: int) -> Iterator[Quantity]:
    """Volume of bone and graft strained past their limit: all of it, and body by body."""
    found = case.get("overload") or {}
    if known(found.get("volume")):
        value, unit = valued(found["volume"])
        yield Quantity(
            name, "overload.volume", "bone and graft strained past their limit", unit, value, "volume", COUNTED
        )
    for body, row in found.get("bodies", {}).items():
        if known(row["volume"]):
            value, unit = valued(row["volume"])
            words = f"{spoken(body)}: volume strained past its limit"
            yield Quantity(name, f"overload.{body}.volume", words, unit, value, "volume", COUNTED, main=False)


def damaged(name: str, case: Found, orders: Orders, least: int) -> Iterator[Quantity]:
    """Of every bone and graft one over the factor on the load at which its first piece is damaged: it grows with strain."""
    for body, row in (case.get("first_damage") or {}).get("bodies", {}).items():
        if known(row["factor"]):
            words = f"{spoken(body)}: use of what its first piece bears"
            used, formal = 1.0 / float(row["factor"]["value"]), min(orders.get(body, least), least + 1)
            yield Quantity(name, f"first_damage.{body}", words, "1", used, "strain", formal, main=False)


def grades(name: str, case: Found, orders: Orders, least: int) -> Iterator[Quantity]:
    """Shares of every graft's face that its grade is made of."""
    for face, row in case.get("incorporation", {}).items():
        for which in ("favourable", "adverse"):
            value, unit = valued(row[which])
            key, words = f"incorporation.{face}.{which}", f"{spoken(face)}: area graded {which}"
            yield Quantity(name, key, words, unit, value, "area", COUNTED)


def margins(name: str, case: Found, orders: Orders, least: int) -> Iterator[Quantity]:
    """Low end of the margin of the weakest screw, and of each in both ways it can come loose."""
    found = case.get("screws") or {}
    weakest = found.get("weakest")
    if weakest:
        low, unit = valued(weakest["margin"]["low"])
        whose = f"{spoken(weakest['screw'])}, {WAYS[weakest['mode']]}"
        words = "margin of the weakest screw, its low end"
        yield Quantity(name, "screws.weakest", words, unit, low, "margin", 2 * least, whose=whose)
    for screw, row in found.get("screws", {}).items():
        for mode, way in WAYS.items():
            if known(row[mode]["margin"]["low"]):
                low, unit = valued(row[mode]["margin"]["low"])
                words = f"{spoken(screw)}: margin against {way}, its low end"
                yield Quantity(name, f"screws.{screw}.{mode}", words, unit, low, "margin", 2 * least, main=False)


def movement(name: str, walk: Found, orders: Orders, least: int) -> Iterator[Quantity]:
    """Of a movement: what its faces move, overloaded bone, margins of screws, and what its metal uses of its strength.

    Of one whose interfaces had not come to rest there is none.
    """
    if walk["outcome"] == RESTED:
        return
    for face, row in walk["faces"].items():
        if known(row["p95"]):
            value, unit = valued(row["p95"])
            words = f"{spoken(face)}: 95th percentile of micromotion over the cycle"
            yield Quantity(name, f"faces.{face}.p95", words, unit, value, "motion", least + 1)
    for face, row in walk["migration"]["faces"].items():
        if known(row.get("in_a_year")):
            value, unit = valued(row["in_a_year"])
            words = f"{spoken(face)}: migration in a year"
            yield Quantity(name, f"migration.{face}.in_a_year", words, unit, value, "motion", least + 1, main=False)
    yield from overloaded(name, walk, orders, least)
    yield from margins(name, walk, orders, least)
    yield from _used(name, walk, orders, least)


def _used(name: str, walk: Found, orders: Orders, least: int) -> Iterator[Quantity]:
    """Of every part one over its safety factor against fatigue, which grows with its stress."""
    bodies = walk["fatigue"]["bodies"] if walk["fatigue"] else {}
    for body, parts in bodies.items():
        formal = min(orders.get(body, least), least + 1)
        for part, row in parts.items():
            if row["strength"] is not None and known(row["safety_factor"]["1e7"]):
                used = 1.0 / float(row["safety_factor"]["1e7"]["value"])
                words = f"{spoken(part)}: use of its fatigue strength at 1e7 repetitions"
                at = tuple(row["at"]["value"])
                yield Quantity(name, f"fatigue.{part}", words, "1", used, "stress", formal, peak=True, at=at)
