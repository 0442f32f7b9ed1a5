"""From the construct to tetrahedra, body by body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from femsacrum.anatomy.model import PARTS, ROLES, Surface
from femsacrum.case.bodies import element_order
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.meshing.one_body import Job, mesh_body
from femsacrum.meshing.triangles import area_vectors, enclosed_volume
from femsacrum.surgery.construct import Construct, Shell, Solid
from femsacrum.workers import side_by_side

if TYPE_CHECKING:
    from femsacrum.case.schema import Case

#: Edge length of soft tissue over its mean thickness: quadratic elements, one or two through the thickness.
THIN = 0.6
SMALLEST = 0.8  # [mm]


class Keeper(Protocol):
    """Whoever keeps meshes by what they are made from."""

    def found(self, wanted: Mapping[str, object]) -> dict[str, Any]:
        """What is there already, by name."""

    def keep(self, name: str, given: object, result: object) -> None:
        """Keep one."""


def mesh(case: Case, construct: Construct, *, kept: Keeper | None = None) -> Assembly:
    """Mesh every body of the construct on its own, several at a time.

    Where the case does not say otherwise bones get linear tetrahedra, discs and cartilage straight-sided quadratic ones,
    implants, grafts and fixation curved quadratic ones.

    Args:
        case: Its ``mesh`` gives sizes and orders of the elements.
        construct: What the surgery left.
        kept: Meshes of bodies, by their content; None: every body is meshed.

    Raises:
        NumericalError: A body cannot be meshed, or its mesh is empty or has an inverted element; names the body.
    """
    made = run(jobs(case, construct), kept)
    return Assembly(
        construct,
        {name: body for name, (body, _) in made.items()},
        {name: quality for name, (_, quality) in made.items()},
    )


def run(work: Sequence[Job], kept: Keeper | None = None) -> dict[str, tuple[BodyMesh, dict[str, float]]]:
    """Mesh bodies in processes of their own; the result does not depend on how many there are.

    Args:
        work: What is to be meshed.
        kept: Meshes that are there are taken, others are kept as soon as they are made.

    Returns:
        Body name -> mesh and row of the quality table, in the order of the work.

    Raises:
        NumericalError: A body cannot be meshed, or Gmsh crashed on it; names the body.
    """
    made = kept.found({job.name: job for job in work}) if kept else {}
    first = sorted((job for job in work if job.name not in made), key=_cost, reverse=True)
    names = [f'mesh: body "{job.name}"' for job in first]
    for number, result in side_by_side(mesh_body, [(job,) for job in first], names=names) if first else ():
        job = first[number]
        made[job.name] = result
        if kept:
            kept.keep(job.name, job, result)
    return {job.name: made[job.name] for job in work}


def _cost(job: Job) -> float:
    """Rough number of elements, to start the largest bodies first; solids are slowest."""
    if isinstance(job.shape, Solid):
        return float("inf")
    return enclosed_volume(job.shape.points, job.shape.triangles) / job.size**3


def jobs(case: Case, construct: Construct) -> list[Job]:
    """What is to be meshed at which size, in the order bones, soft tissue, implants."""
    parts = sorted(construct.surfaces, key=lambda name: (ROLES[name] != "bone", PARTS.index(name)))
    work = []
    for name in parts:
        surface, role = construct.surfaces[name], ROLES[name]
        size = case.mesh.bone if role == "bone" else soft_size(surface, case.mesh.soft)
        work.append(Job(name, role, surface, size, element_order(case.mesh.order, name, role)))
    for name, solid in construct.solids.items():
        size = solid.size or (case.mesh.fixation if solid.role == "fixation" else case.mesh.implant)
        shape = solid.surface if isinstance(solid, Shell) else solid
        work.append(Job(name, solid.role, shape, size, element_order(case.mesh.order, name, solid.role)))
    return work


def soft_size(surface: Surface, size: float) -> float:
    """Element size for soft tissue: smaller where it is thin, thickness taken as twice volume over area [mm]."""
    area = np.linalg.norm(area_vectors(surface.points, surface.triangles), axis=1).sum()
    thickness = 2.0 * enclosed_volume(surface.points, surface.triangles) / float(area)
    return min(size, max(SMALLEST, THIN * thickness))
