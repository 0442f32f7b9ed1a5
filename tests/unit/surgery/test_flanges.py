"""Flanges and their screws on a block of bone, whose gap, purchase and refusals are known beforehand."""

import numpy as np
import pytest
from surgery_shapes import box, joined

from femsacrum.anatomy.model import Plane
from femsacrum.case.schema import Flanges
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.fixation.flanges import Taken, draw, flange_on
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.implants.tabs import FREE
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.outline import Regions
from femsacrum.surgery.shapes.outside import outside
from femsacrum.surgery.shapes.places import depth_in

#: A wing 20 mm thick (y), 60 mm high (z), from its cut at x = 0 to x = -80 mm; y is to the back.
WING = box((-80.0, 0.0, 0.0), (0.0, 20.0, 60.0))
NOTHING = Taken({}, (), 0.0)


def plate():
    from shapely.geometry import box as rectangle

    outline = rectangle(-9.0, -29.0, 9.0, 29.0)
    frame = frame_on(Plane(np.array([0.0, 10.0, 30.0]), np.array([1.0, 0.0, 0.0])), np.array([0.0, 0.0, 1.0]))
    knots = np.asarray(outline.exterior.coords)[:-1]
    return Plate("left", frame, Regions(knots, outline, outline, None, 29.0), 0.0, 6.0)


def made(taken=NOTHING, wing=WING, **options):
    read = Flanges.model_validate(options)
    return flange_on(plate(), wing, depth_in(wing), taken, read)


@pytest.mark.parametrize(("side", "face", "outward"), [("outer", 20.0, 1.0), ("inner", 0.0, -1.0)])
def test_a_tab_lies_flat_on_flat_bone_and_its_screws_cross_it(side, face, outward):
    flange = made(side=side, screws=3)
    assert flange.gap == pytest.approx((FREE, FREE), abs=1e-6)
    for number, screw in enumerate(flange.screws, 1):
        assert screw.name == screw.body == f"left_flange_screw_{number}"
        assert screw.hosts == ("prosthesis", "left_ilium")
        assert screw.head[1] == pytest.approx(face + outward * (FREE + 3.0), abs=1e-6)
        # 30 mm wanted: 20 mm of bone, gap and tab, and 2 mm through the far cortex
        assert screw.tip[1] == pytest.approx(20.0 - face - 2.0 * outward, abs=0.3)
        assert screw.purchase == pytest.approx(20.0, abs=0.3)
        assert screw.clearance == pytest.approx(min(10.0, -screw.head[0], screw.head[2]), abs=0.3)
    ways = np.diff([screw.head[0] for screw in flange.screws])
    assert (ways <= -1.5 * 4.5 + 1e-9).all()


def test_a_short_screw_ends_in_bone():
    (screw,) = made(screws=1, screw_length="15 mm").screws
    assert np.linalg.norm(screw.tip - screw.head) == pytest.approx(15.0)
    assert screw.purchase == pytest.approx(15.0 - 3.0 - FREE, abs=0.3)


def test_a_tab_is_one_solid_with_its_plate_and_cuts_no_bone():
    flange = made()
    base = plate()
    bounds = np.reshape(base.regions.pad.bounds, (2, 2))
    with cad.drawing("plate and flange"):
        pieces = [cad.block(base.frame, *bounds, 0.0, base.back), *flange.tab.draw()]
        separate = sum(map(cad.volume, pieces))
        whole = cad.fuse(pieces, "plate and flange")
        assert cad.volume(whole) < separate - 100.0  # they share volume, not a face
        assert cad.shortest_edge() > 0.4
        skin = outside("plate and flange")
    assert depth_in(WING)(skin.points).max() < 1e-6
    solid, volume = draw(flange.screws[0])
    assert solid.role == "fixation"
    length = np.linalg.norm(flange.screws[0].tip - flange.screws[0].head)
    assert 0.85 < volume / (np.pi * 2.25**2 * length) < 1.0


def test_a_screw_in_the_way_moves_it():
    free = made(screws=1)
    at = free.screws[0].head
    rod = Screw("left_iliac_1", "left_fixation", at * [0, 1, 1], at, at - [60, 0, 0], 8.0, ("left_ilium",), 0.0, 0.0)
    moved = made(Taken({}, (rod,), 8.0), screws=1)
    assert abs(moved.screws[0].head[2] - at[2]) >= 0.5 * (8.0 + 4.5) + 1.0


CRAMPED = [
    ({"length": "15 mm"}, {}, "flanges.length: 15 mm is 2.6 mm too short for 2 screws of 4.5 mm"),
    ({"width": "6 mm"}, {}, "flanges.width: 6 mm is too narrow for screws of 4.5 mm: make it 8.75 mm or wider"),
    ({"length": "85 mm"}, {}, "flanges: no outer flange of 12 x 85 mm fits on the left ilium"),
    ({"width": "57 mm"}, {}, "the pad of the left plate is 58.0 mm high"),
    ({}, {"wing": box((-80.0, 15.0, 0.0), (0.0, 20.0, 60.0))}, "holds 5.0 mm in bone from"),
    ({"screw_length": "8 mm"}, {}, r"holds 4.5 mm in bone from \(-6.5, 19.8, 8.0\) mm \(at least 6 mm\)"),
    (
        {},
        {"taken": Taken({"L5": depth_in(box((-30.0, 21.0, -10.0), (30.0, 40.0, 70.0)))}, (), 0.0)},
        r"mm too near to L5 at \(",
    ),
    (
        {},
        {"taken": Taken({"right_ilium": depth_in(box((-30.0, -9.0, -10.0), (30.0, -1.0, 70.0)))}, (), 0.0)},
        "mm too near to right_ilium",
    ),
]


@pytest.mark.parametrize(("options", "where", "said"), CRAMPED)
def test_what_has_no_room_is_refused_with_place_and_distance(options, where, said):
    with pytest.raises(InputError, match=said):
        made(**where, **options)


def test_bone_that_curves_away_is_refused_where_the_tab_would_stand_off():
    bumped = joined(WING, box((-26.0, 20.0, 0.0), (-24.0, 34.0, 60.0)))
    with pytest.raises(InputError, match=r"mm off bone on average \(at most 5 mm\)"):
        made(wing=bumped)
