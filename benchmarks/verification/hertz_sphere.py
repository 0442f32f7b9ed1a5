"""Sphere on a flat: Hertz's pressure and radius of contact.

The sphere is the paraboloid r^2/(2R) above the flat side, Hertz's own assumption; contact goes by the initial gaps.
Both bodies are half balls of curved quadratic tetrahedra, fine around the contact; no symmetry is used.
"""

from __future__ import annotations

from functools import cache

import gmsh
import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from benchmarks.verification.hertz import JOHNSON
from benchmarks.verification.round_meshes import VTK_OF_GMSH
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.surgery.construct import Contact

RADIUS, YOUNGS, POISSON, LOAD = 100.0, 2e5, 0.3, 1500.0
#: 1/E* = (1 - nu1^2)/E1 + (1 - nu2^2)/E2 [MPa] (Johnson, eq. 4.20).
COMBINED = YOUNGS / (1.0 - POISSON**2) / 2.0
#: Radius of the contact [mm] and largest pressure [MPa] (Johnson, eqs 4.22 and 4.24): 1.01 mm and 705 MPa.
CONTACT_RADIUS = float(np.cbrt(3.0 * LOAD * RADIUS / (4.0 * COMBINED)))
PEAK = 3.0 * LOAD / (2.0 * np.pi * CONTACT_RADIUS**2)
#: Radius of each half ball [mm]: forty contact radii stand for a half-space.
EXTENT = 40.0 * CONTACT_RADIUS
#: Cells have one size up to FINE [mm] from the centre of the contact and grow by GROWTH of the way beyond.
FINE, GROWTH = 1.2 * CONTACT_RADIUS, 0.35
#: The gap grows no more from here [mm]; the two sides meet nowhere so far out.
BRIM = 4.0 * CONTACT_RADIUS


def half_ball(name, size, upwards):
    """Body around the origin with faces "contact" and "far": above z = 0 the sphere, below it the flat."""
    gmsh.initialize()
    try:
        for key, value in (
            ("General.Terminal", 0),
            ("General.NumThreads", 1),
            ("Mesh.MeshSizeExtendFromBoundary", 0),
            ("Mesh.MeshSizeFromPoints", 0),
            ("Mesh.MeshSizeFromCurvature", 0),
        ):
            gmsh.option.setNumber(key, value)
        low, high = (0.0, np.pi / 2) if upwards else (-np.pi / 2, 0.0)
        ball = gmsh.model.occ.addSphere(0, 0, 0, EXTENT, -1, low, high)
        # a node in the middle of the contact
        gmsh.model.occ.fragment([(3, ball)], [(0, gmsh.model.occ.addPoint(0, 0, 0))])
        gmsh.model.occ.synchronize()
        beyond = f"Sqrt(x*x+y*y+z*z)-{FINE}"
        field = gmsh.model.mesh.field.add("MathEval")
        gmsh.model.mesh.field.setString(field, "F", f"{size}+{0.5 * GROWTH}*({beyond}+Fabs({beyond}))")
        gmsh.model.mesh.field.setAsBackgroundMesh(field)
        gmsh.model.mesh.generate(3)
        gmsh.model.mesh.optimize("Netgen")
        gmsh.model.mesh.setOrder(2)
        tags, coordinates, _ = gmsh.model.mesh.getNodes()
        place = np.zeros((int(tags.max()) + 1, 3))
        place[tags.astype(int)] = coordinates.reshape(-1, 3)
        cells = gmsh.model.mesh.getElements(3)[2][0].reshape(-1, 10).astype(int)[:, VTK_OF_GMSH]
        surfaces = [tag for _, tag in gmsh.model.getEntities(2)]
        facets = np.vstack([gmsh.model.mesh.getElements(2, tag)[2][0].reshape(-1, 6) for tag in surfaces]).astype(int)
    finally:
        gmsh.finalize()
    used, local = np.unique(cells, return_inverse=True)
    number = np.full(len(place), -1)
    number[used] = np.arange(len(used))
    nodes, facets = place[used], number[facets]
    far = np.any(np.abs(nodes[facets][..., 2]) > 1e-9, axis=1)
    if upwards:
        radius = np.minimum(np.hypot(nodes[:, 0], nodes[:, 1]), BRIM)
        # the whole column moves, nothing at the top
        nodes[:, 2] += radius**2 / (2.0 * RADIUS) * (1.0 - nodes[:, 2] / EXTENT)
    corners = nodes[facets[:, :3]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outward = np.where(far, (normal * corners.mean(axis=1)).sum(axis=1), -normal[:, 2] if upwards else normal[:, 2])
    facets[outward < 0.0] = facets[outward < 0.0][:, [0, 2, 1, 5, 4, 3]]
    faces = ("contact", "far", "surface")
    return BodyMesh(name, "bone", 2, nodes, local.reshape(cells.shape), facets, far.astype(int), faces)


@cache
def bodies(size):
    """Flat and sphere; their cells do not match."""
    return {"flat": half_ball("flat", 1.13 * size, False), "sphere": half_ball("sphere", size, True)}


def pressed(size, friction=0.0, push=0.0):
    """Solution with the load, and with ``push`` [N] along x at the height of the contact."""
    given = bodies(size)
    materials = {name: meshes.material(body, YOUNGS, POISSON) for name, body in given.items()}
    interface = Interface(Contact("sphere/flat", ("sphere", "contact"), ("flat", "contact")), Frictional(friction))
    top, origin = given["sphere"].facets_of("far"), np.zeros(3)
    load = Applied("load", "sphere", top, np.array([push, 0.0, -LOAD]), origin, origin, "")
    held = np.eye(3)[1:2] if push else np.eye(3)[:2]
    supports = (
        Support("ground", "flat", given["flat"].facets_of("far"), "fixed", np.eye(3), 1e6),
        Support("guide", "sphere", top, "mean", held, 1e5, origin, np.eye(3)),
    )
    return solve(
        given, materials, (interface,), LoadCase("pressed", (load,), supports, {}, 0.0), Solver(tolerance=1e-6)
    )


def radius_of(density, state):
    """Radius of a semi-ellipsoidal distribution [mm]: its mean r^2 is two fifths of the square."""
    weight = density * state.area
    return float(np.sqrt(2.5 * (weight * (state.points[:, :2] ** 2).sum(axis=1)).sum() / weight.sum()))


def rows(size=0.2):
    state = pressed(size).interfaces["sphere/flat"]
    case = f"sphere on a flat, P2 cells of a/{CONTACT_RADIUS / size:.1f}"
    radius = radius_of(state.pressure, state)
    return [
        Row(case, "largest pressure [MPa]", float(state.pressure.max()), PEAK, 0.03, f"{JOHNSON}, eq. 4.24"),
        Row(case, "radius of the contact [mm]", radius, CONTACT_RADIUS, 0.03, f"{JOHNSON}, eq. 4.22"),
    ]
