"""Uniform stress through an interface between two blocks: what a consistent jump operator must carry exactly."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface
from femsacrum.mechanics.shapes import tetrahedron
from femsacrum.surgery.construct import Contact

SIZE, SPLIT, HEIGHT = 10.0, 5.0, 9.0
PRESSURE, YOUNGS, POISSON, SLOPE = 2.0, 1000.0, 0.3, 1e4


def isostatic(body, face):
    """Six rows that resist no strain: three means of forces through points of one face."""
    corner = body.nodes[body.facets_of(face)[:, :3]].reshape(-1, 3)
    low, high = corner.min(axis=0), corner.max(axis=0)
    x, y, z = np.eye(3)
    held = {
        "a": (low, [x, y, z]),
        "b": (np.array([high[0], low[1], low[2]]), [y, z]),
        "c": (np.array([low[0], high[1], low[2]]), [z]),
    }
    facets = body.facets_of(face)[:, :3]
    return tuple(
        Support(name, body.name, facets, "mean", np.array(directions), 1e4, point)
        for name, (point, directions) in held.items()
    )


def pressed(law, orders=(1, 1), upper=4, lower=4):
    """Two blocks of ``lower`` and ``upper`` cells along each side, pressed together by a uniform pressure."""
    ground, top = (
        meshes.box("lower", (0, 0, 0), (SIZE, SIZE, SPLIT), (lower, lower, 3), orders[0], jitter=0.2),
        meshes.box("upper", (0, 0, SPLIT), (SIZE, SIZE, HEIGHT), (upper, upper, 3), orders[1], jitter=0.2, seed=1),
    )
    bodies = {"lower": ground, "upper": top}
    materials = {name: meshes.material(body, YOUNGS, POISSON) for name, body in bodies.items()}
    interface = Interface(Contact("upper/lower", ("upper", "z0"), ("lower", "z1")), law)
    force = np.array([0.0, 0.0, -PRESSURE * SIZE**2])
    middle = np.array([SIZE / 2, SIZE / 2, 0.0])
    loads = (
        Applied("top", "upper", top.facets_of("z1")[:, :3], force, np.zeros(3), middle, "patch test"),
        Applied("bottom", "lower", ground.facets_of("z0")[:, :3], -force, np.zeros(3), middle, "patch test"),
    )
    case = LoadCase("pressed", loads, isostatic(ground, "z0"), {}, 0.0)
    return solve(bodies, materials, (interface,), case, Solver(tolerance=1e-12)), bodies


def errors(solution, bodies):
    """Largest relative error of pressure, penetration and displacement (less a rigid motion)."""
    state = solution.interfaces["upper/lower"]
    pressure = np.abs(state.pressure / PRESSURE - 1.0).max()
    gap = np.abs(state.gap * SLOPE / -PRESSURE - 1.0).max()
    strain = np.diag([POISSON, POISSON, -1.0]) * PRESSURE / YOUNGS
    displacement, scale = 0.0, PRESSURE / YOUNGS * HEIGHT
    for name, body in bodies.items():
        modes = meshes.rigid_modes(body.nodes).reshape(6, -1).T
        left = (solution.displacements[name] - body.nodes @ strain).ravel()
        left -= modes @ np.linalg.lstsq(modes, left, rcond=None)[0]
        displacement = max(displacement, float(np.abs(left).max()) / scale)
    return float(pressure), float(gap), displacement


def normal_stress(body, displacement):
    """Stress along z [MPa] from the displacement, at the corners and the middle of every cell, shape (c, 5)."""
    points = np.vstack([np.zeros(3), np.eye(3), np.full(3, 0.25)])
    _, slopes = tetrahedron(body.order, points)
    jacobian = np.einsum("cai,qad->cqid", body.nodes[body.cells], slopes)
    gradient = np.einsum("cai,qad,cqdj->cqij", displacement[body.cells], slopes, np.linalg.inv(jacobian))
    lame = YOUNGS * POISSON / ((1.0 + POISSON) * (1.0 - 2.0 * POISSON))
    return YOUNGS / (1.0 + POISSON) * gradient[..., 2, 2] + lame * np.trace(gradient, axis1=2, axis2=3)


def rows():
    laws = {"bonded": Bonded(SLOPE), "contact": Frictional(0.3, SLOPE, SLOPE)}
    result = []
    for kind, law in laws.items():
        for orders in ((1, 1), (2, 2)):
            name = f"patch test, matching, {kind}, P{orders[0]}"
            for quantity, error in zip(
                ("pressure", "penetration against p/k", "displacement"), errors(*pressed(law, orders)), strict=True
            ):
                result.append(Row(name, f"largest error of the {quantity}", error, 0.0, 1e-10, "uniform stress"))
        # the upper block is the slave
        for upper, lower in ((6, 7), (5, 8), (8, 5)):
            for orders in ((1, 1), (2, 2)) if (upper, lower) != (5, 8) else ((1, 1), (1, 2), (2, 1), (2, 2)):
                name = f"patch test, {upper}:{lower}, {kind}, P{orders[1]} on P{orders[0]}"
                result.append(Row(name, *stress_error(law, orders, upper, lower), 0.0, 1e-8, "uniform stress"))
    # penetration allowed where no layer gives way is a share of the motion, which is small here
    name = "patch test, 5:8, exact contact, P2 on P2"
    result.append(Row(name, *stress_error(Frictional(0.3), (2, 2), 5, 8), 0.0, 1e-4, "uniform stress"))
    return result


def stress_error(law, orders, upper, lower):
    """Quantity, and the largest error of the normal stress in both blocks over the pressure."""
    solution, bodies = pressed(law, orders, upper, lower)
    worst = max(
        float(np.abs(normal_stress(body, solution.displacements[name]) / PRESSURE + 1.0).max())
        for name, body in bodies.items()
    )
    return "largest error of the normal stress", worst
