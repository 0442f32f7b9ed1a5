"""Automatic landmarks beside points picked by hand on a real pelvis."""

import numpy as np
import pytest

from benchmarks.landmarks import subjects

needs_data = pytest.mark.skipif(not subjects.DATA.is_dir(), reason="real bones (../shared/data) are not here")


@needs_data
def test_landmarks_of_an_atlas_subject_are_where_a_reader_picked_them():
    off = subjects.errors("atlas5")
    assert len(off) == 16
    assert np.median(list(off.values())) < 5.0
    assert max(off.values()) < 10.0
    anatomy = subjects.anatomy("atlas5")
    assert "left_foramen_S3" not in anatomy.landmarks  # this sacrum ends there
    assert anatomy.landmark_origin["left_ASIS"] == "found on the bone"
    total = anatomy.measures["sacral_slope [deg]"] + anatomy.measures["pelvic_tilt [deg]"]
    assert anatomy.measures["pelvic_incidence [deg]"] == pytest.approx(total)


def test_both_readings_agree_as_well_as_the_file_says():
    first, second = subjects.hand_picked()
    apart = [np.linalg.norm(first["atlas5"][name] - point) for name, point in second["atlas5"].items()]
    assert np.median(apart) == pytest.approx(2.2, abs=0.05)
    assert max(apart) == pytest.approx(3.8, abs=0.05)
