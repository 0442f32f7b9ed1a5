"""Cuts beside the plan: said in a case, refused where they mean nothing, a gap on the faces of their cut."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from femsacrum.anatomy.model import Plane, Surface
from femsacrum.case.load import check
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Construct, Contact
from femsacrum.surgery.implants.fit import Fit
from femsacrum.surgery.openings import as_planned, as_sawn, middle_of, seated
from femsacrum.surgery.shapes.frame import Frame

X, Y, Z = np.eye(3)
#: A cut face of 40 x 20 mm at x = 0 that looks to the left.
CORNERS = np.array([[0.0, 0, 0], [0, 40, 0], [0, 40, 20], [0, 0, 20]])

LAWS = [
    {"between": [body, other], "law": "frictional", "friction": 0.5}
    for body, other in (("graft", "*"), ("prosthesis", "bone"))
]


def case(sawn, plan="total_sacrectomy", **more):
    cut = {"landmark": "left_notch", "normal": [-0.6, 0.8, 0.1]}
    resection = {"left_ilium": cut} if plan == "total_sacrectomy" else {"sacrum": {"level": "below S2"}}
    return check(
        {
            "schema_version": 1,
            "name": "sawn",
            "patient": {"mass": "75 kg"},
            "surgery": {"plan": plan, "resection": {**resection, "sawn": sawn}, **more},
            "interfaces": LAWS,
            "loads": [{"name": "standing", "kind": "standing", "support": "hips", "source": "test"}],
        },
        Path("case.toml"),
    )


@pytest.fixture
def planned():
    face = Plane(CORNERS.mean(axis=0), X)
    bone = Surface(CORNERS, np.array([[0, 1, 2], [0, 2, 3]]), {"cut": face})
    across, along = np.arange(5.0, 36.0), np.arange(1.0, 20.0)
    whole = np.ones((len(along), len(across)), bool)
    fit = Fit(Frame(np.zeros(3), Y, Z, X), across, along, np.zeros(whole.shape), whole, whole)
    pad = Contact("prosthesis/left_ilium", ("prosthesis", "left_pad"), ("left_ilium", "cut"))
    other = Contact("prosthesis/L5", ("prosthesis", "endplate"), ("L5", "cut"))
    return Construct(None, {"left_ilium": bone}, {}, (), (), (pad, other), {}, {"left_ilium": face}, {pad.name: fit})


def test_a_deeper_cut_leaves_the_same_gap_all_over_and_nothing_elsewhere(planned):
    pad, other = as_sawn(case({"left_ilium": {"offset": "2 mm"}}), planned).contacts
    assert pad.opening.at(CORNERS) == pytest.approx([2.0] * 4)
    assert other == planned.contacts[1]


def test_a_tilted_cut_opens_towards_its_side_from_where_it_touches_first(planned):
    said = case({"left_ilium": {"offset": "0 mm", "tilt": "3.2 deg", "opens": "cranial"}})
    opening = as_sawn(said, planned).contacts[0].opening
    slope = np.tan(np.radians(3.2))
    heights = np.array([1.0, 10.0, 19.0])
    points = np.column_stack([np.zeros(3), np.full(3, 20.0), heights])
    assert opening.at(points) == pytest.approx(slope * (heights - 1.0))  # the implant's face begins at z = 1


def test_bone_left_standing_all_over_is_a_face_that_touches_all_over(planned):
    opening = as_sawn(case({"left_ilium": {"offset": "-3 mm"}}), planned).contacts[0].opening
    assert opening.at(CORNERS) == pytest.approx([0.0] * 4)


def test_what_is_meshed_does_not_know_of_it():
    said = case({"left_ilium": {"offset": "2 mm"}})
    assert as_planned(said).surgery.resection.sawn is None
    assert as_planned(said).surgery == as_planned(case({"right_ilium": {"offset": "1 mm"}})).surgery
    assert said.surgery.resection.sawn is not None


def test_middle_of_a_face_is_that_of_its_area(planned):
    assert middle_of(planned.surfaces["left_ilium"]) == pytest.approx([0.0, 20.0, 10.0])


def test_pressed_on_without_points_it_touches_at_its_middle(planned):
    opening = as_sawn(case({"left_ilium": {"offset": "1 mm"}}), planned).contacts[0].opening
    assert seated(replace(opening, offset=-1.0), np.zeros((0, 3))).offset == 0.0


@pytest.mark.parametrize(
    ("sawn", "said"),
    [
        ({"L5": {"offset": "1 mm"}}, None),
        ({"right_ilium": {"offset": "1 mm"}}, "no implant or graft lies on that cut"),
        ({"left_ilium": {"tilt": "3 deg", "opens": "left"}}, "runs along the normal"),
    ],
)
def test_a_cut_on_which_nothing_lies_is_refused(planned, sawn, said):
    if said is None:
        end = planned.surfaces["left_ilium"], planned.planes["left_ilium"]
        with_end = replace(
            planned, surfaces={**planned.surfaces, "L5": end[0]}, planes={**planned.planes, "L5": end[1]}
        )
        assert as_sawn(case(sawn), with_end).contacts[1].opening.offset == 1.0
        return
    with pytest.raises(InputError, match=said):
        as_sawn(case(sawn), planned)


@pytest.mark.parametrize(
    ("sawn", "said"),
    [
        ({"left_ilium": {"tilt": "3 deg"}}, r"left_ilium.opens.*to which side"),
        ({"left_ilium": {"opens": "cranial"}}, "there is no tilt"),
        ({"left_ilium": {"tilt": "40 deg", "opens": "cranial"}}, "tilt"),
        ({"left_ilium": {"offset": "2"}}, r"offset.*unit"),
        ({"sacrum": {"offset": "2 mm"}}, "sacrum"),
    ],
)
def test_what_says_too_little_is_refused_at_the_door(sawn, said):
    with pytest.raises(InputError, match=said):
        case(sawn)


def test_a_plan_that_leaves_no_face_refuses_it():
    with pytest.raises(InputError, match="does not read it"):
        case({"left_ilium": {"offset": "2 mm"}}, "partial_sacrectomy")
