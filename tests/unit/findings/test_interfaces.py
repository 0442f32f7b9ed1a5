"""Micromotion, shares, resultants and the screening rule on states written by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from femsacrum.findings.fields import interface_fields
from femsacrum.findings.incorporation import GRADES, face, grade, rule, worst
from femsacrum.findings.micromotion import interface, micromotion
from femsacrum.mechanics.interfaces import Frictional, Interface, InterfaceState
from femsacrum.surgery.construct import Contact

LAW = Interface(
    Contact("left_graft/left_ilium", ("left_graft", "host"), ("left_ilium", "cut")), Frictional(0.46, 1e3, 1e3)
)


def state(slip, gap, initial=0.0, area=None, **more):
    """A flat face with normal -z that slips along x."""
    n = len(slip)
    along, zero = np.column_stack([slip, np.zeros(n), np.zeros(n)]), np.zeros((n, 3))
    given_values = {
        "points": np.arange(3.0 * n).reshape(n, 3),
        "normals": np.tile([0.0, 0.0, -1.0], (n, 1)),
        "area": np.ones(n) if area is None else np.asarray(area, float),
        "slave_nodes": np.arange(n),
        "initial_gap": np.full(n, initial),
        "gap": np.asarray(gap, float),
        "slip": along,
        "elastic_slip": 0.1 * along,
        "pressure": np.zeros(n),
        "shear": zero,
        "status": np.zeros(n, dtype=np.int64),
    }
    return InterfaceState(**(given_values | more))


def test_micromotion_is_the_relative_motion_since_the_start():
    found = micromotion(state([0.03, 0.0], [0.24, 0.18], initial=0.2))
    np.testing.assert_allclose(found, [0.05, 0.02])


def test_bands_are_by_area_and_named_by_their_limits():
    found = interface(LAW, state([0.01, 0.05, 0.2], [0.0, 0.0, 0.0], area=[5.0, 3.0, 2.0]))
    assert [band["area"]["value"] for band in found["bands"]] == pytest.approx([50.0, 30.0, 20.0])
    assert [band["from"]["value"] for band in found["bands"]] == [0.0, 40.0, 150.0]
    assert found["bands"][2]["to"]["value"] is None
    assert found["micromotion"]["max"] == {"value": pytest.approx(200.0), "unit": "um"}
    assert found["micromotion"]["mean"]["value"] == pytest.approx(60.0)
    assert found["elastic_slip_max"]["value"] == pytest.approx(20.0)


def test_gap_penetration_and_open_area():
    open_one = {"status": np.array([0, 1, 2])}
    found = interface(LAW, state([0.0] * 3, [0.3, -0.002, 0.0], area=[1.0, 2.0, 1.0], **open_one))
    assert found["gap"]["max"]["value"] == pytest.approx(300.0)
    assert found["penetration_max"]["value"] == pytest.approx(2.0)
    assert found["open_area"]["value"] == 1.0
    assert found["open_share"]["value"] == pytest.approx(25.0)
    assert found["sliding_share"]["value"] == pytest.approx(25.0)


def test_resultant_pushes_the_slave_back_along_its_normal():
    shear = np.tile([2.0, 0.0, 0.0], (2, 1))
    found = interface(
        LAW, state([0.0, 0.0], [0.0, 0.0], area=[10.0, 20.0], pressure=np.array([1.0, 3.0]), shear=shear)
    )
    assert found["force_on_slave"] == {"value": pytest.approx([60.0, 0.0, 70.0]), "unit": "N"}
    assert found["pressure_mean"]["value"] == pytest.approx(70.0 / 30.0)


@pytest.mark.parametrize(
    ("motion", "gap", "risk"),
    [
        ([0.010] * 10, [0.0] * 10, "low"),
        ([0.010] * 8 + [0.1] * 2, [0.0] * 10, "low"),
        ([0.010] * 9 + [0.2], [0.0] * 10, "uncertain"),  # a tenth adverse
        ([0.100] * 10, [0.0] * 10, "uncertain"),
        ([0.010] * 5 + [0.2] * 5, [0.0] * 10, "high"),
        ([0.010] * 10, [0.6] * 10, "uncertain"),
        ([0.010] * 10, [1.2] * 10, "high"),
    ],
)
def test_rule(motion, gap, risk):
    found = grade(np.array(motion), np.array(gap), np.ones(len(motion)))
    assert found["risk"] == risk
    assert sum(found[k]["value"] for k in ("favourable", "uncertain", "adverse")) == pytest.approx(100.0)


def test_what_nothing_lies_opposite_to_is_adverse():
    still = np.zeros(10)
    assert grade(still, still, np.ones(10), uncovered=0.04)["risk"] == "low"
    found = grade(still, still, np.ones(10), uncovered=0.3)
    assert found["risk"] == "uncertain"
    assert found["adverse"]["value"] == pytest.approx(30.0)
    assert found["favourable"]["value"] == pytest.approx(70.0)


@given(st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 2)), min_size=3, max_size=20), st.floats(1.0, 3.0))
def test_more_motion_never_lowers_the_risk(points, factor):
    motion, gap = np.array(points).T
    area = np.ones(len(points))
    before, after = grade(motion, gap, area)["risk"], grade(factor * motion, gap, area)["risk"]
    assert worst([before, after]) == after


def test_only_a_contact_face_has_an_uncovered_share():
    partly = state([0.0], [0.0], uncovered=0.25)
    assert interface(LAW, partly)["uncovered_share"]["value"] == pytest.approx(25.0)
    disc = Contact("disc_L4L5/L5", ("disc_L4L5", "surface"), ("L5", "surface"), "anatomical")
    assert interface(Interface(disc, LAW.law), partly)["uncovered_share"]["value"] is None


def test_rule_is_printed_with_sources():
    printed = rule()
    assert "40 um" in printed["text"]
    assert "not a prediction" in printed["standing"]
    assert all(entry["source"] and entry["unit"] for entry in printed["thresholds"].values())
    assert worst(["low", "high", "uncertain"]) == GRADES[-1]


def test_no_figure_is_given_of_a_motion_that_is_not_determined():
    at_rest = state([0.0, 0.0], [0.0, 0.0])
    found = interface(LAW, at_rest, loose=True)
    assert found["loose"]
    assert all(found[key][part]["value"] is None for key in ("micromotion", "slip", "gap") for part in found[key])
    assert all(band["area"]["value"] is None for band in found["bands"])
    assert face(at_rest)["risk"] == "low"
    assert face(at_rest, loose=True)["risk"] == "high"


def test_fields_of_a_loose_body_show_no_motion():
    found = interface_fields(state([0.02], [0.1], initial=0.1), loose=True)
    unknown = [name for name, values in found.items() if np.isnan(values).all()]
    assert {"gap [um]", "slip_magnitude [um]", "micromotion [um]"} <= set(unknown)
    assert found["initial_gap [um]"] == pytest.approx([100.0])
