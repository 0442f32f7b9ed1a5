"""A bolt's section: what it is cut from, what it carries, what it leaves to the material."""

import numpy as np
import pytest
from blocks import BAR_AREA, BAR_LENGTH, LIMIT, SPRING, push, slide, tie, tied

from benchmarks.verification.meshes import box, material
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import LoadCase, Support
from femsacrum.mechanics.bolts import beyond
from femsacrum.mechanics.equilibrium import history, solve
from femsacrum.mechanics.interfaces import Bolt

YOUNGS, SIDE, LENGTH = 1e5, 2.0, 20.0
WALL = 1e9
#: Bar and two walls in series [N/mm].
STIFFNESS = 1.0 / (LENGTH / (YOUNGS * SIDE**2) + 2.0 / (WALL * SIDE**2))
AXIS = np.array([1.0, 0.0, 0.0])


def bar(order=1):
    return box("bar", (0, -1, -1), (LENGTH, 1, 1), (8, 2, 2), order)


def bolt_in(point=9.0, radius=1.5, **given):
    return Bolt("lag", "bar", np.array([point, 0.0, 0.0]), AXIS, radius, **given)


def pulled_between_walls(given, order=1):
    """A bar between two walls, without load."""
    body = bar(order)
    walls = tuple(
        Support(name, "bar", body.facets_of(name)[:, :3], "fixed", np.eye(3), WALL) for name in ("x0", "x1")
    )
    materials = {"bar": material(body, YOUNGS, 0.0)}
    case = LoadCase("rest", (), walls, {}, 0.0)
    return body, solve({"bar": body}, materials, (), case, Solver(tolerance=1e-12), bolts=(given,))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("given", "force"),
    [
        ({"force": 500.0}, 500.0),
        ({"force": 500.0, "loss": 0.25}, 375.0),
        ({"shortening": 0.01}, 0.01 * STIFFNESS),
        ({"shortening": 0.01, "loss": 0.25}, 0.0075 * STIFFNESS),
    ],
)
def test_a_bar_between_walls_pulls_as_hooke_says(order, given, force):
    body, end = pulled_between_walls(bolt_in(**given), order)
    state = end.bolts["lag"]
    assert state.tension == pytest.approx(force, rel=1e-8)
    assert state.preload == pytest.approx(force, rel=1e-6)
    assert state.shortening == pytest.approx(force / STIFFNESS, rel=1e-8)
    assert end.reactions["x0"][0] == pytest.approx(-force, rel=1e-6)
    assert end.reactions["x1"][0] == pytest.approx(force, rel=1e-6)
    # the material is strained evenly everywhere, also where the section lies
    own = end.strained("bar")
    np.testing.assert_allclose(own[:, 0] - own[body.nodes[:, 0] == 0.0, 0].mean(), body.nodes[:, 0] * force / (
        YOUNGS * SIDE**2
    ), rtol=0.0, atol=1e-5 * force / STIFFNESS)  # fmt: skip


def test_where_the_section_lies_makes_no_difference():
    ends = [pulled_between_walls(bolt_in(point, shortening=0.01))[1] for point in (3.0, 9.0, 17.0)]
    for end in ends[1:]:
        assert end.bolts["lag"].tension == pytest.approx(ends[0].bolts["lag"].tension, rel=1e-9)


def test_an_axis_the_other_way_is_the_same_bolt():
    there = pulled_between_walls(bolt_in(force=500.0))[1]
    back = Bolt("lag", "bar", np.array([9.0, 0.0, 0.0]), -AXIS, 1.5, force=500.0)
    other = pulled_between_walls(back)[1]
    first, second = (end.strained("bar") - end.strained("bar").mean(axis=0) for end in (there, other))
    np.testing.assert_allclose(second, first, atol=1e-12)


def test_it_keeps_its_length_through_the_load_cases_and_friction_what_it_pressed():
    """Tightened, it lets the block bear four times the push; at every load it stays as long as it was locked."""
    bodies, materials, interfaces, held = tied()
    force = 1500.0
    cases = [push(bodies, share, held) for share in (3.0, 0.0)]
    ends = list(history(bodies, materials, interfaces, cases, Solver(tolerance=1e-10), bolts=(tie(force=force),)))
    free = solve(bodies, materials, interfaces, cases[0], Solver(tolerance=1e-10))
    assert slide(free) > 0.5 * (3.0 - 1.0) * LIMIT / (SPRING + 1e4)
    for end in ends:
        state = end.bolts["tie"]
        assert state.preload == pytest.approx(force, rel=1e-8)
        assert state.shortening == ends[0].bolts["tie"].shortening
        between = end.interfaces["block/plane"]
        pressed = between.area @ between.pressure
        assert pressed == pytest.approx(state.tension + 500.0, rel=1e-6)
    assert slide(ends[0]) < 0.1 * slide(free)
    assert ends[0].bolts["tie"].shortening > force / (1e5 * BAR_AREA / BAR_LENGTH)


def test_nodes_beyond_the_section_are_those_of_the_shaft_on_its_far_side():
    body = bar()
    far = beyond(bolt_in(9.0, force=1.0), body)
    np.testing.assert_array_equal(far, (body.nodes[:, 0] > 9.0).astype(float))


@pytest.mark.parametrize("point", [-3.0, 25.0])
def test_a_section_outside_the_shaft_is_refused(point):
    with pytest.raises(NumericalError, match='bolt "lag": the section lies outside the shaft'):
        beyond(bolt_in(point, force=1.0), bar())


def test_a_section_that_something_else_bridges_is_refused():
    """The far end is wider than the shaft: more than the shaft hangs on it."""
    with pytest.raises(NumericalError, match=r'bolt "lag": beyond its section the shaft is joined to more, near \('):
        beyond(bolt_in(9.0, radius=1.2, force=1.0), bar())
