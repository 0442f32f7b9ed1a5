"""The bench test of the junction: what it applies and holds, and what a solved pelvis of boxes says under it."""

import numpy as np
import pytest
from boxed_pelvis import TOP, bonds, boxed, materials

from femsacrum.case.schema import Solver
from femsacrum.findings.junction import junction, stiffnesses
from femsacrum.loads.junction import DIRECTIONS, junction_loads
from femsacrum.mechanics.equilibrium import solve


@pytest.fixture(scope="module")
def pelvis():
    return boxed()


def solved(pelvis, softer=1.0):
    made = {
        name: one.__class__(**{**one.__dict__, "youngs_modulus": one.youngs_modulus / softer})
        for name, one in materials(pelvis).items()
    }
    return [solve(pelvis.bodies, made, bonds(), load_case, Solver()) for load_case in junction_loads(pelvis)]


def test_a_force_and_three_moments_on_a_potted_endplate(pelvis):
    cases = junction_loads(pelvis)
    assert [each.name for each in cases] == list(DIRECTIONS)
    assert cases[0].applied[0].force == pytest.approx([0.0, 0.0, -800.0])
    assert [list(each.applied[0].moment) for each in cases[1:]] == [[7000.0, 0, 0], [0, 7000.0, 0], [0, 0, 7000.0]]
    for each in cases:
        (load,) = each.applied
        assert (load.body, list(load.point)) == ("L4", list(TOP))
        kinds = {support.name: support.kind for support in each.supports}
        assert kinds["left hip"] == kinds["right hip"] == "fixed"
        assert kinds["pilot of L4 under the machine"] == "rigid"
        assert ("machine" in kinds) == (each.name == "junction compression")


def test_a_pelvis_of_half_the_modulus_is_half_as_stiff(pelvis):
    stiff, soft = solved(pelvis), solved(pelvis, softer=2.0)
    found = junction(pelvis, soft, pelvis, stiff)
    for word, places in found["loads"].items():
        # bonds and the foundation of the acetabula keep their stiffness: a little more than half is left
        assert 50.0 < places["at L4"]["of_intact"]["value"] < 55.0, word
    read = stiffnesses(pelvis, stiff)
    # the turn of the potted endplate, from how far its nodes go forwards the more they are to the left
    top = np.unique(junction_loads(pelvis)[3].applied[0].facets)
    moved = stiff[3].displacements["L4"][top]
    arm = pelvis.bodies["L4"].nodes[top] - TOP
    turn = np.degrees(np.einsum("n,n->", arm[:, 0], moved[:, 1]) / (arm[:, 0] ** 2).sum())
    assert read["torsion"]["at L4"][0] == pytest.approx(7.0 / turn, rel=0.02)
