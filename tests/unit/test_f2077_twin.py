"""A ring between platens: Hooke's and Coulomb's closed forms."""

import pytest

from benchmarks.validation import experiment
from benchmarks.validation.astm_f2077 import twin
from femsacrum.mechanics.interfaces import Frictional


def test_a_ring_without_friction_is_a_bar():
    stiffness, pressure = twin.compression(Frictional(0.0), 5.0)
    assert stiffness == pytest.approx(twin.COMPRESSION, rel=2e-3)
    assert pressure == pytest.approx(twin.FORCE / twin.AREA, rel=0.02)


def test_a_ring_that_is_turned_is_a_tube():
    assert twin.torsion(5.0) == pytest.approx(twin.TORSION, rel=0.02)


def test_what_stands_in_the_file_is_what_the_closed_forms_give():
    said = {row.key: row.mean for row in experiment.load("astm_f2077").compared}
    closed = {
        "compression": twin.COMPRESSION,
        "pressure": twin.FORCE / twin.AREA,
        "torsion": twin.per_degree(twin.TORSION),
    }
    assert {key: said[key] for key in closed} == pytest.approx(closed, rel=2e-4)
