"""Frozen dataclasses of the rooms to arrays and JSON and back, without pickle.

A value becomes a skeleton (JSON) in which every array is a number, and the list of those arrays. Only dataclasses
and parts of a case are ever built from a file, so that a stage file cannot run code.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

Array = NDArray[Any]
Skeleton = dict[str, Any] | str | int | float | bool | None

_PACKAGE = __name__.partition(".")[0]


def encode(value: object) -> tuple[Skeleton, list[Array]]:
    """Take a value apart.

    Args:
        value: Frozen dataclasses, parts of a case, mappings, tuples, lists, numpy arrays, text, numbers, bytes, None,
            nested freely.

    Returns:
        Skeleton and arrays.

    Raises:
        TypeError: There is something else in it.
    """
    arrays: list[Array] = []
    return _encode(value, arrays), arrays


def decode(skeleton: Skeleton, arrays: list[Array]) -> Any:
    """Put a value together again.

    Args:
        skeleton: From ``encode``.
        arrays: From ``encode``.

    Returns:
        A value equal to the one encoded; mappings are dicts, numpy scalars Python ones.

    Raises:
        ValueError: The skeleton is not one of ``encode``.
    """
    if not isinstance(skeleton, dict):
        return skeleton
    (kind, content), *rest = skeleton.items()
    match kind:
        case "array":
            return arrays[content]
        case "bytes":
            return arrays[content].tobytes()
        case "tuple":
            return tuple(decode(item, arrays) for item in content)
        case "list":
            return [decode(item, arrays) for item in content]
        case "mapping":
            return {decode(key, arrays): decode(item, arrays) for key, item in content}
        case "dataclass":
            return _dataclass(content)(**{name: decode(item, arrays) for name, item in rest[0][1].items()})
        case "model":
            return _model(content).model_validate(rest[0][1])
    raise ValueError(f"unknown kind {kind!r}")


def digest(skeleton: Skeleton, arrays: list[Array]) -> str:
    """Hash of an encoded value: equal values, equal digests (32 hex digits)."""
    hasher = hashlib.blake2b(json.dumps(skeleton).encode(), digest_size=16)
    for array in arrays:
        hasher.update(f"{array.dtype.str}{array.shape}".encode())
        hasher.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return hasher.hexdigest()


def _encode(value: object, arrays: list[Array]) -> Skeleton:
    if isinstance(value, np.generic):
        return _encode(value.item(), arrays)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        return {"bytes": _keep(np.frombuffer(value, dtype=np.uint8), arrays)}
    if isinstance(value, np.ndarray):
        return {"array": _keep(value, arrays)}
    if isinstance(value, Mapping):
        return {"mapping": [[_encode(key, arrays), _encode(item, arrays)] for key, item in value.items()]}
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_encode(item, arrays) for item in value]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        own = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init}
        name = f"{type(value).__module__}:{type(value).__qualname__}"
        return {"dataclass": name, "fields": {key: _encode(item, arrays) for key, item in own.items()}}
    if isinstance(value, BaseModel):
        name = f"{type(value).__module__}:{type(value).__qualname__}"
        return {"model": name, "fields": value.model_dump(mode="json")}
    raise TypeError(f"a stage may not hand on a {type(value).__name__}")


def _keep(array: Array, arrays: list[Array]) -> int:
    if array.dtype.hasobject:
        raise TypeError("a stage may not hand on an array of objects")
    arrays.append(array)
    return len(arrays) - 1


def _dataclass(name: str) -> type:
    found = _class(name)
    if not dataclasses.is_dataclass(found):
        raise ValueError(f"{name} is no dataclass")
    return found


def _model(name: str) -> type[BaseModel]:
    found = _class(name)
    if not issubclass(found, BaseModel):
        raise ValueError(f"{name} is no model of a case")
    return found


def _class(name: str) -> type:
    module, _, qualified = name.partition(":")
    if module.partition(".")[0] != _PACKAGE:
        raise ValueError(f"{name} is not part of {_PACKAGE}")
    found: Any = importlib.import_module(module)
    for part in qualified.split("."):
        found = getattr(found, part, None)
    if not isinstance(found, type):
        raise ValueError(f"{name} is no class")
    return found
