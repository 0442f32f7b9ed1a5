"""What the points of a sweep say, where it is known: records are made up, everything after them is what a user has."""

import math

import numpy as np
import pytest
from scipy import stats
from sweeping import sweep

from femsacrum.errors import InputError
from femsacrum.sweep import records
from femsacrum.sweep.answer.answer import answer
from femsacrum.sweep.answer.effects import effects
from femsacrum.sweep.answer.indices import Morris, Refused, Regression, Sobol, indices
from femsacrum.sweep.answer.pareto import front, kept
from femsacrum.sweep.answer.probability import Probability, Unknown, probabilities, wilson
from femsacrum.sweep.answer.sample import Outcome, gather
from femsacrum.sweep.answer.surrogate import surrogate
from femsacrum.sweep.design import points
from femsacrum.sweep.records import Record


def uniform(name, low, high, **more):
    return {"name": name, "key": name, "low": low, "high": high, "source": "a test"} | more


ISHIGAMI = [uniform(name, -math.pi, math.pi) for name in ("a", "b", "c")]
NORMAL = [{"name": "x", "key": "x", "distribution": "normal", "mean": 0.0, "sd": 1.0, "source": "a test"}]
WANTED = {"name": "y", "load": "standing", "key": "y"}


def ishigami(point):
    a, b, c = (point[name] for name in "abc")
    return math.sin(a) + 7.0 * math.sin(b) ** 2 + 0.1 * c**4 * math.sin(a)


def sampled(folder, function, refused=(), **changes):
    """The sample of a sweep whose points come out as the function says."""
    read = sweep(**({"outcomes": [WANTED]} | changes))
    made = points(read, folder)
    for number, point in enumerate(made):
        row = {"load_case": "standing", "key": "y", "words": "why", "unit": "mm", "value": function(point)}
        state = "refused" if number in refused else "done"
        rows = (row,) if state == "done" else ()
        records.write(folder, Record(number, point, state, "input: no", code="code", outcomes=rows))
    return gather(folder, read, made, "code")


def test_sobol_indices_of_ishigami_are_the_known_ones(tmp_path):
    """Ishigami and Homma 1990, with 7 and 0.1."""
    sample = sampled(tmp_path, ishigami, factors=ISHIGAMI, design={"kind": "saltelli", "points": 512})
    found = indices(sample, sample.outcomes[0])
    assert isinstance(found, Sobol)
    one, two = 0.5 * (1.0 + 0.1 * math.pi**4 / 5.0) ** 2, 7.0**2 / 8.0
    both = 0.1**2 * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    total = one + two + both
    assert (np.abs(found.first - np.array([one, two, 0.0]) / total) < found.first_half).all()
    assert (np.abs(found.total - np.array([one + both, two, both]) / total) < found.total_half).all()
    assert (found.total_half < 0.15).all()


@pytest.mark.parametrize("kind", ["saltelli", "morris"])
def test_indices_are_refused_where_a_point_is_missing(tmp_path, kind):
    sample = sampled(tmp_path, ishigami, {3}, factors=ISHIGAMI, design={"kind": kind, "points": 4})
    found = indices(sample, sample.outcomes[0])
    assert isinstance(found, Refused)
    assert found.why.startswith("1 of ")


def test_morris_of_a_linear_function_is_its_slopes(tmp_path):
    factors = [uniform("a", 0.0, 2.0), uniform("b", 10.0, 20.0), uniform("c", 0.0, 1.0)]
    design = {"kind": "morris", "points": 6}
    sample = sampled(tmp_path, lambda point: 3.0 * point["a"] - 0.2 * point["b"], factors=factors, design=design)
    found = indices(sample, sample.outcomes[0])
    assert isinstance(found, Morris)
    assert found.mean == pytest.approx([6.0, -2.0, 0.0], abs=1e-9)
    assert found.size == pytest.approx([6.0, 2.0, 0.0], abs=1e-9)
    assert found.spread == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_tornado_and_regression_of_a_linear_function_are_exact(tmp_path):
    factors = [uniform("a", 0.0, 2.0, levels=3), uniform("b", 10.0, 20.0, levels=3), uniform("c", 0.0, 1.0, levels=3)]
    design = {"kind": "factorial"}
    sample = sampled(tmp_path, lambda point: 3.0 * point["a"] - 0.2 * point["b"], factors=factors, design=design)
    outcome = sample.outcomes[0]
    found = effects(sample, outcome)
    assert [each.binned.factor.name for each in found] == ["a", "b", "c"]
    assert [each.range for each in found] == pytest.approx([6.0, 2.0, 0.0], abs=1e-9)
    assert found[0].means == pytest.approx([-3.0, 0.0, 3.0])
    assert [each.clear for each in found][::2] == [True, False]
    told = indices(sample, outcome)
    assert isinstance(told, Regression)
    assert told.explained == pytest.approx(1.0)
    assert told.plain == pytest.approx(np.array([3.0, -1.0, 0.0]) / math.sqrt(10.0), abs=1e-9)


