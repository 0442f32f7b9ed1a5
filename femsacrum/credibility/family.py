"""A family of implant sizes: one case, several named sets of overrides, each run in a folder of its own.

A size whose folder holds exactly its finished run is not run again, and one that was interrupted goes on after its last
stage, so the same command continues. A size that fails is told, and the others go on.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femsacrum.case.schema import Case
from femsacrum.credibility.converge import current
from femsacrum.errors import FemsacrumError, InputError
from femsacrum.progress import Progress, Silent
from femsacrum.store import slug

EXAMPLE = '[[sizes]] with name = "small" and set = { "surgery.prosthesis.body_scale" = "45 %" }'


@dataclass(frozen=True)
class Size:
    """One size of the family.

    Attributes:
        name: As it is told.
        overrides: ``key.path=value`` texts, as after ``--set``.
    """

    name: str
    overrides: tuple[str, ...]

    def place(self, folder: Path) -> Path:
        """Its run folder."""
        return folder / "sizes" / slug(self.name)


@dataclass(frozen=True)
class Ran:
    """What became of a size.

    Attributes:
        size: The size.
        folder: Its run folder.
        error: What stopped it; None: nothing.
    """

    size: Size
    folder: Path
    error: FemsacrumError | None = None


def read_sizes(path: Path) -> tuple[Size, ...]:
    """Read the sizes of a family, in their order: from the smallest to the largest, or the other way.

    Args:
        path: A TOML file with ``[[sizes]]``, each with "name" and "set", a table of keys of the case and their values.

    Raises:
        InputError: It cannot be read, or holds something else.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(str(path), f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(path.name, f"not valid TOML: {error}") from None
    given = content.get("sizes")
    if set(content) != {"sizes"} or not isinstance(given, list) or len(given) < 2:
        raise InputError(path.name, f"needs at least two sizes and nothing else, each as {EXAMPLE}")
    sizes = tuple(_size(f"{path.name}: sizes[{i}]", each) for i, each in enumerate(given))
    for i, size in enumerate(sizes):
        before = [slug(each.name) for each in sizes[:i]]
        if slug(size.name) in before:
            first = sizes[before.index(slug(size.name))].name
            raise InputError(
                f"{path.name}: sizes[{i}].name", f'"{size.name}" and "{first}" share a folder; name them otherwise'
            )
    return sizes


def run_all(
    sizes: Sequence[Size],
    cases: Sequence[Case],
    folder: Path,
    carry: Callable[[Size, Case, Path], object],
    progress: Progress | None = None,
) -> tuple[Ran, ...]:
    """Run every size that has not been run.

    Args:
        sizes: In their order.
        cases: The case of each.
        folder: Of the family.
        carry: Carries a case to its finished run folder.
        progress: Told which size is on.
    """
    progress, done = progress or Silent(), []
    for size, case in zip(sizes, cases, strict=True):
        place = size.place(folder)
        if current(place, case):
            progress.note(f"size {size.name}: has been run")
            done.append(Ran(size, place))
            continue
        progress.note(f"size {size.name}")
        try:
            carry(size, case, place)
            done.append(Ran(size, place))
        except FemsacrumError as error:
            progress.note(f"size {size.name} failed: {error}")
            done.append(Ran(size, place, error))
    return tuple(done)


def _size(where: str, given: Any) -> Size:
    if not isinstance(given, Mapping) or set(given) != {"name", "set"}:
        raise InputError(where, f"needs name and set and nothing else, as {EXAMPLE}")
    name, changes = given["name"], given["set"]
    if not isinstance(name, str) or not slug(name).strip("_-"):
        raise InputError(f"{where}.name", 'needs text with a letter or a digit, for example "small"')
    if not isinstance(changes, Mapping) or not changes:
        raise InputError(f"{where}.set", f"needs a table of keys of the case, as {EXAMPLE}")
    return Size(name, tuple(f"{key}={text}" for key, text in _flat("", changes, where)))


def _flat(path: str, table: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    """Keys joined by points, whether they were quoted or not, and their values as TOML."""
    for key, value in table.items():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            yield from _flat(here, value, where)
            continue
        if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            raise InputError(
                f"{where}.set", f'"{here}" is a list of tables; set keys of one entry, as {here}[0].name'
            )
        try:
            yield (
                here,
                json.dumps(value, ensure_ascii=False, allow_nan=False),
            )  # a TOML value, but for tables and dates
        except (TypeError, ValueError):
            raise InputError(f"{where}.set", f'"{here}" has a value that no key of a case has') from None
