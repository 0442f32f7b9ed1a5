from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from surgery_shapes import box

from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.fixation.rods import Metal, through_heads
from femsacrum.surgery.fixation.second_rod import beside
from femsacrum.surgery.shapes.places import depth_in, segments_apart

OPTIONS = Fixation(rods_per_side=2, iliac_screws_per_side=2)
FAR_AWAY = {"bone": depth_in(box((-20.0, -300.0, -20.0), (20.0, -250.0, 20.0)))}
#: Heads of a slender pelvis: the upper iliac one stands above the lower one, with 2 mm between them.
HEADS = {"L4_pedicle": (34, 0, 120), "L5_pedicle": (43, 6, 96), "iliac_1": (79, 6, 14), "iliac_2": (81, 9, 1)}


def screw(name: str, head: tuple[float, ...]) -> Screw:
    at = np.array(head, dtype=float)
    tip = at + np.array([15.0 if "iliac" in name else -20.0, -60.0, -15.0])
    return Screw(f"left_{name}", "left_fixation", at, at, tip, 7.5, (), 5.0, 60.0)


def laid() -> tuple[tuple[Screw, ...], Metal]:
    screws = tuple(screw(name, head) for name, head in HEADS.items())
    metal = Metal([(each.head, each.tip, each.diameter / 2.0) for each in screws])
    metal.balls = [(each.head, OPTIONS.head_diameter / 2.0) for each in screws]
    return screws, metal


def test_second_rod_comes_to_its_screw_from_aside_where_a_head_stands_before_it() -> None:
    screws, metal = laid()
    first = through_heads("left", screws[:-1], FAR_AWAY, OPTIONS)
    metal.add_path(first.path(), OPTIONS.rod_diameter)
    path = beside(first, screws[-1], metal, FAR_AWAY, OPTIONS).rod.path()
    assert path[-1] == pytest.approx(screws[-1].head)
    others = [(each.head, each.head, OPTIONS.head_diameter / 2.0) for each in screws[:-1]]
    others += [(a, b, OPTIONS.rod_diameter / 2.0) for a, b in pairwise(first.path())]
    for start, end, radius in others:
        axes = segments_apart((path[:-1], path[1:]), (start[None], end[None]))
        assert axes.min() - radius - OPTIONS.rod_diameter / 2.0 >= 1.0


def test_refuses_a_second_rod_whose_head_is_walled_in() -> None:
    screws, metal = laid()
    first = through_heads("left", screws[:-1], FAR_AWAY, OPTIONS)
    metal.add_path(first.path(), OPTIONS.rod_diameter)
    wall = {"bone": depth_in(box((40.0, -30.0, -40.0), (120.0, 60.0, 30.0)))}
    with pytest.raises(InputError, match=r"no way for the second left rod .* the best cuts") as caught:
        beside(first, screws[-1], metal, wall, OPTIONS)
    assert caught.value.key == "surgery.fixation.rods_per_side"
