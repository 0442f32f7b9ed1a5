"""Descriptive measures of a pelvis: widths, the angles of spinopelvic balance, volumes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.foramina import depths
from femsacrum.anatomy.grid import enclosed
from femsacrum.anatomy.isb import anterior_pelvic_plane
from femsacrum.anatomy.model import Floats, Surface

#: Distances between left and right landmarks that are reported, and what they are called.
DISTANCES = {
    "ASIS": "inter_ASIS_width",
    "PSIS": "inter_PSIS_width",
    "isch_spine": "inter_ischial_spine_width",
    "hip_centre": "hip_centre_distance",
}


def measures(
    landmarks: Mapping[str, Floats], directions: Mapping[str, Floats], parts: Mapping[str, Surface]
) -> dict[str, float]:
    """Descriptive measures for the report, name with unit -> value; what lacks a landmark is left out."""
    out: dict[str, float] = {}
    for name, called in DISTANCES.items():
        if _paired(landmarks, name):
            out[f"{called} [mm]"] = float(np.linalg.norm(landmarks[f"left_{name}"] - landmarks[f"right_{name}"]))
    if _paired(landmarks, "ASIS") and _paired(landmarks, "PSIS"):
        apart = _middle(landmarks, "ASIS") - _middle(landmarks, "PSIS")
        out["mid_ASIS_to_mid_PSIS [mm]"] = float(np.linalg.norm(apart))
    out.update(angles(landmarks, directions))
    out.update({f"{level}_foramina_below_endplate [mm]": depth for level, depth in depths(landmarks).items()})
    for upper, lower, level in (("L4", "L5", "L4L5"), ("L5", "sacrum", "L5S1")):
        if upper in parts and lower in parts:
            distance = DistanceTo(parts[lower])(parts[upper].points)
            out[f"facet_gap_{level} [mm]"] = float(distance.min())
    for name, surface in parts.items():
        out[f"volume_{name} [mm3]"] = enclosed(surface.points, surface.triangles)
    return out


def angles(landmarks: Mapping[str, Floats], directions: Mapping[str, Floats]) -> dict[str, float]:
    """Pelvic incidence, and sacral slope and pelvic tilt as the pelvis lies and with its anterior plane vertical.

    Notes:
        Legaye et al., Eur Spine J 1998;7:99: seen along the line through the hip centres (a lateral radiograph in
        which the heads cover each other), the incidence is the angle between the normal of the S1 endplate at its
        middle and the line from there to the middle of the hip axis; the slope is that of the endplate to the
        horizontal, the tilt that of the line to the vertical; incidence = slope + tilt. The incidence belongs to the
        bone. Slope and tilt are those of a posture: of the scan, lying, where z is vertical, and of the one in which
        the anterior pelvic plane is vertical, which is about that of standing.

    Args:
        landmarks: With hip centres and the ends of the S1 endplate; ASIS and pubic tubercles for the second posture.
        directions: With "S1_endplate".
    """
    if not _paired(landmarks, "hip_centre") or "S1_endplate" not in directions:
        return {}
    plate = 0.5 * (landmarks["endplate_S1_ant"] + landmarks["endplate_S1_post"])
    normal = directions["S1_endplate"]
    postures = {"": np.array([0.0, 0.0, 1.0])}
    if _paired(landmarks, "ASIS") and _paired(landmarks, "pubic_tub"):
        postures["_with_vertical_APP"] = anterior_pelvic_plane(landmarks)[:, 2]
    out: dict[str, float] = {}
    for posture, vertical in postures.items():
        incidence, slope, tilt = spinopelvic(landmarks, plate, normal, vertical)
        out.setdefault("pelvic_incidence [deg]", incidence)
        out[f"sacral_slope{posture} [deg]"] = slope
        out[f"pelvic_tilt{posture} [deg]"] = tilt
    return out


def spinopelvic(
    landmarks: Mapping[str, Floats], plate: Floats, normal: Floats, vertical: Floats
) -> tuple[float, float, float]:
    """Incidence, slope and tilt [deg] of an endplate over the hip axis, as ``angles`` defines them.

    Args:
        landmarks: With both hip centres.
        plate: Middle of the endplate, shape (3,) [mm].
        normal: Of the endplate, cranial, any length, shape (3,).
        vertical: Unit vector of the posture, shape (3,).
    """
    across = landmarks["left_hip_centre"] - landmarks["right_hip_centre"]
    across = across / np.linalg.norm(across)
    line = plate - _middle(landmarks, "hip_centre")
    back = np.cross(vertical, across)
    up = np.cross(across, back)
    slope = float(np.degrees(np.arctan2(-normal @ back, normal @ up)))
    tilt = float(np.degrees(np.arctan2(line @ back, line @ up)))
    return slope + tilt, slope, tilt


def _paired(landmarks: Mapping[str, Floats], name: str) -> bool:
    return f"left_{name}" in landmarks and f"right_{name}" in landmarks


def _middle(landmarks: Mapping[str, Floats], name: str) -> Floats:
    return 0.5 * (landmarks[f"left_{name}"] + landmarks[f"right_{name}"])
