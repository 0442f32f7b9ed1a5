"""The axis of a transversely isotropic body: as the case gives it, or the body's own long axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import InputError
from femsacrum.materials.elastic import Axial
from femsacrum.meshing.bodies import BodyMesh

if TYPE_CHECKING:
    from femsacrum.case.material import Material

#: A body has a shaft when its radius of gyration along it is at least this much larger than along the next axis: a box
#: 1.2 times as long as wide. Choice of this project.
SLENDER = 1.2


def axial_constants(material: Material, body: BodyMesh, key: str) -> Axial | None:
    """Constants along the axis, the same in every cell; None for an isotropic material.

    Args:
        material: Of the case.
        body: What is made of it.
        key: Where the material stands in the case, for messages.

    Raises:
        InputError: "shaft" for a body that has no long axis, or some of the four keys are missing.
    """
    if material.axis is None:
        return None
    given = (material.axial_modulus, material.axial_poisson_ratio, material.axial_shear_modulus)
    read = [value for value in given if value is not None]
    if len(read) < 3:
        raise InputError(key, "an axis needs axial_modulus, axial_poisson_ratio and axial_shear_modulus")
    axis = np.asarray(shaft(body, f"{key}.axis") if isinstance(material.axis, str) else material.axis, dtype=float)
    count = len(body.cells)
    along, contraction, shear = (np.full(count, value) for value in read)
    return Axial(np.tile(axis / np.linalg.norm(axis), (count, 1)), along, contraction, shear)


def shaft(body: BodyMesh, key: str) -> Floats:
    """Long principal axis of a body's volume, unit vector of shape (3,), its largest component positive.

    Args:
        body: The mesh.
        key: Where the case asks for it, for the message.

    Raises:
        InputError: The body is not longer in one direction than in the others.
    """
    corners = body.nodes[body.cells[:, :4]]
    volume = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0
    centre = corners.mean(axis=1)
    corners = corners - volume @ centre / volume.sum()
    centre = corners.mean(axis=1)
    # second moment of a tetrahedron: V / 20 (sum of its corners' x x' + 16 c c'), c its centroid
    moments = np.einsum("m,mai,maj->ij", volume, corners, corners)
    moments += 16.0 * np.einsum("m,mi,mj->ij", volume, centre, centre)
    values, axes = np.linalg.eigh(moments / (20.0 * volume.sum()))
    slender = float(np.sqrt(values[2] / values[1]))
    if slender < SLENDER:
        told = f"{body.name} has no shaft, it is {slender:.2f} times as long as wide and {SLENDER:g} is asked for"
        raise InputError(key, f"{told}: give the axis as three numbers")
    axis = axes[:, 2]
    return np.asarray(axis * np.sign(axis[np.abs(axis).argmax()]))
