"""Margins against closed form: spheres and ellipsoids beside, on and across flat cuts of boxes."""

import dataclasses

import manifold3d
import numpy as np
import pytest
from surgery_shapes import box, boxes

from femsacrum.anatomy.manifolds import manifold
from femsacrum.anatomy.model import Anatomy, Plane, Surface
from femsacrum.anatomy.tumour import assert_near, pieces_of
from femsacrum.case.schema import Tumour
from femsacrum.case.surgery import Surgery
from femsacrum.errors import InputError
from femsacrum.images.volume import Volume
from femsacrum.surgery.cuts.cut import subtract
from femsacrum.surgery.cuts.margin import FINE, doubts, finer, least, margins, of_margins, verdict
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.cuts.tumour import ellipsoid
from femsacrum.surgery.shapes.booleans import surface_of
from femsacrum.surgery.shapes.gap import gap

#: An ellipsoid of triangles lies inside the true one by less than this share of its largest half-axis.
ROUND = 9e-4


def cut_box(angle=0.0, bone="sacrum"):
    """A box 100 x 80 x 60 mm cut at x = 0 (turned about z): what is at x > 0 is taken away."""
    whole = box((-50.0, -40.0, -30.0), (50.0, 40.0, 30.0))
    normal = np.array([np.cos(angle), np.sin(angle), 0.0])
    tool = manifold3d.Manifold.cube((200.0, 400.0, 400.0)).translate((0.0, -200.0, -200.0))
    tool = tool.rotate((0.0, 0.0, np.degrees(angle)))
    cut = subtract(whole, Plane(np.zeros(3), normal), tool, bone, "surgery.resection")
    anatomy = Anatomy({bone: whole}, {"S_tip": np.array([30.0, 5.0, 0.0])}, {}, 25.0, 1.4, {}, {})
    return anatomy, Resected({bone: cut.surface}, {bone: cut})


def plan(**tumour):
    return Surgery.model_construct(tumour=Tumour.model_validate(tumour) if tumour else None)


def measured(anatomy, after, **tumour):
    found = margins(plan(**tumour), anatomy, after)
    assert found is not None
    return found


@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_a_sphere_beside_a_plane(angle):
    found = measured(*cut_box(angle), half_axes="(12, 12, 12) mm", landmark="S_tip", margin="20 mm")
    cut, away = found.cuts["sacrum"], 30.0 * np.cos(angle) + 5.0 * np.sin(angle)
    assert cut.distance == pytest.approx(away - 12.0, abs=12.0 * ROUND)
    normal = np.array([np.cos(angle), np.sin(angle), 0.0])
    assert cut.on_tumour == pytest.approx(np.array([30.0, 5.0, 0.0]) - 12.0 * normal, abs=0.6)
    assert np.linalg.norm(cut.on_tumour - cut.on_cut) == pytest.approx(cut.distance, rel=1e-9)
    assert found.left_behind == 0.0
    assert found.bones["sacrum"].distance == pytest.approx(cut.distance, abs=1e-6)
    assert found.volume == pytest.approx(4.0 / 3.0 * np.pi * 12.0**3, rel=2e-3)
    assert of_margins(found)["margin_sacrum [mm]"] == cut.distance


def test_the_share_of_the_face_that_is_too_near():
    found = measured(*cut_box(), half_axes="(12, 12, 12) mm", landmark="S_tip", margin="20 mm")
    # nearer than 20 mm to the sphere: a disc on the plane x = 0, in the box
    radius = np.sqrt(32.0**2 - 30.0**2)
    assert found.cuts["sacrum"].within == pytest.approx(np.pi * radius**2 / (80.0 * 60.0), rel=0.03)
    assert finer(found.cuts["sacrum"].face, FINE).points.shape == found.cuts["sacrum"].face.points.shape


