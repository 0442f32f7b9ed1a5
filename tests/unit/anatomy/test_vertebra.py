import numpy as np
import pytest

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import Grid, contour, enclosed, genus
from femsacrum.anatomy.landmarks import clearance, endplate, pedicle_axis
from femsacrum.anatomy.proportions import table
from femsacrum.anatomy.vertebra import Vertebra, frame_from


@pytest.fixture(scope="module")
def bone():
    size = {name: value for name, value in table()["vertebra_L5"].items() if name != "source"}
    frame = frame_from(np.array([0.0, -np.sin(0.3), np.cos(0.3)]))
    return Vertebra(np.array([3.0, -7.0, 11.0]), frame, size, np.array([20.0, 36.0, -25.0]))


@pytest.fixture(scope="module")
def surface(bone):
    lower, upper = bone.box()
    grid = Grid.around(lower, upper, 1.3)
    return contour(bone.distance(grid), grid, "L5")


def test_the_frame_is_right_handed_with_x_to_the_left(bone):
    assert bone.frame.T @ bone.frame == pytest.approx(np.eye(3), abs=1e-14)
    assert np.linalg.det(bone.frame) == pytest.approx(1.0)
    assert bone.frame[:, 0] == pytest.approx([1.0, 0.0, 0.0])
    assert bone.frame[1, 1] > 0.9
    assert bone.to_local(bone.to_world(np.array([1.0, 2.0, 3.0]))) == pytest.approx([1.0, 2.0, 3.0])


def test_both_halves_are_alike(bone):
    points = np.random.default_rng(1).uniform(-45.0, 45.0, (500, 3))
    assert bone.at(points) == pytest.approx(bone.at(points * [-1.0, 1.0, 1.0]), abs=1e-12)


def test_the_body_has_the_dimensions_asked_for(bone):
    s = bone.size

    def extent(start, direction):
        along = np.arange(0.0, 40.0, 0.01)
        return along[np.argmax(bone.at(np.asarray(start) + along[:, None] * np.asarray(direction)) > 0.0)]

    for y, height in ((-12.0, None), (0.0, 0.5 * (s["height_front"] + s["height_back"]))):
        up, down = (extent([0.0, y, 0.0], [0.0, 0.0, sign]) for sign in (1.0, -1.0))
        assert up == pytest.approx(down, abs=0.02)
        if height:
            assert up + down == pytest.approx(height, abs=0.05)
        else:
            assert up + down > 0.5 * (s["height_front"] + s["height_back"]) + 1.0  # wedge: higher in front
    near_top = 0.25 * (s["height_front"] + s["height_back"]) - 3.5
    assert 2.0 * extent([0.0, 0.0, near_top], [1.0, 0.0, 0.0]) == pytest.approx(s["width_upper"], rel=0.07)
    assert extent([0.0, 0.0, near_top], [0.0, -1.0, 0.0]) == pytest.approx(0.5 * s["depth_upper"], rel=0.07)


def test_the_pedicle_has_the_section_asked_for(bone):
    middle = bone.pedicle()
    steps = np.arange(0.0, 20.0, 0.02)
    sizes = []
    for axis in np.eye(3)[[0, 2]]:
        ends = [steps[np.argmax(bone.at(middle + sign * steps[:, None] * axis) > 0.0)] for sign in (1.0, -1.0)]
        sizes.append(sum(ends))
    assert sizes[0] == pytest.approx(bone.size["pedicle_width"], rel=0.25)  # wider where it melts into the body
    assert sizes[1] == pytest.approx(bone.size["pedicle_height"], rel=0.25)


def test_a_vertebra_has_one_canal(surface):
    assert genus(surface.triangles) == 1
    assert 40e3 < enclosed(surface.points, surface.triangles) < 65e3


@pytest.mark.parametrize("which", ["upper", "lower"])
def test_a_fitted_endplate_is_the_one_that_was_drawn(bone, surface, which):
    centre, normal = bone.endplate(which)
    turned = normal + np.array([0.03, 0.08, 0.0])
    start, turned = centre + np.array([1.5, -3.0, 1.0]), turned / np.linalg.norm(turned)
    found = endplate(surface, start, turned, 16.0, lumbar=True, left=np.array([1.0, 0.0, 0.0]))
    assert np.degrees(np.arccos(found.normal @ normal)) < 1.0
    assert abs((found.centre - centre) @ normal) < 0.3
    assert np.linalg.norm(found.centre - centre) < 2.5
    assert 2.0 * found.half_width == pytest.approx(bone.size[f"width_{which}"], rel=0.08)
    assert 2.0 * found.half_depth == pytest.approx(bone.size[f"depth_{which}"], rel=0.10)


def test_the_pedicle_axis_keeps_clear_of_the_surface(bone, surface):
    forwards = bone.frame @ np.array([-np.sin(0.4), -np.cos(0.4), 0.0])
    middle, depth = bone.to_world(bone.pedicle()) + np.array([2.5, 0.0, -2.5]), bone.size["depth_upper"]
    inside = DistanceTo(surface)
    found = pedicle_axis(surface, middle, forwards, depth, reach=5.0)
    entry, target = found
    assert inside(entry[None])[0] == pytest.approx(0.0, abs=0.02)  # on the bone
    assert bone.to_local(entry)[1] > bone.to_local(target)[1] + 35.0  # from behind
    onwards = (target - entry) / np.linalg.norm(target - entry)
    assert clearance(inside, entry + 8.0 * onwards, target) > 5.0  # room for a screw of 6.5 mm and a wall of bone
    poor = clearance(inside, middle - 6.0 * forwards, middle + 0.8 * depth * forwards)
    assert poor < 5.0
