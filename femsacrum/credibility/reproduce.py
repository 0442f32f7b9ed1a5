"""A run made again from the case in its folder, nothing taken from a cache, and its findings laid beside the old ones."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femsacrum.case.load import load
from femsacrum.errors import InputError
from femsacrum.progress import Progress

#: Relative difference of two numbers that counts as none, unless the caller says otherwise [1]. Our choice: the same
#: machine gives the same bytes, another adds in another order, and the equations are solved to 1e-8 of the load.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Difference:
    """One entry of the findings that is not what it was.

    Attributes:
        place: Keys that lead to it.
        before: In the run folder; None: not there.
        now: Made again; None: not there.
        relative: Between two numbers, over the larger; None: they are not both numbers.
    """

    place: tuple[str, ...]
    before: object
    now: object
    relative: float | None

    def line(self) -> str:
        """As one line."""
        by = "" if self.relative is None else f" (differs by {self.relative:.1e})"
        return f"{'.'.join(self.place)}: was {_short(self.before)}, is {_short(self.now)}{by}"


@dataclass(frozen=True)
class Compared:
    """Findings laid beside findings.

    Attributes:
        numbers: Compared as numbers.
        others: Compared exactly.
        largest: Relative difference of two numbers, the largest that was found [1].
        differences: Beyond the tolerance, or not exactly the same.
    """

    numbers: int
    others: int
    largest: float
    differences: tuple[Difference, ...]


def reproduce(
    folder: str | Path,
    data: Sequence[str | Path] = (),
    *,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> Compared:
    """Run the case of a run folder again, in a temporary folder, and compare the findings.

    Args:
        folder: The run folder.
        data: Where the files are that the case names.
        tolerance: Relative difference of two numbers that counts as none [1].
        progress: Told how it goes.

    Raises:
        InputError: The folder holds no finished run, or its case cannot be run.
        NumericalError: The mesh or the solve failed, this time.
    """
    folder = Path(folder)
    before = _findings(folder)
    case = load(folder / "case.toml", data=data)

    from femsacrum.pipeline import run

    with tempfile.TemporaryDirectory(prefix="femsacrum-") as elsewhere:
        now = run(case, elsewhere, cache=False, progress=progress)
    return compare(before, json.loads(json.dumps(now)), tolerance)


def compare(before: object, now: object, tolerance: float = TOLERANCE) -> Compared:
    """Lay findings beside findings.

    Args:
        before: What ``json.loads`` gives.
        now: The same.
        tolerance: Relative difference of two numbers that counts as none; numbers of one list count by its largest,
            so that a component of a vector that is next to nothing may be any such [1].
    """
    numbers = others = 0
    largest, differences = 0.0, []
    for place, old, new, scale in _pairs((), before, now, 0.0):
        if _is_number(old) and _is_number(new):
            numbers += 1
            away = abs(old - new)
            relative = away / max(abs(old), abs(new), scale) if away else 0.0
            largest = max(largest, relative)
            same = relative <= tolerance
        else:
            others += 1
            relative, same = None, type(old) is type(new) and old == new
        if not same:
            differences.append(Difference(place, old, new, relative))
    return Compared(numbers, others, largest, tuple(differences))


class _Absent:
    """Stands where one of two mappings has no entry, or one of two lists has ended."""

    def __repr__(self) -> str:
        return "absent"


_ABSENT = _Absent()


def _pairs(place: tuple[str, ...], a: Any, b: Any, scale: float) -> Iterator[tuple[tuple[str, ...], Any, Any, float]]:
    """Leaves of two trees side by side, with the size of the list each is in."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys((*a, *b)):
            yield from _pairs((*place, str(key)), a.get(key, _ABSENT), b.get(key, _ABSENT), 0.0)
    elif isinstance(a, list) and isinstance(b, list):
        size = max((abs(x) for x in (*a, *b) if _is_number(x)), default=0.0)
        for i in range(max(len(a), len(b))):
            one, other = (each[i] if i < len(each) else _ABSENT for each in (a, b))
            yield from _pairs((*place, str(i)), one, other, size)
    else:
        yield place, a, b, scale


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _findings(folder: Path) -> object:
    file = folder / "findings.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(str(folder), "holds no findings.json: no run has ended in it; run the case first") from None
    except (ValueError, RecursionError):
        raise InputError(str(file), "is no JSON: it was cut short or changed; run the case again") from None
