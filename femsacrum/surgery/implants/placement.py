"""Where a prosthesis from a file is put: the rigid motion from its file's coordinates to the patient's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.frames import to_lps
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.schema import Placement
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.planes import turn
from femsacrum.surgery.shapes.places import place

KEY = "surgery.prosthesis.placement"
#: Landmarks nearer to one line than this do not say how a thing is turned [mm].
LEAST_SPREAD = 10.0


@dataclass(frozen=True)
class Motion:
    """A rigid motion.

    Attributes:
        turn: Rotation about the origin, shape (3, 3).
        shift: Afterwards, shape (3,) [mm].
        residuals: Landmark -> distance that stays between it and its point [mm]; empty without landmarks.
    """

    turn: Floats
    shift: Floats
    residuals: dict[str, float]

    def of(self, points: Floats) -> Floats:
        """Points moved, shape (n, 3) [mm]."""
        return np.asarray(points @ self.turn.T + self.shift)


def motion(anatomy: Anatomy, given: Placement, frame: str) -> Motion:
    """From coordinates of a file [mm] to the patient's.

    By landmarks it is the rigid motion that leaves the least sum of squared distances (Kabsch, Acta Cryst. A 32:922,
    1976; through ``scipy.spatial.transform.Rotation.align_vectors``).

    Args:
        anatomy: Landmarks.
        given: Placement of the case.
        frame: Where x, y and z of the file point to.

    Raises:
        InputError: A landmark is not there, the landmarks lie on a line, or one stays too far from its point.
    """
    axes = to_lps(frame)
    if not given.landmarks:
        turned = turn(given.sagittal_tilt, given.frontal_tilt, given.axial_turn)
        return Motion(turned @ axes, np.array(given.translation), {})
    from scipy.spatial.transform import Rotation

    for name in given.landmarks:
        if name not in anatomy.landmarks:
            known = ", ".join(sorted(anatomy.landmarks))
            raise InputError(f"{KEY}.landmarks.{name}", f"is not a landmark of this anatomy; known: {known}")
    there = np.array([anatomy.landmarks[name] for name in given.landmarks])
    here = np.array(list(given.landmarks.values())) @ axes.T
    spread = min(_spread(there), _spread(here))
    if spread < LEAST_SPREAD:
        raise InputError(
            f"{KEY}.landmarks",
            f"lie within {spread:.1f} mm of one line (at least {LEAST_SPREAD:g} mm): take points farther apart",
        )
    rotation, _ = Rotation.align_vectors(there - there.mean(axis=0), here - here.mean(axis=0))
    turned = rotation.as_matrix()
    made = Motion(turned @ axes, there.mean(axis=0) - turned @ here.mean(axis=0), {})
    apart = np.linalg.norm(here @ turned.T + made.shift - there, axis=1)
    worst = int(np.argmax(apart))
    if apart[worst] > given.residual:
        name = list(given.landmarks)[worst]
        raise InputError(
            f"{KEY}.landmarks.{name}",
            f"stays {apart[worst]:.1f} mm from the landmark at {place(there[worst])} mm when all of them are met as well "
            f"as can be (at most {given.residual:g} mm): is it that point, the file's unit and frame, and this patient?",
        )
    return Motion(made.turn, made.shift, dict(zip(given.landmarks, map(float, apart), strict=True)))


def _spread(points: Floats) -> float:
    """Largest distance of points from the line that fits them best [mm]."""
    centred = points - points.mean(axis=0)
    along = np.linalg.svd(centred)[2][0]
    return float(np.linalg.norm(centred - np.outer(centred @ along, along), axis=1).max())
