"""Rules about the CT, the cortex and what has changed the patient's bone, checked on what stands in the case file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic_core import PydanticCustomError

from femsacrum.case.composition import composition
from femsacrum.case.names import did_you_mean
from femsacrum.case.rules import Location, Problem, Raw, at, path_problem, tables, unknown_body
from femsacrum.case.schema import AnatomyOptions
from femsacrum.case.units import LENGTH
from femsacrum.sources.tables import table

CT: Location = ("materials", "ct")
CORTEX: Location = ("materials", "cortex")
FACTORS = ("stiffness", "strength", "healing")


def quality_problems(data: Raw, folder: Path, folders: Sequence[Path] = ()) -> Iterator[Problem]:
    """Every broken rule about ``materials.ct``, ``materials.cortex`` and ``patient.modifiers``.

    Args:
        data: Content of the case file, current schema version.
        folder: Folder of the case file.
        folders: Data folders.

    Yields:
        Where, and what is wrong.
    """
    ct = at(data, *CT)
    if isinstance(ct, Mapping):
        yield from _ct(ct, data, folder, folders)
    yield from _cortex(data)
    patient = at(data, "patient")
    for index, modifier in tables(patient, "modifiers") if isinstance(patient, Mapping) else ():
        location: Location = ("patient", "modifiers", index)
        if not any(factor in modifier for factor in FACTORS):
            yield location, 'changes nothing: needs stiffness, strength or healing, for example strength = "80 %"'
        for number, name in _listed(modifier.get("bodies")):
            problem = unknown_body(name, composition(data))
            if problem:
                yield (*location, "bodies", number), problem


def _ct(ct: Raw, data: Raw, folder: Path, folders: Sequence[Path]) -> Iterator[Problem]:
    known = table("density_laws")
    laws = [name for name, law in known["laws"].items() if law["tissue"] == "cancellous"]
    if isinstance(ct.get("file"), str) and ct["file"]:
        yield from path_problem((*CT, "file"), ct["file"], folder, folders, series=True)
    if "phantom" in ct and "calibration" in ct and ct["calibration"] != "assumed_k2hpo4":
        yield (*CT, "calibration"), "stands for a phantom and there is one: leave it out"
    yield from _one_of((*CT, "calibration"), ct.get("calibration"), known["calibrations"], "calibration")
    for number, name in _listed(ct.get("conversions")):
        yield from _one_of((*CT, "conversions", number), name, known["conversions"], "conversion")
    given = at(data, "materials", "bodies")
    for number, name in _listed(ct.get("bodies")):
        location: Location = (*CT, "bodies", number)
        yield from _bone(location, name, data)
        if isinstance(given, Mapping) and name in given:
            yield location, f"materials.bodies.{name} gives it a material already: leave one of the two out"
    chosen = ct.get("laws")
    for body, law in chosen.items() if isinstance(chosen, Mapping) else ():
        if body != "bone":
            yield from _bone((*CT, "laws", body), body, data)
        if law in known["laws"] and law not in laws:
            problem = f"is a law of cortical bone, which is not mapped from an image; known: {', '.join(laws)}"
            yield (*CT, "laws", body), problem
        else:
            yield from _one_of((*CT, "laws", body), law, laws, "law")


def _cortex(data: Raw) -> Iterator[Problem]:
    cortex = at(data, *CORTEX)
    if not isinstance(cortex, Mapping):
        return
    own = cortex.get("bodies")
    own = own if isinstance(own, Mapping) else {}
    for body in own:
        yield from _bone((*CORTEX, "bodies", body), body, data)
    from_image = "image" in [cortex.get("thickness"), *own.values()]
    if from_image and at(data, *CT) is None:
        yield (*CORTEX, "thickness"), '"image" needs an image: give materials.ct, or take "table" or a length'
    if "hounsfield" in cortex and not from_image:
        yield (*CORTEX, "hounsfield"), 'is read for thickness = "image" only: leave it out'
    uniform = at(data, "anatomy", "cortical_thickness")
    try:
        said = (
            uniform is not None and LENGTH.read(uniform) != AnatomyOptions.model_fields["cortical_thickness"].default
        )
    except PydanticCustomError:
        return
    if said:
        problem = "materials.cortex says how thick the cortex is: leave this out, or leave materials.cortex out"
        yield ("anatomy", "cortical_thickness"), problem


def _bone(location: Location, name: str, data: Raw) -> Iterator[Problem]:
    plan = composition(data)
    if plan is None:
        return
    bones = [body for body, role in plan.bodies.items() if role == "bone"]
    if name not in bones:
        yield location, f"no such bone{did_you_mean(name, bones)}; the plan has {', '.join(bones)}"


def _one_of(location: Location, name: object, known: Iterable[str], what: str) -> Iterator[Problem]:
    names = list(known)
    if isinstance(name, str) and name and name not in names:
        yield location, f"no such {what}{did_you_mean(name, names)}; known: {', '.join(names)}"


def _listed(value: object) -> list[tuple[int, str]]:
    """Number and text of every entry of a list that is text."""
    return [(i, one) for i, one in enumerate(value) if isinstance(one, str)] if isinstance(value, list) else []
