"""Linear tetrahedra of a nearly incompressible material are too stiff: refused, not assembled."""

from __future__ import annotations

from femsacrum.case.elastic import LOCKING_RATIO, locking
from femsacrum.errors import InputError
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.meshing.bodies import BodyMesh


def refuse_locking(body: BodyMesh, material: BodyMaterial) -> None:
    """Refuse linear cells above the Poisson's ratio where they lock.

    Raises:
        InputError: Names the body, its ratio and the remedy.
    """
    ratio = material.largest_ratio() if body.order == 1 else 0.0
    if ratio > LOCKING_RATIO:
        raise InputError(f"materials.bodies.{body.name}.poisson_ratio", locking(body.name, ratio))
