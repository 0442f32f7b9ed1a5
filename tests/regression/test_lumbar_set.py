"""What lies between L4, L5 and the sacrum beside the discs: facets stop torsion, ligaments behind hold flexion."""

from dataclasses import replace

import numpy as np
import pytest
from coarse_studies import STUDIES, coarse

from femsacrum.anatomy.reference import reference
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.loads.patches import upper_endplate
from femsacrum.loads.pilots import kinematic
from femsacrum.materials.assign import assign
from femsacrum.mechanics.choose import interfaces
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.ligaments import ligaments
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.surgery.operate import operate

SPINE = ("L4", "L5", "sacrum", "disc_L4L5", "disc_L5S1")
FACETS = {f"{side}_facet_{level}" for side in ("left", "right") for level in ("L4L5", "L5S1")}
#: Of the bench [N mm].
MOMENT = 7e3


@pytest.fixture(scope="module")
def spine():
    """Case, assembly, materials, interfaces of the two lumbar levels of the intact reference; and springs of the set."""
    case = coarse("intact_reference")
    # discs that leave most of a turn to the facets
    soft = case.materials.model_copy(update={"disc": "one_solid"})
    case = case.model_copy(update={"ligament_set": "lumbar", "materials": soft})
    whole = operate(case, reference(case.anatomy, spacing=1.5), STUDIES, ())
    contacts = tuple(each for each in whole.contacts if {each.slave[0], each.master[0]} <= set(SPINE))
    surfaces = {name: whole.surfaces[name] for name in SPINE}
    assembly = mesh(case, replace(whole, surfaces=surfaces, contacts=contacts))
    materials = assign(case, assembly)
    springs, lost = ligaments(case, assembly)
    assert lost == ()
    return (case, assembly, materials, interfaces(case, assembly, materials)), springs


def turned(model, axis, springs):
    """How far L5 turns against the sacrum, held below, about the axis of 7 N m on L4 [deg]; tensions [N]."""
    case, assembly, materials, joined = model
    sacrum, patch = assembly.bodies["sacrum"], upper_endplate(assembly)
    facets = sacrum.facets[:, :3]
    low = sacrum.nodes[facets].mean(axis=1)[:, 2] < assembly.construct.anatomy.landmarks["S1_endplate"][2] - 45.0
    held = Support("sacrum", "sacrum", facets[low], "fixed", np.eye(3), 1e3)
    moment = MOMENT * np.asarray(axis, float)
    load = Applied("machine", "L4", patch.facets, np.zeros(3), moment, patch.centroid, "test")
    bench = LoadCase("bench", (load,), (held, *kinematic((load,), (held,))), {}, 0.0)
    found = solve(assembly.bodies, materials, joined, bench, case.solver, (), springs)
    assert found.converged
    turns = []
    for body in ("L5", "sacrum"):
        arm = assembly.bodies[body].nodes - assembly.bodies[body].nodes.mean(axis=0)
        inertia = (arm**2).sum() * np.eye(3) - arm.T @ arm
        turns.append(np.linalg.solve(inertia, np.cross(arm, found.displacements[body]).sum(axis=0)))
    return np.degrees(axis @ (turns[0] - turns[1])), {one: state.tension for one, state in found.springs.items()}


def test_all_of_the_set_holds_on_the_reference(spine):
    springs = {spring.name: spring for spring in spine[1]}
    assert len(springs) == 19
    assert {name for name, spring in springs.items() if spring.compression_only} == FACETS


def test_the_right_facets_stop_a_turn_to_the_left(spine):
    model, springs = spine
    free, _ = turned(model, np.array([0.0, 0.0, 1.0]), ())
    held, forces = turned(model, np.array([0.0, 0.0, 1.0]), springs)
    assert held < 0.5 * free
    assert {name for name in FACETS if forces[name] < -50.0} == {"right_facet_L4L5", "right_facet_L5S1"}
    assert all(forces[name] == pytest.approx(0.0, abs=1e-9) for name in FACETS if name.startswith("left"))


def test_what_lies_behind_holds_flexion_and_facets_do_not(spine):
    _, forces = turned(spine[0], np.array([1.0, 0.0, 0.0]), spine[1])
    assert max(abs(forces[name]) for name in FACETS) < 1.0
    assert forces["anterior_longitudinal_L5S1"] == pytest.approx(0.0, abs=1e-9)
    behind = ("posterior_longitudinal", "ligamentum_flavum", "interspinous")
    assert all(forces[f"{name}_{level}"] > 1.0 for name in behind for level in ("L4L5", "L5S1"))