def test_a_turned_ellipsoid():
    given = {"half_axes": "(10, 20, 8) mm", "point": "(40, 0, 0) mm", "offset": "(-10, 0, 0) mm"}
    found = measured(*cut_box(), **given, axial_turn="30 deg")
    # support of an ellipsoid along -x: half-axes 10 and 20, turned by 30 degrees about z
    reach = np.hypot(10.0 * np.cos(np.radians(30.0)), 20.0 * np.sin(np.radians(30.0)))
    assert found.cuts["sacrum"].distance == pytest.approx(30.0 - reach, abs=20.0 * ROUND)
    tilted = measured(*cut_box(), **given, sagittal_tilt="30 deg")
    assert tilted.cuts["sacrum"].distance == pytest.approx(20.0, abs=20.0 * ROUND)


def test_a_tumour_that_is_cut_through():
    found = measured(*cut_box(), half_axes="(12, 12, 12) mm", point="(7, 0, 0) mm")
    cut = found.cuts["sacrum"]
    assert cut.distance == pytest.approx(-5.0, abs=12.0 * ROUND)
    assert cut.on_tumour == pytest.approx([-5.0, 0.0, 0.0], abs=0.6)
    cap = np.pi * 5.0**2 * (12.0 - 5.0 / 3.0)
    assert found.left_behind == pytest.approx(cap / (4.0 / 3.0 * np.pi * 12.0**3), rel=5e-3)
    assert found.bones["sacrum"].inside == pytest.approx(cap, rel=5e-3)
    assert verdict(cut.distance, 15.0) == "cuts the tumour 5.0 mm deep"
    first, second = doubts(found)
    assert first.startswith("Margin at the cut sacrum: cuts the tumour 5.0 mm deep, round (-5.0, ")
    assert second.startswith("11.2 % of the tumour stays in the patient; ")


@pytest.mark.parametrize(("y", "z"), [(45.0, 35.0), (30.0, 70.0)])
def test_a_tumour_larger_than_the_cut_face_is_cut_through(y, z):
    anatomy, after = cut_box()
    tumour = box((-5.0, -y, -z), (20.0, y, z))
    found = measured(dataclasses.replace(anatomy, tumour=tumour, origin={"tumour": ""}), after)
    # the box of bone is 80 x 60 mm across; the tumour reaches 5 mm behind the cut over all of its own width
    assert found.cuts["sacrum"].distance == pytest.approx(-5.0)
    assert found.cuts["sacrum"].on_tumour[0] == pytest.approx(-5.0)
    assert found.left_behind == pytest.approx(5.0 / 25.0)
    assert found.bones["sacrum"].inside == pytest.approx(5.0 * min(80.0, 2.0 * y) * 60.0)
    assert doubts(found)[0].startswith("Margin at the cut sacrum: cuts the tumour 5.0 mm deep, round (-5.0, ")
    assert doubts(found)[1].startswith("20.0 % of the tumour stays in the patient; ")


@pytest.mark.parametrize(("depth", "said"), [(1e-6, None), (0.01, "Less than 0.1 % of the tumour stays")])
def test_what_rounding_leaves_of_a_tumour_is_no_remainder(depth, said):
    anatomy, after = cut_box()
    tumour = box((-depth, -10.0, -10.0), (40.0, 10.0, 10.0))
    found = measured(dataclasses.replace(anatomy, tumour=tumour, origin={"tumour": ""}), after)
    first, *others = doubts(found)
    assert first.startswith("Margin at the cut sacrum: ")
    if said is None:
        assert (found.left_behind, found.bones["sacrum"].inside, others) == (0.0, 0.0, [])
    else:
        assert found.left_behind == pytest.approx(depth / (40.0 + depth))
        assert others[0].startswith(said)


def test_a_tumour_that_the_bones_segmentation_leaves_out_is_cut_through_too():
    anatomy, after = cut_box()
    hole = manifold(*_arrays(ellipsoid(np.array([7.0, 0.0, 29.0]), np.full(3, 12.0), np.eye(3))))
    kept = manifold(*_arrays(after.surfaces["sacrum"])) - hole
    cut = after.cuts["sacrum"]
    mesh = kept.to_mesh64()
    bone = Surface(
        np.array(mesh.vert_properties[:, :3]), np.array(mesh.tri_verts, dtype=np.int64), {"cut": cut.plane}
    )
    after = Resected({"sacrum": bone}, {"sacrum": dataclasses.replace(cut, surface=bone)})
    found = measured(anatomy, after, half_axes="(12, 12, 12) mm", point="(7, 0, 29) mm")
    assert found.cuts["sacrum"].distance == pytest.approx(-5.0, abs=12.0 * ROUND)
    assert found.left_behind > 0.1


