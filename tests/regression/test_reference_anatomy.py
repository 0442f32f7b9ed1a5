"""The reference pelvis against published morphometry and real bones, and bones from files."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import label

from femsacrum.anatomy.bands import sampled_distance
from femsacrum.anatomy.build import build
from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import Grid, genus, is_closed
from femsacrum.anatomy.landmarks import acetabulum, clearance
from femsacrum.anatomy.model import PARTS, Anatomy
from femsacrum.anatomy.parting import gap_between
from femsacrum.anatomy.proportions import table
from femsacrum.anatomy.reading import read_surface
from femsacrum.anatomy.reference import PAIRED, reference
from femsacrum.anatomy.registration import boxes_matched, moved, register
from femsacrum.anatomy.surfaces import mean_surface_distance, volume
from femsacrum.case.schema import AnatomyOptions, Case
from femsacrum.errors import InputError

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
ATLAS, MALE = DATA / "pelvis_atlas_jhu", DATA / "bodyparts3d"
BONES = ("left_ilium", "right_ilium", "sacrum", "L5", "L4")

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="real bones (../shared/data) are not here")

VARIANTS = {
    "mean": {},
    "female": {"sex": "female"},
    "male": {"sex": "male"},
    "upright sacrum": {"pelvic_incidence": "38.8 deg"},
    "flat sacrum, wide and low": {"pelvic_incidence": "68.8 deg", "width": "107 %", "height": "92 %"},
}


@pytest.fixture(scope="module")
def variants() -> dict[str, Anatomy]:
    """Every variant."""
    return {name: reference(AnatomyOptions.model_validate(chosen)) for name, chosen in VARIANTS.items()}


@pytest.fixture(scope="module")
def mean(variants) -> Anatomy:
    return variants["mean"]


def case_with(folder: Path, files: dict[str, str], **surfaces) -> tuple[Case, Path]:
    """A case that names surface files."""
    described = {"unit": "mm", "frame": "LPS", "files": files, **surfaces}
    load = {"name": "standing", "kind": "standing", "source": "none"}
    case = {
        "schema_version": 1,
        "name": "bones",
        "patient": {"mass": "75 kg"},
        "surgery": {"plan": "intact"},
        "anatomy": {"surfaces": described},
        "loads": [load],
    }
    return Case.model_validate(case), folder


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_is_ten_closed_bodies_that_do_not_overlap(variants, name):
    anatomy = variants[name]
    assert tuple(anatomy.parts) == PARTS
    for part, surface in anatomy.parts.items():
        assert is_closed(surface.triangles), part
        assert volume(surface) > 1000.0, part
        if part != "sacrum":
            assert genus(surface.triangles) == (1 if part in BONES else 0), part
    for first, second in combinations(BONES, 2):
        assert gap_between(anatomy.parts[first], anatomy.parts[second])[0] > 0.3, (first, second)


@pytest.mark.parametrize("name", VARIANTS)
def test_soft_tissue_touches_the_bones_and_stays_out_of_them(variants, name):
    parts = variants[name].parts
    for soft, bones in {
        "left_sij": ("left_ilium", "sacrum"),
        "right_sij": ("right_ilium", "sacrum"),
        "symphysis": ("left_ilium", "right_ilium"),
        "disc_L5S1": ("L5", "sacrum"),
        "disc_L4L5": ("L4", "L5"),
    }.items():
        for bone in bones:
            distance = DistanceTo(parts[bone])(parts[soft].points)
            assert distance.min() > -0.6, (soft, bone)
            assert (np.abs(distance) < 0.5).mean() > 0.2, (soft, bone)  # a good part of it lies on the bone


@pytest.mark.parametrize("name", VARIANTS)
def test_a_pedicle_screw_has_room(variants, name):
    anatomy = variants[name]
    for level in ("L5", "L4"):
        inside = DistanceTo(anatomy.parts[level])
        for side in ("left", "right"):
            entry, target = (anatomy.landmarks[f"{level}_{side}_pedicle_{end}"] for end in ("entry", "target"))
            assert abs(inside(entry[None])[0]) < 0.2
            assert clearance(inside, entry + 0.2 * (target - entry), target) > 4.5  # 6.5 mm screw and a wall


def test_the_mean_has_the_volumes_and_holes_of_the_bones_it_was_made_from(mean):
    expected = table()["expected"]
    for part, name in (("left_ilium", "hip"), ("right_ilium", "hip"), ("sacrum", "sacrum")):
        assert volume(mean.parts[part]) == pytest.approx(1000.0 * expected["volume_cm3"][name], rel=0.005)
    assert mean.measures["pelvic_incidence [deg]"] == pytest.approx(expected["PI_deg"], abs=0.1)
    assert mean.measures["sacral_slope [deg]"] == pytest.approx(expected["sacral_slope_deg"], abs=0.1)
    # canal and four pairs of anterior and posterior foramina give 17 handles
    assert genus(mean.parts["sacrum"].triangles) >= 17
    assert len(mean.parts["left_ilium"].triangles) < 65_000


@pytest.mark.parametrize(
    ("exit_", "canal", "lower", "upper"),
    [
        ([21.0, 97.0, 12.0], [0.0, 119.0, 20.0], [-4.0, 90.0, -4.0], [35.0, 128.0, 28.0]),
        ([20.0, 120.0, 0.0], [0.0, 131.0, 5.0], [-4.0, 112.0, -14.0], [30.0, 140.0, 12.0]),
    ],
    ids=["S1", "S2"],
)
def test_anterior_foramina_lead_into_the_sacral_canal(mean, exit_, canal, lower, upper):
    for side in (1.0, -1.0):
        mirror = np.array([side, 1.0, 1.0])
        ends = np.sort(np.array([lower * mirror, upper * mirror]), axis=0)
        grid = Grid.around(ends[0], ends[1], 0.8)
        free, _ = label(sampled_distance(mean.parts["sacrum"], grid) > 0.0)
        index = np.rint((np.array([exit_, canal]) * mirror - grid.origin) / grid.spacing).astype(int)
        outside, inside = free[tuple(index[:, ::-1].T)]
        assert outside == inside != 0


def test_landmarks_lie_on_bone_and_in_the_published_bands(variants):
    for name, anatomy in variants.items():
        for side in ("left", "right"):
            points = np.array([anatomy.landmarks[f"{side}_{n}"] for n in PAIRED if n != "hip_centre"])
            assert np.abs(DistanceTo(anatomy.parts[f"{side}_ilium"])(points)).max() < 0.3, name
    # mean and standard deviation [mm]: 6 women and 13 men, doi 10.5281/zenodo.8316730; two deviations are allowed
    bands = {
        "inter_ASIS_width [mm]": {"female": (218.3, 14.4), "male": (242.8, 15.0)},
        "inter_PSIS_width [mm]": {"female": (96.5, 11.3), "male": (87.3, 6.8)},
        "inter_ischial_spine_width [mm]": {"female": (111.5, 8.1), "male": (97.5, 5.6)},
        "mid_ASIS_to_mid_PSIS [mm]": {"female": (148.1, 5.2), "male": (147.9, 8.9)},
    }
    for measure, by_sex in bands.items():
        for sex, (middle, deviation) in by_sex.items():
            assert abs(variants[sex].measures[measure] - middle) < 2.0 * deviation, (measure, sex)
    # 10 patients, doi 10.5281/zenodo.4793184
    assert abs(variants["mean"].measures["hip_centre_distance [mm]"] - 172.0) < 2.0 * 9.1
    # 709 volunteers, Mac-Thiong 2011: incidence 32-74, tilt 0-27, slope 24-55 deg
    for measure, low, high in (("pelvic_incidence", 32, 74), ("pelvic_tilt", 0, 27), ("sacral_slope", 24, 55)):
        assert low < variants["mean"].measures[f"{measure} [deg]"] < high


def test_the_auricular_surface_has_its_published_area(mean):
    # 15.0 +- 2.4 cm2 (29 patients, CT): the sacral side of the cartilage
    joint = mean.parts["left_sij"]
    corners = joint.points[joint.triangles]
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    on_sacrum = np.abs(DistanceTo(mean.parts["sacrum"])(corners.mean(axis=1))) < 0.5
    assert area[on_sacrum].sum() / 100.0 == pytest.approx(15.0, abs=2.4)


def test_facets_meet(variants):
    for name, anatomy in variants.items():
        for level in ("L4L5", "L5S1"):
            assert 0.3 < anatomy.measures[f"facet_gap_{level} [mm]"] < 2.0, (name, level)


def test_the_acetabular_sphere_fits_the_surface(mean):
    radius, centre = acetabulum(mean.parts["left_ilium"], mean.landmarks["left_hip_centre"])
    assert np.linalg.norm(centre - mean.landmarks["left_hip_centre"]) < 1.0
    assert radius == pytest.approx(mean.acetabular_radius, abs=0.7)


def test_left_and_right_are_mirror_images_and_directions_are_unit_vectors(mean):
    for name, point in mean.landmarks.items():
        if name.startswith("left_"):
            assert mean.landmarks[name.replace("left_", "right_")] * [-1.0, 1.0, 1.0] == pytest.approx(point)
    for name, direction in mean.directions.items():
        assert np.linalg.norm(direction) == pytest.approx(1.0), name
        assert (direction[2] > 0.0) == (not name.endswith("lower")), name
    assert set(mean.directions) == {"S1_endplate", "L5_upper", "L5_lower", "L4_upper", "L4_lower"}


def test_the_same_case_gives_the_same_anatomy():
    first, second = (reference(AnatomyOptions(sex="female"), 2.0) for _ in range(2))
    for part in PARTS:
        assert np.array_equal(first.parts[part].points, second.parts[part].points)
        assert np.array_equal(first.parts[part].triangles, second.parts[part].triangles)
    assert all(np.array_equal(first.landmarks[name], second.landmarks[name]) for name in first.landmarks)


@needs_data
def test_the_reference_lies_within_4_mm_of_real_hips_and_sacra(mean):
    nearest = {"left_ilium": np.inf, "right_ilium": np.inf, "sacrum": np.inf}
    for subject in (2, 3, 5):
        files = {"left_ilium": "LeftHip", "right_ilium": "RightHip", "sacrum": "Sacrum"}
        real = {
            part: read_surface(ATLAS / f"{name}{subject}_cpd.vtk", None, "mm", "LPS", part).surface
            for part, name in files.items()
        }
        bones = [mean.parts[part] for part in nearest]
        place = register(bones, list(real.values()), boxes_matched(bones[:2], list(real.values())[:2]), affine=False)
        for part in nearest:
            laid = moved(mean.parts[part], place)
            if part == "sacrum":  # the real ones end below S3
                apart = float(np.abs(DistanceTo(laid)(real[part].points)).mean())
            else:
                apart = mean_surface_distance(laid, real[part])
            nearest[part] = min(nearest[part], apart)
    assert max(nearest.values()) <= 4.0, nearest


@needs_data
def test_bones_of_one_man_from_files():
    files = {"left_ilium": "hip_L", "right_ilium": "hip_R", "sacrum": "sacrum", "L5": "L5", "L4": "L4"}
    files |= {"disc_L5S1": "disc_L5S1"}
    case, folder = case_with(MALE, {part: f"{name}.ply" for part, name in files.items()})
    anatomy = build(case, folder)
    assert tuple(anatomy.parts) == PARTS
    for part, surface in anatomy.parts.items():
        assert is_closed(surface.triangles), part
        assert (part in files) == anatomy.origin[part].startswith("file "), part
    assert anatomy.own == ("left_ilium", "right_ilium", "sacrum", "L5", "L4")
    for first, second in combinations(BONES, 2):
        assert gap_between(anatomy.parts[first], anatomy.parts[second])[0] > 0.9, (first, second)
    # what was cut off to open the joints is little, the rest is untouched
    in_files = {"left_ilium": 310.3, "right_ilium": 315.1, "sacrum": 179.6, "L5": 52.3, "L4": 46.5}
    for part, cubic_cm in in_files.items():
        assert volume(anatomy.parts[part]) == pytest.approx(1000.0 * cubic_cm, rel=0.01)
    for side in ("left", "right"):
        hip = anatomy.parts[f"{side}_ilium"]
        # extreme points of the bone are where the landmarks ought to be
        assert anatomy.landmarks[f"{side}_crest_top"][2] > hip.points[:, 2].max() - 6.0
        assert anatomy.landmarks[f"{side}_isch_tub"][2] < hip.points[:, 2].min() + 8.0
        for level in ("L5", "L4"):
            inside = DistanceTo(anatomy.parts[level])
            entry, target = (anatomy.landmarks[f"{level}_{side}_pedicle_{end}"] for end in ("entry", "target"))
            assert clearance(inside, entry + 0.3 * (target - entry), target) > 3.25  # a screw of 6.5 mm stays inside
    # endplates read off the midsagittal section by hand: slopes 29, 18, 33, 17 and 20 deg
    for name, slope in {"S1_endplate": 29, "L5_upper": 18, "L5_lower": 33, "L4_upper": 17, "L4_lower": 20}.items():
        direction = anatomy.directions[name] * (-1.0 if name.endswith("lower") else 1.0)
        assert np.degrees(np.arctan2(-direction[1], direction[2])) == pytest.approx(slope, abs=5.0), name
    assert 30.0 < anatomy.measures["pelvic_incidence [deg]"] < 60.0
    # the femur's head has its centre at (86.7, -78.7, 811.6) mm; the socket of this man is wider than it
    assert np.linalg.norm(anatomy.landmarks["left_hip_centre"] - [86.7, -78.7, 811.6]) < 7.0


@needs_data
def test_bones_of_an_atlas_subject_with_a_borrowed_spine():
    files = {"left_ilium": "LeftHip3_cpd.vtk", "right_ilium": "RightHip3_cpd.vtk", "sacrum": "Sacrum3_cpd.vtk"}
    case, folder = case_with(ATLAS, files)
    anatomy = build(case, folder)
    assert tuple(anatomy.parts) == PARTS
    assert all(is_closed(surface.triangles) for surface in anatomy.parts.values())
    assert "2 holes with 6 edges filled" in anatomy.origin["left_ilium"]
    assert "placed on sacrum" in anatomy.origin["L5"]
    assert anatomy.own == ("left_ilium", "right_ilium")  # the lower end of the sacrum is the reference's
    assert "generated between" in anatomy.origin["left_sij"]
    for first, second in combinations(BONES, 2):
        assert gap_between(anatomy.parts[first], anatomy.parts[second])[0] > 0.6, (first, second)
    # L5 stands on S1: the disc space is as high as the reference's, and both endplates face each other
    s1 = 0.5 * (anatomy.landmarks["endplate_S1_ant"] + anatomy.landmarks["endplate_S1_post"])
    assert 6.0 < np.linalg.norm(anatomy.landmarks["L5_lower"] - s1) < 14.0
    assert anatomy.directions["S1_endplate"] @ anatomy.directions["L5_lower"] < -0.94
    assert genus(anatomy.parts["left_ilium"].triangles) == 1


@needs_data
@pytest.mark.parametrize(
    ("files", "surfaces", "message"),
    [
        ({"left_ilium": "hip_R.ply", "right_ilium": "hip_L.ply"}, {}, r"left_ilium: should lie left of right_ilium"),
        ({"left_ilium": "hip_L.ply", "right_ilium": "hip_R.ply"}, {"frame": "RAS"}, r'is the frame really "RAS"'),
        ({"left_ilium": "hip_L.ply"}, {"unit": "cm"}, r'measures .* mm corner to corner.*with unit "mm"'),
        ({"sacrum": "L4.ply", "L4": "sacrum.ply"}, {}, r"L4: .*above sacrum|measures"),
        ({"left_ilium": "absent.ply"}, {}, r'^anatomy\.surfaces\.files\.left_ilium = "absent\.ply": no such file'),
        ({"left_ilium": "/etc/hip.ply"}, {}, r"is absolute; name it relative to the case file or"),
        ({"left_illium": "hip_L.ply"}, {}, r'did you mean "left_ilium"'),
        ({"left_ilium": "../bodyparts3d/hip_L.ply"}, {}, r"climbs out of its folder"),
        ({"left_ilium": "femur_L.ply"}, {}, r"left_ilium: (measures|does not look like)"),
    ],
)
def test_files_that_cannot_be_right_are_refused(files, surfaces, message):
    case, folder = case_with(MALE, files, **surfaces)
    with pytest.raises(InputError, match=message):
        build(case, folder)
