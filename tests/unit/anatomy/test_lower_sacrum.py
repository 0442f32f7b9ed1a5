"""A sacrum that ends too early gets the reference's lower end."""

import manifold3d
import numpy as np
import pytest

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import enclosed, is_closed
from femsacrum.anatomy.lower_sacrum import completed
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.reference import reference
from femsacrum.anatomy.registration import Affine, Laid, moved
from femsacrum.anatomy.surfaces import mean_surface_distance, sampled
from femsacrum.case.schema import AnatomyOptions

#: A patient 5 % larger than the reference.
PLACE = Affine(1.05 * np.eye(3), np.array([3.0, -40.0, 900.0]))


@pytest.fixture(scope="module")
def base():
    return reference(AnatomyOptions())


@pytest.fixture(scope="module")
def whole(base):
    return moved(base.parts["sacrum"], PLACE)


def cut_off(bone: Surface, base, share: float) -> Surface:
    """What is left above a cut across the line from the S1 endplate to the tip."""
    top = 0.5 * (base.landmarks["endplate_S1_ant"] + base.landmarks["endplate_S1_post"])
    line = base.landmarks["S_tip"] - top
    at = PLACE(top + share * line)
    solid = manifold3d.Manifold(
        manifold3d.Mesh64(
            vert_properties=np.ascontiguousarray(bone.points),
            tri_verts=np.ascontiguousarray(bone.triangles, dtype=np.uint64),
        )
    )
    up = -line / np.linalg.norm(line)
    kept = solid.trim_by_plane(tuple(up), float(up @ at)).to_mesh64()
    return Surface(np.array(kept.vert_properties[:, :3]), np.array(kept.tri_verts, dtype=np.int64))


def test_a_whole_sacrum_is_left_alone(base, whole):
    laid = Laid(PLACE, PLACE, whole)
    same, said = completed(base, laid)
    assert same is laid
    assert said == ""


def test_what_is_missing_below_is_lent(base, whole):
    stump = cut_off(whole, base, 0.6)
    made, said = completed(base, Laid(PLACE, PLACE, stump))
    assert "of its length the sacrum is the reference" in said
    assert "scaled 1.050" in said
    assert is_closed(made.surface.triangles)
    assert enclosed(made.surface.points, made.surface.triangles) == pytest.approx(
        enclosed(whole.points, whole.triangles), rel=0.01
    )
    assert mean_surface_distance(made.surface, whole) < 0.1


def test_the_patients_own_bone_stays_where_it_is(base, whole):
    """The lent end is of another shape here: 20 % too wide."""
    stump = cut_off(whole, base, 0.6)
    wide = Affine(PLACE.matrix * [[1.2], [1.0], [1.0]], PLACE.shift * [1.2, 1.0, 1.0])
    made, _ = completed(base, Laid(PLACE, wide, stump))
    points = sampled(stump, 5000)[0]
    top = PLACE(0.5 * (base.landmarks["endplate_S1_ant"] + base.landmarks["endplate_S1_post"]))
    line = PLACE(base.landmarks["S_tip"]) - top
    above = (points - top) @ line / (line @ line) < 0.6 - 24.0 / np.linalg.norm(line)
    assert np.abs(DistanceTo(made.surface)(points[above])).mean() < 0.1
    tip = made.surface.points[np.argmin(made.surface.points[:, 2])]
    assert np.abs(DistanceTo(moved(base.parts["sacrum"], wide))(tip[None])) < 0.3
