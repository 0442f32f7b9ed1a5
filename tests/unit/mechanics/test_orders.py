"""Bone of order 2 and a prosthesis of order 1 go through every room that touches elements."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "meshing"))
import meshing_shapes as shapes

from femsacrum.anatomy.model import Plane
from femsacrum.case.schema import InterfaceRule, Materials, Mesh, Solver
from femsacrum.findings.bone import bone
from femsacrum.findings.fields import body_fields
from femsacrum.findings.stress import implant, strain
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.materials.assign import assign
from femsacrum.mechanics.choose import interfaces
from femsacrum.mechanics.equilibrium import solve
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.surgery.construct import Construct, Contact, Solid

DOWN, UP = np.array([0.0, 0.0, -1.0]), np.array([0.0, 0.0, 1.0])


def construct():
    """Half an ellipsoid of bone that stands on a block of metal."""
    flat = shapes.cut(shapes.ellipsoid(12.0, 10.0, 14.0), DOWN, 0.0)
    block = shapes.brep(lambda occ: occ.addBox(-15, -12, -8, 30, 24, 8))
    faces = {"seat": Plane(np.zeros(3), UP), "foot": Plane(-8.0 * UP, DOWN)}
    return Construct(
        anatomy=SimpleNamespace(cortical_thickness=1.4, landmarks={}, directions={}),
        surfaces={"L5": flat},
        solids={"prosthesis": Solid(block, "implant", faces)},
        screws=(),
        rods=(),
        contacts=(Contact("L5/prosthesis", ("L5", "cut"), ("prosthesis", "seat")),),
        measures={},
        planes={},
    )


@pytest.fixture(scope="module")
def shape():
    return construct()


@pytest.mark.parametrize(("bone_order", "implant_order"), [(1, 2), (2, 1)])
def test_the_stage_of_every_room_takes_either_order(shape, bone_order, implant_order):
    given = {"bone": "6 mm", "implant": "9 mm", "order": {"bone": bone_order, "prosthesis": implant_order}}
    rule = InterfaceRule(between=("bone", "implant"), law="frictional", friction=0.4)
    case = SimpleNamespace(mesh=Mesh.model_validate(given), materials=Materials(), interfaces=(rule,))
    case.patient = SimpleNamespace(modifiers=())
    meshed = mesh(case, shape)
    upper, lower = meshed.bodies["L5"], meshed.bodies["prosthesis"]
    assert (upper.order, lower.order) == (bone_order, implant_order)
    materials = assign(case, meshed)
    assert materials["L5"].cortex is not None
    top = upper.facets_of("surface")[:, :3]
    top = top[upper.nodes[top][..., 2].mean(axis=1) > 9.0]
    load = Applied("weight", "L5", top, 500.0 * DOWN, np.zeros(3), 13.0 * UP, "")
    foot = Support("foot", "prosthesis", lower.facets_of("foot")[:, :3], "fixed", np.eye(3), 1e4)
    joined = interfaces(case, meshed, materials)
    solution = solve(meshed.bodies, materials, joined, LoadCase("standing", (load,), (foot,), {}, 0.0), Solver())
    assert solution.reactions["foot"] == pytest.approx(500.0 * UP, abs=1e-3)
    state = solution.interfaces["L5/prosthesis"]
    assert state.area @ state.pressure == pytest.approx(500.0, rel=1e-3)
    for name, body in meshed.bodies.items():
        assert np.abs(solution.displacements[name]).max() < 0.5
        strained = strain(body, solution.displacements[name])
        if name == "L5":
            found = bone(body, strained, materials[name].cortex, solution.displacements[name])
            assert 0.0 < -found["compressive_strain_min"]["value"] < 0.2
        else:
            assert 0.5 < implant(body, materials[name], strained, shape)["von_mises_max"]["value"] < 100.0
    nodal, cells = body_fields(meshed, materials, solution)
    assert nodal["von_mises_nodal [MPa]"]["L5"].shape == (len(upper.nodes),)
    assert cells["stress [MPa]"]["prosthesis"].shape == (len(lower.cells), 6)
