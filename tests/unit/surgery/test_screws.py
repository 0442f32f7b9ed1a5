from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from surgery_shapes import box

from femsacrum.anatomy.model import Anatomy, Plane
from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.contacts import anatomical, embedded
from femsacrum.surgery.fixation.bends import samples
from femsacrum.surgery.fixation.corridor import Corridor
from femsacrum.surgery.fixation.drawing import check_apart
from femsacrum.surgery.fixation.pedicles import _head_offset, pedicle_screw
from femsacrum.surgery.fixation.rods import through_heads
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.places import depth_in, place, segments_apart

OPTIONS = Fixation()


def bar(entry: tuple[float, float, float], target: tuple[float, float, float]) -> Anatomy:
    """A vertebra that is a bar of bone 14 mm wide and high, 60 mm deep (y -60 to 0)."""
    landmarks = {"L4_left_pedicle_entry": np.array(entry), "L4_left_pedicle_target": np.array(target)}
    return Anatomy({"L4": box((-7.0, -60.0, -7.0), (7.0, 0.0, 7.0))}, landmarks, {}, 25.0, 1.4, {}, {})


def screw_in(anatomy: Anatomy, **options: float) -> Screw:
    return pedicle_screw(anatomy, depth_in(anatomy.parts["L4"]), "L4", "left", OPTIONS.model_copy(update=options))


def test_pedicle_screw_on_a_good_axis_is_left_alone() -> None:
    screw = screw_in(bar((0.0, 0.0, 0.0), (0.0, -40.0, 0.0)))
    assert screw.entry == pytest.approx([0.0, 0.0, 0.0])
    assert screw.tip == pytest.approx([0.0, -45.0, 0.0])
    assert screw.purchase == pytest.approx(45.0)
    assert screw.clearance == pytest.approx(7.0)
    assert screw.head[1] == pytest.approx(OPTIONS.head_diameter / 2.0 + 1.0, abs=0.3)


def test_pedicle_screw_near_the_surface_is_moved_inwards() -> None:
    screw = screw_in(bar((5.0, 0.0, 0.0), (5.0, -40.0, 0.0)))
    assert screw.clearance == pytest.approx(6.0, abs=0.1)
    assert screw.entry == pytest.approx([1.0, 0.0, 0.0], abs=0.3)


def test_pedicle_screw_is_shortened_to_stay_inside() -> None:
    screw = screw_in(bar((0.0, 0.0, 0.0), (0.0, -40.0, 0.0)), pedicle_screw_length=70.0)
    assert screw.purchase == pytest.approx(60.0 - 3.25 - 1.0, abs=0.5)


def test_refuses_a_pedicle_screw_that_leaves_the_bone() -> None:
    with pytest.raises(InputError, match=r"has 0.0 mm in bone .* mm short at \(") as caught:
        screw_in(bar((0.0, 0.0, 0.0), (30.0, -8.0, 0.0)))
    assert caught.value.key == "surgery.fixation.pedicle_screw_length"


def test_purchase_is_what_lies_in_bone_wherever_the_landmark_is() -> None:
    before = screw_in(bar((0.0, 2.0, 0.0), (0.0, -40.0, 0.0)))
    assert before.tip == pytest.approx([0.0, -43.0, 0.0])
    assert before.entry == pytest.approx([0.0, 0.0, 0.0])
    assert before.purchase == pytest.approx(43.0)
    with pytest.raises(InputError, match=r"has 19.0 mm in bone \(at least 20 mm\); its entry lies 3.0 mm off it"):
        screw_in(bar((0.0, 3.0, 0.0), (0.0, -40.0, 0.0)), pedicle_screw_length=22.0)


def test_head_that_is_clear_nowhere_goes_where_it_is_freest() -> None:
    floor = lambda points: 3.0 - np.abs(points[:, 1] - 9.0)  # noqa: E731
    offset = _head_offset(floor, np.zeros(3), np.array([0.0, -1.0, 0.0]), 5.5)
    tried = np.arange(6.5, 12.1, 0.25)
    assert offset == tried[np.argmax(np.abs(tried - 9.0))]


def test_corridor_grid_against_exact_distance() -> None:
    bone = depth_in(box((-10.0, -80.0, -12.0), (10.0, 0.0, 12.0)))
    frame = frame_on(Plane(np.zeros(3), np.array([0.1, 1.0, 0.0]) / np.sqrt(1.01)), np.array([0.0, 0.0, 1.0]))
    start = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    start[:, 1] = -12.0
    axis = np.array([[0.0, -1.0, 0.0], [0.0, -1.0, 0.0], [0.6, -0.8, 0.0]])
    purchase, clearance = Corridor(bone, frame, start, axis, 60.0).purchase(4.0, 50.0)
    assert purchase[:2] == pytest.approx([50.0, 50.0])
    # on the medial axis the grid is on the safe side, by at most half its spacing
    assert (clearance[:2] <= np.array([6.0, 4.0]) + 1e-6).all()
    assert (clearance[:2] >= np.array([6.0, 4.0]) - 1.0).all()
    assert purchase[2] == pytest.approx(10.0, abs=1.0)  # 6 mm sideways at 0.6 a mm


