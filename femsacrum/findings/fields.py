"""Fields for ParaView: for every load case one file of the bodies and one of the interfaces, and how far they reach.

What the findings measure is what the fields show: the largest value of an array here is the maximum told there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings import kernels
from femsacrum.findings.anisotropic import stresses
from femsacrum.findings.field_files import of_bodies, of_interfaces
from femsacrum.findings.micromotion import micromotion, triangles_of
from femsacrum.findings.ranges import write_ranges
from femsacrum.findings.stress import nodal_von_mises, strain
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Interface, InterfaceState, LoadCaseSolution, undetermined
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.meshing.exchange.vtk import write_surfaces, write_vtkhdf


def write_fields(
    folder: str | Path,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    interfaces: Sequence[Interface],
    solutions: Sequence[LoadCaseSolution],
) -> list[Path]:
    """Write ``<load case>.vtkhdf`` with a block for each body, ``<load case>_interfaces.vtkhdf`` with its interfaces.

    Beside them ``<load case>_ranges.json`` tells how far every field reaches.

    Args:
        folder: Made if absent.
        assembly: The bodies.
        materials: Body name -> elasticity.
        interfaces: Every contact; a block is called "slave on master" and lies on the slave's face.
        solutions: One for each load case.

    Returns:
        The files.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for solution in solutions:
        at_nodes, in_cells = body_fields(assembly, materials, solution)
        file = of_bodies(folder, solution.name)
        write_vtkhdf(file, assembly.bodies, at_nodes, in_cells)
        written.append(file)
        joined = {each.contact.name: each for each in interfaces}
        loose = undetermined(interfaces, solution)
        faces = {
            name: (state.points, triangles_of(assembly, state, joined[name]), interface_fields(state, name in loose))
            for name, state in solution.interfaces.items()
            if len(state.points)
        }
        if faces:
            written.append(of_interfaces(file))
            write_surfaces(written[-1], faces)
        written.append(write_ranges(file, assembly.bodies, at_nodes, in_cells, faces))
    return written


def body_fields(
    assembly: Assembly, materials: Mapping[str, BodyMaterial], solution: LoadCaseSolution
) -> tuple[dict[str, dict[str, Floats]], dict[str, dict[str, Floats]]]:
    """Field name -> body name -> values at its nodes, and the same in its cells.

    Stress is the mean over a cell (xx, yy, zz, xy, yz, xz). Von Mises stress and the principal strains are the extremes
    within it that the findings tell: the former over integration points and corners, the latter over integration
    points. "von_mises_nodal" is that of the stress averaged at the nodes: of metal the largest is the averaged
    peak of the tables. Young's modulus is that across the axis where a body has one. Single precision, but for the
    displacement.
    """
    at_nodes: dict[str, dict[str, Floats]] = {"displacement [mm]": dict(solution.displacements)}
    in_cells: dict[str, dict[str, Floats]] = {}
    for number, (name, mesh) in enumerate(assembly.bodies.items()):
        nodal, inside = _of_body(mesh, materials[name], solution.strained(name))
        inside["body"] = np.full(len(mesh.cells), float(number), dtype=np.float32)
        for fields, found in ((at_nodes, nodal), (in_cells, inside)):
            for field, values in found.items():
                fields.setdefault(field, {})[name] = values
    return at_nodes, in_cells


def _of_body(
    mesh: BodyMesh, material: BodyMaterial, displacement: Floats
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    strained = strain(mesh, displacement)
    inside, corners = stresses(strained.inside, material), stresses(strained.corners, material)
    share = strained.volume / strained.volume.sum(axis=1, keepdims=True)
    stretch = kernels.principal(strained.inside)
    cells = {
        "von_mises [MPa]": np.hstack([kernels.von_mises(inside), kernels.von_mises(corners)]).max(axis=1),
        "stress [MPa]": np.einsum("mq,mqi->mi", share, inside),
        "principal_strain_max [1]": stretch[..., 0].max(axis=1),
        "principal_strain_min [1]": stretch[..., 2].min(axis=1),
        "youngs_modulus [MPa]": material.youngs_modulus,
    }
    nodal = {"von_mises_nodal [MPa]": nodal_von_mises(mesh, material, strained)}
    return _single(nodal), _single(cells)


def interface_fields(state: InterfaceState, loose: bool = False) -> dict[str, Floats]:
    """Field name -> values at the points of one interface; lengths in um, as the findings tell them.

    Of an interface with a loose body the gap and every motion are NaN: they are not determined.
    """
    lengths = {
        "gap [um]": state.gap,
        "slip [um]": state.slip,
        "slip_magnitude [um]": np.linalg.norm(state.slip, axis=1),
        "elastic_slip [um]": state.elastic_slip,
        "micromotion [um]": micromotion(state),
    }
    fields = {name: np.full_like(values, np.nan) if loose else 1e3 * values for name, values in lengths.items()}
    fields["initial_gap [um]"] = 1e3 * state.initial_gap
    fields |= {"contact_pressure [MPa]": state.pressure, "shear [MPa]": state.shear, "area [mm2]": state.area}
    return fields | {"status (0 open, 1 stick, 2 slip, 3 bonded)": state.status.astype(float)}


def _single(fields: dict[str, Floats]) -> dict[str, Floats]:
    return {name: np.asarray(values, dtype=np.float32) for name, values in fields.items()}
