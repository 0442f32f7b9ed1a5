"""Sacral roots on the reference pelvis: through foramina, not bone; cut in the plane; bridged as long as told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.reference import reference
from femsacrum.case.schema import AnatomyOptions, Surgery
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Built
from femsacrum.surgery.cuts.resect import Resected, resect
from femsacrum.surgery.nerves.courses import courses
from femsacrum.surgery.nerves.fates import nerves, of_nerves
from femsacrum.surgery.nerves.grafts import sagging
from femsacrum.surgery.nerves.model import length
from femsacrum.surgery.nerves.route import resampled

ROOTS = [f"{side}_S{level}" for side in ("left", "right") for level in (1, 2, 3, 4)]
BELOW_S2 = {"plan": "partial_sacrectomy", "resection": {"sacrum": {"level": "below S2"}}}


@pytest.fixture(scope="module")
def anatomy():
    return reference(AnatomyOptions(), spacing=1.5)


@pytest.fixture(scope="module")
def drawn(anatomy):
    return courses(anatomy, {})


@pytest.fixture
def operated(anatomy, drawn, monkeypatch):
    """The roots after a plan; courses are those that are drawn already."""
    monkeypatch.setattr("femsacrum.surgery.nerves.fates.courses", lambda anatomy, given: drawn)

    def carry(roots, plan=BELOW_S2, after=None):
        surgery = Surgery.model_validate({**plan, "nerves": {"roots": roots}})
        after = resect(surgery, anatomy) if after is None else after
        return nerves(surgery, anatomy, after, Built(), None, Path(), ()), after

    return carry


def to_face(root, bone):
    """Distance of a root's surface from points sown over the cut face of a bone, at most 0.4 mm apart [mm]."""
    plane = bone.flat_faces["cut"]
    flat = (np.abs((bone.points - plane.origin) @ plane.normal) < 1e-6)[bone.triangles].all(axis=1)
    sown = []
    for corners in bone.points[bone.triangles[flat]]:
        n = int(np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).max() / 0.4) + 1
        i, j = (grid.ravel() for grid in np.meshgrid(np.arange(n + 1), np.arange(n + 1)))
        weights = np.column_stack([i, j, n - i - j])[i + j <= n] / n
        sown.append(weights @ corners)
    fine = resampled(root.course.points, 0.1)
    return cKDTree(np.vstack(sown)).query(fine)[0].min() - root.course.radius


def test_every_root_passes_its_own_foramen_and_no_bone(anatomy, drawn):
    found, missing = drawn
    assert list(found) == ROOTS
    assert not missing
    bones = [DistanceTo(anatomy.parts[name]) for name in ("sacrum", "left_ilium", "right_ilium")]
    for name, course in found.items():
        np.testing.assert_allclose(
            course.points[course.mouth], anatomy.landmarks[f"{course.side}_foramen_{name[-2:]}"]
        )
        assert min(bone(course.points).min() for bone in bones) > 0.5 * course.radius
        assert course.in_bone == 0.0
        inside = course.points[: course.mouth + 1]
        for other in ("S1", "S2", "S3", "S4"):  # a root that took another's foramen would pass its mouth
            if other != course.level:
                away = np.linalg.norm(inside - anatomy.landmarks[f"{course.side}_foramen_{other}"], axis=1).min()
                assert away > 6.0


def test_roots_lie_as_in_a_book(anatomy, drawn):
    found, _ = drawn
    for level in ("S1", "S2", "S3", "S4"):
        left, right = found[f"left_{level}"], found[f"right_{level}"]
        assert length(left.points) == pytest.approx(length(right.points), rel=0.02)  # the reference is symmetric
        assert (left.points[:, 0] > 0.0).all()
        assert (np.diff(left.points[::8, 2]) < 0.0).all()  # never upwards
        assert left.points[0, 1] > anatomy.landmarks["endplate_S1_post"][1]  # begins behind the bodies
    beside = [found[f"left_S{level}"].points[0, 0] for level in (1, 2, 3, 4)]
    assert beside == sorted(beside, reverse=True)  # upper roots lie lateral in the canal
    notch, spine = anatomy.landmarks["left_notch"], anatomy.landmarks["left_isch_spine"]
    for level in ("S1", "S4"):
        assert notch[2] > found[f"left_{level}"].points[-1, 2] > spine[2] - 10.0


def test_below_s2_keeps_s1_and_s2_and_cuts_the_others_in_the_plane(operated):
    found, after = operated([{"root": "left_S3", "fate": "bridged", "graft_length": "50 mm"}])
    plane = after.cuts["sacrum"].plane
    assert {name: root.fate for name, root in found.roots.items()} == {
        name: "kept" if name[-1] in "12" else "bridged" if name == "left_S3" else "cut" for name in ROOTS
    }
    for name in ("left_S3", "right_S4"):
        stump = found.roots[name].left[0][-1]
        assert abs((stump - plane.origin) @ plane.normal) < 1e-9
    graft = found.roots["left_S3"].graft
    ends = [anchor.point for anchor in found.roots["left_S3"].anchors]
    assert graft.gap == pytest.approx(np.linalg.norm(ends[1] - ends[0]))
    assert graft.slack == pytest.approx(50.0 - graft.gap)
    assert length(graft.path) == pytest.approx(50.0, abs=1e-6)
    assert [anchor.body for anchor in found.roots["left_S3"].anchors] == ["sacrum", "left_ilium"]
    for name in ("left_S1", "left_S2"):
        kept = found.roots[name]
        assert kept.clearance == {"cut": pytest.approx(to_face(kept, after.cuts["sacrum"].surface), abs=0.1)}
    assert of_nerves(found)["nerve_left_S3_gap [mm]"] == graft.gap
    tubes = found.tubes()
    assert set(tubes) >= {"left_S1", "left_S3", "left_S3_distal", "left_S3_graft"}
    assert tubes["left_S3_graft"][1] == 1.5


