"""Whether bones lie on the bone of the image: a wrong frame or unit is refused, not sampled."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats, Ints, Surface
from femsacrum.errors import InputError
from femsacrum.images.volume import Volume
from femsacrum.materials.sampling import values_at

#: Triangles asked at most.
ASKED = 4000
#: A facet lies on bone when the image within EDGE of it is at least so bright, and by so much brighter than outside [HU].
#: Soft tissue has at most 80 HU; cortex of 0.5 mm shows 400 HU and more at voxels of 1 mm.
BONE, BRIGHTER = 150.0, 120.0
EDGE = np.array([-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0])
OUTSIDE = np.array([-5.0, -4.5, -4.0])
#: Share of the facets that must, and by how much another reading must be better to be named.
ENOUGH, BETTER = 0.5, 0.15

#: Size of a bone over that of the image, corner to corner: beyond it one of the units is wrong (a vertebra in a whole-body
#: image has 0.04).
SIZES = (0.02, 2.0)
#: What else the coordinates may mean, and what to do about it.
READINGS = (
    (np.array([-1.0, -1.0, 1.0]), "read as RAS instead of LPS it does: is the frame of the bones the other one?"),
    (np.array([1.0, 1.0, -1.0]), "upside down it does: is the image's slice order wrong?"),
    (np.array([-1.0, 1.0, 1.0]), "mirrored left to right it does: is the image or are the bones mirrored?"),
)  # fmt: skip


def refuse_misplaced(volume: Volume, surfaces: dict[str, Surface], key: str) -> None:
    """Refuse bones whose surfaces do not lie on edges of bone in the image.

    Args:
        volume: Hounsfield units.
        surfaces: Natural surfaces of the bones, those to be mapped.
        key: Key of the case that names the image.

    Raises:
        InputError: Names the bone and the likely cause.
    """
    whole = float(np.linalg.norm(volume.steps @ volume.values.shape[::-1]))
    for name, surface in surfaces.items():
        size = float(np.linalg.norm(np.ptp(surface.points, axis=0)))
        if not SIZES[0] <= size / whole <= SIZES[1]:
            told = f"measures {whole:.4g} mm corner to corner, {name} {size:.4g} mm"
            raise InputError(key, f"{told}: is the unit of the bones or of the image wrong?")
        share = on_bone(volume, surface.points, surface.triangles)
        if share >= ENOUGH:
            continue
        others = [
            on_bone(volume, surface.points * factor, surface.triangles[:, :: int(np.sign(factor.prod()))])
            for factor, _ in READINGS
        ]
        best = int(np.argmax(others))
        cause = "is it another patient's image, or are bones and image in different frames?"
        if others[best] >= max(ENOUGH, share + BETTER):
            cause = READINGS[best][1]
        raise InputError(
            key, f"only {100.0 * share:.0f} % of the surface of {name} lies on an edge of bone in the image; {cause}"
        )


def on_bone(volume: Volume, points: Floats, triangles: Ints) -> float:
    """Share of a surface's triangles inside the image that lie on bone brighter than what is around; 0 outside it."""
    chosen = triangles[:: max(1, len(triangles) // ASKED)]
    corners = points[chosen]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1)
    corners, normals = corners[length > 0.0], normals[length > 0.0] / length[length > 0.0, None]
    centres = corners.mean(axis=1)
    edge, outside = (
        values_at(volume, centres[:, None] - depth[:, None] * normals[:, None]).reshape(len(centres), -1)
        for depth in (EDGE, OUTSIDE)
    )
    seen = np.isfinite(edge).all(axis=1) & np.isfinite(outside).all(axis=1)
    if seen.sum() < 0.5 * len(seen):
        return 0.0
    brightest = edge[seen].max(axis=1)
    return float(((brightest > BONE) & (brightest > np.median(outside[seen], axis=1) + BRIGHTER)).mean())
