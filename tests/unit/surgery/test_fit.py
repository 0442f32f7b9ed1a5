"""The gap between an implant's face and a cut face: boxes and wedges whose gap is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from surgery_shapes import box, joined

from femsacrum.anatomy.model import Plane, Surface
from femsacrum.codec import decode, encode
from femsacrum.findings.fit import fit as told
from femsacrum.surgery.implants.fit import STEP, Fit, fit

UP = np.array([0.0, 0.0, 1.0])
#: A block of bone 40 mm by 20 mm, cut level at z = 0.
BONE = replace(box((0.0, 0.0, -30.0), (40.0, 20.0, 0.0)), flat_faces={"cut": Plane(np.zeros(3), UP)})


def on_top(surface: Surface, bone: Surface = BONE) -> Fit:
    """The fit of the lower face of a box."""
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    lowest = int(np.argmin(normal[:, 2]))
    return fit(surface, Plane(a[lowest], normal[lowest] / np.linalg.norm(normal[lowest])), bone)


def lifted(surface: Surface, by: object) -> Surface:
    """The surface with its points moved up by a function of them."""
    points = surface.points.copy()
    points[:, 2] += by(points)
    return Surface(points, surface.triangles)


def test_a_face_in_contact() -> None:
    numbers = on_top(box((5.0, 5.0, 0.0), (25.0, 15.0, 8.0))).numbers()
    assert numbers["contact_share [%]"] == pytest.approx(25.0, abs=1.5)
    assert numbers["contact_area [mm2]"] == pytest.approx(200.0, abs=STEP * 30.0)
    assert numbers["face_on_bone [%]"] == 100.0
    assert numbers["gap_max [mm]"] == numbers["overlap_max [mm]"] == 0.0


def test_a_wedge_shaped_gap_and_the_share_below_a_tenth() -> None:
    """The gap grows from 0 to 0.4 mm along 20 mm: a quarter of the face is in contact, mean 0.2, 95th 0.38 mm."""
    wedge = lifted(box((5.0, 5.0, 0.0), (25.0, 15.0, 8.0)), lambda p: 0.02 * (p[:, 0] - 5.0))
    found = on_top(wedge)
    numbers = found.numbers()
    assert numbers["gap_mean [mm]"] == pytest.approx(0.2, abs=1e-9)
    assert numbers["gap_p95 [mm]"] == pytest.approx(0.38, abs=0.005)
    assert numbers["gap_max [mm]"] == pytest.approx(0.4, abs=0.02 * STEP)
    assert found.touching.sum() / found.implant.sum() == pytest.approx(0.25, abs=0.03)


def test_an_overlap_and_what_hangs_over() -> None:
    numbers = on_top(box((30.0, 5.0, -0.7), (50.0, 15.0, 8.0))).numbers()
    assert numbers["overlap_max [mm]"] == pytest.approx(0.7)
    assert numbers["face_on_bone [%]"] == pytest.approx(50.0, abs=3.0)


def test_bone_beside_the_cut_is_measured_where_it_lies() -> None:
    """A second, lower step of the bone is no cut face: it is met with its depth and is no contact."""
    stepped = replace(joined(BONE, box((40.0, 0.0, -30.0), (60.0, 20.0, -2.0))), flat_faces=BONE.flat_faces)
    numbers = on_top(box((30.0, 5.0, 0.0), (50.0, 15.0, 8.0)), stepped).numbers()
    assert numbers["gap_max [mm]"] == pytest.approx(2.0)
    assert numbers["contact_area [mm2]"] == pytest.approx(100.0, abs=8.0)


def test_a_face_beside_the_cut_has_no_bone() -> None:
    numbers = on_top(box((45.0, 5.0, 0.0), (65.0, 15.0, 8.0))).numbers()
    assert numbers["face_on_bone [%]"] == numbers["contact_area [mm2]"] == 0.0
    assert numbers["face_area [mm2]"] == pytest.approx(200.0)
    assert np.isnan(numbers["gap_max [mm]"])


def test_only_the_face_itself_is_measured() -> None:
    """The side of the box leans 60 degrees over, a millimetre of it within reach: it is no part of the face."""
    leaning = box((5.0, 5.0, 0.0), (25.0, 15.0, 8.0))
    leaning.points[:, 0] += 1.7 * leaning.points[:, 2]
    assert on_top(leaning).numbers()["gap_max [mm]"] == 0.0


def test_the_findings_tell_it_with_units_and_it_survives_a_stage_file() -> None:
    found = on_top(box((5.0, 5.0, 0.05), (25.0, 15.0, 8.0)))
    again = decode(*encode(found))
    assert again.numbers() == found.numbers()
    row = told({"left_graft/L5": again})
    assert row["faces"]["left_graft/L5"]["gap_max"] == {"value": pytest.approx(0.05), "unit": "mm"}
    assert row["contact_below"] == {"value": 0.1, "unit": "mm"}
