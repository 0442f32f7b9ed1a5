"""Tables of numbers over time: CSV, and OpenSim's storage and motion files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.names import did_you_mean
from femsacrum.errors import InputError

#: Columns that a message lists at most.
LISTED = 12
#: Keys of OpenSim's header, as it is written now and as SIMM wrote it.
ROWS, COLUMNS = ("nrows", "datarows"), ("ncolumns", "datacolumns")


@dataclass(frozen=True)
class SeriesTable:
    """What stands in a file, not yet numbers.

    Attributes:
        name: Of the file.
        labels: Names of the columns.
        rows: Line in the file, counted from 1, and its fields.
        in_degrees: What an OpenSim header says of angles; None where nothing does.
    """

    name: str
    labels: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]
    in_degrees: bool | None = None

    def column(self, label: str, key: str) -> Floats:
        """Numbers of one column, shape (n,).

        Args:
            label: Its name.
            key: Key of the case that names it.

        Raises:
            InputError: There is no such column, or a field of it is no finite number.
        """
        if label not in self.labels:
            some = ", ".join(self.labels[:LISTED]) + (", ..." if len(self.labels) > LISTED else "")
            hint = did_you_mean(label, self.labels)
            raise InputError(key, f'"{label}" is no column of {self.name}{hint}; it has {some}')
        place = self.labels.index(label)
        values = np.empty(len(self.rows))
        for i, (line, fields) in enumerate(self.rows):
            try:
                values[i] = float(fields[place])
            except ValueError:
                values[i] = np.nan
            if not np.isfinite(values[i]):
                raise InputError(
                    key, f'{self.name}, line {line}, column "{label}": "{fields[place]}" is no finite number'
                )
        return values


def read_table(path: Path, form: str, key: str) -> SeriesTable:
    """Reads a file.

    Args:
        path: The file.
        form: "CSV" or "OpenSim".
        key: Key of the case that names the file.

    Raises:
        InputError: It is not of that format, or its header says other sizes than it has.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(key, f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    return _csv(path.name, lines, key) if form == "CSV" else _opensim(path.name, lines, key)


def _csv(name: str, lines: list[str], key: str) -> SeriesTable:
    """Names in the first line; commas, semicolons or tabs between fields; lines that start with # are left out."""
    kept = [(i, line) for i, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not kept:
        raise InputError(key, f"{name} is empty")
    between = max(",;\t", key=kept[0][1].count)
    table = [(i, [field.strip() for field in next(csv.reader([line], delimiter=between))]) for i, line in kept]
    return _table(name, table[0][1], table[1:], key)


def _opensim(name: str, lines: list[str], key: str) -> SeriesTable:
    """Header up to "endheader", names of the columns, numbers between tabs or blanks."""
    ends = [i for i, line in enumerate(lines) if line.strip().lower() == "endheader"]
    if not ends:
        raise InputError(key, f'{name} has no line "endheader": it is no OpenSim .sto or .mot file (format = "CSV"?)')
    said = {}
    for line in lines[: ends[0]]:
        parts = line.replace("=", " ", 1).split(maxsplit=1)
        if len(parts) == 2:
            said[parts[0].lower()] = parts[1].strip()
    table = [(i, line.split()) for i, line in enumerate(lines, 1) if i > ends[0] + 1 and line.strip()]
    if not table:
        raise InputError(key, f"{name} ends after its header")
    labels, rows = table[0][1], table[1:]
    for names, there, what in ((ROWS, len(rows), "rows"), (COLUMNS, len(labels), "columns")):
        for stated in (said[each] for each in names if each in said):
            if stated != str(there):
                problem = f"{name} says {stated} {what} and has {there}: it is cut short, or its header is wrong"
                raise InputError(key, problem)
    degrees = said.get("indegrees", "").lower()
    return _table(name, labels, rows, key, {"yes": True, "no": False}.get(degrees))


def _table(
    name: str, labels: list[str], rows: list[tuple[int, list[str]]], key: str, in_degrees: bool | None = None
) -> SeriesTable:
    twice = {label for label in labels if labels.count(label) > 1}
    if twice:
        raise InputError(key, f'{name} has {labels.count(min(twice))} columns "{min(twice)}"')
    for line, fields in rows:
        if len(fields) != len(labels):
            raise InputError(
                key, f"{name}, line {line} has {len(fields)} fields, but there are {len(labels)} columns"
            )
    if len(rows) < 2:
        raise InputError(key, f"{name} has {len(rows)} rows of numbers; a movement has at least two")
    return SeriesTable(name, tuple(labels), tuple(rows), in_degrees)