def outcome(name, values, **more):
    told = {"words": name, "unit": "mm", "goal": "least", "at_most": None, "at_least": None} | more
    return Outcome(name, values=np.array(values, dtype=float), **told)


def test_the_front_of_a_known_set_is_found():
    one = outcome("one", [1.0, 2.0, 3.0, 2.0, 1.0, np.nan, 0.5])
    other = outcome("other", [1.0, 5.0, 9.0, 4.0, 1.0, 99.0, 0.9], goal="most")
    assert front([one, other]).tolist() == [True, True, True, False, True, False, True]
    assert kept([outcome("one", [1.0, 2.0, np.nan], at_most=1.5)]).tolist() == [True, False, False]


@pytest.mark.parametrize("kind", ["sobol", "latin_hypercube", "saltelli"])
def test_the_probability_of_a_gaussian_limit_is_the_known_one(tmp_path, kind):
    sample = sampled(
        tmp_path, lambda point: 2.0 * point["x"] + 1.0, factors=NORMAL, design={"kind": kind, "points": 256},
        outcomes=[WANTED | {"at_most": 2.0}],
    )  # fmt: skip
    (found,) = probabilities(sample, {})
    assert isinstance(found, Probability)
    wanted = stats.norm.cdf(0.5)
    assert found.told.share == pytest.approx(wanted, abs=0.01)
    assert found.told.low < wanted < found.told.high
    first, last = found.course[0], found.course[-1]
    assert last == found.told
    assert last.high - last.low < 0.3 * (first.high - first.low)


def test_points_without_an_answer_widen_the_interval_to_both_sides(tmp_path):
    told = {"factors": NORMAL, "design": {"kind": "sobol", "points": 64}, "outcomes": [WANTED | {"at_least": 0.0}]}
    sample = sampled(tmp_path, lambda point: point["x"], set(range(16)), **told)
    (found,) = probabilities(sample, {})
    assert found.unknown == 0.25
    met = sum(sample.points[i]["x"] >= 0.0 for i in range(16, 64))
    assert (found.told.low, found.told.high) == (wilson(met, 64)[0], wilson(met + 16, 64)[1])
    assert found.told.share == pytest.approx(met / 48)


def test_a_surrogate_is_asked_where_points_follow_no_distribution_and_it_foretells_them(tmp_path):
    factors = [uniform("a", 0.0, 1.0, levels=5), uniform("b", 0.0, 1.0, levels=5)]
    told = {"factors": factors, "design": {"kind": "factorial"}, "outcomes": [WANTED | {"at_most": 0.5}]}
    sample = sampled(tmp_path, lambda point: point["a"] ** 2 + 0.01 * point["b"], **told)
    fitted = surrogate(sample, sample.outcomes[0])
    assert fitted.trusted
    assert fitted.q2 == pytest.approx(1.0)
    (found,) = probabilities(sample, {"y": fitted})
    assert (found.way, found.told.share) == ("surrogate", pytest.approx(0.7036, abs=0.01))


@pytest.mark.parametrize(
    ("levels", "noise", "said"), [(2, 0.0, "too few values of a, b, c"), (5, 1.0, "not trusted")]
)
def test_a_surrogate_that_cannot_be_trusted_is_not_asked(tmp_path, levels, noise, said):
    factors = [uniform(name, 0.0, 1.0, levels=levels) for name in "abc"]
    told = {"factors": factors, "design": {"kind": "factorial"}, "outcomes": [WANTED | {"at_most": 0.5}]}
    rng = np.random.default_rng(1)
    sample = sampled(tmp_path, lambda point: point["a"] + noise * rng.standard_normal(), **told)
    (found,) = answer(sample).probabilities
    assert isinstance(found, Unknown)
    assert said in found.why


def test_without_outcomes_the_worst_of_all_places_counts_and_a_point_that_lacks_one_has_none(tmp_path):
    read = sweep(design={"kind": "sobol", "points": 4})
    made = points(read, tmp_path)
    for number, point in enumerate(made):
        bodies = ("rod", "plate") if number else ("rod",)
        rows = [{"load_case": "standing", "key": f"implants.{body}.von_mises_p999", "words": body, "unit": "MPa",
                 "value": 100.0 * (i + 1)} for i, body in enumerate(bodies)]  # fmt: skip
        records.write(tmp_path, Record(number, point, "done", code="code", outcomes=tuple(rows)))
    (found,) = gather(tmp_path, read, made, "other").outcomes
    assert found.name == "stress"
    assert np.isnan(found.values[0])
    assert found.values[1:].tolist() == [200.0] * 3


def test_nothing_done_is_one_line(tmp_path):
    read = sweep()
    with pytest.raises(InputError, match="no point is done"):
        gather(tmp_path, read, points(read, tmp_path), "code")
