"""Slots lie in the planned planes, as wide and as deep as they are asked to be, and are open where they lead the blade."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from guide_shapes import BACK, anatomy, made, seat

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Plane
from femsacrum.case.guide import Guide as Spec
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.sacrum import opening
from femsacrum.surgery.guides.relief import Relief
from femsacrum.surgery.guides.slots import CLEARANCE, transverse


def off(plane, points):
    return np.abs((points - plane.origin) @ plane.normal).max()


@pytest.mark.parametrize("tilt", [0.0, 5.0, -12.0])
def test_the_transverse_slot_lies_in_the_plane_of_the_cut(tilt):
    guide = made(tilt)
    cut = guide.after.cuts["sacrum"].plane
    slot = guide.leads[0].slot
    assert slot.part == "transverse_guide"
    assert off(cut, slot.corners) < 1e-6
    assert slot.plane.normal == pytest.approx(cut.normal, abs=1e-12)


def test_slots_of_the_deroofing_lie_in_the_sides_of_the_box_that_is_taken():
    guide = made()
    box = opening(guide.anatomy, guide.plan.resection.laminectomy, guide.after.cuts["sacrum"].plane)
    slots = {lead.slot.name: lead.slot for lead in guide.leads[1:]}
    assert set(slots) == {"deroofing_left", "deroofing_right", "deroofing_bottom"}
    for name, sign in (("deroofing_left", 1.0), ("deroofing_right", -1.0)):
        assert box.frame.flat(slots[name].corners)[:, 0] == pytest.approx(sign * box.half, abs=1e-6)
        assert slots[name].plane.normal @ box.frame.across == pytest.approx(-sign)  # towards what is taken away
    assert box.frame.flat(slots["deroofing_bottom"].corners)[:, 1] == pytest.approx(-box.length, abs=1e-6)
    # what lies between the two long ones keeps a wall to the one across
    across = np.abs(box.frame.flat(slots["deroofing_bottom"].corners)[:, 0]).max()
    assert across < box.half - 2.0 * guide.spec.least_wall


def test_a_slot_is_as_wide_and_deep_as_asked_and_open_there():
    guide = made()
    for lead in guide.leads:
        slot = lead.slot
        across, out = slot.corners[1] - slot.corners[0], slot.corners[3] - slot.corners[0]
        assert np.linalg.norm(out) == pytest.approx(guide.spec.slot_depth)
        assert slot.width == pytest.approx(guide.spec.blade + guide.spec.slot_clearance)
        u, v = np.meshgrid(np.linspace(0.1, 0.9, 9), np.linspace(0.05, 0.95, 9))
        inside = slot.corners[0] + u.reshape(-1, 1) * across + v.reshape(-1, 1) * out
        free = DistanceTo(guide.parts[slot.part].skin)(inside)
        assert free.min() == pytest.approx(0.5 * slot.width, abs=0.02)
        # and closed beside it
        wall = inside + (0.5 * slot.width + 0.3) * slot.plane.normal
        assert DistanceTo(guide.parts[slot.part].skin)(wall).max() < 0.0


def test_a_slot_starts_as_near_to_the_bone_as_its_crest_lets_it():
    lead = made(0.0).leads[0]
    lowest = lead.slot.corners[:, 1].min()
    assert lowest == pytest.approx(BACK + 5.0 + CLEARANCE, abs=0.5)  # the frontal tilt of 2 deg moves it


def test_the_transverse_slot_is_as_wide_as_the_bone_or_as_the_ilia_let_it():
    bones, spec = anatomy(), Spec()
    plane = Plane(np.array([0.0, 80.0, -32.0]), np.array([0.0, 0.0, -1.0]))
    lead = transverse(plane, bones, seat(), spec, Relief(bones.parts))
    assert np.ptp(lead.ends) == pytest.approx(80.0) == pytest.approx(lead.reach)
    ilium = bones.parts["left_ilium"]
    near = replace(ilium, points=ilium.points - np.array([20.0, 0.0, 0.0]))
    squeezed = transverse(plane, bones, seat(), spec, Relief({**bones.parts, "left_ilium": near}))
    assert squeezed.ends[0] == pytest.approx(-40.0)  # only where the ilium is near
    assert 24.0 <= squeezed.ends[1] < 36.0
    assert squeezed.start == pytest.approx(lead.start)


def test_a_plane_across_the_way_of_the_guide_is_refused():
    bones = anatomy()
    plane = Plane(np.array([0.0, 80.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    with pytest.raises(InputError, match=r"surgery.guide.tilt: the plane of a cut lies 90 deg off"):
        transverse(plane, bones, seat(), Spec(), Relief(bones.parts))


def test_without_a_deroofing_there_is_one_slot():
    assert [lead.slot.name for lead in made(opened=False).leads] == ["transverse"]
    assert set(made(opened=False).parts) == {"base_block", "transverse_guide"}
