"""Images from files: where every voxel lies, what it holds, and what cannot be read."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed_images import BROKEN, CODES, cut, file, patched, retagged, series, two_series, volume
from scipy.spatial.transform import Rotation

from femsacrum.errors import InputError
from femsacrum.images.read import files_of, read_volume
from femsacrum.images.volume import Volume
from meshes.synthetic_ct import write

KEY = "anatomy.labels.file"
NAMES = ("image.nii", "image.nii.gz", "image.nrrd", "image.nhdr", "folder")


def oblique(turn, spacing, hand, size=(7, 6, 5)):
    values = np.random.default_rng(1).integers(-1024, 3071, size[::-1]).astype(np.int16)
    axes = Rotation.from_euler("xyz", turn, degrees=True).as_matrix() * np.array([1.0, 1.0, hand])
    return Volume(values, np.array([-110.3, 47.1, 912.6]), axes * np.array(spacing), "synthetic")


def assert_same_image(read, truth):
    """Every voxel is where it was, with its value; the order of slices may be another one."""
    index = np.argwhere(np.ones(truth.values.shape))[:, ::-1]
    found = read.indices(truth.points(index))
    nearest = np.rint(found).astype(int)
    assert np.abs((found - nearest) * read.spacing).max() < 1e-3
    assert read.values.shape == truth.values.shape
    assert read.values.dtype == truth.values.dtype
    assert np.array_equal(read.values[tuple(nearest[:, ::-1].T)], truth.values[tuple(index[:, ::-1].T)])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hand", [1.0, -1.0], ids=["right-handed", "left-handed"])
def test_an_oblique_volume_comes_back_voxel_by_voxel(tmp_path, name, hand):
    truth = oblique((12.0, -8.0, 25.0), (0.8, 0.9, 3.0), hand)
    write(truth, tmp_path / name)
    assert_same_image(read_volume(tmp_path / name, KEY), truth)


@settings(deadline=None, max_examples=15)
@given(
    turn=st.tuples(*[st.floats(-180.0, 180.0)] * 3),
    spacing=st.tuples(*[st.floats(0.1, 5.0)] * 3),
    hand=st.sampled_from([1.0, -1.0]),
    name=st.sampled_from(["image.nii", "image.nrrd"]),
)
def test_any_placement_comes_back(tmp_path_factory, turn, spacing, hand, name):
    path = tmp_path_factory.mktemp("any") / name
    truth = oblique(turn, spacing, hand, (4, 3, 2))
    write(truth, path)
    assert_same_image(read_volume(path, KEY), truth)


def test_a_tilted_gantry_shears_the_grid(tmp_path):
    """Slices shifted along their columns: a grid whose third axis is not at right angles to the others."""
    path = series(tmp_path)
    truth = volume()
    truth.steps[1, 2] = 0.5
    for z in range(4):
        x, y, height = truth.points(np.array([[0.0, 0.0, z]]))[0]
        retagged(path, z, _0020_0032=f"{x}\\{y}\\{height}")
    read = read_volume(path, KEY)
    assert np.allclose(read.steps, truth.steps, atol=1e-6)
    assert "gantry tilted by 14.0 deg" in read.source


def test_the_order_of_a_folder_s_file_names_does_not_count(tmp_path):
    path = series(tmp_path)
    for z, name in enumerate(("d", "a", "c", "b")):
        (path / f"slice_{z:04d}.dcm").rename(path / name)
    (path / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    assert_same_image(read_volume(path, KEY), volume())


@pytest.mark.parametrize(("slope", "intercept", "kind"), [(2.0, -1000.0, np.int16), (0.5, 10.25, np.float32)])
def test_slope_and_intercept_are_applied(tmp_path, slope, intercept, kind):
    path = series(tmp_path)
    for z in range(4):
        retagged(
            path,
            z,
            lambda image: sitk.Cast(image, sitk.sitkFloat32) * slope + intercept,
            _0028_1053=f"{slope:g}",
            _0028_1052=f"{intercept:g}",
        )
    read = read_volume(path, KEY)
    assert read.values.dtype == kind
    assert np.array_equal(read.values, volume().values * slope + intercept)


def test_a_series_is_chosen_by_identifier_or_number(tmp_path):
    path = two_series(tmp_path)
    with pytest.raises(InputError, match="holds 2 series") as caught:
        read_volume(path, KEY)
    uid = str(caught.value).split('"')[3]
    assert min(read_volume(path, KEY, uid).spacing) in (pytest.approx(0.8), pytest.approx(1.0))
    with pytest.raises(
        InputError, match=r'^anatomy\.labels\.series: "two|^anatomy\.labels\.series: "scan" holds no series "9"'
    ):
        read_volume(path, KEY, "9")


def test_a_series_is_only_for_folders(tmp_path):
    with pytest.raises(InputError, match=r"^anatomy\.labels\.series: is for a folder"):
        read_volume(file(tmp_path), KEY, "1")


def test_a_quaternion_without_a_matrix_will_do(tmp_path):
    path = patched(file(tmp_path), CODES, "2h", 1, 0)
    assert_same_image(read_volume(path, KEY), volume())


def test_a_stream_that_goes_on_after_the_voxels_is_left_alone(tmp_path):
    path = tmp_path / "bomb.nii.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(file(tmp_path).read_bytes())
        for _ in range(100):
            stream.write(bytes(1_000_000))
    assert_same_image(read_volume(path, KEY), volume())


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_image_gives_one_clear_line(case, tmp_path):
    make, told = BROKEN[case]
    path = make(tmp_path)
    with pytest.raises(InputError) as caught:
        read_volume(path, KEY)
    line = str(caught.value)
    assert line.startswith(KEY)
    assert told in line
    assert "\n" not in line
    assert len(line) < 500


def test_files_of_a_header_beside_its_voxels_are_both(tmp_path):
    assert [one.name for one in files_of(file(tmp_path, "image.nhdr"), KEY)] == ["image.nhdr", "image.raw"]
    assert len(files_of(series(tmp_path), KEY)) == 4


MEMORY = """
import sys, threading, time
from pathlib import Path
import psutil
from femsacrum.images.read import read_volume

