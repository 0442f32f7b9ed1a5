"""Ligaments on blocks of bone: which hold, which are lost with the bone they grew on, and what a set is made of."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.verification.meshes import box
from femsacrum.anatomy.model import Anatomy, Surface
from femsacrum.case.load import load
from femsacrum.case.names import LANDMARKS, PARTS
from femsacrum.case.schema import Ligament
from femsacrum.errors import InputError
from femsacrum.mechanics.ligaments import ligaments
from femsacrum.mechanics.springs import spring_points
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant, table
from femsacrum.surgery.construct import Construct

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"
ILIUM, SACRUM = ((30.0, 0.0, 0.0), (50.0, 40.0, 60.0)), ((-20.0, 0.0, 0.0), (20.0, 40.0, 60.0))
#: What a cut across the sacrum leaves of it.
LEFT = ((-20.0, 0.0, 30.0), (20.0, 40.0, 60.0))


def surface(low, high):
    grid = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    points = np.array(low) + grid * (np.array(high) - np.array(low))
    quads = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    return Surface(points, np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]))


def meshed(name, low, high):
    return box(name, low, high, (8, 8, 8), 1)


def assembly(sacrum=LEFT, landmarks=None):
    """Left ilium and sacrum; the sacrum cut to a box, or taken away (None)."""
    left = {"left_ilium": surface(*ILIUM)} | ({"sacrum": surface(*sacrum)} if sacrum else {})
    bodies = {"left_ilium": meshed("left_ilium", *ILIUM)} | ({"sacrum": meshed("sacrum", *sacrum)} if sacrum else {})
    parts = {"left_ilium": surface(*ILIUM), "sacrum": surface(*SACRUM)}
    anatomy = Anatomy(parts, landmarks or {}, {}, 25.0, 1.4, {}, {})
    return Assembly(Construct(anatomy, left, {}, (), (), (), {}, {}), bodies, {})


def ligament(*places, name="a", body="sacrum", **more):
    ends = [
        {"body": b, "point": f"({x}, {y}, {z}) mm"} for b, (x, y, z) in zip(("left_ilium", body), places, strict=True)
    ]
    return Ligament.model_validate({"name": name, "ends": ends, "stiffness": "100 N/mm", "source": "test", **more})


def case(*given, name="none", divided=()):
    surgery = SimpleNamespace(resection=SimpleNamespace(divided_ligaments=divided) if divided else None)
    return SimpleNamespace(ligaments=given, ligament_set=name, surgery=surgery)


def test_an_end_on_what_is_left_holds_on_the_old_surface_not_on_the_cut():
    (spring,), lost = ligaments(case(ligament((30, 20, 45), (20, 20, 45))), assembly())
    assert lost == ()
    assert spring.points[1] == pytest.approx([20.0, 20.0, 45.0], abs=2.0)
    cut = assembly()
    face = cut.bodies["sacrum"].facet_face
    names = cut.bodies["sacrum"].face_names
    assert {"x1", "z0"} <= set(names)
    renamed = tuple("cut" if one == "z0" else one for one in names)
    cut.bodies["sacrum"] = type(cut.bodies["sacrum"])(
        **{**vars(cut.bodies["sacrum"]), "face_names": renamed, "facet_face": face}
    )
    ((near,), lost) = ligaments(case(ligament((30, 20, 45), (20, 20, 32))), cut)
    nodes = cut.bodies["sacrum"].nodes[near.ends[1][1]]
    assert lost == ()
    assert np.ptp(nodes[..., 2], axis=1).max() > 1.0
    assert (np.ptp(nodes[..., 2], axis=1) > 0.0).all(), "no facet of the cut face z = 30"


def test_an_end_on_bone_that_is_cut_away_is_lost_with_its_distance():
    made, (lost,) = ligaments(case(ligament((30, 20, 45), (20, 20, 18), name="low")), assembly())
    assert made == ()
    assert (lost.name, lost.body) == ("low", "sacrum")
    assert lost.at == pytest.approx([20.0, 20.0, 18.0])
    assert lost.why == "its attachment at (20.0, 20.0, 18.0) mm is cut away, 12.0 mm from what is left of sacrum"
    # within its radius of what is left it holds
    made, lost = ligaments(case(ligament((30, 20, 45), (20, 20, 25))), assembly())
    assert (len(made), lost) == (1, ())


def test_what_the_surgeon_divides_holds_no_more_though_its_bone_stays():
    given = [ligament((30, 20, z), (20, 20, z), name=name) for name, z in (("left_a", 45), ("left_b", 50))]
    (spring,), (lost,) = ligaments(case(*given, divided=("*_b",)), assembly())
    assert spring.name == "left_a"
    assert (lost.name, lost.body, lost.why) == ("left_b", "sacrum", "the surgeon divides it")
    said = (
        r'divided_ligaments\[1\]: "left_c" names no ligament \(did you mean "left_[ab]"\?\); there are left_a, left_b'
    )
    with pytest.raises(InputError, match=said):
        ligaments(case(*given, divided=("left_a", "left_c")), assembly())


def test_a_place_off_the_bone_is_put_on_it_first():
    made, lost = ligaments(case(ligament((30, 20, 45), (30, 20, 18))), assembly())
    assert made == ()
    assert lost[0].at == pytest.approx([20.0, 20.0, 18.0])
    with pytest.raises(
        InputError, match=r"ligaments\[0\].ends\[1\]: lies 40 mm from sacrum; place it on its surface"
    ):
        ligaments(case(ligament((30, 20, 45), (0, 80, 45))), assembly())


def test_an_end_on_a_part_that_is_taken_away_is_lost_and_one_on_no_part_is_an_error():
    made, (lost,) = ligaments(case(ligament((30, 20, 45), (20, 20, 45))), assembly(sacrum=None))
    assert made == ()
    assert lost.why == "the plan takes away sacrum"
    given = case(ligament((30, 20, 45), (20, 20, 45), body="coccyx"))
    with pytest.raises(InputError, match=r'ends\[1\].body: no body "coccyx" is left; there are left_ilium, sacrum'):
        ligaments(given, assembly())


def test_landmarks_of_a_lost_end_need_not_be_there():
    given = ligament((30, 20, 45), (20, 20, 45)).model_copy(
        update={"ends": (ligament((30, 20, 45), (0, 0, 0)).ends[0], _at("sacrum", "S_tip"))}
    )
    _, (lost,) = ligaments(case(given), assembly(sacrum=None))
    assert lost.at is None
    with pytest.raises(InputError, match='this anatomy has no "S_tip"; give a point'):
        ligaments(case(given), assembly())


def _at(body, landmark):
    return type(ligament((0, 0, 0), (0, 0, 0)).ends[0]).model_validate({"body": body, "landmark": landmark})


def placed():
    """Landmarks with which the set's places lie on the blocks."""
    return {
        "left_isch_tub": np.array([40.0, 20.0, 0.0]),
        "left_foramen_S3": np.array([15.0, 0.0, 40.0]),
        "right_foramen_S3": np.array([-15.0, 0.0, 40.0]),
        "S_tip": np.array([0.0, 0.0, 10.0]),
        "left_PSIS": np.array([50.0, 40.0, 50.0]),
        "left_foramen_S1": np.array([0.0, 0.0, 50.0]),
    }


