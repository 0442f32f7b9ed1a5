from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import Polygon
from surgery_shapes import box

from femsacrum.anatomy.model import Plane, Surface
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.fixation.clearances import head_clearance, overlaps, shaft_clearance
from femsacrum.surgery.fixation.starts import graft_clearance
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.shapes.frame import frame_on, unit
from femsacrum.surgery.shapes.outline import SIDE_GAP, divide
from femsacrum.surgery.shapes.places import along_segment, depth_in, inside
from femsacrum.surgery.shapes.profiles import stadium

#: Runs 40 mm forward from a head at the origin, held by L5.
SCREW = Screw(
    "left_L5_pedicle", "left_fixation", np.zeros(3), np.array([0.0, -7.0, 0.0]), np.array([0.0, -40.0, 0.0]),
    6.0, ("L5",), 5.0, 33.0,
)  # fmt: skip


def test_head_keeps_clear_even_of_what_holds_its_screw() -> None:
    bone = depth_in(box((-10.0, -60.0, -10.0), (10.0, -7.0, 10.0)))
    assert head_clearance((SCREW,), {"L5": bone}, 12.0) == pytest.approx(1.0)
    with pytest.raises(
        InputError, match=r"16 mm: the head of left_L5_pedicle at \(.*\) mm runs 1.0 mm into L5"
    ) as caught:
        head_clearance((SCREW,), {"L5": bone}, 16.0)
    assert caught.value.key == "surgery.fixation.head_diameter"


def test_shaft_keeps_clear_of_all_but_what_holds_it() -> None:
    host = depth_in(box((-10.0, -60.0, -10.0), (10.0, -7.0, 10.0)))
    beside = depth_in(box((-10.0, -30.0, 5.0), (10.0, -20.0, 15.0)))
    assert shaft_clearance((SCREW,), {"L5": host, "L4": beside}) == pytest.approx(2.0)
    nearer = depth_in(box((-10.0, -30.0, 2.0), (10.0, -20.0, 12.0)))
    with pytest.raises(InputError, match=r"left_L5_pedicle cuts 1.0 mm into L4 at \(0.0, -2") as caught:
        shaft_clearance((SCREW,), {"L5": host, "L4": nearer})
    assert caught.value.key == "surgery.fixation.pedicle_screw_diameter"


def pair(shift: float) -> tuple[dict[str, Surface], dict[str, Surface]]:
    bone, disc = box((0.0, 0.0, 0.0), (10.0, 10.0, 10.0)), box((0.0, 0.0, 9.5), (10.0, 10.0, 15.0))
    return {"L5": bone, "disc_L4L5": disc}, {"left_graft": box((10.0 - shift, 0.0, 0.0), (20.0, 10.0, 9.0))}


def test_faces_that_touch_share_nothing_and_soft_tissue_is_told() -> None:
    assert overlaps(*pair(0.0)) == {"overlap_L5_disc_L4L5 [mm3]": pytest.approx(50.0)}


def test_refuses_a_graft_in_bone_and_a_prosthesis_in_a_graft() -> None:
    with pytest.raises(
        InputError, match=r"left_graft runs 0.5 mm into L5 at \(9.5, .*\) mm, they share 45 mm3"
    ) as caught:
        overlaps(*pair(0.5))
    assert caught.value.key == "surgery.graft"
    both = {**pair(0.0)[1], "prosthesis": box((19.0, 0.0, 0.0), (30.0, 10.0, 9.0))}
    with pytest.raises(InputError, match=r"prosthesis runs 1.0 mm into left_graft at .* they share 90 mm3") as caught:
        overlaps({}, both)
    assert caught.value.key == "surgery.prosthesis"


def test_length_inside_a_body_and_where_it_begins() -> None:
    two = depth_in(box((-5.0, 3.3, -5.0), (5.0, 20.0, 5.0)))
    assert inside(two, np.zeros(3), np.array([0.0, 30.0, 0.0])) == pytest.approx((16.7, 3.3))
    assert inside(two, np.array([0.0, 10.0, 0.0]), np.array([0.0, 30.0, 0.0])) == pytest.approx((10.0, 0.0))
    assert inside(two, np.array([9.0, 0.0, 0.0]), np.array([9.0, 30.0, 0.0])) == (0.0, 30.0)


@pytest.mark.parametrize("climb", [-0.6, 0.0, 0.6])
def test_clearance_from_a_graft_against_samples(climb: float) -> None:
    frame = frame_on(Plane(np.zeros(3), np.array([0.0, 1.0, 0.0])), np.array([0.0, 0.0, 1.0]))
    plate = Plate("left", frame, divide(stadium((9.0, 45.0), 40), 0.4), 10.0, 16.0)
    lower = plate.regions.split + SIDE_GAP / 2.0
    start, axis = frame.space(np.array([[1.0, lower - 9.0]])), unit([0.0, -1.0, climb])[None]
    points = along_segment(start[0] - 30.0 * axis[0], start[0] + 30.0 * axis[0], 0.01)[1]
    deep = frame.depth(points)
    above = np.maximum(lower - frame.flat(points)[:, 1], 0.0)
    sampled = np.hypot(above, np.maximum(np.maximum(-deep, deep - plate.graft), 0.0)).min()
    assert graft_clearance(plate, start, axis) == pytest.approx([sampled], abs=1e-3)
    bare = Plate("left", frame, divide(stadium((9.0, 45.0), 40), None), 0.0, 6.0)
    assert graft_clearance(bare, start, axis) == [np.inf]
    through = frame.space(np.array([[1.0, lower + 1.0]]))
    assert (graft_clearance(plate, through, axis) < 0.0).all()
    assert Polygon(plate.regions.graft).bounds[1] == pytest.approx(lower)
