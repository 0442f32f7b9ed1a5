"""What the page shows, from the files of a run folder: ``findings.json`` and ``fields/``; nothing is computed but risk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import InputError
from femsacrum.findings.field_files import of_bodies
from femsacrum.report.maps import STRAIN_EDGES
from femsacrum.report.viewer.files import OnDemand, Piece, Surfaces, ranges

_DISPLACEMENT = "displacement [mm]"
_NODAL_STRESS = "von_mises_nodal [MPa]"


@dataclass(frozen=True)
class Tops:
    """How far the values of a load case reach.

    Attributes:
        largest: Displacement [mm].
        tops: Key of the field -> number of the piece -> its 99.9th percentile; None: no value is known.
    """

    largest: float
    tops: Mapping[str, Mapping[int, float | None]]


@dataclass(frozen=True)
class Shown:
    """Values of one load case, or of a movement over its cycle.

    Attributes:
        name: As it is chosen.
        displacement: Number of the piece -> shape (p, 3) [mm].
        values: Key of the field -> number of the piece -> values at its points or on its facets.
        note: What a reader has to know of all its values.
        tops: How far they reach, as the run kept it; None: it did not.
    """

    name: str
    displacement: Mapping[int, Floats]
    values: Mapping[str, Mapping[int, Floats]]
    note: str = ""
    tops: Tops | None = None


@dataclass(frozen=True)
class Field:
    """A quantity that can be chosen.

    Attributes:
        key: Short name.
        label: As it is read.
        unit: Of its values; empty: none.
        where: "point", "facet", or "vector": the size of the displacement.
        colours: Name of its colour map in the page.
        note: What it is, in a sentence or two.
        ends: Of its scale; None: the scale follows the values.
        ticks: Where such a fixed scale is labelled.
    """

    key: str
    label: str
    unit: str
    where: str
    colours: str
    note: str
    ends: tuple[float, float] | None = None
    ticks: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Looked:
    """Everything the page shows.

    Attributes:
        case: Name of the case.
        question: Its question.
        fields: That some piece has.
        pieces: Bodies, then interfaces.
        load_cases: And movements, in the order in which they are chosen.
        absent: Movements of which the run kept no fields.
    """

    case: str
    question: str
    fields: tuple[Field, ...]
    pieces: tuple[Piece, ...]
    load_cases: tuple[Shown, ...]
    absent: tuple[str, ...] = ()


#: Array in the interface files -> field.
_OF_INTERFACES = {
    "micromotion [um]": Field(
        "micromotion",
        "Micromotion of interfaces",
        "µm",
        "point",
        "motion",
        "Motion of the two faces against each other under load.",
    ),
    "contact_pressure [MPa]": Field(
        "pressure",
        "Contact pressure of interfaces",
        "MPa",
        "point",
        "stress",
        "Between the two faces; where they are bonded it is below zero where they are pulled, drawn in the first colour.",
    ),
    "gap [um]": Field(
        "gap",
        "Gap of interfaces",
        "µm",
        "point",
        "motion",
        "Between the two faces under load; zero or below: they touch.",
    ),
}
_STRESS = Field(
    "stress",
    "Von Mises stress of implants and rods",
    "MPa",
    "point",
    "stress",
    "Of the stress averaged at each node, as in the report's pictures; the largest is the averaged peak of the tables. At "
    "sharp corners it may be singular.",
)
_MOVED = Field("displacement", "Displacement", "mm", "vector", "motion", "Its magnitude, relative to what is held.")
#: What follows the name of a movement, and what its values are.
OVER_CYCLE = " (envelope over the cycle)"
ENVELOPE = (
    "A movement: at every place the largest value of all instants of the steady cycle, not all at the same instant. "
    "Micromotion is to and fro over the cycle; displacement is that of the one instant in which it is largest."
)
_RISK_LABEL = "Bone strain risk (strain over limit)"


def read(folder: Path) -> Looked:
    """Read a finished run: all of ``look``, at once.

    Args:
        folder: The run folder.

    Returns:
        Surfaces and values.

    Raises:
        InputError: The folder holds no finished run, or its files do not belong together.
    """
    found = look(folder)
    shown = [
        replace(each, displacement=dict(each.displacement), values={key: dict(of) for key, of in each.values.items()})
        for each in found.load_cases
    ]
    return replace(found, load_cases=tuple(shown))


def look(folder: Path) -> Looked:
    """Look into a finished run: surfaces are read, and values whenever they are asked for.

    Of the load cases that kept how far their fields reach, all but the first are not opened.

    Args:
        folder: The run folder.

    Returns:
        Surfaces and values; whoever asks for a value may get an InputError, where a file is not what the others tell.

    Raises:
        InputError: The folder holds no finished run, or its files do not belong together.
    """
    findings = _findings(folder)
    roles = {name: str(body["role"]) for name, body in findings["mesh"]["bodies"].items()}
    surfaces, kept = Surfaces(roles), folder / "fields"
    shown = []
    for name, found in findings["load_cases"].items():
        limits = {body: _limits(findings, _of_bone(found, body)) for body in roles}
        slaves = {face: row["slave"][0] for face, row in found["interfaces"].items()}
        shown.append(_shown(name, "", surfaces, of_bodies(kept, name), limits, slaves))
    absent = []
    for name, found in (findings.get("movements") or {}).items():
        file = of_bodies(kept, name, cycle=True)
        if not file.exists():  # a run of an earlier version
            absent.append(name)
            continue
        bodies = found["overload"]["bodies"]
        limits = {body: _limits(findings, row["strength_factor"]["value"]) for body, row in bodies.items()}
        slaves = {face: row["slave"][0] for face, row in found["faces"].items()}
        shown.append(_shown(f"{name}{OVER_CYCLE}", ENVELOPE, surfaces, file, limits, slaves))
    if not shown:
        raise InputError(str(folder), "kept no field of any load case or movement; run the case again")
    fields = (_STRESS, _risk(findings["thresholds"]), _MOVED, *_OF_INTERFACES.values())
    used = {_MOVED.key, *(key for each in shown for key in each.values)}
    return Looked(
        str(findings["case"]),
        str(findings.get("question", "")),
        tuple(field for field in fields if field.key in used),
        tuple(surfaces.pieces),
        tuple(shown),
        tuple(absent),
    )


def _shown(
    name: str,
    note: str,
    surfaces: Surfaces,
    file: Path,
    limits: Mapping[str, tuple[float, float]],
    slaves: Mapping[str, str],
) -> Shown:
    """What the files of one load case or movement hold, read when it is asked for."""
    surfaces.first(file)
    told = ranges(file, surfaces.roles)
    faces = surfaces.faces(file, told)
    named = {face.replace("/", " on "): slave for face, slave in slaves.items()}
    under = {number: surfaces.number_of(named[face]) for number, face in faces.items()}
    bodies = [(number, body, role) for number, (body, role) in enumerate(surfaces.roles.items())]
    metal = tuple(number for number, _, role in bodies if role in ("implant", "fixation"))
    bone = {number: limits[body] for number, body, role in bodies if role in ("bone", "graft")}

    def moved(number: int) -> Floats:
        if number not in under:
            return _nodal(surfaces, file, number, _DISPLACEMENT)
        of_slave = _nodal(surfaces, file, under[number], _DISPLACEMENT)
        return _at(surfaces.pieces[number].points, surfaces.pieces[under[number]].points, of_slave)

    def of_face(array: str) -> Callable[[int], Floats]:
        return lambda number: np.asarray(surfaces.face(file, number).point_data[array])

    makes: dict[str, tuple[tuple[int, ...], Callable[[int], Floats]]] = {}
    if metal:
        makes[_STRESS.key] = metal, lambda number: _nodal(surfaces, file, number, _NODAL_STRESS)
    if bone:
        makes["risk"] = tuple(bone), lambda number: _risks(surfaces, file, number, bone[number])
    if faces:
        makes |= {field.key: (tuple(faces), of_face(array)) for array, field in _OF_INTERFACES.items()}
    return Shown(
        name,
        OnDemand((*(number for number, *_ in bodies), *faces), moved),
        OnDemand(tuple(makes), lambda key: OnDemand(*makes[key])),
        note,
        None if told is None else _tops(told, surfaces.roles, metal, faces),
    )


def _tops(told: Mapping[str, Any], bodies: Iterable[str], metal: Sequence[int], faces: Mapping[int, str]) -> Tops:
    """Of what the run kept, what a page shows; of the bodies that are of metal the stress too."""
    fields = {number: told["bodies"][body] for number, body in enumerate(bodies)}
    drawn = {number: told["faces"][face]["fields"] for number, face in faces.items()}
    arrays = {
        _DISPLACEMENT: (_MOVED.key, fields),
        _NODAL_STRESS: (_STRESS.key, {number: fields[number] for number in metal}),
    }
    arrays |= {array: (field.key, drawn) for array, field in _OF_INTERFACES.items()}
    tops = {
        key: {number: row[array]["p999"] for number, row in rows.items() if array in row}
        for array, (key, rows) in arrays.items()
    }
    moved = [row[_DISPLACEMENT]["largest"] for row in fields.values() if _DISPLACEMENT in row]
    return Tops(max((size for size in moved if size is not None), default=0.0), tops)


def _nodal(surfaces: Surfaces, file: Path, number: int, array: str) -> Floats:
    """Values at the points of a body's surface."""
    nodes = surfaces.skins[surfaces.pieces[number].name].nodes
    return np.asarray(surfaces.body(file, number).point_data[array])[nodes]


