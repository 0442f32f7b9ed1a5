"""The interface laws point by point: tangents against differences, and what no friction law may break."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from femsacrum.mechanics import laws
from femsacrum.mechanics.points import WIDTH

#: Step of the central differences, as a share of what the state depends on; their error is its square.
STEP = 1e-5
stiffness = st.floats(1e2, 1e6)
friction = st.floats(0.05, 1.5)
#: None, or enough that the squares of its tractions are numbers.
slippery = st.just(0.0) | st.floats(1e-9, 1.5)
pressures = st.floats(0.01, 50.0)
angle = st.floats(0.0, 2.0 * np.pi)
#: Trial shear over mu p, on either side of the kink at one.
SHARES = {laws.STICK: st.floats(0.01, 0.99), laws.SLIP: st.floats(1.01, 10.0)}


@dataclass
class Answer:
    """What a law says at some points."""

    traction: np.ndarray
    tangent: np.ndarray
    kept: np.ndarray
    status: np.ndarray


def say(law, jump, before, kept, gap, parameters, free_motion=0.0):
    """A law at some points; one set of parameters for all of them or one each."""
    jump = np.atleast_2d(jump).astype(float)
    count = len(jump)
    before, kept = (np.broadcast_to(np.asarray(each, float), (count, 3)).copy() for each in (before, kept))
    gap = np.broadcast_to(np.asarray(gap, float), count).copy()
    given = np.broadcast_to(np.asarray(parameters, float), (count, len(np.atleast_2d(parameters)[0])))
    padded = np.zeros((count, WIDTH))
    padded[:, : given.shape[1]] = given
    # nothing may be left of what stood in the arrays before
    answer = Answer(*(np.full(shape, 7.0) for shape in ((count, 3), (count, 3, 3), (count, 3))), np.full(count, 7))
    law(jump, before, kept, gap, padded, free_motion, answer.traction, answer.tangent, answer.kept, answer.status)
    return answer


def frictional(jump, gap, slip, parameters, free_motion=0.0):
    """Contact as a penalty whose spring is at rest after a slip; parameters mu, k_n, k_t."""
    mu, kn, kt = parameters
    slip = np.atleast_2d(slip)
    before = np.hstack([np.zeros((len(slip), 1)), slip])
    return say(laws.frictional, jump, before, 0.0, gap, (kn, kt, mu), free_motion)


def slip_of(answer, jump, kt):
    """What has slid: the tangential jump less the spring's share."""
    sliding = np.atleast_2d(jump)[:, 1:] - answer.traction[:, 1:] / kt
    return np.where((answer.status == laws.OPEN)[:, None], np.atleast_2d(jump)[:, 1:], sliding)


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
    assert not here.kept.any()


@given(seed=st.integers(0, 2**31), size=st.floats(1e-3, 1.0), mu=slippery, kn=stiffness, kt=stiffness)
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
        slid = slip_of(now, jump, kt)
        dissipated = np.einsum("pi,pi->p", shear, slid - slip)
        # round-off of the slip times the shear
        assert np.all(dissipated >= -1e-14 * mu * pressure * (np.abs(jump).max() + mu * pressure / kt))
        slip = slid


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
    jump = np.array([pressure / kn, *(amplitude * along)])
    before = frictional(jump, 0.0, slip, (mu, kn, kt))
    slip, at = slip_of(before, jump, kt)[0], amplitude
    for place in path:
        jump = np.array([pressure / kn, *(place * along)])
        now = frictional(jump, 0.0, slip, (mu, kn, kt))
        work += 0.5 * (now.traction[0, 1:] + before.traction[0, 1:]) @ along * (place - at)
        slid = slip_of(now, jump, kt)[0]
        dissipated += now.traction[0, 1:] @ (slid - slip)
        before, slip, at = now, slid, place
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
    np.testing.assert_array_equal(given_some.kept, without.kept)
    assert 0.0 < np.abs(given_some.tangent - without.tangent).max() <= 1e3 * share * (1.0 + 1e-3)


@given(
    multiplier=st.tuples(st.floats(0.1, 20.0), st.floats(-5.0, 5.0), st.floats(-5.0, 5.0)),
    kn=stiffness, kt=stiffness, mu=friction, jump=st.tuples(*[st.floats(-1e-3, 1e-3)] * 3),
)  # fmt: skip
@settings(deadline=None)
def test_tangent_with_multipliers(multiplier, kn, kt, mu, jump):
    def at(place):
        return say(laws.frictional, place, 0.0, multiplier, 0.0, (kn, kt, mu))

    here = at(jump)
    trial = np.hypot(*(np.array(multiplier[1:]) + kt * np.array(jump[1:])))
    pressure = multiplier[0] + kn * jump[0]
    step = 1e-9
    away = min(abs(pressure) / kn, abs(trial - mu * max(pressure, 0.0)) / max(kt, mu * kn), trial / kt)
    assume(away > 1e4 * step)
    assert_tangent(here.tangent[0], differences(lambda x: at(x).traction[0], np.array(jump), step), 1e2 * max(kn, kt))
    # with the multiplier it ends with and no further motion the law gives back the same traction
    again = say(laws.frictional, jump, jump, here.kept, jump[0], (kn, kt, mu))
    np.testing.assert_allclose(again.traction, here.traction, rtol=1e-12, atol=1e-12)