def test_the_deroofing_is_told_of_as_the_saw_that_comes_nearest(operated):
    resection = {**BELOW_S2["resection"], "laminectomy": {"levels": ["S1", "S2"], "width": "20 mm"}}
    found, _ = operated([], {**BELOW_S2, "resection": resection})
    for name, at_most in (("left_S1", 5.0), ("right_S1", 5.0), ("left_S2", 2.0), ("right_S2", 2.0)):
        near = found.roots[name].clearance
        assert 0.0 < near["deroofing"] < at_most
        assert near["deroofing"] < near["cut"]
        assert any("behind the floor of the deroofing" in note for note in found.roots[name].notes)
    assert of_nerves(found)["nerve_left_S1_to_deroofing [mm]"] == found.roots["left_S1"].clearance["deroofing"]


def test_a_short_graft_is_told_and_a_long_one_has_little_evidence(operated):
    found, _ = operated(
        [
            {"root": "left_S3", "fate": "bridged", "graft_length": "20 mm"},
            {"root": "right_S3", "fate": "bridged", "graft_length": "60 mm"},
            {"root": "right_S4", "fate": "bridged", "graft_length": "75 mm"},
        ]
    )
    notes = {name: " ".join(root.notes) for name, root in found.roots.items()}
    assert "shorter than the gap" in notes["left_S3"]
    assert found.roots["left_S3"].slack < 0.0
    assert "little evidence" in notes["right_S3"]
    assert "no result in man" in notes["right_S4"]


def test_without_a_sacrum_all_are_cut_and_stumps_lie_at_the_sac(operated, anatomy):
    after = Resected({name: anatomy.parts[name] for name in ("left_ilium", "right_ilium", "L5")})
    total = {
        "plan": "total_sacrectomy",
        "resection": {"left_ilium": {"landmark": "left_notch", "facing": "posterior"}},
    }
    found, _ = operated([{"root": "left_S1", "fate": "bridged", "graft_length": "60 mm"}], total, after)
    assert {root.fate for root in found.roots.values()} == {"cut", "bridged"}
    assert [anchor.body for anchor in found.roots["left_S1"].anchors] == ["L5", "left_ilium"]
    np.testing.assert_allclose(found.roots["left_S3"].left[0], found.roots["left_S3"].course.sac[:1])
    assert "left_S3" not in found.tubes()  # nothing but its stump is left in the canal
    assert "left_S3_distal" in found.tubes()


@pytest.mark.parametrize(
    ("root", "said"),
    [
        ({"root": "left_S3", "fate": "kept"}, "the cuts take the bone round it"),
        ({"root": "left_S1", "fate": "cut"}, "give proximal_stump and distal_stump"),
        ({"root": "left_S3", "distal_stump": "(0, 0, 0) mm"}, "off the course of left_S3 (at most 10 mm)"),
        ({"root": "left_S3", "beyond": "300 mm"}, "take beyond = less than 300 mm"),
    ],
)
def test_what_does_not_fit_the_cuts_is_refused(operated, root, said):
    with pytest.raises(InputError) as refused:
        operated([root])
    assert said in str(refused.value)


def test_a_root_without_foramen_is_said_and_not_invented(anatomy):
    marks = {
        name: point for name, point in anatomy.landmarks.items() if not name.endswith(("foramen_S2", "_S3", "_S4"))
    }
    short = replace(anatomy, landmarks=marks)
    path = np.array([[6.0, 90.0, 45.0], [19.0, 100.0, 15.0], [19.5, 97.5, 9.5], [30.0, 90.0, -10.0]])
    found, missing = courses(short, {"left_S1": path})
    assert list(found) == ["left_S1", "right_S1"]
    assert missing["left_S3"] == "this sacrum has no foramina of S3"
    assert "from a file" in found["left_S1"].origin
    with pytest.raises(InputError, match="no foramina of S3"):
        courses(short, {"left_S3": path})
    with pytest.raises(InputError, match="in mm and LPS"):
        courses(short, {"right_S1": path})


@pytest.mark.parametrize(
    "gone",
    ["left_foramen_S1", "right_foramen_S2", "left_isch_spine", "right_notch", "endplate_S1_post", "endplate_S1_ant"],
)
def test_a_landmark_that_is_missing_is_named(anatomy, gone):
    marks = {name: point for name, point in anatomy.landmarks.items() if name != gone}
    with pytest.raises(InputError, match=f"anatomy.landmarks.{gone}: missing"):
        courses(replace(anatomy, landmarks=marks), {})


def test_a_sacrum_without_any_foramina_is_refused(anatomy):
    marks = {name: point for name, point in anatomy.landmarks.items() if "foramen" not in name}
    with pytest.raises(InputError, match="left_foramen_S1: missing"):
        courses(replace(anatomy, landmarks=marks), {})


points = arrays(float, 3, elements=st.floats(-50.0, 50.0))


@settings(max_examples=50, deadline=None)
@given(points, points, st.floats(0.1, 60.0))
def test_a_slack_graft_is_drawn_with_its_whole_length(start, end, slack):
    chord = float(np.linalg.norm(end - start))
    if chord < 1.0 or np.linalg.norm(np.cross(end - start, [0.0, 1.0, 0.0])) < 0.1 * chord:
        return
    path = sagging(start, end, chord + slack)
    np.testing.assert_allclose(path[[0, -1]], [start, end], atol=1e-9)
    assert length(path) == pytest.approx(chord + slack, rel=1e-6)
