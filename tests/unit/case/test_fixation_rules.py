"""What of rods and screws does not go together is told before any bone is read."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from femsacrum.case.fixation import fixation_problems
from femsacrum.case.schema import Fixation

SCREW = {"entry": "(29, 94, 75) mm", "tip": "(10, 57, 59) mm"}


def planned(*names: str) -> dict[str, object]:
    return {"trajectories": [{"name": name, **SCREW} for name in names]}


@pytest.mark.parametrize(
    ("given", "plan", "key", "said"),
    [
        (
            {"iliac_anchor": "S2_alar_iliac"},
            "total_sacrectomy",
            "iliac_anchor",
            "pass the sacrum, which this plan takes",
        ),
        (
            {"rods_per_side": 2, "iliac_screws_per_side": 1},
            "total_sacrectomy",
            "rods_per_side",
            "need 2 iliac screws",
        ),
        (
            {"rods_per_side": 2, "iliac_anchor": "galveston"},
            "total_sacrectomy",
            "rods_per_side",
            '"galveston" has none',
        ),
        (planned("left_L5_pedicle", "left_L5_pedicle"), "total_sacrectomy", "trajectories", "is given 2 times"),
        (
            planned("left_iliac_1"),
            "total_sacrectomy",
            "trajectories",
            "plan left_iliac_1 and left_iliac_2 or neither",
        ),
        (
            {"iliac_screws_per_side": 1, **planned("right_iliac_1", "right_iliac_2")},
            "total_sacrectomy",
            "trajectories",
            "iliac_screws_per_side = 1 plan only right_iliac_1",
        ),
        (
            {"iliac_anchor": "galveston", **planned("left_iliac_1", "left_iliac_2")},
            "total_sacrectomy",
            "trajectories",
            '"galveston" has none of that kind',
        ),
        (
            {"iliac_anchor": "galveston", "iliac_screws_per_side": 2},
            "total_sacrectomy",
            "iliac_screws_per_side",
            'the anchor "galveston" is the end of the rod, no screw: leave it out',
        ),
        (
            {"iliac_anchor": "galveston", "iliac_screw_diameter": "7 mm"},
            "total_sacrectomy",
            "iliac_screw_diameter",
            "leave it out",
        ),
        ({"iliac_anchor": "none"}, "total_sacrectomy", "iliac_anchor", "joins nothing to the pelvis"),
        ({"iliac_anchor": "none", "rods_per_side": 2}, "intact", "rods_per_side", 'iliac_anchor = "none" has none'),
        ({"iliac_anchor": "none", "cross_links": 1}, "intact", "cross_links", "below L5"),
        ({"iliac_anchor": "none", "transiliac_bars": 1}, "intact", "transiliac_bars", "below L5"),
        (
            {"iliac_anchor": "none", "iliac_screw_length": "70 mm"},
            "intact",
            "iliac_screw_length",
            'the anchor "none" leaves the ilium alone: leave it out',
        ),
        (
            {"iliac_anchor": "none", **planned("left_iliac_1", "left_iliac_2")},
            "intact",
            "trajectories",
            '"none" has none of that kind',
        ),
        (
            {"head_diameter": "5 mm"},
            "total_sacrectomy",
            "head_diameter",
            "a head of 5 mm does not hold iliac_screw_diameter = 8 mm: at least 10 mm",
        ),
        (
            {"rod_diameter": "1.2 cm"},
            "total_sacrectomy",
            "head_diameter",
            "a head of 11 mm does not hold rod_diameter = 12 mm: at least 14 mm",
        ),
        (
            {"trajectories": [{"name": "left_L5_pedicle", "diameter": "20 mm", **SCREW}]},
            "total_sacrectomy",
            "head_diameter",
            "does not hold the diameter of left_L5_pedicle = 20 mm: at least 22 mm",
        ),
    ],
)
def test_what_does_not_go_together(given: dict[str, object], plan: str, key: str, said: str) -> None:
    ((location, problem),) = fixation_problems(given, plan)
    assert location == ("surgery", "fixation", key)
    assert said in problem


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"rods_per_side": 2, "cross_links": 2},
        {"iliac_anchor": "galveston"},
        {"head_diameter": "8.5 mm", "pedicle_screw_diameter": "6 mm", "iliac_screw_diameter": "6.5 mm"},
        {"head_diameter": "wide"},
        {"head_diameter": 11},
        planned("left_L4_pedicle", "right_iliac_1", "right_iliac_2"),
        {"trajectories": "no list"},
    ],
)
def test_what_goes_together(given: dict[str, object]) -> None:
    assert not list(fixation_problems(given, "total_sacrectomy"))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("rod_diameter", "2 mm", "at least 3 mm"),
        ("rod_diameter", "13 mm", "at most 12 mm"),
        ("head_diameter", "4 mm", "at least 5 mm"),
        ("head_diameter", "4 cm", "at most 30 mm"),
    ],
)
def test_refuses_sizes_that_no_system_has(key: str, value: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Fixation(**{key: value})


@pytest.mark.parametrize(("anchor", "plan"), [("galveston", "total_sacrectomy"), ("none", "intact")])
def test_what_is_written_without_iliac_screws_is_read_again(anchor: str, plan: str) -> None:
    written = Fixation(iliac_anchor=anchor).model_dump(mode="json")
    assert not list(fixation_problems(written, plan))
    assert Fixation(**written) == Fixation(iliac_anchor=anchor)
    assert "iliac_screws_per_side" in Fixation().model_dump(mode="json")


def test_a_planned_trajectory_is_read_in_millimetres() -> None:
    (screw,) = Fixation(trajectories=[{"name": "left_L5_pedicle", "diameter": "0.7 cm", **SCREW}]).trajectories
    assert (screw.entry, screw.tip, screw.diameter) == ((29.0, 94.0, 75.0), (10.0, 57.0, 59.0), pytest.approx(7.0))
