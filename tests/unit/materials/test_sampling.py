"""The average of E over a tetrahedron, against closed forms and an integration that shares no code with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates
from scipy.stats import qmc

from femsacrum.images.volume import Volume
from femsacrum.materials import sampling

OPEN = np.inf
#: A frame that is turned and left-handed, slices thicker than pixels.
TURN, _ = np.linalg.qr(np.array([[1.0, 0.3, -0.2], [0.1, 1.0, 0.5], [0.4, -0.2, 1.0]]))
STEPS = TURN * np.array([0.8, 0.9, -2.0])
TETRAHEDRA = np.array(
    [
        [[0.0, 0.0, 0.0], [6.0, 1.0, 0.5], [0.5, 5.0, 1.0], [1.0, 0.5, 7.0]],
        [[2.0, -3.0, 1.0], [4.0, 0.0, -6.0], [-3.0, 2.5, 2.0], [1.0, -1.0, 6.5]],
    ]
)


def volume(values, steps=STEPS):
    centre = 0.5 * (np.array(values.shape[::-1]) - 1.0)
    return Volume(values, -steps @ centre, steps, "test")


def gradient(direction, offset=300.0, shape=(16, 30, 32), kind=np.float32):
    """HU that rise linearly in the patient's frame."""
    empty = volume(np.zeros(shape, kind))
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)[..., ::-1].reshape(-1, 3)
    return volume((offset + empty.points(index) @ np.asarray(direction)).reshape(shape).astype(kind))


