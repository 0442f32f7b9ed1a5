"""Keys of a time series that do not go together are told before anything is read."""

import pytest

from femsacrum.case.rules import problems
from femsacrum.case.series_rules import series_problems

GOOD = {
    "file": "hip.csv", "format": "CSV", "unit": "N", "frame": "ISB pelvis", "acts_on": "pelvis",
    "hips": {"right": ["x", "y", "z"]}, "start": 0.0, "end": 1.2,
}  # fmt: skip
THREE = {"flexion": "f", "adduction": "a", "rotation": "r"}
FEMUR = {"frame": "HIP98 femur", "acts_on": "femur"}


def told(folder, **changes):
    (folder / "hip.csv").write_text("t\n")
    data = {"loads": [{"name": "a"}, {"name": "b", "series": GOOD | changes}]}
    return {location[3:]: problem for location, problem in series_problems(data, folder)}


def test_nothing_is_wrong_with_a_good_one(tmp_path):
    assert told(tmp_path) == {}
    assert told(tmp_path, **FEMUR, angles={"unit": "deg", "hips": {"right": THREE}}) == {}
    assert told(tmp_path, end=100, duration="1.2 s") == {}


@pytest.mark.parametrize(
    ("changes", "location", "problem"),
    [
        ({"file": "hop.csv"}, ("file",), "no such file"),
        ({"muscles": {"file": "../hip.csv"}}, ("muscles", "file"), "climbs out of its folder"),
        ({"end": 0.0}, ("end",), "is not after start = 0.0: a cycle takes time"),
        ({"end": 100}, ("duration",), "missing: from start to end are 100"),
        (FEMUR, ("angles", "hips", "right"), "needs the right hip's flexion, adduction and rotation"),
        (FEMUR | {"acts_on": "pelvis"}, ("acts_on",), 'write "femur"'),
        (FEMUR | {"trunk": ["x", "y", "z"]}, ("trunk",), "leave it out"),
        ({"per_year": [1e6, 1e5, 2e6]}, ("per_year",), "must rise"),
        (FEMUR | {"angles": {"hips": {"right": THREE}}}, ("angles", "unit"), 'write "deg" or "rad"'),
        (
            {"mirrored": True, "hips": {"right": ["x", "y", "z"], "left": ["u", "v", "w"]}},
            ("mirrored",),
            "both hips are given",
        ),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path, changes, location, problem):
    assert problem in told(tmp_path, **changes)[location]


def test_a_support_that_carries_nothing_closes_no_balance(tmp_path):
    for support in ({}, {"support": "free"}):
        data = {"loads": [{"name": "a", "kind": "walking", "source": "x", "closing": "support"} | support]}
        assert "nothing holds the pelvis" in dict(problems(data, tmp_path))["loads", 0, "closing"]
    held = {"loads": [{"name": "a", "kind": "walking", "source": "x", "closing": "support", "support": "hips"}]}
    assert ("loads", 0, "closing") not in dict(problems(held, tmp_path))
