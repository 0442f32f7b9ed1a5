"""Cylinder on a flat: Hertz's pressure, and Cattaneo's and Mindlin's partial slip under a tangential load.

Plane strain without symmetry supports: both bodies have Poisson's ratio 0, so a slab one cell thick with free sides does
not strain across. The curved side is a parabola x^2/(2R) above the flat one, which is Hertz's own assumption; contact
goes by the initial gaps.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.surgery.construct import Contact

RADIUS, YOUNGS, LINE_LOAD = 100.0, 2e5, 785.398
#: 1/E* = (1 - nu1^2)/E1 + (1 - nu2^2)/E2 with both ratios 0 [MPa] (Johnson, eq. 4.20).
COMBINED = YOUNGS / 2.0
#: Half-width of the contact [mm] and largest pressure [MPa] (Johnson, eqs 4.43 and 4.45): 1 mm and 500 MPa.
HALF_WIDTH = float(np.sqrt(4.0 * LINE_LOAD * RADIUS / (np.pi * COMBINED)))
PEAK = float(np.sqrt(LINE_LOAD * COMBINED / (np.pi * RADIUS)))
#: Half the width, and the height, of each body [mm]: 25 half-widths of the contact stand for a half-space.
EXTENT = 25.0
THICKNESS = 0.5
FRICTION = 0.3
JOHNSON = "Johnson, Contact Mechanics, 1985"


def graded(step, fine, end, growth=1.3):
    """Places from 0 to ``end``: steps of ``step`` up to ``fine``, then growing."""
    places = list(np.arange(0.0, fine + step / 2, step))
    while places[-1] < end:
        step *= growth
        places.append(places[-1] + step)
    fitted = np.array(places)
    outer = fitted > fine + 1e-9
    fitted[outer] = fine + (fitted[outer] - fine) * (end - fine) / (fitted[-1] - fine)
    return fitted


def slab(name, step, upwards):
    """Body of one cell across y, fine around x = z = 0; "z0" is its lower face, "z1" its upper."""
    half = graded(step, 1.5 * HALF_WIDTH, EXTENT)
    across = np.concatenate([-half[:0:-1], half])
    depth = graded(step, 2 * step, EXTENT)
    height = depth if upwards else -depth[::-1]
    count = (len(across) - 1, 1, len(height) - 1)
    mesh = meshes.box(name, (0, 0, 0), count, count)
    i, j, k = np.rint(mesh.nodes).astype(int).T
    x, z = across[i], height[k]
    if upwards:
        # the whole column moves near the contact, nothing at the top
        z = z + x**2 / (2.0 * RADIUS) * (1.0 - z / EXTENT)
    return replace(mesh, nodes=np.stack([x, THICKNESS * j, z], axis=1))


def pressed(friction, push, step):
    """Solution with the line load and ``push``, a share of friction times the load.

    One increment: slip counts from the unloaded state. It grows in one direction and the stick zone only shrinks, so
    this is the state after the normal load has come first.
    """
    flat, curved = slab("flat", 1.13 * step, False), slab("cylinder", step, True)
    bodies = {"flat": flat, "cylinder": curved}
    # a membrane that carries nothing: where there is one the solver factorises, which flat cells far away need
    materials = {
        name: meshes.material(body, YOUNGS, 0.0, meshes.cortex(body, ["x0"], 1e-6, 1.0, 0.0))
        for name, body in bodies.items()
    }
    penalty = 50.0 * YOUNGS / step
    interface = Interface(
        Contact("cylinder/flat", ("cylinder", "z0"), ("flat", "z1")), Frictional(friction, penalty, penalty)
    )
    normal = LINE_LOAD * THICKNESS
    top, middle = curved.facets_of("z1"), np.array([0.0, THICKNESS / 2, 0.0])
    # the resultant passes through the middle of the contact: no tilting
    load = Applied(
        "load", "cylinder", top, np.array([push * FRICTION * normal, 0.0, -normal]), np.zeros(3), middle, ""
    )
    held = np.eye(3)[1:2] if push else np.eye(3)[:2]
    supports = (
        Support("ground", "flat", flat.facets_of("z0"), "fixed", np.eye(3), 1e6),
        Support("guide", "cylinder", top, "mean", held, 1e5, middle, np.eye(3)),
    )
    case = LoadCase("pressed", (load,), supports, {}, 0.0)
    return solve(bodies, materials, (interface,), case, Solver(tolerance=1e-6)).interfaces["cylinder/flat"]


def half_width(density, state):
    """Half-width of a semi-elliptic distribution [mm]: its second moment is a quarter of the square."""
    weight = density * state.area
    x = state.points[:, 0]
    centre = (weight * x).sum() / weight.sum()
    return 2.0 * float(np.sqrt((weight * (x - centre) ** 2).sum() / weight.sum()))


def hertz(step):
    """Rows of the frictionless cylinder."""
    state = pressed(0.0, 0.0, step)
    case = f"cylinder on a flat, cells of a/{HALF_WIDTH / step:.0f}"
    theory = PEAK * np.sqrt(np.maximum(0.0, 1.0 - (state.points[:, 0] / HALF_WIDTH) ** 2))
    return [
        Row(case, "largest pressure [MPa]", float(state.pressure.max()), PEAK, 0.03, f"{JOHNSON}, eq. 4.45"),
        Row(
            case,
            "half-width of the contact [mm]",
            half_width(state.pressure, state),
            HALF_WIDTH,
            0.03,
            f"{JOHNSON}, eq. 4.43",
        ),
        Row(
            case,
            "largest error of the pressure over p0",
            float(np.abs(state.pressure - theory).max() / PEAK),
            0.0,
            0.03,
            f"{JOHNSON}, eq. 4.44",
            False,
        ),
    ]


def cattaneo(push, step):
    """Rows of the cylinder pushed sideways with ``push`` times friction times load.

    Where it sticks, mu p exceeds the shear by a semi-ellipse as wide as the stick zone; where it slips, by nothing.
    """
    state = pressed(FRICTION, push, step)
    case = f"cylinder on a flat, {push:g} mu N, cells of a/{HALF_WIDTH / step:.0f}"
    shear = np.abs(state.shear[:, 0])
    stick = HALF_WIDTH * np.sqrt(1.0 - push)
    measured = half_width(FRICTION * state.pressure - np.hypot(*state.shear.T[:2]), state)
    peak = FRICTION * PEAK * (1.0 - stick / HALF_WIDTH)
    centre = np.abs(state.points[:, 0]) < 1e-6
    return [
        Row(case, "half-width of the stick zone [mm]", measured, stick, 0.05, f"{JOHNSON}, section 7.2"),
        Row(case, "shear in the middle [MPa]", float(shear[centre].mean()), peak, 0.05, f"{JOHNSON}, section 7.2"),
    ]


def coarse():
    """The rows that take seconds."""
    return hertz(0.1) + cattaneo(0.5, 0.1)


def rows():
    return hertz(0.05) + cattaneo(0.5, 0.05) + cattaneo(0.8, 0.05)