def mean(image, corners, law, margin=None):
    nodes, cells = corners.reshape(-1, 3), np.arange(corners.size // 3).reshape(-1, 4)
    margin = np.full((len(cells), 10), OPEN) if margin is None else margin
    return sampling.averaged(image, nodes, cells, margin, law)


def law(offset=0.0, factor=1.0, exponent=1.0, density=(0.0, 0.001), limits=(0.0, 1e9), low=0.0, high=9.0):
    return (*density, offset, factor, exponent, *limits, low, high)


def test_a_linear_law_of_a_gradient_is_exact():
    image = gradient([9.0, -12.0, 15.0])
    found, shares = mean(image, TETRAHEDRA, law(-34.7, 3230.0))
    middle = TETRAHEDRA.mean(axis=1)
    expected = -34.7 + 3230.0 * 0.001 * (300.0 + middle @ [9.0, -12.0, 15.0])
    assert found == pytest.approx(expected, rel=1e-5)
    assert shares == pytest.approx(np.array([[1.0, 0.0, 0.0, 0.0]] * 2))


@pytest.mark.parametrize("exponent", [1.56, 2.46, 3.0])
def test_a_power_law_of_a_gradient_is_its_integral(exponent):
    """Hermite-Genocchi: the mean of f over a simplex on which rho is linear is 3! times the divided difference of the
    third antiderivative of f at the corners' densities."""
    slope = np.array([35.0, -24.0, 25.0])
    found, _ = mean(gradient(slope), TETRAHEDRA, law(0.0, 2017.3, exponent))
    for value, corners in zip(found, TETRAHEDRA, strict=True):
        rho = 0.001 * (300.0 + corners @ slope)
        assert rho.min() > 0.0
        thrice = rho ** (exponent + 3.0) / ((exponent + 1.0) * (exponent + 2.0) * (exponent + 3.0))
        differences = thrice.copy()
        for order in (1, 2, 3):
            differences = (differences[1:] - differences[:-1]) / (rho[order:] - rho[:-order])
        exact = 2017.3 * 6.0 * differences[0]
        assert value == pytest.approx(exact, rel=0.002)
        assert 2017.3 * rho.mean() ** exponent != pytest.approx(exact, rel=0.004)  # nor would its centre do


def test_a_rough_image_is_integrated_as_it_is_interpolated():
    """Sobol points in the tetrahedron and scipy's interpolation: nothing in common with the kernel."""
    values = np.random.default_rng(5).uniform(100.0, 500.0, (16, 30, 32)).astype(np.int16)
    image = volume(values)
    found, _ = mean(image, TETRAHEDRA, law(0.0, 4730.0, 1.56, density=(0.05, 0.0012)))
    u = np.sort(qmc.Sobol(3, seed=1).random_base2(16), axis=1)
    weights = np.diff(u, axis=1, prepend=0.0, append=1.0)
    for value, corners in zip(found, TETRAHEDRA, strict=True):
        index = (weights @ corners - image.origin) @ np.linalg.inv(image.steps).T
        hounsfield = map_coordinates(values.astype(float), index.T[::-1], order=1)
        assert value == pytest.approx((4730.0 * (0.05 + 0.0012 * hounsfield) ** 1.56).mean(), rel=0.01)


def test_values_are_trilinear_and_absent_outside_and_beside_padding():
    values = np.random.default_rng(2).integers(-100, 900, (6, 7, 8)).astype(np.int16)
    values[0, 0, 0] = -3024
    image = volume(values)
    index = np.random.default_rng(3).uniform(1.0, 5.0, (50, 3))
    assert sampling.values_at(image, image.points(index)) == pytest.approx(
        map_coordinates(values.astype(float), index.T[::-1], order=1)
    )
    off = np.array([[0.4, 0.3, 0.2], [-0.6, 3.0, 3.0], [3.0, 3.0, 5.6], [3.0, 6.4, 3.0]])
    assert np.isnan(sampling.values_at(image, image.points(off))).tolist() == [True, True, True, False]


def test_what_is_clamped_and_beyond_the_range_is_counted():
    image = gradient([0.0, 0.0, 100.0], offset=0.0)
    low, high = -200.0, 200.0
    _, shares = mean(image, TETRAHEDRA, law(0.0, 1000.0, limits=(1e-9, 0.4e3), low=0.1, high=0.3))
    z = np.concatenate([_inside(corners)[:, 2] for corners in TETRAHEDRA]).reshape(2, -1)
    hounsfield = 100.0 * z
    assert low < hounsfield.max()
    assert high > hounsfield.min()
    clamped = ((hounsfield <= 0.0) | (hounsfield > 400.0)).mean(axis=1)
    beyond = ((hounsfield < 100.0) | (hounsfield > 300.0)).mean(axis=1)
    assert shares[:, 2] == pytest.approx(clamped, abs=0.03)
    assert shares[:, 3] == pytest.approx(beyond, abs=0.03)


def _inside(corners):
    u = np.sort(qmc.Sobol(3, seed=1).random_base2(14), axis=1)
    return np.diff(u, axis=1, prepend=0.0, append=1.0) @ corners


def test_only_what_lies_below_the_layer_counts():
    """The margin is the height above z = 1: E of HU = 100 z over the rest is 0.1 times its mean height."""
    image = gradient([0.0, 0.0, 100.0], offset=0.0)
    corners = TETRAHEDRA[:1]
    middles = 0.5 * (corners[:, [0, 1, 0, 0, 1, 2]] + corners[:, [1, 2, 2, 3, 3, 3]])
    margin = np.concatenate([corners, middles], axis=1)[..., 2] - 1.0
    found, shares = mean(image, corners, law(), margin)
    z = _inside(corners[0])[:, 2]
    assert shares[0, 0] == pytest.approx((z >= 1.0).mean(), abs=0.02)
    assert found[0] == pytest.approx(0.1 * z[z >= 1.0].mean(), rel=0.02)
    nothing, shares = mean(image, corners, law(), np.full((1, 10), -1.0))
    assert np.isnan(nothing[0])
    assert not shares.any()


def test_cells_outside_the_image_say_so():
    far = TETRAHEDRA[:1] + 500.0
    found, shares = mean(gradient([0.0, 0.0, 1.0]), far, law())
    assert np.isnan(found[0])
    assert shares[0].tolist() == [0.0, 1.0, 0.0, 0.0]


def test_one_thread_gives_the_same_digits(monkeypatch):
    image = volume(np.random.default_rng(5).integers(0, 900, (16, 30, 32)).astype(np.int16))
    cells = np.concatenate([TETRAHEDRA + 0.1 * shift for shift in range(20)])
    both = mean(image, cells, law(0.0, 4730.0, 1.56))[0]
    monkeypatch.setenv("FEMSACRUM_PROCESSES", "1")
    assert np.array_equal(mean(image, cells, law(0.0, 4730.0, 1.56))[0], both)
