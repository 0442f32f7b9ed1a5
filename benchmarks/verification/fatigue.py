"""What fatigue is judged by: stress at the surface of a bent rod at the size of the studies, and critical planes."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.row import Row
from benchmarks.verification.meshes import material
from benchmarks.verification.rod import DIAMETER, FORCE, LENGTH, POISSON, YOUNGS
from benchmarks.verification.round_meshes import cylinder
from femsacrum.case.schema import Solver
from femsacrum.findings import anisotropic
from femsacrum.findings.fatigue import plane
from femsacrum.findings.fatigue.conditions import Part
from femsacrum.findings.fatigue.history import history
from femsacrum.findings.fatigue.mean_stress import RULES
from femsacrum.findings.stress import strain
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve

#: From the wall and from the loaded end so much is left out, where stress is not that of the beam [mm].
MARGIN = 10.0
#: Instants of a cycle; points of random stress; planes that a random history is tried on; Findley's k.
INSTANTS, POINTS, PLANES, K = 12, 50, 40_000, 0.3


def rows():
    yield from _rod()
    yield from _planes()


def _rod():
    """Largest stress along the rod over that of the beam at the same section, M r / I."""
    source = "M r / I of the beam"
    for size, tolerance in ((3.0, 0.05), (2.0, 0.03)):
        rod = cylinder("rod", (0, 0, 0), (LENGTH, 0, 0), DIAMETER / 2, size)
        end = rod.facets_of("end")[:, :3]
        load = Applied("tip", "rod", end, np.array([0.0, FORCE, 0.0]), np.zeros(3), np.array([LENGTH, 0, 0]), "")
        wall = Support("wall", "rod", rod.facets_of("start")[:, :3], "fixed", np.eye(3), 1e8)
        metal = material(rod, YOUNGS, POISSON)
        case = LoadCase("bent", (load,), (wall,), {}, 0.0)
        solution = solve({"rod": rod}, {"rod": metal}, (), case, Solver(tolerance=1e-8))
        past = history(rod, metal, (Part("rod", np.arange(len(rod.cells)), None),), (solution,))
        strained = strain(rod, solution.strained("rod"))
        told = {
            "averaged at corners": (past.stress[0, :, 0], rod.nodes[past.node]),
            "at corners": (anisotropic.stresses(strained.corners, metal)[..., 0], rod.nodes[rod.cells[:, :4]]),
            "at integration points": (anisotropic.stresses(strained.inside, metal)[..., 0], strained.position),
        }
        for name, (stress, where) in told.items():
            inner = (where[..., 0] > MARGIN) & (where[..., 0] < LENGTH - MARGIN)
            beam = FORCE * (LENGTH - where[..., 0][inner]) * 32.0 / (math.pi * DIAMETER**3)
            most = float((np.abs(stress[inner]) / beam).max())
            judged = name == "averaged at corners"
            yield Row(
                f"6 mm rod, curved P2, {size:g} mm cells", f"stress {name} [1]", most, 1.0, tolerance, source, judged
            )


def _planes():
    wave = np.sin(2.0 * np.pi * np.arange(24) / 24.0)
    quarter = np.cos(2.0 * np.pi * np.arange(24) / 24.0)
    none = np.zeros(24)
    root = math.hypot(1.0, K)
    known = {
        "pulled and pushed": ((100.0 * wave, none), 50.0 * (K + root)),
        "pulled from nothing": ((100.0 + 100.0 * wave, none), 100.0 * (K + math.hypot(0.5, K))),
        "twisted": ((none, 100.0 * wave), 100.0 * root),
        "shear a quarter after tension": ((100.0 * wave, 50.0 * quarter), 50.0 + 100.0 * K),
    }
    for name, ((xx, xy), value) in known.items():
        stress = np.stack([xx, none, none, xy, none, none], axis=1)[:, None]
        found, _ = plane.critical(np.ascontiguousarray(stress), np.array([900.0]), K, RULES["none"], plane.grid())
        yield Row(f"critical plane, {name}", "Findley [MPa]", float(found[0, 0]), value, 1e-6, "closed form")
    stress = 60.0 * np.random.default_rng(0).standard_normal((INSTANTS, POINTS, 6))
    ultimate = np.full(POINTS, 900.0)
    searched, _ = plane.critical(stress, ultimate, K, RULES["goodman"], plane.grid())
    wanted, _ = plane.critical(stress, ultimate, K, RULES["goodman"], plane.grid(PLANES))
    for name, short in zip(("Findley", "normal stress"), (1.0 - searched / wanted).max(axis=1), strict=True):
        source = f"grid of {PLANES} planes"
        yield Row("critical plane, random histories", f"{name}, most missed [1]", float(short), 0.0, 5e-3, source)
