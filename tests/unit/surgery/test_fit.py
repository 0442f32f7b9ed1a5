"""The gap between an implant's face and a cut face: boxes and wedges whose gap is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from surgery_shapes import box, joined

from femsacrum.anatomy.model import Plane, Surface
from femsacrum.codec import decode, encode
from femsacrum.findings.fit import fit as told
from femsacrum.surgery.fit import STEP, fit

UP = np.array([0.0, 0.0, 1.0])
#: A block of bone 40 mm by 20 mm, cut level at z = 0.
BONE = replace(box((0.0, 0.0, -30.0), (40.0, 20.0, 0.0)), flat_faces={"cut": Plane(np.zeros(3), UP)})


def lifted(surface: Surface, by: object) -> Surface:
    """The surface with its points moved up by a function of them."""
    points = surface.points.copy()
    points[:, 2] += by(points)
    return Surface(points, surface.triangles)


def test_a_face_in_contact() -> None:
    numbers = fit(box((5.0, 5.0, 0.0), (25.0, 15.0, 8.0)), BONE).numbers()
    assert numbers["contact_share [%]"] == pytest.approx(25.0, abs=1.5)
    assert numbers["contact_area [mm2]"] == pytest.approx(200.0, abs=STEP * 30.0)
    assert numbers["face_on_bone [%]"] == 100.0
    assert numbers["gap_max [mm]"] == numbers["overlap_max [mm]"] == 0.0


def test_a_wedge_shaped_gap_and_the_share_below_a_tenth() -> None:
    """The gap grows from 0 to 0.4 mm along 20 mm: a quarter of the face is in contact, mean 0.2, 95th 0.38 mm."""
    wedge = lifted(box((5.0, 5.0, 0.0), (25.0, 15.0, 8.0)), lambda p: 0.02 * (p[:, 0] - 5.0))
    found = fit(wedge, BONE)
    numbers = found.numbers()
    assert numbers["gap_mean [mm]"] == pytest.approx(0.2, abs=1e-9)
    assert numbers["gap_p95 [mm]"] == pytest.approx(0.38, abs=0.005)
    assert numbers["gap_max [mm]"] == pytest.approx(0.4, abs=0.02 * STEP)
    assert found.touching.sum() / found.implant.sum() == pytest.approx(0.25, abs=0.03)


def test_an_overlap_and_what_hangs_over() -> None:
    numbers = fit(box((30.0, 5.0, -0.7), (50.0, 15.0, 8.0)), BONE).numbers()
    assert numbers["overlap_max [mm]"] == pytest.approx(0.7)
    assert numbers["face_on_bone [%]"] == pytest.approx(50.0, abs=3.0)


def test_bone_beside_the_cut_is_measured_where_it_lies() -> None:
    """A second, lower step of the bone is no cut face: it is met with its depth and is no contact."""
    stepped = replace(joined(BONE, box((40.0, 0.0, -30.0), (60.0, 20.0, -2.0))), flat_faces=BONE.flat_faces)
    numbers = fit(box((30.0, 5.0, 0.0), (50.0, 15.0, 8.0)), stepped).numbers()
    assert numbers["gap_max [mm]"] == pytest.approx(2.0)
    assert numbers["contact_area [mm2]"] == pytest.approx(100.0, abs=8.0)


def test_a_seat_deeper_than_reach_is_no_face_of_the_cut() -> None:
    assert fit(box((5.0, 5.0, 4.0), (25.0, 15.0, 8.0)), BONE).numbers()["face_area [mm2]"] == 0.0


def test_the_findings_tell_it_with_units_and_it_survives_a_stage_file() -> None:
    found = fit(box((5.0, 5.0, 0.05), (25.0, 15.0, 8.0)), BONE)
    again = decode(*encode(found))
    assert again.numbers() == found.numbers()
    row = told({"left_graft/L5": again})
    assert row["faces"]["left_graft/L5"]["gap_max"] == {"value": pytest.approx(0.05), "unit": "mm"}
    assert row["contact_below"] == {"value": 0.1, "unit": "mm"}
