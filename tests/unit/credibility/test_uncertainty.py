"""What evidence does to a verdict that lies close to its limit."""

import math

import pytest

from femsacrum.credibility.uncertainty import Band, numerical, of_inputs, reach

KEY = "implants.prosthesis.von_mises_p999"


def convergence(values=(100.0, 95.0, 90.0), gci=10.0, singular=False, own=0):
    places = ["." if number == own else name for number, name in enumerate(("fine", "middle", "coarse"))]
    row = {"load_case": "standing", "key": KEY, "values": list(values), "gci": gci, "singular": singular}
    return {"meshes": [{"folder": place} for place in places], "quantities": [row]}


def test_the_band_is_the_index_to_either_side():
    assert numerical(convergence(), "standing", KEY, 100.0) == (Band(90.0, 110.0), "")


def test_a_run_that_is_not_the_fine_mesh_has_its_distance_from_it_on_top():
    assert numerical(convergence(own=1), "standing", KEY, 95.0)[0] == Band(80.0, 110.0)


def test_a_safety_factor_goes_with_one_over_its_stress():
    band, _ = numerical(convergence(), "standing", KEY, 8.0, inverse_of=100.0)
    assert (band.low, band.high) == (pytest.approx(800.0 / 110.0), pytest.approx(800.0 / 90.0))
    wide, _ = numerical(convergence(gci=100.0), "standing", KEY, 8.0, inverse_of=100.0)
    assert wide.high == math.inf


@pytest.mark.parametrize(
    ("evidence", "load_case", "value", "why"),
    [
        (None, "standing", 100.0, "not provided"),
        (convergence(), "lying", 100.0, "not assessed"),
        (convergence(singular=True), "standing", 100.0, "singular"),
        (convergence(), "standing", 101.0, "of another result"),
    ],
)
def test_without_evidence_there_is_no_band(evidence, load_case, value, why):
    assert numerical(evidence, load_case, KEY, value) == (None, why)


def test_inputs_give_their_least_and_largest_value():
    rows = [
        {"quantity": f"standing: {KEY}", "low_value": 90.0, "high_value": 130.0},
        {"quantity": f"standing: {KEY}", "low_value": None, "high_value": 80.0},
        {"quantity": "standing: other", "low_value": 0.0, "high_value": 1e3},
    ]
    assert of_inputs({"rows": rows}, "standing", KEY, 100.0) == (Band(80.0, 130.0), "")
    band, _ = of_inputs({"rows": rows}, "standing", KEY, 8.0, inverse_of=100.0)
    assert (band.low, band.high) == (pytest.approx(800.0 / 130.0), pytest.approx(10.0))
    assert of_inputs(None, "standing", KEY, 1.0) == (None, "not provided")


def test_a_limit_inside_a_band_takes_the_verdict_back():
    near, far = Band(90.0, 110.0), Band(10.0, 20.0)
    assert reach(105.0, True, [near, None]) == "but not beyond its uncertainty"
    assert reach(95.0, False, [far, near]) == "but within its uncertainty"
    assert reach(105.0, True, [far, far]) == "beyond its uncertainty"
    assert reach(105.0, True, [far, None]) == "beyond its uncertainty as far as that is known"
    assert reach(105.0, True, [None, None]) == "its uncertainty is not known"
