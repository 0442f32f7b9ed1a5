"""Fixation that cannot be built is refused with the key, the place and the distance, on bones that are boxes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from surgery_shapes import box

from femsacrum.anatomy.model import Anatomy, Floats, Plane, Surface
from femsacrum.case.schema import Fixation, PlannedScrew
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.cuts.cut import half_space_cut, subtract
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation import alar, anchors, starts, trajectories
from femsacrum.surgery.fixation.bends import Bent, Free, straight
from femsacrum.surgery.fixation.clearances import shaft_clearance
from femsacrum.surgery.fixation.cross_links import cross_link
from femsacrum.surgery.fixation.held import Held, held
from femsacrum.surgery.fixation.rods import Laid, Metal, limb_way
from femsacrum.surgery.fixation.transiliac import transiliac_bar
from femsacrum.surgery.implants.anterior import Anterior
from femsacrum.surgery.measures import of_screws
from femsacrum.surgery.shapes.booleans import manifold
from femsacrum.surgery.shapes.places import depth_in

OPTIONS = Fixation()
HERE = "surgery.fixation"
ILIUM = ((60.0, 0.0, -60.0), (80.0, 130.0, 60.0))
PLACE = r"\(-?[\d.]+, -?[\d.]+, -?[\d.]+\) mm"


def ilium(side: float = 1.0, **half: float) -> Surface:
    """A wing 20 mm thick; the left one, or mirrored."""
    low, high = (np.array(each) for each in ILIUM)
    x = sorted((side * low[0], side * high[0]))
    return box((x[0], half.get("front", low[1]), low[2]), (x[1], high[1], high[2]))


def pelvis(**more: Surface) -> Anatomy:
    parts = {"left_ilium": ilium(), "right_ilium": ilium(-1.0), "L5": box((-20, 60, 70), (20, 100, 95)), **more}
    landmarks: dict[str, Floats] = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        landmarks[f"{side}_AIIS"] = np.array([sign * 70.0, 0.0, 0.0])
        landmarks[f"{side}_PSIS"] = np.array([sign * 70.0, 130.0, 0.0])
    return Anatomy(parts, landmarks, {}, 25.0, 1.4, {}, {})


def room(anatomy: Anatomy) -> anchors.Room:
    bones = {name: depth_in(part) for name, part in anatomy.parts.items()}
    return anchors.Room(anatomy, Resected(anatomy.parts), Anterior(), bones, {}, {})


@pytest.mark.parametrize(
    ("entry", "tip", "diameter", "said"),
    [
        ((40.0, 140.0, 0.0), (40.0, 60.0, 0.0), 8.0, r"misses left_ilium by 16.0 mm"),
        ((77.0, 140.0, 0.0), (77.0, 60.0, 0.0), 8.0, r"with 8 mm comes out of left_ilium at \(77.0, 117.8, 0.0\) mm"),
        ((70.0, 140.0, 0.0), (95.0, 60.0, 0.0), 4.0, rf"comes out of left_ilium at {PLACE}"),
        ((70.0, 140.0, 0.0), (70.0, -20.0, 0.0), 8.0, r"comes out of left_ilium at \(70.0, 0.\d, 0.0\) mm"),
        ((70.0, 140.0, 0.0), (70.0, 140.0, 0.0), 8.0, r"from \(70.0, 140.0, 0.0\) to .* has no length"),
        (
            (70.0, 140.0, 0.0),
            (70.0, 120.0, 0.0),
            30.0,
            rf"has 10.0 mm in left_ilium from {PLACE} on .at least 30 mm.: lengthen it",
        ),
        ((70.0, 140.0, 0.0), (70.0, 101.0, 0.0), 8.0, r"has 29.0 mm in left_ilium"),
    ],
)
def test_refuses_planned_screws_that_are_not_in_bone(entry, tip, diameter, said) -> None:
    given = PlannedScrew(
        name="left_iliac_1",
        entry=tuple(f"{value} mm" for value in entry),
        tip=tuple(f"{value} mm" for value in tip),
        diameter=f"{diameter} mm",
    )
    with pytest.raises(InputError, match=said) as caught:
        anchors.planned(given, "left_ilium", OPTIONS, room(pelvis()))
    assert caught.value.key == f"{HERE}.trajectories"


def test_a_planned_screw_in_bone_is_taken_as_it_is() -> None:
    given = PlannedScrew(
        name="left_iliac_1", entry=("70 mm", "140 mm", "0 mm"), tip=("70 mm", "60 mm", "0 mm"), diameter="8 mm"
    )
    screw = anchors.planned(given, "left_ilium", OPTIONS, room(pelvis()))
    assert screw.tip == pytest.approx([70.0, 60.0, 0.0])
    assert screw.entry == pytest.approx([70.0, 130.0, 0.0], abs=0.3)
    assert (screw.purchase, screw.clearance) == pytest.approx((70.0, 10.0), abs=0.3)
    assert screw.head[1] == pytest.approx(130.0 + 5.5 + 1.0, abs=0.5)


@pytest.mark.parametrize(("depth", "diameter"), [(10.0, 20.0), (0.5, 6.5), (19.0, 6.5)])
def test_refuses_planned_pedicle_screws_that_are_too_short_to_be_checked(depth, diameter) -> None:
    given = PlannedScrew(
        name="left_L5_pedicle",
        entry="(0, 105, 82) mm",
        tip=f"(0, {100.0 - depth}, 82) mm",
        diameter=f"{diameter} mm",
    )
    with pytest.raises(InputError, match=rf"has {depth:.1f} mm in L5 from {PLACE} on .at least 20 mm.: lengthen it"):
        anchors.planned(given, "L5", OPTIONS, room(pelvis()))


def test_the_shortest_planned_pedicle_screw_tells_the_bone_round_it() -> None:
    given = PlannedScrew(name="left_L5_pedicle", entry="(0, 105, 82) mm", tip="(0, 80, 82) mm", diameter="6.5 mm")
    screw = anchors.planned(given, "L5", OPTIONS, room(pelvis()))
    assert (screw.purchase, screw.clearance) == pytest.approx((20.0, 12.0), abs=0.3)


@pytest.mark.parametrize(
    ("plate", "hosts"),
    [
        (box((55.0, 131.0, -20.0), (85.0, 136.0, 20.0)), ("prosthesis", "left_ilium")),
        (box((72.0, 131.0, -20.0), (85.0, 136.0, 20.0)), ("left_ilium",)),  # cuts the shaft's side
        (box((90.0, 131.0, -20.0), (99.0, 136.0, 20.0)), ("left_ilium",)),  # beside it
    ],
)
def test_a_planned_screw_is_held_by_a_prosthesis_that_it_passes(plate, hosts) -> None:
    around = replace(room(pelvis()), placed={"prosthesis": depth_in(plate)})
    given = PlannedScrew(name="left_iliac_1", entry="(70, 140, 0) mm", tip="(70, 60, 0) mm")
    screw = anchors.planned(given, "left_ilium", OPTIONS, around)
    assert screw.hosts == hosts
    assert screw.entry[1] == pytest.approx(136.0 if len(hosts) == 2 else 130.0, abs=0.3)
    if plate.points[:, 0].min() == 72.0:
        with pytest.raises(InputError, match=rf"left_iliac_1 cuts 2.0 mm into prosthesis at {PLACE}"):
            shaft_clearance([screw], around.placed)
    elif len(hosts) == 1:
        assert shaft_clearance([screw], around.placed) == pytest.approx(16.0, abs=0.1)


def bare_face(bone: Surface) -> object:
    plane = Plane(np.array([70.0, 110.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    behind = manifold(box((0.0, 110.0, -200.0), (200.0, 300.0, 200.0)), "tool")
    assert half_space_cut(bone, plane, "left_ilium") is not None
    return subtract(bone, plane, behind, "left_ilium", "key")


@pytest.mark.parametrize(
    ("options", "wall", "key", "said"),
    [
        ({"iliac_screw_diameter": 19.0}, False, "iliac_screw_diameter", rf"cut face of the left ilium round {PLACE}"),
        ({}, True, "head_diameter", rf"no head is clear of bone behind the cut face of the left ilium round {PLACE}"),
    ],
)
def test_refuses_screws_for_which_a_cut_face_has_no_room(options, wall, key, said) -> None:
    anatomy = pelvis()
    cut = bare_face(anatomy.parts["left_ilium"])
    bones = {"left_ilium": depth_in(cut.surface)}
    if wall:
        bones["sacrum"] = depth_in(box((0.0, 112.0, -100.0), (120.0, 160.0, 100.0)))
    with pytest.raises(InputError, match=said) as caught:
        starts.on_cut_face(anatomy, cut, "left", OPTIONS.model_copy(update=options), bones)
    assert caught.value.key == f"{HERE}.{key}"


def test_refuses_heads_that_have_no_room_behind_the_spine() -> None:
    anatomy = pelvis()
    around = box((40.0, -10.0, -100.0), (100.0, 200.0, 100.0))
    bones = {"left_ilium": depth_in(anatomy.parts["left_ilium"]), "sacrum": depth_in(around)}
    with pytest.raises(InputError, match=rf"superior iliac spine at {PLACE}") as caught:
        starts.round_spine(anatomy, anatomy.parts["left_ilium"], "left", OPTIONS, bones)
    assert caught.value.key == f"{HERE}.head_diameter"


@pytest.mark.parametrize(
    ("front", "options", "key", "said"),
    [
        (
            85.0,
            {},
            "iliac_screw_length",
            rf"best corridor in the left ilium, from {PLACE}, holds 2\d.\d mm",
        ),
    ],
)
def test_refuses_screws_without_a_corridor(front, options, key, said) -> None:
    anatomy = pelvis(left_ilium=ilium(front=front))
    cut = bare_face(anatomy.parts["left_ilium"])
    chosen = OPTIONS.model_copy(update=options)
    where = starts.on_cut_face(anatomy, cut, "left", chosen, {"left_ilium": depth_in(cut.surface)})
    with pytest.raises(InputError, match=said) as caught:
        trajectories.iliac_screws(where, depth_in(anatomy.parts["left_ilium"]), {}, chosen)
    assert caught.value.key == f"{HERE}.{key}"


def rod(side: str, x: float, low: float = 0.0) -> Laid:
    heads = np.array([[x, 100.0, 110.0], [x, 100.0, 85.0], [x, 100.0, low]])
    spans = tuple(straight(a, b) for a, b in pairwise(heads))
    return Laid(f"{side}_rod", side, spans, 6.0, Free(np.inf, "", heads[0]))


def metal_of(*rods: Laid) -> Metal:
    metal = Metal()
    for one in rods:
        metal.add_path(one.path(), one.diameter)
        metal.balls += [(end, 5.5) for end in one.ends()]
    return metal


@pytest.mark.parametrize(
    ("x", "low", "wall", "said"),
    [
        (
            70.0,
            0.0,
            None,
            r"number 1, to be at the level 42.5 mm, is at least 140.0 mm long, from \(70.0, 100.0, .* to \(-70",
        ),
        (30.0, 70.0, None, r"finds no room for its clamps within 25 mm on the rods round"),
        (
            30.0,
            0.0,
            box((-10.0, 0.0, -90.0), (10.0, 200.0, 200.0)),
            rf"cuts .* mm into L5 at {PLACE}, straight or bent",
        ),
    ],
)
def test_refuses_cross_links(x, low, wall, said) -> None:
    rods = (rod("left", x, low), rod("right", -x, low))
    obstacles = {} if wall is None else {"L5": depth_in(wall)}
    with pytest.raises(InputError, match=said) as caught:
        cross_link(1, rods, metal_of(*rods), obstacles, OPTIONS.model_copy(update={"cross_links": 1}))
    assert caught.value.key == f"{HERE}.cross_links"


def test_a_cross_link_is_straight_and_at_its_level() -> None:
    rods = (rod("left", 30.0), rod("right", -30.0))
    made = cross_link(1, rods, metal_of(*rods), {}, OPTIONS.model_copy(update={"cross_links": 1}))
    assert made.rod.path()[:, 2] == pytest.approx([42.5, 42.5], abs=1.1)
    assert np.ptp(made.rod.path()[:, 0]) == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("x", "parts", "said"),
    [
        (
            40.0,
            {"left_ilium": ilium(front=126.0)},
            rf"misses an ilium or passes it too near to its edge: .* near {PLACE}",
        ),
        (
            5.0,
            {
                "L5": box((-50.0, -50.0, -150.0), (50.0, 92.0, 150.0)),
                "L4": box((-50.0, 108.0, -150.0), (50.0, 300.0, 150.0)),
            },
            rf"(cuts|leaves only) .* mm .* at {PLACE} wherever",
        ),
    ],
)
def test_refuses_transiliac_bars(x, parts, said) -> None:
    anatomy = pelvis(**parts)
    rods = (rod("left", x), rod("right", -x))
    bones = {name: depth_in(part) for name, part in anatomy.parts.items()}
    options = OPTIONS.model_copy(update={"transiliac_bars": 1})
    with pytest.raises(InputError, match=said) as caught:
        transiliac_bar(1, anatomy, rods, metal_of(*rods), bones, {}, options)
    assert caught.value.key == f"{HERE}.transiliac_bars"


def test_a_transiliac_bar_passes_both_ilia_near_the_rods() -> None:
    anatomy = pelvis()
    rods = (rod("left", 40.0), rod("right", -40.0))
    bones = {name: depth_in(part) for name, part in anatomy.parts.items()}
    options = OPTIONS.model_copy(update={"transiliac_bars": 1})
    bar = transiliac_bar(1, anatomy, rods, metal_of(*rods), bones, {}, options)
    assert bar.screw.hosts == ("left_ilium", "right_ilium")
    assert bar.screw.purchase == pytest.approx(40.0, abs=2.0)
    assert set(of_screws([bar.screw])) == {"purchase_transiliac_bar_1 [mm]"}  # no clearance that nobody measured
    assert bar.screw.head == pytest.approx([85.0, bar.screw.tip[1], bar.screw.tip[2]], abs=0.3)
    for start, end in bar.clamped.connectors:
        assert 11.0 <= np.linalg.norm(end - start) <= 20.0


def test_refuses_alar_screws_where_the_sacrum_is_gone_or_unknown() -> None:
    anatomy = pelvis(sacrum=box((-50.0, 60.0, 20.0), (50.0, 110.0, 60.0)))
    after, bones = Resected(anatomy.parts), {name: depth_in(part) for name, part in anatomy.parts.items()}
    options = OPTIONS.model_copy(update={"iliac_screws_per_side": 1})
    with pytest.raises(InputError, match="left_foramen_S1, left_foramen_S2 is not known"):
        alar.alar_iliac_screws(anatomy, after, bones, "left", options)
    for level, z in (("S1", -10.0), ("S2", -40.0)):
        anatomy.landmarks[f"left_foramen_{level}"] = np.array([25.0, 70.0, z])
    with pytest.raises(InputError, match=rf"no back within 14 mm of {PLACE} on the left .nearest bone 52.4 mm away"):
        alar.alar_iliac_screws(anatomy, after, bones, "left", options)


def test_alar_screws_keep_a_millimetre_of_bone_as_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grid that axes are looked for with is not exact: an axis that is found counts only when it has been measured."""
    thick = box((60.0, 0.0, -60.0), (140.0, 130.0, 60.0))
    anatomy = pelvis(sacrum=box((-58.0, 0.0, -60.0), (58.0, 110.0, 40.0)), left_ilium=thick)
    anatomy.landmarks["left_AIIS"] = np.array([120.0, 30.0, -25.0])
    for level, z in (("S1", -10.0), ("S2", -40.0)):
        anatomy.landmarks[f"left_foramen_{level}"] = np.array([25.0, 70.0, z])
    after, bones = Resected(anatomy.parts), {name: depth_in(part) for name, part in anatomy.parts.items()}
    options = OPTIONS.model_copy(update={"iliac_screws_per_side": 1})

    def found() -> Screw:
        (screw,) = alar.alar_iliac_screws(anatomy, after, bones, "left", options)
        return screw

    best = found()
    assert best.clearance - 4.0 >= 1.0

    def spoiled(*given: object) -> Held:
        measured = held(*given)
        return replace(measured, clearance=0.61) if np.allclose(given[2], best.tip) else measured

    monkeypatch.setattr(alar, "held", spoiled)
    second = found()
    assert not np.allclose(second.tip, best.tip)
    assert second.clearance - 4.0 >= 1.0
    monkeypatch.setattr(alar, "held", lambda *given: replace(held(*given), leaves=best.tip))
    with pytest.raises(InputError, match="comes out of bone"):
        found()
    monkeypatch.setattr(alar, "held", lambda *given: replace(held(*given), clearance=0.61))
    with pytest.raises(
        InputError, match=rf"from {PLACE.replace(' mm', '')} to {PLACE}, keeps 0.6 mm .at least 1 mm"
    ) as caught:
        found()
    assert caught.value.key == f"{HERE}.iliac_screw_diameter"


