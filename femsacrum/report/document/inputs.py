"""Every number that entered a run: those of the case, defaults included, and those of the tables it used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from femsacrum.case.schema import Case
from femsacrum.case.units import read_mass
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Section, table
from femsacrum.sources.tables import constant
from femsacrum.sources.tables import table as constants

#: Said of a number whose table tells its source once, in its head.
IN_THE_HEAD = "head of the table"
#: Of a list of more numbers only how many there are and how far they reach is told.
SHORT = 4
#: Kind of a graft in the case -> what it is made of.
GRAFTS = {
    "iliac_block": "graft",
    "morsellised": "morsellised_graft",
    "fibular_strut": "fibular_strut",
    "femoral_allograft": "femoral_allograft",
}
#: Keys of the case that are no input.
PASSED_OVER = ("schema_version", "output", "name", "question", "source", "description", "criteria")


@dataclass(frozen=True)
class Input:
    """One number, or word, that entered.

    Attributes:
        name: Key in the case, or entry of a table.
        value: With its unit.
        meaning: Of the key, where the case file says it.
        source: Where it is from.
        confidence: Mark of the table; "case" or "default".
        table: File of the table; empty: the case.
    """

    name: str
    value: str
    meaning: str
    source: str
    confidence: str
    table: str = ""


def inputs(run: Evidence) -> list[Input]:
    """All of a run, as far as its folder tells."""
    return [*of_case(run.case), *of_tables(run)]


def annex(given: list[Input]) -> Section:
    """The inputs as tables, and what the marks mean."""
    marks = (
        ("S", "read at the source"),
        ("S2", "read where somebody else quotes it"),
        ("M-high, M-med, M-low", "from memory of the literature, with that confidence"),
        ("D", "derived by arithmetic, or chosen in this project"),
        ("case", "stated by the case, whose author answers for it"),
        ("default", "what the program takes where a case says nothing; the case says nothing, or the same"),
    )
    case = ((each.name, each.value, each.meaning, each.source, each.confidence) for each in given if not each.table)
    columns = ("key", "value", "meaning", "source", "mark")
    note = "A table of constants is listed whole where the run folder does not tell which of its entries were read."
    blocks = [
        table("Confidence marks", ("mark", "meaning"), marks),
        table("Inputs of the case", columns, case),
    ]
    for name in dict.fromkeys(each.table for each in given if each.table):
        rows = ((each.name, each.value, each.source, each.confidence) for each in given if each.table == name)
        caption = f"Inputs from the table {name}"
        blocks.append(table(caption, ("entry", "value", "source", "mark"), rows, [note]))
    return Section("Inputs", tuple(blocks))


def of_case(raw: Mapping[str, Any]) -> Iterator[Input]:
    """Every leaf of the case; what a key means and whether it is the default is read from the schema."""
    try:
        checked = Case.model_validate(raw, context={"body_weight": _body_weight(raw)})
    except ValidationError:
        checked = None  # written by another version, or changed: told as it stands, without meanings
    kept = {key: value for key, value in raw.items() if key not in PASSED_OVER}
    yield from _leaves("", kept, checked, "")


def of_tables(run: Evidence) -> Iterator[Input]:
    """Entries of the tables of constants that this run used, as far as its folder tells."""
    if run.findings is None:
        return
    for name, wanted in _used(run, run.findings).items():
        for key, entry in _entries(constants(name)):
            if wanted is None or key.split(".")[0] in wanted:
                source, mark = entry.get("source", IN_THE_HEAD), entry.get("confidence", "–")
                yield Input(key, _valued(entry), "", source, mark, f"{name}.toml")


def _used(run: Evidence, found: Mapping[str, Any]) -> dict[str, set[str] | None]:
    """Table -> the groups of it that were used; None: all."""
    bodies = found["mesh"]["bodies"]
    roles = {row["role"] for row in bodies.values()}
    used: dict[str, set[str] | None] = {"materials": _materials(found, run.case), "loads": None, "findings": None}
    kinds = {load.get("kind") for load in run.case.get("loads", ())}
    if run.case.get("materials", {}).get("ct"):
        used |= {"density_laws": None, "cortex": None}
    if kinds & set(constants("activities")["movement"]) or kinds & set(constants("activities")["posture"]):
        used |= {"activities": None, "muscles": None}
    chosen = run.case.get("ligament_set", "none")
    if chosen != "none":
        used["ligaments"] = None if chosen == "all" else {chosen}
    if any(case["screws"]["screws"] for case in found["load_cases"].values()):
        used["screws"] = None
    if any(walk["fatigue"] for walk in (found.get("movements") or {}).values()):
        used["fatigue"] = None
    if found.get("healing"):
        used["healing"] = None
    if (found.get("against_intact") or {}).get("junction"):
        used["junction"] = None
    if "implant" in roles and "lattice" in str(run.case.get("surgery", {}).get("prosthesis", "")):
        used["lattice"] = None
    return used


def _materials(found: Mapping[str, Any], case: Mapping[str, Any]) -> set[str]:
    """Groups of the table of materials: tissues by the bodies there are, metals by what the findings say of each."""
    bodies = found["mesh"]["bodies"]
    said = [row["material_source"] for case in found["load_cases"].values() for row in case["implants"].values()]
    groups = {text.split(":")[0] for text in said}
    groups |= (
        {"pelvic_bone", "pelvic_cortex"} if any("ilium" in name or name == "sacrum" for name in bodies) else set()
    )
    if any(name in bodies for name in ("L4", "L5")):
        groups |= {"lumbar_bone", "lumbar_cortex", "posterior_elements"}
    groups |= {"sacroiliac_cartilage"} if any(name.endswith("_sij") for name in bodies) else set()
    groups |= _disc({name for name, row in bodies.items() if row["role"] == "disc"}, case.get("materials", {}))
    groups |= {"symphysis"} if "symphysis" in bodies else set()
    if any(row["role"] == "graft" for row in bodies.values()):
        kind = (found["surgery"]["grafts"] or {}).get("kind")
        groups |= {GRAFTS[kind]} if kind in GRAFTS else set(GRAFTS.values())
    return groups


def _disc(names: set[str], said: Mapping[str, Any]) -> set[str]:
    """Groups that discs are made of; none where the case gives the material of each itself."""
    own = set(said.get("bodies", ()))
    if "disc" in own or names <= own:
        return set()
    # one solid was all there was before the key
    return {"nucleus", "annulus"} if said.get("disc", "one_solid") == "nucleus_and_annulus" else {"disc"}


def _entries(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Dotted key and content of every entry of a table: what has a source, and what holds nothing but numbers and words."""
    bare = {key: value for key, value in content.items() if not _holds_entries(value)}
    if bare and not prefix:
        for key, value in bare.items():
            yield key, {"value": value}
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, tuple) and _holds_entries(value):
            for place, row in enumerate(value):
                yield f"{name}.{row.get('name', place)}", row
        elif isinstance(value, Mapping):
            if "source" in value or not any(_holds_entries(each) for each in value.values()):
                yield name, value
            else:
                yield from _entries(value, f"{name}.")


