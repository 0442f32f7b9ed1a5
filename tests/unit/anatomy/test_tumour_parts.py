"""A tumour stands among the bones of files and label maps, and is none of them."""

import numpy as np
import pytest
import SimpleITK as sitk
from anatomy_shapes import ball, box
from surface_files import stl

from femsacrum.anatomy.given import given_parts
from femsacrum.anatomy.surfaces import volume
from femsacrum.case.schema import AnatomyOptions
from femsacrum.errors import InputError

#: Centre and radius of the tumour [mm]; spacing of the voxels [mm].
CENTRE, RADIUS, STEP = np.array([20.0, -10.0, 5.0]), 14.0, 2.0


def written(folder):
    """A block called sacrum as label 3, with a tumour in it as label 7, and a stray voxel of it."""
    axis = np.arange(-64.0, 64.1, STEP)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    values = 3 * ((np.abs(x) < 50.0) & (np.abs(y) < 40.0) & (np.abs(z) < 30.0)).astype(np.uint8)
    values[(x - CENTRE[0]) ** 2 + (y - CENTRE[1]) ** 2 + (z - CENTRE[2]) ** 2 < RADIUS**2] = 7
    values[-2, -2, -2] = 7
    image = sitk.GetImageFromArray(values)
    image.SetSpacing([STEP] * 3)
    image.SetOrigin([-64.0] * 3)
    sitk.WriteImage(image, str(folder / "map.nii.gz"))


def test_from_a_label_map(tmp_path):
    written(tmp_path)
    labels = {"file": "map.nii.gz", "parts": {"tumour": 7, "sacrum": 3}}
    found = given_parts(AnatomyOptions.model_validate({"labels": labels}), tmp_path)
    assert set(found.surfaces) == {"sacrum", "tumour"}
    away = np.linalg.norm(found.surfaces["tumour"].points - CENTRE, axis=1)
    assert away.min() == pytest.approx(RADIUS, abs=0.5 * STEP)
    assert away.max() == pytest.approx(RADIUS, abs=0.5 * STEP)
    assert "1 loose pieces dropped" in found.origin["tumour"]
    # the hole that it left in the bone's label is filled
    assert volume(found.surfaces["sacrum"]) == pytest.approx(98.0 * 78.0 * 58.0, rel=0.005)


def test_from_a_file(tmp_path):
    (tmp_path / "sacrum.stl").write_bytes(stl(box((-50.0, -40.0, -30.0), (50.0, 40.0, 30.0))))
    (tmp_path / "tumour.stl").write_bytes(stl(ball(tuple(CENTRE), RADIUS, 3.0)))
    files = {"tumour": "tumour.stl", "sacrum": "sacrum.stl"}
    surfaces = {"unit": "mm", "frame": "RAS", "files": files}
    found = given_parts(AnatomyOptions.model_validate({"surfaces": surfaces}), tmp_path)
    # turned with the bones: right and anterior are the other way round in LPS
    assert found.surfaces["tumour"].points.mean(axis=0) == pytest.approx(CENTRE * [-1.0, -1.0, 1.0], abs=0.5)
    assert found.keys["tumour"] == "anatomy.surfaces.files.tumour"
    surfaces["files"] = {"tumor": "tumour.stl", "sacrum": "sacrum.stl"}
    with pytest.raises(InputError, match=r'is no part of the anatomy; .* \(did you mean "tumour"\?\)'):
        given_parts(AnatomyOptions.model_validate({"surfaces": surfaces}), tmp_path)
