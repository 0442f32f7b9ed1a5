"""Images that are broken in one way each: how to make them, and what the error has to say."""

import gzip
import shutil
import struct

import numpy as np
import SimpleITK as sitk

from femsacrum.images.volume import Volume
from meshes.synthetic_ct import write

PIXDIM, DIM, CODES, SROW = 76, 40, 252, 280


def volume(size=(6, 5, 4), kind=np.int16, spacing=(0.8, 0.9, 2.0)):
    values = np.arange(np.prod(size)).reshape(size[::-1]).astype(kind)
    return Volume(values, np.array([10.0, -20.0, 30.0]), np.diag(spacing), "synthetic")


def file(folder, name="image.nii", **how):
    write(volume(**how), folder / name)
    return folder / name


def series(folder, name="scan", **how):
    write(volume(**how), folder / name)
    return folder / name


def patched(path, at, form, *values):
    """A NIfTI file with some numbers of its header replaced."""
    raw = bytearray(path.read_bytes())
    struct.pack_into(f"<{form}", raw, at, *values)
    path.write_bytes(raw)
    return path


def cut(path, share):
    raw = path.read_bytes()
    path.write_bytes(raw[: int(share * len(raw))])
    return path


def replaced(path, old, new):
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))
    return path


def itk(folder, name, values, **how):
    sitk.WriteImage(sitk.GetImageFromArray(values, **how), str(folder / name))
    return folder / name


def packed(path):
    """The same file, compressed."""
    there = path.with_name(path.name + ".gz")
    there.write_bytes(gzip.compress(path.read_bytes()))
    return there


def retagged(path, number, change=lambda image: image, **tags):
    """A series in which one slice has other voxels, another place or other tags, as _group_element."""
    name = str(path / f"slice_{number:04d}.dcm")
    image = sitk.ReadImage(name)
    changed = change(image)
    for tag in image.GetMetaDataKeys():
        changed.SetMetaData(tag, image.GetMetaData(tag))
    for tag, value in tags.items():
        changed.SetMetaData(tag[1:].replace("_", "|"), value)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    writer.SetFileName(name)
    writer.Execute(changed)
    return path


def stretched(image):
    image.SetSpacing((1.0, 1.0, 2.0))
    return image


def without(path, number):
    (path / f"slice_{number:04d}.dcm").unlink()
    return path


def doubled(path):
    shutil.copy(path / "slice_0001.dcm", path / "slice_copy.dcm")
    return path


def beside(path, content):
    path.mkdir(exist_ok=True)
    (path / "readme.txt").write_text(content)
    return path


def tag_blanked(path, number, tag):
    """One slice whose tag, as it stands in the file (explicit, little endian), has another number."""
    name = path / f"slice_{number:04d}.dcm"
    group, element = (int(half, 16) for half in tag.split("|"))
    return replaced(name, struct.pack("<HH", group, element), struct.pack("<HH", group, element + 0x1000)).parent


def two_series(folder):
    path = series(folder)
    write(volume(spacing=(1.0, 1.0, 1.0)), path / "other")
    return path


