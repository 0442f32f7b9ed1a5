"""The stem pressed and pushed in bone with friction, against CalculiX on the same mesh: displacement and peak slip.

Both put the largest displacement at the same node, on the rim of the loaded top. Bonded, the two agree within 0.03 %.
With friction femsacrum moves 4.0, 2.9 and 1.8 % farther at 3, 2 and 1.18 mm: it enforces contact and friction once per
slave node, on a weighted average, CalculiX at seven points of every facet, which is stiffer where the contact opens
and slips. Both move farther as the mesh is refined, and towards each other. Given CalculiX's points (``facet_points``)
femsacrum's displacements equal CalculiX's within 5e-5 (root mean square over all nodes, relative) at each of the three
sizes, bonded and with friction: neither the law, the penalty, the load nor Newton's tolerance makes the difference.
CalculiX with convergence criteria far tighter than its defaults gives the same digits, in ten increments instead of
one 0.1 % less displacement.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.row import Row
from benchmarks.verification.facet_points import system_on_facets
from benchmarks.verification.meshes import material
from benchmarks.verification.stem_mesh import stem_and_bone
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface
from femsacrum.surgery.construct import Contact

#: Foundation that stands for a fixed bottom: moves 1e-7 mm under 0.3 MPa [N/mm3].
FIXED = 1e6
#: Penalty, and stiffness of a bond [MPa/mm].
SLOPE = 5e4


def problem(bodies, friction=0.4, slope=SLOPE):
    """Bodies, materials, interfaces and load case; ``friction=None`` bonds the stem."""
    materials = {"bone": material(bodies["bone"], 1000.0, 0.3), "stem": material(bodies["stem"], 110000.0, 0.3)}
    law = Bonded(slope) if friction is None else Frictional(friction, slope, slope)
    interfaces = (Interface(Contact("stem/bone", ("stem", "interface"), ("bone", "hole")), law),)
    top = bodies["stem"].facets_of("z1")
    force, point = np.array([300.0, 0.0, -1000.0]), np.array([30.0, 30.0, 60.0])
    load = Applied("load", "stem", top, force, np.zeros(3), point, "benchmark")
    ground = Support("bottom", "bone", bodies["bone"].facets_of("z0"), "fixed", np.eye(3), FIXED)
    return bodies, materials, interfaces, LoadCase("push", (load,), (ground,), {}, 0.0)


#: Element sizes on the interface [mm]: about 20,000 nodes, and one for quick comparisons.
SIZE, COARSE = 1.18, 3.0
#: CalculiX 2.20 (Debian's build, SPOOLES, 512 s) on the deck ``calculix.write`` makes of this very mesh: largest
#: displacement and slip [mm]; ``python -m benchmarks verification stem_calculix`` finds them afresh.
CALCULIX_DISPLACEMENT, CALCULIX_SLIP = 0.0967931, 0.0238446
#: The same for the coarse mesh, tied and with friction.
COARSE_TIED, COARSE_FRICTION = 0.0601280, 0.0857434
#: CalculiX 2.20 with MKL PARDISO on another mesh of 20k nodes (recorded beforehand).
OTHER_MESH_DISPLACEMENT, OTHER_MESH_SLIP = 0.0961, 0.0237


def peaks(solution):
    """Largest displacement and slip [mm]."""
    moved = max(float(np.linalg.norm(each, axis=1).max()) for each in solution.displacements.values())
    return moved, float(np.linalg.norm(solution.interfaces["stem/bone"].slip, axis=1).max())


def rows():
    return [*sharp(), *coarse()]


def sharp():
    bodies = stem_and_bone(SIZE)
    seconds, solved = {}, {}
    for name, friction in (("bonded", None), ("friction", 0.4)):
        given = problem(bodies, friction)
        start = time.perf_counter()
        solved[name] = solve(*given, Solver(tolerance=1e-6))
        seconds[name] = time.perf_counter() - start
    moved, slip = peaks(solved["friction"])
    case, source = "sharp stem, mu 0.4", "CalculiX 2.20, surface to surface, same deck"
    other, record = "the same, another mesh's record", "CalculiX 2.20, PARDISO, recorded"
    nodes = float(sum(len(body.nodes) for body in bodies.values()))
    return [
        Row(case, "nodes", nodes, 19689.0, 0.0, "mesh of the record", judged=False),
        Row(case, "largest displacement [mm]", moved, CALCULIX_DISPLACEMENT, 0.02, source),
        Row(case, "peak slip [mm]", slip, CALCULIX_SLIP, 0.05, source),
        Row(other, "largest displacement [mm]", moved, OTHER_MESH_DISPLACEMENT, np.nan, record, judged=False),
        Row(other, "peak slip [mm]", slip, OTHER_MESH_SLIP, np.nan, record, judged=False),
        Row(
            case, "bonded solves it costs", seconds["friction"] / seconds["bonded"], np.nan, np.nan, "", judged=False
        ),
    ]


def coarse():
    bodies = stem_and_bone(COARSE)
    bonded, _ = peaks(solve(*problem(bodies, None), Solver(tolerance=1e-8)))
    given = problem(bodies, 0.4)
    friction, _ = peaks(solve(*given, Solver(tolerance=1e-8), system=system_on_facets(*given[:3])))
    source, quantity = "CalculiX 2.20, surface to surface, same deck", "largest displacement [mm]"
    return [
        Row("coarse stem, bonded", quantity, bonded, COARSE_TIED, 1e-3, source),
        Row("coarse stem, mu 0.4, CalculiX's contact points", quantity, friction, COARSE_FRICTION, 1e-3, source),
    ]
