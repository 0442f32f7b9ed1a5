"""The printed parts: one solid each, on feet that touch the bone, put on one another without meeting."""

from __future__ import annotations

import numpy as np
import pytest
from guide_shapes import BACK, made

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.surgery.guides.block import at_depth
from femsacrum.surgery.guides.layout import PIN, PLAY
from femsacrum.surgery.guides.rays import first_hit
from femsacrum.surgery.shapes.booleans import manifold


@pytest.mark.parametrize("opened", [True, False])
def test_every_part_is_one_closed_solid(opened):
    for name, part in made(opened=opened).parts.items():
        solid = manifold(part.skin, name)
        assert len(solid.decompose()) == 1
        # the skin's curved faces are polygons, inside the solid where it is round
        assert solid.volume() == pytest.approx(part.volume, rel=0.01)


def test_feet_touch_the_bone_at_their_contacts_and_nowhere_else():
    guide = made()
    skin = guide.parts["base_block"].skin
    touches = DistanceTo(skin)(guide.seat.points)
    assert np.abs(touches).max() < 1e-3
    assert skin.points[:, 1].min() == pytest.approx(BACK, abs=1e-3)
    low = skin.points[skin.points[:, 1] < BACK + 1.0]
    assert np.linalg.norm(low[:, None] - guide.seat.points, axis=2).min(axis=1).max() < 2.1


def test_wires_pass_through_the_base_block():
    guide = made()
    skin = guide.parts["base_block"].skin
    for wire in guide.wires:
        start = at_depth(wire, guide.layout.frame, guide.layout.top + 40.0)
        length, _ = first_hit(start[None], wire.direction, skin)
        assert np.isinf(length).all()


def test_guides_sit_on_the_dowels_and_come_off_again():
    guide = made()
    base = manifold(guide.parts["base_block"].skin, "base_block")
    frame, top = guide.layout.frame, guide.layout.top
    for name in ("deroofing_guide", "transverse_guide"):
        skin = guide.parts[name].skin
        for lift in (1e-3, 1.0, 3.0, 8.0, 20.0):
            raised = manifold(skin, name).translate(tuple(lift * frame.normal))
            assert float((raised ^ base).volume()) < 0.05
        pushed = manifold(skin, name).translate(tuple(-0.2 * frame.normal))
        assert float((pushed ^ base).volume()) > 5.0  # it lies on the rails
        aside = manifold(skin, name).translate(tuple((2.0 * PLAY) * frame.along))
        assert float((aside ^ base).volume()) > 0.05  # the dowels hold it
        for pin in guide.layout.pins.values():
            axis = frame.space(pin, top + np.array([1.0]))
            assert DistanceTo(skin)(axis)[0] == pytest.approx(PIN + PLAY, rel=0.05)


def test_the_blocks_lie_above_the_cut_and_below_the_next_vertebra():
    guide = made()
    cut = guide.after.cuts["sacrum"].plane
    assert ((guide.parts["base_block"].skin.points - cut.origin) @ cut.normal).max() < 0.0
    for part in guide.parts.values():
        assert DistanceTo(guide.anatomy.parts["L5"])(part.skin.points).min() > 1.45
