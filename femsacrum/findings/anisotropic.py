"""Stress of a body whatever its symmetry: the isotropic kernel, or that of a stiffness with an axis."""

from __future__ import annotations

import numba
import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings import kernels
from femsacrum.materials.elastic import BodyMaterial


def stresses(strain: Floats, material: BodyMaterial) -> Floats:
    """Stress by the law the body was solved with.

    Args:
        strain: xx, yy, zz, xy, yz, xz with tensor shear, shape (m, q, 6) [1].
        material: Of the body.

    Returns:
        Shape (m, q, 6) [MPa], in the same order.
    """
    if material.axial is None:
        stress = kernels.stresses(strain, material.youngs_modulus, material.poisson_ratio)
    else:
        axis = np.ascontiguousarray(material.axial.axis, float)
        stress = transversely_isotropic(strain, material.invariants(), axis)
    if material.fibres is not None:
        for x, y, z in np.moveaxis(material.fibres.directions, 2, 1):
            square = np.stack([x * x, y * y, z * z, x * y, y * z, x * z], axis=1)
            stretch = np.einsum("mqc,mc->mq", strain, square * [1.0, 1.0, 1.0, 2.0, 2.0, 2.0])
            stress += (material.fibres.modulus[:, None] * stretch)[..., None] * square[:, None]
    return stress


@numba.njit(cache=True)
def transversely_isotropic(strain: Floats, invariants: Floats, axis: Floats) -> Floats:
    """Stress from the five constants of ``BodyMaterial.invariants``.

    Args:
        strain: Shape (m, q, 6) [1].
        invariants: Shape (5, m) [MPa].
        axis: Unit vector per cell, shape (m, 3).

    Returns:
        Shape (m, q, 6) [MPa].
    """
    stress = np.empty_like(strain)
    for cell in range(strain.shape[0]):
        lame, shear, axial_shear, alpha, beta = invariants[:, cell]
        x, y, z = axis[cell]
        for point in range(strain.shape[1]):
            xx, yy, zz, xy, yz, xz = strain[cell, point]
            # strain times axis, the stretch along the axis, the change of volume
            u, v, w = xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z
            stretch, volume = x * u + y * v + z * w, xx + yy + zz
            everywhere = lame * volume + alpha * stretch
            along = alpha * volume + beta * stretch
            cross = 2.0 * (axial_shear - shear)
            stress[cell, point, 0] = 2.0 * shear * xx + everywhere + along * x * x + 2.0 * cross * x * u
            stress[cell, point, 1] = 2.0 * shear * yy + everywhere + along * y * y + 2.0 * cross * y * v
            stress[cell, point, 2] = 2.0 * shear * zz + everywhere + along * z * z + 2.0 * cross * z * w
            stress[cell, point, 3] = 2.0 * shear * xy + along * x * y + cross * (x * v + y * u)
            stress[cell, point, 4] = 2.0 * shear * yz + along * y * z + cross * (y * w + z * v)
            stress[cell, point, 5] = 2.0 * shear * xz + along * x * z + cross * (x * w + z * u)
    return stress
