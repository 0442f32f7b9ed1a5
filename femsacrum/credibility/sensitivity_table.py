"""What the outcomes hinge on, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from femsacrum.credibility.hinging import is_outcome
from femsacrum.credibility.influence import Row

if TYPE_CHECKING:
    from femsacrum.credibility.sensitivity import Sensitivity

#: Inputs told of each quantity, those with the largest span.
FIRST = 3


def lines(found: Sensitivity, *, every: bool = False) -> Iterator[str]:
    """The inputs by rank, and below them quantity by quantity what moves each most.

    Args:
        found: What came of it.
        every: Show every quantity and input, not only the outcomes and what moves them most.
    """
    mesh = "the case's own mesh" if found.ratio == 1.0 else f"{found.ratio:g} times the element sizes of the case"
    yield f"solved on {mesh}, {found.tetrahedra:,} tetrahedra; movements and months are left out"
    yield ""
    yield f"{'rank':>4}  {'input':<34}{'range':<24}{'influence':>9}  confidence"
    for each in found.ranked:
        given = each.given
        range_ = f"{given.low:g} to {given.high:g} {'' if given.unit == '1' else given.unit}".rstrip()
        share = f"{100.0 * each.influence:.0f} %"
        yield f"{each.rank:>4}  {_spoken(given.name):<34}{range_:<24}{share:>9}  {given.confidence}"
        yield from (f"      {said}" for said in each.stopped)
    for name, why in found.left_out.items():
        yield f"   -  {_spoken(name):<34}left out: {why}"
    for load_case, rows in groupby(found.rows, lambda row: row.quantity.load_case):
        yield ""
        yield load_case
        for row in rows:
            if every or (is_outcome(row.quantity) and row.rank <= FIRST):
                yield _line(row)
    if not every:
        yield ""
        yield "--all shows the quantities and inputs that are left out here"


def _line(row: Row) -> str:
    start = f"{row.quantity.words} [{row.quantity.unit}] {row.quantity.value:.4g}" if row.rank == 1 else ""
    values = " to ".join("-" if value is None else f"{value:.4g}" for value in (row.low_value, row.high_value))
    return f"  {start:<76}{_spoken(row.given.name):<34}{values}"


def _spoken(name: str) -> str:
    return name if "." in name else name.replace("_", " ")  # a key of the case stays one
