"""Rules about several keys of a case together, checked on what stands in the file so that all of them are reported.

Every rule takes the raw content and yields (location, problem); content of a wrong type is left to the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic_core import PydanticCustomError

from femsacrum.case.composition import BODIES, Composition, composition
from femsacrum.case.loads import CRUTCH_FORCE
from femsacrum.case.names import LANDMARKS, LOAD_KEYS, MOVING, PARTS, ROLES, TUMOUR, did_you_mean, file_stem
from femsacrum.case.schema import LoadSpec
from femsacrum.case.units import PossibleShare, Ratio, Share
from femsacrum.errors import InputError
from femsacrum.paths import locate, mesh_of

Location = tuple[str | int, ...]
Problem = tuple[Location, str]
Raw = Mapping[str, Any]

#: Both senses of an axis of the patient: left and right, posterior and anterior, superior and inferior.
FRAME_AXES = ("LR", "PA", "SI")
#: Force on each crutch above which the legs of a gait would carry next to nothing, share of body weight.
MOST_CRUTCH = 0.35
#: What files and labels may hold.
GIVEN = (*PARTS, TUMOUR)


def problems(data: Raw, folder: Path, folders: Sequence[Path] = ()) -> Iterator[Problem]:
    """Every broken rule.

    Args:
        data: Content of the case file, current schema version.
        folder: Folder of the case file.
        folders: Data folders.

    Yields:
        Where, and what is wrong.
    """
    yield from _landmarks(data)
    yield from _surface_files(data, folder, folders)
    yield from _labels(data, folder, folders)
    yield from _material_names(data)
    for index, load in tables(data, "loads"):
        yield from _load(("loads", index), load)
    yield from _load_names(data)


def at(data: object, *keys: str | int) -> Any:
    """The value at a location, or None where there is none."""
    for key in keys:
        present = key in data if isinstance(data, Mapping) else isinstance(data, list) and key in range(len(data))
        if not present:
            return None
        data = data[key]  # type: ignore[index]
    return data


def tables(data: Raw, key: str) -> list[tuple[int, Raw]]:
    """Number and content of every table of an array of tables; what is no table is left to the schema."""
    found = at(data, key)
    return [(i, t) for i, t in enumerate(found) if isinstance(t, Mapping)] if isinstance(found, list) else []


def _landmarks(data: Raw) -> Iterator[Problem]:
    given = at(data, "anatomy", "landmarks")
    for name in given if isinstance(given, Mapping) else ():
        if name not in LANDMARKS:
            known = ", ".join(LANDMARKS)
            yield ("anatomy", "landmarks", name), f"no such landmark{did_you_mean(name, LANDMARKS)}; known: {known}"


def _surface_files(data: Raw, folder: Path, folders: Sequence[Path]) -> Iterator[Problem]:
    location: Location = ("anatomy", "surfaces", "files")
    frame = at(data, "anatomy", "surfaces", "frame")
    if (
        isinstance(frame, str)
        and set(frame) <= set("LRPASI")
        and not all(set(frame) & set(axis) for axis in FRAME_AXES)
    ):
        yield (
            ("anatomy", "surfaces", "frame"),
            'needs a letter of each axis: L or R, P or A, S or I, for example "LPS"',
        )
    files = at(data, *location)
    for part, file in files.items() if isinstance(files, Mapping) else ():
        if part not in GIVEN:
            yield (*location, part), f"no such part{did_you_mean(part, GIVEN)}; known: {', '.join(GIVEN)}"
        if isinstance(file, str) and file:
            yield from path_problem((*location, part), mesh_of(file)[0], folder, folders)


def _labels(data: Raw, folder: Path, folders: Sequence[Path]) -> Iterator[Problem]:
    location: Location = ("anatomy", "labels")
    name, parts, files = (
        at(data, *location, "file"),
        at(data, *location, "parts"),
        at(data, "anatomy", "surfaces", "files"),
    )
    if isinstance(name, str) and name:
        yield from path_problem((*location, "file"), name, folder, folders, series=True)
    owner: dict[int, str] = {}
    for part, label in parts.items() if isinstance(parts, Mapping) else ():
        if part not in GIVEN:
            yield (*location, "parts", part), f"no such part{did_you_mean(part, GIVEN)}; known: {', '.join(GIVEN)}"
        if isinstance(files, Mapping) and part in files:
            yield (*location, "parts", part), "anatomy.surfaces.files has it as well; leave out one of them"
        if isinstance(label, int) and owner.setdefault(label, part) != part:
            yield (*location, "parts", part), f"{owner[label]} has the same label; give each part its own"


def path_problem(
    location: Location, name: str, folder: Path, folders: Sequence[Path], *, series: bool = False
) -> Iterator[Problem]:
    """What is wrong with the path of a file, if anything.

    Args:
        location: Of the path in the case.
        name: The path.
        folder: Folder of the case file.
        folders: Data folders.
        series: A folder will do as well.

    Yields:
        Where, and what is wrong.
    """
    try:
        locate(name, folder, folders, "", folders=series)
    except InputError as error:
        yield location, error.problem


def _material_names(data: Raw) -> Iterator[Problem]:
    location: Location = ("materials", "bodies")
    bodies = at(data, *location)
    for name in bodies if isinstance(bodies, Mapping) else ():
        problem = unknown_body(name, composition(data))
        if problem:
            yield (*location, name), problem


def unknown_body(name: str, plan: Composition | None, *more: str) -> str | None:
    """What is wrong with a body's name; None where nothing is, or where the plan is not known."""
    if plan is None or name in plan.bodies or name in ROLES or name in more:
        return None
    if name in BODIES:
        return f'plan "{plan.plan}" has no such body as the case stands; it has {", ".join(plan.bodies)}'
    hint = did_you_mean(name, (*BODIES, *ROLES))
    return f"no such body or role{hint}; known: {', '.join((*plan.bodies, *ROLES, *more))}"


