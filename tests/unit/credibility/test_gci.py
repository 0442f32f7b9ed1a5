"""Three meshes against values whose law is known."""

import math

import pytest

from femsacrum.credibility.gci import FAR, SURE, UNSURE, estimate, observed_order

RATIOS = [(1.0, 2.0, 4.0), (1.0, 1.3, 1.69), (0.7, 1.0, 1.2), (1.0, 1.05, 1.5)]


def law(sizes, limit, factor, order):
    return [limit + factor * size**order for size in sizes]


@pytest.mark.parametrize("sizes", RATIOS)
@pytest.mark.parametrize("order", [0.6, 1.0, 1.7, 2.0, 3.0])
@pytest.mark.parametrize("factor", [0.3, -0.3])
def test_a_power_law_gives_back_its_order_and_its_limit(sizes, order, factor):
    found = estimate(law(sizes, 5.0, factor, order), sizes, formal=order)
    assert found.order == pytest.approx(order, abs=1e-9)
    assert found.richardson == pytest.approx(5.0, abs=1e-9)
    assert found.gci == pytest.approx(SURE * abs(factor) * sizes[0] ** order, rel=1e-8)
    assert found.asymptotic
    assert not found.grows


@pytest.mark.parametrize("sizes", RATIOS)
def test_a_singular_law_gives_its_negative_order(sizes):
    """Stress at a re-entrant corner goes like h^(lambda - 1); lambda = 0.545 at a right angle (Williams 1952)."""
    values = law(sizes, 0.0, 80.0, 0.545 - 1.0)
    found = estimate(values, sizes, formal=1.0)
    assert found.order == pytest.approx(0.545 - 1.0, abs=1e-9)
    assert found.grows
    assert not found.asymptotic
    assert found.richardson is None
    assert found.gci == pytest.approx(UNSURE * (values[0] - values[2]))


def test_growth_of_a_compressive_peak_is_growth():
    assert estimate([-4.0, -2.0, -1.0], [1.0, 2.0, 4.0], 1.0).grows
    assert not estimate([1.0, 2.0, 2.5], [1.0, 2.0, 4.0], 1.0).grows


def test_a_logarithm_has_order_nothing():
    sizes = (1.0, 1.3, 1.3**2)
    found = estimate([5.0 - math.log(size) for size in sizes], sizes, 1.0)
    assert found.order == pytest.approx(0.0, abs=1e-9)
    assert not found.asymptotic
    assert found.richardson is None


def test_up_and_down_is_told():
    found = estimate([1.0, 1.2, 0.9], [1.0, 1.5, 2.0], 2.0)
    assert (found.order, found.richardson, found.asymptotic, found.grows) == (None, None, False, False)
    assert found.gci == pytest.approx(UNSURE * 0.3)
    assert "up and down" in found.why


def test_what_does_not_change_does_not_depend_on_the_mesh():
    for values in ([0.0, 0.0, 0.0], [249.3, 249.3, 249.3], [249.3, 249.3 + 1e-7, 249.3]):
        found = estimate(values, [1.0, 1.5, 2.0], 2.0)
        assert found.asymptotic
        assert found.richardson == values[0]
        assert "does not depend" in found.why


def test_a_value_that_stands_still_at_the_end_only_has_no_order():
    found = estimate([1.0, 1.0, 1.2], [1.0, 1.5, 2.0], 2.0)
    assert (found.order, found.asymptotic) == (None, False)
    nearly = estimate([1.0, 1.0 + 1e-13, 1.2], [1.0, 1.1, 1.2], 2.0)
    assert not nearly.asymptotic
    assert not nearly.grows


def test_far_from_the_formal_order_the_band_is_wider():
    sizes = (1.0, 1.3, 1.69)
    slow, fast = (estimate(law(sizes, 5.0, 0.3, order), sizes, formal=2.0) for order in (0.9, 3.1))
    assert abs(0.9 - 2.0) > FAR * 2.0
    assert not slow.asymptotic
    assert not fast.asymptotic
    assert slow.gci == pytest.approx(UNSURE * 0.3, rel=1e-8)
    assert fast.gci == pytest.approx(UNSURE * 0.3 * (1.3**3.1 - 1.0) / (1.3**2.0 - 1.0), rel=1e-8)


def test_an_order_above_the_formal_one_is_not_believed_in_the_band():
    sizes = (1.0, 1.3, 1.69)
    found = estimate(law(sizes, 5.0, 0.3, 2.8), sizes, formal=2.0)
    assert found.asymptotic
    assert found.gci == pytest.approx(SURE * 0.3 * (1.3**2.8 - 1.0) / (1.3**2.0 - 1.0), rel=1e-8)


def test_the_example_of_celik():
    """Celik 2008, table 1, first column: 18000, 8000 and 4500 cells in two dimensions."""
    fine, middle, coarse = 6.063, 5.972, 5.863
    order = observed_order((coarse - middle) / (middle - fine), 1.5, 1.333)
    assert order == pytest.approx(1.53, abs=0.01)
    found = estimate([fine, middle, coarse], [1.0, 1.5, 1.5 * 1.333], formal=2.0)
    assert found.richardson == pytest.approx(6.1685, abs=1e-3)
    assert 100.0 * found.gci / fine == pytest.approx(2.2, abs=0.05)
