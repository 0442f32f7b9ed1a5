"""Rules about nerve roots: which keys go together, and that the file of a course is one."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from femsacrum.case.rules import Location, Problem, Raw, at, path_problem
from femsacrum.errors import InputError
from femsacrum.paths import locate

#: Fate -> keys that say nothing about it.
NOT_OF_FATE: dict[str, tuple[str, ...]] = {
    "kept": ("proximal_stump", "distal_stump", "beyond", "graft_length", "graft_diameter"),
    "cut": ("slack", "graft_length", "graft_diameter"),
    "bridged": ("slack",),
}
#: Points of a course are at most this far apart [mm]: farther, and it is not known how it runs round bone.
LONGEST_STEP = 30.0


def nerve_problems(data: Raw, folder: Path, folders: Sequence[Path] = ()) -> Iterator[Problem]:
    """Every broken rule about ``surgery.nerves``.

    Args:
        data: Content of the case file, current schema version.
        folder: Folder of the case file.
        folders: Data folders.

    Yields:
        Where, and what is wrong.
    """
    found = at(data, "surgery", "nerves", "roots")
    first: dict[str, int] = {}
    for index, root in enumerate(found if isinstance(found, list) else ()):
        here: Location = ("surgery", "nerves", "roots", index)
        name, fate = at(root, "root"), at(root, "fate")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield (*here, "root"), f"surgery.nerves.roots[{first[name]}] is the same root; say it once"
        if fate == "bridged" and "graft_length" not in root:
            yield (*here, "graft_length"), 'missing: "bridged" needs the length of the graft, for example "50 mm"'
        for key in NOT_OF_FATE.get(fate, ()) if isinstance(fate, str) else ():
            if key in root:
                fates = " or ".join(f'"{one}"' for one, keys in NOT_OF_FATE.items() if key not in keys)
                yield (*here, key), f'is for fate = {fates}, this root is "{fate}": leave it out'
        if fate is None and at(root, "graft_length") is not None:
            yield (*here, "fate"), 'missing: a graft needs fate = "bridged"'
        if at(root, "beyond") is not None and at(root, "distal_stump") is not None:
            yield (*here, "beyond"), "distal_stump says it as well; leave out one of them"
        file = at(root, "course")
        if isinstance(file, str) and file:
            yield from _course((*here, "course"), file, folder, folders)


def _course(here: Location, file: str, folder: Path, folders: Sequence[Path]) -> Iterator[Problem]:
    wrong = list(path_problem(here, file, folder, folders))
    yield from wrong
    if not wrong:
        try:
            read_course(locate(file, folder, folders, ""), "")
        except InputError as error:
            yield here, error.problem


def read_course(path: Path, key: str) -> list[tuple[float, float, float]]:
    """Points of a nerve's course from a CSV file with the columns x, y, z [mm], LPS.

    Args:
        path: The file; lines that start with # are left out.
        key: Key of the case that names it.

    Raises:
        InputError: It is no such table, a field is no finite number, or points are missing, double or far apart.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(key, f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    kept = [(i, line) for i, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    rows = [(i, _fields(path, i, line, key)) for i, line in kept]
    if not rows or [field.lower() for field in rows[0][1]] != ["x", "y", "z"]:
        raise InputError(
            key, f'{path.name} has to begin with the line "x,y,z", then one point [mm], LPS, on each line'
        )
    points: list[tuple[float, float, float]] = []
    for i, fields in rows[1:]:
        if len(fields) != 3:
            raise InputError(key, f"{path.name}, line {i} has {len(fields)} fields: write x, y and z [mm]")
        try:
            x, y, z = map(float, fields)
        except ValueError:
            x = y = z = math.nan
        if not all(map(math.isfinite, (x, y, z))):
            raise InputError(
                key, f'{path.name}, line {i}: "{",".join(fields)[:60]}" is no point of finite numbers [mm]'
            )
        step = math.dist(points[-1], (x, y, z)) if points else 1.0
        if step == 0.0:
            raise InputError(key, f"{path.name}, line {i} says the point before again: leave it out")
        if step > LONGEST_STEP:
            raise InputError(
                key,
                f"{path.name}, line {i} is {step:.0f} mm from the point before (at most {LONGEST_STEP:g} mm): is it in "
                "mm? Give points between",
            )
        points.append((x, y, z))
    if len(points) < 3:
        raise InputError(key, f"{path.name} has {len(points)} points; a course has at least three")
    return points


def _fields(path: Path, number: int, line: str, key: str) -> list[str]:
    try:
        return [field.strip() for field in next(csv.reader([line]))]
    except csv.Error as error:
        raise InputError(
            key, f"{path.name}, line {number} of {len(line)} characters: {error}; write x, y and z [mm]"
        ) from None
