"""A tube pressed into a ring with an interference: pressure by Lame, and the torque at which it turns.

Both are as long as each other, their ends are free and their Poisson's ratio is zero, so that nothing wants to move
along the axis and Lame's plane solution is exact, with friction or without. The ring is held by the mean motion of its
outside, which resists a torque by an even shear and leaves the radial motion free; the torque acts inside the tube
the same way. Curved quadratic cells; the facets of the two sides match nowhere.
"""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from benchmarks.verification.tube_mesh import tube
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.mechanics.loading import LEVER
from femsacrum.surgery.construct import Contact

BORE, RADIUS, OUTSIDE, LENGTH = 5.0, 10.0, 18.0, 6.0
SHAFT, HUB = 110000.0, 17000.0
INTERFERENCE, FRICTION = 0.02, 0.3
#: Torque under which it still sticks, over the one at which it turns.
BELOW = 0.9
#: What holds the tube against turning beside friction [N mm per rad].
SPRING = 1e5
#: Angles of the ring's facets against the tube's, in facets of the ring.
TURNS = (0.0, 0.25, 0.5)


def pressure():
    """Lame's pressure of two tubes with an interference of their radii [MPa], Poisson's ratio zero.

    p = delta / (R (C_i/E_i + C_o/E_o)) with C_i = (R^2 + a^2)/(R^2 - a^2), C_o = (b^2 + R^2)/(b^2 - R^2).
    """
    inner = (RADIUS**2 + BORE**2) / (RADIUS**2 - BORE**2)
    outer = (OUTSIDE**2 + RADIUS**2) / (OUTSIDE**2 - RADIUS**2)
    return INTERFERENCE / (RADIUS * (inner / SHAFT + outer / HUB))


#: Torque at which the tube turns [N mm].
LIMIT = 2.0 * np.pi * RADIUS**2 * LENGTH * FRICTION * pressure()


def problem(torque=0.0, turn=0.0, order=2, uneven=0.2, divisions=(24, 20)):
    """Bodies, materials, interfaces and load case: a torque on the tube, over the one at which it turns."""
    around_shaft, around_hub = divisions
    shaft = tube("shaft", (BORE, RADIUS), LENGTH, (3, around_shaft, 2), order, 0.3, uneven, 1)
    hub = tube("hub", (RADIUS, OUTSIDE), LENGTH, (4, around_hub, 3), order, turn, uneven, 2)
    bodies = {"shaft": shaft, "hub": hub}
    materials = {"shaft": meshes.material(shaft, SHAFT, 0.0), "hub": meshes.material(hub, HUB, 0.0)}
    law = Frictional(FRICTION, interference=INTERFERENCE)
    interfaces = (Interface(Contact("shaft/hub", ("shaft", "outer"), ("hub", "inner")), law),)
    bore, outside = shaft.facets_of("inner"), hub.facets_of("outer")
    middle = np.array([0.0, 0.0, LENGTH / 2])
    moment = np.array([0.0, 0.0, torque * LIMIT])
    load = Applied("torque", "shaft", bore, np.zeros(3), moment, middle, "")
    supports = (
        Support("ring", "hub", outside, "mean", np.eye(3), 1e6, middle, np.eye(3)),
        Support("spring", "shaft", bore, "mean", np.zeros((0, 3)), SPRING / LEVER**2, middle, np.eye(3)[2:]),
    )
    return bodies, materials, interfaces, LoadCase("torque", (load,), supports, {}, 0.0)


def torque_of(state):
    """Moment of the interface's tractions on the tube about its axis [N mm]."""
    traction = state.shear - state.pressure[:, None] * state.normals
    return float(state.area @ np.cross(state.points, traction)[:, 2])


def turned(turn=0.0, torque=1.2, **given):
    """Solution of the tube pressed in and turned."""
    return solve(*problem(torque, turn, **given), Solver(tolerance=1e-8))


LAME = "Lame (Timoshenko, Goodier, Theory of Elasticity, 1970, art. 28)"
COULOMB = "T = 2 pi R^2 L mu p, p by Lame"


def coarse():
    end = turned(divisions=(16, 13))
    state = end.interfaces["shaft/hub"]
    mean = float(state.area @ state.pressure / state.area.sum())
    case = "tube pressed into a ring, 16 on 13 facets, 1.2 T"
    return [
        Row(case, "mean pressure [MPa]", mean, pressure(), 0.02, LAME),
        Row(case, "torque of friction [N mm]", -torque_of(state), LIMIT, 0.02, COULOMB),
        Row(case, "torque on the ring [N mm]", -float(end.reaction_moments["ring"][2]), LIMIT, 0.02, COULOMB),
    ]


def rows():
    case = "tube pressed into a ring, curved P2, 24 on 20 facets"
    end = turned(torque=0.0)
    state = end.interfaces["shaft/hub"]
    mean = float(state.area @ state.pressure / state.area.sum())
    scatter = float(np.sqrt(state.area @ (state.pressure / mean - 1.0) ** 2 / state.area.sum()))
    result = [
        Row(case, "mean pressure [MPa]", mean, pressure(), 0.02, LAME),
        Row(case, "scatter of the pressure over its mean", scatter, 0.0, np.nan, LAME, judged=False),
    ]
    below = turned(torque=BELOW)
    turn = -below.reaction_moments["spring"][2] / SPRING
    free = BELOW * LIMIT / SPRING
    result.append(Row(f"{case}, {BELOW:g} T", "turn over that without friction", turn / free, 0.0, 0.02, COULOMB))
    torques = []
    for angle in TURNS:
        end = turned(angle)
        torques.append(-torque_of(end.interfaces["shaft/hub"]))
        name = f"the same, 1.2 T, ring {angle:g} facets on"
        result.append(Row(name, "torque of friction [N mm]", torques[-1], LIMIT, 0.02, COULOMB))
        held = -float(end.reaction_moments["ring"][2])
        result.append(Row(name, "torque on the ring [N mm]", held, LIMIT, 0.02, COULOMB))
    spread = (max(torques) - min(torques)) / LIMIT
    result.append(Row("the same", "torque: largest less smallest, over T", spread, 0.0, 0.005, "no interlock"))
    flat = turned(order=1, divisions=(96, 80)).interfaces["shaft/hub"]
    name = "the same, linear, 96 on 80 flat facets"
    share = -torque_of(flat) / (FRICTION * RADIUS * float(flat.area @ flat.pressure))
    result.append(Row(name, "torque over R mu p A, p as found", share, 1.0, 0.02, "Coulomb", judged=False))
    mean = float(flat.area @ flat.pressure / flat.area.sum())
    result.append(Row(name, "mean pressure [MPa]", mean, pressure(), 0.02, LAME, judged=False))
    return result
