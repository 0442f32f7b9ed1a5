"""Trajectories in boxes of bone, where every distance is known."""

import pytest
from surgery_shapes import box

from femsacrum.errors import InputError
from femsacrum.surgery.fixation.held import check_trajectory

BLOCK = {"ilium": box((-10.0, 0.0, -15.0), (10.0, 100.0, 15.0))}


def test_a_screw_in_the_middle_of_a_block() -> None:
    found = check_trajectory(BLOCK, (0.0, -20.0, 0.0), (0.0, 60.0, 0.0), 8.0)
    assert found.purchase == pytest.approx(60.0, abs=0.3)
    assert found.clearance == pytest.approx(10.0 - 4.0)
    assert found.entered == pytest.approx([0.0, 0.0, 0.0], abs=0.3)
    assert found.leaves is None
    assert found.comes_out is None


def test_a_screw_whose_metal_comes_out_at_the_side() -> None:
    found = check_trajectory(BLOCK, (7.0, 0.0, 0.0), (7.0, 60.0, 0.0), 8.0)
    assert found.clearance == pytest.approx(-1.0)
    assert found.leaves == pytest.approx([7.0, 12.0, 0.0], abs=0.3)  # what is nearer to the entry does not count


def test_a_screw_whose_axis_leaves_and_comes_back() -> None:
    bones = {"ilium": BLOCK["ilium"], "other": box((-10.0, 120.0, -15.0), (10.0, 200.0, 15.0))}
    found = check_trajectory(bones, (0.0, 10.0, 0.0), (0.0, 190.0, 0.0), 8.0)
    assert found.leaves == pytest.approx([0.0, 100.0, 0.0], abs=0.3)  # 20 mm apart is no joint
    assert found.purchase == pytest.approx(90.0 + 70.0, abs=0.6)


def test_a_joint_may_be_crossed_from_bone_to_bone() -> None:
    bones = {"ilium": BLOCK["ilium"], "sacrum": box((-8.0, 104.0, -15.0), (8.0, 200.0, 15.0))}
    found = check_trajectory(bones, (0.0, -5.0, 0.0), (0.0, 150.0, 0.0), 7.0)
    assert found.leaves is None
    assert found.clearance == pytest.approx(8.0 - 3.5)
    assert found.purchase == pytest.approx(100.0 + 46.0, abs=0.6)


def test_a_tip_that_comes_out_is_told() -> None:
    found = check_trajectory(BLOCK, (0.0, 0.0, 0.0), (0.0, 130.0, 0.0), 8.0)
    assert found.comes_out == pytest.approx([0.0, 100.0, 0.0], abs=0.3)
    assert found.leaves is None


def test_a_trajectory_that_misses() -> None:
    found = check_trajectory(BLOCK, (30.0, 0.0, 0.0), (30.0, 60.0, 0.0), 8.0)
    assert (found.purchase, found.entered) == (0.0, None)
    assert found.clearance == pytest.approx(-20.0 - 4.0)


@pytest.mark.parametrize("diameter", [0.0, -1.0])
def test_refuses_what_is_no_trajectory(diameter: float) -> None:
    with pytest.raises(InputError, match=r"from \(0.0, 0.0, 0.0\) to .* no length or no diameter"):
        check_trajectory(BLOCK, (0.0, 0.0, 0.0), (0.0, 10.0, 0.0), diameter)
    with pytest.raises(InputError, match="no bone is named"):
        check_trajectory({}, (0.0, 0.0, 0.0), (0.0, 10.0, 0.0), 4.0)