PLATE = box((0.0, 0.0, 30.0), (200.0, 300.0, 50.0))


def limb(entry: tuple[float, ...], tip: tuple[float, ...]) -> Screw:
    start = np.array(entry)
    return Screw("left_galveston", "left_fixation", start, start, np.array(tip), 6.0, ("left_ilium",), 5.0, 50.0)


@pytest.mark.parametrize(
    ("head", "wall", "key", "said"),
    [
        ((70.0, 100.0, 20.0), None, "iliac_anchor", rf"cannot be bent from {PLACE} into the ilium at {PLACE}"),
        (
            (70.0, 128.0, 90.0),
            None,
            "iliac_anchor",
            rf"from \(70.0, 128.0, 90.0\) mm would be bent by 1\d\d deg .at most 80 deg. at {PLACE} to its limb",
        ),
        (
            (40.0, 160.0, 80.0),
            box((0.0, 0.0, 30.0), (200.0, 300.0, 50.0)),
            "rod_diameter",
            rf"cuts .* mm into L5 at {PLACE}",
        ),
    ],
)
def test_refuses_limbs(head, wall, key, said) -> None:
    obstacles = {} if wall is None else {"L5": depth_in(wall)}
    with pytest.raises(InputError, match=said) as caught:
        limb_way("left", np.array(head), limb((70.0, 130.0, 0.0), (70.0, 60.0, 0.0)), obstacles, OPTIONS)
    assert caught.value.key == f"{HERE}.{key}"


def test_a_limb_is_bent_outside_the_bone() -> None:
    bent, free = limb_way(
        "left", np.array([40.0, 160.0, 80.0]), limb((70.0, 130.0, 0.0), (70.0, 60.0, 0.0)), {}, OPTIONS
    )
    assert isinstance(bent, Bent)
    assert bent.arcs()[0][2][1] >= 130.0 + 2.9
    assert bent.angles()[0] <= 80.0
    assert free.distance == np.inf
