"""Where a resection plane lies: by point, three points, landmark and angles, level of the sacrum, what it clears."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from surgery_shapes import box, boxes

from femsacrum.anatomy.model import Anatomy
from femsacrum.case.schema import CutPlane
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.planes import cut_plane, midsagittal

KEY = "surgery.resection.sacrum"


def said(**keys: object) -> CutPlane:
    return CutPlane.model_construct(**keys)


def sacrum() -> Anatomy:
    """A sacrum of stacked slabs along z: foramina are gaps 12 mm high between slabs at two sides of a middle bar."""
    import manifold3d

    def cube(low: tuple[float, ...], high: tuple[float, ...]) -> manifold3d.Manifold:
        size = tuple(b - a for a, b in zip(low, high, strict=True))
        return manifold3d.Manifold.cube(size).translate(low)

    solid = cube((-8, 0, -80), (8, 20, 40))
    for top in (40.0, 10.0, -20.0, -50.0):
        solid += cube((-40, 0, top - 18.0), (40, 20, top))
    mesh = solid.to_mesh64()
    bone = replace(box((0, 0, 0), (1, 1, 1)), points=np.array(mesh.vert_properties[:, :3]),
                   triangles=np.array(mesh.tri_verts, dtype=np.int64))  # fmt: skip
    base = boxes()
    marks = {"S1_endplate": np.array([0.0, 10.0, 40.0])}
    for level, z in (("S1", 16.0), ("S2", -14.0), ("S3", -44.0)):
        for side, x in (("left", 15.0), ("right", -15.0)):
            marks[f"{side}_foramen_{level}"] = np.array([x, 10.0, z])
    return replace(base, parts={**base.parts, "sacrum": bone}, landmarks={**base.landmarks, **marks})


def test_through_three_points_the_word_only_says_which_side_is_taken() -> None:
    points = ((0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (0.0, 10.0, 5.0))
    down = cut_plane(sacrum(), said(points=points, facing="caudal"), KEY)
    up = cut_plane(sacrum(), said(points=points, normal=(0.0, 0.3, 1.0), offset=2.0), KEY)
    assert down.normal == pytest.approx(np.array([0.0, 5.0, -10.0]) / np.sqrt(125.0))
    assert [float((np.array(point) - down.origin) @ down.normal) for point in points] == pytest.approx([0.0] * 3)
    assert up.normal == pytest.approx(-down.normal)
    assert (up.origin - down.origin) @ up.normal == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"points": ((0, 0, 0), (50, 0, 0), (90, 2, 0)), "facing": "caudal"}, r"lie within 1.1 mm of one line"),
        ({"points": ((0, 0, 0), (50, 0, 0), (0, 50, 0)), "facing": "left"}, "the plane runs along the direction"),
        ({"level": "below S4"}, '"S4" has no foramina in this sacrum, which has S1, S2, S3: take one of these'),
        ({"landmark": "left_nose", "facing": "caudal"}, '"left_nose" is not a landmark of this anatomy'),
        ({"point": (0, 0, 0), "level": "below S1"}, "needs one of landmark, point, points, level or clear_of"),
        ({"point": (0, 0, 0), "normal": (0, 0, 0)}, "has no direction"),
    ],
)
def test_planes_that_say_too_little_are_refused(keys: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        cut_plane(sacrum(), said(**keys), KEY)
    assert caught.value.key.startswith(KEY)


def test_below_a_level_is_the_lower_edge_of_its_foramina_and_through_it_the_middle_of_the_vertebra() -> None:
    below = cut_plane(sacrum(), said(level="below S2"), KEY)
    assert below.normal == pytest.approx([0.0, 0.0, -1.0])
    assert below.origin[2] == pytest.approx(-20.0, abs=0.25)
    through = cut_plane(sacrum(), said(level="through S2"), KEY)
    assert through.origin[2] == pytest.approx(0.5 * (16.0 - 14.0))
    high = cut_plane(sacrum(), said(level="through S1", sagittal_tilt=10.0), KEY)
    assert high.origin[2] == pytest.approx(0.5 * (40.0 + 16.0))
    assert np.degrees(np.arccos(-high.normal[2])) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("turn", "normal"),
    [
        ("sagittal_tilt", (0.0, 1.0, 0.0)),  # seen from the left, down turns towards the back
        ("frontal_tilt", (-1.0, 0.0, 0.0)),  # seen from behind, down turns towards the right
        ("axial_turn", (0.0, 0.0, -1.0)),
    ],
)
def test_angles_turn_counter_clockwise(turn: str, normal: tuple[float, ...]) -> None:
    plane = cut_plane(sacrum(), said(point=(0.0, 0.0, 0.0), facing="caudal", **{turn: 90.0}), KEY)
    assert plane.normal == pytest.approx(normal, abs=1e-12)


@given(*(st.floats(-180.0, 180.0) for _ in range(3)))
def test_any_angles_keep_a_unit_normal_and_the_point(first: float, second: float, third: float) -> None:
    keys = {"sagittal_tilt": first, "frontal_tilt": second, "axial_turn": third}
    plane = cut_plane(boxes(), said(point=(3.0, 2.0, 1.0), facing="left", **keys), KEY)
    assert np.linalg.norm(plane.normal) == pytest.approx(1.0)
    assert plane.origin == pytest.approx([3.0, 2.0, 1.0])


def test_a_plane_clears_the_joint_of_its_own_side() -> None:
    base = boxes()
    joints = {"left_sij": box((55, 100, 0), (58, 130, 40)), "right_sij": box((-57, 104, 0), (-54, 130, 40))}
    anatomy = replace(base, parts={**base.parts, **joints})
    given_left = said(clear_of="sacroiliac_joint", normal=(-0.6, 0.8, 0.0), offset=-2.0)
    for side, mirror in (("left", None), ("right", midsagittal(anatomy))):
        plane = cut_plane(anatomy, given_left, "surgery.resection.left_ilium", mirror)
        depth = (joints[f"{side}_sij"].points - plane.origin) @ plane.normal
        assert depth.min() == pytest.approx(2.0)
        assert np.sign(plane.normal[0]) == (-1.0 if side == "left" else 1.0)
    with pytest.raises(InputError, match="has no left sacroiliac joint"):
        cut_plane(base, given_left, "surgery.resection.left_ilium")
