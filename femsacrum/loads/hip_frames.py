"""Hip contact forces as they are published, turned into forces of the femur on the pelvis in the patient's axes.

Measured forces are given on the head of the femur, in axes of the femur, of a side or mirrored to one. What loads the
acetabulum is the reaction, in axes of the pelvis: the sense turns round, the axes turn with the hip's angle.
"""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.isb import PelvicFrame
from femsacrum.anatomy.model import Floats

#: Columns: anterior, cranial and lateral (away from the midline) as each data set writes x, y, z; forces on the head.
#: HIP98 (Bergmann et al., J Biomech 2001;34:859; Heller et al., J Biomech 2005;38:1155): x medial, y ventral, z up.
#: Bergmann et al., PLoS ONE 2016;11:e0155612: x lateral, y anterior, z superior, left hips mirrored to right ones.
FEMUR_AXES = {
    "HIP98 femur": np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
    "Bergmann 2016 femur": np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
}


def rotation(flexion: Floats, adduction: Floats, internal: Floats) -> Floats:
    """Axes of a right femur in those of the pelvis, x forwards, y up, z to the right (lateral), shape (..., 3, 3).

    Rz(flexion) Rx(adduction) Ry(internal rotation), the joint coordinate system of the hip of Wu et al., J Biomech
    2002;35:543, all positive: the thigh goes forwards, towards the midline, and turns its front to the midline. A left hip
    is the mirror image, with the same angles.

    Args:
        flexion: Shape (...) [deg].
        adduction: Shape (...) [deg].
        internal: Shape (...) [deg].
    """
    (fc, fs), (ac, as_), (ic, is_) = ((np.cos(r), np.sin(r)) for r in np.radians([flexion, adduction, internal]))
    one, zero = np.ones_like(fc), np.zeros_like(fc)
    about_z = _matrix([fc, -fs, zero], [fs, fc, zero], [zero, zero, one])
    about_x = _matrix([one, zero, zero], [zero, ac, -as_], [zero, as_, ac])
    about_y = _matrix([ic, zero, is_], [zero, one, zero], [-is_, zero, ic])
    turned: Floats = about_z @ about_x @ about_y
    return turned


def femur_to_pelvis(force: Floats, frame: str, side: str, angles: Floats) -> Floats:
    """A published force on the head of a femur as the force of that femur on the pelvis, in the pelvis' axes.

    Angles have to be those of the axes the force is given in: both data sets lay z along the femur's shaft, which leans
    outwards by some 6 deg beside the line from the hip to the knee that gait analysis calls the femur, so that the shaft
    is adducted by that much more.

    Args:
        force: On the head, in the femur's axes, shape (n, 3) or (3,), any unit.
        frame: Key of FEMUR_AXES.
        side: "left" or "right".
        angles: Flexion, adduction, internal rotation of the hip, shape (n, 3) or (3,) [deg].

    Returns:
        Forwards, up, to the right, in that unit.
    """
    head = np.asarray(force, dtype=float) @ FEMUR_AXES[frame]  # forwards, up, lateral: the axes of a right femur
    turned = np.einsum("...ij,...j->...i", rotation(*np.moveaxis(np.asarray(angles, dtype=float), -1, 0)), head)
    return -turned * _mirror(side)


def pelvis_to_femur(force: Floats, frame: str, side: str, angles: Floats) -> Floats:
    """The way back of ``femur_to_pelvis``: a force on the pelvis as the data set would write it."""
    head = -np.asarray(force, dtype=float) * _mirror(side)
    turned = np.einsum("...ji,...j->...i", rotation(*np.moveaxis(np.asarray(angles, dtype=float), -1, 0)), head)
    return np.asarray(turned @ FEMUR_AXES[frame].T)


def to_lps(vectors: Floats, frame: PelvicFrame) -> Floats:
    """Vectors in axes of a pelvis (forwards, up, to the right) in the patient's, shape (n, 3) or (3,)."""
    return np.asarray(np.asarray(vectors, dtype=float) @ frame.axes)


def _mirror(side: str) -> Floats:
    """Lateral of the left side is to the left."""
    return np.array([1.0, 1.0, 1.0 if side == "right" else -1.0])


def _matrix(*rows: list[Floats]) -> Floats:
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
