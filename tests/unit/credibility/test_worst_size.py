"""Ranks, resolved differences and the worst size of a family, on numbers alone."""

import math

import pytest

from femsacrum.credibility.responses import Response, Value, responses
from femsacrum.credibility.uncertainty import Band
from femsacrum.credibility.worst_size import sentences, single, worst_sizes

NAMES = ("small", "middle", "large")


def row(numbers, worse="more", half=None, limit=None, key="micromotion"):
    bands = [None if half is None or n is None else Band(n - half, n + half) for n in numbers]
    values = tuple(Value(number, "face", band=band) for number, band in zip(numbers, bands, strict=True))
    return Response(key, "standing", "motion", "um", worse, values, limit)


def worst(*rows, **options):
    return worst_sizes(rows, **options)


def test_ranks_go_from_the_best_and_equal_values_share_one():
    assert row([3.0, 1.0, 2.0]).ranks() == [3, 1, 2]
    assert row([3.0, 1.0, 2.0], worse="less").ranks() == [1, 3, 2]
    assert row([2.0, 1.0, 2.0]).ranks() == [2, 1, 2]
    assert row([1.0, 1.0, 1.0 + 1e-9]).ranks() == [None, None, None]
    assert row([3.0, 1.0, 2.0], worse=None).ranks() == [None, None, None]
    assert row([3.0, None, 2.0]).ranks() == [None, None, None]
    assert row([math.inf, 2.0, math.inf], worse="less").ranks() == [1, 3, 1]


@pytest.mark.parametrize(("half", "said"), [(0.4, "yes"), (0.6, "no"), (None, "not known")])
def test_a_difference_is_one_where_bands_do_not_meet(half, said):
    assert row([1.0, 2.0], half=half).differs(0, 1) == said
    (found,) = worst(row([1.0, 2.0], half=half))
    assert (found.sizes, found.following, found.resolved) == ((1,), 0, said)


def test_equal_values_do_not_differ_whatever_is_known():
    assert row([1.0, 1.0]).differs(0, 1) == "no"


@pytest.mark.parametrize(
    ("numbers", "course"),
    [
        ([1.0, 2.0, 3.0], "rises"), ([3.0, 2.0, 2.0], "falls"), ([1.0, 3.0, 2.0], "neither rises nor falls throughout"),
        ([2.0, 2.0, 2.0], "does not change"),
    ],
)  # fmt: skip
def test_the_course_over_the_sizes(numbers, course):
    (found,) = worst(row(numbers))
    assert found.course == course
    assert worst(row(numbers), every=False)[0].course == "not known"


def test_margins_are_those_of_the_worst():
    below, above = worst(row([10.0, 30.0, 20.0], limit=25.0), row([10.0, 30.0, 20.0], worse="less", limit=5.0))
    assert (below.sizes, below.margin) == ((1,), -5.0)
    assert (above.sizes, above.margin) == ((0,), 5.0)


def test_different_worst_sizes_are_said_to_leave_no_size_that_covers_all():
    found = worst(row([1.0, 2.0, 3.0]), row([1.0, 2.0, 3.0], worse="less"), row([7.0, 7.0, 7.0]))
    said = " ".join(sentences(found, NAMES))
    assert single(found) == []
    assert "No single size is the worst for all 2 outcomes" in said
    assert "(small for 1, large for 1): no one size covers the family" in said
    assert "In 2 of them the difference of the worst to the next size may be the mesh's" in said
    assert "2 of 2 do, over the 3 sizes that were run, which does not prove it between them" in said


def test_one_worst_size_is_named():
    found = worst(row([1.0, 2.0, 3.0], half=0.1), row([9.0, 8.0, 4.0], worse="less", half=2.5))
    said = " ".join(sentences(found, NAMES))
    assert single(found) == [2]
    assert "large is the worst size for all 2 outcomes" in said
    assert "In 1 of them the difference of the worst to the next size is within the uncertainty of the meshes" in said


def test_a_size_without_a_value_leaves_the_worst_unknown():
    found = worst(row([1.0, None, 3.0]))
    assert (found[0].sizes, found[0].course) == ((), "not known")
    said = " ".join(sentences(found, NAMES))
    assert "none of them is the worst" in said
    assert "1 outcomes have no worst size" in said


def test_two_sizes_show_no_course():
    assert "two values show no course" in " ".join(sentences(worst(row([1.0, 2.0])), NAMES[:2]))


def test_outcomes_with_no_worse_way_have_no_worst_size():
    assert worst(row([1.0, 2.0, 3.0], worse=None)) == ()


def test_criteria_count_only_where_all_runs_ask_the_same():
    def findings(limit, value):
        told = {"load_case": "standing", "of": "", "key": "deformation.L5_drop", "inverse_of": None}
        entry = {"name": "a", "outcome": "L5_drop", "of": None, "load_case": None, "sense": "at_most", "why": "",
                 "limit": {"value": limit, "unit": "mm"}, "value": {"value": value}, "verdict": "met",
                 "decided_by": told}  # fmt: skip
        return {"load_cases": {}, "mesh": {"bodies": {}}, "margins": {}, "criteria": [entry]}

    nothing = [None, None]
    (shared,) = responses([findings(5.0, 1.0), findings(5.0, 2.0)], nothing, nothing)
    assert (shared.key, shared.limit, [value.number for value in shared.values]) == ("criterion a", 5.0, [1.0, 2.0])
    assert responses([findings(5.0, 1.0), findings(4.0, 2.0)], nothing, nothing) == []
