"""Cuts of the sacrum on boxes, whose volumes, areas and shares are known."""

from __future__ import annotations

from dataclasses import replace

import manifold3d
import numpy as np
import pytest
from surgery_shapes import box, boxes, volume

from femsacrum.anatomy.model import Anatomy, Surface
from femsacrum.case.schema import CutPlane, Laminectomy, Resection, Surgery
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.resect import resect
from femsacrum.surgery.cuts.sacrum import cut_across, cut_along


def cube(low: tuple[float, ...], high: tuple[float, ...]) -> manifold3d.Manifold:
    return manifold3d.Manifold.cube(tuple(b - a for a, b in zip(low, high, strict=True))).translate(low)


def surface(solid: manifold3d.Manifold) -> Surface:
    mesh = solid.to_mesh64()
    return Surface(np.array(mesh.vert_properties[:, :3]), np.array(mesh.tri_verts, dtype=np.int64))


def pelvis(canal: bool = True) -> Anatomy:
    """A sacrum 80 x 40 x 120 mm with a canal of 20 x 12 mm, 8 mm of lamina behind it, joints 2 mm thick beside it."""
    solid = cube((-40, 60, -80), (40, 100, 40))
    if canal:
        solid -= cube((-10, 80, -90), (10, 92, 50))
    base = boxes()
    marks = {"S1_endplate": np.array([0.0, 75.0, 40.0])}
    for level, z in (("S1", 10.0), ("S2", -20.0), ("S3", -50.0)):
        for side, x in (("left", 15.0), ("right", -15.0)):
            marks[f"{side}_foramen_{level}"] = np.array([x, 75.0, z])
    parts = {
        **base.parts,
        "sacrum": surface(solid),
        "L4": box((-20, 50, 90), (20, 80, 115)),
        "disc_L5S1": box((-20, 60, 40), (20, 90, 50)),
        "left_sij": box((40, 60, -20), (42, 100, 40)),
        "right_sij": box((-42, 60, -20), (-40, 100, 40)),
    }
    return replace(base, parts=parts, landmarks={**base.landmarks, **marks})


def plan(z: float = 0.0, **keys: object) -> Resection:
    plane = CutPlane.model_construct(point=(0.0, 0.0, z), facing="caudal")
    return Resection.model_construct(**{"sacrum": plane, **keys})


def test_across_takes_what_is_below_and_its_share_of_the_joints() -> None:
    done = cut_across(pelvis(), plan(z=0.0))
    section = 80.0 * 40.0 - 20.0 * 12.0
    assert done.cut.removed == pytest.approx(80.0 * section)
    assert volume(done.cut.surface) == pytest.approx(40.0 * section)
    # of the joint's surface without the cut itself: two faces, two sides and one end
    around, end = 2.0 * (40.0 + 2.0), 40.0 * 2.0
    share = 1.0 - (40.0 * around + end) / (60.0 * around + 2.0 * end)
    assert done.joint_removed == pytest.approx({"left": share, "right": share})
    assert set(done.soft) == {"left_sij", "right_sij"}


