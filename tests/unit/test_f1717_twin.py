"""The twin of ASTM F1717 bends as beams do, and its file says what its closed forms say."""

import pytest

from benchmarks.validation import experiment
from benchmarks.validation.astm_f1717 import beam, twin


@pytest.fixture(scope="module")
def coarse():
    made = twin.twin(twin.Design(), block=14.0, fixation=4.0)
    return made, twin.solved(made, tolerance=1e-6)


def test_stiffness_is_that_of_beams_on_piles(coarse):
    assert twin.stiffness(*coarse) == pytest.approx(beam.stiffness(twin.Design(), blocks=True), rel=0.05)


def test_rods_carry_the_moment_of_the_lever(coarse):
    fibre, peak = twin.rod_stress(*coarse)
    assert fibre == pytest.approx(beam.stress(twin.Design(), twin.FORCE), rel=0.02)
    assert peak > 0.9 * fibre


def test_what_stands_in_the_file_is_what_the_closed_forms_give():
    said = {row.key: row.mean for row in experiment.load("astm_f1717").compared}
    design, thick = twin.Design(), twin.Design(rod=6.0)
    closed = {
        "stiffness_rigid_blocks": beam.stiffness(design),
        "stiffness": beam.stiffness(design, blocks=True),
        "stiffness_6mm": beam.stiffness(thick, blocks=True),
        "fibre_stress": beam.stress(design, twin.FORCE),
        "first_yield": beam.first_yield(design),
    }
    assert {key: said[key] for key in closed} == pytest.approx(closed, rel=2e-4)


def test_a_rod_carries_on_after_its_first_fibre_yields():
    """Between first yield and the plastic hinge of a circle, 16 / (3 pi) of it."""
    design = twin.Design()
    bending = 2.0 * design.metal[2] * 3.141592653589793 * design.rod**3 / 32.0 / beam.lever(design)
    assert 1.0 < beam.offset_yield(design) / bending < 16.0 / (3.0 * 3.141592653589793)
