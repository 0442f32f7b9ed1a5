"""Whose turn it is: every point once, and those that share what is elastic by one process as long as that keeps all busy."""

from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from femsacrum.sweep.definition import Factor
from femsacrum.sweep.turns import Turns, elastic

ROD = Factor(name="rod", key="surgery.fixation.rod_diameter", values=(5.0, 6.0), source="test")
GRAFT = Factor(name="graft", key=("surgery.graft.thickness", "loads[0].force"), values=(1.0, 2.0), source="test")
FRICTION = Factor(name="friction", key="interfaces[3].friction", values=(0.3, 0.4, 0.5, 0.6), source="test")
FACTORS = (FRICTION, ROD, GRAFT)


def all_points():
    return [
        {"friction": f, "rod": r, "graft": g}
        for f, r, g in product(FRICTION.values, ROD.values, GRAFT.values)
    ]  # fmt: skip


def test_friction_and_loads_change_nothing_elastic():
    assert elastic(FACTORS, {"friction": 0.3, "rod": 5.0, "graft": 2.0}) == (5.0, 2.0)
    assert elastic((FRICTION,), {"friction": 0.3}) == ()


def test_two_processes_are_never_at_the_same_construct_before_the_end():
    points = all_points()
    turns = Turns(range(len(points)), FACTORS, points)
    done = {process: [] for process in (0, 1)}
    for number in range(len(points)):
        done[number % 2].append(turns.next(number % 2))
    assert sorted(each for mine in done.values() for each in mine) == list(range(len(points)))
    for mine in done.values():
        seen = [elastic(FACTORS, points[each]) for each in mine]
        changes = sum(one != other for one, other in pairwise(seen))
        assert changes == len(set(seen)) - 1 == 1, "one construct after the other, none twice"
    assert not {elastic(FACTORS, points[each]) for each in done[0]} & {elastic(FACTORS, points[e]) for e in done[1]}


@given(st.lists(st.integers(0, 4), max_size=60), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=30))
def test_every_point_is_handed_out_once_whoever_asks(asking, drawn):
    points = [{"friction": f, "rod": round(r), "graft": 1.0} for f, r in drawn]
    turns = Turns(range(len(points)), FACTORS, points)
    found = [turns.next(process) for process in asking]
    found += [turns.next(0) for _ in range(len(points) + 1)]
    assert sorted(each for each in found if each is not None) == list(range(len(points)))


def test_one_construct_is_shared_by_all():
    points = [{"friction": 0.1 * number, "rod": 5.0, "graft": 1.0} for number in range(6)]
    turns = Turns(range(6), FACTORS, points)
    assert [turns.next(number % 3) for number in range(6)] == list(range(6))
    assert turns.next(0) is None