@given(k=stiffness, along=stiffness, strength=st.floats(0.1, 10.0), share=st.floats(-3.0, 3.0))
@settings(deadline=None)
def test_a_thread_is_elastic_to_its_strength_and_then_slides(k, along, strength, share):
    assume(abs(abs(share) - 1.0) > 1e-3)
    jump = np.array([1e-3, share * strength / along, -2e-3])

    def at(place):
        return say(laws.thread, place, 0.0, 0.0, 0.0, (k, along, strength))

    here = at(jump)
    assert here.traction[0, 1] == pytest.approx(np.clip(share, -1.0, 1.0) * strength, rel=1e-12)
    np.testing.assert_allclose(here.traction[0, [0, 2]], k * jump[[0, 2]], rtol=1e-12)
    assert_tangent(
        here.tangent[0], differences(lambda x: at(x).traction[0], jump, 1e-4 * strength / along), max(k, along)
    )
    # unloaded from there it springs back by no more than its elastic part
    back = say(laws.thread, np.zeros(3), jump, here.kept, 0.0, (k, along, strength))
    left = here.traction[0, 1] - share * strength
    assert back.traction[0, 1] == pytest.approx(np.clip(left, -strength, strength), rel=1e-9, abs=1e-9)


@given(
    k=stiffness, force=st.floats(0.0, 100.0), slack=st.floats(0.0, 1.0), far=st.floats(-1.0, 3.0),
    only=st.sampled_from([1.0, 0.0, -1.0]), knee=st.floats(0.1, 1.0), stiffer=st.floats(1.0, 4.0),
)  # fmt: skip
@settings(deadline=None)
def test_a_spring_acts_past_its_slack_and_is_stiffer_past_its_knee(k, force, slack, far, only, knee, stiffer):
    """What pulls acts when its ends part, what pushes when they come closer; far is how far past slack or gap."""
    given_all = (k, only, force, slack, knee, (stiffer - 1.0) * k)
    way = -1.0 if only < 0.0 else 1.0
    jump = np.array([-way * (far + slack), 0.3, -0.2])
    here = say(laws.spring, jump, 0.0, 0.0, 0.0, given_all)
    expected = force + (k * far if far <= knee else k * knee + stiffer * k * (far - knee))
    wanted = expected if only == 0.0 else max(expected, 0.0)
    assert here.traction[0, 0] == pytest.approx(-way * wanted, rel=1e-9, abs=1e-9 * k)
    assert not here.traction[0, 1:].any()
    assume(abs(expected) > 1e-3 * k)
    assume(abs(far - knee) > 1e-3)
    slopes = differences(lambda x: say(laws.spring, x, 0.0, 0.0, 0.0, given_all).traction[0], jump, STEP)
    assert_tangent(here.tangent[0], slopes, stiffer * k)


@given(union=st.floats(0.0, 1.0), bond=stiffness, seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=50)
def test_a_united_share_is_bonded_from_where_it_united(union, bond, seed):
    generator = np.random.default_rng(seed)
    jump, anchor = 0.1 * generator.normal(size=(8, 3)), 0.1 * generator.normal(size=(8, 3))

    def at(place):
        here = say(laws.frictional, place, 0.0, 0.0, 0.0, (1e3, 1e3, 0.4))
        parameters = np.tile([1e3, 1e3, 0.4, 0.0, union, bond], (8, 1))
        laws.unite(place, anchor, parameters, here.traction, here.tangent)
        return here

    rubbing = say(laws.frictional, jump, 0.0, 0.0, 0.0, (1e3, 1e3, 0.4))
    np.testing.assert_allclose(
        at(jump).traction, (1.0 - union) * rubbing.traction + union * bond * (jump - anchor), rtol=1e-9, atol=1e-9
    )
    step, tangent = 1e-7, at(jump).tangent
    for axis in range(3):
        move = step * np.eye(3)[axis]
        slope = (at(jump + move).traction - at(jump - move).traction) / (2.0 * step)
        np.testing.assert_allclose(tangent[:, :, axis], slope, rtol=0.0, atol=1e-4 * max(bond, 1e3))
