"""A synthetic CT in Hounsfield units, and its label map, from closed bone surfaces; it is no patient's.

Every voxel holds the mean over its box of a cortical shell, a cancellous core whose HU rise linearly from the lowest
bone point to the highest, soft tissue, and air around an elliptic body; then the scanner's blur and noise.

Usage: python -m meshes.synthetic_ct folder [--sex female] [--spacing 0.8 0.8 3] [--turn 12 8 0] [--blur 1] [--noise 20]
       [--format nifti|nrrd|dicom]
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import PARTS, ROLES, Floats, Surface
from femsacrum.anatomy.reference import reference
from femsacrum.images.volume import Volume

#: Side of the blocks that are looked at first, as a whole [mm].
BLOCK = 8.0


@dataclass(frozen=True)
class Scan:
    """What is scanned, and how.

    Attributes:
        cortex: Thickness of the cortical shell [mm].
        cortex_hu: HU of the shell.
        core_hu: HU of the core at the lowest and at the highest bone point.
        soft_hu: HU of everything else in the body.
        air_hu: HU around it.
        body: Soft tissue around the bones, at least [mm].
        samples: Points along each side of a voxel over which it is averaged where a boundary passes.
        blur: Full width at half maximum of the Gaussian point spread [mm].
        noise: Standard deviation of Gaussian noise, white [HU].
        seed: Of the noise.
    """

    cortex: float = 1.5
    cortex_hu: float = 1600.0
    core_hu: tuple[float, float] = (50.0, 350.0)
    soft_hu: float = 40.0
    air_hu: float = -1000.0
    body: float = 20.0
    samples: int = 3
    blur: float = 0.0
    noise: float = 0.0
    seed: int = 20260101


def grid_around(
    parts: Mapping[str, Surface], spacing: Floats, turn: Floats = (0.0, 0.0, 0.0), margin: float = 25.0
) -> Volume:
    """An empty grid that holds some surfaces.

    Args:
        parts: The surfaces.
        spacing: Along x, y and z of the grid, shape (3,) [mm].
        turn: Of the grid about x, then y, then z of the patient, shape (3,) [deg].
        margin: Around the surfaces [mm].
    """
    axes = Rotation.from_euler("xyz", turn, degrees=True).as_matrix()
    points = np.concatenate([surface.points for surface in parts.values()]) @ axes
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    size = np.ceil((high - low) / spacing).astype(int) + 1
    return Volume(np.zeros(size[::-1], dtype=np.int16), axes @ low, axes * np.asarray(spacing), "an empty grid")


def labelled(parts: Mapping[str, Surface], grid: Volume) -> tuple[Volume, dict[str, int]]:
    """The label map of some surfaces: a voxel belongs to the part its centre is in, to the first of several.

    Args:
        parts: Closed surfaces by name.
        grid: Where; its axes are at right angles, here and below.

    Returns:
        The map (0: none), and the label of each part.
    """
    labels = {name: PARTS.index(name) + 1 for name in PARTS if name in parts}
    values = np.zeros(grid.values.shape, dtype=np.uint8)
    for name, label in reversed(labels.items()):
        for box, depth, _ in _depths(DistanceTo(parts[name]), parts[name], grid, reach=0.0):
            values[box][depth < 0.0] = label
    return Volume(values, grid.origin, grid.steps, "synthetic labels"), labels


def scanned(parts: Mapping[str, Surface], grid: Volume, scan: Scan = Scan()) -> Volume:
    """The synthetic CT of the bones among some surfaces.

    Args:
        parts: Closed surfaces by name.
        grid: Where.
        scan: What and how.
    """
    bones = {name: surface for name, surface in parts.items() if ROLES[name] == "bone"}
    points = np.concatenate([surface.points for surface in bones.values()])
    values = _body(points, grid, scan)
    heights = points[:, 2].min(), points[:, 2].max()
    for surface in bones.values():
        shares = _Shares(DistanceTo(surface), grid, scan)
        for box, depth, where in _depths(shares.distance, surface, grid, reach=scan.cortex):
            inside, core = shares(depth, where)
            heart = np.interp(where[..., 2], heights, scan.core_hu)
            block = values[box]
            block += inside * (scan.cortex_hu - scan.soft_hu) + core * (heart - scan.cortex_hu)
    if scan.blur:
        gaussian_filter(
            values, scan.blur / np.sqrt(8.0 * np.log(2.0)) / grid.spacing[::-1], output=values, mode="nearest"
        )
    if scan.noise:
        values += scan.noise * np.random.default_rng(scan.seed).standard_normal(values.shape, dtype=np.float32)
    np.clip(np.rint(values, out=values), -1024, 3071, out=values)
    return Volume(values.astype(np.int16), grid.origin, grid.steps, "synthetic CT")


def _body(bones: Floats, grid: Volume, scan: Scan) -> np.ndarray:
    """Soft tissue in an elliptic cylinder around the bones, air outside; a voxel on its edge holds a share of both."""
    low, high = bones[:, :2].min(axis=0), bones[:, :2].max(axis=0)
    half = 0.5 * (high - low)
    half *= np.linalg.norm(
        (bones[:, :2] - 0.5 * (low + high)) / half, axis=1
    ).max()  # a corner of the bones' box may be bone
    half += scan.body
    values = np.empty(grid.values.shape, dtype=np.float32)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in values.shape[:0:-1]), indexing="xy"), axis=-1).astype(float)
    for z, layer in enumerate(values):
        x = grid.points(np.concatenate([index, np.full((*index.shape[:2], 1), float(z))], axis=-1))[..., :2]
        depth = (np.linalg.norm((x - 0.5 * (low + high)) / half, axis=-1) - 1.0) * half.min()
        layer[...] = scan.air_hu + (scan.soft_hu - scan.air_hu) * np.clip(0.5 - depth / grid.spacing.min(), 0.0, 1.0)
    return values


def _depths(
    distance: DistanceTo, surface: Surface, grid: Volume, reach: float
) -> Iterator[tuple[tuple[slice, slice, slice], Floats, Floats]]:
    """Blocks of voxels inside a surface or near it: their place in the array, signed distances and positions.

    A block that is further than ``reach`` and a voxel away from the surface everywhere gets one distance.
    """
    side = np.maximum(1, np.rint(BLOCK / grid.spacing)).astype(int)
    index = grid.indices(surface.points)
    first = np.maximum(np.floor(index.min(axis=0) - 1.0), 0).astype(int)
    last = np.minimum(np.ceil(index.max(axis=0) + 2.0), grid.values.shape[::-1]).astype(int)
    starts = np.stack(
        np.meshgrid(*(np.arange(a, b, n) for a, b, n in zip(first, last, side, strict=True)), indexing="ij"), axis=-1
    ).reshape(-1, 3)
    middle = distance(grid.points(starts + 0.5 * (side - 1)))
    half = 0.5 * float(np.linalg.norm((side + 1) * grid.spacing))
    for start, at_middle in zip(starts[middle < half], middle[middle < half], strict=True):
        end = np.minimum(start + side, last)
        axes = [np.arange(a, b) for a, b in zip(start, end, strict=True)]
        where = grid.points(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).transpose(2, 1, 0, 3).reshape(-1, 3))
        shape = tuple(end - start)[::-1]
        near = at_middle > -(half + reach)
        depth = distance(where) if near else np.full(len(where), at_middle)
        box = tuple(slice(a, b) for a, b in zip(start[::-1], end[::-1], strict=True))
        yield box, depth.reshape(shape), where.reshape(*shape, 3)


class _Shares:
    """Shares of a voxel's box that are in a bone, and in its core."""

    def __init__(self, distance: DistanceTo, grid: Volume, scan: Scan) -> None:
        self.distance = distance
        self._cortex = scan.cortex
        self._half = 0.5 * float(np.linalg.norm(grid.spacing))
        ticks = (np.arange(scan.samples) + 0.5) / scan.samples - 0.5
        self._offsets = (
            np.stack(np.meshgrid(ticks, ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 3) @ grid.steps.T
        )

    def __call__(self, depth: Floats, where: Floats) -> tuple[Floats, Floats]:
        inside, core = (depth < 0.0).astype(float), (depth < -self._cortex).astype(float)
        crossed = (np.abs(depth) < self._half) | (np.abs(depth + self._cortex) < self._half)
        if crossed.any():
            own = self.distance((where[crossed][:, None] + self._offsets).reshape(-1, 3)).reshape(
                -1, len(self._offsets)
            )
            inside[crossed], core[crossed] = (own < 0.0).mean(axis=1), (own < -self._cortex).mean(axis=1)
        return inside, core


def write(volume: Volume, path: Path) -> None:
    """Write a volume: ``.nii``, ``.nii.gz`` or ``.nrrd``, or a folder with a DICOM series, one file for each slice.

    Args:
        volume: With orthogonal axes.
        path: The file; without an ending the folder.
    """
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(volume.values)
    image.SetSpacing(volume.spacing.tolist())
    image.SetOrigin(volume.origin.tolist())
    image.SetDirection((volume.steps / volume.spacing).ravel().tolist())
    if path.suffix:
        sitk.WriteImage(image, str(path), useCompression=path.name.endswith((".gz", ".nrrd")))
        return
    path.mkdir(parents=True, exist_ok=True)
    number = int(hashlib.blake2b(f"{volume.source} {volume.steps}".encode(), digest_size=8).hexdigest(), 16)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for z in range(image.GetDepth()):
        layer = sitk.Cast(image[:, :, z : z + 1], sitk.sitkFloat32)  # GDCM rescales floats only
        for tag, value in {
            **_tags(volume, number),
            "0008|0018": f"2.25.{number}.2.{z + 1}",
            "0020|0013": str(z + 1),
        }.items():
            layer.SetMetaData(tag, value)
        writer.SetFileName(str(path / f"slice_{z:04d}.dcm"))
        writer.Execute(layer)


def _tags(volume: Volume, number: int) -> dict[str, str]:
    """DICOM tags all slices share."""
    return {
        "0008|0060": "CT",
        "0008|0008": "DERIVED\\SECONDARY\\AXIAL",
        "0008|103e": volume.source,
        "0010|0010": "SYNTHETIC^NO PATIENT",
        "0010|0020": "SYNTHETIC",
        "0018|0050": f"{volume.spacing[2]:g}",
        "0020|000d": f"2.25.{number}",
        "0020|000e": f"2.25.{number}.1",
        "0020|0011": "1",
        "0020|0052": f"2.25.{number}.3",
        "0028|0100": "16",
        "0028|0101": "12",
        "0028|0102": "11",
        "0028|0103": "0",
        "0028|1052": "-1024",
        "0028|1053": "1",
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sex", default="mean", choices=("mean", "female", "male"))
    parser.add_argument("--spacing", type=float, nargs=3, default=(1.0, 1.0, 1.0))
    parser.add_argument("--turn", type=float, nargs=3, default=(0.0, 0.0, 0.0))
    parser.add_argument("--blur", type=float, default=0.0)
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--format", default="nifti", choices=("nifti", "nrrd", "dicom"))
    given = parser.parse_args()
    options = SimpleNamespace(sex=given.sex, width=1.0, height=1.0, pelvic_incidence=None, cortical_thickness=1.5)
    parts = reference(options).parts
    grid = grid_around(parts, np.array(given.spacing), np.array(given.turn))
    end = {"nifti": ".nii.gz", "nrrd": ".nrrd", "dicom": ""}[given.format]
    labels, numbers = labelled(parts, grid)
    given.folder.mkdir(parents=True, exist_ok=True)
    write(labels, given.folder / f"synthetic_labels{end}")
    write(scanned(parts, grid, Scan(blur=given.blur, noise=given.noise)), given.folder / f"synthetic_ct{end}")
    print("parts = {", ", ".join(f"{name} = {label}" for name, label in numbers.items()), "}")


if __name__ == "__main__":
    main()