def test_a_laminectomy_is_a_cut_of_its_own():
    anatomy, _ = cut_box()
    plane = Plane(np.zeros(3), np.array([1.0, 0.0, 0.0]))
    tool = manifold3d.Manifold.cube((40.0, 20.0, 100.0)).translate((-40.0, 25.0, -50.0))
    opened = surface_of(manifold(*_arrays(anatomy.parts["sacrum"])) - tool, plane)
    saw = manifold3d.Manifold.cube((200.0, 400.0, 400.0)).translate((0.0, -200.0, -200.0))
    cut = subtract(Surface(opened.points, opened.triangles), plane, saw, "sacrum", "surgery.resection")
    found = measured(
        anatomy, Resected({"sacrum": cut.surface}, {"sacrum": cut}, {}, opened),
        half_axes="(5, 5, 5) mm", point="(20, 30, 0) mm",
    )  # fmt: skip
    assert set(found.cuts) == {"sacrum", "laminectomy"}
    # the cut is 25 mm wide now and ends at y = 25, as does the floor of the opening, which ends at x = 0
    assert found.cuts["sacrum"].distance == pytest.approx(np.hypot(20.0, 5.0) - 5.0, abs=0.01)
    assert found.cuts["laminectomy"].distance == pytest.approx(np.hypot(20.0, 5.0) - 5.0, abs=0.01)
    corners = found.cuts["laminectomy"].face.points
    assert (corners[:, 0].min(), corners[:, 0].max()) == pytest.approx((-40.0, 0.0), abs=1e-6)


def test_a_bone_that_was_wrapped_before_it_was_cut_has_no_other_new_face():
    anatomy, after = cut_box()
    cut = after.cuts["sacrum"]
    shrunk = Surface(0.99 * anatomy.parts["sacrum"].points, anatomy.parts["sacrum"].triangles)
    less = subtract(shrunk, cut.plane, manifold3d.Manifold.cube((200.0, 400.0, 400.0)).translate((0.0, -200.0, -200.0)),
                    "sacrum", "surgery.resection")  # fmt: skip
    found = measured(
        anatomy, Resected({"sacrum": less.surface}, {"sacrum": less}), half_axes="(5, 5, 5) mm", landmark="S_tip"
    )
    assert set(found.cuts) == {"sacrum"}


def test_edges_are_met_by_edges():
    rng = np.random.default_rng(5)
    one = box((0.0, 0.0, 0.0), (10.0, 1.0, 10.0))
    for _ in range(5):
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        turn *= np.sign(np.linalg.det(turn))
        away = 25.0 * rng.normal(size=3) / 2.0 + np.array([25.0, 20.0, 0.0])
        other = Surface(one.points @ turn.T + away, one.triangles)
        near = gap(one, other)
        exact = manifold(*_arrays(one)).min_gap(manifold(*_arrays(other)), 1000.0)
        assert near.distance == pytest.approx(exact, abs=1e-9)
        assert np.linalg.norm(near.first - near.second) == pytest.approx(exact, abs=1e-9)
    # two edges across each other, no corner near
    crossed = Surface(np.array([[-5.0, -30.0, 12.0], [5.0, 30.0, 12.0], [0.0, 0.0, 40.0]]), np.array([[0, 1, 2]]))
    roof = Surface(np.array([[-30.0, 0.0, 10.0], [30.0, 0.0, 10.0], [0.0, 0.0, -20.0]]), np.array([[0, 1, 2]]))
    assert gap(crossed, roof).distance == pytest.approx(2.0)


def test_no_tumour_no_cut_no_margins():
    anatomy, after = cut_box()
    assert margins(plan(), anatomy, after) is None
    assert margins(plan(half_axes="(5, 5, 5) mm", landmark="S_tip"), anatomy, Resected(after.surfaces)) is None
    assert of_margins(None) == {}
    assert doubts(None) == []