def _load(location: Location, load: Raw) -> Iterator[Problem]:
    kind = load.get("kind")
    if not isinstance(kind, str) or kind not in LOAD_KEYS:
        return
    if kind == "axial" and "force" not in load:
        yield (*location, "force"), 'missing: kind "axial" needs the force on L4, for example "400 N"'
    for key in dict.fromkeys(key for keys in LOAD_KEYS.values() for key in keys):
        if key in load and key not in LOAD_KEYS[kind]:
            kinds = " or ".join(f'"{one}"' for one, keys in LOAD_KEYS.items() if key in keys)
            yield (*location, key), f'only for kind = {kinds}, this load is "{kind}": leave it out'
    if kind == "axial" and load.get("support") == "free":
        yield (*location, "support"), 'a force on L4 alone does not balance, so something has to hold it: take "hips"'
    if kind in MOVING and load.get("pilot") == "kinematic":
        problem = 'the forces of a movement press on another part of the cup at each instant: take "distributing"'
        yield (*location, "pilot"), problem
    if load.get("closing") == "support" and "closing" in LOAD_KEYS[kind] and load.get("support", "free") == "free":
        yield (
            (*location, "closing"),
            '"support", but nothing holds the pelvis: take support = "hips", or close by "trunk"',
        )
    if "push_off" in load and "push_off" in LOAD_KEYS[kind] and load.get("orthosis", "none") == "none":
        yield (*location, "push_off"), 'needs an orthosis: say orthosis = "left", "right" or "both", or leave it out'
    if kind != "crutch_stance" and "crutch_force" in LOAD_KEYS[kind]:
        crutch = _share(load, "crutch_force")
        if crutch is not None and crutch > MOST_CRUTCH:
            yield (
                (*location, "crutch_force"),
                f"{100.0 * crutch:g} % each leaves the leg nearly nothing: take at most {100.0 * MOST_CRUTCH:g} %",
            )
    if kind == "crutch_stance":
        crutch, carried = _share(load, "crutch_force"), _share(load, "upper_body")
        if crutch is not None and carried is not None and 2.0 * crutch >= carried:
            problem = f"{100.0 * crutch:g} % each lifts the upper body off L4: take less than {50.0 * carried:g} %"
            yield (*location, "crutch_force"), problem


def _share(load: Raw, key: str) -> float | None:
    """A share as it stands in the file, or its default; None where it cannot be read."""
    quantity: Ratio = get_args(PossibleShare if key == "crutch_force" else Share)[1]
    default = CRUTCH_FORCE.get(load["kind"], 0.0) if key == "crutch_force" else LoadSpec.model_fields[key].default
    try:
        return quantity.read(load[key]) if key in load else float(default)
    except PydanticCustomError:
        return None


def _load_names(data: Raw) -> Iterator[Problem]:
    first: dict[str, int] = {}
    loads = dict(tables(data, "loads"))
    for index, load in loads.items():
        name = load.get("name")
        if not isinstance(name, str):
            continue
        stem = file_stem(name)  # fields and pictures of two load cases must not overwrite each other
        if stem in first:
            what = (
                "the same name" if loads[first[stem]].get("name") == name else f'a name with the same file ("{stem}")'
            )
            yield ("loads", index, "name"), f"loads[{first[stem]}] has {what}; load cases need different ones"
        first.setdefault(stem, index)
