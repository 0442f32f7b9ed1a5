"""Plans from files to a converged standing case, coarsely; the benchmark does it finely on six anatomies."""

import pytest

from benchmarks.plans import cases, six
from femsacrum.case.composition import composition
from femsacrum.pipeline import carry_out

COARSE = {"bone": "7 mm", "soft": "5 mm", "implant": "8 mm", "fixation": "4 mm"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs of the reference, one for each plan that is asked for."""
    folder, done = tmp_path_factory.mktemp("plans"), {}

    def of(plan):
        if plan not in done:
            done[plan] = carry_out(cases.case("reference_female", plan, COARSE), folder / plan)
        return done[plan]

    return of


@pytest.mark.parametrize("plan", ["below_S2", "four_rod"])
def test_a_plan_goes_from_its_text_to_a_standing_pelvis(run, plan):
    rows = list(six.judged(plan, run(plan), 0.0))
    assert all(row.passed for row in rows), [row for row in rows if not row.passed]


@pytest.mark.parametrize("plan", ["below_S2", "four_rod"])
def test_bodies_and_contacts_are_those_the_case_is_checked_with(run, plan):
    told, made = composition({"surgery": cases.PLANS[plan]}), run(plan).assembly
    assert set(told.bodies) == set(made.bodies)
    pairs = {(each.slave[0], each.master[0]) for each in made.construct.contacts}
    assert pairs == {*told.pressed, *told.joined}
