"""The plan of the studies on the reference anatomy, on its variants and on a real pelvis."""

from __future__ import annotations

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from femsacrum.anatomy.build import build
from femsacrum.anatomy.model import Anatomy, Surface
from femsacrum.case.composition import composition
from femsacrum.case.load import load
from femsacrum.case.schema import Prosthesis
from femsacrum.errors import InputError
from femsacrum.meshing.exchange.cad import triangulated, write_step, write_stl
from femsacrum.surgery.construct import Construct
from femsacrum.surgery.contacts import embedded, fits
from femsacrum.surgery.cuts.ilium import cut_ilium, trim_endplate
from femsacrum.surgery.cuts.planes import turn
from femsacrum.surgery.cuts.resect import resect
from femsacrum.surgery.fixation.clearances import overlaps
from femsacrum.surgery.fixation.flanges import with_flanges
from femsacrum.surgery.implants import prosthesis
from femsacrum.surgery.implants.anterior import custom_prosthesis, designed_prosthesis
from femsacrum.surgery.implants.plates import plate_on, room_for_screws
from femsacrum.surgery.implants.transverse import transverse_body
from femsacrum.surgery.operate import operate
from femsacrum.surgery.rebuild import rebuild
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.outside import outside
from femsacrum.surgery.shapes.places import Depth, along_segment, depth_in, inside

