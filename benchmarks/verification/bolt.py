"""A bolt with a head clamps two blocks that rub on each other: tightened by force or by length, loosened, loaded.

The blocks are rigid beside the rest, and a layer of known stiffness lies between them; so the joint is two springs, the
free stretch of the shaft and the layer. What the section carries is measured where nothing prescribes it: between the
blocks, under the head, on the thread, and from the stresses of the shaft elsewhere.
"""

from __future__ import annotations

import gmsh
import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from benchmarks.verification.round_meshes import read
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.elasticity import stiffness
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bolt, Bonded, Frictional, Interface, Thread
from femsacrum.surgery.construct import Contact, Screw

RADIUS, HEAD_RADIUS, HEAD_HEIGHT = 2.0, 4.0, 4.0
#: Upper block from z = 0 to UPPER, lower one from -LOWER to 0, thread from -BARE down to -DEEP [mm].
UPPER, BARE, DEEP, LOWER, HALF = 20.0, 20.0, 32.0, 40.0, 10.0
YOUNGS, BONE, RIGID = 110000.0, 1000.0, 1e9
#: Layer between the blocks [MPa/mm], and what thread and head are held with: stiff beside the shaft.
LAYER, STIFF = 500.0, 1e6
FORCE, LOSS, LOAD = 800.0, 0.5, 100.0
#: Stiffness of the shaft's free stretch and of the layer [N/mm].
SHAFT = YOUNGS * np.pi * RADIUS**2 / (UPPER + BARE)
JOINT = LAYER * 4.0 * HALF**2
SOLVER = Solver(tolerance=1e-11)


def bolt_mesh(size=2.0):
    """Shaft and head in one, curved quadratic; face "start" is what lies under the head."""
    gmsh.initialize()
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        shaft = gmsh.model.occ.addCylinder(0, 0, UPPER, 0, 0, -UPPER - DEEP, RADIUS)
        head = gmsh.model.occ.addCylinder(0, 0, UPPER, 0, 0, HEAD_HEIGHT, HEAD_RADIUS)
        gmsh.model.occ.fuse([(3, shaft)], [(3, head)])
        return read("bolt", (0, 0, UPPER), (0, 0, -DEEP), size, 2)
    finally:
        gmsh.finalize()


def problem(rubbing=None, load=0.0, blocks=RIGID, divisions=(5, 4)):
    """Bodies, materials, interfaces and load case: the upper block is pulled off with ``load`` [N]."""
    low, high = (-HALF, -HALF), (HALF, HALF)
    lower = meshes.box("lower", (*low, -LOWER), (*high, 0.0), (divisions[0], divisions[0], 4))
    upper = meshes.box("upper", (*low, 0.0), (*high, UPPER), (divisions[1], divisions[1], 3))
    bodies = {"lower": lower, "upper": upper, "bolt": bolt_mesh()}
    materials = {
        name: meshes.material(body, YOUNGS if name == "bolt" else blocks, 0.3) for name, body in bodies.items()
    }
    screw = Screw(
        "lag",
        "bolt",
        np.array([0, 0, UPPER]),
        np.array([0, 0, -BARE]),
        np.array([0, 0, -DEEP]),
        2 * RADIUS,
        ("lower",),
        5.0,
        DEEP - BARE,
    )
    held = Thread(STIFF, 2 * np.pi * RADIUS * STIFF)
    interfaces = (
        Interface(Contact("upper/lower", ("upper", "z0"), ("lower", "z1")), rubbing or Frictional(0.4, LAYER, LAYER)),
        Interface(Contact("bolt/upper", ("bolt", "start"), ("upper", "z1")), Bonded(STIFF)),
        Interface(Contact("bolt/lower", ("bolt", "surface"), ("lower", "surface"), "embedded", "lag"), held, screw),
    )
    top = upper.facets_of("z1")
    pull = Applied("pull", "upper", top, np.array([0, 0, load]), np.zeros(3), np.array([0, 0, UPPER]), "")
    ground = Support("ground", "lower", lower.facets_of("z0"), "fixed", np.eye(3), 1e8)
    return bodies, materials, interfaces, LoadCase("pulled", (pull,), (ground,), {}, 0.0)


