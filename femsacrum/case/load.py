"""Read a case file: TOML, overrides, migration, types, rules; everything that is wrong with it is told at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from femsacrum.case.bodies import body_problems
from femsacrum.case.bone_quality import quality_problems
from femsacrum.case.criteria_rules import criteria_problems
from femsacrum.case.explain import explain, place
from femsacrum.case.implant_rules import implant_problems
from femsacrum.case.joints import joint_problems
from femsacrum.case.migrate import migrate
from femsacrum.case.nerve_rules import nerve_problems
from femsacrum.case.overrides import override
from femsacrum.case.plan import plan_problems
from femsacrum.case.rules import Location, at, problems
from femsacrum.case.schema import Case
from femsacrum.case.series_rules import series_problems
from femsacrum.case.units import read_mass
from femsacrum.errors import InputError
from femsacrum.paths import data_folders
from femsacrum.sources.tables import constant


class CaseError(InputError):
    """A case file with one or more problems.

    Args:
        file: Name of the case file.
        lines: One for each problem: where, the value, what is allowed.

    Attributes:
        lines: The same, each with the file's name in front; the message is these lines.
    """

    def __init__(self, file: str, lines: Iterable[str]) -> None:
        self.lines = tuple(f"{file}: {line}" for line in lines)
        super().__init__(file, "\n".join(self.lines))
        self.args = ("\n".join(self.lines),)


def load(path: str | Path, overrides: Iterable[str] = (), data: Sequence[str | Path] = ()) -> Case:
    """Read and check a case file.

    Args:
        path: The TOML file.
        overrides: ``key.path=value`` texts that replace values of the file, in this order.
        data: Folders with the files the case names, beside its own; those of FEMSACRUM_DATA come after them.

    Returns:
        The checked case; floats in mm, N, MPa, s, deg, kg.

    Raises:
        InputError: The file cannot be read, or says something a case may not say (a CaseError, one line a problem).
    """
    path, folders = Path(path), data_folders(data)
    content = read_toml(path)
    try:
        for assignment in overrides:
            override(content, assignment)
        content = migrate(content)
    except InputError as error:
        raise CaseError(path.name, [str(error)]) from None
    return check(content, path, folders)


def check(data: dict[str, Any], path: Path, folders: tuple[Path, ...] = ()) -> Case:
    """Check the content of a case file.

    Args:
        data: Content in the current schema version.
        path: Where it stands: its name for messages, its folder for relative paths.
        folders: Data folders, for relative paths as well.

    Returns:
        The checked case.

    Raises:
        CaseError: One line for each problem.
    """
    found: dict[Location, str] = {}
    mass = read_mass(data)
    context = {"body_weight": mass * constant("loads", "gravity").value if mass else None}
    try:
        case = Case.model_validate(data, context=context)
    except ValidationError as error:
        found = dict(filter(None, map(explain, error.errors(include_url=False))))
    for location, problem in (
        *problems(data, path.parent, folders),
        *plan_problems(data),
        *implant_problems(data, path.parent, folders),
        *joint_problems(data, path.parent, folders),
        *body_problems(data),
        *quality_problems(data, path.parent, folders),
        *series_problems(data, path.parent, folders),
        *nerve_problems(data, path.parent, folders),
        *criteria_problems(data),
    ):
        found.setdefault(location, problem)
    if found:
        where = sorted(found, key=_order)
        raise CaseError(path.name, [f"{place(key, at(data, *key))}: {found[key]}" for key in where])
    return case.placed(path.parent, folders)


def _order(location: Location) -> int:
    sections = list(Case.model_fields)
    return sections.index(str(location[0])) if location and location[0] in sections else -1


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file.

    Args:
        path: The file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(str(path), 'no such file; "femsacrum init" writes one to start from') from None
    except IsADirectoryError:
        raise InputError(str(path), f"is a folder; name the case file, for example {path / 'case.toml'}") from None
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(str(path), f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise CaseError(path.name, [f"not valid TOML: {error}"]) from None
