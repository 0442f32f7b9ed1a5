"""Union of a point, stiffness of a face, weakening of a graft."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from femsacrum.case.ct import Modifier
from femsacrum.case.healing import HealingCourse
from femsacrum.case.implants import Graft
from femsacrum.course.healing import union
from femsacrum.course.healing.graft import graft_factor
from femsacrum.course.healing.plan import kind_of, options
from femsacrum.course.healing.rates import CONFIDENCE, number, ranged
from femsacrum.course.healing.rules import BONE, FIBROUS, SLOW, UNCERTAIN, UNLOADED
from femsacrum.course.healing.union import Pace
from femsacrum.sources.tables import table


def pace(time):
    return Pace(union.rate(time), slow=0.5, half_life=3.0)


def leaves(entry, path=""):
    for key, inner in entry.items():
        if "value" in inner:
            yield f"{path}{key}", inner
        else:
            yield from leaves(inner, f"{path}{key}.")


def test_every_number_is_sourced_and_lies_in_its_range():
    found = dict(leaves(table("healing")))
    assert len(found) > 30
    for key, entry in found.items():
        one = ranged(key)
        assert one.least <= one.value <= one.largest, key
        assert one.confidence in CONFIDENCE, key
        assert len(one.source) > 10, key
        assert set(entry) in (
            {"value", "unit", "source", "confidence"},
            {"value", "unit", "source", "confidence", "least", "largest"},
        ), key


def test_a_number_from_memory_or_chosen_has_a_range_where_it_sets_the_pace():
    for kind in table("healing")["union_time"]:
        one = ranged(f"union_time.{kind}")
        assert one.least < one.value < one.largest


def test_bone_unites_nine_tenths_in_the_published_time():
    one = union.grow(np.zeros(1), np.array([BONE]), np.zeros(1), pace(7.0), 7.0)
    np.testing.assert_allclose(one, 0.9)


def test_what_each_tissue_does():
    start = np.full(5, 0.4)
    tissue = np.array([BONE, SLOW, UNCERTAIN, FIBROUS, UNLOADED])
    then = union.grow(start, tissue, np.zeros(5), pace(6.0), 3.0)
    assert then[0] == pytest.approx(1 - 0.6 * np.sqrt(0.1))
    assert then[1] == pytest.approx(1 - 0.6 * 0.1**0.25)
    assert then[2] == then[4] == pytest.approx(0.4)
    assert then[3] == pytest.approx(0.2)


def test_gaps_slow_and_stop():
    then = union.grow(np.zeros(4), np.full(4, BONE), np.array([0.5, 0.75, 1.0, 3.0]), pace(6.0), 6.0)
    np.testing.assert_allclose(then, [0.9, 1 - np.sqrt(0.1), 0.0, 0.0], atol=1e-15)


@settings(max_examples=60, deadline=None)
@given(
    start=st.floats(0, 1),
    tissue=st.integers(0, 4),
    gap=st.floats(0, 2),
    rate=st.floats(0.01, 2),
    months=st.floats(0, 12),
)
def test_union_stays_a_share_and_two_steps_are_one(start, tissue, gap, rate, months):
    args = np.array([tissue]), np.array([gap]), Pace(rate, 0.5, 3.0)
    whole = union.grow(np.array([start]), *args, months)
    halves = union.grow(union.grow(np.array([start]), *args, months / 2), *args, months / 2)
    assert 0.0 <= whole[0] <= 1.0
    np.testing.assert_allclose(whole, halves, atol=1e-12)


def test_stiffness_goes_through_granulation_cartilage_and_bone():
    np.testing.assert_allclose(union.modulus(np.array([0, 1 / 3, 2 / 3, 1])), [0.2, 10, 1000, 6000])
    np.testing.assert_allclose(union.bonded(np.array([0.0, 1.0])), [0.0, 1.0])
    # a face half as thick is twice as stiff; the bonded share times the full bond is the tissue's modulus over the layer
    share = union.bonded(np.array([0.5]))[0]
    assert share * union.full_bond(0.5) == pytest.approx((100.0 - 0.2) * 6000 / 5999.8 / 0.5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_an_even_face_is_as_stiff_as_the_one_it_stands_for(values):
    values, area = np.array(values), np.arange(1.0, len(values) + 1.0)
    even = union.uniform(values, area)
    assert float(union.modulus(even)) == pytest.approx(
        float(np.average(union.modulus(values), weights=area)), rel=1e-9
    )
    assert values.min() - 1e-9 <= even <= values.max() + 1e-9


def test_dead_cortical_bone_weakens_and_recovers_and_a_living_fibula_does_not():
    left = number("revascularised_share")
    weakest = [graft_factor("femoral_allograft", month, left).stiffness for month in (0, 3, 6, 12, 18, 24, 36)]
    np.testing.assert_allclose(weakest, [1.0, 0.775, 0.55, 0.55, 0.775, 1.0, 1.0])
    assert graft_factor("vascularised_fibula", 9, left).stiffness == 1.0
    irradiated = graft_factor("fibular_strut", 9, left, 0.8)
    assert (irradiated.stiffness, irradiated.strength) == (pytest.approx(0.55), pytest.approx(0.44))


def test_the_case_sets_the_pace():
    plain = options(HealingCourse(), (), {"left_graft": "graft"})
    assert (plain.rule, plain.months, plain.speed.value) == ("micromotion", 36, 1.0)
    slowed = options(HealingCourse(chemotherapy=True, speed=["50 %", "100 %"]), (), {"left_graft": "graft"})
    drug = ranged("chemotherapy")
    assert (slowed.speed.least, slowed.speed.value, slowed.speed.largest) == pytest.approx(
        (0.5 * drug.least, 0.75 * drug.value, drug.largest)
    )
    radiation = Modifier(name="radiation", healing="60 %", bodies=("left_graft",), source="test")
    assert options(HealingCourse(), [radiation], {"left_graft": "graft"}).speed.value == pytest.approx(0.6)
    assert options(HealingCourse(), [radiation], {"right_graft": "graft"}).speed.value == 1.0


def test_kinds():
    assert kind_of(None) == "porous"
    assert kind_of(Graft(kind="fibular_strut", vascularised=True)) == "vascularised_fibula"
    assert kind_of(Graft(kind="morsellised")) == "morsellised"
    for kind in ("iliac_block", "morsellised", "fibular_strut", "femoral_allograft"):
        assert ranged(f"union_time.{kind_of(Graft(kind=kind))}").unit == "month"
