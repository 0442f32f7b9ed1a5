"""Which metal, process and surface every part of an implant has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from femsacrum.anatomy.model import Ints
from femsacrum.case.fatigue import Fatigue
from femsacrum.case.names import did_you_mean
from femsacrum.errors import InputError
from femsacrum.findings.fatigue.strengths import Strength, strength
from femsacrum.findings.stress import components
from femsacrum.materials.assign import table_entry
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.surgery.construct import Solid

#: Entry of ``sources/materials.toml`` -> alloy and process.
METALS = {
    "titanium": ("titanium", "wrought"),
    "cobalt_chromium": ("cobalt_chromium", "wrought"),
    "stainless_steel": ("stainless_steel", "wrought"),
    "printed_titanium": ("titanium", "laser_printed"),
}


@dataclass(frozen=True)
class Part:
    """A part of a body with one strength.

    Attributes:
        name: A rod, a screw, or for other bodies "solid" or "porous, 70 % void".
        cells: Of the body, shape (c,).
        strength: What it bears; None: not known.
    """

    name: str
    cells: Ints
    strength: Strength | None


def parts(assembly: Assembly, materials: Mapping[str, BodyMaterial], options: Fatigue) -> dict[str, tuple[Part, ...]]:
    """Parts of every implant and fixation body with their strengths.

    Cells of a fixation body belong to the rod or screw whose axis is nearest, heads to screws. A metal that the case
    put in the place of the table's has no known strength until ``options.parts`` says which it is.

    Args:
        assembly: Meshed bodies.
        materials: Body name -> elasticity.
        options: What the case says.

    Returns:
        Body name -> its parts; every cell is in one of them.

    Raises:
        InputError: A pattern of the case is of no part.
    """
    metal = [mesh for mesh in assembly.bodies.values() if mesh.role in ("implant", "fixation")]
    cells = {mesh.name: _cells(assembly, mesh) for mesh in metal}
    names = list(dict.fromkeys(name for body, made in cells.items() for name in (body, *made)))
    for index, given in enumerate(options.parts):
        if not any(fnmatchcase(name, given.parts) for name in names):
            known = f"there are {', '.join(names)}" if names else "there is no metal"
            key = f"course.fatigue.parts[{index}].parts"
            raise InputError(
                key, f'"{given.parts}" is no rod, screw or body of metal; {known}{did_you_mean(given.parts, names)}'
            )
    return {
        mesh.name: tuple(_parts(assembly, mesh, cells[mesh.name], materials[mesh.name], options)) for mesh in metal
    }


def _cells(assembly: Assembly, mesh: BodyMesh) -> dict[str, Ints]:
    """Cells of each rod and screw of a body, or of the body where it has none."""
    return components(mesh, assembly.construct) or {mesh.name: np.arange(len(mesh.cells))}


def _parts(
    assembly: Assembly, mesh: BodyMesh, made_of: Mapping[str, Ints], material: BodyMaterial, options: Fatigue
) -> list[Part]:
    construct = assembly.construct
    entry = table_entry(mesh, construct)
    own = material.source.startswith(f"{entry}: ")  # anything else is of the case's own material
    alloy, process = METALS.get(entry, ("", "")) if own else ("", "")
    solid = construct.solids.get(mesh.name)
    void = np.zeros(len(mesh.cells))
    if isinstance(solid, Solid):
        void = solid.porosity_at(mesh.nodes[mesh.cells[:, :4]].mean(axis=1))
    screws = {screw.name for screw in construct.screws}
    bent = {rod.name for rod in construct.rods if len(rod.path) > 2}
    made = []
    for name, cells in made_of.items():
        for share in np.unique(void[cells]):
            these = cells[void[cells] == share]
            surface = "threaded" if name in screws else "contoured" if name in bent else "machined"
            if process != "wrought":
                surface = "porous" if share > 0.0 else "as_built"
            told = name if share == 0.0 else f"{name}, {100.0 * share:g} % void"
            made.append(Part(told, these, _strength(name, mesh.name, (alloy, process, surface), share, options)))
    return made


def _strength(
    name: str, body: str, usual: tuple[str, str, str], porosity: float, options: Fatigue
) -> Strength | None:
    """The first entry of the case that matches, or what is usual; what has voids stays porous whatever its surface."""
    for given in options.parts:
        if fnmatchcase(name, given.parts) or fnmatchcase(body, given.parts):
            surface = "porous" if porosity > 0.0 and given.process != "wrought" else given.surface
            return strength(given.alloy, given.process, surface, porosity)
    return strength(*usual, porosity) if usual[0] else None