def test_the_set_says_what_it_cannot_place_and_a_ligament_of_the_case_goes_before_it():
    made, lost = ligaments(case(name="pelvic"), assembly(sacrum=SACRUM, landmarks=placed()))
    found = {one.name: one for one in made}
    assert set(found) == {"left_sacrotuberous", "left_interosseous_sacroiliac"}
    toed = found["left_sacrotuberous"]
    assert toed.stiffness * toed.stiffer == pytest.approx(1500.0)
    assert toed.stiffer == pytest.approx(1.0 / 0.385, rel=0.01)
    # up to a tenth of the line between its ends as they were placed
    assert toed.knee == pytest.approx(0.1 * np.linalg.norm(toed.points[1] - toed.points[0]), rel=0.15)
    # 1.2 and -0.5 of the third foramina and 0.3 of the tip: at (25.5, 0, 31), and on the sacrum at its edge
    assert found["left_sacrotuberous"].points[1] == pytest.approx([20.0, 0.0, 31.0], abs=8.0)
    why = {one.name: one.why for one in lost}
    assert why["left_iliolumbar"] == "this anatomy has no L5"
    assert why["right_sacrotuberous"] == "this anatomy has no right ilium"
    assert why["left_sacrospinous"] == "this anatomy has no landmark left_isch_spine"
    own = ligament((40, 20, 60), (20, 20, 45), name="left_sacrotuberous")
    made, _ = ligaments(case(own, name="pelvic"), assembly(sacrum=SACRUM, landmarks=placed()))
    assert {one.name: one.stiffness for one in made}["left_sacrotuberous"] == 100.0


