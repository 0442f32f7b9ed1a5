"""``--set key.path=value``: replace values of a case file before it is checked."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from femsacrum.errors import InputError

_STEP = re.compile(r"([A-Za-z0-9_-]+)((?:\[\d+\])*)")


def override(data: dict[str, Any], assignment: str) -> None:
    """Replace one value in place.

    Args:
        data: Content of the case file.
        assignment: For example ``patient.mass=80 kg``, ``loads[0].force="400 N"``, ``solver.increments=4``: the
            value is read as TOML, and as plain text where it is none.

    Raises:
        InputError: The assignment cannot be read or names a list entry that is not there.
    """
    path, equals, text = assignment.partition("=")
    key = f"--set {assignment}"
    steps = _steps(path.strip())
    if not equals or not steps or not text.strip():
        raise InputError(key, "reads key.path=value, for example patient.mass=80 kg or loads[0].force=400 N")
    target: Any = data
    for number, step in enumerate(steps[:-1]):
        target = _enter(target, step, steps[number + 1], key)
    _check_index(target, steps[-1], key)
    target[steps[-1]] = _value(text.strip())


def value_at(case: Any, path: str) -> Any:
    """What a checked case holds at a key.

    Args:
        case: The case.
        path: For example ``loads[0].force``.

    Raises:
        LookupError: There is no such key.
    """
    value = case
    for step in _steps(path) or [path]:
        try:
            value = getattr(value, step) if isinstance(step, str) and hasattr(value, step) else value[step]
        except (TypeError, KeyError, IndexError):
            raise LookupError(path) from None
    return value


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in path.split("."):
        match = _STEP.fullmatch(part)
        if match is None:
            return []
        steps.append(match[1])
        steps.extend(int(index) for index in re.findall(r"\d+", match[2]))
    return steps


def _enter(target: Any, step: str | int, following: str | int, key: str) -> Any:
    """One step down; a table that is not there yet is made."""
    _check_index(target, step, key)
    inner = target.setdefault(step, {}) if isinstance(target, dict) else target[step]
    if not isinstance(inner, list if isinstance(following, int) else dict):
        raise InputError(key, f'"{step}" is not a {"list" if isinstance(following, int) else "table"}')
    return inner


def _check_index(target: Any, step: str | int, key: str) -> None:
    if isinstance(step, int) and step >= len(target):
        raise InputError(key, f"there is no entry [{step}]; the last one is [{len(target) - 1}]")


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
