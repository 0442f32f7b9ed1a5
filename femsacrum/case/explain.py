"""Turn what pydantic says into one line a surgeon-engineer can act on."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from femsacrum.case.names import did_you_mean
from femsacrum.case.rules import Location
from femsacrum.case.schema import Case

_LONGEST = 60

_PLAIN = {
    "string_type": 'must be text in quotes, for example "text"',
    "string_too_short": "must not be empty",
    "int_type": "must be a whole number without quotes",
    "float_type": "must be a number without quotes or unit",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dict_type": "must be a table",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
}


def explain(detail: ErrorDetails, root: type[BaseModel] = Case) -> tuple[Location, str] | None:
    """One error of pydantic as (location, problem); None for one that only repeats another.

    Args:
        detail: The error.
        root: Model that was validated.
    """
    location = tuple(step for step in detail["loc"] if step != "[key]")
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _PLAIN:
        return location, _PLAIN[kind].format(**context)
    if kind == "missing":
        return location, f"missing: {_description(location, root)}"
    if kind == "extra_forbidden":
        known = list(model_at(location[:-1], root).model_fields)
        return location, f"unknown key{did_you_mean(str(location[-1]), known)}; known here: {', '.join(known)}"
    if kind == "literal_error":
        return location, _choice(detail["input"], str(context["expected"]))
    if kind == "too_short" and len(detail["input"]) >= context["min_length"]:
        return None  # pydantic counts only the entries without an error of their own
    if kind in ("too_short", "too_long"):
        bound, word = (
            (context["min_length"], "at least") if kind == "too_short" else (context["max_length"], "at most")
        )
        return location, f"needs {word} {bound} {'entry' if bound == 1 else 'entries'}"
    if kind == "string_pattern_mismatch":
        return location, f"not allowed: {_description(location, root)}"
    return location, detail["msg"].removeprefix("Value error, ")


def place(location: Location, value: object) -> str:
    """``loads[2].force = "400"``; the value is left out where there is none or it is made of tables."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")
    tables = isinstance(value, list) and any(isinstance(one, Mapping) for one in value)
    if value is None or isinstance(value, Mapping) or tables:
        return path
    text = _as_toml(value)
    return f"{path} = {text}" if len(text) <= _LONGEST else f"{path} = {text[: _LONGEST - 3]}..."


def model_at(location: Location, root: type[BaseModel] = Case) -> type[BaseModel]:
    """The model of the schema at a location."""
    annotation: Any = root
    for step in location:
        model = _model(annotation)
        if model is not None and step in model.model_fields:
            annotation = model.model_fields[str(step)].annotation
        else:  # an entry of a tuple or a table: its type is the last argument
            annotation = [one for one in get_args(annotation) if one not in (Ellipsis, NoneType)][-1]
    model = _model(annotation)
    assert model is not None, location
    return model


def _model(annotation: Any) -> type[BaseModel] | None:
    candidates = (annotation, *get_args(annotation))
    found = (one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel))
    return next(found, None) if not _is_collection(annotation) else None


def _is_collection(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) in (tuple, dict)


def _description(location: Location, root: type[BaseModel]) -> str:
    if isinstance(location[-1], int):
        return f"this list needs an entry [{location[-1]}]"
    return str(model_at(location[:-1], root).model_fields[location[-1]].description)


def _choice(value: object, expected: str) -> str:
    names = [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",")]
    hint = did_you_mean(value, names) if isinstance(value, str) else ""
    return f"must be one of {', '.join(json.dumps(name) for name in names)}{hint}"


def _as_toml(value: object) -> str:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)
