"""Conforming contact under proportional load does not depend on the number of increments."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from benchmarks.verification.patch import HEIGHT, SIZE, SPLIT
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.surgery.construct import Contact


def sheared(increments):
    """A block pressed and pushed so that part of the contact slips and part opens; slip at every point [mm]."""
    lower = meshes.box("lower", (0, 0, 0), (SIZE, SIZE, SPLIT), (5, 5, 3), jitter=0.2)
    upper = meshes.box("upper", (0, 0, SPLIT), (SIZE, SIZE, HEIGHT), (6, 6, 3), jitter=0.2, seed=2)
    bodies = {"lower": lower, "upper": upper}
    materials = {"lower": meshes.material(lower, 500.0, 0.3), "upper": meshes.material(upper, 5000.0, 0.3)}
    interface = Interface(Contact("upper/lower", ("upper", "z0"), ("lower", "z1")), Frictional(0.5, 5e3, 5e3))
    point = np.array([SIZE / 2, SIZE / 2, HEIGHT])
    load = Applied("push", "upper", upper.facets_of("z1"), np.array([40.0, 10.0, -200.0]), np.zeros(3), point, "")
    ground = Support("ground", "lower", lower.facets_of("z0"), "fixed", np.eye(3), 1e6)
    case = LoadCase("push", (load,), (ground,), {}, 0.0)
    solution = solve(bodies, materials, (interface,), case, Solver(increments=increments, tolerance=1e-10))
    return solution.interfaces["upper/lower"]


def rows():
    one, ten = sheared(1), sheared(10)
    scale = np.linalg.norm(one.slip, axis=1).max()
    difference = float(np.linalg.norm(one.slip - ten.slip, axis=1).max() / scale)
    source = "conforming contact is positively homogeneous"
    return [
        Row("proportional load in 1 and 10 increments", "largest difference of slip", difference, 0.0, 1e-6, source),
        Row("the same", "points open", float((one.status == 0).sum()), np.nan, np.nan, "for information", False),
        Row("the same", "points slipping", float((one.status == 2).sum()), np.nan, np.nan, "for information", False),
    ]
