"""The tumour among the bones: from a label map, in as many pieces as it has, and never far from the bones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import ndimage

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.labels import Labelled, cropped, surface_of
from femsacrum.anatomy.model import Surface
from femsacrum.errors import InputError
from femsacrum.images.volume import Volume

#: A piece of a label smaller than this is taken for noise and left out, which is told [mm3]: a ball 6 mm across.
NOISE = 113.0
#: What to look for where the tumour came from a file.
FROM_A_FILE = "was it segmented in the same image, and are unit and frame right?"
#: A tumour farther than this from every bone lies in another frame, or belongs to another patient [mm].
FAR = 50.0


def pieces_of(volume: Volume, label: int, key: str) -> Labelled:
    """The surface of a tumour's label, satellites included: dropping one would make a margin look wide.

    Args:
        volume: The label map.
        label: Which.
        key: Key of the case that names it, for messages.

    Returns:
        All pieces of more than ``NOISE`` as one surface; volumes and distances are those of all of them.

    Raises:
        InputError: It is too small or too thin.
    """
    mask, first, cut = cropped(volume, label, key)
    numbered, number = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    corner = volume.points(first.astype(float))
    voxel = abs(float(np.linalg.det(volume.steps)))
    sizes = np.bincount(numbered.ravel(), minlength=number + 1)[1:] * voxel
    kept = [int(i) + 1 for i in np.argsort(-sizes, kind="stable") if sizes[i] > NOISE]
    if not kept:
        raise InputError(
            key, f"label {label} has no piece of more than {NOISE:.0f} mm3: is it the label of the tumour?"
        )
    found = [
        surface_of(Volume(label * (numbered == piece), corner, volume.steps, volume.source), label, key)
        for piece in kept
    ]
    left_out = [float(size) for size in sizes if size <= NOISE]
    told = {**found[0].fidelity, "pieces dropped": float(len(left_out))}
    told["share dropped [%]"] = 100.0 * sum(left_out) / float(sizes.sum())
    told["holes filled"] = sum(one.fidelity["holes filled"] for one in found)
    for name in ("volume of the label [mm3]", "volume of the surface [mm3]"):
        told[name] = sum(one.fidelity[name] for one in found)
    for name in ("mean distance [mm]", "95th percentile of distance [mm]"):
        told[name] = max(one.fidelity[name] for one in found)
    told["volume deviation [%]"] = 100.0 * (
        told["volume of the surface [mm3]"] / told["volume of the label [mm3]"] - 1
    )
    return Labelled(together([one.surface for one in found]), told, cut)


def together(surfaces: Sequence[Surface]) -> Surface:
    """Closed surfaces that do not touch as one."""
    starts = np.cumsum([0, *(len(one.points) for one in surfaces[:-1])])
    triangles = [one.triangles + start for one, start in zip(surfaces, starts, strict=True)]
    return Surface(np.concatenate([one.points for one in surfaces]), np.concatenate(triangles))


def assert_near(tumour: Surface, bones: Mapping[str, Surface], key: str, remedy: str = FROM_A_FILE) -> None:
    """Refuse a tumour that cannot be this patient's.

    Args:
        tumour: Closed, LPS [mm].
        bones: Of the patient, LPS [mm].
        key: Key of the case that gives it, for messages.
        remedy: What to do about it, for the message.

    Raises:
        InputError: It is farther than ``FAR`` from every bone.
    """
    away = {name: float(np.abs(DistanceTo(bone)(tumour.points)).min()) for name, bone in bones.items()}
    nearest = min(away, key=lambda name: away[name])
    if away[nearest] > FAR:
        raise InputError(
            key,
            f"lies {away[nearest]:.0f} mm from the nearest bone, {nearest} (at most {FAR:.0f} mm): {remedy}",
        )