def test_a_tumour_of_the_anatomy_has_the_usual_margin():
    anatomy, after = cut_box()
    anatomy = dataclasses.replace(
        anatomy, tumour=box((10.0, -5.0, -5.0), (20.0, 5.0, 5.0)), origin={"tumour": "a file"}
    )
    found = measured(anatomy, after)
    assert found.cuts["sacrum"].distance == pytest.approx(10.0)
    assert (found.planned, found.origin) == (15.0, "a file")
    (told,) = doubts(found)
    assert told.startswith("Margin at the cut sacrum: short of 15 mm by 5.0 mm, at (0.0, ")
    wide = measured(anatomy, after, margin="9 mm")
    assert doubts(wide) == []
    assert verdict(10.0, 9.0) == "wide"
    with pytest.raises(InputError, match="has a tumour already"):
        margins(plan(half_axes="(5, 5, 5) mm", landmark="S_tip"), anatomy, after)


def label_map(*balls, step=1.0):
    """Balls (centre, radius) as label 2 in a map that reaches over them."""
    low, high = np.array([0.0, -20.0, -20.0]), np.array([50.0, 20.0, 20.0])
    number = ((high - low) / step).astype(int) + 1
    axes = [low[k] + step * np.arange(number[k]) for k in range(3)]
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    inside = np.zeros(z.shape, dtype=bool)
    for (a, b, c), radius in balls:
        inside |= (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 < radius**2
    return Volume(2 * inside.astype(np.int16), low, step * np.eye(3), "a map")


def test_a_label_has_the_margin_of_the_surface_it_was_made_from():
    anatomy, after = cut_box()
    ball = ((30.3, 1.7, 0.4), 12.0)
    exact = ellipsoid(np.array(ball[0]), np.full(3, ball[1]), np.eye(3))
    labelled = pieces_of(label_map(ball), 2, "anatomy.labels.parts.tumour")
    distances = [
        measured(dataclasses.replace(anatomy, tumour=one), after).cuts["sacrum"].distance
        for one in (exact, labelled.surface)
    ]
    assert distances[0] == pytest.approx(18.3, abs=12.0 * ROUND)
    assert distances[1] == pytest.approx(distances[0], abs=0.5)


def test_a_satellite_counts_and_noise_is_left_out_and_told():
    anatomy, after = cut_box()
    tumour, satellite, noise = ((32.0, 0.0, 0.0), 12.0), ((9.0, 10.0, 10.0), 4.0), ((2.0, -10.0, 0.0), 2.0)
    found = pieces_of(label_map(tumour, satellite, noise), 2, "anatomy.labels.parts.tumour")
    near = measured(dataclasses.replace(anatomy, tumour=found.surface), after).cuts["sacrum"]
    assert near.distance == pytest.approx(5.0, abs=0.5)
    assert found.fidelity["pieces dropped"] == 1.0
    assert 0.0 < found.fidelity["share dropped [%]"] < 1.0
    assert abs(found.fidelity["volume deviation [%]"]) < 1.0
    with pytest.raises(InputError, match="label 2 has no piece of more than 113 mm3"):
        pieces_of(label_map(noise), 2, "anatomy.labels.parts.tumour")


def test_a_tumour_of_another_frame_is_refused():
    bones = {"sacrum": box((-50.0, -40.0, -30.0), (50.0, 40.0, 30.0))}
    assert_near(box((90.0, 0.0, 0.0), (95.0, 5.0, 5.0)), bones, "anatomy.surfaces.files.tumour")
    with pytest.raises(InputError, match=r"files.tumour: lies 70 mm from the nearest bone, sacrum \(at most 50 mm\)"):
        assert_near(box((120.0, 0.0, 0.0), (125.0, 5.0, 5.0)), bones, "anatomy.surfaces.files.tumour")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"margin": "15 mm"}, "surgery.tumour: has no shape"),
        (
            {"half_axes": "(5, 5, 5) mm", "point": "(2055, 0, 0) mm"},
            r"surgery.tumour.point: lies 2000 mm from the nearest bone, sacrum \(at most 50 mm\): its centre is at "
            r"\(2055.0, 0.0, 0.0\) mm: correct surgery.tumour.point or surgery.tumour.offset",
        ),
        (
            {"half_axes": "(5, 5, 5) mm", "landmark": "S_tip", "offset": "(0, 0, 100) mm"},
            "surgery.tumour.landmark: lies 65 mm from the nearest bone",
        ),
        ({"half_axes": "(5, 5, 5) mm"}, "needs either a landmark or a point"),
        (
            {"half_axes": "(5, 5, 5) mm", "landmark": "left_foramen_S4"},
            "not a landmark of this anatomy; known: S_tip",
        ),
    ],
)
def test_refuses_a_tumour_without_shape_or_place(given, said):
    with pytest.raises(InputError, match=said):
        margins(plan(**given), *cut_box())