def _holds_entries(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, tuple) and any(isinstance(each, Mapping) for each in value)
    )


def _valued(entry: Mapping[str, Any]) -> str:
    unit = "" if entry.get("unit", "1") == "1" else f" {entry['unit']}"
    for low, usual, high in (("least", "value", "largest"), ("low", "usual", "high")):
        if {low, usual, high} <= set(entry):
            return f"{_listed(entry[usual])} ({_listed(entry[low])} to {_listed(entry[high])}){unit}"
    if "value" in entry:
        return f"{_listed(entry['value'])}{unit}"
    told = {key: value for key, value in entry.items() if key not in ("source", "confidence", "unit", "name")}
    return "; ".join(f"{key.replace('_', ' ')} {_listed(value)}" for key, value in told.items()) + unit


def _listed(value: object) -> str:
    if isinstance(value, tuple) and all(isinstance(each, int | float) for each in value):
        if len(value) > SHORT:
            return f"{len(value)} values, {min(value):g} to {max(value):g}"
        return f"({', '.join(f'{each:g}' for each in value)})"
    if isinstance(value, tuple):
        return ", ".join(_listed(each) for each in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_listed(each)}" for key, each in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _body_weight(raw: Mapping[str, Any]) -> float | None:
    found = read_mass(raw)
    return found * constant("loads", "gravity").value if found else None


def _leaves(path: str, raw: Any, model: Any, source: str, meaning: str = "", usual: bool = False) -> Iterator[Input]:
    if isinstance(raw, Mapping):
        own = str(raw.get("source", source))
        for key, value in raw.items():
            if key in ("source", "description") and path:
                continue
            field = type(model).model_fields.get(key) if isinstance(model, BaseModel) else None
            said = " ".join(str(field.description).split()).replace("``", "") if field else meaning
            inner = getattr(model, key, None) if isinstance(model, BaseModel) else _at(model, key)
            same = bool(field and not field.is_required() and inner == field.get_default(call_default_factory=True))
            yield from _leaves(f"{path}.{key}" if path else str(key), value, inner, own, said, same)
    elif isinstance(raw, list) and any(isinstance(each, Mapping | list) for each in raw):
        for place, value in enumerate(raw):
            yield from _leaves(f"{path}[{place}]", value, _at(model, place), source, meaning, usual)
    elif raw != []:
        text = ", ".join(map(_worded, raw)) if isinstance(raw, list) else _worded(raw)
        mark = "default" if usual else "case"
        yield Input(path, text, meaning, source or ("the program" if usual else "the case"), mark)


def _at(model: Any, key: Any) -> Any:
    try:
        return model[key]
    except (TypeError, KeyError, IndexError):
        return None


def _worded(raw: object) -> str:
    return ("yes" if raw else "no") if isinstance(raw, bool) else str(raw)