def test_a_place_astray_is_told():
    landmarks = placed() | {"left_isch_tub": np.array([40.0, 20.0, -40.0])}
    _, lost = ligaments(case(name="pelvic"), assembly(sacrum=SACRUM, landmarks=landmarks))
    why = {one.name: one.why for one in lost}
    assert why["left_sacrotuberous"] == "its estimated place lies 40 mm from left ilium"


ROWS = [(name, kind) for name, kinds in table("ligaments").items() for kind in kinds]


@pytest.mark.parametrize(("name", "kind"), ROWS)
def test_the_table_is_sourced_and_its_weights_are_places(name, kind):
    pedicles = (f"{level}_{{}}_pedicle_{end}" for level in ("L4", "L5") for end in ("entry", "target"))
    known = {*LANDMARKS, *(each.format(side) for each in pedicles for side in ("left", "right"))}
    row = table("ligaments")[name][kind]
    units = {"stiffness": "N/mm", "stiffness_beyond": "N/mm", "knee": "mm", "knee_strain": "1", "gap": "mm"}
    found = {key: constant("ligaments", f"{name}.{kind}.{key}") for key in units if key in row}
    assert {key: each.unit for key, each in found.items()} == {key: units[key] for key in found}
    assert all(each.value > 0.0 and each.source and each.confidence for each in found.values())
    assert len({"knee", "knee_strain"} & set(found)) == ("stiffness_beyond" in found)
    assert row["radius"] > 0.0
    for level, ends in row.get("levels", {"": row.get("ends")}).items():
        assert len(ends) == 2
        for end in ends:
            assert end["body"].format(side="left") in PARTS
            assert sum(end["at"].values()) == pytest.approx(1.0)
            sides = ("left", "right") if any("{both}" in key for key in end["at"]) else ("left",)
            assert {k.format(side="left", other="right", both=each) for k in end["at"] for each in sides} <= known
        if kind == "facet":
            assert constant("ligaments", f"lumbar.facet.angle.{level}").unit == "deg"


#: Landmarks of L5 and S1 in millimetres, the disc level: the left facet joint is estimated at (24.3, 31.6, -5.3).
LUMBAR = {
    "L5_left_pedicle_entry": (30.0, 40.0, 20.0),
    "L5_right_pedicle_entry": (-30.0, 40.0, 20.0),
    "S1_endplate": (0.0, 0.0, -5.0),
    "L5_lower": (0.0, 0.0, 5.0),
    "L5_upper": (0.0, 0.0, 33.0),
}
JOINT = np.array([24.3, 31.6, -5.27])
BEHIND, BEFORE = ((12.0, 33.0, -11.0), (23.0, 44.0, 1.0)), ((25.0, 20.0, -11.0), (36.0, 31.0, 1.0))


def jointed(above=BEHIND, below=BEFORE, left=None, directions=True):
    """Articular processes of L5 and the sacrum as boxes; ``left`` is what the plan leaves of the sacrum's."""
    parts = {"L5": surface(*above), "sacrum": surface(*below)}
    after = {**parts, "sacrum": surface(*left) if left else parts["sacrum"]}
    bodies = {"L5": meshed("L5", *above), "sacrum": meshed("sacrum", *(left or below))}
    normals = {"L5_lower": np.array([0.0, 0.0, -1.0]), "S1_endplate": np.array([0.0, 0.0, 1.0])} if directions else {}
    landmarks = {name: np.array(place) for name, place in LUMBAR.items()}
    anatomy = Anatomy(parts, landmarks, normals, 25.0, 1.4, {}, {})
    return Assembly(Construct(anatomy, after, {}, (), (), (), {}, {}), bodies, {})


