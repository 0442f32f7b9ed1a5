"""What of rods and screws does not go together is told before any bone is read."""

from __future__ import annotations

import pytest

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
        {"iliac_anchor": "galveston", "iliac_screws_per_side": 1},
        planned("left_L4_pedicle", "right_iliac_1", "right_iliac_2"),
        {"trajectories": "no list"},
    ],
)
def test_what_goes_together(given: dict[str, object]) -> None:
    assert not list(fixation_problems(given, "total_sacrectomy"))


def test_a_planned_trajectory_is_read_in_millimetres() -> None:
    (screw,) = Fixation(trajectories=[{"name": "left_L5_pedicle", "diameter": "0.7 cm", **SCREW}]).trajectories
    assert (screw.entry, screw.tip, screw.diameter) == ((29.0, 94.0, 75.0), (10.0, 57.0, 59.0), pytest.approx(7.0))
