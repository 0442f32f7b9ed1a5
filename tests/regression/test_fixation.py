"""Rods and screws without a prosthesis on the reference anatomy: a whole four-rod reconstruction."""

import numpy as np
import pytest
from coarse_studies import STUDIES

from femsacrum.anatomy.build import build
from femsacrum.case.composition import composition
from femsacrum.case.load import check
from femsacrum.surgery.operate import operate

FOUR_ROD = {
    "schema_version": 1,
    "name": "four_rod",
    "patient": {"mass": "75 kg"},
    "surgery": {
        "plan": "total_sacrectomy",
        "prosthesis": "none",
        "graft": "none",
        "resection": {"left_ilium": {"landmark": "left_notch", "offset": "2 mm", "normal": [-0.6, 0.8, 0.1]}},
        "fixation": {"rods_per_side": 2, "cross_links": 2},
    },
    "loads": [{"name": "standing", "kind": "standing", "source": "not solved here"}],
}


@pytest.fixture(scope="module")
def anatomy():
    return build(check(FOUR_ROD, STUDIES / "four_rod.toml"), STUDIES)


@pytest.fixture(scope="module")
def construct(anatomy):
    return operate(check(FOUR_ROD, STUDIES / "four_rod.toml"), anatomy)


def test_its_bodies_are_those_the_case_file_is_checked_with(construct):
    told = composition(FOUR_ROD)
    assert set(told.bodies) == {*construct.surfaces, *construct.solids}
    made = {(c.slave[0], c.master[0]) for c in construct.contacts if c.kind in ("anatomical", "embedded")}
    assert set(told.joined) == made


def test_it_has_four_rods_and_two_links_that_keep_clear(construct):
    names = {"left_rod", "right_rod", "left_rod_2", "right_rod_2", "cross_link_1", "cross_link_2"}
    assert {rod.name for rod in construct.rods} == names
    screws, rods = ({one.name: one for one in some} for some in (construct.screws, construct.rods))
    for side in ("left", "right"):
        assert rods[f"{side}_rod"].path[-1] == pytest.approx(screws[f"{side}_iliac_1"].head)
        assert rods[f"{side}_rod_2"].path[-1] == pytest.approx(screws[f"{side}_iliac_2"].head)
    assert construct.measures["least_distance_rod_to_bone_or_prosthesis [mm]"] >= 0.2
    assert construct.measures["least_distance_between_screws [mm]"] >= 2.0
    bends = [value for name, value in construct.measures.items() if name.startswith("bend_")]
    assert len(bends) >= 4
    assert max(bends) < 60.0


def test_iliac_screws_hold_in_what_is_left_of_the_ilia(construct):
    for screw in construct.screws:
        if "iliac" in screw.name:
            assert screw.hosts == (f"{screw.name.split('_')[0]}_ilium",)
            assert screw.purchase >= 50.0
            assert screw.clearance - screw.diameter / 2.0 >= 0.9
            assert np.linalg.norm(screw.head - screw.entry) < 15.0


def test_an_uncut_spine_can_have_rods_from_l4_to_l5_alone(anatomy):
    surgery = {"plan": "intact", "fixation": {"iliac_anchor": "none"}}
    made = operate(check({**FOUR_ROD, "surgery": surgery}, STUDIES / "lumbar.toml"), anatomy)
    told = composition({"surgery": surgery})
    assert set(told.bodies) == {*made.surfaces, *made.solids} == {*anatomy.parts, "left_fixation", "right_fixation"}
    assert set(told.joined) == {(c.slave[0], c.master[0]) for c in made.contacts}
    assert {screw.hosts for screw in made.screws} == {("L4",), ("L5",)}
    heads = {screw.name: screw.head for screw in made.screws}
    for rod in made.rods:
        side = rod.name.split("_")[0]
        assert rod.path[[0, -1]] == pytest.approx(
            np.array([heads[f"{side}_{level}_pedicle"] for level in ("L4", "L5")])
        )
