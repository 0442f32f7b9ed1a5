"""One body: closed surface or CAD solid to tetrahedra."""

from __future__ import annotations

import time
from dataclasses import dataclass

from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.anatomy.wrap import cuts_itself, wrapped
from femsacrum.errors import NumericalError
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.elements import boundary, with_edge_nodes
from femsacrum.meshing.faces import tag
from femsacrum.meshing.gmsh_session import fill
from femsacrum.meshing.quality import GOOD_GAMMA, LEAST_GAMMA, assert_sound, gamma, row
from femsacrum.meshing.resample import resample
from femsacrum.meshing.solids import solid_body
from femsacrum.meshing.triangles import enclosed_volume
from femsacrum.surgery.construct import Solid
from femsacrum.surgery.shapes.booleans import ON_PLANE, manifold, surface_of

#: Where a re-sampled surface cuts itself or leaves a poor element, these shares of the size are tried.
SIZE_TRIALS: tuple[float, ...] = (1.0, 0.95, 0.8)


@dataclass(frozen=True)
class Job:
    """One body to be meshed; the mesh is a function of this and nothing else.

    Attributes:
        name: Body name.
        role: Of the body.
        shape: Closed surface or CAD solid.
        size: Edge length wanted [mm].
        order: Of the elements, 1 or 2 (curved in solids, straight-sided else).
    """

    name: str
    role: str
    shape: Surface | Solid
    size: float
    order: int


def mesh_body(job: Job) -> tuple[BodyMesh, dict[str, float]]:
    """Mesh one body: a pure function of the job.

    Returns:
        The mesh and its row of the quality table.

    Raises:
        NumericalError: It cannot be meshed, is empty or has an inverted element; names the body.
    """
    start, wrap = time.perf_counter(), False
    try:
        if isinstance(job.shape, Solid):
            body, volume = solid_body(job.name, job.shape, job.size, job.order)
        else:
            body, wrap = surface_body(job.name, job.role, job.shape, job.size, job.order)
            volume = enclosed_volume(job.shape.points, job.shape.triangles)
    except (NumericalError, ValueError) as error:
        raise NumericalError(f'mesh: body "{job.name}": {error}') from error
    assert_sound(body)
    return body, {**row(body, volume, time.perf_counter() - start), "wrapped": float(wrap)}


def surface_body(name: str, role: str, surface: Surface, size: float, order: int) -> tuple[BodyMesh, bool]:
    """Mesh the inside of a closed surface, its flat faces kept flat.

    Args:
        name: Of the body.
        role: Of the body.
        surface: Closed and manifold.
        size: Edge length wanted [mm].
        order: 1 or 2 (straight-sided).

    Returns:
        The mesh, and whether the surface cut itself, or meshed poorly, and had to be wrapped.

    Raises:
        NumericalError: Gmsh refused the re-sampled surface at every size tried.
        ValueError: The surface is not closed, manifold and oriented.
    """
    nodes, cells, wrap = _best_filling(surface, size, name)
    if order == 2:
        nodes, cells = with_edge_nodes(nodes, cells)
    facets, _ = boundary(cells)
    facet_face, names = tag(nodes, facets, surface.flat_faces)
    return BodyMesh(name, role, order, nodes, cells, facets, facet_face, names), wrap


def _best_filling(surface: Surface, size: float, name: str) -> tuple[Floats, Ints, bool]:
    """Nodes and linear cells of the first good trial, or of the one with the best worst element; whether wrapped.

    A surface that cuts itself, or leaves a poor element at every size (as the knife's edge of a cut does), is wrapped,
    unless it has a flat face with bone on both sides of its plane.
    """
    best: tuple[float, Floats, Ints, bool] | None = None
    refusal: NumericalError | None = None
    sizes, can_wrap = SIZE_TRIALS, _all_on_one_side(surface)
    wrap = not surface.flat_faces and cuts_itself(surface)
    if wrap:
        surface = _wrapped(surface, name)
    while sizes and (best is None or best[0] < GOOD_GAMMA):
        even = resample(surface, sizes[0] * size)
        try:
            nodes, cells = fill(even.points, even.triangles)
        except NumericalError as error:
            refusal, sizes = error, sizes[1:] if wrap or not can_wrap else ()
        else:
            worst, sizes = float(gamma(nodes, cells).min()), sizes[1:]
            if best is None or worst > best[0]:
                best = (worst, nodes, cells, wrap)
        poor = best is None or best[0] < LEAST_GAMMA
        if not sizes and poor and not wrap and can_wrap:
            surface, sizes, wrap = _wrapped(surface, name), SIZE_TRIALS, True
    if best is None:
        assert refusal is not None
        raise refusal
    return best[1:]


def _all_on_one_side(surface: Surface) -> bool:
    """Whether there is no flat face, or one with all of the body on one side of its plane."""
    depths = [(surface.points - plane.origin) @ plane.normal for plane in surface.flat_faces.values()]
    return not depths or (len(depths) == 1 and bool(depths[0].max() < ON_PLANE))


def _wrapped(surface: Surface, name: str) -> Surface:
    """The wrapped surface, cut again where it was cut."""
    if not surface.flat_faces:
        return wrapped(surface, name)
    ((face, plane),) = surface.flat_faces.items()
    whole = wrapped(surface, name, mirror=plane)
    solid = manifold(whole, name).trim_by_plane(tuple(-plane.normal), float(-plane.normal @ plane.origin))
    again = surface_of(solid, plane)
    return Surface(again.points, again.triangles, {face: plane})