BROKEN = {
    "empty file": (lambda d: cut(file(d), 0.0), "has no NIfTI header"),
    "half a header": (lambda d: cut(file(d), 0.3), "has no NIfTI header"),
    "voxels cut short": (lambda d: cut(file(d), 0.9), "cannot be read"),
    "compressed, cut in the header": (lambda d: cut(packed(file(d)), 0.1), "copy it anew"),
    "compressed, voxels cut short": (
        lambda d: cut(file(d, "image.nii.gz", size=(60, 50, 40)), 0.9),
        "cannot be read",
    ),
    "not compressed": (lambda d: file(d).rename(d / "image.nii.gz"), "copy it anew"),
    "text": (
        lambda d: beside(d / "x", "hello " * 200).joinpath("readme.txt").rename(d / "a.nii"),
        "has no NIfTI header",
    ),
    "another format": (lambda d: itk(d, "image.png", np.zeros((4, 4), np.uint8)), "in no format that is read"),
    "spacing of zero": (lambda d: patched(file(d), PIXDIM + 4, "f", 0.0), "voxels of 0 x 0.9 x 2"),
    "negative spacing": (lambda d: patched(file(d), PIXDIM + 8, "f", -1.0), "voxels of 0.8 x -1 x 2"),
    "spacing that is no number": (lambda d: patched(file(d), PIXDIM + 12, "f", np.nan), "which cannot be"),
    "position that is no number": (lambda d: patched(file(d), SROW + 12, "f", np.inf), "not finite"),
    "no orientation": (lambda d: patched(file(d), CODES, "2h", 0, 0), "does not say how it lies"),
    "two spacings": (lambda d: patched(file(d), PIXDIM + 4, "f", 1.6), "in pixdim but"),
    "metres": (lambda d: file(d, spacing=(0.0008, 0.0008, 0.003)), "is its unit really mm"),
    "parallel axes": (lambda d: patched(file(d), SROW + 4, "f", -0.9), "in pixdim but"),
    "no dimensions": (lambda d: patched(file(d), DIM, "h", 99), "dimensions"),
    "four dimensions": (
        lambda d: itk(d, "t.nii", np.zeros((3, 4, 5, 6), np.int16), isVector=False),
        "holds 3 volumes",
    ),
    "colours": (
        lambda d: itk(d, "t.nii", np.zeros((4, 5, 6, 3), np.uint8), isVector=True),
        "3 values for each voxel",
    ),
    "flat": (lambda d: itk(d, "t.nii", np.zeros((5, 6), np.int16)), "is flat"),
    "a single slice": (lambda d: file(d, size=(6, 5, 1)), "a single slice"),
    "huge by its header": (
        lambda d: patched(file(d), DIM + 2, "3h", 30000, 30000, 30000),
        "GB are read on this machine",
    ),
    "huge by its header, compressed": (
        lambda d: packed(patched(file(d), DIM + 2, "3h", 30000, 30000, 30000)),
        "GB are read on this machine",
    ),
    "values that are no numbers": (lambda d: itk(d, "t.nrrd", np.full((4, 5, 6), np.nan, np.float32)), "not finite"),
    "NRRD without a header": (lambda d: cut(file(d, "image.nrrd"), 0.0), "has no NRRD header"),
    "NRRD without axes": (
        lambda d: replaced(file(d, "image.nrrd"), b"space: left-posterior-superior", b"space: scanner-xyz"),
        "does not say how it lies",
    ),
    "NRRD with a direction that is no number": (
        lambda d: replaced(file(d, "image.nrrd", spacing=(0.5, 0.9, 2.0)), b"directions: (0.5", b"directions: (nan"),
        "three space directions",
    ),
    "NRRD with a word for a direction": (
        lambda d: replaced(file(d, "image.nrrd", spacing=(0.5, 0.9, 2.0)), b"directions: (0.5", b"directions: (left"),
        "three space directions",
    ),
    "NRRD cut short": (lambda d: cut(file(d, "image.nrrd", size=(60, 50, 40)), 0.9), "cannot be read"),
    "NRRD, huge by its header": (
        lambda d: replaced(file(d, "image.nrrd"), b"sizes: 6 5 4", b"sizes: 90000 90000 90000"),
        "",
    ),
    "NRRD whose voxels are elsewhere": (
        lambda d: replaced(file(d, "image.nhdr"), b"data file: image.raw", b"data file: ../../etc/passwd"),
        "must be in one file beside it",
    ),
    "NRRD whose voxels are gone": (
        lambda d: replaced(file(d, "image.nhdr"), b"data file: image.raw", b"data file: other.raw"),
        "which does not exist",
    ),
    "empty folder": (lambda d: beside(d / "x", ""), "holds no DICOM image (1 files looked at)"),
    "two series": (two_series, "holds 2 series; choose one with anatomy.labels.series"),
    "a slice is missing": (lambda d: without(series(d), 1), "apart, the others 2.000 mm: are slices missing?"),
    "a slice is there twice": (lambda d: doubled(series(d)), "are the same slice"),
    "one slice only": (lambda d: series(d, size=(6, 5, 1)), "a single slice"),
    "spacing changes": (lambda d: retagged(series(d), 2, stretched), "differ in size, spacing"),
    "orientation changes": (
        lambda d: retagged(series(d), 2, _0020_0037="0\\1\\0\\-1\\0\\0"),
        "differ in size, spacing or orientation",
    ),
    "no position": (lambda d: tag_blanked(series(d), 2, "0020|0032"), 'position (0020|0032) is ""'),
    "no orientation of a slice": (lambda d: tag_blanked(series(d), 1, "0020|0037"), 'orientation (0020|0037) is ""'),
    "no spacing of a slice": (lambda d: tag_blanked(series(d), 1, "0028|0030"), 'spacing (0028|0030) is ""'),
    "a slice without voxels": (lambda d: cut(series(d) / "slice_0002.dcm", 0.95).parent, "slice_0002.dcm"),
    "a slice without most of its header": (lambda d: cut(series(d) / "slice_0002.dcm", 0.3).parent, "slice_0002.dcm"),
}
