"""How a report says where bone is damaged first."""

import pytest

from femsacrum.report.tables.instant import damaged


def told(factor, near):
    row = {"factor": {"value": factor, "unit": "1"}, "near": near}
    bodies = {"left_ilium": row}
    weakest = None if factor is None else "left_ilium"
    volume = {"value": 113.1, "unit": "mm3"}
    return {"first_damage": {"bodies": bodies, "weakest": weakest, "volume": volume, "limit": "Not strength."}}


@pytest.mark.parametrize("near", [{}, {"landmark": {"name": "left_PSIS", "distance": {"value": 7.0, "unit": "mm"}}}])
def test_the_weakest_bone_and_its_factor_are_said(near):
    said = damaged(told(2.34, near))
    assert "113 mm³ of left ilium" in said
    assert ("7 mm from left_PSIS" in said) == bool(near)
    assert "at 2.3 times this load. Not strength." in said


def test_bone_that_nothing_strains_and_older_findings_say_nothing():
    assert damaged(told(None, {})) == ""
    assert damaged({}) == ""