def test_a_cut_below_the_joints_leaves_them_untouched() -> None:
    anatomy = pelvis()
    done = cut_across(anatomy, plan(z=-30.0))
    assert done.joint_removed == {"left": 0.0, "right": 0.0}
    assert done.soft["left_sij"] is anatomy.parts["left_sij"]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"z": 45.0}, r"takes the S1 endplate at \(0.0, 75.0, 40.0\) mm, 5.0 mm beyond it"),
        ({"z": -95.0}, r"plane misses sacrum by 15.0 mm; the nearest bone is at \("),
        ({"z": 35.0}, r"takes 9\d % of left_sij \(at most 85 %\)"),
        ({"sacrum": None}, "missing: needs the plane"),
        ({"laminectomy": Laminectomy(levels=("S1", "S3"), width="20 mm")}, "S1, S3 leave one out between"),
        ({"laminectomy": Laminectomy(levels=("S1",), width="80 mm")}, "80 mm is wider than any sacral canal"),
        ({"laminectomy": Laminectomy(levels=("S2",), width="20 mm")}, r"S2 ends 20.0 mm beyond the cut, at \("),
        ({"laminectomy": Laminectomy(levels=("S4",), width="20 mm")}, '"S4" has no foramina in this sacrum'),
    ],
)
def test_refuses_cuts_across(keys: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        cut_across(pelvis(), plan(**keys))


def test_along_takes_half_the_sacrum_half_the_disc_and_one_joint() -> None:
    anatomy = pelvis()
    for side in ("left", "right"):
        given = Resection.model_construct(side=side)
        done = cut_along(anatomy, given)
        assert done.cut.removed == pytest.approx(0.5 * done.cut.before)
        assert volume(done.soft["disc_L5S1"]) == pytest.approx(0.5 * 40.0 * 30.0 * 10.0)
        surgery = Surgery.model_construct(plan="hemisacrectomy", resection=given, fixation=None)
        after = resect(surgery, anatomy)
        assert f"{side}_sij" not in after.surfaces
        assert after.measures[f"sacroiliac_joint_removed_{side} [%]"] == 100.0
        assert (after.surfaces["sacrum"].points[:, 0].max() > 1.0) == (side == "right")


def test_half_of_the_other_side_is_refused() -> None:
    wrong = Resection.model_construct(side="left", sacrum=CutPlane.model_construct(point=(0, 0, 0), facing="right"))
    with pytest.raises(InputError, match='side "left" needs facing = "left"'):
        cut_along(pelvis(), wrong)


def test_a_laminectomy_opens_the_canal_over_its_levels_and_no_further() -> None:
    opened = cut_across(pelvis(), plan(z=-60.0, laminectomy=Laminectomy(levels=("S1", "S2"), width="16 mm")))
    # 16 mm wide and 60 mm long, 8 mm of lamina: from the S1 endplate down to the foramina of S2
    assert opened.laminectomy == pytest.approx(16.0 * 60.0 * 8.0)
    assert opened.laminectomy + volume(opened.cut.surface) == pytest.approx(100.0 * (80.0 * 40.0 - 20.0 * 12.0))


def test_without_a_canal_there_is_nothing_to_open() -> None:
    with pytest.raises(InputError, match=r"no sacral canal behind \(0.0, 75.0, 10.0\) mm: 9 of 9 lines"):
        cut_across(pelvis(canal=False), plan(z=-60.0, laminectomy=Laminectomy(levels=("S1", "S2"), width="16 mm")))


def test_a_half_cut_that_leans_takes_its_share_of_the_other_joint() -> None:
    leaning = CutPlane.model_construct(point=(0.0, 0.0, 40.0), facing="left", frontal_tilt=55.0)
    done = cut_along(pelvis(), Resection.model_construct(side="left", sacrum=leaning))
    plane = done.cut.plane
    assert ((done.soft["right_sij"].points - plane.origin) @ plane.normal).max() < 1e-6
    assert 0.0 < done.joint_removed["right"] < 1.0


def test_a_plane_that_takes_all_of_the_sacrum_is_refused() -> None:
    far = CutPlane.model_construct(point=(-90.0, 0.0, 0.0), facing="left")
    with pytest.raises(InputError, match=r"takes all of sacrum: the plane passes through \(-90.0, 0.0, 0.0\) mm"):
        cut_along(pelvis(), Resection.model_construct(side="left", sacrum=far))


def test_of_a_joint_in_two_pieces_only_the_larger_carries() -> None:
    anatomy = pelvis()
    comb = cube((40, 60, -20), (42, 100, 0)) + cube((40, 60, -20), (42, 70, 40)) + cube((40, 80, -20), (42, 100, 40))
    anatomy = replace(anatomy, parts={**anatomy.parts, "left_sij": surface(comb)})
    done = cut_across(anatomy, plan(z=10.0))
    assert volume(done.soft["left_sij"]) == pytest.approx(2.0 * 20.0 * 30.0)
    stays = 2.0 * (20.0 + 2.0) * 30.0 + 20.0 * 2.0  # four sides and one end of the larger tooth
    assert done.joint_removed["left"] == pytest.approx(1.0 - stays / comb.surface_area())


def test_a_total_sacrectomy_tells_what_it_takes_whole() -> None:
    anatomy = pelvis()
    planes = {
        f"{side}_ilium": CutPlane.model_construct(landmark=f"{side}_notch", facing="posterior")
        for side in ("left", "right")
    }
    given = Resection.model_construct(**planes, endplate_trim=1.0)
    after = resect(Surgery.model_construct(plan="total_sacrectomy", resection=given), anatomy)
    assert after.measures["resected_volume_sacrum [mm3]"] == pytest.approx(120.0 * (80.0 * 40.0 - 20.0 * 12.0))
    assert after.measures["sacroiliac_joint_removed_right [%]"] == 100.0
