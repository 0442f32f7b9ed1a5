"""Sphere on a flat: Hertz's pressure and radius of contact.

The sphere is the paraboloid r^2/(2R) above the flat side, Hertz's own assumption; contact goes by the initial gaps.
Both bodies are whole: no symmetry is used.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from benchmarks.verification.hertz import JOHNSON, graded
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.surgery.construct import Contact

RADIUS, YOUNGS, POISSON, LOAD = 100.0, 2e5, 0.3, 1500.0
#: 1/E* = (1 - nu1^2)/E1 + (1 - nu2^2)/E2 [MPa] (Johnson, eq. 4.20).
COMBINED = YOUNGS / (1.0 - POISSON**2) / 2.0
#: Radius of the contact [mm] and largest pressure [MPa] (Johnson, eqs 4.22 and 4.24): 1.01 mm and 704 MPa.
CONTACT_RADIUS = float(np.cbrt(3.0 * LOAD * RADIUS / (4.0 * COMBINED)))
PEAK = 3.0 * LOAD / (2.0 * np.pi * CONTACT_RADIUS**2)
#: Half the width, and the height, of each body [mm]: twelve contact radii stand for a half-space.
EXTENT = 12.0


def block(name, step, upwards):
    """Body that is fine around the origin; "z0" is its lower face, "z1" its upper."""
    half = graded(step, 1.2 * CONTACT_RADIUS, EXTENT, 1.6)
    across = np.concatenate([-half[:0:-1], half])
    depth = graded(step, 2 * step, EXTENT, 1.4)
    height = depth if upwards else -depth[::-1]
    count = (len(across) - 1, len(across) - 1, len(height) - 1)
    mesh = meshes.box(name, (0, 0, 0), count, count)
    i, j, k = np.rint(mesh.nodes).astype(int).T
    x, y, z = across[i], across[j], height[k]
    if upwards:
        # the whole column moves near the contact, nothing at the top
        z = z + (x**2 + y**2) / (2.0 * RADIUS) * (1.0 - z / EXTENT)
    return replace(mesh, nodes=np.stack([x, y, z], axis=1))


def pressed(step):
    """State of the frictionless interface."""
    flat, curved = block("flat", 1.13 * step, False), block("sphere", step, True)
    bodies = {"flat": flat, "sphere": curved}
    materials = {name: meshes.material(body, YOUNGS, POISSON) for name, body in bodies.items()}
    penalty = 50.0 * YOUNGS / step
    law = Frictional(0.0, penalty, penalty)
    interface = Interface(Contact("sphere/flat", ("sphere", "z0"), ("flat", "z1")), law)
    top, origin = curved.facets_of("z1"), np.zeros(3)
    load = Applied("load", "sphere", top, np.array([0.0, 0.0, -LOAD]), origin, origin, "")
    supports = (
        Support("ground", "flat", flat.facets_of("z0"), "fixed", np.eye(3), 1e6),
        Support("guide", "sphere", top, "mean", np.eye(3)[:2], 1e5, origin, np.eye(3)),
    )
    case = LoadCase("pressed", (load,), supports, {}, 0.0)
    return solve(bodies, materials, (interface,), case, Solver(tolerance=1e-6)).interfaces["sphere/flat"]


def rows(step=0.15):
    state = pressed(step)
    weight = state.pressure * state.area
    # a semi-ellipsoid's mean r^2 is two fifths of the square of its radius
    radius = float(np.sqrt(2.5 * (weight * (state.points[:, :2] ** 2).sum(axis=1)).sum() / weight.sum()))
    case = f"sphere on a flat, cells of a/{CONTACT_RADIUS / step:.1f}"
    return [
        Row(case, "largest pressure [MPa]", float(state.pressure.max()), PEAK, 0.03, f"{JOHNSON}, eq. 4.24"),
        Row(case, "radius of the contact [mm]", radius, CONTACT_RADIUS, 0.03, f"{JOHNSON}, eq. 4.22"),
    ]
