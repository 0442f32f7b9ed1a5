"""The interface laws point by point: tangents against differences, and what no friction law may break."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from femsacrum.mechanics import laws

#: Step of the central differences, as a share of what the state depends on; their error is its square.
STEP = 1e-5
stiffness = st.floats(1e2, 1e6)
friction = st.floats(0.05, 1.5)
pressures = st.floats(0.01, 50.0)
angle = st.floats(0.0, 2.0 * np.pi)
#: Trial shear over mu p, on either side of the kink at one.
SHARES = {laws.STICK: st.floats(0.01, 0.99), laws.SLIP: st.floats(1.01, 10.0)}


@dataclass
class Answer:
    """What the frictional law says at some points."""

    traction: np.ndarray
    tangent: np.ndarray
    slip: np.ndarray
    status: np.ndarray


def frictional(jump, gap, slip, parameters, free_motion=0.0):
    """The law; one set of parameters for all points or one each."""
    jump, slip = np.atleast_2d(jump).astype(float), np.atleast_2d(slip).astype(float)
    count = len(jump)
    gap = np.broadcast_to(np.asarray(gap, float), count).copy()
    parameters = np.broadcast_to(np.asarray(parameters, float), (count, 3)).copy()
    # nothing may be left of what stood in the arrays before
    answer = Answer(*(np.full(shape, 7.0) for shape in ((count, 3), (count, 3, 3), (count, 2))), np.full(count, 7))
    laws.frictional(
        jump, gap, slip, parameters, free_motion, answer.traction, answer.tangent, answer.slip, answer.status
    )
    return answer


def differences(traction_of, jump, step):
    """Tangent at one point by central differences, shape (3, 3)."""
    columns = []
    for axis in range(3):
        move = np.zeros(3)
        move[axis] = step
        columns.append((traction_of(jump + move) - traction_of(jump - move)) / (2.0 * step))
    return np.stack(columns, axis=1)


def assert_tangent(tangent, expected, scale):
    np.testing.assert_allclose(tangent, expected, rtol=0.0, atol=1e-6 * scale)


@given(k=stiffness, jump=st.tuples(*[st.floats(-1.0, 1.0)] * 3))
@settings(deadline=None)
def test_bonded_tangent(k, jump):
    def bonded(at):
        traction, tangent = np.full((1, 3), 7.0), np.full((1, 3, 3), 7.0)
        laws.bonded(at[None], np.array([k]), traction, tangent)
        return traction[0], tangent[0]

    at = np.array(jump)
    assert_tangent(bonded(at)[1], differences(lambda x: bonded(x)[0], at, STEP), k)


@pytest.mark.parametrize("state", [laws.STICK, laws.SLIP])
@given(
    data=st.data(), mu=friction, kn=stiffness, kt=stiffness, pressure=pressures, phi=angle,
    gap=st.floats(-0.1, 0.1), slip=st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)),
)  # fmt: skip
@settings(deadline=None)
def test_frictional_tangent_where_it_touches(state, data, mu, kn, kt, pressure, phi, gap, slip):
    share = data.draw(SHARES[state])
    # placed by the part of the jump the law sees, so that gap and slip cost no digits of it
    seen = np.array([pressure / kn, *(share * mu * pressure / kt * np.array([np.cos(phi), np.sin(phi)]))])
    away = min(pressure / kn, np.linalg.norm(seen[1:]), abs(share - 1.0) * mu * pressure / max(kt, mu * kn))
    parameters = (mu, kn, kt)

    def traction(at):
        return frictional(at, 0.0, (0.0, 0.0), parameters).traction[0]

    here = frictional(seen, 0.0, (0.0, 0.0), parameters)
    assert here.status[0] == state
    assert_tangent(here.tangent[0], differences(traction, seen, 10 * STEP * away), max(kn, kt, mu * kn))
    # a gap and an old slip only move the origin
    moved = frictional(seen + np.array([gap, *slip]), gap, slip, parameters)
    np.testing.assert_allclose(moved.traction, here.traction, rtol=0.0, atol=1e-15 * max(kn, kt) * (1.0 + mu))
    np.testing.assert_allclose(moved.slip, here.slip + np.array(slip), rtol=0.0, atol=1e-15 * (1.0 + mu * kn / kt))


@given(
    mu=friction, kn=stiffness, kt=stiffness, open_by=st.floats(1e-4, 1.0), gap=st.floats(-0.1, 0.1),
    tangential=st.tuples(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0)),
)  # fmt: skip
@settings(deadline=None)
def test_an_open_point_carries_nothing_and_forgets(mu, kn, kt, open_by, gap, tangential):
    jump, parameters = np.array([gap - open_by, *tangential]), (mu, kn, kt)
    here = frictional(jump, gap, (0.3, -0.2), parameters)
    assert here.status[0] == laws.OPEN
    assert not here.traction.any()
    slopes = differences(lambda at: frictional(at, gap, (0.3, -0.2), parameters).traction[0], jump, STEP)
    assert_tangent(here.tangent[0], slopes, kn)
    assert tuple(here.slip[0]) == tangential


@given(seed=st.integers(0, 2**31), size=st.floats(1e-3, 1.0), mu=st.floats(0.0, 1.5), kn=stiffness, kt=stiffness)
@settings(deadline=None, max_examples=50)
def test_no_history_breaks_coulomb_or_makes_energy(seed, size, mu, kn, kt):
    generator = np.random.default_rng(seed)
    points = 8
    gap = generator.uniform(-0.1, 0.1, points) * size
    jump, slip = np.zeros((points, 3)), np.zeros((points, 2))
    for _ in range(30):
        jump = jump + size * generator.normal(size=(points, 3)) * [0.3, 1.0, 1.0]
        now = frictional(jump, gap, slip, (mu, kn, kt))
        pressure, shear = now.traction[:, 0], now.traction[:, 1:]
        assert np.all(pressure >= 0.0)
        np.testing.assert_array_equal(pressure > 0.0, jump[:, 0] > gap)
        assert np.all(np.linalg.norm(shear, axis=1) <= mu * pressure * (1.0 + 1e-12))
        dissipated = np.einsum("pi,pi->p", shear, now.slip - slip)
        # round-off of the slip times the shear
        assert np.all(dissipated >= -1e-14 * mu * pressure * (np.abs(jump).max() + mu * pressure / kt))
        slip = now.slip


@given(
    mu=friction, pressure=pressures, kn=stiffness, kt=stiffness, phi=angle, ratio=st.floats(1.5, 50.0),
)  # fmt: skip
@settings(deadline=None)
def test_a_closed_loop_costs_its_parallelogram(mu, pressure, kn, kt, phi, ratio):
    """Forth, back and forth at amplitude A: 4 mu p (A - mu p / k_t), per area."""
    elastic = mu * pressure / kt
    amplitude = ratio * elastic
    along = np.array([np.cos(phi), np.sin(phi)])
    # from the first turn round to it; both ends of sticking are on the way, so that the trapezoidal rule is exact
    back = sorted((amplitude - 2.0 * elastic, 0.0, -amplitude), reverse=True)
    path = (*back, *(-place for place in back))
    slip, work, dissipated = np.zeros(2), 0.0, 0.0
    before = frictional([pressure / kn, *(amplitude * along)], 0.0, slip, (mu, kn, kt))
    slip, at = before.slip[0], amplitude
    for place in path:
        now = frictional([pressure / kn, *(place * along)], 0.0, slip, (mu, kn, kt))
        work += 0.5 * (now.traction[0, 1:] + before.traction[0, 1:]) @ along * (place - at)
        dissipated += now.traction[0, 1:] @ (now.slip[0] - slip)
        before, slip, at = now, now.slip[0], place
    expected = 4.0 * mu * pressure * (amplitude - elastic)
    assert work == pytest.approx(expected, rel=1e-9)
    assert dissipated == pytest.approx(expected, rel=1e-9)


@given(seed=st.integers(0, 2**31), share=st.floats(1e-10, 1e-6))
@settings(deadline=None, max_examples=30)
def test_stiffness_of_free_motions_is_in_the_tangent_only(seed, share):
    generator = np.random.default_rng(seed)
    jump, slip = generator.normal(size=(30, 3)), generator.normal(size=(30, 2))
    without = frictional(jump, 0.0, slip, (0.4, 1e3, 1e3))
    given_some = frictional(jump, 0.0, slip, (0.4, 1e3, 1e3), share)
    np.testing.assert_array_equal(given_some.traction, without.traction)
    np.testing.assert_array_equal(given_some.slip, without.slip)
    assert 0.0 < np.abs(given_some.tangent - without.tangent).max() <= 1e3 * share * (1.0 + 1e-3)
