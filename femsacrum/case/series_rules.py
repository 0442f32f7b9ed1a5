"""Rules about forces over time from a file: which keys go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from femsacrum.case.rules import Location, Problem, Raw, at, path_problem, tables
from femsacrum.case.series import FEMUR_FRAMES

#: No cycle of a movement takes longer [s]: the column is not in seconds.
LONGEST = 20.0


def series_problems(data: Raw, folder: Path, folders: Sequence[Path] = ()) -> Iterator[Problem]:
    """Every broken rule about ``series`` of a load case.

    Args:
        data: Content of the case file, current schema version.
        folder: Folder of the case file.
        folders: Data folders.

    Yields:
        Where, and what is wrong.
    """
    for index, load in tables(data, "loads"):
        series = load.get("series")
        if load.get("kind") == "series" and series is None:
            yield ("loads", index, "series"), 'missing: kind "series" needs the file and what its columns are'
        if isinstance(series, Mapping):
            yield from _series(("loads", index, "series"), series, folder, folders)


def _series(location: Location, series: Raw, folder: Path, folders: Sequence[Path]) -> Iterator[Problem]:
    for keys in (("file",), ("angles", "file"), ("muscles", "file")):
        name = at(series, *keys)
        if isinstance(name, str) and name:
            yield from path_problem((*location, *keys), name, folder, folders)
    frame, hips, length = series.get("frame"), series.get("hips"), _length(series)
    if length is not None and length <= 0.0:
        yield (*location, "end"), f"is not after start = {series['start']}: a cycle takes time"
    elif length is not None and length > LONGEST and "duration" not in series:
        yield (
            (*location, "duration"),
            f'missing: from start to end are {length:g}; where that is not seconds, say how long a cycle takes, "1.2 s"',
        )
    if frame in FEMUR_FRAMES:
        if series.get("acts_on") == "pelvis":
            yield (*location, "acts_on"), f'"{frame}" gives forces on the head of the femur: write "femur"'
        if "trunk" in series:
            yield (*location, "trunk"), f'a force on L4 cannot be given in frame "{frame}": leave it out'
        angles = at(series, "angles", "hips")
        for side in hips if isinstance(hips, Mapping) else ():
            if not (isinstance(angles, Mapping) and side in angles):
                problem = f'frame "{frame}" needs the {side} hip\'s flexion, adduction and rotation'
                yield (*location, "angles", "hips", str(side)), problem
    if series.get("format") == "CSV" and isinstance(series.get("angles"), Mapping) and "unit" not in series["angles"]:
        yield (*location, "angles", "unit"), 'missing: a CSV file does not say it, write "deg" or "rad"'
    cycles = series.get("per_year")
    if isinstance(cycles, list) and all(map(_is_number, cycles)) and cycles != sorted(cycles):
        yield (*location, "per_year"), "must rise: least, usual, most"
    if series.get("mirrored") is True and isinstance(hips, Mapping) and len(hips) > 1:
        yield (*location, "mirrored"), "true, but both hips are given: leave one of them out, or this"


def _length(series: Raw) -> float | None:
    """From start to end, where both are numbers."""
    if not (_is_number(series.get("start")) and _is_number(series.get("end"))):
        return None
    return float(series["end"]) - float(series["start"])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