def test_distance_between_segments_against_samples() -> None:
    random = np.random.default_rng(1)
    ends = random.normal(size=(4, 30, 3)) * 10.0
    exact = segments_apart((ends[0], ends[1]), (ends[2], ends[3]))
    t = np.linspace(0.0, 1.0, 201)[:, None, None]
    first, second = (ends[i] + t * (ends[i + 1] - ends[i]) for i in (0, 2))
    sampled = np.linalg.norm(first[:, None] - second[None], axis=-1).min(axis=(0, 1))
    assert (exact <= sampled + 1e-12).all()
    assert exact == pytest.approx(sampled, abs=0.2)


def pin(name: str, head: tuple[float, ...], tip: tuple[float, ...]) -> Screw:
    return Screw(name, "left_fixation", np.array(head), np.array(head), np.array(tip), 6.0, ("L4",), 5.0, 40.0)


def test_refuses_screws_that_cut_each_other() -> None:
    one = pin("left_L4_pedicle", (0.0, 0.0, 0.0), (0.0, -40.0, 0.0))
    assert check_apart((one, pin("right_L4_pedicle", (10.0, 0.0, 0.0), (10.0, -40.0, 0.0)))) == pytest.approx(4.0)
    crossing = pin("right_L4_pedicle", (20.0, -20.0, 4.0), (-20.0, -20.0, 4.0))
    with pytest.raises(InputError, match=r"cut each other by 2.0 mm near \("):
        check_apart((one, crossing))


HEADS = (
    pin("left_iliac_1", (0.0, 0.0, -60.0), (0.0, -40.0, -60.0)),
    pin("left_L4_pedicle", (0.0, 0.0, 0.0), (0.0, -40.0, 0.0)),
)


def test_rod_joins_the_heads_from_above_and_is_straight_where_it_is_free() -> None:
    beside = depth_in(box((5.0, -5.0, -40.0), (20.0, 5.0, -20.0)))
    rod = through_heads("left", HEADS, {"L5": beside}, OPTIONS)
    assert rod.path() == pytest.approx(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, -60.0]]))
    assert rod.free.distance == pytest.approx(2.0)


def test_rod_is_bent_round_bone_and_its_bends_are_told() -> None:
    bone = depth_in(box((-20.0, -20.0, -40.0), (20.0, 0.0, -20.0)))
    rod = through_heads("left", HEADS, {"L5": bone}, OPTIONS)
    assert rod.free.distance >= 1.0
    assert -bone(samples(rod.path(), 0.25)).max() >= 3.0 + 0.9  # radius and what it keeps clear of
    assert 5.0 < rod.bends().max() < 60.0
    straight = np.linalg.norm(np.diff(rod.path(), axis=0), axis=1).sum()
    assert 60.0 < straight < 65.0


def test_refuses_a_rod_for_which_there_is_no_way() -> None:
    wall = depth_in(box((-90.0, -90.0, -40.0), (90.0, 90.0, -20.0)))
    with pytest.raises(
        InputError, match=r"the left rod cuts .* mm into L5 at \(.*, -.*\) mm, however it is bent"
    ) as caught:
        through_heads("left", HEADS, {"L5": wall}, OPTIONS)
    assert caught.value.key == "surgery.fixation.rod_diameter"


def test_a_screw_is_embedded_in_everything_that_holds_it() -> None:
    screw = replace(pin("left_iliac_1", (0.0, 0.0, 0.0), (0.0, -40.0, 0.0)), hosts=("prosthesis", "left_ilium"))
    metal, bone = embedded((screw,))
    assert bone.name == "left_fixation/left_ilium:left_iliac_1"
    assert {metal.kind, bone.kind, metal.screw, bone.screw} == {"embedded", screw.name}
    assert (metal.slave, metal.master[0]) == (("left_fixation", "surface"), "prosthesis")


def test_soft_tissue_is_attached_to_the_bones_that_are_there() -> None:
    names = [contact.name for contact in anatomical(["L5", "L4", "disc_L4L5", "left_sij", "left_ilium"])]
    assert names == ["disc_L4L5/L5", "disc_L4L5/L4", "left_sij/left_ilium"]


def test_a_place_reads_without_minus_zero() -> None:
    assert place(np.array([-0.01, 12.34, -5.0])) == "(0.0, 12.3, -5.0)"
