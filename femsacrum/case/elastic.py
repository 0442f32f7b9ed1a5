"""Bounds of the constants of linear elasticity: which of them can belong to a material at all, and to its elements."""

from __future__ import annotations

import math

#: Poisson's ratio above which linear tetrahedra are refused, a choice of this project: they lock, because each of them
#: must keep its volume (Hughes, The Finite Element Method, 1987, chapter 4). How much: docs/mechanics.md, "Bodies".
LOCKING_RATIO = 0.45


def largest_axial_ratio(youngs_modulus: float, poisson_ratio: float, axial_modulus: float) -> float:
    """Bound of the axial Poisson's ratio of a transversely isotropic material, which must stay below it in size.

    The strain energy is positive for every strain when both Young's moduli and both shear moduli are positive,
    -1 < nu < 1 and 1 - nu - 2 nu_axial^2 E / E_axial > 0 (Lempriere, AIAA J. 6:2226, 1968).

    Args:
        youngs_modulus: E, across the axis [MPa].
        poisson_ratio: nu, in the plane across the axis.
        axial_modulus: E_axial, along it [MPa].
    """
    return math.sqrt(0.5 * (1.0 - poisson_ratio) * axial_modulus / youngs_modulus)


def equivalent_ratio(
    youngs_modulus: float, poisson_ratio: float, axial_modulus: float, axial_poisson_ratio: float, axial_shear: float
) -> float:
    """Poisson's ratio of the isotropic material with the same bulk modulus over its smaller shear modulus.

    The bulk modulus is pressure over loss of volume under uniform pressure. Of an isotropic material it is its own
    ratio.

    Args:
        youngs_modulus: Across the axis [MPa].
        poisson_ratio: In the plane across the axis.
        axial_modulus: Along the axis [MPa].
        axial_poisson_ratio: Contraction across the axis over stretch along it, pulled along it.
        axial_shear: Shear modulus in planes through the axis [MPa].
    """
    compliance = (1.0 - 4.0 * axial_poisson_ratio) / axial_modulus + 2.0 * (1.0 - poisson_ratio) / youngs_modulus
    stiffer = compliance * min(axial_shear, 0.5 * youngs_modulus / (1.0 + poisson_ratio))  # shear over bulk modulus
    return (3.0 - 2.0 * stiffer) / (6.0 + 2.0 * stiffer)


def locking(name: str, ratio: float) -> str:
    """What is wrong with linear tetrahedra of that Poisson's ratio, and the remedy.

    Args:
        name: Of the body.
        ratio: Poisson's ratio, or what stands for it.
    """
    return (
        f"{name} is made of linear tetrahedra, which lock above a Poisson's ratio of {LOCKING_RATIO:g} (here {ratio:.3g}): "
        f"take mesh.order.{name} = 2 or a smaller ratio"
    )