def lag(**given):
    """The bolt, cut in the middle of its free stretch."""
    return Bolt("lag", "bolt", np.zeros(3), np.array([0.0, 0.0, -1.0]), RADIUS, **given)


def tightened(bolt, rubbing=None, load=0.0, blocks=RIGID, comm=None):
    """Bodies and materials, and the solution with the bolt tightened, then the upper block pulled."""
    given = problem(rubbing, load, blocks)
    return given, solve(*given, SOLVER, bolts=(bolt,), comm=comm)


def across(given, solution):
    """Forces along the bolt [N]: between the blocks, under the head, on the thread, and of the shaft itself."""
    between, head, thread = (solution.interfaces[name] for name in ("upper/lower", "bolt/upper", "bolt/lower"))
    mesh = given[0]["bolt"]
    inner = stiffness(mesh, given[1]["bolt"]) @ solution.displacements["bolt"].ravel()
    # nodes beyond another section than the one that is tightened: what holds them is what crosses it
    beyond = mesh.nodes[:, 2] < -0.5 * BARE
    return {
        "between the blocks": float(between.area @ between.pressure),
        "under the head": float(head.area @ (head.shear[:, 2] - head.pressure * head.normals[:, 2])),
        "on the thread": -float(thread.area @ (thread.shear[:, 2] - thread.pressure * thread.normals[:, 2])),
        "across the shaft elsewhere": -float(inner.reshape(-1, 3)[beyond, 2].sum()),
    }


def rows():
    result = []
    for name, bolt, expected, given in (
        ("force-controlled", lag(force=FORCE), FORCE, {}),
        ("half of it lost", lag(force=FORCE, loss=LOSS), (1.0 - LOSS) * FORCE, {}),
        ("blocks of bone, exact contact", lag(force=FORCE), FORCE, {"rubbing": Frictional(0.4), "blocks": BONE}),
    ):
        made, solution = tightened(bolt, **given)
        result += [
            Row(f"bolt, {name}", f"force {place} [N]", force, expected, 1e-6, "equilibrium")
            for place, force in across(made, solution).items()
        ]
        if name == "force-controlled":
            shortening = solution.bolts["lag"].shortening
    springs = "two springs in series: E A / L and the layer"
    result.append(
        Row(result[0].case, "shortening [mm]", shortening, FORCE * (1.0 / SHAFT + 1.0 / JOINT), 0.03, springs)
    )
    made, solution = tightened(lag(shortening=shortening))
    result.append(
        Row(
            "bolt, displacement-controlled",
            "force between the blocks [N]",
            across(made, solution)["between the blocks"],
            FORCE,
            1e-6,
            "that shortening's force",
        )
    )
    return result + loaded()


def loaded():
    """Half of the tension lost, the bolt locked, the upper block pulled off with less than what is left."""
    case, left = "bolt, half of it lost, locked and loaded", (1.0 - LOSS) * FORCE
    made, solution = tightened(lag(force=FORCE, loss=LOSS), load=LOAD)
    forces, state = across(made, solution), solution.bolts["lag"]
    balance = forces["between the blocks"] + LOAD
    share = (forces["across the shaft elsewhere"] - left) / LOAD
    stiff, exact = tightened(lag(force=FORCE, loss=LOSS), Frictional(0.4), LOAD)
    parallel = "two springs side by side"
    return [
        Row(case, "tension told [N]", state.tension, forces["across the shaft elsewhere"], 1e-6, "equilibrium"),
        Row(case, "preload told [N]", state.preload, left, 1e-6, "equilibrium"),
        Row(case, "joint and load [N]", balance, forces["under the head"], 1e-6, "equilibrium"),
        Row(case, "share of the load the bolt takes", share, SHAFT / (SHAFT + JOINT), 0.03, parallel),
        Row(f"{case}, rigid joint", "tension [N]", exact.bolts["lag"].tension, left, 1e-5, parallel),
        Row(
            "the same",
            "joint and load [N]",
            across(stiff, exact)["between the blocks"] + LOAD,
            exact.bolts["lag"].tension,
            1e-6,
            "equilibrium",
        ),
    ]
