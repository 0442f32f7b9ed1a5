"""Label maps to surfaces: against the shapes the labels were made from, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.given import given_parts
from femsacrum.anatomy.grid import enclosed, is_closed
from femsacrum.anatomy.labels import labels_in, surface_of
from femsacrum.anatomy.reference import reference
from femsacrum.anatomy.surfaces import face_normals, sampled
from femsacrum.case.imaging import LabelMap
from femsacrum.errors import InputError
from femsacrum.images.volume import Volume
from meshes.synthetic_ct import grid_around, labelled, write

RADIUS = 20.0
KEY = "anatomy.labels.parts.sacrum"
OBLIQUE = Rotation.from_euler("xyz", (12.0, 8.0, 5.0), degrees=True).as_matrix()
GRIDS = {
    "even": np.eye(3),
    "fine": 0.5 * np.eye(3),
    "oblique, thick slices": OBLIQUE * np.array([0.8, 0.8, 3.0]),
    "left-handed, thick slices": np.diag([0.8, 0.8, -3.0]),
    "thick sagittal slices": np.diag([3.0, 0.9, 0.9]),
    "nearly even": np.diag([1.0, 1.0, 1.3]),
}


def drawn(steps, inside, half=26.0):
    """A map of what is inside around (3, -4, 5) mm: labels of points relative to that, shape (..., 3)."""
    spacing = np.linalg.norm(steps, axis=0)
    number = np.ceil(2.0 * half / spacing).astype(int)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in number[::-1]), indexing="ij"), axis=-1)[..., ::-1]
    centre = np.array([3.0, -4.0, 5.0])
    origin = centre - steps @ (0.5 * (number - 1))
    return Volume(inside(index @ steps.T + origin - centre).astype(np.int16), origin, steps, "drawn"), centre


def ball(steps, label=7):
    return drawn(steps, lambda x: label * (np.linalg.norm(x, axis=-1) < RADIUS))


@pytest.mark.parametrize("grid", GRIDS)
def test_a_ball_comes_back(grid):
    volume, centre = ball(GRIDS[grid])
    found = surface_of(volume, 7, KEY)
    points, normals = sampled(found.surface, 5000)
    out = np.linalg.norm(points - centre, axis=1)
    content = 4.0 / 3.0 * np.pi * RADIUS**3
    assert is_closed(found.surface.triangles)
    assert enclosed(found.surface.points, found.surface.triangles) == pytest.approx(content, rel=0.01)
    assert np.abs(out - RADIUS).mean() < 0.3 * min(1.0, volume.spacing.max())
    radial = (points - centre) / out[:, None]
    tilt = np.degrees(np.arccos(np.clip(np.einsum("ij,ij->i", normals, radial), -1.0, 1.0)))
    assert tilt.mean() < 6.0  # a staircase has 20 degrees and more
    assert found.fidelity["volume of the label [mm3]"] == pytest.approx(
        (volume.values == 7).sum() * np.prod(volume.spacing)
    )
    assert abs(found.fidelity["volume deviation [%]"]) < 0.2
    assert 0.0 < found.fidelity["mean distance [mm]"] < 0.35 * volume.spacing.max()
    assert found.fidelity["pieces dropped"] == found.fidelity["holes filled"] == 0.0
    assert not found.cut


@pytest.fixture(scope="module")
def bones():
    options = SimpleNamespace(sex="mean", width=1.0, height=1.0, pelvic_incidence=None, cortical_thickness=1.4)
    return {name: surface for name, surface in reference(options).parts.items() if name in ("left_ilium", "L5")}


@pytest.fixture(scope="module")
def scans(bones):
    """Label maps: 1 mm voxels, and thick oblique slices."""
    grids = {"even": ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)), "oblique": ((0.8, 0.8, 3.0), (12.0, 8.0, 5.0))}
    return {name: labelled(bones, grid_around(bones, np.array(h), turn, 6.0)) for name, (h, turn) in grids.items()}


@pytest.mark.parametrize("part", ["left_ilium", "L5"])
@pytest.mark.parametrize(("scan", "mean"), [("even", 0.15), ("oblique", 0.3)])
def test_bones_come_back(bones, scans, scan, mean, part):
    volume, labels = scans[scan]
    found = surface_of(volume, labels[part], KEY).surface
    true = bones[part]
    assert is_closed(found.triangles)
    assert np.abs(DistanceTo(true)(sampled(found, 5000)[0])).mean() < mean
    assert np.abs(DistanceTo(found)(sampled(true, 5000)[0])).mean() < mean
    assert enclosed(found.points, found.triangles) == pytest.approx(enclosed(true.points, true.triangles), rel=0.01)


def test_crumbs_and_holes_go_and_are_counted():
    def inside(x):
        out = np.linalg.norm(x, axis=-1)
        crumb = np.linalg.norm(x - [22.0, 22.0, 0.0], axis=-1) < 2.0
        return ((out < RADIUS) & (out > 4.0)) | crumb

    volume, centre = drawn(np.eye(3), inside, half=28.0)
    found = surface_of(volume, 1, KEY)
    assert found.fidelity["pieces dropped"] == found.fidelity["holes filled"] == 1.0
    assert found.fidelity["share dropped [%]"] == pytest.approx(100.0 * 33 / (volume.values == 1).sum(), abs=0.02)
    assert np.linalg.norm(found.surface.points - centre, axis=1).min() > RADIUS - 1.0


def test_a_part_at_the_edge_of_the_image_is_told_to_be_cut():
    volume, _ = drawn(np.eye(3), lambda x: np.linalg.norm(x, axis=-1) < RADIUS, half=15.0)
    found = surface_of(volume, 1, KEY)
    assert found.cut
    assert is_closed(found.surface.triangles)


def test_two_bones_under_one_label_are_refused():
    volume, _ = drawn(np.eye(3), lambda x: np.linalg.norm(np.abs(x) - [12.0, 0.0, 0.0], axis=-1) < 9.0)
    with pytest.raises(InputError, match=rf"^{KEY}: label 1 is in 2 pieces.*a label of its own"):
        surface_of(volume, 1, KEY)


@pytest.mark.parametrize("values", [np.array(-1), np.array(0.5)])
def test_values_that_are_no_labels_are_refused(values):
    volume = Volume(np.full((3, 3, 3), values), np.zeros(3), np.eye(3), "map")
    with pytest.raises(InputError, match=r"^file: map: has the value .* is it a CT"):
        labels_in(volume, "file")


def test_labels_may_be_stored_as_real_numbers():
    volume, _ = ball(np.eye(3))
    assert labels_in(Volume(volume.values.astype(np.float32), volume.origin, volume.steps, ""), KEY) == [7]


def a_case(folder, volume, **parts):
    write(volume, folder / "labels.nrrd")
    labels = LabelMap(file="labels.nrrd", parts=parts)
    return SimpleNamespace(surfaces=None, labels=labels)


def test_the_parts_of_a_map_are_told(tmp_path, bones, scans):
    volume, labels = scans["oblique"]
    given = given_parts(a_case(tmp_path, volume, **labels), tmp_path)
    assert list(given.surfaces) == ["left_ilium", "L5"] == list(given.fidelity)
    assert given.origin["L5"].startswith("label 4 of labels.nrrd; surface 0.")
    assert given.keys["L5"] == "anatomy.labels.parts.L5"
    for part, surface in given.surfaces.items():
        assert np.all(face_normals(surface)[1] > 0.0)
        assert np.abs(surface.points.mean(axis=0) - bones[part].points.mean(axis=0)).max() < 8.0


def test_a_label_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^anatomy\.labels\.parts\.sacrum: no voxel .* label 3; labels in it: 7$"):
        given_parts(a_case(tmp_path, ball(np.eye(3))[0], sacrum=3), tmp_path)


def test_a_part_of_the_wrong_size_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"sacrum: measures 69.* mm .*expected 85 to 240; is it the label of another"
    ):
        given_parts(a_case(tmp_path, ball(np.eye(3))[0], sacrum=7), tmp_path)


def test_an_image_that_is_mirrored_is_refused(tmp_path, scans):
    volume, _ = scans["oblique"]
    turn = np.array([1.0, -1.0, 1.0])
    mirrored = Volume(volume.values, turn * volume.origin, turn[:, None] * volume.steps, "mirrored")
    with pytest.raises(InputError, match=r"L5 should lie behind left_ilium but does not; .*image mirrored"):
        given_parts(a_case(tmp_path, mirrored, left_ilium=1, L5=4), tmp_path)
