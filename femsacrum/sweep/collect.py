"""All records of a sweep as one table: a Parquet file with a row for every point and load case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femsacrum.errors import InputError
from femsacrum.store import written
from femsacrum.sweep import records
from femsacrum.sweep.definition import Factor
from femsacrum.sweep.records import Record

TABLE = "table.parquet"
#: What every row begins with, and what it is; [unit].
HEAD = {
    "point": "number of the point",
    "load_case": "load case or movement; empty: what holds for the whole plan",
    "state": "done, refused (the case or its numerics), failed (no answer)",
    "reason": "why it is not done",
    "attempts": "how often it was tried",
    "seconds": "wall time of the last try [s]",
    "memory": "most memory of its process by then [MB]",
}


def collect(folder: Path, factors: Sequence[Factor], count: int, code: str) -> Path:
    """Write the table of a sweep.

    A factor's column has its name, an outcome's its key; units and meanings of columns are key-value metadata of the
    file, "unit:COLUMN" and "words:COLUMN". What a row has no value for is NULL. Points that are not done have one row.

    Args:
        folder: Of the sweep.
        factors: Of the sweep.
        count: Its points.
        code: Fingerprint of the code; records of other code do not count.

    Returns:
        The file.

    Raises:
        InputError: No point has a record.
    """
    found = [record for point in range(count) if (record := records.read(folder, point)) and record.code == code]
    if not found:
        raise InputError(str(folder), "no point is done; run the sweep first")
    columns, told = _columns(found, factors)
    with written(folder / TABLE) as temporary:
        _write(columns, told, temporary)
    return folder / TABLE


def _columns(found: Sequence[Record], factors: Sequence[Factor]) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Column -> values, and the metadata."""
    rows: list[tuple[Record, str, dict[str, float]]] = []
    told: dict[str, str] = {f"words:{name}": words for name, words in HEAD.items()}
    keys: dict[str, None] = {}
    for record in found:
        cases: dict[str, dict[str, float]] = {}
        for row in record.outcomes:
            keys.setdefault(row["key"])
            told[f"unit:{row['key']}"], told[f"words:{row['key']}"] = row["unit"], row["words"]
            cases.setdefault(row["load_case"], {})[row["key"]] = row["value"]
        rows += [(record, name, values) for name, values in (cases or {"": {}}).items()]
    columns: dict[str, NDArray[Any]] = {
        "point": np.array([record.point for record, _, _ in rows]),
        "load_case": np.array([name for _, name, _ in rows], dtype=object),
        "state": np.array([record.state for record, _, _ in rows], dtype=object),
        "reason": np.array([record.reason for record, _, _ in rows], dtype=object),
        "attempts": np.array([record.attempts for record, _, _ in rows]),
        "seconds": np.array([record.seconds for record, _, _ in rows]),
        "memory": np.array([record.memory for record, _, _ in rows]),
    }
    for factor in factors:
        values = [record.values[factor.name] for record, _, _ in rows]
        numbers = all(isinstance(value, float | int) and not isinstance(value, bool) for value in values)
        columns[factor.name] = (
            np.array(values, dtype=float) if numbers else np.array(list(map(str, values)), dtype=object)
        )
        told[f"unit:{factor.name}"], told[f"words:{factor.name}"] = factor.unit or "1", ", ".join(factor.keys)
    for key in keys:
        told_of = [row.get(key) for _, _, row in rows]
        columns[key] = np.array([np.nan if value is None else value for value in told_of], dtype=float)
    return columns, told


def _write(columns: Mapping[str, NDArray[Any]], told: Mapping[str, str], file: Path) -> None:
    import duckdb

    names = {f"c{place}": name for place, name in enumerate(columns)}
    table = dict(zip(names, columns.values(), strict=True))  # the query below names it
    numbers = {place for place, values in table.items() if values.dtype.kind == "f"}
    chosen = ", ".join(
        f"nullif({place}, 'NaN'::DOUBLE) AS {_quoted(name)}" if place in numbers else f"{place} AS {_quoted(name)}"
        for place, name in names.items()
    )
    noted = ", ".join(f"{_text(key)}: {_text(value)}" for key, value in told.items())
    with duckdb.connect() as connection:
        connection.register("given", table)
        connection.execute(
            f"COPY (SELECT {chosen} FROM given) TO {_text(str(file))} "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{noted}}})"
        )


def metadata(file: Path) -> dict[str, str]:
    """Units and meanings of the columns of a table: "unit:COLUMN" and "words:COLUMN"."""
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute("SELECT key, value FROM parquet_kv_metadata(?)", [str(file)]).fetchall()
    return {bytes(key).decode(): bytes(value).decode() for key, value in rows}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
