"""The pelvis' own frame as the International Society of Biomechanics defines it, from landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats


@dataclass(frozen=True)
class PelvicFrame:
    """Pelvic coordinate system.

    Notes:
        Wu et al., J Biomech 2002;35:543: Z along the line through both anterior superior iliac spines to the right; X
        forwards in the plane of these two and the midpoint of the posterior superior ones; Y cranially; the origin at
        a hip centre.

    Attributes:
        origin: The hip centre, shape (3,) [mm], LPS.
        axes: Rows are X (anterior), Y (cranial), Z (to the right), shape (3, 3).
    """

    origin: Floats
    axes: Floats

    @classmethod
    def of(cls, landmarks: Mapping[str, Floats], side: str = "right") -> PelvicFrame:
        """The frame of a pelvis.

        Args:
            landmarks: With ASIS and PSIS of both sides and the hip centre of ``side``, LPS [mm].
            side: Hip that is the origin.
        """
        left, right = landmarks["left_ASIS"], landmarks["right_ASIS"]
        z = _unit(right - left)
        forwards = 0.5 * (left + right) - 0.5 * (landmarks["left_PSIS"] + landmarks["right_PSIS"])
        x = _unit(forwards - (forwards @ z) * z)
        return cls(landmarks[f"{side}_hip_centre"], np.array([x, np.cross(z, x), z]))

    def from_lps(self, points: Floats) -> Floats:
        """Points of the patient's axes in this frame, shape (n, 3) or (3,) [mm]."""
        return (np.asarray(points) - self.origin) @ self.axes.T

    def to_lps(self, points: Floats) -> Floats:
        """Points of this frame in the patient's axes, shape (n, 3) or (3,) [mm]."""
        return np.asarray(points) @ self.axes + self.origin


def anterior_pelvic_plane(landmarks: Mapping[str, Floats]) -> Floats:
    """The pelvis' axes when its anterior plane is vertical: columns left, posterior, cranial, shape (3, 3).

    The plane passes through both anterior superior iliac spines and the midpoint of the pubic tubercles (Lewinnek et
    al., J Bone Joint Surg Am 1978;60:217).

    Args:
        landmarks: With ASIS and pubic_tub of both sides [mm].
    """
    spines = landmarks["left_ASIS"], landmarks["right_ASIS"]
    left = _unit(spines[0] - spines[1])
    up = 0.5 * (spines[0] + spines[1]) - 0.5 * (landmarks["left_pubic_tub"] + landmarks["right_pubic_tub"])
    up = _unit(up - (up @ left) * left)
    return np.column_stack([left, np.cross(up, left), up])


def _unit(vector: Floats) -> Floats:
    out: Floats = vector / np.linalg.norm(vector)
    return out
