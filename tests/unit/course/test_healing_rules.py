"""Mechanoregulation rules against the published thresholds, worked by hand, and the properties they must have."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from femsacrum.course.healing import stimulus
from femsacrum.course.healing.rules import BONE, FIBROUS, RULES, SLOW, UNCERTAIN, UNLOADED, Host, borne, chance
from femsacrum.course.healing.stimulus import Stimulus
from femsacrum.mechanics.repeated import Motion

HOST = Host(layer=1.0, frequency=1.0, flow_share=0.25)


def felt(motion, normal=0.0, pressure=0.0, gap=0.0):
    motion, normal, pressure, gap = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, float)) for x in (motion, normal, pressure, gap))
    )
    return Stimulus(motion, pressure, gap, normal)


def apply(rule, one, host=HOST):
    return list(RULES[rule](one, one.gap + host.layer, host))


def test_micromotion_bands():
    assert apply("micromotion", felt([0.039, 0.041, 0.149, 0.151])) == [BONE, UNCERTAIN, UNCERTAIN, FIBROUS]


def test_a_patient_with_a_limit_of_his_own_has_no_band():
    assert apply("micromotion", felt([0.09, 0.11]), Host(1.0, motion_limit=0.1)) == [BONE, FIBROUS]


def test_perren_divides_by_gap_and_layer():
    # 1 mm of layer and 1 mm of gap: 2 % is 40 um, 10 % is 200 um
    assert apply("perren", felt([0.039, 0.041, 0.199, 0.201], gap=1.0)) == [BONE, UNCERTAIN, UNCERTAIN, FIBROUS]


def test_claes_heigele_by_strain_and_pressure():
    # stretched along the normal the largest strain is motion over 1 mm; sheared it is half of that
    strains = felt([0.049, 0.051, 0.14, 0.16], normal=[0.049, 0.051, 0.14, 0.16])
    assert apply("claes_heigele", strains) == [BONE, FIBROUS, FIBROUS, FIBROUS]
    pressed = Stimulus(strains.motion, np.full(4, 0.2), strains.gap, strains.normal)
    assert apply("claes_heigele", pressed) == [SLOW, SLOW, SLOW, FIBROUS]
    assert apply("claes_heigele", felt([0.099, 0.101])) == [BONE, FIBROUS]
    assert apply("claes_heigele", felt(0.01, pressure=-0.2)) == [FIBROUS]


def test_prendergast_by_shear_and_flow():
    # pure sliding: octahedral shear 0.8165 m/h, no flow; S = 0.01, 0.53, 1, 3 at these motions [mm]
    edges = np.array([0.01, 0.53, 1.0, 3.0]) * 0.0375 / np.sqrt(2.0 / 3.0)
    below, above = [UNLOADED, BONE, SLOW, UNCERTAIN], [BONE, SLOW, UNCERTAIN, FIBROUS]
    assert apply("prendergast", felt(0.999 * edges)) == below
    assert apply("prendergast", felt(1.001 * edges)) == above
    # along the normal 10 um at 1 Hz and a quarter of 20 um/s: S = 5/3 + 0.9428 * 0.01 / 0.0375 = 1.92
    assert apply("prendergast", felt(0.01, normal=0.01)) == [UNCERTAIN]
    assert apply("prendergast", felt(0.016, normal=0.016)) == [FIBROUS]


@settings(max_examples=60, deadline=None)
@given(e=st.floats(0, 0.5), g=st.floats(0, 0.5))
def test_strain_measures_are_those_of_the_strain_tensor(e, g):
    one = felt(np.hypot(e, g), normal=e)
    tensor = np.array([[0, 0, g / 2], [0, 0, 0], [g / 2, 0, e]])
    values = np.linalg.eigvalsh(tensor)
    layer = np.ones(1)
    assert stimulus.largest_strain(one, layer)[0] == pytest.approx(np.abs(values).max(), abs=1e-7)
    differences = np.array([values[0] - values[1], values[1] - values[2], values[2] - values[0]])
    octahedral = 2.0 / 3.0 * np.sqrt((differences**2).sum())
    assert stimulus.octahedral_shear(one, layer)[0] == pytest.approx(octahedral, abs=1e-7)


#: From best to worst for union; too little stimulus is left out, since more motion may help there.
ORDER = {BONE: 0, SLOW: 1, UNCERTAIN: 2, FIBROUS: 3, UNLOADED: 0}


@settings(max_examples=100, deadline=None)
@given(
    rule=st.sampled_from(list(RULES)),
    motion=st.floats(0, 1),
    more=st.floats(1, 10),
    normal=st.floats(0, 1),
    pressure=st.floats(0, 2),
    gap=st.floats(0, 2),
)
def test_more_motion_never_makes_better_tissue(rule, motion, more, normal, pressure, gap):
    less = felt([motion], normal=motion * normal, pressure=pressure, gap=gap)
    worse = felt([motion * more], normal=motion * more * normal, pressure=pressure, gap=gap)
    assert ORDER[apply(rule, less)[0]] <= ORDER[apply(rule, worse)[0]]


@settings(max_examples=60, deadline=None)
@given(rule=st.sampled_from(list(RULES)), motion=st.floats(1e-3, 1), tolerance=st.floats(1, 4))
def test_a_more_tolerant_patient_never_makes_worse_tissue(rule, motion, tolerance):
    one = felt(motion, normal=0.3 * motion)
    tolerant = Host(1.0, tolerance, frequency=1.0, flow_share=0.25)
    assert ORDER[apply(rule, one, tolerant)[0]] <= ORDER[apply(rule, one)[0]]


def test_motion_not_told_apart_counts_as_normal():
    together, apart = Stimulus(np.full(1, 0.06), np.zeros(1), np.zeros(1)), felt(0.06, normal=0.0)
    assert apply("claes_heigele", together) == [FIBROUS]
    assert apply("claes_heigele", apart) == [BONE]


def test_many_patients_in_one_call():
    one = felt(np.linspace(0.01, 0.3, 5))
    many = Host(np.array([0.5, 1.0, 2.0])[:, None])
    tissue = RULES["perren"](one, one.gap + many.layer, many)
    for i, layer in enumerate([0.5, 1.0, 2.0]):
        assert list(tissue[i]) == apply("perren", one, Host(layer))


def test_chance_lies_between_the_two_populations_of_kohli():
    """At the middle of both medians the chance is even; both medians from the moments of a lognormal."""
    medians = [mean / np.sqrt(1 + (deviation / mean) ** 2) for mean, deviation in ((0.112, 0.176), (0.349, 0.231))]
    assert chance(np.sqrt(np.prod(medians))) == pytest.approx(0.5)
    assert chance(medians[0]) > 0.5 > chance(medians[1])
    assert chance(0.0) == 1.0


@settings(max_examples=50, deadline=None)
@given(st.floats(0.001, 0.999))
def test_the_share_of_patients_who_bear_a_motion_is_its_chance(share):
    assert chance(borne(share)) == pytest.approx(1.0 - share, rel=1e-9)


def test_peak_to_peak_over_a_cycle_is_not_the_distance_from_its_start():
    """One point goes round a square of 30 um, pressed; the other opens by 40 um while it slides by 30 um."""
    round_trip = 0.03 * np.array([[0, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]])
    opens = np.array([[0, 0, 0], [0, 0, 0], [-0.04, 0.03, 0], [0, 0, 0]])
    traction = np.zeros((4, 2, 3))
    traction[:, 0, 0], traction[:, 1, 0] = [0.0, 0.1, 0.2, 0.3], [1.0, 1.0, 0.0, 1.0]
    motion = Motion(
        np.stack([round_trip, opens], axis=1), traction, np.ones((4, 2), int), np.array([-0.001, 0.02]), np.ones(2)
    )
    one = stimulus.over_cycle(motion)
    np.testing.assert_allclose(one.motion, [0.03 * np.sqrt(2.0), 0.05])
    np.testing.assert_allclose(one.along_normal(), [0.0, 0.04])
    np.testing.assert_allclose(one.along_face(), [0.03 * np.sqrt(2.0), 0.03])
    np.testing.assert_allclose(one.pressure, [0.15, 0.75])
    np.testing.assert_allclose(one.gap, [0.0, 0.03])
