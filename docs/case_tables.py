"""Tables of ``case_file.md``, made from the schema: ``python docs/case_tables.py`` writes them anew into the page.

Text and examples of the page are written by hand; only what stands between two marks
``<!-- keys of NAME -->`` and ``<!-- end -->`` is replaced.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from femsacrum.case import schema
from femsacrum.case.choices import Range, WordOrLength
from femsacrum.case.criteria import Limit
from femsacrum.case.units import Axis, Direction, Place, Quantity, Ratio, plain

PAGE = Path(__file__).with_name("case_file.md")
MARKED = re.compile(r"(<!-- keys of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str) -> str:
    """The page with every marked table made anew."""
    return MARKED.sub(lambda mark: mark[1] + table(getattr(schema, mark[2])) + mark[3], text)


def table(model: type[BaseModel]) -> str:
    """Every key of one table of the case file: default, what is allowed, meaning."""
    rows = ["| key | default | allowed | meaning |", "|---|---|---|---|"]
    for key, field in model.model_fields.items():
        cells = (
            f"`{key}`",
            default(field),
            allowed(field),
            " ".join(str(field.description).split()).replace("``", "`"),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def default(field: FieldInfo) -> str:
    """The default as a user would write it."""
    if field.is_required():
        return "**required**"
    value = field.default
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, BaseModel):
        return "its own"
    quantity = next((one for one in _marks(field) if isinstance(one, Quantity)), None)
    if quantity is not None:
        return f"`{as_toml(quantity.write(value))}`"
    return f"`{as_toml(value)}`"


def allowed(field: FieldInfo) -> str:
    """Kind and range of the values."""
    marks, kind = _marks(field), _bare(field.annotation)
    for mark in marks:
        if isinstance(mark, Ratio):
            return f"share{_bounds(mark)}" if mark.kind == "share" else f"factor{_bounds(mark)}"
        if isinstance(mark, Quantity):
            return f"{mark.kind} [{mark.unit.replace('^', '')}]{_bounds(mark)}"
        if isinstance(mark, Place):
            bounds = _bounds(mark.length)
            return f"{mark.kind}{bounds and f' [mm]{bounds} each'}, `{as_toml(mark.example)}`"
        if isinstance(mark, Direction):
            return "three numbers, not all 0"
        if isinstance(mark, Range):
            return f"factor{_bounds(mark.ratio)}, or a list of two"
        if isinstance(mark, WordOrLength):
            words = ", ".join(f"`{as_toml(word)}`" for word in mark.words)
            return f"{words}, or length [mm]{_bounds(mark.length)}"
        if isinstance(mark, Limit):
            return 'text with the outcome\'s unit, `"40 um"`, or a number where it has none'
        if isinstance(mark, Axis):
            return '`"shaft"` or three numbers, not all 0'
    if get_origin(kind) is Literal:
        return ", ".join(f"`{as_toml(one)}`" for one in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    if get_origin(kind) is dict:
        return "table"
    if get_origin(kind) is tuple:
        one, *rest = (_bare(inner) for inner in get_args(kind) if inner is not Ellipsis)
        if get_origin(one) is Literal:
            return f"list of {', '.join(f'`{as_toml(word)}`' for word in get_args(one))}"
        if any(isinstance(mark, Place) for mark in _marks_of(get_args(kind)[0])):
            return "list of three positions"
        if one is int:
            return "list of whole numbers"
        if rest and not issubclass(one, BaseModel):
            return f"{('two', 'three')[len(rest) - 1]} {'numbers' if one is float else 'names'}"
        return "list of tables" if issubclass(one, BaseModel) else "list of names"
    if kind is str:
        return next((f"text, `{mark.pattern}`" for mark in marks if getattr(mark, "pattern", None)), "text")
    word = {bool: "`true`, `false`", int: "whole number", float: "number"}[kind]
    limits = [
        f"{sign} {plain(getattr(mark, name))}" for mark in marks for name, sign in _SIGNS if hasattr(mark, name)
    ]
    return " ".join([word, " and ".join(limits)]).strip()


_SIGNS = (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))


def _bounds(mark: Quantity) -> str:
    pairs = ((">", mark.above), (">=", mark.at_least), ("<=", mark.at_most))
    limits = [f"{sign} {mark.write(value) if value else 0}" for sign, value in pairs if value is not None]
    return f" {' and '.join(limits)}" if limits else ""


def _marks_of(annotation: Any) -> tuple[Any, ...]:
    """What ``Annotated`` says about one entry of a list."""
    return tuple(getattr(annotation, "__metadata__", ()))


def _marks(field: FieldInfo) -> list[Any]:
    """What ``Annotated`` says about a field, also inside ``... | None``."""
    found, waiting = list(field.metadata), [field.annotation]
    while waiting:
        one = waiting.pop()
        found += getattr(one, "__metadata__", ())
        if get_origin(one) not in (tuple, dict):
            waiting += [inner for inner in get_args(one) if hasattr(inner, "__metadata__")]
    flat = []
    for mark in found:
        flat += mark.metadata if isinstance(mark, FieldInfo) else [mark]
    return flat


def _bare(annotation: Any) -> Any:
    """The type without ``Annotated`` and without ``None``."""
    if hasattr(annotation, "__metadata__"):
        return _bare(annotation.__origin__)
    inner = [one for one in get_args(annotation) if one is not type(None)]
    return _bare(inner[0]) if type(None) in get_args(annotation) else annotation


def as_toml(value: object) -> str:
    """A value as it stands in a case file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple) and all(isinstance(one, int) for one in value):
        return f"[{', '.join(as_toml(one) for one in value)}]"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
