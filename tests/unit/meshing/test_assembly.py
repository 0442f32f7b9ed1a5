"""All bodies: what is meshed how, the same in one process or two, errors that say which body."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import meshing_shapes as shapes
import numpy as np
import pytest

from femsacrum.case.schema import Mesh
from femsacrum.errors import NumericalError
from femsacrum.meshing import tetrahedra
from femsacrum.meshing.one_body import Job
from femsacrum.meshing.tetrahedra import jobs, mesh, run, soft_size
from femsacrum.surgery.construct import Construct, Solid
from femsacrum.workers import VARIABLE


@pytest.fixture(scope="module")
def construct():
    bone = shapes.ellipsoid(10.0, 8.0, 9.0)
    box = shapes.brep(lambda occ: occ.addBox(0, 0, 0, 8, 6, 5))
    return Construct(
        anatomy=None,
        surfaces={
            "symphysis": shapes.surface(shapes.ellipsoid(6.0, 2.0, 6.0)),
            "L5": shapes.cut(bone, np.array([0.0, 0.0, -1.0]), 4.0),
            "left_ilium": shapes.surface(bone),
        },
        solids={"prosthesis": Solid(box, "implant"), "left_fixation": Solid(box, "fixation", size=2.0)},
        screws=(),
        rods=(),
        contacts=(),
        measures={},
        planes={},
    )


@pytest.fixture
def case():
    return SimpleNamespace(
        mesh=Mesh.model_validate({"bone": "4 mm", "soft": "3 mm", "implant": "5 mm", "fixation": "3 mm"})
    )


def test_each_kind_of_body_gets_its_order_and_size(case, construct):
    work = {job.name: (job.role, job.order, job.size) for job in jobs(case, construct)}
    assert list(work) == ["left_ilium", "L5", "symphysis", "prosthesis", "left_fixation"]
    assert work["left_ilium"] == ("bone", 1, 4.0)
    assert work["prosthesis"] == ("implant", 2, 5.0)
    assert work["left_fixation"] == ("fixation", 2, 2.0)  # the solid's own size first
    role, order, size = work["symphysis"]
    assert (role, order) == ("cartilage", 2)
    assert 1.0 < size < 3.0  # 4 mm thick at most: finer than asked for
    assert soft_size(construct.surfaces["left_ilium"], 2.5) == 2.5  # thick enough for the case's size


def test_the_case_chooses_orders_by_body_and_role(case, construct):
    case.mesh = Mesh.model_validate({"order": {"bone": 2, "L5": 1, "implant": 1, "cartilage": 1}})
    orders = {job.name: job.order for job in jobs(case, construct)}
    assert orders == {"left_ilium": 2, "L5": 1, "symphysis": 1, "prosthesis": 1, "left_fixation": 2}


def test_an_assembly_and_its_quality_table_in_one_process_or_two(case, construct, monkeypatch):
    made = []
    for count in ("1", "2"):
        monkeypatch.setenv(VARIABLE, count)
        made.append(mesh(case, construct))
    first, second = made
    assert list(first.bodies) == list(second.bodies) == list(first.quality)
    for name, body in first.bodies.items():
        assert np.array_equal(body.nodes, second.bodies[name].nodes)
        assert np.array_equal(body.cells, second.bodies[name].cells)
        assert np.array_equal(body.facet_face, second.bodies[name].facet_face)
        assert first.quality[name]["cells"] == len(body.cells)
        assert abs(first.quality[name]["volume_error [%]"]) < 1.5
    assert len(first.bodies["L5"].facets_of("cut")) > 5
    assert first.construct is construct


def test_the_largest_bodies_are_started_first_and_told_in_their_own_order(monkeypatch):
    small, large = (shapes.surface(shapes.ellipsoid(size, size, size)) for size in (4.0, 9.0))
    fine = Job("disc_L4L5", "disc", small, 0.5, 2)
    work = [Job("L5", "bone", small, 2.0, 1), Job("L4", "bone", large, 2.0, 1), fine]
    work.append(Job("prosthesis", "implant", Solid(b"", "implant"), 5.0, 2))
    started = []

    def done_in_reverse(function, given, names):
        started.extend(names)
        return reversed([(number, function.__name__ + job.name) for number, (job,) in enumerate(given)])

    monkeypatch.setattr(tetrahedra, "side_by_side", done_in_reverse)
    assert run(work) == {job.name: f"mesh_body{job.name}" for job in work}
    assert started == [f'mesh: body "{name}"' for name in ("prosthesis", "disc_L4L5", "L4", "L5")]


def test_a_body_that_cannot_be_meshed_is_named():
    with pytest.raises(NumericalError, match='body "right_graft"'):
        run([Job("right_graft", "graft", Solid(b"this is no BREP", "graft"), 2.0, 2)])


def test_a_crash_is_told_with_the_body(capfd):
    with pytest.raises(NumericalError, match='body "L4": the process doing it ended without an answer'):
        run([Job("L4", "bone", replace(shapes.torus(4.0, 1.0), flat_faces=None), 2.0, 1)])
    assert "AttributeError" in capfd.readouterr().err  # the reason stays visible
