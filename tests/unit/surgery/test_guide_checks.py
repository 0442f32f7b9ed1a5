"""What keeps a guide from being printed, put on or taken off is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from guide_shapes import BACK, Made, made, wires
from surgery_shapes import box

from femsacrum.surgery.guides.checks import beside, check, least_wall, through_sleeve, undercut, walls_off
from femsacrum.surgery.guides.rays import first_hit


def checked(guide: Made, **others):
    given = {name: others.get(name, getattr(guide, name)) for name in ("seat", "wires", "leads", "layout")}
    return check(guide.parts, *given.values(), guide.anatomy, guide.spec, guide.relief)


def test_a_sound_guide_raises_no_doubt():
    measures, doubts = checked(made())
    assert doubts == ()
    assert measures["guide_least_wall [mm]"] >= 1.45
    assert measures["guide_clearance [mm]"] >= 1.45
    assert measures["guide_undercut [mm2]"] == 0.0
    assert measures["guide_overlap [mm3]"] < 0.1
    assert measures["guide_contact_error [mm]"] < 1e-6


def test_the_thickness_of_a_wall_is_exact():
    plate = box((0, 0, 0), (30, 20, 1.2))
    assert least_wall(plate) == pytest.approx(1.2)
    assert least_wall(box((0, 0, 0), (30, 20, 8))) == pytest.approx(8.0)


def test_a_wall_too_thin_is_told():
    measures, doubts = checked(made(thickness=1.2))
    assert measures["guide_least_wall [mm]"] < 1.25
    assert any("thinnest wall is" in doubt and "at least 1.5 mm" in doubt for doubt in doubts)


def test_bone_over_a_part_is_an_undercut():
    part, roof = box((0, 0, 0), (20, 20, 5)), box((15, -5, 9), (40, 25, 12))
    up = np.array([0.0, 0.0, 1.0])
    area = undercut(part, [roof], up)  # by whole triangles, on both of its faces
    assert area > 0.0
    assert undercut(part, [box((25, -5, 9), (40, 25, 12))], up) == 0.0
    assert undercut(part, [box((0, 0, -9), (20, 20, -1))], up) == 0.0


def test_bone_over_the_guide_is_told():
    guide = made()
    over = guide.layout.frame.space(guide.layout.pins["left"], 60.0)[0]
    bones = {**guide.anatomy.parts, "L5": box(tuple(over - 8.0), tuple(over + 8.0))}
    _, doubts = checked(replace(guide, relief=type(guide.relief)(bones)))
    assert any("cannot be lifted off" in doubt for doubt in doubts)


def test_feet_in_the_bone_are_told():
    measures, doubts = checked(made(depth=0.8))
    assert measures["guide_contact_error [mm]"] == pytest.approx(0.8, abs=1e-6)
    # eight caps 0.8 mm deep of a ball of 2 mm: pi h^2 (r - h / 3)
    assert measures["guide_overlap [mm3]"] == pytest.approx(
        8.0 * np.pi * 0.64 * (2.0 - 0.8 / 3.0), rel=0.25
    )  # a coarse skin
    assert any("presses into it by 0.80 mm" in doubt for doubt in doubts)
    assert any("shares" in doubt for doubt in doubts)


def test_a_wire_beside_its_sleeve_is_told():
    guide = made()
    assert through_sleeve(guide.wires[0], guide.parts["base_block"].skin, guide.layout) == pytest.approx(
        0.1, abs=0.06
    )
    askew = wires(direction=(0.3, -1.0, 0.05))
    _, doubts = checked(guide, wires=askew)
    assert any(doubt.startswith("wire_1 does not pass its sleeve") for doubt in doubts)


def test_a_contact_under_a_slot_has_no_foot_and_is_told():
    guide = made()
    _, doubts = checked(guide, layout=replace(guide.layout, astray=(2,)))
    assert doubts[0].startswith("Contact 3 at (22.0, 100.0, -8.0) mm lies under a slot")


def test_distance_from_where_a_blade_goes():
    slot = made(0.0).leads[0].slot
    middle = slot.corners.mean(axis=0)
    side = middle + 5.0 * slot.plane.normal
    assert beside(slot, side[None]) == pytest.approx(5.0 - 0.5 * slot.width)
    in_bone = np.array([[middle[0], BACK - 10.0, middle[2]]]) - (BACK - 10.0 - middle[1]) * 0.0
    in_bone = in_bone - ((in_bone - slot.plane.origin) @ slot.plane.normal)[:, None] * slot.plane.normal
    assert beside(slot, in_bone) == pytest.approx(0.0, abs=1e-9)  # the blade comes there too


def test_walls_of_a_slot_lie_beside_its_plane():
    guide = made()
    lead = guide.leads[0]
    skin, slot = guide.parts[lead.slot.part].skin, lead.slot
    assert walls_off(skin, slot) < 1e-6
    aside = 0.2 * slot.plane.normal
    beside_it = replace(
        slot, corners=slot.corners + aside, plane=replace(slot.plane, origin=slot.plane.origin + aside)
    )
    assert walls_off(skin, beside_it) == pytest.approx(0.2, abs=1e-6)
    assert walls_off(box((0, 0, 0), (1, 1, 1)), slot) == slot.width  # none are there
    _, doubts = checked(guide, leads=[replace(lead, slot=beside_it), *guide.leads[1:]])
    assert any(f"A wall of the {slot.name} slot is 0.2 mm off" in doubt for doubt in doubts)


def test_lines_meet_the_nearest_triangle():
    length, hit = first_hit(
        np.array([[0.5, 0.4, 5.0], [9.0, 9.0, 5.0]]), np.array([0.0, 0.0, -1.0]), box((0, 0, 0), (1, 1, 1))
    )
    assert length[0] == pytest.approx(4.0)
    assert np.isinf(length[1])
    assert hit[1] == -1