def _risks(surfaces: Surfaces, file: Path, number: int, limits: tuple[float, float]) -> Floats:
    """Strain over its limit on the facets of a body's surface, as findings/overload.py tells it."""
    block, own = surfaces.body(file, number), surfaces.skins[surfaces.pieces[number].name]
    pulled, pressed = (np.asarray(block.cell_data[f"principal_strain_{end} [1]"]) for end in ("max", "min"))
    return np.asarray(np.maximum(pulled / limits[0], -pressed / limits[1])[own.cells])


def _of_bone(found: Mapping[str, Any], body: str) -> float:
    """Factor of the case on the strength of a body [1]."""
    return float(found["bones"].get(body, {}).get("strength_factor", {"value": 1.0})["value"])


def _limits(findings: Mapping[str, Any], strength: float) -> tuple[float, float]:
    """Strains that bone bears in tension and compression [1]."""
    limits = findings["thresholds"]
    tension, compression = (limits[f"cortex_yield_{way}"]["value"] for way in ("tension", "compression"))
    return strength * tension, strength * compression


def _risk(limits: Mapping[str, Any]) -> Field:
    tension, compression = (100.0 * limits[f"cortex_yield_{way}"]["value"] for way in ("tension", "compression"))
    note = (
        f"The larger of tensile principal strain over {tension:.2f} % and compressive over {compression:.2f} % (times the "
        "strength factor of the case, if it gives one), of each element; above 1 it is overloaded."
    )
    edges = tuple(edge / 100.0 for edge in STRAIN_EDGES)
    return Field("risk", _RISK_LABEL, "", "facet", "bands", note, (edges[0], edges[-1]), edges)


def _at(points: Floats, nodes: Floats, values: Floats) -> Floats:
    """Values of the nodes at the points, each of which is one of them."""
    from scipy.spatial import cKDTree

    return np.asarray(values[cKDTree(nodes).query(points)[1]])


def _findings(folder: Path) -> dict[str, Any]:
    file = folder / "findings.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        movements = found.get("movements") or {}
        if {**found["load_cases"], **movements} and found["mesh"]["bodies"] and found["thresholds"]:
            return dict(found)
    except FileNotFoundError:
        raise InputError(str(folder), "is no folder of a finished run: it holds no findings.json") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        pass
    raise InputError(str(file), "is not what a run writes; run the case again")
