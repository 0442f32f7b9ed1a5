"""What one input after the other changes: rows, ranks, and the evidence that is kept.

Values that were solved on a rougher mesh are told for the case's own: its value times (varied / not varied, both rough)
where the two meshes agree on it, else its value plus (varied - not varied).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from femsacrum.credibility.hinging import is_outcome
from femsacrum.credibility.quantity import Quantity

VERSION = 1
#: Share of each other that the values of the two meshes must be for a factor to be carried over [1]. Ours.
ALIKE = 1.0 / 3.0
#: Share of its value below which a quantity counts as one that no input moves [1]. Ours.
STILL = 0.01
#: How the columns are to be read.
RULES = {
    "one at a time": "each input at the low and the high end of its range, all others at the model's own value",
    "values": "for the case's own mesh: own x varied / not varied on the rougher mesh where own and not varied are "
    "alike (one sign, neither below a third of the other: scaled), else own + varied - not varied (shifted), not below "
    "zero where nothing solved is",
    "span": "largest less least of own, low and high value",
    "rank": "of the inputs of one quantity by span; of all inputs by influence",
    "influence": "share of an input in the sum of the spans of all inputs, averaged over the outcomes that any input moves "
    "by more than 1 %",
    "left out": "movements and months; geometry that --also did not ask for; inputs acting together",
}


@dataclass(frozen=True)
class Uncertain:
    """One input and its range.

    Attributes:
        name: In ``ranges.toml``, or key of the case.
        low: Factor or value.
        high: The same.
        unit: "factor", or of the value.
        own: Least and largest value of the model itself; None: not known.
        source: Of the range.
        confidence: Of the range.
        entries: Entries of the tables, or keys of the case, that it stands for, as patterns of ``fnmatch``.
    """

    name: str
    low: float
    high: float
    unit: str
    own: tuple[float, float] | None
    source: str
    confidence: str
    entries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What one solve gave.

    Attributes:
        quantities: Empty where it did not converge.
        why: Why it did not; empty: it did.
    """

    quantities: tuple[Quantity, ...]
    why: str = ""


@dataclass(frozen=True)
class Row:
    """One quantity, and what one input does to it.

    Attributes:
        given: The input.
        quantity: On the case's own mesh.
        low_value: At the low end of the input, for the case's own mesh; None: not known.
        high_value: At the high end.
        rough: Not varied, low, high, as solved on the rougher mesh; None: not known.
        carried: "scaled" or "shifted" from there.
        why: Why there is no low and no high value; empty where there is.
        rank: Among the inputs of this quantity, 1 for the largest span.
    """

    given: Uncertain
    quantity: Quantity
    low_value: float | None
    high_value: float | None
    rough: tuple[float | None, float | None, float | None]
    carried: str
    why: tuple[str, str]
    rank: int = 0

    @property
    def span(self) -> float:
        """Largest less least of own, low and high value, as far as they are known."""
        known = [value for value in (self.quantity.value, self.low_value, self.high_value) if value is not None]
        return max(known) - min(known)


@dataclass(frozen=True)
class Ranked:
    """An input among all.

    Attributes:
        given: The input.
        influence: Share of the movement of the outcomes that is its, 0 to 1.
        rank: 1 for the largest.
        stopped: Load case and end at which no solution was found, and why.
    """

    given: Uncertain
    influence: float
    rank: int
    stopped: tuple[str, ...]


def rows(
    own: Mapping[tuple[str, str], Quantity],
    base: Mapping[str, Answer],
    ends: Sequence[tuple[Uncertain, Mapping[str, Answer], Mapping[str, Answer]]],
) -> tuple[Row, ...]:
    """Lay what was solved side by side.

    Args:
        own: (Load case, key) -> quantity on the case's own mesh.
        base: Load case -> what the mesh gives on which inputs were varied, not varied.
        ends: Input, load case -> low end, load case -> high end.

    Returns:
        Quantity by quantity, in each by rank.
    """
    made: list[Row] = []
    for quantity in own.values():
        each = [_row(given, quantity, base, low, high) for given, low, high in ends]
        order = sorted(each, key=lambda row: -row.span)
        made += [replace(row, rank=place) for place, row in enumerate(order, start=1)]
    return tuple(made)


