"""The records of a sweep as arrays: what was tried, what came of it, and the outcomes that are looked at."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from femsacrum.errors import InputError
from femsacrum.sweep import records
from femsacrum.sweep.definition import Sweep
from femsacrum.sweep.design import Point
from femsacrum.sweep.folder import DESCRIPTION
from femsacrum.sweep.outcomes import LOOSE
from femsacrum.sweep.records import Record

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]
#: State of a point without a record.
TO_DO = "to do"


@dataclass(frozen=True)
class Outcome:
    """An outcome over all points.

    Attributes:
        name: In tables and figures.
        words: What it is.
        unit: Of the values.
        goal: Which way is better.
        at_most: Limit in the unit; None: none.
        at_least: Limit in the unit; None: none.
        values: Of every point, (points,); NaN: it has none.
    """

    name: str
    words: str
    unit: str
    goal: Literal["least", "most"]
    at_most: float | None
    at_least: float | None
    values: Vector

    @property
    def known(self) -> Mask:
        """Which points have a value."""
        return np.isfinite(self.values)

    @property
    def varies(self) -> bool:
        """Whether any two points differ by more than rounding."""
        values = self.values[self.known]
        return len(values) > 1 and float(np.ptp(values)) > 1e-12 * float(np.abs(values).max())


@dataclass(frozen=True)
class Sample:
    """A sweep and what came of it.

    Attributes:
        sweep: What its file says.
        points: Factor values of every point.
        states: "done", "refused", "failed" or "to do", of every point.
        reasons: Why a point is not done; empty where it is.
        outcomes: That are looked at.
        seconds: Wall time of all tries together [s].
        memory: Most memory of a process [MB].
        code: Fingerprint of the code that made the records.
        case: Fingerprint of the first point's case; empty: not known.
        other: Records of other code, which do not count.
        newest: Day of the newest record, "2026-11-02".
        loose: Load case -> points that are done at which a body came loose; those without any are left out.
    """

    sweep: Sweep
    points: list[Point]
    states: tuple[str, ...]
    reasons: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    seconds: float
    memory: float
    code: str
    case: str
    other: int
    newest: str
    loose: Mapping[str, int]

    def count(self, state: str) -> int:
        """How many points are in a state."""
        return self.states.count(state)

    @property
    def missing(self) -> int:
        """Points without an answer, for whatever reason."""
        return len(self.points) - self.count("done")

    @property
    def drawn(self) -> Mask:
        """Points that were drawn from the factors' distributions without regard to each other, (points,).

        Of a design for Sobol indices these are its two base samples: every other row repeats one of them but for one
        factor. Of a factorial design, of Morris' and of a file there are none: their points do not follow distributions.
        """
        kind, count = self.sweep.design.kind, len(self.points)
        if kind == "saltelli":
            block = len(self.sweep.factors) + 2
            return np.isin(np.arange(count) % block, (0, block - 1))
        return np.full(count, kind in ("latin_hypercube", "sobol"))


def gather(folder: Path, sweep: Sweep, points: list[Point], code: str) -> Sample:
    """Read all records of a sweep.

    Records of the present code count. Where there are none, those of the code that made most of them do.

    Args:
        folder: Of the sweep.
        sweep: What its file says.
        points: Factor values of every point.
        code: Fingerprint of the present code.

    Raises:
        InputError: No point is done.
    """
    read = [records.read(folder, point) for point in range(len(points))]
    codes = Counter(record.code for record in read if record)
    if codes and code not in codes:
        code = min(codes, key=lambda each: (-codes[each], each))
    found = [record if record and record.code == code else None for record in read]
    if not any(record and record.state == "done" for record in found):
        raise InputError(str(folder), "no point is done; run the sweep first")
    kept = [record for record in found if record]
    return Sample(
        sweep,
        points,
        tuple(record.state if record else TO_DO for record in found),
        tuple(record.reason if record and record.state != "done" else "" for record in found),
        tuple(_outcomes(sweep, found)),
        sum(record.seconds for record in kept),
        max(record.memory for record in kept),
        code,
        _noted(folder),
        sum(codes.values()) - len(kept),
        _day(folder, kept),
        Counter(
            row["load_case"]
            for record in kept
            for row in record.outcomes
            if row["key"] == LOOSE and (row["value"] or 0.0) > 0.0
        ),
    )


@dataclass(frozen=True)
class _Usual:
    """An outcome that is looked at where the sweep names none: the worst of all load cases and places."""

    name: str
    words: str
    goal: Literal["least", "most"]
    begin: str
    end: str = ""


_USUAL = (
    _Usual("drop", "largest drop of L5", "least", "deformation.L5_drop"),
    _Usual("stiffness", "least stiffness of the construct", "most", "deformation.construct_stiffness"),
    _Usual("stress", "largest 99.9th percentile of a metal part's stress", "least", "implants.", ".von_mises_p999"),
    _Usual(
        "micromotion", "largest 95th percentile of a face's micromotion", "least", "interfaces.", ".micromotion.p95"
    ),
    _Usual("metal", "volume of prosthesis, rods and screws", "least", "mesh.|metal_volume|"),
)


def _outcomes(sweep: Sweep, found: Sequence[Record | None]) -> list[Outcome]:
    tables = [_rows(record) for record in found]
    known: dict[tuple[str, str], Mapping[str, Any]] = {}
    for table in tables:
        for key, row in table.items():
            known.setdefault(key, row)
    if sweep.outcomes:
        made = []
        for each in sweep.outcomes:
            row = known.get((each.load, each.key), {"words": each.key, "unit": "1"})
            words = f"{row['words']} ({each.load})" if each.load else str(row["words"])
            values = _worst(tables, [(each.load, each.key)], each.goal)
            made.append(Outcome(each.name, words, str(row["unit"]), each.goal, each.at_most, each.at_least, values))
        return made
    usual = []
    for one in _USUAL:
        keys = [key for key in known if key[1].startswith(one.begin) and key[1].endswith(one.end)]
        units = {str(known[key]["unit"]) for key in keys}
        if len(units) == 1:
            usual.append(
                Outcome(one.name, one.words, units.pop(), one.goal, None, None, _worst(tables, keys, one.goal))
            )
    return usual


def _rows(record: Record | None) -> dict[tuple[str, str], Mapping[str, Any]]:
    if record is None or record.state != "done":
        return {}
    return {(row["load_case"], row["key"]): row for row in reversed(record.outcomes)}


def _worst(
    tables: Sequence[Mapping[tuple[str, str], Mapping[str, Any]]], keys: Sequence[tuple[str, str]], goal: str
) -> Vector:
    """Of several rows the worst; a point that lacks one has no value, since that one might be the worst."""
    values = np.full(len(tables), np.nan)
    for i, table in enumerate(tables):
        told = [table[key]["value"] for key in keys if key in table]
        if len(told) == len(keys) and all(value is not None for value in told):
            values[i] = max(told) if goal == "least" else min(told)
    return values


def _noted(folder: Path) -> str:
    try:
        return str(json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))["first_case"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _day(folder: Path, kept: Sequence[Record]) -> str:
    newest = max(records.place(folder, record.point).stat().st_mtime for record in kept)
    return datetime.fromtimestamp(newest, UTC).date().isoformat()