def test_the_smallest_ellipsoid_is_as_round_as_told():
    points = ellipsoid(np.zeros(3), np.ones(3), np.eye(3))
    corners = points.points[points.triangles]
    assert np.linalg.norm(corners.mean(axis=1), axis=1).min() > 1.0 - ROUND


@pytest.mark.parametrize(
    ("away", "said", "told_least"),
    [
        (2.0, "Margin to left ilium, which stays: short of 15 mm by 13.0 mm, at (32.0, ", 2.0),
        (-3.0, "Margin to left ilium, which stays: the tumour reaches it, round (30.0, ", 0.0),
        (16.0, None, 16.0),
        (40.0, None, 20.0),
    ],
)
def test_a_bone_that_stays_beside_the_tumour_has_a_verdict(away, said, told_least):
    """The cut lies 20 mm from the tumour; an ilium that is not cut lies beside it, as behind an opened joint."""
    anatomy, after = cut_box()
    tumour, x = box((20.0, -5.0, -5.0), (30.0, 5.0, 5.0)), 30.0 + away
    ilium = box((x, -30.0, -30.0), (x + 20.0, 30.0, 30.0))
    anatomy = dataclasses.replace(anatomy, tumour=tumour, origin={"tumour": ""})
    found = measured(anatomy, dataclasses.replace(after, surfaces={**after.surfaces, "left_ilium": ilium}))
    assert found.cuts["sacrum"].distance == pytest.approx(20.0)
    assert of_margins(found)["least_margin [mm]"] == pytest.approx(told_least)
    near = "at the cut sacrum" if away > 20.0 else "to left ilium, which stays"
    assert least(found) == (pytest.approx(told_least), near)
    if said is None:
        assert doubts(found) == []
    else:
        first, *stays = doubts(found)
        assert first.startswith(said)
        # 3 of its 10 mm lie in the ilium
        assert stays == (["30.0 % of the tumour stays in the patient; 300 mm3 in left ilium."] if away < 0.0 else [])


def test_ilia_have_one_margin_each():
    anatomy = boxes()
    from femsacrum.surgery.cuts.ilium import cut_ilium

    resection = {"left_ilium": {"landmark": "left_notch", "normal": [0.0, 1.0, 0.0]}}
    surgery = Surgery.model_validate(
        {
            "plan": "total_sacrectomy",
            "resection": resection,
            "tumour": {"half_axes": "(20, 20, 20) mm", "point": "(0, 130, 20) mm"},
        }
    )
    assert surgery.resection is not None
    cuts = {f"{side}_ilium": cut_ilium(anatomy, surgery.resection, side) for side in ("left", "right")}
    found = margins(surgery, anatomy, Resected({**anatomy.parts, **{n: c.surface for n, c in cuts.items()}}, cuts))
    assert found is not None
    # nearest are the inner edges of the cut faces, 60 mm from the midline, 37 and 40 mm in front of the centre
    assert found.cuts["left_ilium"].distance == pytest.approx(np.hypot(60.0, 37.0) - 20.0, abs=20 * ROUND)
    assert found.cuts["right_ilium"].distance == pytest.approx(np.hypot(60.0, 40.0) - 20.0, abs=20 * ROUND)
    assert set(found.bones) == {"left_ilium", "right_ilium", "L5"}


def _arrays(surface):
    return surface.points, surface.triangles
