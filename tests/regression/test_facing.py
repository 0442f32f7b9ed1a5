"""A bone in a frame it is not in is told by its shape, where bones beside it cannot tell."""

from functools import cache

import numpy as np
import pytest

from femsacrum.anatomy.facing import misfit
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


def told(part, bone):
    base = bones("male")[part]
    return misfit(base, bone, register([base], [bone], boxes_matched([base], [bone]), affine=False), "LPS")


@pytest.mark.parametrize(("part", "frame"), [("left_ilium", "PRS"), ("sacrum", "LPI")])
def test_a_single_bone_tells_its_frame(part, frame):
    problem = told(part, said_to_be_lps(bones("female")[part], frame))
    halves = {frame, frame.translate(str.maketrans("LR", "RL"))} if part == "sacrum" else {frame}
    assert any(f' mm in frame "{one}"; is "LPS" wrong' in problem for one in halves), problem


def test_the_other_hip_looks_like_a_mirror_image():
    assert ' mm in frame "RPS"; is "LPS" wrong, or is it another part\'s file?' in told(
        "left_ilium", bones("female")["right_ilium"]
    )


def test_a_bone_in_its_frame_and_a_sacrum_mirrored_left_to_right_pass():
    assert told("left_ilium", bones("female")["left_ilium"]) is None
    assert told("sacrum", said_to_be_lps(bones("female")["sacrum"], "RPS")) is None
