"""Case files of older schema versions, brought up to date step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from femsacrum.case.schema import SCHEMA_VERSION
from femsacrum.errors import InputError

Data = dict[str, Any]

#: Version -> what turns a case of that version into one of the next. Version 1 is the first, so it is empty.
MIGRATIONS: Mapping[int, Callable[[Data], Data]] = {}


def migrate(
    data: Data, migrations: Mapping[int, Callable[[Data], Data]] = MIGRATIONS, current: int = SCHEMA_VERSION
) -> Data:
    """Bring the content of a case file to the current schema version.

    Args:
        data: Content of the file.
        migrations: Version -> function to the next version.
        current: Version wanted.

    Returns:
        The content in the current version, its ``schema_version`` adjusted.

    Raises:
        InputError: There is no version, it is newer than this program, or too old for it.
    """
    version = data.get("schema_version")
    if version is None:
        raise InputError("schema_version", f"missing; write schema_version = {current} at the top of the file")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError(f"schema_version = {version!r}", f"must be a whole number from 1 to {current}")
    if version > current:
        raise InputError(
            f"schema_version = {version}", f"made for a newer femsacrum; this one reads up to {current}: update it"
        )
    while version < current:
        if version not in migrations:
            raise InputError(f"schema_version = {version}", f"too old; this femsacrum reads {_readable(migrations)}")
        data = migrations[version](data)
        version += 1
        data = {**data, "schema_version": version}
    return data


def _readable(migrations: Mapping[int, Callable[[Data], Data]]) -> str:
    return f"versions {min(migrations)} and later" if migrations else f"version {SCHEMA_VERSION}"
