"""A movement as fields: for every place the most it bears at any instant of the steady cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.course.gait import Gait
from femsacrum.findings.field_files import of_bodies, of_interfaces
from femsacrum.findings.fields import body_fields, interface_fields
from femsacrum.findings.micromotion import triangles_of
from femsacrum.findings.ranges import write_ranges
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Interface, LoadCaseSolution, undetermined
from femsacrum.meshing.bodies import Assembly
from femsacrum.meshing.exchange.vtk import write_surfaces, write_vtkhdf

type Fields = dict[str, dict[str, Floats]]

_MOVED = "displacement [mm]"
#: Fields of the cells of which the least of all instants is kept, and those that no instant changes.
_LEAST, _STEADY = ("principal_strain_min [1]",), ("youngs_modulus [MPa]", "body")
#: The mean tensor of a cell has no largest value.
_LEFT_OUT = ("stress [MPa]",)


def write_envelopes(
    folder: str | Path,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    interfaces: Sequence[Interface],
    gaits: Sequence[Gait],
) -> list[Path]:
    """Write ``<movement>_over_cycle.vtkhdf`` with the bodies, ``<movement>_over_cycle_interfaces.vtkhdf`` with the faces.

    How far they reach stands in ``<movement>_over_cycle_ranges.json``. Arrays have the names of those of a load case.
    Von Mises stress, tensile strain, contact pressure and gap are the
    largest of all instants at each place, compressive strain the least; micromotion is to and fro over the cycle;
    displacement is that of the one instant in which it is largest anywhere.

    Args:
        folder: Made if absent.
        assembly: The bodies.
        materials: Body name -> elasticity.
        interfaces: Every contact.
        gaits: Movements that were walked.

    Returns:
        The files.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for gait in gaits:
        file = of_bodies(folder, gait.name, cycle=True)
        at_nodes, in_cells = _bodies(assembly, materials, gait.solutions)
        write_vtkhdf(file, assembly.bodies, at_nodes, in_cells)
        written.append(file)
        faces = _faces(assembly, interfaces, gait)
        if faces:
            write_surfaces(of_interfaces(file), faces)
            written.append(of_interfaces(file))
        written.append(write_ranges(file, assembly.bodies, at_nodes, in_cells, faces))
    return written


def _bodies(
    assembly: Assembly, materials: Mapping[str, BodyMaterial], solutions: Sequence[LoadCaseSolution]
) -> tuple[Fields, Fields]:
    nodal, inside = body_fields(assembly, materials, solutions[0])
    for name in _LEFT_OUT:
        del inside[name]
    for solution in solutions[1:]:
        for kept, now in zip((nodal, inside), body_fields(assembly, materials, solution), strict=True):
            for field in kept.keys() - {_MOVED, *_STEADY}:
                worse = np.minimum if field in _LEAST else np.maximum
                kept[field] = {body: worse(values, now[field][body]) for body, values in kept[field].items()}
    nodal[_MOVED] = dict(max(solutions, key=_farthest).displacements)
    return nodal, inside


def _farthest(solution: LoadCaseSolution) -> float:
    """Largest displacement of any node [mm]."""
    return max(float(np.linalg.norm(moved, axis=1).max()) for moved in solution.displacements.values())


def _faces(
    assembly: Assembly, interfaces: Sequence[Interface], gait: Gait
) -> dict[str, tuple[Floats, np.ndarray, dict[str, Floats]]]:
    """Points, triangles and fields of every face that was walked."""
    joined = {each.contact.name: each for each in interfaces}
    loose = set().union(*(undetermined(interfaces, each) for each in gait.solutions))
    faces = {}
    for name, motion in gait.micromotion.items():
        states = [each.interfaces[name] for each in gait.solutions]
        if not len(states[0].points):
            continue
        instants = [interface_fields(state, name in loose) for state in states]
        fields: dict[str, Floats] = {
            field: np.asarray(np.max([each[field] for each in instants], axis=0), float)
            for field in ("contact_pressure [MPa]", "gap [um]")
        }
        fields["micromotion [um]"] = np.full(len(motion), np.nan) if name in loose else 1e3 * motion
        faces[name] = (states[0].points, triangles_of(assembly, states[0], joined[name]), fields)
    return faces
