from __future__ import annotations

import numpy as np
import pytest
from surgery_shapes import box, boxes, joined, volume

from femsacrum.anatomy.model import Anatomy
from femsacrum.case.schema import CutPlane, Resection
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.ilium import cut_ilium, resection_plane, trim_endplate
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.outline import cut_area, cut_polygon


def plan(trim: float = 1.0, **left: object) -> Resection:
    options = {"landmark": "left_notch", "normal": (0.0, 1.0, 0.0), "offset": 0.0} | left
    return Resection.model_construct(left_ilium=CutPlane.model_construct(**options), endplate_trim=trim)


def test_takes_what_is_behind_the_plane_and_above_the_notch() -> None:
    cut = cut_ilium(boxes(), plan(), "left")
    assert cut.removed == pytest.approx(20.0 * 60.0 * 120.0)
    assert volume(cut.surface) + cut.removed == pytest.approx(cut.before)
    assert cut_area(cut.surface) == pytest.approx(20.0 * 120.0)


def test_cut_face_is_exactly_planar_and_faces_out() -> None:
    cut = cut_ilium(boxes(), plan(normal=(-0.3, 0.9, 0.1)), "left")
    plane = cut.surface.flat_faces["cut"]
    depth = (cut.surface.points - plane.origin) @ plane.normal
    near = np.abs(depth) < 1e-3
    assert near.sum() >= 4
    assert np.abs(depth[near]).max() < 1e-12
    a, b, c = (cut.surface.points[cut.surface.triangles[:, i]] for i in range(3))
    on_cut = near[cut.surface.triangles].all(axis=1)
    normals = np.cross(b - a, c - a)[on_cut]
    assert (normals @ plane.normal > 0.0).all()


def test_right_plane_is_the_mirrored_normal_at_the_right_landmark() -> None:
    anatomy = boxes()
    resection = plan(normal=(-0.6, 0.8, 0.1), offset=2.0)
    left, right = (resection_plane(anatomy, resection, side) for side in ("left", "right"))
    assert right.normal == pytest.approx(left.normal * [-1.0, 1.0, 1.0])
    # the notches are not mirror images, and neither are the cuts
    assert right.origin == pytest.approx(anatomy.landmarks["right_notch"] + 2.0 * right.normal)


def test_outline_of_the_cut() -> None:
    cut = cut_ilium(boxes(), plan(), "right")
    outline = cut_polygon(cut.surface, frame_on(cut.plane, np.array([0.0, 0.0, 1.0])))
    assert outline.area == pytest.approx(2400.0, rel=1e-6)
    assert len(outline.interiors) == 0


def with_a_piece(length: float) -> Anatomy:
    """A piece of bone beside the left ilium, 10 mm of it before the saw, that only what is taken away would hold."""
    anatomy = boxes()
    piece = box((81.0, 83.0, 0.0), (86.0, 113.0, length))
    anatomy.parts["left_ilium"] = joined(anatomy.parts["left_ilium"], piece)  # type: ignore[index]
    return anatomy


def test_a_loose_piece_is_told_and_a_large_one_refused() -> None:
    cut = cut_ilium(with_a_piece(40.0), plan(), "left")
    assert cut.loose == pytest.approx(5.0 * 10.0 * 40.0)
    assert volume(cut.surface) + cut.removed == pytest.approx(cut.before)
    with pytest.raises(
        InputError, match=r"1 loose piece of left_ilium of 6500 mm3, .* round \(83.5, 88.0, 65.0\)"
    ) as caught:
        cut_ilium(with_a_piece(130.0), plan(), "left")
    assert caught.value.key == "surgery.resection.left_ilium"


def test_a_cut_beside_the_middle_of_the_endplate_is_not_taken_for_it() -> None:
    cut = trim_endplate(boxes(), plan(trim=2.0)).surface
    frame = frame_on(cut.flat_faces["cut"], np.array([1.0, 0.0, 0.0]))
    assert cut_polygon(cut, frame, near=np.zeros(2)).area == pytest.approx(44.0 * 32.0, rel=1e-6)
    with pytest.raises(InputError, match=r"bone only 9.0 mm beside the middle .* at \(.*25.0, 2.0\) mm: take more"):
        cut_polygon(cut, frame, near=np.array([25.0, 0.0]))


def test_trim_leaves_the_posterior_elements() -> None:
    anatomy = boxes()
    cut = trim_endplate(anatomy, plan(trim=2.0))
    assert cut.removed == pytest.approx(44.0 * 32.0 * 2.0)
    assert cut.surface.points[:, 2].min() == pytest.approx(-8.0)
    assert cut.plane.normal == pytest.approx([0.0, 0.0, -1.0])


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({"offset": 72.3}, r"plane misses left_ilium by 12.3 mm; the nearest bone is at \("),
        ({"offset": -40.0}, r"cuts the acetabulum of left_ilium .* 2.0 mm inside the sphere .* round \(70.0"),
        ({"normal": (0.0, -1.0, 0.0)}, r"cuts the acetabulum"),
        ({"normal": (0.0, 0.0, 1.0)}, r"takes 60 % of left_ilium .* through \(70.0, 93.0, -40.0\)"),
        ({"normal": (0.0, 0.0, 0.0)}, "has no direction"),
        ({"landmark": None}, "needs one of landmark, point, points, level or clear_of"),
        ({"point": (60.0, 90.0, 0.0)}, "needs one of landmark, point, points, level or clear_of"),
        ({"landmark": "left_nose"}, '"left_nose" is not a landmark of this anatomy; known: L5_lower'),
    ],
)
def test_refuses_planes(left: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        cut_ilium(boxes(), plan(**left), "left")
    assert caught.value.key.startswith("surgery.resection.left_ilium")


def test_refuses_a_trim_through_the_vertebra_and_one_that_takes_nothing() -> None:
    with pytest.raises(InputError, match=r"18 mm leaves 7.0 mm of L5 .* at \(0.0, 0.0, 25.0\)"):
        trim_endplate(boxes(), plan(trim=18.0))
    anatomy = boxes()
    anatomy.landmarks["L5_lower"][2] = -20.0  # type: ignore[index]
    with pytest.raises(InputError, match=r"takes nothing off L5: .* lies 11.0 mm below the bone"):
        trim_endplate(anatomy, plan(trim=1.0))
