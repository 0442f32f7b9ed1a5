"""What the page shows, from the files of a run folder: ``findings.json`` and ``fields/``; nothing is computed but risk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import InputError
from femsacrum.findings.field_files import of_bodies, of_interfaces
from femsacrum.report.maps import STRAIN_EDGES
from femsacrum.report.viewer.surface import Skin, skin

_VTK_TRIANGLE = 5
_DISPLACEMENT = "displacement [mm]"


@dataclass(frozen=True)
class Piece:
    """A surface that is drawn: the boundary of a body, or the face of an interface on its slave.

    Attributes:
        name: Of the body, or "slave on master".
        role: Of the body; "interface" of an interface.
        points: Shape (p, 3) [mm], LPS.
        triangles: Shape (t, 3).
        parts: Triangles of each facet, which share one value of a cell.
    """

    name: str
    role: str
    points: Floats
    triangles: Ints
    parts: int


@dataclass(frozen=True)
class Shown:
    """Values of one load case, or of a movement over its cycle.

    Attributes:
        name: As it is chosen.
        displacement: Number of the piece -> shape (p, 3) [mm].
        values: Key of the field -> number of the piece -> values at its points or on its facets.
        note: What a reader has to know of all its values.
    """

    name: str
    displacement: dict[int, Floats]
    values: dict[str, dict[int, Floats]]
    note: str = ""


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
    """Read a finished run.

    Args:
        folder: The run folder.

    Returns:
        Surfaces and values.

    Raises:
        InputError: The folder holds no finished run, or its files do not belong together.
    """
    findings = _findings(folder)
    roles = {name: str(body["role"]) for name, body in findings["mesh"]["bodies"].items()}
    surfaces, kept = _Surfaces(roles), folder / "fields"
    shown = []
    for name, found in findings["load_cases"].items():
        limits = {body: _limits(findings, _of_bone(found, body)) for body in roles}
        slaves = {face: row["slave"][0] for face, row in found["interfaces"].items()}
        shown.append(_shown(Shown(name, {}, {}), surfaces, of_bodies(kept, name), limits, slaves))
    absent = []
    for name, found in (findings.get("movements") or {}).items():
        file = of_bodies(kept, name, cycle=True)
        if not file.exists():  # a run of an earlier version
            absent.append(name)
            continue
        bodies = found["overload"]["bodies"]
        limits = {body: _limits(findings, row["strength_factor"]["value"]) for body, row in bodies.items()}
        slaves = {face: row["slave"][0] for face, row in found["faces"].items()}
        envelope = Shown(f"{name}{OVER_CYCLE}", {}, {}, ENVELOPE)
        shown.append(_shown(envelope, surfaces, file, limits, slaves))
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
    shown: Shown,
    surfaces: _Surfaces,
    file: Path,
    limits: Mapping[str, tuple[float, float]],
    slaves: Mapping[str, str],
) -> Shown:
    """Fill in what the files of one load case or movement hold."""
    for body, block in surfaces.bodies(file):
        _of_body(shown, surfaces, body, block, limits.get(body))
    named = {face.replace("/", " on "): slave for face, slave in slaves.items()}
    for face, block in surfaces.faces(of_interfaces(file)):
        _of_interface(shown, surfaces, face, block, named)
    return shown


class _Surfaces:
    """Surfaces met so far: those of the bodies from the first load case on, those of interfaces as they come."""

    def __init__(self, roles: Mapping[str, str]) -> None:
        self.roles = roles
        self.pieces: list[Piece] = []
        self.skins: dict[str, Skin] = {}
        self.numbers: dict[tuple[str, bytes], int] = {}

    def bodies(self, file: Path) -> Iterator[tuple[str, Any]]:
        """Name and block of every body of a load case."""
        blocks = _blocks(file)
        if blocks.keys() != self.roles.keys():
            raise InputError(str(file), "does not hold the bodies of findings.json; run the case again")
        for number, (name, block) in enumerate((name, blocks[name]) for name in self.roles):
            if name not in self.skins:
                own = self.skins[name] = skin(block.points, _cells(block))
                self.pieces.append(Piece(name, self.roles[name], block.points[own.nodes], own.triangles, own.parts))
            nodes = self.skins[name].nodes
            if len(block.points) <= nodes.max() or (block.points[nodes] != self.pieces[number].points).any():
                raise InputError(str(file), "has another mesh than the first load case; run the case again")
            yield name, block

    def faces(self, file: Path) -> Iterator[tuple[str, Any]]:
        """Name and block of every interface of a load case that has triangles."""
        blocks = _blocks(file) if file.exists() else {}
        yield from ((name, block) for name, block in blocks.items() if _VTK_TRIANGLE in block.cells_dict)

    def number_of(self, body: str) -> int:
        """Number of the piece of a body."""
        return list(self.roles).index(body)

    def number_of_face(self, name: str, block: Any) -> int:
        """Number of the piece of an interface; where its points change from load case to load case, it has several."""
        points, triangles = np.asarray(block.points), np.asarray(block.cells_dict[_VTK_TRIANGLE])
        number = self.numbers.setdefault((name, points.tobytes() + triangles.tobytes()), len(self.pieces))
        if number == len(self.pieces):
            self.pieces.append(Piece(name, "interface", points, triangles, 1))
        return number


def _of_body(shown: Shown, surfaces: _Surfaces, body: str, block: Any, limits: tuple[float, float] | None) -> None:
    number, own, role = surfaces.number_of(body), surfaces.skins[body], surfaces.roles[body]
    shown.displacement[number] = np.asarray(block.point_data[_DISPLACEMENT])[own.nodes]
    if role in ("implant", "fixation"):
        values = np.asarray(block.point_data["von_mises_nodal [MPa]"])
        shown.values.setdefault(_STRESS.key, {})[number] = values[own.nodes]
    if role in ("bone", "graft"):
        assert limits is not None
        pulled, pressed = (np.asarray(block.cell_data[f"principal_strain_{end} [1]"]) for end in ("max", "min"))
        risk = np.maximum(pulled / limits[0], -pressed / limits[1])  # as findings/overload.py tells it
        shown.values.setdefault("risk", {})[number] = risk[own.cells]


def _of_interface(shown: Shown, surfaces: _Surfaces, face: str, block: Any, slaves: Mapping[str, str]) -> None:
    number, slave = surfaces.number_of_face(face, block), surfaces.number_of(slaves[face])
    nodes, moved = surfaces.pieces[slave].points, shown.displacement[slave]
    shown.displacement[number] = _at(surfaces.pieces[number].points, nodes, moved)
    for array, field in _OF_INTERFACES.items():
        shown.values.setdefault(field.key, {})[number] = np.asarray(block.point_data[array])


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


def _blocks(file: Path) -> dict[str, Any]:
    import pyvista

    if not file.exists():
        raise InputError(str(file), "is missing; run the case again")
    try:
        with pyvista.vtk_verbosity("off"):
            blocks = pyvista.read(file)
    except Exception as error:  # VTK's readers raise many things
        raise InputError(str(file), "cannot be read; run the case again") from error
    return {str(name): blocks[number] for number, name in enumerate(blocks.keys())}


def _cells(block: Any) -> Ints:
    (cells,) = block.cells_dict.values()  # a body has cells of one order
    return np.asarray(cells, dtype=np.int64)