def facet(given):
    made, lost = ligaments(case(name="lumbar"), given)
    return {one.name: one for one in (*made, *lost)}["left_facet_L5S1"]


def test_a_facet_joint_pushes_along_the_normal_of_its_facets_through_one_line():
    given = jointed()
    joint = facet(given)
    assert (joint.compression_only, joint.tension_only, joint.slack) == (True, False, 0.5)
    angle = np.radians(constant("ligaments", "lumbar.facet.angle.L5S1").value)
    facing = np.array([-np.cos(angle), np.sin(angle), 0.0])
    numbers = {"L5": np.arange(729), "sacrum": 729 + np.arange(729)}
    points = spring_points(given.bodies, numbers, joint, 2 * 729)
    np.testing.assert_allclose(points.frames[0, 0], facing, atol=1e-9)
    # a push of 100 N: on the sacrum forwards and outwards, on L5 the opposite, both on the line through the joint
    push = -points.force(np.array([[100.0, 0.0, 0.0]])).reshape(-1, 3)
    np.testing.assert_allclose(push[729:].sum(axis=0), -100.0 * facing, atol=1e-9)
    np.testing.assert_allclose(push[:729].sum(axis=0), 100.0 * facing, atol=1e-9)
    for half, name in ((push[:729], "L5"), (push[729:], "sacrum")):
        np.testing.assert_allclose(np.cross(given.bodies[name].nodes - JOINT, half).sum(axis=0), 0.0, atol=1e-6)
    # nothing is loaded by a rigid motion of both
    nodes = np.vstack([body.nodes for body in given.bodies.values()])
    turned = np.cross([0.1, -0.2, 0.05], nodes) + np.array([1.0, 2.0, 3.0])
    assert points.jump(turned.ravel())[0, 0] == pytest.approx(0.0, abs=1e-12)


def test_a_facet_joint_is_lost_with_its_bone_and_where_it_cannot_be():
    cut = facet(jointed(left=((25.0, 0.0, -40.0), (36.0, 11.0, -30.0))))
    assert (cut.body, "is cut away" in cut.why) == ("sacrum", True)
    assert facet(jointed(above=BEFORE, below=BEHIND)).why == "its facet on L5 is not behind the other one"
    assert facet(jointed(directions=False)).why == "this anatomy has no direction of L5_lower and S1_endplate"


def test_all_sets_are_there_together_and_a_row_without_a_side_is_there_once():
    names = {one.name for each in ligaments(case(name="all"), jointed()) for one in each}
    apart = [{one.name for each in ligaments(case(name=n), jointed()) for one in each} for n in ("pelvic", "lumbar")]
    assert names == set.union(*apart)
    assert {len(each) for each in apart} == {12, 19}
    assert {"anterior_longitudinal_L5S1", "right_capsule_L4L5"} <= apart[1]


def test_a_case_may_name_a_part_that_its_plan_takes_away_but_no_body_that_no_plan_has():
    given = 'ligaments=[{{name="a",stiffness="1 N/mm",source="b",ends=[{{body="{}",landmark="S_tip"}},{}]}}]'
    other = '{body="left_ilium",landmark="left_isch_spine"}'
    loaded = load(TEMPLATE, [given.format("sacrum", other), 'ligament_set="pelvic"'])
    assert (loaded.ligaments[0].ends[0].body, loaded.ligament_set) == ("sacrum", "pelvic")
    with pytest.raises(InputError, match='"total_sacrectomy" has no such body'):
        load(TEMPLATE, [given.format("coccyx", other)])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("compression_only=true", "compression_only.*: needs tension_only = false beside it"),
        ('knee="1 mm"', "knee.*: needs stiffness_beyond beside it, or leave both out"),
        ('stiffness_beyond="9 N/mm"', "stiffness_beyond.*: needs knee beside it, or leave both out"),
    ],
)
def test_half_a_law_is_refused(wrong, told):
    ends = '{body="L5",landmark="L5_upper"},{body="left_ilium",landmark="left_isch_spine"}'
    given = f'ligaments=[{{name="a",stiffness="1 N/mm",source="b",ends=[{ends}],{wrong}}}]'
    with pytest.raises(InputError, match=told):
        load(TEMPLATE, [given])
