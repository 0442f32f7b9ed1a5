"""What must only ever go one way: stiffer parts take less work, and more friction lets less slip."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.verification import hertz, meshes
from benchmarks.verification.stem import problem
from benchmarks.verification.stem_mesh import stem_and_bone
from femsacrum.case.schema import Solver
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface
from femsacrum.mechanics.loading import nodal_loads
from femsacrum.mechanics.share import listed
from femsacrum.surgery.construct import Contact

TIGHT = Solver(tolerance=1e-10)
#: Work is known to the solver's tolerance; a rise below this share is none.
NOTHING = 1e-7


def work(given):
    """Of the loads on their way from rest, were they applied slowly, twice over [N mm]."""
    bodies, materials, interfaces, load_case = given
    solution = solve(bodies, materials, interfaces, load_case, TIGHT)
    numbers = listed(bodies)
    loads = nodal_loads(bodies, numbers, load_case.applied)
    moved = np.concatenate([solution.displacements[name].ravel() for name in bodies])
    return float(loads @ moved)


def stiffened(given, name, where, factor):
    """The same problem with a part of one body stiffer."""
    bodies, materials, interfaces, load_case = given
    centres = bodies[name].nodes[bodies[name].cells[:, :4]].mean(axis=1)
    modulus = np.where(where(centres), factor, 1.0) * materials[name].youngs_modulus
    return bodies, materials | {name: replace(materials[name], youngs_modulus=modulus)}, interfaces, load_case


def everywhere(centres):
    return np.ones(len(centres), bool)


def upper_half(centres):
    return centres[:, 2] > np.median(centres[:, 2])


def one_side(centres):
    return centres[:, 0] > np.median(centres[:, 0])


PARTS = [(name, where) for name in (0, 1) for where in (everywhere, upper_half, one_side)]


@pytest.fixture(scope="module")
def bonded():
    given = problem(stem_and_bone(4.0), None)
    return given, work(given)


@pytest.mark.parametrize(("body", "where"), PARTS)
@pytest.mark.parametrize("factor", [1.2, 5.0])
def test_a_stiffer_part_of_a_bonded_stem_never_takes_more_work(bonded, body, where, factor):
    given, before = bonded
    after = work(stiffened(given, list(given[0])[body], where, factor))
    assert after <= before * (1.0 + NOTHING)
    if where is everywhere:
        assert after < before * (1.0 - NOTHING)


@pytest.fixture(scope="module")
def frictionless():
    """A block on a larger one, flat on flat and slippery, pressed out of its middle and held sideways by a soft spring."""
    plane = meshes.box("plane", (-10, -10, -8), (30, 20, 0), (8, 6, 3))
    block = meshes.box("block", (0, 0, 0), (20, 10, 8), (5, 3, 3))
    bodies = {"plane": plane, "block": block}
    materials = {name: meshes.material(mesh, 1000.0, 0.3) for name, mesh in bodies.items()}
    law = (Interface(Contact("block/plane", ("block", "z0"), ("plane", "z1")), Frictional(0.0)),)
    top, middle = block.facets_of("z1"), np.array([10.0, 5.0, 8.0])
    load = Applied("press", "block", top, np.array([0.0, 0.0, -500.0]), np.array([0.0, 800.0, 0.0]), middle, "test")
    supports = (
        Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e5),
        Support("spring", "block", top, "mean", np.eye(3)[:2], 10.0, middle, np.eye(3)[2:]),
    )
    given = (bodies, materials, law, LoadCase("press", (load,), supports, {}, 0.0))
    return given, work(given)


@pytest.mark.parametrize(("body", "where"), PARTS)
def test_a_stiffer_part_never_takes_more_work_where_faces_glide(frictionless, body, where):
    given, before = frictionless
    assert work(stiffened(given, list(given[0])[body], where, 3.0)) <= before * (1.0 + NOTHING)


def test_bonding_what_glides_takes_less_work(frictionless):
    (bodies, materials, laws, load_case), before = frictionless
    glued = tuple(replace(each, law=Bonded(1e6)) for each in laws)
    assert work((bodies, materials, glued, load_case)) < before


def test_more_friction_never_lets_a_block_slip_more():
    """Pushed with the same force on a soft spring; where it holds, what is left is the elastic slip that is tolerated."""
    plane = meshes.box("plane", (-10, -10, -5), (30, 20, 0), (5, 4, 2))
    block = meshes.box("block", (0, 0, 0), (20, 10, 6), (4, 3, 2))
    bodies = {"plane": plane, "block": block}
    materials = {name: meshes.material(mesh, 2e4, 0.3) for name, mesh in bodies.items()}
    top, middle = block.facets_of("z1"), np.array([10.0, 5.0, 0.0])
    load = Applied("push", "block", top, np.array([150.0, 0.0, -500.0]), np.zeros(3), middle, "test")
    supports = (
        Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e5),
        Support("spring", "block", top, "mean", np.eye(3)[:1], 1000.0, middle),
    )
    case = LoadCase("push", (load,), supports, {}, 0.0)
    slips = []
    for friction in (0.05, 0.1, 0.15, 0.2, 0.25, 0.29, 0.35, 0.5):
        law = (Interface(Contact("block/plane", ("block", "z0"), ("plane", "z1")), Frictional(friction)),)
        state = solve(bodies, materials, law, case, Solver(tolerance=1e-10, penetration=1e-4)).interfaces[
            "block/plane"
        ]
        slips.append(np.linalg.norm(state.slip, axis=1).max())
    assert all(after <= before + 1e-4 * slips[0] for before, after in itertools.pairwise(slips))
    assert slips[-1] < 0.05 * slips[0]


def test_more_friction_never_lets_a_cylinder_slip_more():
    """The same push in newtons on a cylinder that is pressed: partial slip, ever less of it."""
    slips = []
    for more in (0.7, 1.0, 1.5, 2.5):
        state = hertz.pressed(more * hertz.FRICTION, 0.5, 0.1)
        slips.append(np.linalg.norm(state.slip - state.elastic_slip, axis=1)[state.pressure > 0.0].max())
    assert all(after <= before * (1.0 + 1e-3) for before, after in itertools.pairwise(slips))
    assert slips[-1] < 0.5 * slips[0]