def ranks(found: Sequence[Row]) -> tuple[Ranked, ...]:
    """All inputs, those the outcomes hinge most on first."""
    given = {row.given.name: row.given for row in found}
    shares: dict[str, list[float]] = {name: [] for name in given}
    for key in dict.fromkeys((row.quantity.load_case, row.quantity.key) for row in found):
        here = [row for row in found if (row.quantity.load_case, row.quantity.key) == key]
        if not is_outcome(here[0].quantity):
            continue
        total, most = sum(row.span for row in here), max(row.span for row in here)
        if most > STILL * abs(here[0].quantity.value):
            for row in here:
                shares[row.given.name].append(row.span / total)
    mean = {name: sum(each) / len(each) if each else 0.0 for name, each in shares.items()}
    order = sorted(given, key=lambda name: -mean[name])
    return tuple(
        Ranked(given[name], mean[name], place, _stopped(name, found)) for place, name in enumerate(order, start=1)
    )


def carried_over(own: float, rough: float, varied: float) -> tuple[float, str]:
    """What a varied value on the rougher mesh says of the case's own, and how.

    Args:
        own: Value of the case's mesh.
        rough: Of the rougher mesh, not varied.
        varied: Of the rougher mesh.
    """
    small, large = sorted((abs(own), abs(rough)))
    if own * rough > 0.0 and small >= ALIKE * large:
        return own * varied / rough, "scaled"
    value = own + varied - rough
    return (max(value, 0.0) if min(own, rough, varied) >= 0.0 else value), "shifted"


def evidence(found: Sequence[Row], ranked: Sequence[Ranked]) -> dict[str, Any]:
    """Of ``sensitivity.json`` what the rows tell."""
    return {
        "version": VERSION,
        "inputs": [_told(each) for each in ranked],
        "rows": [_evident(row) for row in found],
        "rules": RULES,
    }


def _row(
    given: Uncertain,
    quantity: Quantity,
    base: Mapping[str, Answer],
    low: Mapping[str, Answer],
    high: Mapping[str, Answer],
) -> Row:
    name = quantity.load_case
    rough = _value(base[name], quantity.key)
    solved = [_value(each[name], quantity.key) for each in (low, high)]
    values: list[float | None] = [None, None]
    whys, carried = ["", ""], ""
    for i, each in enumerate((low[name], high[name])):
        if rough is None:
            whys[i] = "the rougher mesh has no value of it"
        elif each.why:
            whys[i] = each.why
        elif (varied := solved[i]) is None:
            whys[i] = (
                "it has no value there: nothing holds the face, nothing pulls the screw, or the residual is all there is"
            )
        else:
            values[i], carried = carried_over(quantity.value, rough, varied)
    return Row(given, quantity, values[0], values[1], (rough, solved[0], solved[1]), carried, (whys[0], whys[1]))


def _value(answer: Answer, key: str) -> float | None:
    return next((each.value for each in answer.quantities if each.key == key), None)


def _stopped(name: str, found: Sequence[Row]) -> tuple[str, ...]:
    """Where and why a main value of this input is not known, each said once; a screw that nothing pulls is no lack."""
    told = (
        f"{row.quantity.load_case}, {end} end: {why}"
        for row in found
        if row.given.name == name and row.quantity.main
        for end, why in zip(("low", "high"), row.why, strict=True)
        if why
    )
    return tuple(dict.fromkeys(told))


def _told(each: Ranked) -> dict[str, Any]:
    own = each.given.own
    return {
        "input": each.given.name,
        "low": each.given.low,
        "high": each.given.high,
        "unit": each.given.unit,
        "own": None if own is None else list(own),
        "source": each.given.source,
        "confidence": each.given.confidence,
        "entries": list(each.given.entries),
        "influence": each.influence,
        "rank": each.rank,
        "not_known": list(each.stopped),
    }


def _evident(row: Row) -> dict[str, Any]:
    return {
        "input": row.given.name,
        "low": row.given.low,
        "high": row.given.high,
        "unit": row.given.unit,
        "quantity": f"{row.quantity.load_case}: {row.quantity.key}",
        "load_case": row.quantity.load_case,
        "key": row.quantity.key,
        "words": row.quantity.words,
        "unit_of_value": row.quantity.unit,
        "outcome": is_outcome(row.quantity),
        "own_value": row.quantity.value,
        "low_value": row.low_value,
        "high_value": row.high_value,
        "span": row.span,
        "rank": row.rank,
        "rough": dict(zip(("not_varied", "low", "high"), row.rough, strict=True)),
        "carried": row.carried,
        "why": dict(zip(("low", "high"), row.why, strict=True)),
    }
