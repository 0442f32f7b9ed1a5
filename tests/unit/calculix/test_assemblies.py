"""Whole assemblies beside CalculiX: what compares them sees differences, and the grid they share nodes on is one mesh."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.validation import experiment
from benchmarks.validation.calculix_assemblies import STATES
from benchmarks.validation.calculix_assemblies.compare import differences
from benchmarks.validation.calculix_assemblies.conforming import conforming
from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve
from femsacrum.surgery.construct import Construct

needs_ccx = pytest.mark.skipif(
    shutil.which("ccx") is None, reason="CalculiX is not installed: no ccx on the PATH (make peer-setup)"
)


@pytest.fixture(scope="module")
def grid():
    """A vertebra on two ilia, 10 mm cubes on end."""
    bodies = {
        "left_ilium": meshes.box("left_ilium", (0, 0, 0), (20, 20, 40), (2, 2, 4)),
        "right_ilium": meshes.box("right_ilium", (-20, 0, 0), (0, 20, 40), (2, 2, 4)),
        "L4": meshes.box("L4", (-20, 0, 40), (20, 20, 60), (4, 2, 2)),
    }
    materials = {name: meshes.material(body, 100.0, 0.2) for name, body in bodies.items()}
    marks = {"left_hip_centre": np.array([10.0, 10, 0]), "right_hip_centre": np.array([-10.0, 10, 0])}
    construct = Construct(SimpleNamespace(landmarks=marks), {}, {}, (), (), (), {}, {})
    model = SimpleNamespace(assembly=SimpleNamespace(bodies=bodies, construct=construct), materials=materials)
    return conforming(model, 5.0)


def test_bodies_on_a_grid_keep_their_volume_and_meet_node_by_node(grid):
    bodies, _, joined, _ = grid
    assert {name: body.volume() for name, body in bodies.items()} == pytest.approx(
        {"left_ilium": 16000.0, "right_ilium": 16000.0, "L4": 16000.0}
    )
    assert len(joined) == 3
    for each in joined:
        sides = [bodies[name].nodes[np.unique(bodies[name].facets_of(face))] for name, face in
                 (each.contact.slave, each.contact.master)]  # fmt: skip
        assert np.array_equal(*(np.unique(side, axis=0) for side in sides))


@needs_ccx
def test_shared_nodes_stand_for_the_bond(grid, tmp_path):
    found = differences(tmp_path, *grid, solve(*grid, Solver(tolerance=1e-10)), shared_nodes=True)
    assert 1e-5 < found["displacement"] < 0.02
    assert found["stress"] < 0.02


@needs_ccx
def test_another_stiffness_is_seen(grid, tmp_path):
    bodies, materials, joined, load_case = grid
    own = solve(bodies, materials, joined, load_case, Solver(tolerance=1e-10))
    softer = {name: meshes.material(body, 80.0, 0.2) for name, body in bodies.items()}
    found = differences(tmp_path, bodies, softer, joined, load_case, own)
    assert found["displacement"] == pytest.approx(0.2, abs=0.03)
    assert found["stress"] == pytest.approx(0.25, abs=0.25)


def test_every_state_is_compared():
    said = {row.key for row in experiment.load("calculix_assemblies").compared}
    assert said == {f"{state}_{how}_{what}" for state in STATES for how in ("exported", "shared", "shared_stiffer")
                    for what in ("displacement", "stress")}  # fmt: skip
