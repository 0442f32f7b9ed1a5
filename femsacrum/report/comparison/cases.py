"""What differs in the cases of the runs, and what of it makes them incomparable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from femsacrum.report.comparison.designs import Design

#: Sections and keys of which a difference is none of the design.
SAME_PATIENT = ("patient", "anatomy", "materials.ct")
SAME_LOADS = ("loads",)
#: Sections whose differences mix with those of the designs.
NUMERICS = ("mesh", "solver")
#: Keys that say nothing about the result.
PASSED_OVER = ("schema_version", "name", "question", "output", "patient.description", "criteria")
MISSING = "–"


@dataclass(frozen=True)
class Difference:
    """A key of the case that is not the same in all runs.

    Attributes:
        key: In the case file.
        values: One for each run.
    """

    key: str
    values: tuple[str, ...]


def differences(cases: Sequence[Mapping[str, Any]]) -> tuple[Difference, ...]:
    """Every key whose values differ, in the order of the case file."""
    leaves = [dict(_leaves("", case)) for case in cases]
    keys = dict.fromkeys(key for each in leaves for key in each)
    rows = (Difference(key, tuple(each.get(key, MISSING) for each in leaves)) for key in keys)
    return tuple(row for row in rows if len(set(row.values)) > 1 and not _of(row.key, PASSED_OVER))


def incomparable(designs: Sequence[Design], found: Sequence[Difference]) -> tuple[str, ...]:
    """What makes sound runs incomparable: another patient, other loads, another version of the program.

    Args:
        designs: Sound ones.
        found: From ``differences`` of their cases.
    """
    said = []
    for words, sections in (("patient", SAME_PATIENT), ("loads", SAME_LOADS)):
        keys = [row.key for row in found if _of(row.key, sections)]
        if keys:
            said.append(f"the {words} differ in {', '.join(keys)}".replace("patient differ ", "patient differs "))
    changed = _changed_inputs(designs)
    if changed:
        said.append(f"files of one name have different content: {', '.join(changed)}")
    codes = {str((design.run.manifest or {}).get("code")) for design in designs if design.run is not None}
    if len(codes) > 1:
        said.append("they were made by different versions of the program")
    return tuple(said)


def remarks(found: Sequence[Difference]) -> tuple[str, ...]:
    """What a reader has to know of differences that are not the designs'."""
    keys = [row.key for row in found if _of(row.key, NUMERICS)]
    if not keys:
        return ()
    return (f"meshes or solver settings differ ({', '.join(keys)}): part of the differences below is theirs",)


def _changed_inputs(designs: Sequence[Design]) -> list[str]:
    """Files that several cases name, with different content; a designer's file is the design itself."""
    found: dict[str, set[str]] = {}
    for design in designs:
        assert design.run is not None
        own = str((_at(design.run.case, "surgery", "prosthesis") or {}).get("file"))
        for name, hashed in ((design.run.manifest or {}).get("inputs") or {}).items():
            if name != own:
                found.setdefault(name, set()).add(hashed)
    return sorted(name for name, hashed in found.items() if len(hashed) > 1)


def _at(case: Mapping[str, Any], *keys: str) -> Any:
    found: Any = case
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _of(key: str, sections: Sequence[str]) -> bool:
    return any(key == one or key.startswith((f"{one}.", f"{one}[")) for one in sections)


def _leaves(path: str, raw: Any) -> Iterator[tuple[str, str]]:
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if key != "source":
                yield from _leaves(f"{path}.{key}" if path else str(key), value)
    elif isinstance(raw, list) and any(isinstance(each, Mapping) for each in raw):
        for place, value in enumerate(raw):
            yield from _leaves(f"{path}[{place}]", value)
    else:
        yield path, ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw)