STUDIES = Path(__file__).parents[2] / "studies"
DEMO = STUDIES / "total_sacrectomy" / "case.toml"
DATA = STUDIES.parent.parent / "shared" / "data"
MIRROR = np.array([-1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return build(load(DEMO), DEMO.parent)


@pytest.fixture(scope="module")
def construct(anatomy: Anatomy) -> Construct:
    return operate(load(DEMO), anatomy)


def test_what_remains_and_what_is_new(construct: Construct) -> None:
    assert set(construct.surfaces) == {"left_ilium", "right_ilium", "L5", "L4", "disc_L4L5", "symphysis"}
    sides = {f"{side}_{what}" for side in ("left", "right") for what in ("graft", "fixation")}
    assert set(construct.solids) == {"prosthesis"} | sides
    assert len(construct.screws) == 8
    assert {rod.name for rod in construct.rods} == {"left_rod", "right_rod"}
    for contact in construct.contacts:
        for body, face in (contact.slave, contact.master):
            holder = construct.surfaces.get(body) or construct.solids[body]
            assert face == "surface" or face in holder.flat_faces, contact.name
    assert len({contact.name for contact in construct.contacts}) == len(construct.contacts)


def test_bodies_and_contacts_are_those_the_case_file_is_checked_with(construct: Construct) -> None:
    told = composition(tomllib.loads(DEMO.read_text(encoding="utf-8")))
    assert told is not None
    assert set(told.bodies) == {*construct.surfaces, *construct.solids}
    for pairs, kinds in ((told.pressed, {"surface"}), (told.joined, {"anatomical", "embedded"})):
        made = {(each.slave[0], each.master[0]) for each in construct.contacts if each.kind in kinds}
        assert set(pairs) == made


def test_faces_that_meet_share_their_plane(construct: Construct) -> None:
    for contact in construct.contacts:
        if contact.kind == "surface":
            one, other = (
                (construct.surfaces.get(body) or construct.solids[body]).flat_faces[face]
                for body, face in (contact.slave, contact.master)
            )
            assert one.normal == pytest.approx(-other.normal)
            assert (one.origin - other.origin) @ one.normal == pytest.approx(0.0, abs=1e-9)


def test_sides_of_the_symmetric_reference_mirror_each_other(construct: Construct) -> None:
    screws = {screw.name: screw for screw in construct.screws}
    for name, screw in screws.items():
        twin = screws[name.replace("left", "right")]
        assert twin.tip == pytest.approx(screw.tip * MIRROR if twin is not screw else screw.tip, abs=0.3)
    left, right = (construct.measures[f"volume_{side}_graft [mm3]"] for side in ("left", "right"))
    assert left == pytest.approx(right, rel=1e-3)


def test_screws_stay_in_bone_and_meet_the_plan(construct: Construct) -> None:
    for screw in construct.screws:
        bone = screw.hosts[-1]
        depth = depth_in(construct.anatomy.parts[bone])
        start = screw.tip + (screw.purchase - 1e-9) * (screw.head - screw.tip) / np.linalg.norm(
            screw.head - screw.tip
        )
        shaft = start + np.linspace(0.3, 1.0, 50)[:, None] * (screw.tip - start)
        assert depth(shaft).min() >= screw.diameter / 2.0 + 0.9, screw.name
        assert screw.purchase >= (50.0 if "iliac" in screw.name else 44.9)
        # so much of it lies in what is left of the bone, and the shaft that is coupled begins where it enters a body
        remaining = depth_in(construct.surfaces[bone])
        assert inside(remaining, screw.head, screw.tip)[0] == pytest.approx(screw.purchase, abs=0.02), screw.name
        if "pedicle" in screw.name:
            assert remaining(screw.entry[None])[0] == pytest.approx(0.0, abs=0.01)
    assert construct.measures["least_distance_between_screws [mm]"] >= 2.0
    assert construct.measures["least_distance_rod_to_bone_or_prosthesis [mm]"] >= 0.2
    assert construct.measures["least_distance_head_to_anything [mm]"] >= 0.25
    assert construct.measures["least_distance_screw_to_what_does_not_hold_it [mm]"] >= 1.0


def test_sacroiliac_joints_are_behind_the_cut(construct: Construct) -> None:
    for side in ("left", "right"):
        assert construct.measures[f"sacroiliac_margin_{side} [mm]"] > 2.0


def test_measures_are_those_of_an_implant(construct: Construct) -> None:
    measures = construct.measures
    assert 75.0 < measures["contact_share_left [%]"] < 95.0
    assert 200.0 < measures["mass_prosthesis_if_titanium [g]"] < 450.0
    share = measures["graft_area_left [mm2]"] / (measures["graft_area_left [mm2]"] + measures["pad_area_left [mm2]"])
    assert share == pytest.approx(0.3, abs=0.01)
    assert measures["body_scale_used_left [%]"] == pytest.approx(50.0)
    assert measures["loose_volume_left_ilium [mm3]"] == 0.0
    assert not [
        name for name in measures if name.startswith("overlap_") and not ("disc" in name or "symphysis" in name)
    ]
    thickness = 10.0
    assert measures["volume_left_graft [mm3]"] == pytest.approx(
        measures["graft_area_left [mm2]"] * thickness, rel=5e-3
    )


def test_operation_is_the_same_twice(construct: Construct, anatomy: Anatomy) -> None:
    again = operate(load(DEMO), anatomy)
    assert all(again.solids[name].brep == solid.brep for name, solid in construct.solids.items())
    assert again.measures == construct.measures


def test_intact_plan_keeps_every_part(anatomy: Anatomy) -> None:
    path = STUDIES / "intact_reference" / "case.toml"
    construct = operate(load(path), anatomy)
    assert set(construct.surfaces) == set(anatomy.parts)
    assert not construct.solids
    assert {contact.kind for contact in construct.contacts} == {"anatomical"}
    assert len(construct.contacts) == 10


@pytest.mark.parametrize(
    ("overrides", "key", "said"),
    [
        (
            ['surgery.resection.left_ilium.offset="75 mm"'],
            "resection.left_ilium",
            r"misses left_ilium by .* mm; .*\(",
        ),
        (['surgery.resection.left_ilium.offset="-25 mm"'], "resection.left_ilium", r"acetabulum .* round \("),
        (['surgery.resection.endplate_trim="22 mm"'], "resection.endplate_trim", r"leaves .* mm of L5 .* at \("),
        (['surgery.prosthesis.inset="9 mm"'], "prosthesis.inset", r"leaves .* mm2 of the left cut face .* at \("),
        (['surgery.fixation.head_diameter="17 mm"'], "prosthesis.body_scale", r"from \(.* has no room"),
        (['surgery.graft.share="75 %"'], "prosthesis.body_scale", r"from \(.* has no room"),
    ],
)
def test_refusals_name_the_key_the_place_and_the_distance(
    anatomy: Anatomy, overrides: list[str], key: str, said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        operate(load(DEMO, tuple(overrides)), anatomy)
    assert caught.value.key.startswith(f"surgery.{key}")


@pytest.mark.parametrize(
    ("diameters", "key", "said"),
    [
        ({"iliac_screw_diameter": 16.0}, "fixation.iliac_screw_length", r"from \(.* holds .* mm"),
        ({"iliac_screw_diameter": 24.0}, "fixation.iliac_screw_diameter", r"pad round \("),
        ({"pedicle_screw_diameter": 16.0}, "fixation.pedicle_screw", r"mm short at \("),
    ],
)
def test_screws_without_a_corridor_are_refused_whatever_their_heads(
    anatomy: Anatomy, diameters: dict[str, float], key: str, said: str
) -> None:
    case = load(DEMO)
    fixation = case.surgery.fixation.model_copy(update=diameters)  # the rules of the case want wider heads
    surgery = case.surgery.model_copy(update={"fixation": fixation})
    with pytest.raises(InputError, match=said) as caught:
        operate(case.model_copy(update={"surgery": surgery}), anatomy)
    assert caught.value.key.startswith(f"surgery.{key}")


def test_screws_keep_clear_of_a_large_graft(anatomy: Anatomy) -> None:
    construct = operate(load(DEMO, ("surgery.graft.share=60 %",)), anatomy)
    graft = graft_depth(construct)
    for screw in construct.screws:
        if screw.name.startswith("left_iliac"):
            free = -graft(along_segment(screw.head, screw.tip, 0.25)[1]).max() - screw.diameter / 2.0
            assert free >= 1.0, screw.name


def graft_depth(construct: Construct) -> Depth:
    """Depth in the left graft as it is drawn."""
    import gmsh

    with TemporaryDirectory() as folder, cad.drawing("left_graft"):
        path = Path(folder) / "graft.brep"
        path.write_bytes(construct.solids["left_graft"].brep)
        gmsh.model.occ.importShapes(str(path))
        return depth_in(outside("left_graft"))


def test_a_body_for_which_there_is_no_room_is_told_as_built(anatomy: Anatomy, construct: Construct) -> None:
    plan = load(DEMO).surgery
    plates = tuple(
        plate_on(cut_ilium(anatomy, plan.resection, side), side, plan.prosthesis, plan.graft)
        for side in ("left", "right")
    )
    endplate = frame_on(trim_endplate(anatomy, plan.resection).plane, np.array([1.0, 0.0, 0.0]))
    lowest = {plate.side: room_for_screws(plate, plan.fixation) for plate in plates}
    wanted = plan.prosthesis.model_copy(update={"body_scale": 0.8})
    body = transverse_body(plates, endplate, wanted, lowest)
    usual = construct.measures
    for side in ("left", "right"):
        assert 0.3 < body.scales[side] < 0.7
        assert body.height / body.scales[side] == pytest.approx(
            100.0 * usual["transverse_body_height [mm]"] / usual[f"body_scale_used_{side} [%]"], rel=1e-3
        )


def test_a_body_drawn_smaller_against_slivers_is_told_as_drawn(
    anatomy: Anatomy, construct: Construct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prosthesis, "BODY_SCALES", (0.92,))
    smaller = operate(load(DEMO), anatomy).measures
    for name in ("transverse_body_height [mm]", "body_scale_used_left [%]"):
        assert smaller[name] == pytest.approx(0.92 * construct.measures[name])
    assert smaller["volume_prosthesis [mm3]"] < construct.measures["volume_prosthesis [mm3]"]


def test_missing_resection_and_missing_bone_are_refused(anatomy: Anatomy) -> None:
    case = load(DEMO)
    bare = case.model_copy(update={"surgery": case.surgery.model_copy(update={"resection": None})})
    with pytest.raises(InputError, match="needs its cuts"):
        operate(bare, anatomy)
    without = {name: part for name, part in anatomy.parts.items() if name != "L4"}
    with pytest.raises(InputError, match="needs L4"):
        operate(
            case,
            Anatomy(without, anatomy.landmarks, anatomy.directions, anatomy.acetabular_radius, 1.4, {}, {}),
        )


def test_plan_without_grafts_and_with_one_iliac_screw(anatomy: Anatomy) -> None:
    case = load(DEMO)
    surgery = case.surgery.model_copy(
        update={"graft": None, "fixation": case.surgery.fixation.model_copy(update={"iliac_screws_per_side": 1})}
    )
    construct = operate(case.model_copy(update={"surgery": surgery}), anatomy)
    assert set(construct.solids) == {"prosthesis", "left_fixation", "right_fixation"}
    assert len(construct.screws) == 6
    assert "left_graft_seat" not in construct.solids["prosthesis"].flat_faces


def test_bilateral_fibular_flap_stands_clear_of_the_screws(anatomy: Anatomy) -> None:
    case = load(DEMO)
    graft = case.surgery.graft.model_copy(update={"kind": "fibular_strut"})
    surgery = case.surgery.model_copy(update={"prosthesis": None, "graft": graft})
    construct = operate(case.model_copy(update={"surgery": surgery}), anatomy)
    assert set(construct.solids) == {f"{side}_{part}" for side in ("left", "right") for part in ("graft", "fixation")}
    for side in ("left", "right"):
        for bone, least in (("L5", 80.0), (f"{side}_ilium", 60.0)):
            numbers = construct.fits[f"{side}_graft/{bone}"].numbers()
            assert numbers["face_on_bone [%]"] > least
            assert numbers["gap_p95 [mm]"] == 0.0  # what reaches over the rim of the cut may find bone a little lower
    left, right = (construct.measures[f"strut_length_{side} [mm]"] for side in ("left", "right"))
    assert left == pytest.approx(right, abs=0.1)
    assert construct.measures["least_distance_screw_to_what_does_not_hold_it [mm]"] > 0.3


def test_struts_leave_a_transiliac_bar_its_way(anatomy: Anatomy) -> None:
    """Without that they stand where the only bar passes that is clear of L5, and the plan is refused."""
    surgery = load(DEMO).surgery
    fixation = surgery.fixation.model_copy(update={"transiliac_bars": 1, "iliac_screws_per_side": 1})
    graft = surgery.graft.model_copy(update={"kind": "fibular_strut"})
    plan = surgery.model_copy(update={"prosthesis": None, "graft": graft, "fixation": fixation})
    built = rebuild(plan, anatomy, resect(plan, anatomy), DEMO.parent, ())
    (bar,) = (screw for screw in built.screws if screw.name == "transiliac_bar_1")
    along = bar.head + np.linspace(0.0, 1.0, 200)[:, None] * (bar.tip - bar.head)
    for side in ("left", "right"):
        strut = triangulated(built.solids[f"{side}_graft"].brep)
        assert depth_in(strut)(along).max() < -0.5 * bar.diameter - 0.5


def test_prosthesis_exported_and_given_back_is_the_same(anatomy: Anatomy, tmp_path: Path) -> None:
    """As STEP where it stands, and as STL turned and moved, put back by three landmarks."""
    plan = load(DEMO).surgery
    after = resect(plan, anatomy)
    own = custom_prosthesis(plan.prosthesis, None, plan.fixation, anatomy, after)
    wanted = fits(own.contacts, own.solids, own.skins, after.surfaces)
    brep = own.solids["prosthesis"].brep
    write_step(tmp_path / "sacrum.step", "prosthesis", brep)
    surface, turned = triangulated(brep), turn(10.0, -20.0, 30.0)
    moved = Surface(surface.points @ turned.T + [12.0, -30.0, 7.0], surface.triangles)
    write_stl(tmp_path / "sacrum.stl", "prosthesis", moved)
    names = ("left_notch", "right_notch", "L5_lower", "left_ASIS")
    there = {name: turned @ anatomy.landmarks[name] + [12.0, -30.0, 7.0] for name in names}
    landmarks = {name: [f"{float(x)!r} mm" for x in point] for name, point in there.items()}
    for options, near in (
        ({"file": "sacrum.step"}, 1e-3),
        ({"file": "sacrum.stl", "unit": "mm", "placement": {"landmarks": landmarks}}, 1e-2),
    ):
        given = designed_prosthesis(Prosthesis.model_validate(options), plan.fixation, anatomy, after, tmp_path, ())
        assert given.volumes["prosthesis"] == pytest.approx(own.volumes["prosthesis"], rel=near)
        found = fits(given.contacts, given.solids, given.skins, after.surfaces)
        for name, fit in wanted.items():
            numbers = found[name].numbers()
            assert numbers["contact_area [mm2]"] == pytest.approx(fit.numbers()["contact_area [mm2]"], rel=near)
            assert numbers["gap_max [mm]"] < 0.01
        for mine, theirs in zip(own.plates, given.plates, strict=True):
            assert theirs.back == pytest.approx(mine.back, abs=0.05)
            assert theirs.regions.plate.area == pytest.approx(mine.regions.plate.area, rel=0.02)


@pytest.mark.parametrize(
    "variant", ['anatomy.sex="female"', 'anatomy.pelvic_incidence="39 deg"', 'anatomy.pelvic_incidence="69 deg"']
)
def test_plan_goes_through_on_variants(variant: str) -> None:
    case = load(DEMO, (variant,))
    construct = operate(case, build(case, DEMO.parent))
    assert len(construct.solids) == 5
    assert construct.measures["contact_share_left [%]"] > 75.0


@pytest.mark.skipif(not DATA.is_dir(), reason="real bones (../shared/data) are not here")
def test_plan_goes_through_on_a_real_pelvis() -> None:
    case = load(STUDIES / "total_sacrectomy_atlas3" / "case.toml", data=[DATA])
    construct = operate(case, build(case, case.folder, case.data))
    assert len(construct.screws) == 8
    assert construct.measures["contact_share_right [%]"] > 75.0


def test_flanges_lie_on_the_ilia_and_their_screws_cross_them(anatomy: Anatomy) -> None:
    case = load(DEMO, ['surgery.prosthesis.flanges.side="outer"'])
    after = resect(case.surgery, anatomy)
    assert case.surgery.prosthesis is not None
    plain = custom_prosthesis(case.surgery.prosthesis, case.surgery.graft, case.surgery.fixation, anatomy, after)
    front = with_flanges(case.surgery, anatomy, after, plain)
    told = composition({"surgery": case.surgery.model_dump(mode="json")})
    assert told is not None
    assert {name for name in told.bodies if "flange" in name} == set(front.solids) - set(plain.solids)
    made = {(each.slave[0], each.master[0]) for each in embedded(front.flange_screws)}
    assert {pair for pair in told.joined if "flange" in pair[0]} == made
    assert front.volumes["prosthesis"] > plain.volumes["prosthesis"] + 2.0 * 25.0 * 12.0 * 3.0
    assert not any("prosthesis" in pair for pair in overlaps(after.surfaces, front.skins))  # or they are refused
    for screw in front.flange_screws:
        side = screw.name.split("_")[0]
        ilium = depth_in(after.surfaces[screw.hosts[-1]])
        purchase, entered = inside(ilium, screw.head, screw.tip)
        assert purchase == pytest.approx(screw.purchase, abs=0.3)
        assert purchase >= 6.0
        assert ilium(screw.tip[None])[0] >= -2.3  # through the far cortex, no farther
        assert entered <= 3.0 + front.measures[f"largest_gap_under_flange_{side} [mm]"] + 0.5
        assert screw.clearance > screw.diameter / 2.0 + 0.9
    for side in ("left", "right"):
        assert 0.3 <= front.measures[f"mean_gap_under_flange_{side} [mm]"] <= 3.0
        assert front.measures[f"largest_gap_under_flange_{side} [mm]"] <= 4.0
