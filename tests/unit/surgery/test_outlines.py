from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import Point, Polygon

from femsacrum.anatomy.model import Plane
from femsacrum.errors import InputError
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.outline import SIDE_GAP, divide, drawn_in, joints, smooth
from femsacrum.surgery.shapes.profiles import endplate_outline, stadium, superellipse

#: A strip of bone, 18 mm wide and 90 mm long, with rounded ends.
STRIP = Polygon(stadium((9.0, 45.0), 64))


def test_drawn_in_keeps_its_distance() -> None:
    knots = drawn_in(STRIP, 1.0)
    assert knots is not None
    outline = smooth(knots)
    assert outline.is_valid
    assert outline.within(STRIP)
    assert outline.exterior.distance(STRIP.exterior) == pytest.approx(1.0, abs=0.35)
    assert drawn_in(STRIP, 8.0) is None


def test_drawn_in_drops_a_thin_tail() -> None:
    tail = STRIP.union(Polygon([(-1.0, 0.0), (1.0, 0.0), (1.0, 70.0), (-1.0, 70.0)]))
    knots = drawn_in(tail, 1.0)
    assert knots is not None
    assert knots[:, 1].max() < 45.0


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_graft_takes_its_share_at_the_cranial_end(share: float) -> None:
    knots = drawn_in(STRIP, 1.0)
    assert knots is not None
    regions = divide(knots, share)
    assert regions.graft is not None
    lost = SIDE_GAP * 16.5
    assert regions.graft.area == pytest.approx(share * regions.plate.area, abs=lost)
    assert regions.pad.distance(regions.graft) == pytest.approx(SIDE_GAP, abs=1e-6)
    assert regions.graft.centroid.y > regions.pad.centroid.y


def test_no_graft_leaves_the_pad_whole() -> None:
    knots = drawn_in(STRIP, 1.0)
    assert knots is not None
    regions = divide(knots, None)
    assert regions.graft is None
    assert regions.pad.area == regions.plate.area


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_no_seam_near_the_dividing_line(first: int) -> None:
    knots = drawn_in(STRIP, 1.0)
    assert knots is not None
    seams = joints(knots, 12.0, first)
    assert len(set(seams)) == len(seams) >= 4
    assert (np.abs(knots[list(seams), 1] - 12.0) > 2.0).all()


def test_stadium_and_superellipse_have_their_areas() -> None:
    assert Polygon(stadium((3.0, 10.0), 400)).area == pytest.approx(6.0 * 14.0 + np.pi * 9.0, rel=1e-3)
    assert Polygon(stadium((10.0, 3.0), 400)).area == pytest.approx(6.0 * 14.0 + np.pi * 9.0, rel=1e-3)
    assert Polygon(superellipse((3.0, 5.0), 2.0, 400)).area == pytest.approx(np.pi * 15.0, rel=1e-3)


def test_endplate_follows_the_cut_and_stays_inside() -> None:
    disc = Point(1.0, 2.0).buffer(20.0, 64)
    outline = Polygon(endplate_outline(disc, 1.0))
    assert outline.within(disc.buffer(-1.0))
    assert outline.area > 0.95 * disc.buffer(-1.0).area
    with pytest.raises(InputError, match=r"leaves no endplate on the cut of L5, which is 40\.0 mm deep"):
        endplate_outline(disc, 15.0)


def test_frames_of_mirrored_planes_mirror_each_other() -> None:
    upward, mirror = np.array([0.0, 0.0, 1.0]), np.array([-1.0, 1.0, 1.0])
    left = frame_on(Plane(np.array([70.0, 90.0, 0.0]), np.array([-0.6, 0.8, 0.0])), upward)
    right = frame_on(Plane(np.array([-70.0, 90.0, 0.0]), np.array([0.6, 0.8, 0.0])), upward)
    flat = np.array([[3.0, 5.0], [-2.0, 7.0]])
    assert right.space(flat, 4.0) == pytest.approx(left.space(flat, 4.0) * mirror)
    assert left.flat(left.space(flat, 4.0)) == pytest.approx(flat)
    assert left.depth(left.space(flat, 4.0)) == pytest.approx([4.0, 4.0])