def used():
    return sum(one.memory_info().rss for one in (me, *me.children()))

def watch():
    while True:
        peak.append(used())
        time.sleep(0.002)

me, peak = psutil.Process(), []
read_volume(Path(sys.argv[1]), "small")
before = used()
threading.Thread(target=watch, daemon=True).start()
volume = read_volume(Path(sys.argv[2]), "large")
print((max(peak) - before) / volume.values.nbytes)
"""


@pytest.mark.parametrize("name", ["large.nii", "folder"])
def test_memory_stays_below_four_volumes(name, tmp_path):
    size = (512, 512, 40 if name == "folder" else 190)
    write(Volume(np.zeros(size[::-1], np.int16), np.zeros(3), np.eye(3), "synthetic"), tmp_path / name)
    command = [sys.executable, "-c", MEMORY, str(file(tmp_path)), str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert float(done.stdout) < 4.0


def test_what_cannot_be_shown_is_not_shown(tmp_path):
    path = retagged(series(tmp_path), 1)
    name = path / "slice_0001.dcm"
    name.write_bytes(name.read_bytes().replace(b"1\\0\\0\\0\\1\\0", b"1\\0\\0\\0\\\xd8\\0"))
    with pytest.raises(InputError, match=r"orientation \(0020\|0037\) is") as caught:
        read_volume(path, KEY)
    assert str(caught.value).isprintable()


def outcome(path):
    """What is read, or the error's line."""
    try:
        return read_volume(path, KEY), ""
    except InputError as error:
        return None, str(error)


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(NAMES[:3]), share=st.floats(0.0, 1.0, exclude_max=True))
def test_a_file_cut_anywhere_is_refused_or_whole(tmp_path_factory, name, share):
    folder = tmp_path_factory.mktemp("cut")
    truth = oblique((12.0, -8.0, 25.0), (0.8, 0.9, 3.0), 1.0)
    write(truth, folder / name)
    read, line = outcome(cut(folder / name, share))
    if read is None:
        assert line.startswith(f"{KEY}: {name}")
        assert "\n" not in line
    else:
        assert_same_image(read, truth)  # only what follows the voxels was cut


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(["image.nii", "image.nrrd"]), at=st.integers(0, 351), byte=st.integers(0, 255))
def test_a_header_with_any_byte_changed_is_read_or_refused(tmp_path_factory, name, at, byte):
    path = file(tmp_path_factory.mktemp("changed"), name)
    raw = bytearray(path.read_bytes())
    raw[at] = byte
    path.write_bytes(raw)
    read, line = outcome(path)
    if read is None:
        assert line.startswith(f"{KEY}: {name}")
        assert "\n" not in line
    else:
        assert np.isfinite(read.steps).all()
        assert abs(np.linalg.det(read.steps)) > 0.0
