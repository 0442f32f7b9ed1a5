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


def case(*given, name="none"):
    return SimpleNamespace(ligaments=given, ligament_set=name)


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
    assert found["left_sacrotuberous"].stiffness == 1500.0
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


def test_the_table_is_sourced_and_its_weights_are_places():
    known = {*LANDMARKS, *(f"L5_{side}_pedicle_entry" for side in ("left", "right"))}
    for kind, row in table("ligaments")["pelvic"].items():
        stiffness = constant("ligaments", f"pelvic.{kind}.stiffness")
        assert (stiffness.unit, stiffness.confidence) == ("N/mm", "S")
        assert row["radius"] > 0.0
        assert len(row["ends"]) == 2
        for end in row["ends"]:
            assert end["body"].format(side="left") in PARTS
            assert sum(end["at"].values()) == pytest.approx(1.0)
            assert {name.format(side="left", other="right") for name in end["at"]} <= known


def test_a_case_may_name_a_part_that_its_plan_takes_away_but_no_body_that_no_plan_has():
    given = 'ligaments=[{{name="a",stiffness="1 N/mm",source="b",ends=[{{body="{}",landmark="S_tip"}},{}]}}]'
    other = '{body="left_ilium",landmark="left_isch_spine"}'
    loaded = load(TEMPLATE, [given.format("sacrum", other), 'ligament_set="pelvic"'])
    assert (loaded.ligaments[0].ends[0].body, loaded.ligament_set) == ("sacrum", "pelvic")
    with pytest.raises(InputError, match='"total_sacrectomy" has no such body'):
        load(TEMPLATE, [given.format("coccyx", other)])
