"""Landmarks of the hip bone that are its foremost, hindmost or highest point: found on the bone itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.surfaces import closest_points, face_normals, sampled

#: Name -> direction for the left side in the axes of the pelvis (x left, y posterior, z cranial; the anterior pelvic
#: plane of the mean pelvis is vertical), and how far around the first guess it is looked for [mm].
#: The pubic tubercle is a blunt corner: foremost alone would be beside the symphysis, so it is looked for outwards too.
PROMINENCES: Mapping[str, tuple[tuple[float, float, float], float]] = {
    "ASIS": ((0.0, -1.0, 0.0), 25.0),
    "PSIS": ((0.0, 1.0, 0.0), 25.0),
    "crest_top": ((0.0, 0.0, 1.0), 40.0),
    "pubic_tub": ((0.5, -1.0, 0.0), 15.0),
}
#: What a fingertip would rest on: the point is the middle of the outermost part of the bone of this size [mm2].
TIP = 30.0
#: One sample stands for about 1 mm2 of a hip bone.
SAMPLES = 60000


def prominences(bone: Surface, guesses: Mapping[str, Floats], axes: Floats, side: str) -> dict[str, Floats]:
    """The prominences of a hip bone.

    Args:
        bone: The hip bone.
        guesses: Name in PROMINENCES -> about where it is, shape (3,) [mm].
        axes: Columns are the pelvis' axes (left, posterior, cranial) in the coordinates of the bone, shape (3, 3).
        side: "left" or "right".

    Returns:
        Name -> point on the bone, shape (3,) [mm].
    """
    points, _ = sampled(bone, SAMPLES)
    few = max(int(TIP * SAMPLES / face_normals(bone)[1].sum()), 5)
    outwards = np.array([1.0 if side == "left" else -1.0, 1.0, 1.0])
    out = {}
    for name, guess in guesses.items():
        direction, reach = PROMINENCES[name]
        near = points[np.linalg.norm(points - guess, axis=1) < reach]
        height = near @ (axes @ (outwards * np.array(direction)))
        out[name] = near[np.argsort(height, kind="stable")[-few:]].mean(axis=0)
    return dict(zip(out, closest_points(bone, np.array(list(out.values()))), strict=True)) if out else out
