"""Struts between blocks of bone: cylinders cut by two planes, whose volume and end faces are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from surgery_shapes import box

from femsacrum.anatomy.model import Plane
from femsacrum.case.schema import Graft
from femsacrum.errors import InputError
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.cuts.cut import Cut
from femsacrum.surgery.fixation import reserved
from femsacrum.surgery.implants import struts
from femsacrum.surgery.implants.fit import fit
from femsacrum.surgery.shapes.places import depth_in


def block(low, high, point, normal):
    plane = Plane(np.array(point), np.array(normal))
    return Cut(replace(box(low, high), flat_faces={"cut": plane}), plane, 0.0, 0.0, 1.0)


L5 = block((-35.0, 0.0, 60.0), (35.0, 40.0, 80.0), (0.0, 20.0, 60.0), (0.0, 0.0, -1.0))
ILIUM = block((70.0, 0.0, -40.0), (90.0, 40.0, 50.0), (70.0, 20.0, 5.0), (-1.0, 0.0, 0.0))
AROUND = {"L5": depth_in(L5.surface), "left_ilium": depth_in(ILIUM.surface)}


def area(diameter, wall=None):
    bore = 0.0 if wall is None else diameter - 2.0 * wall
    return np.pi / 4.0 * (diameter**2 - bore**2)


@pytest.mark.parametrize(("kind", "wall"), [("fibular_strut", None), ("femoral_allograft", 4.0)])
def test_a_strut_is_cut_to_both_planes(kind, wall):
    """Cut at any angles a cylinder is as large as its section times its axis; its end is the section over the cosine."""
    options = Graft(kind=kind)
    strut = struts.stand("left", L5, ILIUM, 14.0, wall, AROUND)
    assert strut.borne == (1.0, 1.0)
    solid, volume, skin = struts.draw("left", strut, L5, ILIUM, 14.0, wall, options)
    length = np.linalg.norm(strut.foot - strut.top)
    assert volume == pytest.approx(area(14.0, wall) * length, rel=1e-3)
    assert solid.material == kind
    for face, cut, angle in (("seat", L5, strut.angles[0]), ("host", ILIUM, strut.angles[1])):
        numbers = fit(skin, solid.flat_faces[face], cut.surface).numbers()
        assert numbers["contact_area [mm2]"] == pytest.approx(area(14.0, wall) / np.cos(np.radians(angle)), rel=0.03)
        assert numbers["face_on_bone [%]"] == 100.0
        assert numbers["gap_max [mm]"] == 0.0


def test_the_best_place_is_the_one_square_to_both_cuts_as_far_as_can_be():
    """Both cosines together are largest at 45 degrees, and the strut keeps to its side of the midline."""
    strut = struts.stand("left", L5, ILIUM, 14.0, None, AROUND)
    assert strut.angles == pytest.approx((45.0, 45.0), abs=4.0)
    assert strut.top[0] - 7.0 / np.cos(np.radians(strut.angles[0])) >= 0.5


def test_struts_keep_clear_of_the_room_of_screws():
    free = struts.stand("left", L5, ILIUM, 14.0, None, AROUND)
    head = free.foot + np.array([-6.0, 0.0, 0.0])
    screw = Screw("left_iliac_1", "left_fixation", head, head, head + np.array([60.0, 0.0, 0.0]), 8.0, (), 5.0, 50.0)
    room = reserved.room_of([screw], 11.0)
    assert room(head[None]) == pytest.approx([5.5 + 2.0])
    assert room((head + np.array([30.0, 10.0, 0.0]))[None]) == pytest.approx([4.0 + 0.5 - 10.0])
    beside = struts.stand("left", L5, ILIUM, 14.0, None, {"the room of the iliac screws": room, **AROUND})
    assert np.linalg.norm(beside.foot - free.foot) > 4.0


def test_struts_that_cannot_stand_are_refused_with_the_place():
    with pytest.raises(
        InputError, match=r"60 mm: nowhere does bone lie under 50 % of both ends of a left strut"
    ) as at:
        struts.stand("left", L5, ILIUM, 60.0, None, AROUND)
    assert at.value.key == "surgery.graft.diameter"
    wall = depth_in(box((40.0, -60.0, -90.0), (55.0, 90.0, 59.0)))
    with pytest.raises(InputError, match=r"every left strut runs into something; .* mm into a wall at \("):
        struts.stand("left", L5, ILIUM, 14.0, None, {"a wall": wall, **AROUND})
    with pytest.raises(InputError, match=r"leave a bore of 0 mm: take 1.5 to 5.5 mm") as at:
        struts.sizes(Graft.model_validate({"kind": "fibular_strut", "wall": "7 mm"}))
    assert at.value.key == "surgery.graft.wall"


def test_usual_sizes_and_materials():
    assert struts.sizes(Graft(kind="fibular_strut")) == (14.0, None)
    assert struts.sizes(Graft(kind="femoral_allograft")) == (24.0, 6.0)
    for kind in struts.USUAL:
        assert 12000.0 <= constant("materials", f"{kind}.youngs_modulus").value <= 18000.0
    assert 5.0 <= constant("materials", "morsellised_graft.youngs_modulus").value <= 60.0
