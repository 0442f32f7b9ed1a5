"""What any solution of the equations must obey: virtual work, equilibrium, Coulomb, homogeneity, mirror symmetry."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.verification.stem import FIXED, problem
from benchmarks.verification.stem_mesh import stem_and_bone
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.loading import nodal_loads
from femsacrum.mechanics.shapes import facet_weights
from femsacrum.mechanics.share import listed

SIZE, FRICTION = 3.0, 0.4
TIGHT = Solver(tolerance=1e-10)
LAWS = pytest.mark.parametrize("friction", [None, FRICTION], ids=["bonded", "friction"])


@pytest.fixture(scope="module")
def bodies():
    return stem_and_bone(SIZE)


@pytest.fixture(scope="module")
def solved(bodies):
    """Friction (None: bonded) -> problem and solution."""
    result = {}
    for friction in (None, FRICTION):
        given = problem(bodies, friction)
        result[friction] = given, solve(*given, TIGHT)
    return result


def strain_energy(body, material, displacement):
    """Of linear tetrahedra, from their strains [N mm]; shares no code with the stiffness."""
    corners, moved = body.nodes[body.cells], displacement[body.cells]
    edges, stretch = corners[:, 1:] - corners[:, :1], moved[:, 1:] - moved[:, :1]
    gradient = np.linalg.solve(edges, stretch)
    strain = 0.5 * (gradient + gradient.transpose(0, 2, 1))
    youngs, poisson = material.youngs_modulus, material.poisson_ratio
    shear = youngs / (2.0 * (1.0 + poisson))
    lame = youngs * poisson / ((1.0 + poisson) * (1.0 - 2.0 * poisson))
    density = 0.5 * lame * np.trace(strain, axis1=1, axis2=2) ** 2 + shear * (strain**2).sum(axis=(1, 2))
    return float(density @ (np.linalg.det(edges) / 6.0))


def traction(state):
    """On the stem [MPa], shape (p, 3)."""
    return state.shear - state.pressure[:, None] * state.normals


@LAWS
def test_work_of_the_loads_is_found_in_bodies_interface_and_ground(solved, friction):
    (bodies, materials, _, case), solution = solved[friction]
    moved = solution.displacements
    work = nodal_loads(bodies, listed(bodies), case.applied) @ np.vstack([moved["bone"], moved["stem"]]).ravel()
    inside = 2.0 * sum(strain_energy(body, materials[name], moved[name]) for name, body in bodies.items())
    state = solution.interfaces["stem/bone"]
    jump = state.slip - state.gap[:, None] * state.normals
    across = -float(state.area @ (traction(state) * jump).sum(axis=1))
    nodes, area = facet_weights(bodies["bone"].nodes, bodies["bone"].facets_of("z0"))
    ground = FIXED * float(area @ (moved["bone"][nodes] ** 2).sum(axis=1))
    assert across > 1e-4 * work
    assert inside + across + ground == pytest.approx(work, rel=1e-8)


@LAWS
def test_ground_answers_the_load_and_so_does_the_interface(solved, friction):
    (_, _, _, case), solution = solved[friction]
    load = case.applied[0]
    np.testing.assert_allclose(solution.reactions["bottom"], -load.force, atol=1e-6)
    moment = np.cross(load.point, load.force)
    np.testing.assert_allclose(solution.reaction_moments["bottom"], -moment, atol=1e-6 * np.linalg.norm(moment))
    state = solution.interfaces["stem/bone"]
    np.testing.assert_allclose(state.area @ traction(state), -load.force, atol=1e-6)


def test_contact_pushes_and_friction_stays_within_coulomb(solved):
    state = solved[FRICTION][1].interfaces["stem/bone"]
    shear = np.linalg.norm(state.shear, axis=1)
    assert (state.pressure >= 0.0).all()
    assert (shear <= FRICTION * state.pressure * (1.0 + 1e-12)).all()
    slipping = state.status == 2
    assert slipping.sum() > 10
    np.testing.assert_allclose(shear[slipping], FRICTION * state.pressure[slipping], rtol=1e-10)
    assert (state.gap[state.status == 0] >= 0.0).all()
    assert (state.status == 0).sum() > 10
    # friction opposes the sliding it acts on
    sliding = state.slip - state.elastic_slip
    assert ((state.shear * sliding).sum(axis=1)[slipping] < 0.0).all()


def test_twice_the_load_moves_twice_as_far(solved):
    (bodies, materials, interfaces, case), once = solved[FRICTION]
    doubled = replace(case, applied=tuple(replace(each, force=2.0 * each.force) for each in case.applied))
    twice = solve(bodies, materials, interfaces, doubled, TIGHT)
    for name, moved in once.displacements.items():
        scale = np.abs(moved).max()
        np.testing.assert_allclose(0.5 * twice.displacements[name], moved, rtol=0.0, atol=1e-6 * scale)


def mirrored(body):
    """The body behind a mirror at x = 0, elements turned right side out again."""
    return replace(
        body,
        nodes=body.nodes * [-1.0, 1.0, 1.0],
        cells=body.cells[:, [0, 2, 1, 3]],
        facets=body.facets[:, [0, 2, 1]],
    )


def test_mirrored_problem_has_the_mirrored_solution(solved):
    (bodies, materials, interfaces, case), plain = solved[FRICTION]
    mirror = np.array([-1.0, 1.0, 1.0])
    image = {name: mirrored(body) for name, body in bodies.items()}
    load = replace(
        case.applied[0],
        facets=image["stem"].facets_of("z1"),
        force=mirror * case.applied[0].force,
        point=mirror * case.applied[0].point,
    )
    ground = replace(case.supports[0], facets=image["bone"].facets_of("z0"))
    found = solve(image, materials, interfaces, replace(case, applied=(load,), supports=(ground,)), TIGHT)
    for name, moved in plain.displacements.items():
        scale = np.abs(moved).max()
        np.testing.assert_allclose(found.displacements[name] * mirror, moved, rtol=0.0, atol=1e-6 * scale)
