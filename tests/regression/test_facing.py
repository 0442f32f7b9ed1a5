"""A bone in a frame it is not in is told by its shape, where bones beside it cannot tell."""

from functools import cache

import numpy as np
import pytest

from femsacrum.anatomy.facing import SURE, apart, better_frame
from femsacrum.anatomy.frames import mirrors, to_lps
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.reference import reference
from femsacrum.anatomy.registration import boxes_matched, register
from femsacrum.case.schema import AnatomyOptions


@cache
def bones(sex):
    return reference(AnatomyOptions(sex=sex)).parts


def said_to_be_lps(bone, frame):
    """A bone whose coordinates are in another frame than was said."""
    triangles = bone.triangles[:, ::-1] if mirrors(frame) else bone.triangles
    return Surface(bone.points @ to_lps(frame), np.ascontiguousarray(triangles))


@pytest.mark.parametrize(("part", "frame"), [("left_ilium", "SLA"), ("sacrum", "LPI"), ("sacrum", "RPS")])
def test_a_single_bone_tells_its_frame(part, frame):
    base, woman = bones("male")[part], bones("female")[part]
    bone = said_to_be_lps(woman, frame)
    distance = apart(base, bone, register([base], [bone], boxes_matched([base], [bone]), affine=False))
    if (part, frame) == ("sacrum", "RPS"):  # it has no left and right to tell
        assert distance < SURE
        return
    assert distance > SURE
    found, nearer = better_frame(base, bone, "LPS", distance)
    assert found == frame or (part == "sacrum" and found == frame.replace("L", "R"))
    assert nearer < SURE


def test_the_other_hip_looks_like_a_mirror_image():
    base, bone = bones("male")["left_ilium"], bones("female")["right_ilium"]
    distance = apart(base, bone, register([base], [bone], boxes_matched([base], [bone]), affine=False))
    assert distance > SURE
    assert better_frame(base, bone, "LPS", distance)[0] == "RPS"
