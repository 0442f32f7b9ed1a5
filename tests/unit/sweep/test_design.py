"""Points: how many, how spread, the same again, correlated as asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweeping import FRICTION, ROD, TEMPLATE, content, sweep

from femsacrum.case.load import load
from femsacrum.errors import InputError
from femsacrum.sweep.definition import Factor
from femsacrum.sweep.design import number, points
from femsacrum.sweep.factors import assignments, value_at

KINDS = [("latin_hypercube", 8, 8), ("sobol", 8, 8), ("saltelli", 8, 32), ("morris", 5, 15)]


@pytest.mark.parametrize(("kind", "asked", "made"), KINDS)
def test_a_design_has_as_many_points_as_it_says_and_the_same_again(tmp_path, kind, asked, made):
    read = sweep(design={"kind": kind, "points": asked})
    first = points(read, tmp_path)
    assert len(first) == made == number(read, tmp_path)
    assert points(read, tmp_path) == first
    assert points(sweep(design={"kind": kind, "points": asked}, seed=4), tmp_path) != first


def test_a_full_factorial_design_has_every_combination(tmp_path):
    read = sweep(factors=[FRICTION | {"levels": 3}, ROD], design={"kind": "factorial"})
    made = points(read, tmp_path)
    assert len({tuple(point.values()) for point in made}) == 9 == number(read, tmp_path)
    assert sorted({point["friction"] for point in made}) == pytest.approx([0.3, 0.4, 0.5])


def test_a_word_sets_what_it_stands_for(tmp_path):
    settings = {"heavy": ['patient.mass="90 kg"', 'mesh.bone="6 mm"'], "as it is": []}
    words = {"name": "patient", "settings": settings, "source": "a test"}
    read = sweep(factors=[words, ROD], design={"kind": "factorial"})
    made = points(read, tmp_path)
    assert [(point["patient"], point["rod"]) for point in made[2:4]] == [("heavy", 7.0), ("as it is", 5.5)]
    assert read.factors[0].keys == ("patient.mass", "mesh.bone")
    case, usual = (load(TEMPLATE, assignments(read.factors, point)) for point in (made[2], made[3]))
    assert (case.patient.mass, case.mesh.bone, case.surgery.fixation.rod_diameter) == (90.0, 6.0, 7.0)
    assert usual.patient.mass == load(TEMPLATE).patient.mass


def test_a_latin_hypercube_has_one_point_in_each_slice(tmp_path):
    made = points(sweep(design={"kind": "latin_hypercube", "points": 50}), tmp_path)
    slices = sorted(int((point["friction"] - 0.3) / 0.2 * 50) for point in made)
    assert slices == list(range(50))


def test_factors_go_together_as_asked_and_keep_their_own_distribution(tmp_path):
    factors = [
        FRICTION,
        {**FRICTION, "name": "stiff", "distribution": "lognormal", "mean": 2.0, "sd": 0.4, "low": None, "high": None},
    ]
    factors[1] = {key: value for key, value in factors[1].items() if value is not None}
    told = [{"between": ["friction", "stiff"], "rank": 0.6, "source": "a test"}]
    made = points(sweep(factors=factors, correlations=told, design={"kind": "sobol", "points": 2048}), tmp_path)
    friction, stiff = (np.array([point[name] for point in made]) for name in ("friction", "stiff"))
    assert stats.spearmanr(friction, stiff).statistic == pytest.approx(0.6, abs=0.02)
    assert stats.kstest((friction - 0.3) / 0.2, "uniform").statistic < 0.01
    assert np.median(stiff) == pytest.approx(2.0, rel=0.01)
    assert np.std(np.log(stiff)) == pytest.approx(0.4, rel=0.02)


def test_correlations_that_cannot_be_are_told(tmp_path):
    factors = [{**FRICTION, "name": name} for name in "abc"]
    ranks = (("a", "b", 0.95), ("b", "c", 0.95), ("a", "c", -0.95))
    told = [{"between": [one, other], "rank": rank, "source": "x"} for one, other, rank in ranks]
    with pytest.raises(InputError, match="correlations: no distribution has all of these"):
        points(sweep(factors=factors, correlations=told), tmp_path)


def test_more_points_than_the_budget_are_refused_before_they_are_made(tmp_path):
    asked = {"design": {"kind": "latin_hypercube", "points": 1000}, "budget": {"points": 10}}
    with pytest.raises(InputError, match=r"design: has 1000 points; budget\.points allows 10"):
        points(sweep(**asked), tmp_path)


SPREADS = [
    {"low": 2.0, "high": 6.0},
    {"low": 2.0, "high": 6.0, "distribution": "loguniform"},
    {"low": 2.0, "high": 6.0, "mode": 3.0, "distribution": "triangular"},
    {"low": 2.0, "high": 6.0, "mean": 3.0, "sd": 2.0, "distribution": "normal"},
    {"low": 2.0, "high": 6.0, "mean": 3.0, "sd": 0.8, "distribution": "lognormal"},
]


@pytest.mark.parametrize("spread", SPREADS, ids=lambda each: each.get("distribution", "uniform"))
@given(share=st.floats(0.0, 1.0), other=st.floats(0.0, 1.0))
def test_a_value_lies_in_its_range_and_rises_with_its_share(spread, share, other):
    factor = Factor(name="x", key="x", source="a test", **spread)
    below, above = (value_at(factor, each) for each in sorted((share, other)))
    assert 2.0 - 1e-9 <= below <= above <= 6.0 + 1e-9


def test_a_point_sets_its_keys_with_units():
    read = sweep()
    case = load(TEMPLATE, assignments(read.factors, {"friction": 0.31, "rod": 5.5}))
    assert case.interfaces[3].friction == 0.31
    assert case.surgery.fixation.rod_diameter == 5.5
    assert content()["factors"][1]["unit"] == "mm"
