"""Shared forces give the moment, stay within bounds, and cost no more than those a general optimiser finds."""

import numpy as np
import pytest
from scipy.optimize import minimize

from femsacrum.loads.sharing import share

LEVERS = np.array(
    [[0.050, 0.020, -0.030, 0.000, 0.010], [0.000, 0.040, 0.010, -0.035, 0.020], [0.002, -0.010, 0.004, 0.006, 0.015]]
)
MOMENT = np.array([0.020, 0.012, 0.003])
IDLE = np.zeros(5)


@pytest.mark.parametrize(("criterion", "power"), [("cubic", 3), ("quadratic", 2)])
def test_the_cost_is_that_of_a_general_optimiser(criterion, power):
    found = share(LEVERS, MOMENT, criterion, 1e-3, IDLE, 0.0)
    other = minimize(
        lambda a: (a**power).sum(), np.full(5, 0.5), jac=lambda a: power * a ** (power - 1), bounds=[(1e-3, 1.0)] * 5,
        constraints={"type": "eq", "fun": lambda a: LEVERS @ a - MOMENT, "jac": lambda a: LEVERS},
        method="SLSQP", options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert other.success
    assert LEVERS @ found == pytest.approx(MOMENT, abs=1e-6)
    assert (found**power).sum() == pytest.approx((other.x**power).sum(), rel=1e-4)
    assert found == pytest.approx(other.x, abs=2e-3)


def test_two_muscles_of_one_lever_share_alike_and_of_two_as_the_cube_says():
    """Least a^3 + b^3 with x a + y b = m: a / b = sqrt(x / y); with squares x / y."""
    levers, moment = np.array([[0.04, 0.01]]), np.array([0.02])
    for criterion, ratio in (("cubic", 2.0), ("quadratic", 4.0)):
        a, b = share(levers, moment, criterion, 1e-3, np.zeros(2), 0.0)
        assert a / b == pytest.approx(ratio, rel=1e-4)
        assert levers @ [a, b] == pytest.approx(moment, abs=1e-6)
    assert share(levers, moment, "minmax", 1e-3, np.zeros(2), 0.0) == pytest.approx([0.4, 0.4], abs=1e-6)


def test_minmax_has_the_least_largest_stress():
    largest = {name: share(LEVERS, MOMENT, name, 1e-3, IDLE, 0.0).max() for name in ("cubic", "quadratic", "minmax")}
    assert largest["minmax"] <= largest["cubic"] + 1e-6
    assert largest["minmax"] < largest["quadratic"] + 1e-6


@pytest.mark.parametrize("criterion", ["cubic", "quadratic", "minmax"])
def test_what_is_too_much_takes_every_muscle_that_helps_to_its_limit(criterion):
    levers = np.array([[0.04, 0.01, -0.02]])
    found = share(levers, np.array([0.08]), criterion, 1e-3, np.zeros(3), 0.0)
    assert found == pytest.approx([1.0, 1.0, 1e-3], abs=1e-6)


@pytest.mark.parametrize("criterion", ["cubic", "quadratic", "minmax"])
def test_muscles_hold_a_leg_that_hangs(criterion):
    """No moment is wanted, 0.16 BW of pull is: two muscles of opposite levers and the same pull give half each."""
    levers, pull = np.array([[0.04, -0.04, 0.01]]), np.array([0.8, 0.8, 0.0])
    found = share(levers, np.zeros(1), criterion, 1e-3, pull, 0.16)
    assert pull @ found == pytest.approx(0.16, abs=1e-5)
    assert found[0] == pytest.approx(found[1], abs=1e-3)
    assert share(levers, np.zeros(1), criterion, 1e-3, pull, 0.0) == pytest.approx([1e-3, 1e-3, 1e-3], abs=5e-4)
