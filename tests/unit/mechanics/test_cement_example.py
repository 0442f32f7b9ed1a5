"""The documented example of a user's law, ``docs/laws/examples/cement.py``: its tangent, and a layer that cracks."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import history
from femsacrum.mechanics.interfaces import Interface, UserLaw
from femsacrum.mechanics.user_law import load
from femsacrum.surgery.construct import Contact

CEMENT = Path(__file__).parents[3] / "docs/laws/examples/cement.py"
NUMBERS = {"k_n": 2000.0, "k_t": 800.0, "strength": 1.5, "crack_opening": 0.05, "friction": 0.4}
FIRST = NUMBERS["strength"] / NUMBERS["k_n"]
LAW = UserLaw("cement.py:cement", CEMENT.read_text(encoding="utf-8"), "cement", NUMBERS)
AREA, HEIGHT, YOUNGS, MACHINE = 100.0, 9.0, 1000.0, 1e4


def say(jump, kept):
    """Traction, tangent and what is kept at points, shape (p, 3) each, through the form the solver calls."""
    count = len(jump)
    answer = np.zeros((count, 3)), np.zeros((count, 3, 3)), np.zeros((count, 3))
    none = np.zeros((count, 3))
    load(LAW)(jump, none, kept, none[:, 0], np.zeros((count, 6)), 0.0, *answer, np.zeros(count, dtype=np.int64))
    return answer


def points(count=4000):
    """Jumps and histories of every kind: pressed, stretched, cracking, cracked, sticking, slipping."""
    generator = np.random.default_rng(3)
    opening = generator.choice([0.002, FIRST, NUMBERS["crack_opening"], 0.08], count) * generator.uniform(0, 1, count)
    normal = np.where(generator.random(count) < 0.4, 0.002 * generator.random(count), -opening)
    damage = np.clip(generator.uniform(-0.5, 1.5, count), 0.0, 1.0)
    shear, slip = 0.01 * generator.normal(size=(2, count, 2))
    return np.column_stack([normal, shear]), np.column_stack([damage, slip])


def test_its_tangent_is_the_derivative_of_its_traction():
    jump, kept = points()
    step = 1e-9
    _, tangent, now = say(jump, kept)
    slopes = np.stack(
        [(say(jump + move, kept)[0] - say(jump - move, kept)[0]) / (2.0 * step) for move in step * np.eye(3)], axis=2
    )
    # away from the kinks: both differences see the same branch
    sides = [say(jump + sign * move, kept)[1] for sign in (-10.0, 10.0) for move in step * np.eye(3)]
    smooth = np.all([np.abs(each - tangent).max(axis=(1, 2)) < 1e-2 * NUMBERS["k_n"] for each in sides], axis=0)
    assert smooth.mean() > 0.99
    np.testing.assert_allclose(tangent[smooth], slopes[smooth], rtol=0.0, atol=1e-6 * NUMBERS["k_n"])
    grows, pressed = now[:, 0] > kept[:, 0], jump[:, 0] > 0.0
    assert min((grows & smooth).sum(), (pressed & smooth).sum(), (~grows & ~pressed & smooth).sum()) > 100


def test_its_energy_of_fracture_is_the_area_under_the_curve():
    opening = np.linspace(0.0, NUMBERS["crack_opening"], 2001)
    jump = np.column_stack([-opening, np.zeros((2001, 2))])
    tension = -say(jump, np.zeros((2001, 3)))[0][:, 0]
    assert tension.max() == pytest.approx(NUMBERS["strength"], rel=1e-2)
    assert tension[-1] == pytest.approx(0.0, abs=1e-12)
    energy = 0.5 * NUMBERS["strength"] * NUMBERS["crack_opening"]
    assert np.trapezoid(tension, opening) == pytest.approx(energy, rel=1e-4)


def two_blocks():
    """Two blocks with the layer between them, and a function that makes a load case; a machine holds the upper one."""
    lower = meshes.box("lower", (0, 0, 0), (10, 10, 5), (3, 3, 2))
    upper = meshes.box("upper", (0, 0, 5), (10, 10, HEIGHT), (4, 4, 2))
    bodies = {"lower": lower, "upper": upper}
    materials = {name: meshes.material(body, YOUNGS, 0.0) for name, body in bodies.items()}
    interface = Interface(Contact("upper/lower", ("upper", "z0"), ("lower", "z1")), LAW)
    top = upper.facets_of("z1")
    supports = (
        Support("ground", "lower", lower.facets_of("z0"), "fixed", np.eye(3), 1e6),
        Support("machine", "upper", top, "mean", np.eye(3), MACHINE, None, np.eye(3)),
    )

    def case(name, *force):
        load = Applied(name, "upper", top, np.array(force), np.zeros(3), np.array([5.0, 5.0, 5.0]), "test")
        return LoadCase(name, (load,), supports, {}, 0.0)

    return bodies, materials, (interface,), case


def test_a_cracked_layer_carries_no_tension_and_then_rubs():
    bodies, materials, interfaces, case = two_blocks()
    steps = [
        case("pulled", 0.0, 0.0, 100.0),
        case("cracked", 0.0, 0.0, 800.0),
        case("pressed", 0.0, 0.0, -600.0),
        case("pushed", 4000.0, 0.0, -600.0),
    ]
    found = list(history(bodies, materials, interfaces, steps, Solver(increments=4)))
    pulled, cracked, pressed, pushed = (each.interfaces["upper/lower"] for each in found)
    # without Poisson's effect columns in series: two blocks, the layer, the ground; beside them the machine
    whole = AREA / (HEIGHT / YOUNGS + 1.0 / NUMBERS["k_n"] + 1e-6)
    assert pulled.area @ pulled.pressure == pytest.approx(-100.0 * whole / (whole + MACHINE), rel=1e-6)
    assert not cracked.pressure.any()
    assert not cracked.shear.any()
    np.testing.assert_allclose(cracked.gap, 800.0 / MACHINE, rtol=1e-6)
    assert pressed.area @ pressed.pressure == pytest.approx(600.0 * whole / (whole + MACHINE), rel=1e-6)
    np.testing.assert_allclose(
        np.linalg.norm(pushed.shear, axis=1),
        NUMBERS["friction"] * np.maximum(pushed.pressure, 0.0),
        rtol=1e-9,
        atol=1e-9,
    )
    assert pushed.area @ pushed.shear[:, 0] == pytest.approx(
        -NUMBERS["friction"] * pushed.area @ pushed.pressure, rel=1e-3
    )


def test_parameters_it_does_not_know_are_told():
    law = UserLaw("cement.py:cement", LAW.source, "cement", {**NUMBERS, "viscosity": 1.0})
    none = np.zeros((1, 3))
    with pytest.raises(NumericalError, match=r'law "cement.py:cement": TypeError: .*viscosity'):
        load(law)(none, none, none, none[:, 0], np.zeros((1, 6)), 0.0, none, np.zeros((1, 3, 3)), none, np.zeros(1))
