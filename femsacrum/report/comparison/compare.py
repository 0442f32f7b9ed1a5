"""The comparison itself: which runs count, what they tell, and why they are not ranked where they are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from femsacrum.credibility.responses import UNKNOWN, Response, Value, responses
from femsacrum.errors import InputError
from femsacrum.report.comparison.cases import Difference, differences, incomparable, remarks
from femsacrum.report.comparison.designs import Design, designs

VERSION = 1
RULES = {
    "rank": "1 is the best; outcomes of which neither way is worse have none, nor has one that a run does not tell",
    "differs": "bands of the two runs' grid convergence indices have no value in common; not known without both",
    "sound": "the run ended, its load cases converged, and its files are as it left them; others are not compared",
}


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Attributes:
        designs: All that were given.
        compared: Those that are sound.
        rows: What they tell.
        differences: Of their cases.
        against: Why they are incomparable and not ranked; empty: they are comparable.
        remarks: What a reader has to know.
    """

    designs: tuple[Design, ...]
    compared: tuple[Design, ...]
    rows: tuple[Response, ...]
    differences: tuple[Difference, ...]
    against: tuple[str, ...]
    remarks: tuple[str, ...]

    def ranks(self, row: Response) -> list[int | None]:
        """Rank of each run, 1 the best; no ranks where the runs are incomparable."""
        return [None] * len(row.values) if self.against else row.ranks()

    def apart(self, row: Response) -> tuple[list[str], bool]:
        """Pairs that differ by more than the meshes' uncertainty, and whether that is known of all pairs."""
        told = {(i, j): row.differs(i, j) for i, j in combinations(range(len(row.values)), 2)}
        pairs = [
            f"{self.compared[i].name} – {self.compared[j].name}" for (i, j), said in told.items() if said == "yes"
        ]
        return pairs, UNKNOWN not in told.values()


def compare(folders: Sequence[Path], names: Sequence[str] | None = None) -> Comparison:
    """Lay run folders side by side; they are only read.

    Args:
        folders: At least two.
        names: Of the designs; None: those of the folders.

    Raises:
        InputError: Fewer than two of them can be compared.
    """
    given = designs(folders, names)
    sound = tuple(design for design in given if design.sound)
    if len(sound) < 2:
        why = "; ".join(f"{design.name}: {design.standing}" for design in given if not design.sound)
        raise InputError("RUN", f"fewer than two of the runs can be compared. {why}")
    runs = [design.run for design in sound if design.run is not None]
    found = differences([run.case for run in runs])
    made = responses(
        [design.findings for design in sound],
        [run.convergence for run in runs],
        [run.sensitivity for run in runs],
    )
    return Comparison(given, sound, tuple(made), found, incomparable(sound, found), remarks(found))


def content(found: Comparison) -> dict[str, Any]:
    """What ``comparison.json`` holds."""
    return {
        "version": VERSION,
        "rules": RULES,
        "designs": [
            {
                "name": design.name,
                "folder": design.folder.name,
                "sound": design.sound,
                "standing": design.standing,
                "code": (design.run.manifest or {}).get("code") if design.run else None,
            }
            for design in found.designs
        ],
        "compared": [design.name for design in found.compared],
        "incomparable": list(found.against),
        "remarks": list(found.remarks),
        "differences": [{"key": row.key, "values": list(row.values)} for row in found.differences],
        "outcomes": [_row(found, row) for row in found.rows],
    }


def _row(found: Comparison, row: Response) -> dict[str, Any]:
    ranks = found.ranks(row)
    apart, known = found.apart(row)
    return {
        "outcome": row.key,
        "words": row.words,
        "load_case": row.load_case,
        "unit": row.unit,
        "worse": row.worse,
        "limit": row.limit,
        "values": [_value(value) | {"rank": rank} for value, rank in zip(row.values, ranks, strict=True)],
        "differ": apart,
        "differ_known_of_all": known,
    }


def _value(value: Value) -> dict[str, Any]:
    bands = {"numerical": value.band, "inputs": value.of_inputs}
    return {
        "value": finite(value.number),
        "of": value.of,
        "why": value.why,
        **{key: None if band is None else [finite(band.low), finite(band.high)] for key, band in bands.items()},
    }


def finite(number: float | None) -> float | None:
    """A number that JSON can hold."""
    return number if number is not None and math.isfinite(number) else None
