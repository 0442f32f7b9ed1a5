"""A case back to TOML (Python reads TOML but does not write it)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def to_toml(content: Mapping[str, Any]) -> str:
    """TOML text of nested tables.

    Args:
        content: What ``Case.model_dump(mode="json")`` gives: tables, lists, text, numbers, booleans; None is skipped.

    Returns:
        Text that ``tomllib`` reads back as the same content.
    """
    return "\n".join(_table((), content)) + "\n"


def _table(path: tuple[str, ...], content: Mapping[str, Any]) -> Iterator[str]:
    """Plain values first: in TOML what follows a table's heading belongs to that table."""
    present = {key: value for key, value in content.items() if value is not None}
    for key, value in present.items():
        if not isinstance(value, Mapping) and not _is_array_of_tables(value):
            yield f"{_key(key)} = {_inline(value)}"
    for key, value in present.items():
        inner = (*path, key)
        heading = ".".join(_key(step) for step in inner)
        if isinstance(value, Mapping):
            yield from ("", f"[{heading}]", *_table(inner, value))
        elif _is_array_of_tables(value):
            for entry in value:
                yield from ("", f"[[{heading}]]", *_table(inner, entry))


def _is_array_of_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _inline(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inline(item) for item in value)}]"
    if isinstance(value, float):
        return repr(value)
    # TOML's basic strings are JSON's, but DEL has to be escaped too
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _key(key: str) -> str:
    bare = bool(key) and all(char.isascii() and (char.isalnum() or char in "_-") for char in key)
    return key if bare else _inline(key)
