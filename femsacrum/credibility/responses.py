"""Outcomes of several runs side by side: ranks, and which differences are more than the mesh's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from femsacrum.case.outcomes import OUTCOMES
from femsacrum.credibility.uncertainty import Band, numerical, of_inputs
from femsacrum.findings.outcomes import readings

#: Relative difference of two values up to which they are the same [1]: the residual of the solver leaves no less.
SAME = 1e-6
#: What is said of a difference that no evidence tells from the mesh's.
UNKNOWN = "not known"


@dataclass(frozen=True)
class Value:
    """What one run gives for an outcome.

    Attributes:
        number: In the outcome's unit; infinite: nothing stresses it; None: there is none.
        of: Body, face, screw or graft that is the worst.
        why: Why there is no number, or why the mesh's uncertainty is not known.
        band: Of the mesh; None: not known.
        of_inputs: Of the inputs; None: not known.
    """

    number: float | None
    of: str = ""
    why: str = ""
    band: Band | None = None
    of_inputs: Band | None = None


@dataclass(frozen=True)
class Response:
    """One outcome under one load, over all runs.

    Attributes:
        key: "outcome", or "criterion" with its name.
        load_case: Load case or movement; empty: of the plan, or the worst of all.
        words: What it is.
        unit: Of the values.
        worse: Which way is worse; None: neither.
        values: One for each run.
        limit: Of the criterion; None: there is none, or the runs have different ones.
    """

    key: str
    load_case: str
    words: str
    unit: str
    worse: str | None
    values: tuple[Value, ...]
    limit: float | None = None

    @property
    def complete(self) -> bool:
        """Whether every run has a value."""
        return all(value.number is not None for value in self.values)

    @property
    def even(self) -> bool:
        """Whether all runs have the same value."""
        return all(self.same(0, i) for i in range(len(self.values)))

    def order(self) -> list[int]:
        """Numbers of the runs, the worst first; empty where there is no order, or not every run has a value."""
        if self.worse is None or not self.complete:
            return []
        sign = -1.0 if self.worse == "more" else 1.0
        return sorted(range(len(self.values)), key=lambda i: sign * float(self.values[i].number or 0.0))

    def ranks(self) -> list[int | None]:
        """Rank of each run, 1 the best; equal values share one; None where there is no order, or all are the same."""
        order = self.order()[::-1]
        ranks: list[int | None] = [None] * len(self.values)
        if self.even:
            return ranks
        for place, i in enumerate(order):
            before = order[place - 1] if place else None
            ranks[i] = ranks[before] if before is not None and self.same(i, before) else place + 1
        return ranks

    def same(self, one: int, other: int) -> bool:
        """Whether two runs have the same value."""
        a, b = self.values[one].number, self.values[other].number
        if a is None or b is None:
            return False
        return a == b or (math.isfinite(a + b) and abs(a - b) <= SAME * max(abs(a), abs(b)))

    def differs(self, one: int, other: int) -> str:
        """Whether two runs differ by more than the uncertainty of their meshes: "yes", "no", or "not known"."""
        if self.same(one, other):
            return "no"
        bands = self.values[one].band, self.values[other].band
        if bands[0] is None or bands[1] is None:
            return UNKNOWN
        return "no" if bands[0].meets(bands[1]) else "yes"


def responses(
    findings: Sequence[Mapping[str, Any]],
    convergence: Sequence[Mapping[str, Any] | None],
    sensitivity: Sequence[Mapping[str, Any] | None],
) -> list[Response]:
    """Every outcome that some of the runs tell, load by load, the worst of each run; then the criteria they share.

    Args:
        findings: Content of ``findings.json`` of each run.
        convergence: Evidence of each mesh; None: none.
        sensitivity: Evidence of the inputs of each; None: none.
    """
    evidence = list(zip(convergence, sensitivity, strict=True))
    made = []
    for outcome, kind in OUTCOMES.items():
        told = [readings(outcome, each) for each in findings]
        loads = dict.fromkeys(one.load_case for found in told for one in found)
        for load in loads:
            values = []
            for found, beside in zip(told, evidence, strict=True):
                here = [one for one in found if one.load_case == load]
                missing = [one.why for one in here if one.value is None]
                known = [(one.value, one) for one in here if one.value is not None]
                if missing or not known:
                    values.append(Value(None, why="; ".join(dict.fromkeys(missing)) or "not told"))
                    continue
                number, worst = (min if kind.worse == "less" else max)(known, key=lambda pair: pair[0])
                values.append(valued(number, worst.of, load, worst.key, worst.inverse_of, *beside))
            made.append(Response(outcome, load, kind.words, kind.unit, kind.worse, tuple(values)))
    return made + _criteria(findings, evidence)


def valued(
    number: float,
    of: str,
    load_case: str,
    key: str,
    inverse_of: float | None,
    convergence: Mapping[str, Any] | None,
    sensitivity: Mapping[str, Any] | None,
) -> Value:
    """A value with what evidence tells of it."""
    if math.isinf(number):
        return Value(number, of, "nothing stresses it")
    band, why = numerical(convergence, load_case, key, number, inverse_of)
    inputs, _ = of_inputs(sensitivity, load_case, key, number, inverse_of)
    return Value(number, of, why, band, inputs)


def _criteria(
    findings: Sequence[Mapping[str, Any]],
    evidence: Sequence[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]],
) -> list[Response]:
    """Criteria that every run has, said the same way."""
    rows = [{row["name"]: row for row in each.get("criteria", ())} for each in findings]
    made = []
    for name, first in rows[0].items() if rows else ():
        mine = [each.get(name) for each in rows]
        shared = [row for row in mine if row is not None and _asked(row) == _asked(first)]
        if len(shared) < len(rows):
            continue
        values = tuple(_judged(row, *beside) for row, beside in zip(shared, evidence, strict=True))
        worse = "more" if first["sense"] == "at_most" else "less"
        where = str(first["load_case"] or "")
        made.append(
            Response(f"criterion {name}", where, name, first["limit"]["unit"], worse, values, first["limit"]["value"])
        )
    return made


def _asked(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[key] for key in ("outcome", "of", "load_case", "sense", "limit"))


def _judged(
    row: Mapping[str, Any], convergence: Mapping[str, Any] | None, sensitivity: Mapping[str, Any] | None
) -> Value:
    decided = row["decided_by"]
    if row["verdict"] == "not answered" or decided is None:
        return Value(None, why=str(row["why"]))
    number = row["value"]["value"]
    return valued(
        math.inf if number is None else float(number), str(decided["of"]), str(decided["load_case"]),
        str(decided["key"]), decided["inverse_of"], convergence, sensitivity,
    )  # fmt: skip
