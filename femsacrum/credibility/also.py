"""``--also 'KEY=LOW:HIGH'``: keys of the case that are to go through a range of the user's."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from femsacrum import fingerprint
from femsacrum.case.overrides import value_at
from femsacrum.case.schema import Case
from femsacrum.credibility.variants import instants
from femsacrum.errors import InputError
from femsacrum.store import slug

FORM = "reads KEY=LOW:HIGH, for example 'loads[1].crutch_force=10 %:25 %'"
_END = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(\S.*?)?\s*")


@dataclass(frozen=True)
class Further:
    """A key of the case and the ends of its range.

    Attributes:
        key: For example "loads[1].crutch_force".
        low: In the unit below.
        high: The same.
        unit: As the user wrote it; "1" where there is none.
        own: What the case has, in that unit; None: the case says nothing of it.
        cases: The case with the low, and with the high end.
    """

    key: str
    low: float
    high: float
    unit: str
    own: float | None
    cases: tuple[Case, Case]

    @property
    def place(self) -> str:
        """Name of a folder, one for each key."""
        return f"{slug(self.key)}_{fingerprint.of_text(self.key)[:6]}"


def further(asked: Iterable[str], case: Case, load: Callable[[str], Case]) -> tuple[Further, ...]:
    """Read what is to be varied as well.

    Args:
        asked: Texts of ``--also``.
        case: The case as it is.
        load: The case with one more assignment, as ``--set`` has it.

    Raises:
        InputError: A text that cannot be read, a key that is not there or no number, an end that the case may not have.
    """
    found: dict[str, Further] = {}
    for each in (_read(text, case, load) for text in asked):
        if each.key in found:
            raise InputError(f"--also {each.key}", "is given twice; leave one out")
        found[each.key] = each
    return tuple(found.values())


def _read(text: str, case: Case, load: Callable[[str], Case]) -> Further:
    said = f"--also {text}"
    key, equals, range_ = text.partition("=")
    ends = range_.split(":")
    if not equals or len(ends) != 2:
        raise InputError(said, FORM)
    key = key.strip()
    (low, unit), (high, other) = (_end(said, end) for end in ends)
    if unit != other:
        raise InputError(said, f'has two units, "{unit}" and "{other}"; give both ends in one')
    if not low < high:
        raise InputError(said, "its low end is not below its high end; give the lower one first")
    cases = tuple(_loaded(said, f"{key}={end.strip()}", load) for end in ends)
    values = [_number(said, key, each) for each in cases]
    if instants(cases[0]) == instants(cases[1]):
        raise InputError(said, "changes nothing that is solved here; movements and months are left out")
    return Further(key, low, high, unit, _own(key, case, values, (low, high)), (cases[0], cases[1]))


def _end(said: str, text: str) -> tuple[float, str]:
    match = _END.fullmatch(text)
    if match is None or not math.isfinite(float(match[1])):
        raise InputError(said, f'"{text.strip()}" is no number; it {FORM}')
    return float(match[1]), match[2] or "1"


def _loaded(said: str, assignment: str, load: Callable[[str], Case]) -> Case:
    try:
        return load(assignment)
    except InputError as error:
        error.add_note(f"in {said}")
        raise


def _number(said: str, key: str, case: Case) -> float:
    value = value_at(case, key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(said, f"{key} is no number; only a key with one number goes through a range")
    return float(value)


def _own(key: str, case: Case, values: Iterable[float], ends: tuple[float, float]) -> float | None:
    """What the case has, in the unit of the ends: both are read linearly."""
    try:
        value = value_at(case, key)
    except LookupError:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low, high = values
    return ends[0] + (float(value) - low) * (ends[1] - ends[0]) / (high - low)
