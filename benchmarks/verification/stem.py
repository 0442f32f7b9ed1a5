"""The stem pressed and pushed in bone with friction: displacement and peak slip."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.verification.meshes import material
from benchmarks.verification.row import Row
from benchmarks.verification.stem_mesh import stem_and_bone
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface
from femsacrum.surgery.construct import Contact

#: Foundation that stands for a fixed bottom: moves 1e-7 mm under 0.3 MPa [N/mm3].
FIXED = 1e6


def problem(bodies, friction=0.4, slope=5e4):
    """Bodies, materials, interfaces and load case; ``friction=None`` bonds the stem."""
    materials = {"bone": material(bodies["bone"], 1000.0, 0.3), "stem": material(bodies["stem"], 110000.0, 0.3)}
    law = Bonded(slope) if friction is None else Frictional(friction, slope, slope)
    interfaces = (Interface(Contact("stem/bone", ("stem", "interface"), ("bone", "hole")), law),)
    top = bodies["stem"].facets_of("z1")
    force, point = np.array([300.0, 0.0, -1000.0]), np.array([30.0, 30.0, 60.0])
    load = Applied("load", "stem", top, force, np.zeros(3), point, "benchmark")
    ground = Support("bottom", "bone", bodies["bone"].facets_of("z0"), "fixed", np.eye(3), FIXED)
    return bodies, materials, interfaces, LoadCase("push", (load,), (ground,), {}, 0.0)


#: Element size that gives about 20,000 nodes [mm].
SIZE = 1.18
#: CalculiX 2.20, surface to surface, MKL PARDISO, one increment, the same stem at 20k nodes (recorded beforehand; Debian's
#: build, with SPOOLES, did not finish in six minutes): largest displacement [mm] and slip [mm].
CALCULIX_DISPLACEMENT, CALCULIX_SLIP = 0.0961, 0.0237


def rows():
    bodies = stem_and_bone(SIZE)
    seconds, solved = {}, {}
    for name, friction in (("bonded", None), ("friction", 0.4)):
        given = problem(bodies, friction)
        start = time.perf_counter()
        solved[name] = solve(*given, Solver(tolerance=1e-6))
        seconds[name] = time.perf_counter() - start
    moved = max(float(np.linalg.norm(u, axis=1).max()) for u in solved["friction"].displacements.values())
    slip = float(np.linalg.norm(solved["friction"].interfaces["stem/bone"].slip, axis=1).max())
    case, source = "sharp stem, mu 0.4", "CalculiX 2.20 surface to surface, PARDISO, recorded"
    nodes = float(sum(len(body.nodes) for body in bodies.values()))
    return [
        Row(case, "nodes", nodes, nodes, 0.0, "", judged=False),
        Row(case, "largest displacement [mm]", moved, CALCULIX_DISPLACEMENT, 0.02, source),
        Row(case, "peak slip [mm]", slip, CALCULIX_SLIP, 0.05, source),
        Row(case, "bonded solves it costs", seconds["friction"] / seconds["bonded"], np.nan, 0.0, "", judged=False),
    ]
